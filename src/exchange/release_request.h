// Requests to release: what one person proposes and another one approves, who then releases.
//
// A request releases nothing by itself: `approve_release` is a call of `release` (release.h) with
// what the request names, once and for ever, and the law decides then as it always does. Who may
// propose, approve or refuse is for the caller to know (its roles, its second factor); that nobody
// approves what they proposed is held here. The store keeps each request as a document and the list
// of those that are shown; the ledger binds every change of both by the document's digest and names
// no record (docs/formats/release-request.md). Any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "exchange/node.h"
#include "json/value.h"

namespace comity::exchange {

constexpr std::size_t request_ids_max = 200;
constexpr std::size_t request_parties_max = 64;
constexpr std::size_t request_note_bytes_max = 2000;    // of a note, and of a ground
constexpr std::size_t request_account_bytes_max = 128;  // of who proposes or decides
constexpr std::size_t requests_waiting_max = 100;       // in one node
constexpr std::size_t requests_shown_max = 100;         // of those that are decided, the newest

enum class RequestState { Waiting, Released, Refused, Withdrawn };

// "waiting", "released", "refused", "withdrawn".
const char* name(RequestState state);

struct ReleaseRequest {
  std::string id;                    // "release-request--" and a UUID
  std::vector<std::string> ids;      // STIX ids or import ids
  std::vector<std::string> parties;  // to whom
  std::string note;
  std::string proposed_by;  // account
  Instant proposed;
  RequestState state = RequestState::Waiting;
  std::string decided_by;  // account; empty: nobody yet
  std::optional<Instant> decided;
  // Why it was refused, or why a release that was approved failed as a whole.
  std::string ground;
  // By party, the worst verdict when it was proposed.
  std::vector<std::pair<std::string, std::string>> preview;
  // What the release did, by party; null: it did not run to its end.
  json::Value result;
};

struct NewReleaseRequest {
  std::vector<std::string> ids, parties;
  std::string note, account;
};

// InvalidInput, TooLarge, NotFound or Conflict for what `release` would refuse at once too, and
// beyond the bounds; Conflict when `requests_waiting_max` wait.
Result<ReleaseRequest> propose_release(Node& node, const NewReleaseRequest& wanted);

// Releases what waits. NotPermitted for who proposed it, and when the verdict for one of its
// parties is stricter than it was when it was proposed: then nothing is released and the request
// waits on. Conflict when it is decided already: of several approvals at once one releases. An
// error of the release itself is kept as the ground of the request, which stays decided.
Result<ReleaseRequest> approve_release(Node& node, const std::string& id,
                                       const std::string& account);

// NotPermitted for who proposed it, who withdraws instead. InvalidInput without a ground.
Result<ReleaseRequest> refuse_release(Node& node, const std::string& id, const std::string& account,
                                      const std::string& ground);
// NotPermitted for everybody but who proposed it.
Result<ReleaseRequest> withdraw_release(Node& node, const std::string& id,
                                        const std::string& account);

// Those that are shown, in the order in which they were proposed.
Result<std::vector<ReleaseRequest>> release_requests(store::Snapshot& snapshot);
// NotFound for an id that is none, or of which nothing is known.
Result<ReleaseRequest> release_request(store::Snapshot& snapshot, const std::string& id);

// What does not agree between the requests and the ledger; empty: nothing.
Result<std::vector<std::string>> release_request_findings(store::Snapshot& snapshot);

}  // namespace comity::exchange
