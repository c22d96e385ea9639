// The commands about standing rules of release (exchange/rule.h). Each takes its arguments by name
// and gives an outcome; see node/command.h.
#pragma once

#include "node/command.h"

namespace comity::node {

// name (made up when empty), to, classes, purpose, area
Result<Outcome> run_rule_add(exchange::Node& node, const json::Object& arguments);
Result<Outcome> run_rule_list(exchange::Node& node, const json::Object& arguments);
// name
Result<Outcome> run_rule_end(exchange::Node& node, const json::Object& arguments);

}  // namespace comity::node
