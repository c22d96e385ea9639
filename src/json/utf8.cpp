#include "json/utf8.h"

#include <algorithm>

#include "json/parse.h"
#include "json/write.h"

namespace comity::json {
namespace {

bool is_ascii(char c) { return static_cast<unsigned char>(c) < 0x80; }

}  // namespace

bool is_utf8(std::string_view text) {
  if (std::all_of(text.begin(), text.end(), is_ascii)) return true;
  // One reader of UTF-8 decides for all of Comity.
  std::string quoted;
  append_string(quoted, text);
  return parse(quoted).has_value();
}

std::string valid_text(std::string text) {
  if (is_utf8(text)) return text;
  std::replace_if(
      text.begin(), text.end(), [](char c) { return !is_ascii(c); }, '?');
  return text;
}

}  // namespace comity::json
