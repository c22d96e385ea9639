// `comity stix`: what is said of STIX 2.1 content without a node.
#pragma once

#include <cstdio>
#include <iosfwd>
#include <string>

#include "node/command.h"
#include "stix/checks.h"

namespace comity::node {

constexpr std::size_t stix_line_bytes_max = 16 * 1024 * 1024;

// Judges the file, "-" or nothing for standard input: exit code 0 when it is valid, 1 when not.
// Findings that decide come as `errors`, the others as `warnings`.
Result<Outcome> validate_stix(const std::string& path, const stix::ValidateOptions& options);

// Writes the RFC 8785 form of the JSON text in the file to `out`, or its SHA-256 and a line feed.
// The list "objects" of an object, as a bundle has it, is gone over element by element; all beside
// it, and any other text, is no longer than json::document_bytes_max. Nothing is written of a text
// that is refused.
Status canonical_stix(const std::string& path, bool sha256, std::FILE* out);

// One request a line: {"input": text, "options": {...}}; one answer a line: {"valid", "errors",
// "warnings"}, or {"error": why} for a line that is no request. 2 if there was such a line, else 0.
Result<int> validate_stix_lines(std::istream& in, std::ostream& out);

}  // namespace comity::node
