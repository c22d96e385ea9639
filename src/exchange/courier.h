// Delivery by itself: sends disclosures without receipt and waiting statements to every peer, again
// and again with growing pauses until it has arrived.
//
// A serving process calls run_due from one thread, often; what is due when follows from the
// machine's clock alone. While the time cannot be trusted (clock_guard.h), statements go and
// disclosures wait. Beside it `release` may deliver to the same peer: one of them waits for the
// other (deliver, delivery.h), and each attempt decides again.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>

#include "exchange/node.h"

namespace comity::exchange {

// The pause before the next attempt doubles from the first bound to the last one. A seeded fraction
// of it, up to `retry_jitter_percent`, is added, so that peers that were cut off together do not
// come back together.
constexpr std::int64_t retry_seconds_first = 5;
constexpr std::int64_t retry_seconds_max = 15 * 60;
constexpr std::int64_t retry_jitter_percent = 25;

// The pause after the n-th failure in a row, n from 1, without jitter.
std::int64_t retry_seconds(int failures);

class Courier {
 public:
  explicit Courier(Node& node) : node_(node) {}

  // Attempts to deliver to each peer for which something waits and whose pause is over. What is
  // found waiting for the first time waits for one pause: whoever made it is most likely sending it
  // already. Failures are no errors here; they make the next pause longer.
  void run_due();

  // The instant before which nothing is sent to this peer by itself; nothing when nothing waits.
  std::optional<Instant> next_attempt(const std::string& party) const;

 private:
  struct Pause {
    int failures = 0;
    Instant until;
  };
  Result<std::set<std::string>> awaited() const;
  Instant pause_from(Instant now, int failures);

  Node& node_;
  std::map<std::string, Pause> pauses_;
};

}  // namespace comity::exchange
