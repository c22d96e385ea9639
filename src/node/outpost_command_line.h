// The flags of `comity outpost`.
#pragma once

#include "node/act_command_line.h"

namespace comity::node {

// `comity outpost add|list|check|retry|remove` below `app`.
void add_outpost_commands(CLI::App& app, const CommandAdder& adder);

}  // namespace comity::node
