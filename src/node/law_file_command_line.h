// Commands that write files of law for a person, and change no node: `comity treaty new` and
// `comity treaty import-parties`.
#pragma once

#include "node/act_command_line.h"

namespace comity::node {

void add_law_file_commands(CLI::App& treaty, const CommandAdder& adder);

}  // namespace comity::node
