// How often a sign-in may be tried: for each account, for each address, and how much of the costly
// work at one time. An attempt is counted as failed before it is made and taken back when it
// succeeds, so that attempts made at once do not pass a bound together.
//
// All are owned by Accounts and thread-safe. Nothing here is kept over a restart.
#pragma once

#include <array>
#include <chrono>
#include <condition_variable>
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

// Failures from one address (IPv4), or one /64 network (IPv6), in one window.
constexpr int address_failures_max = 20;
constexpr std::int64_t address_window_s = 900;
constexpr std::size_t addresses_max = 4096;  // that are remembered; then the oldest is forgotten

// Password functions at one time, and requests that wait for one of them.
constexpr int password_work_max = 2, password_waiting_max = 8;
constexpr std::chrono::seconds password_wait_max{10};

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

class AddressLimit {
 public:
  // Counts a failure; false, and nothing is counted, when the address has used up its window.
  bool begin(std::string_view address, Instant now);
  void succeeded(std::string_view address);

 private:
  struct Count {
    int failures = 0;
    Instant since;
  };
  void make_room(Instant now);

  std::mutex mutex_;
  std::map<std::string, Count> counts_;
};

// Bounds the memory and processor that passwords can take, whoever asks.
class WorkGate {
 public:
  class Pass {
   public:
    explicit Pass(WorkGate& gate) : gate_(&gate) {}
    Pass(Pass&& other) noexcept : gate_(other.gate_) { other.gate_ = nullptr; }
    Pass& operator=(Pass&&) = delete;
    ~Pass();

   private:
    WorkGate* gate_;
  };
  // Waits for a place. Unavailable when too many wait, or for too long.
  Result<Pass> enter();

 private:
  std::mutex mutex_;
  std::condition_variable free_;
  int working_ = 0, waiting_ = 0;
};

}  // namespace comity::api
