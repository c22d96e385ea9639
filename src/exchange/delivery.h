// Delivery: sends disclosures that have no receipt yet, in their order, and keeps the receipts.
// Called by release and by the courier only. Each disclosure is decided again before it is sent.
// Thread-safe: one delivery to a party at a time, the next waits.
#pragma once

#include <string>
#include <vector>

#include "exchange/release.h"

namespace comity::exchange {

// The outcome of every disclosure to `party` that had no receipt. The first failure ends the
// attempt: numbers go in order.
Result<std::vector<Sent>> deliver(Node& node, const std::string& party);

// Whether the last disclosure to a party waits for its receipt. They come in order, so when the
// last one has it, all have.
Result<bool> anything_pending(store::Snapshot& snapshot, const std::string& party);

// Whether a disclosure that was sent, or its withdrawal, has its receipt.
Result<bool> is_answered(store::Snapshot& snapshot, const std::string& disclosure);

}  // namespace comity::exchange
