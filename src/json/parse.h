// Strict JSON in (RFC 8259, I-JSON RFC 7493): UTF-8 without lone surrogates, no duplicate names, no
// integer beyond ±(2^53−1), bounded depth. What is refused here is refused everywhere in Comity.
#pragma once

#include <cstddef>
#include <functional>
#include <string_view>

#include "json/value.h"

namespace comity::json {

constexpr std::size_t depth_max = 64;                         // nesting of one document
constexpr std::size_t document_bytes_max = 64 * 1024 * 1024;  // one document held as a tree
constexpr std::size_t passed_bytes = 4 * 1024 * 1024;         // between two calls of a Passed

// Told each `passed_bytes` or so how far a walk over a text has come, so that who has mapped it can
// let go of what stands before. One function walks several times, each time from the beginning;
// and what stands before may still be looked at, a little of it.
using Passed = std::function<void(std::size_t offset)>;

// The value of `text`. A number written without fraction or exponent is an integer, any other a
// double. A double whose canonical form would be an integer beyond ±(2^53−1), as 1e20, is refused
// like that integer, so that canonical bytes can always be read back. Errors name line:column, the
// JSON path where one is known, and what was expected.
Result<Value> parse(std::string_view text);

// Checks that `text` is one strict JSON object that may be larger than a tree we would hold, and
// gives `each` the exact bytes of every element of its top-level array member `member`, in order
// with its index. Members beside it are parsed and returned (without that array). Neither the
// array nor its elements are checked for duplicate names: `each` parses its element.
Result<Object> split(std::string_view text, std::string_view member,
                     const std::function<Status(std::string_view element, std::size_t index)>& each,
                     const Passed& passed = {});

}  // namespace comity::json
