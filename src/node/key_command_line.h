// The flags of `comity key`, and what the root signs: its key is read here, by the command that the
// officer runs, and never by a serving process.
#pragma once

#include "node/act_command_line.h"

namespace comity::node {

// `comity key list|rotate|revoke|renew-root|notice|take` below `app`.
void add_key_commands(CLI::App& app, const CommandAdder& adder);

}  // namespace comity::node
