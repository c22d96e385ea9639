// Recall: who disclosed a record calls it back, and so does each who passed it on.
//
// At the sender the grants of the record to that party end: its view shows it no more, and a
// release to it is held (circumstances.h). At the recipient the copies that came from the sender
// are quarantined, the recall goes on to whom the recipient gave them, and a signed confirmation
// goes back, another one whenever more of those have confirmed. A correction is a recall that names
// the record to use instead.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "exchange/node.h"
#include "exchange/procedure.h"

namespace comity::exchange {

// What the reason of a quarantine begins with where the sender of a record took it back; the party
// follows.
constexpr std::string_view recalled_by = "recalled by ";

struct RecallOrder {
  std::vector<std::string> ids;      // STIX ids; every version that went out
  std::vector<std::string> parties;  // empty: everyone who has them from this node
  std::string reason;                // one of recall_reasons
  std::optional<Digest> replaced_by;
};

// One recall that was said.
struct Recalled {
  std::string recall, party;
  std::size_t records = 0;
  // The party has no node: its server may show the statement to whoever reads there, and nobody
  // confirms it. Its officers must be told by hand.
  bool by_hand = false;
};

// What went to an outpost stays there: this node deletes nothing at a server of others, and changes
// no bytes. The statement is posted beside it.
// Conflict when nothing of it went to a party named, or to anyone, that is not recalled already.
// The recalls wait for send_statements.
Result<std::vector<Recalled>> recall(Node& node, const RecallOrder& order);

// A recall and what became of it.
struct RecallRow {
  std::string recall;
  bool ours = false;
  std::string party;      // the other one
  std::string passes_on;  // of one of ours: the recall that it passes on; empty: our own
  std::string reason;
  std::vector<Digest> records;
  std::optional<Digest> replaced_by;
  std::string state;           // awaiting, confirmed; of one of ours also: refused
  std::int64_t copies = 0;     // quarantined there
  std::int64_t passed_on = 0;  // recalls by which it was passed on there
  std::int64_t awaiting = 0;   // those of them that are not confirmed yet
  std::string told;            // of one of ours: fate_of
};
Result<std::vector<RecallRow>> recalls(Node& node);

// What arrives from a peer, as hear() has checked it; the id of what it is about.
Result<std::string> take(Change& change, Node& node, const Kept& heard, const Recall& body);
Result<std::string> take(Change& change, Node& node, const Kept& heard,
                         const RecallConfirmation& body);

}  // namespace comity::exchange
