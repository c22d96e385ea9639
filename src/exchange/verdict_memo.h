// Verdicts of one node about what may be shown, kept from page to page and for all callers. A
// verdict depends on the register, the instant and the question alone, and consents and recalls are
// in the question; so it holds as long as the law is the same one and the instant lies in the same
// stretch (treaty::Stretch). What changes otherwise is another question. Thread-safe.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "exchange/decision.h"

namespace comity::exchange {

// When more are known, all are forgotten: it bounds memory, and few questions differ.
constexpr std::size_t verdicts_kept_max = 16'384;

class VerdictMemo {
 public:
  using Law = std::shared_ptr<const treaty::CompiledRegister>;

  // `from` is the same at every call; `stretch` is that of the law around `at`.
  treaty::VerdictKind kind(const Law& law, const treaty::Stretch& stretch, const std::string& from,
                           const std::string& to, const RecordQuestion& question, Instant at);

  std::size_t size() const;

 private:
  bool is_of(const Law& law, const treaty::Stretch& stretch) const;

  mutable std::mutex mutex_;  // guards what follows
  Law law_;
  treaty::Stretch stretch_{};
  std::map<std::string, std::map<RecordQuestion, treaty::VerdictKind>> kept_;  // by recipient
  std::size_t size_ = 0;
};

}  // namespace comity::exchange
