// Delivery: sends disclosures that have no receipt yet, in their order, and keeps the receipts.
// Called by release only. Each disclosure is decided again before it is sent.
#pragma once

#include <string>
#include <vector>

#include "exchange/release.h"

namespace comity::exchange {

// The outcome of every disclosure to `party` that had no receipt. The first failure ends the
// attempt: numbers go in order.
Result<std::vector<Sent>> deliver(Node& node, const std::string& party);

}  // namespace comity::exchange
