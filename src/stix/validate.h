// The STIX 2.1 validator: what is wrong with an object or a bundle, all of it within a bound, each
// with its JSON path, the rule, the section of the standard and the check. The checks and their
// levels are in stix/checks.h, those of the types in stix/schema.h.
//
// Pure functions of their input; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "json/value.h"
#include "stix/checks.h"

namespace comity::stix {

constexpr std::size_t findings_max = 1000;  // that one report holds

struct Finding {
  std::string path;     // "$.external_references[0].url"
  std::string rule;     // what was found and what was expected
  std::string section;  // of STIX 2.1
  CheckId check = CheckId::Json;
  bool decides = false;
};

struct Report {
  bool valid = true;
  std::vector<Finding> findings;  // in the order of the text; between objects of a bundle last
  std::size_t more = 0;           // that were found beyond findings_max
};

// Judges one text: a bundle, or a single object. Text that is no strict JSON object is a finding
// of the check "json", too.
Report validate(std::string_view text, const Selection& selection);
// The same of a tree that was read already.
Report validate_value(const json::Value& value, const Selection& selection);

}  // namespace comity::stix
