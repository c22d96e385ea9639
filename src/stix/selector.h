// Selectors of granular markings (STIX 2.1 section 7.2.3): "external_references.[0].url" names a
// property, an item or what they hold. Pure, any thread.
#pragma once

#include <string_view>

#include "json/value.h"

namespace comity::stix {

// What the selector points at within the object; null when nothing is there or it is malformed.
const json::Value* selected(const json::Value& object, std::string_view selector);

// How long the longest selector of the granular marking is that names what stands at `selector` or
// what holds it; 0 when none does. A dot within a key counts as a step, so that rather more is
// covered than less.
std::size_t covering_length(const json::Value& granular_marking, std::string_view selector);

}  // namespace comity::stix
