#include "api/rate_limit.h"

#include <algorithm>

#include "base/bytes.h"

namespace comity::api {
namespace {

Instant after(Instant at, std::int64_t seconds) { return {at.micros + seconds * 1'000'000}; }

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

}  // namespace comity::api
