// IPv4 and IPv6 addresses and CIDR blocks, as ISSUBSET and ISSUPERSET compare them (STIX 2.1,
// section 9.6; RFC 4632, RFC 4291). Values; any thread may use them.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace comity::stix::pattern {

// An address alone is a block of itself.
struct Network {
  bool is_v6 = false;
  std::array<std::uint8_t, 16> address{};  // of IPv4 the first four
  unsigned prefix = 0;                     // bits, from 0 to 32 or 128
};

// "198.51.100.7", "198.51.100.0/24", "2001:db8::1", "2001:db8::/32". Bits behind the prefix may be
// set and do not count. Nothing for any other text: no zeros before a number, no zone, no spaces.
std::optional<Network> read_network(std::string_view text);

// Whether every address of `inner` is one of `outer`. Families do not mix.
bool contains(const Network& outer, const Network& inner);

}  // namespace comity::stix::pattern
