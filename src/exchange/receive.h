// Receipt of a disclosure: verify, decide by our own register, store, answer with a signed receipt.
//
// Refused as a whole, with nothing stored: unknown sender, broken form, signature that does not
// hold, wrong recipient or mode, records that are not the disclosed ones, a number out of order. A
// repeat of an accepted disclosure is answered with the first receipt. Single records are accepted,
// quarantined or rejected, with the reason.
#pragma once

#include <string>
#include <string_view>

#include "exchange/node.h"
#include "taxii/message.h"

namespace comity::exchange {

// `envelope` is a TAXII envelope: one disclosure, then its records in order; or one statement
// alone, which goes to hear() (procedure.h). `sender` is the party
// whose pinned certificate the connection showed.
Result<taxii::SubmissionStatus> receive(Node& node, const std::string& sender,
                                        std::string_view envelope);

// Where the store keeps the status of a submission of `sender`, as JSON of taxii::to_json.
std::string status_key(const std::string& sender, std::string_view id);

}  // namespace comity::exchange
