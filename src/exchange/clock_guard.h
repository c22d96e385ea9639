// Whether the time of this node can be trusted for the law.
//
// A node decides by its own clock, never earlier than its last ledger entry. When that clock went
// back, or two peers say another time, nothing is released until it is right again: what would be
// permitted needs the fact `time`. Statements still go: a recall must not wait for a clock. A
// peer's time is the Date of its answers, on a connection under its pinned certificate, compared
// as they arrive. The store keeps (in `meta`) which peers are apart, and changes nothing while none
// is. Functions may be called from any thread; none while a Change is open, but clock_problem.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "exchange/node.h"
#include "taxii/client.h"

namespace comity::exchange {

constexpr std::int64_t clock_back_s_max = 5 * 60;    // behind the last ledger entry
constexpr std::int64_t clock_apart_s_max = 60 * 60;  // from a peer's, either way
constexpr std::size_t clock_peers_believed = 2;      // one alone may itself be wrong
// A serving node asks each peer for its time so often; sooner while one is apart, and at once when
// its own clock has jumped between two looks.
constexpr std::int64_t clock_asked_s = 600;
constexpr std::int64_t clock_asked_apart_s = 10;
constexpr std::int64_t clock_jump_s = 60;

// A peer whose clock was too far from ours when it was heard last.
struct ClockApart {
  std::string party;
  std::int64_t ahead_s = 0;  // of ours; negative: behind
};

// Those of the paired peers that are apart.
Result<std::vector<ClockApart>> clocks_apart(store::Snapshot& snapshot);
// "XB 1 h 5 min ahead, XC 2 h 0 min ahead"
std::string clocks_text(const std::vector<ClockApart>& apart);

// Why the time cannot be trusted now; empty: it can.
Result<std::string> clock_problem(const Node& node, store::Snapshot& snapshot);
// Unavailable, saying what is needed, when there is such a problem.
Status check_clock(const Node& node);

// Takes in what a peer's clock said.
Status hear_time(Node& node, const std::string& party, const taxii::HeardTime& heard);
// Where a peer is reached (key_notice.h); its time is heard with each answer, and requests end when
// the node stops.
Result<taxii::Endpoint> timed_endpoint_of(Node& node, const store::Peer& peer);
// Asks the peers that are apart for their time again, when they are enough to be believed: the
// clock may have been set right meanwhile. Nothing is wrong when they do not answer.
Status ask_clocks_again(Node& node);

// Asks every peer for its time when it is due; one thread at a time. The first time at once.
class ClockWatch {
 public:
  explicit ClockWatch(Node& node) : node_(node) {}
  void run_due();

 private:
  Result<std::vector<store::Peer>> due(Instant now);

  Node& node_;
  Instant last_run_;
  std::map<std::string, Instant> next_;
};

}  // namespace comity::exchange
