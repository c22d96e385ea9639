// What a party submits by a token that writes (token.h): STIX objects that nobody has signed. They
// are imported in the name of the token's originator. In that of this node's own party they are its
// own; in that of another they are kept apart until an officer has looked (unsigned_submission).
// Form and bounds: docs/formats/token.md, docs/formats/taxii.md.
//
// A small submission is taken in before it is answered. A larger one is kept and answered as
// pending; work() takes it in step by step, each step in one change with its status, so that a
// process that ends in between goes on where it was. The same bytes by the same token are one
// submission, as the same file is one import.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

#include "exchange/node.h"
#include "taxii/server.h"

namespace comity::exchange {

constexpr std::size_t submission_objects_max = 10'000;
constexpr std::size_t submission_at_once_max = 100;      // beyond, it is answered as pending
constexpr std::size_t submission_step_objects = 1'000;   // taken in by one change
constexpr std::size_t submissions_waiting_max = 16;      // of a node
constexpr std::size_t submissions_waiting_of_token = 4;  // of one token

// Under which name the store keeps what belongs to a caller: tokens of one party are told apart.
std::string caller_key(const taxii::Caller& caller);

// Thread-safe.
class Submissions {
 public:
  explicit Submissions(Node& node) : node_(node) {}

  // `envelope` is a TAXII envelope of STIX objects. Each object has its own fate. InvalidInput when
  // it is none or empty; TooLarge beyond `submission_objects_max`; Unauthenticated when the token
  // does not hold any more; Conflict when its originator is paired by now; Unavailable when as much
  // waits as may.
  Result<taxii::SubmissionStatus> submit(const taxii::Caller& caller, std::string_view envelope);

  // Takes one step with the oldest submission that waits. False: none waits. An error leaves it as
  // it was.
  Result<bool> work();

 private:
  Node& node_;
  std::mutex working_;
  std::atomic<bool> due_ = true;  // something may wait
};

// Takes back the versions of an object that this token has submitted and the query matches
// (match[version] as for reading, match[spec_version]): they are shown and released to nobody from
// now on. NotFound when it has submitted nothing of the kind, whatever else is held.
Status take_back(Node& node, const taxii::Caller& caller, std::string_view id,
                 const taxii::Query& query);

}  // namespace comity::exchange
