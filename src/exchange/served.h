// Which disclosures were served: something of them, the statement or a record, was handed out
// through a view before the recipient's node had answered them.
//
// What was served is not withdrawn as never sent (withdrawal.h): a reader may have it. The mark is
// durable before the page leaves the node, and made in a Change, as the withdrawal is: whichever of
// the two comes first decides. Reasons: docs/adr/0013-what-counts-as-served.md. Functions are
// thread-safe as far as their node or snapshot is.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "exchange/node.h"

namespace comity::exchange {

Result<bool> served(store::Snapshot& snapshot, const std::string& disclosure);

// Those of them that must be marked before anything of them leaves: neither marked nor answered.
Result<std::set<std::string>> unmarked(store::Snapshot& snapshot,
                                       const std::set<std::string>& disclosures);

// Marks disclosures to `party` as served, in this change. False when one of them is withdrawn:
// then nothing of it may leave, and the change is to be given up.
Result<bool> mark_served(Change& change, const std::string& party,
                         const std::set<std::string>& disclosures);

// Differences between the marks, the ledger, and what withdrawals say, for `comity verify`.
Result<std::vector<std::string>> served_findings(store::Snapshot& snapshot);

}  // namespace comity::exchange
