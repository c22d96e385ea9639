// Which properties a pattern looks at. Pure; any thread may use it.
#pragma once

#include <vector>

#include "stix/pattern/tree.h"

namespace comity::stix::pattern {

// The path of every test, in the order of the text; they belong to the tree.
std::vector<const Path*> paths_of(const Observation& pattern);

}  // namespace comity::stix::pattern
