#include "json/head.h"

#include <string>

#include "json/parse.h"

namespace comity::json {
namespace {

// The end of the string that begins at `at`: behind its closing sign.
std::size_t string_end(std::string_view text, std::size_t at) {
  for (++at; at < text.size() && text[at] != '"'; ++at) {
    if (text[at] == '\\') ++at;
  }
  return at + 1;
}

// Where the member begins, or the end of the text. Names with escapes are passed over.
std::size_t place_of(std::string_view text, std::string_view member) {
  int depth = 0;
  bool name = false;  // whether a string would be the name of a member of the outermost object
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    if (c == '"') {
      const auto end = string_end(text, at);
      if (end > text.size()) break;
      if (name && depth == 1 && text.substr(at + 1, end - at - 2) == member) return at;
      at = end;
      name = false;
      continue;
    }
    if (c == '{' || c == '[') ++depth;
    if (c == '}' || c == ']') --depth;
    if (c == '{' || c == ',') name = true;
    ++at;
  }
  return text.size();
}

}  // namespace

Result<Object> head(std::string_view text, std::string_view member) {
  const auto end = place_of(text, member);
  std::string before(text.substr(0, end));
  if (end < text.size()) {
    before.erase(before.find_last_not_of(" \t\r\n") + 1);
    if (before.ends_with(',')) before.pop_back();
    before += '}';
  }
  TRY(auto value, parse(before));
  if (value.object() == nullptr) {
    return fail(
        ErrorKind::InvalidInput,
        std::string("at $: found ") + std::string(value.type_name()) + ", expected an object");
  }
  return std::move(*value.object());
}

}  // namespace comity::json
