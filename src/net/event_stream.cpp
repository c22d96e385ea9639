#include "net/event_stream.h"

#include <utility>

namespace comity::net {

bool EventStream::send(std::string_view events) {
  std::unique_lock lock(mutex_);
  if (ended_) return false;
  const bool fits = events.size() <= bytes_max_ - waiting_.size();
  if (fits) {
    waiting_ += events;
  } else {
    ended_ = true;
    waiting_ = std::string();  // half of what happened would look like all of it
  }
  wake_up(std::move(lock));
  return fits;
}

void EventStream::end() {
  std::unique_lock lock(mutex_);
  if (std::exchange(ended_, true)) return;
  wake_up(std::move(lock));
}

bool EventStream::ended() const {
  const std::lock_guard lock(mutex_);
  return ended_;
}

void EventStream::attach(std::function<void()> wake) {
  const std::lock_guard lock(mutex_);
  wake_ = std::move(wake);
}

EventStream::Taken EventStream::take() {
  const std::lock_guard lock(mutex_);
  return {std::exchange(waiting_, std::string()), ended_};
}

void EventStream::wake_up(std::unique_lock<std::mutex> lock) {
  const auto wake = wake_;
  lock.unlock();
  if (wake) wake();
}

}  // namespace comity::net
