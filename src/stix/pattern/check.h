// What is wrong with a pattern: its grammar, and beyond it what its meaning forbids. Pure; any
// thread may use it.
#pragma once

#include <string_view>
#include <vector>

#include "stix/pattern/problem.h"
#include "stix/pattern/tree.h"

namespace comity::stix::pattern {

constexpr std::size_t problems_max = 100;  // told of one pattern

// Everything that is wrong with the text, in the order of the text; empty when it is a valid
// pattern. When it cannot be parsed, that is the one problem.
std::vector<Problem> problems(std::string_view pattern);

// Beyond the grammar, of the tree that was parsed from `text`:
// - one qualifier of each kind on an observation in brackets (section 9.5.1);
// - a hash that is compared as a whole has the form of its algorithm (section 10.7).
std::vector<Problem> check(const Observation& pattern, std::string_view text);

}  // namespace comity::stix::pattern
