#include "base/time.h"

#include <fmt/format.h>

#include <array>
#include <chrono>

namespace comity {
namespace {

constexpr std::int64_t micros_per_second = 1'000'000;

// The days that a year of four digits can name.
constexpr std::int64_t first_day =
    std::chrono::sys_days{std::chrono::year{0} / 1 / 1}.time_since_epoch().count();
constexpr std::int64_t last_day =
    std::chrono::sys_days{std::chrono::year{9999} / 12 / 31}.time_since_epoch().count();

// Reads exactly `width` decimal digits at `position`; -1 when there are none.
int digits(std::string_view text, std::size_t position, std::size_t width) {
  if (position + width > text.size()) return -1;
  int value = 0;
  for (std::size_t i = position; i < position + width; ++i) {
    if (text[i] < '0' || text[i] > '9') return -1;
    value = value * 10 + (text[i] - '0');
  }
  return value;
}

tl::unexpected<Error> bad_instant(std::string_view text) {
  return fail(ErrorKind::InvalidInput,
              fmt::format("'{}' is no RFC 3339 instant: expected a form like 2026-11-23T05:00:00Z",
                          text.substr(0, 80)));
}

// Seconds east of UTC for the part after the time of day; INT64_MIN when it is malformed.
std::int64_t offset_seconds(std::string_view zone) {
  constexpr auto malformed = INT64_MIN;
  if (zone == "Z" || zone == "z") return 0;
  if (zone.size() != 6 || (zone[0] != '+' && zone[0] != '-') || zone[3] != ':') return malformed;
  const int hours = digits(zone, 1, 2);
  const int minutes = digits(zone, 4, 2);
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return malformed;
  const std::int64_t value = hours * 3600 + minutes * 60;
  return zone[0] == '-' ? -value : value;
}

}  // namespace

std::int64_t Instant::seconds() const {
  auto value = micros / micros_per_second;
  if (micros % micros_per_second < 0) --value;
  return value;
}

Result<std::int64_t> days_from_date(int year, int month, int day) {
  const std::chrono::year_month_day date{std::chrono::year{year},
                                         std::chrono::month{static_cast<unsigned>(month)},
                                         std::chrono::day{static_cast<unsigned>(day)}};
  // The library's month and day wrap beyond 255, so their range is checked first.
  if (month < 1 || month > 12) {
    return fail(ErrorKind::InvalidInput,
                fmt::format("{:04}-{:02}-{:02} is no date of the calendar: expected a month from "
                            "01 to 12",
                            year, month, day));
  }
  if (day < 1 || day > 31 || !date.ok()) {
    const std::chrono::year_month_day_last last{date.year(),
                                                std::chrono::month_day_last{date.month()}};
    return fail(ErrorKind::InvalidInput,
                fmt::format("{:04}-{:02}-{:02} is no date of the calendar: expected a day from 01 "
                            "to {:02} of that month",
                            year, month, day, static_cast<unsigned>(last.day())));
  }
  return std::chrono::sys_days{date}.time_since_epoch().count();
}

Result<Instant> parse_rfc3339(std::string_view text) {
  const int year = digits(text, 0, 4);
  const int month = digits(text, 5, 2);
  const int day = digits(text, 8, 2);
  const int hour = digits(text, 11, 2);
  const int minute = digits(text, 14, 2);
  const int second = digits(text, 17, 2);
  const bool shaped = text.size() >= 20 && text[4] == '-' && text[7] == '-' &&
                      (text[10] == 'T' || text[10] == 't') && text[13] == ':' && text[16] == ':';
  if (!shaped || year < 0 || month < 0 || day < 0 || hour < 0 || hour > 23 || minute < 0 ||
      minute > 59 || second < 0 || second > 60) {
    return bad_instant(text);
  }
  std::size_t position = 19;
  std::int64_t fraction = 0;
  if (text[position] == '.') {
    ++position;
    const auto start = position;
    std::int64_t unit = micros_per_second / 10;
    while (position < text.size() && text[position] >= '0' && text[position] <= '9') {
      fraction += unit * (text[position] - '0');
      unit /= 10;
      ++position;
    }
    if (position == start) return bad_instant(text);
  }
  const auto offset = offset_seconds(text.substr(position));
  if (offset == INT64_MIN) return bad_instant(text);
  TRY(const auto days, days_from_date(year, month, day));
  const std::int64_t seconds = days * seconds_per_day + hour * 3600 + minute * 60 + second - offset;
  // An offset or a leap second can lead out of the years that can be written down again.
  if (seconds < first_day * seconds_per_day || seconds >= (last_day + 1) * seconds_per_day) {
    return bad_instant(text);
  }
  return Instant{seconds * micros_per_second + fraction};
}

std::string format_day(std::int64_t days) {
  const std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::days{days}}};
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
}

std::string format_rfc3339(Instant instant, int fraction_digits) {
  CHECK(fraction_digits == 0 || fraction_digits == 3 || fraction_digits == 6);
  const auto seconds = instant.seconds();
  const auto micros = instant.micros - seconds * micros_per_second;
  auto days = seconds / seconds_per_day;
  if (seconds % seconds_per_day < 0) --days;
  const auto of_day = seconds - days * seconds_per_day;
  auto text = fmt::format("{}T{:02}:{:02}:{:02}", format_day(days), of_day / 3600, of_day / 60 % 60,
                          of_day % 60);
  if (fraction_digits == 3) text += fmt::format(".{:03}", micros / 1000);
  if (fraction_digits == 6) text += fmt::format(".{:06}", micros);
  return text + "Z";
}

Result<Instant> parse_day_or_instant(std::string_view text) {
  if (text.size() != 10) return parse_rfc3339(text);
  const int year = digits(text, 0, 4);
  const int month = digits(text, 5, 2);
  const int day = digits(text, 8, 2);
  if (year < 0 || month < 0 || day < 0 || text[4] != '-' || text[7] != '-') {
    return fail(ErrorKind::InvalidInput,
                fmt::format("'{}' is no day: expected a form like 2026-11-23", text));
  }
  TRY(const auto days, days_from_date(year, month, day));
  return Instant::from_seconds(days * seconds_per_day);
}

Result<std::int64_t> parse_duration(std::string_view text) {
  struct Unit {
    char letter;
    bool of_time;
    std::int64_t seconds;
  };
  constexpr std::array<Unit, 3> units = {
      {{'D', false, seconds_per_day}, {'H', true, 3600}, {'M', true, 60}}};
  constexpr std::size_t digits_max = 6;
  const auto bad = [&] {
    return fail(ErrorKind::InvalidInput,
                fmt::format("'{}' is no duration of days, hours and minutes; expected a form like "
                            "P90D, PT36H or P1DT2H30M",
                            text.substr(0, 80)));
  };
  if (!text.starts_with('P')) return bad();
  auto rest = text.substr(1);
  std::int64_t seconds = 0;
  bool of_time = false;
  bool any = false;
  for (const auto& unit : units) {
    if (unit.of_time && !of_time && rest.starts_with('T')) {
      of_time = true;
      any = false;  // something must follow the T
      rest.remove_prefix(1);
    }
    const auto end = rest.find_first_not_of("0123456789");
    if (end == std::string_view::npos || end == 0 || end > digits_max || rest[end] != unit.letter ||
        unit.of_time != of_time) {
      continue;
    }
    seconds += digits(rest, 0, end) * unit.seconds;
    any = true;
    rest.remove_prefix(end + 1);
  }
  if (!any || !rest.empty()) return bad();
  return seconds;
}

std::string format_duration(std::int64_t seconds) {
  CHECK(seconds >= 0);
  const auto days = seconds / seconds_per_day;
  const auto hours = seconds % seconds_per_day / 3600;
  const auto minutes = seconds % 3600 / 60;
  std::string out = "P";
  if (days > 0) out += fmt::format("{}D", days);
  if (hours == 0 && minutes == 0) return days > 0 ? out : "PT0M";
  out += 'T';
  if (hours > 0) out += fmt::format("{}H", hours);
  if (minutes > 0) out += fmt::format("{}M", minutes);
  return out;
}

}  // namespace comity
