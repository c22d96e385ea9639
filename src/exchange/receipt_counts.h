// What a receipt says in sum: how many records were taken, and why others were not. Lists show it
// of many receipts at once, and a kept receipt never changes, so it is worked out once for each.
// Any thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "exchange/protocol.h"
#include "exchange/signers.h"
#include "store/store.h"

namespace comity::exchange {

// Kept in memory, of all nodes of the process together; then it begins anew.
constexpr std::size_t receipt_counts_bytes_max = std::size_t{4} * 1024 * 1024;

struct ReceiptCounts {
  std::int64_t accepted = 0, quarantined = 0, rejected = 0;
  std::vector<std::string> reasons;  // of what was quarantined or rejected, each once

  std::int64_t records() const { return accepted + quarantined + rejected; }
  bool operator==(const ReceiptCounts&) const = default;
};

ReceiptCounts counts_of(const Receipt& receipt);
// Of a receipt as it is kept; it is opened with these keys when it is first asked for.
Result<ReceiptCounts> receipt_counts(const store::ProtocolObject& row, const Signers& signers);
// How many bytes are kept at this moment.
std::size_t receipt_counts_bytes();

}  // namespace comity::exchange
