// IP addresses and networks, and the rule about which of them this node may call: an address that a
// peer or a feed named must not lead back into our own network (server-side request forgery).
// Everything is pure and safe to call from any thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

struct sockaddr;

namespace comity::net {

// An IPv6 address, or an IPv4 address mapped into IPv6 (RFC 4291 section 2.5.5.2), so that one
// comparison serves both.
using Address = std::array<std::uint8_t, 16>;

struct Network {
  Address address{};
  int prefix_bits = 128;  // of the 128; an IPv4 /8 has 104
};

Result<Address> parse_address(std::string_view text);
std::string address_text(const Address& address);

// Nothing for another family than IPv4 and IPv6.
std::optional<Address> address_of(const sockaddr* socket_address);

// "10.0.0.0/8", "fd00::/8", or one address. Bits behind the prefix must be zero, because they show
// that something else was meant.
Result<Network> parse_network(std::string_view text);
Result<std::vector<Network>> parse_networks(const std::vector<std::string>& texts);
bool contains(const Network& network, const Address& address);

// By what an address is told apart where something is counted or shared out: itself, or of IPv6 its
// /64 network, which is what one subscriber has at least. A text that is no address: itself.
std::string subscriber_of(std::string_view address);

// 127.0.0.0/8 and ::1.
bool is_loopback(const Address& address);

// NotPermitted for an address that is not of the public Internet (loopback, link-local, private,
// multicast, reserved; also inside the forms that carry an IPv4 address) unless `allowed` lists it.
Status check_callable(const Address& address, const std::vector<Network>& allowed);

}  // namespace comity::net
