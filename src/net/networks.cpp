#include "net/networks.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace comity::net {
namespace {

constexpr int mapped_bits = 96;  // ::ffff:0:0/96 stands before every IPv4 address

bool is_mapped(const Address& address) {
  return std::all_of(address.begin(), address.begin() + 10, [](auto b) { return b == 0; }) &&
         address[10] == 0xff && address[11] == 0xff;
}

Address mapped(const std::uint8_t* four) {
  Address address{};
  address[10] = address[11] = 0xff;
  std::copy_n(four, 4, address.begin() + 12);
  return address;
}

struct NotPublic {
  const char* network;
  const char* name;
};

// The registries of RFC 6890 as far as they are not globally reachable.
constexpr NotPublic not_public[] = {
    {"0.0.0.0/8", "an unspecified"},    {"10.0.0.0/8", "a private"},
    {"100.64.0.0/10", "a private"},     {"127.0.0.0/8", "a loopback"},
    {"169.254.0.0/16", "a link-local"}, {"172.16.0.0/12", "a private"},
    {"192.0.0.0/24", "a reserved"},     {"192.168.0.0/16", "a private"},
    {"198.18.0.0/15", "a private"},     {"224.0.0.0/4", "a multicast"},
    {"240.0.0.0/4", "a reserved"},      {"::1", "a loopback"},
    {"::/96", "an unspecified"},        {"fc00::/7", "a private"},
    {"fe80::/10", "a link-local"},      {"fec0::/10", "a private"},
    {"ff00::/8", "a multicast"},        {"64:ff9b:1::/48", "a private"},
};

// The IPv4 address that the network would deliver to, when the IPv6 address is only its wrapping:
// NAT64 (RFC 6052) and 6to4 (RFC 3056).
std::optional<Address> wrapped_address(const Address& address) {
  constexpr std::array<std::uint8_t, 12> nat64 = {0x00, 0x64, 0xff, 0x9b};
  if (std::equal(nat64.begin(), nat64.end(), address.begin())) return mapped(&address[12]);
  if (address[0] == 0x20 && address[1] == 0x02) return mapped(&address[2]);
  return std::nullopt;
}

const char* kind_of(const Address& address) {
  static const auto table = [] {
    std::vector<std::pair<Network, const char*>> rows;
    for (const NotPublic& row : not_public) {
      auto network = parse_network(row.network);
      CHECK(network.has_value());
      rows.emplace_back(*network, row.name);
    }
    return rows;
  }();
  for (const auto& [network, name] : table) {
    if (contains(network, address)) return name;
  }
  return nullptr;
}

}  // namespace

Result<Address> parse_address(std::string_view text) {
  const std::string copy(text);
  // The system reads up to a NUL byte only.
  const bool whole = copy.find('\0') == std::string::npos;
  std::array<std::uint8_t, 16> bytes{};
  if (whole && inet_pton(AF_INET, copy.c_str(), bytes.data()) == 1) return mapped(bytes.data());
  if (whole && inet_pton(AF_INET6, copy.c_str(), bytes.data()) == 1) return bytes;
  return fail(ErrorKind::InvalidInput,
              fmt::format("\"{}\" is not a numeric IP address; expected a form like 192.0.2.7 or "
                          "2001:db8::7",
                          text));
}

std::string address_text(const Address& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const bool four = is_mapped(address);
  const void* bytes = four ? address.data() + 12 : address.data();
  CHECK(inet_ntop(four ? AF_INET : AF_INET6, bytes, text.data(), text.size()) != nullptr);
  return text.data();
}

std::optional<Address> address_of(const sockaddr* socket_address) {
  std::array<std::uint8_t, 16> bytes{};
  if (socket_address->sa_family == AF_INET) {
    sockaddr_in four{};
    std::memcpy(&four, socket_address, sizeof four);
    std::memcpy(bytes.data(), &four.sin_addr, 4);
    return mapped(bytes.data());
  }
  if (socket_address->sa_family == AF_INET6) {
    sockaddr_in6 six{};
    std::memcpy(&six, socket_address, sizeof six);
    std::memcpy(bytes.data(), &six.sin6_addr, 16);
    return bytes;
  }
  return std::nullopt;
}

Result<Network> parse_network(std::string_view text) {
  const std::size_t slash = std::min(text.find('/'), text.size());
  TRY(const Address address, parse_address(text.substr(0, slash)));
  const bool four = text.substr(0, slash).find(':') == std::string_view::npos;
  int bits = four ? 32 : 128;
  if (slash < text.size()) {
    const std::string_view digits = text.substr(slash + 1);
    const int bits_max = bits;
    const auto end = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
    if (end.ec != std::errc() || end.ptr != digits.data() + digits.size() || bits < 0 ||
        bits > bits_max) {
      return fail(ErrorKind::InvalidInput,
                  fmt::format("\"{}\" is not a network; expected a number from 0 to {} after the "
                              "slash",
                              text, bits_max));
    }
  }
  const Network network{address, four ? bits + mapped_bits : bits};
  for (int bit = network.prefix_bits; bit < 128; ++bit) {
    if (address[static_cast<std::size_t>(bit / 8)] & (0x80 >> (bit % 8))) {
      return fail(ErrorKind::InvalidInput,
                  fmt::format("\"{}\" has bits behind its prefix; write the first address of the "
                              "network, or the single address without a slash",
                              text));
    }
  }
  return network;
}

Result<std::vector<Network>> parse_networks(const std::vector<std::string>& texts) {
  std::vector<Network> networks;
  for (const std::string& text : texts) {
    TRY(const Network network, parse_network(text));
    networks.push_back(network);
  }
  return networks;
}

bool contains(const Network& network, const Address& address) {
  // Whoever writes ::/0 means IPv6; the mapped form of IPv4 is our own way of storing it.
  if (is_mapped(address) && network.prefix_bits < mapped_bits) return false;
  const auto whole = static_cast<std::size_t>(network.prefix_bits / 8);
  if (!std::equal(address.begin(), address.begin() + network.prefix_bits / 8,
                  network.address.begin())) {
    return false;
  }
  const int rest = network.prefix_bits % 8;
  if (rest == 0) return true;
  const int mask = 0xff & (0xff << (8 - rest));
  return (address[whole] & mask) == (network.address[whole] & mask);
}

std::string subscriber_of(std::string_view address) {
  constexpr std::size_t network_bytes = 8;
  const auto parsed = parse_address(address);
  if (!parsed) return std::string(address);
  return {reinterpret_cast<const char*>(parsed->data()),
          is_mapped(*parsed) ? parsed->size() : network_bytes};
}

bool is_loopback(const Address& address) {
  if (is_mapped(address)) return address[12] == 127;
  return address[15] == 1 && std::all_of(address.begin(), address.end() - 1,
                                         [](std::uint8_t byte) { return byte == 0; });
}

Status check_callable(const Address& address, const std::vector<Network>& allowed) {
  const auto is_listed = [&](const Address& one) {
    return std::any_of(allowed.begin(), allowed.end(),
                       [&](const Network& network) { return contains(network, one); });
  };
  if (is_listed(address)) return {};
  const Address target = wrapped_address(address).value_or(address);
  const char* kind = kind_of(target);
  if (kind == nullptr || is_listed(target)) return {};
  return fail(ErrorKind::NotPermitted,
              fmt::format("{} is {} address; list its network among the allowed networks if this "
                          "node may call it",
                          address_text(address), kind));
}

}  // namespace comity::net
