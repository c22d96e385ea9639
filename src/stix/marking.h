// Handling as STIX objects state it: the Traffic Light Protocol in its three dialects.
//   TLP 1 by the fixed ids of STIX 2.1 section 7.2.1.4 · TLP 2.0 by the fixed ids of the OASIS
//   extension 60a3c5c5-0d10-413e-aab3-9e08dde9e88d · a marking-definition of any id that defines a
//   TLP level.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "stix/object.h"

namespace comity::stix {

// In order of strictness.
enum class TlpLevel { Clear, Green, Amber, AmberStrict, Red };

// "clear", "green", "amber", "amber+strict", "red".
const char* name(TlpLevel level);
// Also reads TLP 1's "white", any case, and a prefix "TLP:".
std::optional<TlpLevel> tlp_from_text(std::string_view text);

// The level that the fixed id of a marking-definition stands for.
std::optional<TlpLevel> tlp_of_id(std::string_view marking_id);
// The level that a marking-definition object defines, whatever its id.
std::optional<TlpLevel> tlp_of_definition(const json::Value& marking_definition);

// The strictest level among an object's own markings, object and granular; none when it states
// none. `find` gives the marking-definition of an id that is no fixed one, or nothing; `level_of`
// the level that it defines.
std::optional<TlpLevel> handling(
    const Object& object, const std::function<const json::Value*(const std::string& id)>& find);
std::optional<TlpLevel> handling(
    const Object& object,
    const std::function<std::optional<TlpLevel>(const std::string& id)>& level_of);

// The marking definitions that apply to what stands at the selector (STIX 2.1 sections 7.2.2 and
// 7.2.3): those of the whole object, and granular ones of that place or of what holds it. Sorted,
// each once. Markings of parts of it are not among them; handling() counts those, too.
std::vector<std::string> markings_at(const json::Value& object, std::string_view selector);

}  // namespace comity::stix
