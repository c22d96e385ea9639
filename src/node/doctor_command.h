// comity doctor: what is wrong with a node. It opens the node itself, because one that cannot be
// opened is what it has to speak about.
#pragma once

#include <string>

#include "node/command.h"

namespace comity::node {

// One ailment a line: what, why it matters, what to do. Exit code 1 when there is one.
Result<Outcome> run_doctor(const std::string& directory);

}  // namespace comity::node
