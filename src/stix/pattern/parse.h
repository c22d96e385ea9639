// Text to tree: the grammar of STIX patterns (STIX 2.1, section 9, and its ANTLR grammar). AND
// binds stronger than OR in comparisons; between observations AND, then OR, then FOLLOWEDBY. What
// follows from the meaning of a pattern is in check.h. Pure; any thread may use it.
#pragma once

#include <string_view>

#include "stix/pattern/problem.h"
#include "stix/pattern/tree.h"

namespace comity::stix::pattern {

constexpr std::size_t pattern_bytes_max = 1024 * 1024;
constexpr std::size_t depth_max = 64;       // parentheses within each other, of both sorts together
constexpr std::size_t qualifiers_max = 64;  // of one observation expression
constexpr std::size_t nodes_max = 10'000;   // tests, constants, steps, observations and qualifiers

// The tree, or the first problem.
Outcome<Observation> parse(std::string_view pattern);

}  // namespace comity::stix::pattern
