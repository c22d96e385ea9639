// What a verification asks of submissions (submission.h): whether the ledger, the tokens, the
// records that came by them and what still waits agree.
#pragma once

#include <string>
#include <vector>

#include "exchange/node.h"

namespace comity::exchange {

// What does not agree; empty: nothing. Reads the ledger once, and the records of each submission.
Result<std::vector<std::string>> submission_findings(const Node& node, store::Snapshot& snapshot);

}  // namespace comity::exchange
