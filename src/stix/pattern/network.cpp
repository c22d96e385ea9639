#include "stix/pattern/network.h"

#include <algorithm>
#include <vector>

namespace comity::stix::pattern {
namespace {

// A number of at most `digits_max` digits without zeros before it.
std::optional<unsigned> decimal_number(std::string_view text, std::size_t digits_max,
                                       unsigned value_max) {
  if (text.empty() || text.size() > digits_max || (text.size() > 1 && text.front() == '0')) {
    return {};
  }
  unsigned value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return {};
    value = value * 10 + static_cast<unsigned>(c - '0');
  }
  if (value > value_max) return {};
  return value;
}

std::optional<unsigned> group_number(std::string_view text) {
  if (text.empty() || text.size() > 4) return {};
  unsigned value = 0;
  for (const char c : text) {
    const auto digit = c >= '0' && c <= '9'   ? c - '0'
                       : c >= 'a' && c <= 'f' ? c - 'a' + 10
                       : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                              : -1;
    if (digit < 0) return {};
    value = value * 16 + static_cast<unsigned>(digit);
  }
  return value;
}

bool read_v4(std::string_view text, std::uint8_t* out) {
  for (int part = 0; part < 4; ++part) {
    const auto end = part < 3 ? text.find('.') : text.size();
    if (end == std::string_view::npos) return false;
    const auto value = decimal_number(text.substr(0, end), 3, 255);
    if (!value) return false;
    out[part] = static_cast<std::uint8_t>(*value);
    text.remove_prefix(part < 3 ? end + 1 : end);
  }
  return true;
}

// Groups between single colons; the last may be an IPv4 address. Nothing when one is none.
std::optional<std::vector<std::uint8_t>> read_groups(std::string_view text, bool may_end_in_v4) {
  std::vector<std::uint8_t> out;
  while (!text.empty()) {
    const auto end = std::min(text.find(':'), text.size());
    const auto group = text.substr(0, end);
    if (may_end_in_v4 && end == text.size() && group.find('.') != std::string_view::npos) {
      std::uint8_t v4[4];
      if (!read_v4(group, v4)) return {};
      out.insert(out.end(), v4, v4 + 4);
      return out;
    }
    const auto value = group_number(group);
    if (!value || out.size() >= 16) return {};
    out.push_back(static_cast<std::uint8_t>(*value >> 8U));
    out.push_back(static_cast<std::uint8_t>(*value & 0xFFU));
    if (end == text.size()) return out;
    text.remove_prefix(end + 1);
    if (text.empty()) return {};  // a colon at the end
  }
  return out;
}

bool read_v6(std::string_view text, std::array<std::uint8_t, 16>& out) {
  const auto gap = text.find("::");
  const bool has_gap = gap != std::string_view::npos;
  const auto before = read_groups(has_gap ? text.substr(0, gap) : text, !has_gap);
  const auto behind = read_groups(has_gap ? text.substr(gap + 2) : std::string_view(), true);
  if (!before || !behind) return false;
  const auto given = before->size() + behind->size();
  // A gap stands for one group of zeros or more (RFC 4291, 2.2).
  if (has_gap ? given > 14 : given != 16) return false;
  std::copy(before->begin(), before->end(), out.begin());
  std::copy(behind->begin(), behind->end(), out.end() - static_cast<long>(behind->size()));
  return true;
}

}  // namespace

std::optional<Network> read_network(std::string_view text) {
  const auto slash = text.find('/');
  const auto address = text.substr(0, slash);
  Network out;
  out.is_v6 = address.find(':') != std::string_view::npos;
  out.prefix = out.is_v6 ? 128 : 32;
  if (slash != std::string_view::npos) {
    const auto prefix = decimal_number(text.substr(slash + 1), 3, out.prefix);
    if (!prefix) return {};
    out.prefix = *prefix;
  }
  const bool good = out.is_v6 ? read_v6(address, out.address) : read_v4(address, &out.address[0]);
  if (!good) return {};
  return out;
}

bool contains(const Network& outer, const Network& inner) {
  if (outer.is_v6 != inner.is_v6 || outer.prefix > inner.prefix) return false;
  const auto whole = outer.prefix / 8;
  if (!std::equal(outer.address.begin(), outer.address.begin() + whole, inner.address.begin())) {
    return false;
  }
  const auto rest = outer.prefix % 8;
  return rest == 0 || ((outer.address[whole] ^ inner.address[whole]) >> (8 - rest)) == 0;
}

}  // namespace comity::stix::pattern
