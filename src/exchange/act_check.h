// What `comity verify` asks of officers and their acts.
#pragma once

#include <string>
#include <vector>

#include "exchange/node.h"

namespace comity::exchange {

// Everything that does not hold, one sentence each: statements about officers and the ledger leaves
// that name them, the signatures of every act in the ledger, changes of an operational register
// that nobody approved, and verifications in the present register.
Result<std::vector<std::string>> check_acts(const Node& node, store::Snapshot& snapshot);

}  // namespace comity::exchange
