// Lists of strings as JSON arrays, and back. Pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "json/value.h"

namespace comity::json {

Array array_of(const std::vector<std::string>& values);
// The strings of the array that stands there; empty when there is none.
std::vector<std::string> texts_of(const Value* value);

}  // namespace comity::json
