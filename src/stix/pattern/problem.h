// What is wrong with a pattern, and where. Values; any thread may use them.
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace comity::stix::pattern {

// Line and column count from 1, the column in characters (code points), not bytes.
struct Problem {
  std::size_t line = 1;
  std::size_t column = 1;
  std::string message;  // what was found, and what was expected

  bool operator==(const Problem&) const = default;
};

template <typename T>
using Outcome = tl::expected<T, Problem>;

// The problem at the byte `offset` of `pattern`; an offset behind its end is its end.
Problem problem_at(std::string_view pattern, std::size_t offset, std::string message);

// "1:14: message", the line of the pattern, and a caret below the place; long lines are cut on both
// sides of it. Ends without a line feed.
std::string show(std::string_view pattern, const Problem& problem);

}  // namespace comity::stix::pattern
