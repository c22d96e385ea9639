// The flags of `comity feed`.
#pragma once

#include "node/act_command_line.h"

namespace comity::node {

// `comity feed add|list|pull|end` below `app`.
void add_feed_commands(CLI::App& app, const CommandAdder& adder);

}  // namespace comity::node
