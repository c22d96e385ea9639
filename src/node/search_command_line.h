// The flags of comity search.
#pragma once

#include "node/account_command_line.h"

namespace comity::node {

void add_search_command(CLI::App& app, const CommandAdder& adder);

}  // namespace comity::node
