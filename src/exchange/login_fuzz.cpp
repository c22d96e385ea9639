// The first line as the address of a client, the second as a network, the rest as an Authorization
// field. What is read from Basic says the same when it is written again, and a token is used from
// exactly the addresses of its networks.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "exchange/token.h"
#include "net/networks.h"

using namespace comity;

namespace {

std::string_view take_line(std::string_view& rest) {
  const auto line = rest.substr(0, rest.find('\n'));
  rest.remove_prefix(line.size() < rest.size() ? line.size() + 1 : line.size());
  return line;
}

void check_login(std::string_view field) {
  const auto read = exchange::read_authorization(field);
  if (!read) return;
  CHECK(field.size() <= 512 && read->name.size() + read->secret.size() < field.size());
  CHECK(read->name.find(':') == std::string::npos);
  if (read->name.empty()) {
    const auto again = exchange::read_authorization("Bearer " + read->secret);
    CHECK(again.has_value() && again->name.empty() && again->secret == read->secret);
    return;
  }
  const auto again =
      exchange::read_authorization("bAsIc   " + base64(read->name + ":" + read->secret) + " ");
  // Written with more blanks than it came with, it may be longer than what is read.
  CHECK(!again || (again->name == read->name && again->secret == read->secret));
}

void check_networks(std::string_view address, std::string_view network) {
  exchange::Token token;
  CHECK(exchange::may_be_used_from(token, address));
  CHECK(!net::subscriber_of(address).empty() || address.empty());
  const auto parsed = net::parse_network(network);
  if (!parsed) return;
  token.networks = {std::string(network)};
  const auto from = net::parse_address(address);
  const bool inside = from && net::contains(*parsed, *from);
  CHECK(exchange::may_be_used_from(token, address) == inside);
  if (from) CHECK(net::parse_address(net::address_text(*from)).value() == *from);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  const auto address = take_line(rest);
  const auto network = take_line(rest);
  check_networks(address, network);
  check_login(rest);
  return 0;
}
