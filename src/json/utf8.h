// Text from outside that is to stand in JSON. Pure functions.
#pragma once

#include <string>
#include <string_view>

namespace comity::json {

// UTF-8 as the reader of this folder understands it.
bool is_utf8(std::string_view text);

// `text`, or its ASCII characters with '?' for every other byte when it is no UTF-8, so that what
// is written is always JSON.
std::string valid_text(std::string text);

}  // namespace comity::json
