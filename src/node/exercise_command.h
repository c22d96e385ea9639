// The commands of the exercise clock: comity exercise advance, comity exercise show.
#pragma once

#include "node/command.h"

namespace comity::node {

// Argument `duration`: how far the clock goes on, ISO 8601.
Result<Outcome> run_exercise_advance(exchange::Node& node, const json::Object& arguments);
Result<Outcome> run_exercise_show(exchange::Node& node, const json::Object& arguments);

}  // namespace comity::node
