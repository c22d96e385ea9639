// One lock for each party: so that only one thread at a time does a thing that concerns that party.
// Thread-safe. The locks live as long as the object; there are as many as parties were asked for.
#pragma once

#include <map>
#include <mutex>
#include <string>

namespace comity::exchange {

class PartyLocks {
 public:
  // Waits until nobody else holds the lock of this party.
  std::unique_lock<std::mutex> take(const std::string& party) {
    std::mutex* lock = nullptr;
    {
      const std::lock_guard guard(mutex_);
      lock = &locks_[party];
    }
    return std::unique_lock(*lock);
  }

 private:
  std::mutex mutex_;
  std::map<std::string, std::mutex> locks_;
};

}  // namespace comity::exchange
