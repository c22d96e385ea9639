// What text from outside must be before anything of this folder uses it. Pure functions.
#pragma once

#include <string_view>

namespace comity::api {

// UTF-8 without control characters, which nobody types into an address.
bool is_address_text(std::string_view text);

}  // namespace comity::api
