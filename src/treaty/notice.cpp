#include "treaty/notice.h"

#include <chrono>

namespace comity::treaty {
namespace {

constexpr int months_per_year = 12;
constexpr int days_per_year_max = 366;
constexpr std::int64_t micros_per_day = seconds_per_day * 1'000'000;

Instant months_later(Instant instant, int months) {
  using std::chrono::days;
  using std::chrono::floor;
  using std::chrono::microseconds;
  const std::chrono::sys_time<microseconds> time{microseconds{instant.micros}};
  const auto day = floor<days>(time);
  std::chrono::year_month_day date{day};
  date += std::chrono::months{months};
  if (!date.ok()) date = date.year() / date.month() / std::chrono::last;
  return {(std::chrono::sys_days{date} + (time - day)).time_since_epoch().count()};
}

}  // namespace

std::optional<Notice> notice_from_text(std::string_view text) {
  // The letters around at most five digits.
  if (text.size() < 3 || text.size() > 7 || text.front() != 'P' || text[1] == '0') {
    return std::nullopt;
  }
  int number = 0;
  for (const char c : text.substr(1, text.size() - 2)) {
    if (c < '0' || c > '9') return std::nullopt;
    number = number * 10 + (c - '0');
  }
  Notice out;
  out.written = text;
  int most = notice_years_max;
  switch (text.back()) {
    case 'D':
      out.days = number;
      most *= days_per_year_max;
      break;
    case 'M':
      out.months = number;
      most *= months_per_year;
      break;
    case 'Y':
      out.months = number * months_per_year;
      break;
    default:
      return std::nullopt;
  }
  if (number > most) return std::nullopt;
  return out;
}

std::optional<Instant> notice_end(const Instrument& instrument, Instant notified) {
  const auto& notice = instrument.denunciation_notice;
  if (!notice) return std::nullopt;
  return after_wait(notified, *notice);
}

Instant after_wait(Instant event, const Wait& wait) {
  const auto end = wait.months != 0 ? months_later(event, wait.months)
                                    : Instant{event.micros + wait.days * micros_per_day};
  return wait.first_of_month ? first_of_month_after(end, 0) : end;
}

Instant first_of_month_after(Instant day, int months) {
  const std::chrono::sys_time<std::chrono::microseconds> time{
      std::chrono::microseconds{day.micros}};
  const std::chrono::year_month_day date{std::chrono::floor<std::chrono::days>(time)};
  // However short the last month of the period is, it ends in that month.
  const auto month = date.year() / date.month() + std::chrono::months{months + 1};
  const std::chrono::sys_time<std::chrono::microseconds> first{
      std::chrono::sys_days{month / std::chrono::day{1}}};
  return Instant{first.time_since_epoch().count()};
}

}  // namespace comity::treaty
