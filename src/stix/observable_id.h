// Deterministic identifiers of cyber-observable objects (STIX 2.1 section 2.9): UUIDv5 over the RFC
// 8785 form of the id-contributing properties, so that the same observable gets the same id
// everywhere.
#pragma once

#include <optional>
#include <string>

#include "json/value.h"

namespace comity::stix {

// The identifier for this observable; nothing when its type has no contributing properties or the
// object has none of them (then a UUIDv4 is right).
std::optional<std::string> deterministic_id(const json::Value& observable);

}  // namespace comity::stix
