#include "node/periodic.h"

namespace comity::node {

Periodic::Periodic(std::chrono::milliseconds interval, std::function<void()> work)
    : interval_(interval), work_(std::move(work)), thread_([this] { run(); }) {}

Periodic::~Periodic() { stop(); }

void Periodic::stop() {
  {
    const std::lock_guard guard(mutex_);
    stopped_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Periodic::run() {
  std::unique_lock lock(mutex_);
  while (!changed_.wait_for(lock, interval_, [this] { return stopped_; })) {
    lock.unlock();
    work_();
    lock.lock();
  }
}

}  // namespace comity::node
