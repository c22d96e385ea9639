// How often a sign-in may be tried at each account. How often from an address, and how much of the
// costly work is done at one time, is in exchange/attempt_limit.h. An attempt is counted as failed
// before it is made and taken back when it succeeds, so that attempts made at once do not pass a
// bound together.
//
// Owned by Accounts and thread-safe. Nothing here is kept over a restart.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "base/world.h"

namespace comity::api {

// Failures in a row at one account after which each further attempt waits: 30 s, 60 s … 900 s.
constexpr int account_failures_max = 5;
constexpr std::int64_t account_wait_s_min = 30, account_wait_s_max = 900;
// After so long without a failure those of before are forgotten.
constexpr std::int64_t account_forget_s = 86'400;
// Names that are no account share so many counts, because anybody can invent names.
constexpr std::size_t unknown_counts = 4096;

// A name gets the same answers whether or not there is such an account.
class AccountLimit {
 public:
  explicit AccountLimit(Random& random) : key_(random.bytes(32)) {}

  // Counts a failure; false, and nothing is counted, when the account has to wait still.
  bool begin(std::string_view account, bool known, Instant now);
  // The attempt succeeded: its failures are forgotten.
  void succeeded(std::string_view account);
  bool waits(std::string_view account, Instant now) const;
  // Failures in a row of an account that is known.
  int failures(std::string_view account) const;

 private:
  struct Count {
    int failures = 0;
    Instant last, until;
  };
  Count& count_of(std::string_view account, bool known);

  const std::string key_;  // nobody can choose names that share a count
  mutable std::mutex mutex_;
  std::map<std::string, Count, std::less<>> known_;
  std::array<Count, unknown_counts> unknown_{};
};

}  // namespace comity::api
