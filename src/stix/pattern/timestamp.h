// An instant as STIX writes it (STIX 2.1, section 2.16), as exact as it was written. A value; any
// thread may use it.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace comity::stix::pattern {

struct Timestamp {
  std::int64_t seconds = 0;  // since 1970-01-01T00:00:00Z
  std::string fraction;      // digits behind the point, without zeros at the end

  // Digits of a fraction without zeros at the end are ordered as texts are.
  auto operator<=>(const Timestamp&) const = default;
};

// "2016-01-01T00:00:00.123Z": upper case, UTC, seconds 00 to 60 (60 is the first of the next
// minute), any number of digits behind a point. Nothing for any other text, or a day that is not.
std::optional<Timestamp> read_timestamp(std::string_view text);

// In that form, with only the digits that are needed.
std::string text_of(const Timestamp& timestamp);

}  // namespace comity::stix::pattern
