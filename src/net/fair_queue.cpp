#include "net/fair_queue.h"

#include <utility>

namespace comity::net {

bool FairQueue::push(const std::string& caller, Job job) {
  const std::lock_guard guard(mutex_);
  auto& of_caller = callers_[caller];
  if (of_caller.waiting.size() >= waiting_max_) return false;
  of_caller.waiting.push_back(std::move(job));
  if (of_caller.waiting.size() == 1) turns_.push_back(caller);
  return true;
}

// The first whose turn it is and who may have another one worked on.
std::optional<FairQueue::Taken> FairQueue::take() {
  const std::lock_guard guard(mutex_);
  for (auto left = turns_.size(); left > 0; --left) {
    auto caller = std::move(turns_.front());
    turns_.pop_front();
    auto& of_caller = callers_[caller];
    if (of_caller.running >= running_max_) {
      turns_.push_back(std::move(caller));
      continue;
    }
    Taken out{caller, std::move(of_caller.waiting.front())};
    of_caller.waiting.pop_front();
    ++of_caller.running;
    if (!of_caller.waiting.empty()) turns_.push_back(std::move(caller));
    return out;
  }
  return std::nullopt;
}

void FairQueue::end(const std::string& caller) {
  const std::lock_guard guard(mutex_);
  const auto found = callers_.find(caller);
  --found->second.running;
  if (found->second.running == 0 && found->second.waiting.empty()) callers_.erase(found);
}

// Whoever ends a job looks for the next one, so what could not be worked on before is not
// forgotten.
void FairQueue::work() {
  while (auto taken = take()) {
    taken->job();
    taken->job = nullptr;  // what it holds ends before its place is free
    end(taken->caller);
  }
}

std::size_t FairQueue::size() const {
  const std::lock_guard guard(mutex_);
  std::size_t out = 0;
  for (const auto& [name, caller] : callers_) out += caller.waiting.size();
  return out;
}

}  // namespace comity::net
