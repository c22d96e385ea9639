// The part of verification that needs no law: that every row of the store is what the ledger says
// was entered, and that nothing is missing or added. What is bound by what: docs/formats/ledger.md.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>

#include "exchange/node.h"

namespace comity::exchange {

// The leaf that entered a statement.
struct EnteredStatement {
  std::int64_t leaf = 0;
  std::string kind;
  Instant at;
};

struct RowsFound {
  std::int64_t leaves = 0, records = 0;
  std::map<std::string, EnteredStatement> entered;  // by the digest of the statement, as text
  std::set<Digest> held;                            // digests of records that are as they came
};

// Reads every table once and calls `finding` for each thing that does not hold, with its place. An
// error is only that the store cannot be read. Memory grows with the records, by some hundred bytes
// each.
Result<RowsFound> check_rows(const Node& node, store::Snapshot& snapshot,
                             const std::function<void(std::string)>& finding);

}  // namespace comity::exchange
