// Submissions that were answered as pending and are still to be taken in (submission.h): a list in
// the store, the oldest first, and beside it the bytes of each. What began to wait and what ended
// is in the ledger.
//
// Functions are thread-safe as far as their change or snapshot is.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "exchange/node.h"

namespace comity::exchange {

constexpr const char* submission_kind = "submission";  // of ledger entries
constexpr const char* submission_kept_type = "submission-kept";
constexpr const char* submission_done_type = "submission-done";

struct WaitingSubmission {
  std::string id, party, token;
  Digest envelope{};
};

Result<std::vector<WaitingSubmission>> waiting_submissions(store::Snapshot& snapshot);

// Where the store keeps the bytes of one that waits.
std::string kept_envelope_key(std::string_view id);

// Unavailable when as many wait as may, of the node or of this token.
Status begin_waiting(Change& change, const WaitingSubmission& waiting, std::string_view envelope);
Status end_waiting(Change& change, const WaitingSubmission& waiting);

}  // namespace comity::exchange
