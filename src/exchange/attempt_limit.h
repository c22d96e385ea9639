// How often somebody may try to be let in, and how much of the costly work for it is done at one
// time: by the pages (api/rate_limit.h) and by clients with a password (token_login.h). An attempt
// is counted as failed before it is made and taken back when it succeeds, so that attempts made at
// once do not pass a bound together.
//
// Thread-safe. Nothing here is kept over a restart.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace comity::exchange {

// Failures from one address (IPv4), or one /64 network (IPv6), in one window.
constexpr int address_failures_max = 20;
constexpr std::int64_t address_window_s = 900;
constexpr std::size_t addresses_max = 4096;  // that are remembered; then the oldest is forgotten

// Password functions at one time, and requests that wait for one of them.
struct WorkBounds {
  int working_max = 2, waiting_max = 8;
  std::chrono::milliseconds wait_max = std::chrono::seconds(10);
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
  explicit WorkGate(const WorkBounds& bounds = {}) : bounds_(bounds) {}
  // Waits for a place. Unavailable when too many wait, or for too long.
  Result<Pass> enter();

 private:
  const WorkBounds bounds_;
  std::mutex mutex_;
  std::condition_variable free_;
  int working_ = 0, waiting_ = 0;
};

}  // namespace comity::exchange
