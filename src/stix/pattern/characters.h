// UTF-8 (RFC 3629), character by character. Pure; any thread may use it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace comity::stix::pattern {

struct Character {
  std::uint32_t code_point = 0;
  std::size_t bytes = 1;
};

// The character that begins at `offset`, which is within `text`. Nothing when the bytes there are
// no valid UTF-8: cut off, overlong, a surrogate, or beyond U+10FFFF.
std::optional<Character> character_at(std::string_view text, std::size_t offset);

// The byte for each character, when all of valid UTF-8 `text` are at most U+00FF; as STIX compares
// strings with binary values (STIX 2.1, section 9.6).
std::optional<std::string> as_bytes(std::string_view text);

}  // namespace comity::stix::pattern
