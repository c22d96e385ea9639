// The versions of an object, and what they may be to each other (STIX 2.1 section 3.6): an id and
// the time `modified` name one. Cyber-observables and marking definitions have none. Values and
// pure functions; a History belongs to one thread.
#pragma once

#include <compare>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "base/time.h"
#include "json/value.h"

namespace comity::stix {

// What says which version of an object this is.
struct Version {
  std::string id;
  std::optional<Instant> modified, created;  // none: absent, or no timestamp
  std::string created_by;                    // created_by_ref; empty: nobody is named
  bool revoked = false;

  // Total. Of one id the earlier `modified` comes first, and what has none before all.
  auto operator<=>(const Version&) const = default;
};

Version version_of(const json::Value& object);

// Whether the object is one of those that have versions.
bool is_versioned(const json::Value& object);

// What is wrong with a version beside another of the same id.
struct VersionFault {
  std::string_view property;  // of the version at hand
  std::string_view rule;
};

// All versions of one object that were seen, in whatever order they came. Who created it, where
// anybody is named, and when never changes, and after a version that is revoked there is no later
// one: a History says which version cannot stand beside those that it holds. Two versions of the
// same `modified` may both be: the standard leaves to the reader what they are to each other.
class History {
 public:
  // Holds the version from now on, also when it has a fault.
  std::optional<VersionFault> add(const Version& version);

  bool holds(Instant modified) const { return times_.contains(modified); }
  // Whether one of them is revoked: the object is, and so are all its versions.
  bool revoked() const { return revoked_.has_value(); }
  // When the version is of that counts: the latest, or the first that is revoked.
  std::optional<Instant> current() const;

 private:
  std::optional<Instant> created_;  // of the first that says it
  std::string created_by_;          // likewise
  std::set<Instant> times_;         // of `modified`
  std::optional<Instant> revoked_;  // the earliest
};

}  // namespace comity::stix
