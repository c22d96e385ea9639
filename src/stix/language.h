// Languages of texts: which one a text of an object is in, and its translations by language content
// (STIX 2.1 sections 3.2, 7.1 and 7.2.3). Places within an object are selectors, as granular
// markings have them: "goals.[0]". Pure functions; pointers are into the values they came from.
#pragma once

#include <string>
#include <string_view>

#include "json/value.h"

namespace comity::stix {

class Judge;

// The language of what stands at the selector: of the granular marking with the closest selector
// that covers it, else that of the object, else English.
std::string language_at(const json::Value& object, std::string_view selector);

// Whether the language content is for this version of this object. Without `object_modified` it is
// for every version.
bool is_language_of(const json::Value& content, const json::Value& object);

// The text that stands at the selector in the language, or, failing that, in the one with one
// subtag less ("de-CH", then "de": RFC 4647, section 3.4). Null when there is none: an empty text
// says that this item is not translated.
const std::string* translated(const json::Value& content, std::string_view selector,
                              std::string_view language);

// Reports where a translation has not the form of the original: a text for a text, a list of the
// same length for a list, an object for an object. What the original does not have is passed over.
// The Judge stands at the language content.
void judge_translations(Judge& judge, const json::Value& content, const json::Value& original);

}  // namespace comity::stix
