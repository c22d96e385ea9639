// The withdrawal of a disclosure that was signed and not sent, because it is no longer permitted.
// Form: docs/formats/disclosure.md, "Withdrawn before sending".
//
// Numbers go in order without gaps, so what takes the place of the disclosure in the recipient's
// chain is this statement: it names number, predecessor and digest of the withdrawn one, and no
// record. The grants of a withdrawn disclosure count no more, unless it was served before
// (served.h): then the statement says so, and what was granted stays granted. Functions are
// thread-safe as far as their node or snapshot is.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "exchange/frame.h"
#include "exchange/node.h"
#include "exchange/protocol.h"
#include "exchange/signers.h"
#include "taxii/message.h"

namespace comity::exchange {

constexpr const char* withdrawal_kind = "comity-disclosure-withdrawn";
constexpr std::int64_t withdrawal_format = 3;  // what is written; 1, and 2 as `served`, are read
// Reasons. Nothing of the disclosure left this node.
constexpr const char* no_longer_permitted = "no-longer-permitted";
// Something of it was read from a view while it was permitted.
constexpr const char* served_before = "served";

struct Withdrawal {
  std::string id;  // "comity-disclosure-withdrawn--" and a UUID
  std::string mode, exercise, from, to;
  std::string disclosure;          // id of the withdrawn one
  Digest disclosure_digest{};      // which the next disclosure names as its predecessor
  std::int64_t number = 0;         // of the withdrawn one
  std::optional<Digest> previous;  // its predecessor's digest; none for the first
  Instant time;
  std::string reason;
};

SignedObject sign(const Withdrawal& withdrawal, const trust::SigningKey& key);
// Verifies the signature by `public_key` first, then reads strictly.
Result<Withdrawal> open_withdrawal(std::string_view bytes, std::string_view public_key);

// Sender: signs the withdrawal of a disclosure and enters it in the ledger, with the reason that
// holds at that moment. To be called only when the recipient said that it does not hold the
// disclosure.
Result<store::ProtocolObject> withdraw(Node& node, const store::ProtocolObject& row,
                                       const Disclosure& disclosure);

// The withdrawal of a sent disclosure, if there is one.
Result<std::optional<store::ProtocolObject>> withdrawal_of(store::Snapshot& snapshot,
                                                           const std::string& disclosure);
// Whether a withdrawal says that its disclosure had been served.
bool is_of_served(const store::ProtocolObject& withdrawal);
// Disclosures to a party that were withdrawn, of which nothing was served, and of which it did not
// say that they arrived before.
Result<std::set<std::string>> withdrawn_from(store::Snapshot& snapshot, const std::string& party);
// Whether the party was granted this record by a disclosure that is not among `withdrawn`.
Result<bool> granted(store::Snapshot& snapshot, const std::string& party,
                     const store::Record& record, const std::set<std::string>& withdrawn);

// Whether bytes say that they are a withdrawal; whether they are a good one is asked afterwards.
bool is_withdrawal(std::string_view bytes);

// Recipient: takes the withdrawal in as the next link of the sender's chain and answers with a
// signed receipt without results. A repeat is answered as the first time; one whose disclosure had
// arrived changes nothing, and the answer says so.
Result<taxii::SubmissionStatus> receive_withdrawal(Node& node, const Signers& sender,
                                                   const std::string& bytes);

// What the next disclosure of a chain names as its predecessor: the digest of the disclosure, also
// when its withdrawal stands in its place.
Result<Digest> link_digest(const store::ProtocolObject& row);

}  // namespace comity::exchange
