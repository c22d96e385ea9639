// By what an object is found: the values in it that can be observed or that name something in the
// world, and its text. Derived from its bytes and made again from them whenever that is asked for;
// which property of which type is a value is one table (docs/formats/search.md). Pure; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "stix/object.h"
#include "stix/search_value.h"

namespace comity::stix {

constexpr std::size_t values_max = 10'000;         // of one object; those behind are not found
constexpr std::size_t text_bytes_max = 32 * 1024;  // of one object; what is behind is not found
constexpr std::size_t query_bytes_max = 2048;      // what a person searches for
constexpr std::size_t phrases_max = 16;            // of one query
constexpr std::size_t text_depth_max = 32;         // of nested values that are looked at

// Each once, in order: of properties, of external references, and the constants that the STIX
// pattern of an indicator compares with, at most `values_max`.
std::vector<SearchValue> values_of(const Object& object);

// What persons wrote: every string of the object but identifiers, times and encoded bytes, one a
// line, in the form of `text_form`, at most `text_bytes_max`.
std::string text_of(const Object& object);

// Text in the form in which words are compared beside what a tokenizer does: composed (NFC), marks
// of vowels of Arabic and Hebrew left out, each character of scripts that put no blanks between
// words (Han, Kana, Thai, Lao, Khmer, Burmese) as a word of its own, control characters as blanks.
std::string text_form(std::string_view text);

// What is looked for in text: words and, between quotation marks, phrases, each in `text_form`. All
// must be found. Nothing in it has any other meaning. Empty when nothing in it can be found.
// InvalidInput beyond `query_bytes_max` and `phrases_max`, and for what is no UTF-8.
Result<std::vector<std::string>> phrases_of(std::string_view query);

}  // namespace comity::stix
