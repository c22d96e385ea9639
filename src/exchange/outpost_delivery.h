// Delivery to outposts: posts what was disclosed to a party without node to its TAXII server, and
// keeps what that server acknowledges.
//
// The signed disclosure goes first, alone; then its marking definitions, then the other records, in
// batches, each decided again before it is posted. What became of each object is kept and entered
// in the ledger after each answer: a process that is killed posts at most one batch again, which
// the server knows by its ids. Called by delivery.h and procedure.h only; one delivery to a party
// at a time.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "exchange/outpost.h"
#include "exchange/procedure.h"
#include "exchange/release.h"
#include "taxii/writer.h"

namespace comity::exchange {

struct OutpostBounds {
  std::size_t batch_objects_max = 100;
  std::size_t batch_bytes_max = std::size_t{4} * 1024 * 1024;  // of an envelope of several objects
  int status_looks_max = 20;  // at one status resource, in one attempt
  std::chrono::milliseconds status_interval = std::chrono::milliseconds(500);
};

// So often a server may answer with 500 to one object alone, or say nothing of it, until that is
// taken as its word.
constexpr int object_faults_max = 3;
// A submission with which a server has not finished by then is posted again.
constexpr std::int64_t submission_seconds_max = 24 * 3600;

// How it stands with a disclosure at an outpost. Objects are the disclosure and its records.
struct Acknowledged {
  std::string outpost;                  // its name; empty: nothing was posted
  std::int64_t taken = 0, refused = 0;  // objects
  std::int64_t waiting = 0;
  std::int64_t records_taken = 0, records_refused = 0;
  struct Refused {
    std::string id, why;  // in the words of the server
  };
  std::vector<Refused> refusals;
  bool withdrawn = false;  // its withdrawal was acknowledged
  bool settled() const { return withdrawn || (!outpost.empty() && waiting == 0); }
};

Result<Acknowledged> acknowledged(store::Snapshot& snapshot, const std::string& disclosure);

// Whether nothing more is to be sent of a disclosure: its server has spoken of all of it, or a node
// of its party has answered it.
Result<bool> is_settled_at_outpost(store::Snapshot& snapshot, const std::string& disclosure);

// Whether something waits for the outpost of a party: a disclosure, a withdrawal, a recall.
Result<bool> anything_for_outpost(store::Snapshot& snapshot, const std::string& party);

// The outcome of every disclosure to the party of this outpost that is not settled. What has to do
// with the server, and not with one object, ends the attempt.
Result<std::vector<Sent>> deliver_to_outpost(Node& node, const Outpost& outpost);
// The same by a server at hand.
Result<std::vector<Sent>> deliver_to_outpost(Node& node, const Outpost& outpost,
                                             taxii::WritableCollection& server,
                                             const OutpostBounds& bounds = {});

// Posts the statements that wait for the party of this outpost (procedure.h).
Result<std::vector<Told>> tell_outpost(Node& node, const Outpost& outpost);
Result<std::vector<Told>> tell_outpost(Node& node, const Outpost& outpost,
                                       taxii::WritableCollection& server);

// Lets what the server refused be posted again at the next attempt; how many objects.
Result<std::int64_t> retry_outpost(Node& node, const std::string& name);

}  // namespace comity::exchange
