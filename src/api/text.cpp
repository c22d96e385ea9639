#include "api/text.h"

#include <algorithm>

#include "json/utf8.h"

namespace comity::api {

bool is_address_text(std::string_view text) {
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  return std::none_of(text.begin(), text.end(), is_control) && json::is_utf8(text);
}

}  // namespace comity::api
