// What a node takes in: objects that break no MUST of STIX 2.1. The standard's advice, and what it
// leaves to the maker of an object, refuse nothing. Pure functions; any thread.
#pragma once

#include <string_view>

#include "json/value.h"
#include "stix/checks.h"
#include "stix/object.h"

namespace comity::stix {

// The checks that refuse: of the notes reference-uuid and created-by-identity, and every Must but
// two. Objects that everybody holds state whole seconds (timestamp-millis); and a definition of TLP
// that is none of the standard's says how strictly to handle what it marks (tlp-definition). No
// other check runs.
const Selection& admission();

// Fails on a value that breaks one of them: the error names the JSON path, the rule, the section
// and the check of the first finding, and how many there are beside it.
Status admit(const json::Value& object);

// The object as read_object reads it, if it is admitted.
Result<Object> admit_object(std::string_view bytes);

}  // namespace comity::stix
