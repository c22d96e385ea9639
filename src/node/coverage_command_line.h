// The flags of the commands about what the law covers.
#pragma once

#include <functional>

#include "node/act_command_line.h"
#include "node/treaty_command.h"

namespace comity::node {

// What the command line lends beside commands: the flag --exercise, the register that the flags
// name, and whether one of them has named an exercise. Everything outlives the commands.
struct LawAdder {
  CommandAdder commands;
  std::function<void(CLI::App&)> exercise;
  std::function<LawSource()> source;
  bool& json;
};

// `comity treaty coverage|gaps|whatif|draw` below the group `treaty`.
void add_coverage_commands(CLI::App& treaty, const LawAdder& adder);

}  // namespace comity::node
