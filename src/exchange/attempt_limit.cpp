#include "exchange/attempt_limit.h"

#include <algorithm>

#include "net/networks.h"

namespace comity::exchange {
namespace {

bool is_over(Instant since, Instant now) {
  return now.micros >= since.micros + address_window_s * 1'000'000;
}

}  // namespace

void AddressLimit::make_room(Instant now) {
  std::erase_if(counts_, [&](const auto& item) { return is_over(item.second.since, now); });
  if (counts_.size() < addresses_max) return;
  counts_.erase(std::min_element(counts_.begin(), counts_.end(), [](const auto& a, const auto& b) {
    return a.second.since < b.second.since;
  }));
}

bool AddressLimit::begin(std::string_view address, Instant now) {
  const auto key = net::subscriber_of(address);
  const std::lock_guard guard(mutex_);
  auto found = counts_.find(key);
  if (found == counts_.end()) {
    if (counts_.size() >= addresses_max) make_room(now);
    found = counts_.emplace(key, Count{0, now}).first;
  }
  auto& count = found->second;
  if (is_over(count.since, now)) count = {0, now};
  if (count.failures >= address_failures_max) return false;
  ++count.failures;
  return true;
}

void AddressLimit::succeeded(std::string_view address) {
  const std::lock_guard guard(mutex_);
  const auto found = counts_.find(net::subscriber_of(address));
  if (found != counts_.end() && found->second.failures > 0) --found->second.failures;
}

WorkGate::Pass::~Pass() {
  if (gate_ == nullptr) return;
  {
    const std::lock_guard guard(gate_->mutex_);
    --gate_->working_;
  }
  gate_->free_.notify_one();
}

Result<WorkGate::Pass> WorkGate::enter() {
  std::unique_lock guard(mutex_);
  if (working_ >= bounds_.working_max) {
    if (waiting_ >= bounds_.waiting_max) {
      return fail(ErrorKind::Unavailable, "too many sign in at this moment; try again soon");
    }
    ++waiting_;
    const bool free =
        free_.wait_for(guard, bounds_.wait_max, [this] { return working_ < bounds_.working_max; });
    --waiting_;
    if (!free) {
      return fail(ErrorKind::Unavailable, "too many sign in at this moment; try again soon");
    }
  }
  ++working_;
  return Pass(*this);
}

}  // namespace comity::exchange
