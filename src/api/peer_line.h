// How it stands with each peer, in one line, from what the node keeps: nothing is sent. Values;
// any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "exchange/node.h"
#include "json/value.h"
#include "store/store.h"

namespace comity::api {

// Receipts that are counted for one peer; more are shown as so many.
constexpr std::int64_t receipts_missing_max = 1000;

struct PeerLine {
  std::string party;
  // ok; behind: a receipt is overdue, but it was heard since; unreachable: it was not; unknown:
  // it is not confirmed, or was never heard and owes nothing.
  std::string state;
  std::int64_t receipts_missing = 0;
  std::optional<Instant> missing_since;       // of the oldest of these
  std::optional<Instant> last_seen;           // its newest statement that is kept
  std::optional<std::int64_t> key_days_left;  // of the first of its keys that runs out
};

Result<std::vector<PeerLine>> peer_lines(const exchange::Node& node, store::Snapshot& snapshot);
json::Object to_json(const PeerLine& line);

}  // namespace comity::api
