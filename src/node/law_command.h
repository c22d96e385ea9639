// The commands by which a node's register is changed. See act_command.h for how officers approve
// them.
#pragma once

#include <span>

#include "node/act_command.h"

namespace comity::node {

// enter, accept, arrange, designate, suspend, resume, denounce.
std::span<const ActCommand> law_acts();

// What enter and accept would change (`propose`), which changes nothing itself.
Result<Outcome> propose(exchange::Node& node, const json::Object& arguments);

}  // namespace comity::node
