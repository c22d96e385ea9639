// What became of the records of a disclosure, as its receipt says it: one line for each record, or,
// of many, in sum: the root over the rows of the disclosure (disclosed_rows.h), and one line for
// all that follow one another and fared the same. Form: docs/formats/receipt.md. Values and pure
// functions.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "exchange/frame.h"

namespace comity::exchange {

struct RecordFate {
  Digest digest{};     // of fates that were read in sum: only of what was rejected
  std::string result;  // accepted, quarantined, rejected
  std::string reason;  // empty for accepted

  bool operator==(const RecordFate&) const = default;
};

// Writes the fates: with a root in sum, else as a list, which is left out when there are none.
void set_fates(json::Object& out, const Form& form, const std::vector<RecordFate>& fates,
               const std::optional<Digest>& root);
// Reads either. An error of the reader waits for its done().
Status read_fates(MemberReader& reader, const Form& form, std::vector<RecordFate>& fates,
                  std::optional<Digest>& root);

}  // namespace comity::exchange
