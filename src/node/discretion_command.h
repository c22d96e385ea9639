// `comity release … --discretion GROUND`: what two officers let go where no agreement speaks
// (exchange/release.h). It takes its arguments by name and gives an outcome; see node/command.h.
#pragma once

#include <span>

#include "node/act_command.h"

namespace comity::node {

// release-discretion: ids, to (one party), ground.
std::span<const ActCommand> discretion_acts();

}  // namespace comity::node
