// Where in a JSON text an error is, in words for a person. Computed only once an error is known, so
// that reading good text pays nothing for it. Used inside this folder.
#pragma once

#include <string>
#include <string_view>

#include "json/parse.h"

namespace comity::json {

struct Place {
  std::string position;  // "line:column", from 1, the column in bytes
  std::string path;      // "$.objects[3].id"
  std::string found;     // "'}'", "NaN", "the end of the text"
  std::string expected;  // what could have stood here
  bool in_string = false;
};

// Requires that `text` before `offset` is the beginning of some valid JSON text.
Place place_at(std::string_view text, std::size_t offset, const Passed& passed = {});

// At most `bytes` of `text` for a message, without half a character at its end.
std::string shortened(std::string_view text, std::size_t bytes);

}  // namespace comity::json
