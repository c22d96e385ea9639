// The commands about standing rules of release (exchange/rule.h). Each takes its arguments by name
// and gives an outcome; see node/command.h.
#pragma once

#include <span>

#include "node/act_command.h"

namespace comity::node {

// rule-add: name, to, classes, purpose, area. rule-end: name.
std::span<const ActCommand> rule_acts();
Result<Outcome> run_rule_list(exchange::Node& node, const json::Object& arguments);

}  // namespace comity::node
