// Where a list goes on: opaque to the client, base64url of the name of the list and a position of
// it. A cursor gives no right: each page is asked for and answered like the first one.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace comity::api {

constexpr std::size_t cursor_bytes_max = 512;  // as text

// `list` has no line break: the operation of the list, and its filters when the position means
// nothing under others.
std::string write_cursor(std::string_view list, std::string_view position);

// The position; empty for an empty cursor, which is the beginning. InvalidInput for what is no
// cursor of this list.
Result<std::string> read_cursor(std::string_view list, std::string_view cursor);

}  // namespace comity::api
