// Tree to text, in one spelling: parsing it gives the tree again, and two patterns that differ only
// in blanks, comments, spelling of operators and constants, or needless parentheses print alike.
// Pure; any thread may use it.
#pragma once

#include <string>

#include "stix/pattern/tree.h"

namespace comity::stix::pattern {

std::string print(const Observation& pattern);
std::string print(const Comparison& comparison);
std::string print(const Path& path);
std::string print(const Constant& constant);

}  // namespace comity::stix::pattern
