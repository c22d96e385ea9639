// Ends of grants, and grants made again: what a view passes over because it is not permitted any
// more has ended, and comes back with a new date. Reasons: docs/adr/0014-ends-of-grants.md.
//
// Both are entered in the ledger with the change that makes them (docs/formats/ledger.md), so that
// the views can be made anew from it. Functions are thread-safe as far as their node is.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "exchange/node.h"

namespace comity::exchange {

// Of ledger entries: kind and types.
constexpr const char* grants_kind = "grants";
constexpr const char* grants_ended_type = "grants-ended";
constexpr const char* granted_again_type = "granted-again";

// Ends live grants to a party that a page was about to pass over, in this change; what has ended
// meanwhile is left as it is. False when one of them may be shown: then the page is to be made
// anew, and the change given up. `passed_over` ascends by date.
Result<bool> end_passed_over(Change& change, Node& node, const std::string& party,
                             const std::vector<store::Granted>& passed_over);

// What such decisions depend on beside the records themselves: as long as it is the same, nothing
// that is not permitted becomes permitted.
Result<std::string> circumstances_text(Node& node, store::Snapshot& snapshot);

// Grants again what has ended and is permitted now, with new dates, in the order of the old ones.
// The circumstances under which all that has ended was looked at; empty: they changed meanwhile.
Result<std::string> grant_again(Node& node, const std::string& party);

}  // namespace comity::exchange
