// Pairing with another party's node: invitations out and in, and the digits that two officers
// compare.
#pragma once

#include <string>
#include <vector>

#include "exchange/node.h"

namespace comity::exchange {

constexpr std::size_t invitation_bytes_max = 64 * 1024;

// This node's invitation for `party`, to be handed over. The same until an endpoint or key changes.
Result<std::string> invite(Node& node, const std::string& party, const std::string& endpoint);

struct Pairing {
  std::string party, endpoint;
  std::vector<std::string> digits;  // eight groups of five
  bool confirmed = false;
};

// Takes in the other side's invitation. With `confirmed` false only the digits are worked out and
// nothing is stored: both officers compare them by another channel, then pair again with
// `confirmed` true.
Result<Pairing> pair(Node& node, const std::string& invitation, bool confirmed);

}  // namespace comity::exchange
