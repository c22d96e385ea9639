#include "stix/pattern/characters.h"

namespace comity::stix::pattern {
namespace {

// How many bytes a character has that begins with this one; 0 when none begins so.
std::size_t length_by_first(unsigned char first) {
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first < 0xE0) return 2;
  if (first >= 0xE0 && first < 0xF0) return 3;
  if (first >= 0xF0 && first < 0xF5) return 4;
  return 0;
}

}  // namespace

std::optional<Character> character_at(std::string_view text, std::size_t offset) {
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[offset + at]); };
  const auto length = length_by_first(byte(0));
  if (length == 0 || length > text.size() - offset) return {};
  if (length == 1) return Character{byte(0), 1};
  std::uint32_t code = byte(0) & (0x7FU >> length);
  for (std::size_t at = 1; at < length; ++at) {
    if ((byte(at) & 0xC0U) != 0x80U) return {};
    code = (code << 6U) | (byte(at) & 0x3FU);
  }
  const bool overlong = (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
  if (overlong || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) return {};
  return Character{code, length};
}

std::optional<std::string> as_bytes(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const auto character = character_at(text, at);
    if (!character || character->code_point > 0xFF) return {};
    out.push_back(static_cast<char>(character->code_point));
    at += character->bytes;
  }
  return out;
}

}  // namespace comity::stix::pattern
