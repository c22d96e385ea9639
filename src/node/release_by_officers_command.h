// `comity release … --four-eyes` and `--discretion GROUND`: what two officers let go
// (exchange/release.h). It takes its arguments by name and gives an outcome; see node/command.h.
#pragma once

#include <span>

#include "node/act_command.h"

namespace comity::node {

// release-four-eyes: ids, to (one party). release-discretion: these and ground.
std::span<const ActCommand> release_by_officers_acts();

}  // namespace comity::node
