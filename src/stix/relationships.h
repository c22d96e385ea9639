// The relationships that STIX 2.1 suggests: which types, by which name, to which types (the tables
// of sections 4 and 6, and section 3.7). Constant data, any thread.
#pragma once

#include <span>
#include <string_view>

namespace comity::stix {

struct SuggestedRelationship {
  std::string_view source, name;
  std::string_view targets;  // words with a blank between; "@sco": every observable
};
std::span<const SuggestedRelationship> suggested_relationships();

// True, too, for the relationships that all types have in common, and for types that the standard
// does not define.
bool is_suggested(std::string_view source, std::string_view name, std::string_view target);

}  // namespace comity::stix
