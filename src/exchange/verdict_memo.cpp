#include "exchange/verdict_memo.h"

namespace comity::exchange {

bool VerdictMemo::is_of(const Law& law, const treaty::Stretch& stretch) const {
  return law_ == law && stretch_.from == stretch.from && stretch_.until == stretch.until;
}

treaty::VerdictKind VerdictMemo::kind(const Law& law, const treaty::Stretch& stretch,
                                      const std::string& from, const std::string& to,
                                      const RecordQuestion& question, Instant at) {
  {
    const std::lock_guard guard(mutex_);
    if (!is_of(law, stretch)) {
      law_ = law;
      stretch_ = stretch;
      kept_.clear();
      size_ = 0;
    }
    const auto of_party = kept_.find(to);
    if (of_party != kept_.end()) {
      const auto known = of_party->second.find(question);
      if (known != of_party->second.end()) return known->second;
    }
  }
  // Decided without the lock: whoever asks the same meanwhile finds the same.
  const auto kind = decide_record(*law, question, from, to, at).kind;
  const std::lock_guard guard(mutex_);
  if (!is_of(law, stretch)) return kind;
  if (size_ >= verdicts_kept_max) {
    kept_.clear();
    size_ = 0;
  }
  if (kept_[to].emplace(question, kind).second) ++size_;
  return kind;
}

std::size_t VerdictMemo::size() const {
  const std::lock_guard guard(mutex_);
  return size_;
}

}  // namespace comity::exchange
