// Whether instances can be allotted so that every demand has its number, none twice: a flow through
// a bipartite network, which augmenting paths find (Ford and Fulkerson). Pure.
#pragma once

#include <cstdint>
#include <vector>

#include "stix/pattern/binding.h"

namespace comity::stix::pattern {

// So many instances of any of the sightings in a set.
struct Demand {
  Sightings fitting;
  std::int64_t count = 0;
};

// `numbers` are the instances of each sighting. Adds what it did to `steps`, and answers no when
// they pass binding_steps_max.
bool can_allot(const std::vector<Demand>& demands, const std::vector<std::int64_t>& numbers,
               std::uint64_t& steps);

}  // namespace comity::stix::pattern
