#include "api/text.h"

#include <algorithm>

#include "json/parse.h"
#include "json/write.h"

namespace comity::api {

bool is_utf8(std::string_view text) {
  const auto is_ascii = [](char c) { return static_cast<unsigned char>(c) < 0x80; };
  if (std::all_of(text.begin(), text.end(), is_ascii)) return true;
  // One reader of UTF-8 decides for all of Comity.
  std::string quoted;
  json::append_string(quoted, text);
  return json::parse(quoted).has_value();
}

bool is_address_text(std::string_view text) {
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  return std::none_of(text.begin(), text.end(), is_control) && is_utf8(text);
}

std::string valid_text(std::string text) {
  if (is_utf8(text)) return text;
  std::replace_if(
      text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; }, '?');
  return text;
}

}  // namespace comity::api
