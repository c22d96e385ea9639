#include "stix/pattern/timestamp.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/time.h"

namespace comity::stix::pattern {

std::optional<Timestamp> read_timestamp(std::string_view text) {
  // 'd' is a digit; everything else stands for itself.
  constexpr std::string_view form = "dddd-dd-ddTdd:dd:dd";
  if (text.size() <= form.size() || text.back() != 'Z') return {};
  const auto is_digit_at = [&](std::size_t at) { return text[at] >= '0' && text[at] <= '9'; };
  for (std::size_t at = 0; at < form.size(); ++at) {
    if (form[at] == 'd' ? !is_digit_at(at) : text[at] != form[at]) return {};
  }
  const auto number = [&](std::size_t at, std::size_t digits) {
    int value = 0;
    for (const char digit : text.substr(at, digits)) value = value * 10 + (digit - '0');
    return value;
  };
  const auto hour = number(11, 2), minute = number(14, 2), second = number(17, 2);
  if (hour > 23 || minute > 59 || second > 60) return {};
  const auto days = days_from_date(number(0, 4), number(5, 2), number(8, 2));
  if (!days) return {};

  auto fraction = text.substr(form.size(), text.size() - form.size() - 1);
  if (!fraction.empty()) {
    if (fraction.front() != '.' || fraction.size() == 1) return {};
    fraction.remove_prefix(1);
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    if (!std::all_of(fraction.begin(), fraction.end(), is_digit)) return {};
  }
  while (!fraction.empty() && fraction.back() == '0') fraction.remove_suffix(1);
  return Timestamp{*days * seconds_per_day + hour * 3600 + minute * 60 + second,
                   std::string(fraction)};
}

std::string text_of(const Timestamp& timestamp) {
  auto text = format_rfc3339(Instant::from_seconds(timestamp.seconds));
  if (!timestamp.fraction.empty()) text.insert(text.size() - 1, "." + timestamp.fraction);
  return text;
}

}  // namespace comity::stix::pattern
