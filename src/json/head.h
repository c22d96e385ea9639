// What a JSON object says before one of its members, without reading further: for texts that were
// checked when they were kept.
#pragma once

#include <string_view>

#include "json/value.h"

namespace comity::json {

// The members of the object `text` that stand before its own member `member`, of an object without
// it all. In the canonical form (RFC 8785) these are the members with lesser names. Errors as those
// of `parse`, but only of what is read.
Result<Object> head(std::string_view text, std::string_view member);

}  // namespace comity::json
