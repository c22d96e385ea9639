// A pattern against observations (STIX 2.1, section 9): yes, no, or an error when neither is known.
// compare.h says what a comparison means, binding.h what holds between observations.
#pragma once

#include <vector>

#include "stix/pattern/observation.h"
#include "stix/pattern/tree.h"

namespace comity::stix::pattern {

// Pure; any thread may use it.
Result<bool> match(const Observation& pattern, const std::vector<ObservedData>& observations);

}  // namespace comity::stix::pattern
