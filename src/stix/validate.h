// The STIX 2.1 validator: what is wrong with an object or a bundle, all of it within a bound, each
// with its JSON path, the rule, the section of the standard and the check. The checks and their
// levels are in stix/checks.h, those of the types in stix/schema.h.
//
// A bundle is gone over object by object and may be larger than memory: what is held of an object
// is a row of 64 bytes (stix/bundle_book.h).
//
// Pure functions of their input; any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "json/value.h"
#include "stix/bundle_book.h"
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
  // In the order of the text; those of a bundle itself first, those between its objects last.
  std::vector<Finding> findings;
  std::size_t more = 0;  // that were found beyond findings_max
};

// Told now and then of a bundle: what of the text is behind, in bytes. Whoever mapped a file can
// let go of it; some of it may be read again.
using Passed = std::function<void(std::size_t offset)>;

// Judges one text: a bundle of at most `objects_max` objects, or a single object. Neither an object
// nor what stands in a bundle beside the objects is longer than json::document_bytes_max. Text that
// is no strict JSON object is a finding of the check "json", too.
Report validate(std::string_view text, const Selection& selection, const Passed& passed = {},
                std::size_t objects_max = bundle_objects_max);
// The same of a tree that was read already. Meant for single objects: a bundle is written first.
Report validate_value(const json::Value& value, const Selection& selection);

}  // namespace comity::stix
