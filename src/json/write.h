// JSON out. `write` keeps the order of members; `canonical` is RFC 8785 (JCS): what is hashed and
// signed.
#pragma once

#include <string>

#include "json/value.h"

namespace comity::json {

// Numbers must be finite and integers within ±(2^53−1), strings UTF-8: anything else in a tree is a
// defect of the program. A double stays one when it is read back: 1.0 is written "1.0".
std::string write(const Value& value);
// Appends `text` as a JSON string with its quotes, escaping what RFC 8259 demands.
void append_string(std::string& out, std::string_view text);
// The same with two blanks of indent a level, for people.
std::string write_pretty(const Value& value);

// RFC 8785: members sorted by UTF-16 code units, ECMAScript numbers, shortest escapes.
std::string canonical(const Value& value);

}  // namespace comity::json
