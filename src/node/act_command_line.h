// The flags of the commands that officers approve.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "node/command.h"
#include "node/officer_keys.h"

namespace CLI {
class App;
}

namespace comity::node {

// What the command line lends: how it adds a command (with its help, --json and --data), and the
// data directory that was given, for when the command runs. `data` outlives the commands.
struct CommandAdder {
  std::function<CLI::App*(CLI::App& parent, const char* name, const char* description,
                          const std::string& example, std::function<Result<Outcome>()> action)>
      add;
  const std::string& data;
  std::function<std::string()> register_directory;  // what --register says, or the shipped one
};

// The flags by which two officers sign: --officer FILE twice, --passphrase-file FILE.
void add_approval(CLI::App& command, std::vector<std::string>& officers,
                  std::vector<std::string>& passphrase_files);
// Signs when officers were named, and hands the command to the node.
Result<Outcome> run_approved(const std::string& data, const char* command, json::Object arguments,
                             const std::vector<std::string>& officers, Passphrases& passphrases);

// `comity officer add|list|end` below `app`.
void add_officer_commands(CLI::App& app, const CommandAdder& adder);

// `comity rule add|end|list` below `app`.
void add_rule_commands(CLI::App& app, const CommandAdder& adder);

// `comity treaty enter|accept|verify|arrange …`, and those of law_file_command_line.h, below the
// group `treaty`.
void add_law_commands(CLI::App& treaty, const CommandAdder& adder);

}  // namespace comity::node
