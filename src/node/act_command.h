// Commands that officers approve: the list of officers, verification, and changes of the law.
//
// Such a command takes its arguments and, as `approval`, an act with two signatures. The command
// line signs with the officers' key files before it hands the command over, so no key and no
// passphrase reaches the serving process.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "exchange/act.h"
#include "node/command.h"

namespace comity::node {

struct ActCommand {
  Command command;
  std::string_view act;
  // What the officers sign for these arguments at this node.
  Result<json::Object> (*signed_arguments)(const exchange::Node& node,
                                           const json::Object& arguments);
};

// Null for a name that is no command that officers approve.
const ActCommand* find_act(std::string_view name);

// Also `officers` and `show`, which change nothing. Null for any other name.
const Command* find_act_command(std::string_view name);

// The argument `approval`; nothing when it is absent.
Result<std::optional<exchange::Approval>> approval_argument(const json::Object& arguments);

}  // namespace comity::node
