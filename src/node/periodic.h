// A thread that does one thing again and again until it is stopped. The owner may be any thread.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace comity::node {

class Periodic {
 public:
  // `work` runs on a thread of this object's own, first after one interval and then with an
  // interval between the end of one run and the start of the next. It must not throw, nor stop
  // this object.
  Periodic(std::chrono::milliseconds interval, std::function<void()> work);
  ~Periodic();
  Periodic(const Periodic&) = delete;
  Periodic& operator=(const Periodic&) = delete;

  // Waits for a run that is under way; afterwards none begins. May be called again.
  void stop();

 private:
  void run();

  std::chrono::milliseconds interval_;
  std::function<void()> work_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopped_ = false;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace comity::node
