// The flags of `comity account`.
#pragma once

#include "node/act_command_line.h"

namespace comity::node {

// `comity account new|list|link|end|break-glass` below `app`.
void add_account_commands(CLI::App& app, const CommandAdder& adder);

}  // namespace comity::node
