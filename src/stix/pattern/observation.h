// What patterns are matched against: observed-data objects and what they observed (STIX 2.1,
// section 4.14), taken from bundles. Looks into the JSON that it was read from, which must outlive
// it and not change; reading it is safe from any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "json/value.h"
#include "stix/pattern/timestamp.h"

namespace comity::stix::pattern {

constexpr std::size_t observations_max = 100'000;        // of one call
constexpr std::size_t observed_objects_max = 1'000'000;  // of all of them together

// A cyber observable object as one observation saw it, with the name by which its neighbours refer
// to it: its id, or the key in the older form with a dictionary.
struct ObservedObject {
  std::string_view name;
  const json::Value* value = nullptr;
};

struct ObservedData {
  std::string_view id;
  Timestamp first, last;                // first_observed, last_observed; in this order
  std::int64_t number = 1;              // number_observed, at least 1
  std::vector<ObservedObject> objects;  // by name, each once

  // The object with this name in this observation; references reach no farther.
  const json::Value* find(std::string_view name) const;
};

// The observations in `bundles`: a bundle, an array of bundles, or objects in their place; all are
// one set. Objects that are not observed by anything play no part; of two with one id the later
// counts. Objects that are no cyber observables, as indicators, are never tested; types that the
// standard does not name are.
Result<std::vector<ObservedData>> read_observations(const json::Value& bundles);

}  // namespace comity::stix::pattern
