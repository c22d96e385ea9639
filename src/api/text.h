// What text from outside must be before anything of this folder uses it. Pure functions.
#pragma once

#include <string>
#include <string_view>

namespace comity::api {

// UTF-8 as the JSON reader understands it.
bool is_utf8(std::string_view text);

// UTF-8 without control characters, which nobody types into an address.
bool is_address_text(std::string_view text);

// `text`, or its ASCII characters when it is no UTF-8, so that an answer is always JSON.
std::string valid_text(std::string text);

}  // namespace comity::api
