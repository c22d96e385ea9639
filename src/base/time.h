// Instants and dates. All times are UTC; leap seconds do not exist here, as in POSIX and RFC 3339
// use.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace comity {

// Microseconds since 1970-01-01T00:00:00Z.
struct Instant {
  std::int64_t micros = 0;

  static Instant from_seconds(std::int64_t seconds) { return {seconds * 1'000'000}; }
  // Whole seconds, rounded towards the past.
  std::int64_t seconds() const;

  auto operator<=>(const Instant&) const = default;
};

constexpr std::int64_t seconds_per_day = 86'400;

// RFC 3339 section 5.6, any offset, any number of fraction digits (beyond six they are cut).
Result<Instant> parse_rfc3339(std::string_view text);

// "2026-11-23T05:00:00Z", with exactly `fraction_digits` (0, 3 or 6) digits of the second.
std::string format_rfc3339(Instant instant, int fraction_digits = 0);

// A day ("2026-11-23", the instant at which it begins in UTC) or an RFC 3339 instant.
Result<Instant> parse_day_or_instant(std::string_view text);

// Seconds of an ISO 8601 duration of days, hours and minutes: "P90D", "PT36H", "P1DT2H30M"; whole
// numbers of at most six digits. Years and months are of no one length and not read.
Result<std::int64_t> parse_duration(std::string_view text);

// The same spelled in its shortest form, "PT0M" for nothing; `seconds` is not negative and is cut
// to whole minutes.
std::string format_duration(std::int64_t seconds);

// Days since 1970-01-01 of a date of the Gregorian calendar; the date must exist.
Result<std::int64_t> days_from_date(int year, int month, int day);

// "2026-11-23" for a number of days since 1970-01-01.
std::string format_day(std::int64_t days);

}  // namespace comity
