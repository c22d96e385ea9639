// How it stands with what was disclosed: receipt, collected, withdrawn, or missing.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "exchange/node.h"
#include "exchange/read_log.h"
#include "exchange/signers.h"

namespace comity::exchange {

enum class SentState {
  Receipt,    // answered by the recipient's node, record by record
  Missing,    // sent or to be sent to a node, and no receipt yet
  Collected,  // of a party without node: its tokens have read every record of it
  // Of a party without node: the server of its outpost has said of every object that it has it, or
  // does not take it. Unsigned.
  Acknowledged,
  Waiting,    // of a party without node: not all of it was read or acknowledged for certain
  Withdrawn,  // not permitted any more before it was sent
  Served,     // the same, but something of it had been read from a view
};

// "receipt", "missing", "collected", "acknowledged", "waiting", "withdrawn", "served".
const char* name(SentState state);

struct SentStanding {
  std::string disclosure, party;
  std::int64_t number = 0;
  Instant time;
  std::int64_t records = 0;
  SentState state = SentState::Missing;
  std::int64_t accepted = 0, quarantined = 0, rejected = 0;  // with a receipt
  std::vector<std::string> reasons;     // of what was quarantined or rejected, each once
  std::int64_t collected = 0;           // read from the view for certain, whatever the state
  std::string outpost;                  // by name: where it was posted
  std::int64_t taken = 0, refused = 0;  // records, in the unsigned words of its server
};

// How it stands with one disclosure after the other; what is the same for all of one party is read
// once. Refers to the snapshot. One thread at a time.
class Standings {
 public:
  // With `counts_reads`, what was read from views is told of every disclosure; else only where it
  // decides how it stands, of parties without node.
  Standings(store::Snapshot& snapshot, bool counts_reads)
      : snapshot_(snapshot), counts_reads_(counts_reads) {}
  // Of a disclosure that was sent.
  Result<SentStanding> of(const store::ProtocolObject& row);

 private:
  struct Recipient {
    std::optional<store::Peer> peer;
    Signers signers;  // of what it sent and is kept
  };
  Result<const Recipient*> recipient(const std::string& party);
  Result<std::int64_t> collected(const store::ProtocolObject& row);

  store::Snapshot& snapshot_;
  bool counts_reads_;
  std::map<std::string, Recipient> recipients_;
  std::optional<std::map<std::string, std::vector<ReadRange>>> reads_;
};

// Every disclosure sent to a party, or to all with an empty `party`, by party and number. Reads
// receipts as they are kept; `comity verify` checks them. InvalidInput for no party of the
// register.
Result<std::vector<SentStanding>> sent_standing(const Node& node, const std::string& party);

}  // namespace comity::exchange
