// `comity stix`: what is said of STIX 2.1 content without a node.
#pragma once

#include <iosfwd>
#include <string>

#include "node/command.h"
#include "stix/checks.h"

namespace comity::node {

constexpr std::size_t stix_file_bytes_max = 64 * 1024 * 1024;
constexpr std::size_t stix_line_bytes_max = 16 * 1024 * 1024;

// Judges the text: exit code 0 when it is valid, 1 when not. Findings that decide come as `errors`,
// the others as `warnings`.
Result<Outcome> validate_stix(std::string_view text, const stix::ValidateOptions& options);

// One request a line: {"input": text, "options": {...}}; one answer a line: {"valid", "errors",
// "warnings"}, or {"error": why} for a line that is no request. 2 if there was such a line, else 0.
Result<int> validate_stix_lines(std::istream& in, std::ostream& out);

}  // namespace comity::node
