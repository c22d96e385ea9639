#include "exchange/receipt_counts.h"

#include <algorithm>
#include <map>
#include <mutex>

namespace comity::exchange {
namespace {

// By the digest of the receipt. What the keys are is no part of it: whose signature counted once
// counts for what is kept.
class Known {
 public:
  std::optional<ReceiptCounts> find(const Digest& receipt) {
    const std::lock_guard lock(mutex_);
    const auto at = counts_.find(receipt);
    return at == counts_.end() ? std::nullopt : std::optional(at->second);
  }

  void keep(const Digest& receipt, const ReceiptCounts& counts) {
    std::size_t bytes = sizeof(Digest) + sizeof(ReceiptCounts) + node_bytes;
    for (const auto& reason : counts.reasons) bytes += sizeof(std::string) + reason.capacity();
    const std::lock_guard lock(mutex_);
    if (bytes_ + bytes > receipt_counts_bytes_max) {
      counts_.clear();
      bytes_ = 0;
    }
    if (bytes <= receipt_counts_bytes_max && counts_.emplace(receipt, counts).second) {
      bytes_ += bytes;
    }
  }

  std::size_t bytes() {
    const std::lock_guard lock(mutex_);
    return bytes_;
  }

 private:
  static constexpr std::size_t node_bytes = 64;  // what an entry of a map takes beside it

  std::mutex mutex_;
  std::map<Digest, ReceiptCounts> counts_;
  std::size_t bytes_ = 0;
};

Known& known() {
  static Known all;
  return all;
}

}  // namespace

ReceiptCounts counts_of(const Receipt& receipt) {
  ReceiptCounts out;
  for (const auto& fate : receipt.results) {
    ++(fate.result == "accepted"      ? out.accepted
       : fate.result == "quarantined" ? out.quarantined
                                      : out.rejected);
    if (!fate.reason.empty() &&
        std::find(out.reasons.begin(), out.reasons.end(), fate.reason) == out.reasons.end()) {
      out.reasons.push_back(fate.reason);
    }
  }
  return out;
}

Result<ReceiptCounts> receipt_counts(const store::ProtocolObject& row, const Signers& signers) {
  // Not the digest that the row states: another text under it would be taken for this one.
  const auto digest = sha256(row.bytes);
  if (auto counts = known().find(digest)) return *std::move(counts);
  TRY(const auto receipt, open_by(signers, row.bytes, open_receipt));
  auto out = counts_of(receipt);
  known().keep(digest, out);
  return out;
}

std::size_t receipt_counts_bytes() { return known().bytes(); }

}  // namespace comity::exchange
