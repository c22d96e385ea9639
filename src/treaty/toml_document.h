// One TOML 1.0 file as a tree. The only place that sees toml++, with what must be kept from it.
// A pure function, for any thread.
#pragma once

#include <optional>
#include <string>

#include "treaty/toml_reader.h"

namespace comity::treaty {

constexpr int key_parts_max = 16;  // a.b.c has three

// The document of a file; nothing, and a problem in `file`, when it is no TOML 1.0 in UTF-8 or a
// key has too many parts. Lines and columns count characters, from 1.
std::optional<TomlNode> parse_toml(const std::string& file, const std::string& text,
                                   ProblemList& problems);

}  // namespace comity::treaty
