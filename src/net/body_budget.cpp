#include "net/body_budget.h"

#include <algorithm>
#include <utility>

namespace comity::net {

BodyBudget::Share::~Share() { budget_.leave(*this); }

bool BodyBudget::Share::granted() const {
  const std::lock_guard guard(budget_.mutex_);
  return granted_;
}

std::unique_ptr<BodyBudget::Share> BodyBudget::enter(const std::string& caller, std::size_t bytes,
                                                     Granted granted) {
  std::vector<Granted> calls;
  std::unique_ptr<Share> share;
  {
    const std::lock_guard guard(mutex_);
    if (bytes > bounds_.bytes_of_caller_max) return nullptr;
    auto& of_caller = callers_[caller];
    if (of_caller.waiting.size() >= bounds_.waiting_of_caller_max) return nullptr;
    // Who holds or waits for nothing would not be found here again.
    share.reset(new Share(*this, caller, std::max<std::size_t>(1, bytes), nullptr));
    of_caller.waiting.push_back(share.get());
    ++waiting_;
    if (of_caller.waiting.size() == 1) turns_.push_back(caller);
    calls = hand_out();
    // Only what has to wait is told later.
    if (!share->granted_) share->call_ = std::move(granted);
  }
  for (const auto& call : calls) call();
  return share;
}

// Grants what may be granted; what is to be called afterwards, without the lock.
std::vector<BodyBudget::Granted> BodyBudget::hand_out() {
  std::vector<Granted> calls;
  while (grant_next(calls)) {
  }
  return calls;
}

// Grants to the first whose turn it is, unless that one has to wait for others.
bool BodyBudget::grant_next(std::vector<Granted>& calls) {
  for (auto turn = turns_.begin(); turn != turns_.end(); ++turn) {
    auto& of_caller = callers_[*turn];
    auto* share = of_caller.waiting.front();
    // It waits for what it holds itself.
    if (of_caller.held + share->bytes_ > bounds_.bytes_of_caller_max) continue;
    if (held_ + share->bytes_ > bounds_.bytes_max) return false;
    held_ += share->bytes_;
    of_caller.held += share->bytes_;
    of_caller.waiting.pop_front();
    --waiting_;
    share->granted_ = true;
    if (share->call_) calls.push_back(std::exchange(share->call_, nullptr));
    if (!of_caller.waiting.empty()) turns_.push_back(*turn);
    turns_.erase(turn);
    return true;
  }
  return false;
}

void BodyBudget::leave(Share& share) {
  std::vector<Granted> calls;
  {
    const std::lock_guard guard(mutex_);
    const auto found = callers_.find(share.caller_);
    auto& of_caller = found->second;
    if (share.granted_) {
      held_ -= share.bytes_;
      of_caller.held -= share.bytes_;
    } else {
      auto& waiting = of_caller.waiting;
      waiting.erase(std::find(waiting.begin(), waiting.end(), &share));
      --waiting_;
      if (waiting.empty()) turns_.remove(share.caller_);
    }
    if (of_caller.held == 0 && of_caller.waiting.empty()) callers_.erase(found);
    calls = hand_out();
  }
  for (const auto& call : calls) call();
}

std::size_t BodyBudget::bytes_held() const {
  const std::lock_guard guard(mutex_);
  return held_;
}

std::size_t BodyBudget::waiting() const {
  const std::lock_guard guard(mutex_);
  return waiting_;
}

}  // namespace comity::net
