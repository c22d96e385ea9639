// How it stands with what was disclosed: receipt, collected, withdrawn, or missing.
#pragma once

#include <string>
#include <vector>

#include "exchange/node.h"

namespace comity::exchange {

enum class SentState {
  Receipt,    // answered by the recipient's node, record by record
  Missing,    // sent or to be sent to a node, and no receipt yet
  Collected,  // of a party without node: its tokens have read every record of it
  Waiting,    // of a party without node: not all of it was read for certain
  Withdrawn,  // not permitted any more before it was sent
  Served,     // the same, but something of it had been read from a view
};

// "receipt", "missing", "collected", "waiting", "withdrawn", "served".
const char* name(SentState state);

struct SentStanding {
  std::string disclosure, party;
  std::int64_t number = 0;
  Instant time;
  std::int64_t records = 0;
  SentState state = SentState::Missing;
  std::int64_t accepted = 0, quarantined = 0, rejected = 0;  // with a receipt
  std::vector<std::string> reasons;  // of what was quarantined or rejected, each once
  std::int64_t collected = 0;        // read from the view for certain, whatever the state
};

// Every disclosure sent to a party, or to all with an empty `party`, by party and number. Reads
// receipts as they are kept; `comity verify` checks them. InvalidInput for no party of the
// register.
Result<std::vector<SentStanding>> sent_standing(const Node& node, const std::string& party);

}  // namespace comity::exchange
