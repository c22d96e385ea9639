// One strict JSON object of any size, gone over once. Where `split` checks the whole text before it
// gives the first element, this gives each as soon as it is passed, so that whoever maps a file can
// let go of what lies behind.
#pragma once

#include <functional>
#include <string_view>

#include "json/value.h"

namespace comity::json {

struct Streamed {
  Object members;          // in their order, without the array
  bool has_array = false;  // whether there was a member of that name, and it was an array
};

// Gives `each` the bytes of every element of the top-level array member `member` with its index, in
// order; of a text without that array the members alone come back. An element is delimited by its
// quotes and brackets and no deeper than the text may be; nothing else of it was checked: `each`
// parses it. All beside the elements is as strict as `parse`, and what is found of it is known when
// this returns. Errors are those of `parse` for the whole text; those of `each` name the element.
Result<Streamed> stream(
    std::string_view text, std::string_view member,
    const std::function<Status(std::string_view element, std::size_t index)>& each);

}  // namespace comity::json
