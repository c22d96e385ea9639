// LIKE (STIX 2.1, section 9.6): % is any text, _ any one character, everything else itself; of the
// whole value. Pure; any thread may use it.
#pragma once

#include <string_view>

namespace comity::stix::pattern {

// Whether all of `value` is like `wanted`. Both are valid UTF-8 when a character is meant by _, any
// bytes when `of_characters` is false. Takes at most the product of both lengths.
bool is_like(std::string_view value, std::string_view wanted, bool of_characters);

}  // namespace comity::stix::pattern
