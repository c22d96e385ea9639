// Requests that wait for a worker, in turn by who asks: each caller that has something waiting gets
// the next free worker once before any gets it twice, however much one of them asks at a time. What
// of one caller waits, and what of it is worked on at one time, has a bound.
//
// Thread-safe. The owner runs work() on one of its workers at least once after each push.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>

namespace comity::net {

class FairQueue {
 public:
  using Job = std::function<void()>;

  // Both bounds are of one caller, and at least one.
  FairQueue(std::size_t waiting_max, std::size_t running_max)
      : waiting_max_(waiting_max), running_max_(running_max) {}

  // False, and the job is dropped, when as much of this caller waits as may.
  bool push(const std::string& caller, Job job);
  // Does what may be done, until nothing is left that may. A job must not throw.
  void work();

  // What waits; for tests.
  std::size_t size() const;

 private:
  struct Taken {
    std::string caller;
    Job job;
  };
  struct Caller {
    std::deque<Job> waiting;
    std::size_t running = 0;
  };
  std::optional<Taken> take();
  void end(const std::string& caller);

  const std::size_t waiting_max_, running_max_;
  mutable std::mutex mutex_;
  std::map<std::string, Caller> callers_;  // with something that waits or runs
  std::deque<std::string> turns_;          // callers with something that waits, each once
};

}  // namespace comity::net
