// The commands about recall: comity recall ID…, comity recall-list, and comity statements, which
// sends what waits.
#pragma once

#include "node/command.h"

namespace comity::node {

// Arguments `ids`, `to`, `reason`, `replaced_by`.
Result<Outcome> run_recall(exchange::Node& node, const json::Object& arguments);
Result<Outcome> run_recall_list(exchange::Node& node, const json::Object& arguments);
// Sends every procedural message that waits.
Result<Outcome> run_send(exchange::Node& node, const json::Object& arguments);

}  // namespace comity::node
