#include "api/rate_limit.h"

#include <algorithm>

#include "base/bytes.h"
#include "net/networks.h"

namespace comity::api {
namespace {

constexpr std::size_t network_bytes = 8;  // of an IPv6 address: what one subscriber has at least

Instant after(Instant at, std::int64_t seconds) { return {at.micros + seconds * 1'000'000}; }

// What is counted together: an IPv4 address, the /64 network of an IPv6 one.
std::string counted_as(std::string_view address) {
  const auto parsed = net::parse_address(address);
  if (!parsed) return std::string(address);
  constexpr net::Address mapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
  const bool is_ipv4 = std::equal(mapped.begin(), mapped.begin() + 12, parsed->begin());
  return {reinterpret_cast<const char*>(parsed->data()), is_ipv4 ? parsed->size() : network_bytes};
}

// How long the next attempt waits after so many failures in a row.
std::int64_t wait_s(int failures) {
  if (failures < account_failures_max) return 0;
  auto out = account_wait_s_min;
  for (int i = account_failures_max; i < failures && out < account_wait_s_max; ++i) out *= 2;
  return std::min(out, account_wait_s_max);
}

}  // namespace

AccountLimit::Count& AccountLimit::count_of(std::string_view account, bool known) {
  if (known) return known_[std::string(account)];
  const auto mark = hmac_sha256(key_, account);
  return unknown_[(mark[0] * std::size_t{256} + mark[1]) % unknown_counts];
}

bool AccountLimit::begin(std::string_view account, bool known, Instant now) {
  const std::lock_guard guard(mutex_);
  auto& count = count_of(account, known);
  if (now < count.until) return false;
  if (now >= after(count.last, account_forget_s)) count.failures = 0;
  ++count.failures;
  count.last = now;
  count.until = after(now, wait_s(count.failures));
  return true;
}

void AccountLimit::succeeded(std::string_view account) {
  const std::lock_guard guard(mutex_);
  known_.erase(std::string(account));
}

bool AccountLimit::waits(std::string_view account, Instant now) const {
  const std::lock_guard guard(mutex_);
  const auto found = known_.find(account);
  return found != known_.end() && now < found->second.until;
}

int AccountLimit::failures(std::string_view account) const {
  const std::lock_guard guard(mutex_);
  const auto found = known_.find(account);
  return found == known_.end() ? 0 : found->second.failures;
}

void AddressLimit::make_room(Instant now) {
  std::erase_if(
      counts_, [&](const auto& item) { return now >= after(item.second.since, address_window_s); });
  if (counts_.size() < addresses_max) return;
  counts_.erase(std::min_element(counts_.begin(), counts_.end(), [](const auto& a, const auto& b) {
    return a.second.since < b.second.since;
  }));
}

bool AddressLimit::begin(std::string_view address, Instant now) {
  const auto key = counted_as(address);
  const std::lock_guard guard(mutex_);
  auto found = counts_.find(key);
  if (found == counts_.end()) {
    if (counts_.size() >= addresses_max) make_room(now);
    found = counts_.emplace(key, Count{0, now}).first;
  }
  auto& count = found->second;
  if (now >= after(count.since, address_window_s)) count = {0, now};
  if (count.failures >= address_failures_max) return false;
  ++count.failures;
  return true;
}

void AddressLimit::succeeded(std::string_view address) {
  const std::lock_guard guard(mutex_);
  const auto found = counts_.find(counted_as(address));
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
  if (working_ >= password_work_max) {
    if (waiting_ >= password_waiting_max) {
      return fail(ErrorKind::Unavailable, "too many sign in at this moment; try again soon");
    }
    ++waiting_;
    const bool free =
        free_.wait_for(guard, password_wait_max, [this] { return working_ < password_work_max; });
    --waiting_;
    if (!free) {
      return fail(ErrorKind::Unavailable, "too many sign in at this moment; try again soon");
    }
  }
  ++working_;
  return Pass(*this);
}

}  // namespace comity::api
