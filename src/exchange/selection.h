// Which records a command speaks of: STIX ids, import ids, contents of containers, and what is
// carried along.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "exchange/decision.h"
#include "store/store.h"

namespace comity::exchange {

// A record of a selection, without its bytes.
struct Selected {
  store::Record record;
  RecordQuestion question;
  bool carried = false;  // has no class of its own
};

struct Selection {
  std::vector<Selected> records;                          // in sequence order
  std::unordered_map<std::string, std::size_t> position;  // STIX id → index of the newest
};

// NotFound names the id that this node does not hold.
Result<Selection> select(store::Snapshot& snapshot, const std::vector<std::string>& ids);

// One assertion and what comes with it.
Result<Selection> select_assertion(store::Snapshot& snapshot, const store::Record& record);

// The assertion to share of several with one STIX id: live before quarantined, our own before
// received, newest version first.
std::optional<store::Record> preferred(std::vector<store::Record> assertions);

}  // namespace comity::exchange
