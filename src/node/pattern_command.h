// `comity pattern validate` and `comity pattern match`: STIX patterns without a node.
#pragma once

#include <istream>
#include <ostream>

#include "node/command.h"

namespace comity::node {

constexpr std::size_t pattern_line_bytes_max = 64 * 1024 * 1024;  // of one request
constexpr std::size_t bundle_file_bytes_max = 64 * 1024 * 1024;   // of one file of observations

// Is it a valid pattern? Answers {"valid", "canonical"} or {"valid", "errors": [{"line", "column",
// "message"}]}; the outcome's exit code is 1 when it is not.
Outcome validate_pattern(std::string_view pattern);

// Does it match what the bundles in these files observed? Answers {"match"}; exit code 1 when not.
Result<Outcome> match_pattern(std::string_view pattern, const std::vector<std::string>& files);

// One request a line, {"pattern": …} or {"pattern": …, "observations": [bundle …]}; one answer a
// line, as above, or {"error"} when there is neither a yes nor a no. Gives the exit code: 0, or 2
// when a line was no request.
Result<int> validate_pattern_lines(std::istream& in, std::ostream& out);
Result<int> match_pattern_lines(std::istream& in, std::ostream& out);

}  // namespace comity::node
