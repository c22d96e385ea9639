// The flags of the commands about STIX patterns.
#pragma once

#include "node/act_command_line.h"

namespace comity::node {

// `comity pattern validate|match` below `app`.
void add_pattern_commands(CLI::App& app, const CommandAdder& adder);

}  // namespace comity::node
