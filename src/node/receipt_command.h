// The command that shows how it stands with what was disclosed (exchange/receipts.h).
#pragma once

#include "node/command.h"

namespace comity::node {

// party (optional)
Result<Outcome> run_receipt_list(exchange::Node& node, const json::Object& arguments);

}  // namespace comity::node
