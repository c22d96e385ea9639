// The bytes of request bodies that a server holds at one time, over all its connections: from
// before a body is received until its request has been answered. What does not fit waits for its
// turn: callers that wait come one after the other, and who waits longest is not passed by who asks
// for less. What one caller holds has a bound of its own, beyond which it waits without keeping
// others waiting.
//
// Thread-safe. The budget outlives its shares.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace comity::net {

class BodyBudget {
 public:
  struct Bounds {
    std::size_t bytes_max = 0;            // of all bodies together
    std::size_t bytes_of_caller_max = 0;  // of those of one caller; not more than all
    // Shares of one caller that wait; at least one. All together are bounded by the connections.
    std::size_t waiting_of_caller_max = 1;
  };
  using Granted = std::function<void()>;

  // The bytes of one body, given back when it is destroyed; until it is granted it waits.
  class Share {
   public:
    ~Share();
    Share(const Share&) = delete;
    Share& operator=(const Share&) = delete;
    bool granted() const;

   private:
    friend class BodyBudget;
    Share(BodyBudget& budget, std::string caller, std::size_t bytes, Granted call)
        : budget_(budget), caller_(std::move(caller)), bytes_(bytes), call_(std::move(call)) {}

    BodyBudget& budget_;
    const std::string caller_;
    const std::size_t bytes_;
    Granted call_;
    bool granted_ = false;
  };

  explicit BodyBudget(const Bounds& bounds) : bounds_(bounds) {}

  // A share that is granted already, or waits: then `granted` is called once, on the thread that
  // made room, possibly when the share is gone already. Null when as many of this caller wait as
  // may, and for more bytes than one caller may hold.
  std::unique_ptr<Share> enter(const std::string& caller, std::size_t bytes, Granted granted);

  // What is granted, and how many wait; for tests.
  std::size_t bytes_held() const;
  std::size_t waiting() const;

 private:
  struct Caller {
    std::size_t held = 0;
    std::deque<Share*> waiting{};
  };
  std::vector<Granted> hand_out();
  bool grant_next(std::vector<Granted>& calls);
  void leave(Share& share);

  const Bounds bounds_;
  mutable std::mutex mutex_;
  std::size_t held_ = 0, waiting_ = 0;
  std::map<std::string, Caller> callers_;  // that hold something or wait
  std::list<std::string> turns_;           // callers that wait, each once
};

}  // namespace comity::net
