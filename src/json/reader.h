// The strict reader behind parse and split; the only place that sees Boost.JSON. Used inside this
// folder.
#pragma once

#include <string_view>

#include "json/parse.h"
#include "json/value.h"

namespace comity::json {

// The value that `size` bytes of `text` from `begin` on are. What stands before `begin` must be the
// beginning of valid JSON: errors name positions and paths of the whole text.
Result<Value> read_part(std::string_view text, std::size_t begin, std::size_t size,
                        const Passed& passed = {});

// Checks `text` as `read_part` does, except for duplicate names, and keeps nothing of it. It is
// read in pieces of about `piece_bytes`, with the same outcome whatever these are.
Status validate(std::string_view text, const Passed& passed = {},
                std::size_t piece_bytes = passed_bytes);

// The error for a name of an object that stands twice, the second time at `offset`.
tl::unexpected<Error> duplicate_name(std::string_view text, std::size_t offset,
                                     std::string_view name, const Passed& passed = {});

}  // namespace comity::json
