#include "net/connection_registry.h"

#include <utility>
#include <vector>

#include "net/limits.h"

namespace comity::net {

bool ConnectionRegistry::add(const std::shared_ptr<OpenConnection>& connection,
                             const std::string& subscriber, std::size_t connections_max) {
  const std::lock_guard lock(mutex_);
  if (stopping_ || connections_.size() - ending_ >= connections_max) return false;
  const auto of = subscribers_.try_emplace(subscriber).first;
  ++of->second.connections;
  of->second.waiting.emplace(++turn_, connection.get());
  connections_.emplace(connection.get(), Entry{connection, of, turn_, false});
  return true;
}

void ConnectionRegistry::remove(const OpenConnection* connection) {
  const std::lock_guard lock(mutex_);
  const auto found = connections_.find(connection);
  if (found == connections_.end()) return;  // it was not let in
  auto& entry = found->second;
  stop_waiting(entry);
  if (entry.ending) {
    --entry.subscriber->second.ending;
    --ending_;
  }
  if (--entry.subscriber->second.connections == 0) subscribers_.erase(entry.subscriber);
  connections_.erase(found);
  changed_.notify_all();
}

void ConnectionRegistry::stop_waiting(Entry& entry) {
  if (entry.turn == 0) return;
  entry.subscriber->second.waiting.erase(entry.turn);
  entry.turn = 0;
}

void ConnectionRegistry::waits(const OpenConnection* connection) {
  const std::lock_guard lock(mutex_);
  const auto found = connections_.find(connection);
  if (found == connections_.end() || found->second.ending) return;
  stop_waiting(found->second);
  found->second.turn = ++turn_;
  found->second.subscriber->second.waiting.emplace(turn_, connection);
}

void ConnectionRegistry::stays(const OpenConnection* connection) {
  const std::lock_guard lock(mutex_);
  const auto found = connections_.find(connection);
  if (found == connections_.end() || !found->second.ending) return;
  found->second.ending = false;
  --found->second.subscriber->second.ending;
  --ending_;
}

// Who has most connections, of those that have one that waits; of several the one whose connection
// waits for longest.
ConnectionRegistry::Subscribers::iterator ConnectionRegistry::whose_turn_to_end() {
  const auto rank = [](const Subscriber& one) {
    return std::pair(one.connections - one.ending, ~one.waiting.begin()->first);
  };
  auto out = subscribers_.end();
  for (auto at = subscribers_.begin(); at != subscribers_.end(); ++at) {
    if (at->second.waiting.empty()) continue;
    if (out == subscribers_.end() || rank(at->second) > rank(out->second)) out = at;
  }
  return out;
}

ConnectionRegistry::Room ConnectionRegistry::make_room(std::size_t connections_max, bool needed) {
  std::shared_ptr<OpenConnection> ends;
  {
    const std::lock_guard lock(mutex_);
    if (!needed && connections_.size() - ending_ < connections_max) return Room::Free;
    if (ending_ >= limits::connections_ending_max) return Room::Later;
    const auto subscriber = whose_turn_to_end();
    if (subscriber == subscribers_.end()) return Room::Nowhere;
    auto& entry = connections_.at(subscriber->second.waiting.begin()->second);
    stop_waiting(entry);
    entry.ending = true;
    ++subscriber->second.ending;
    ++ending_;
    ends = entry.connection.lock();
  }
  // Without the lock: the last owner of a connection runs `remove`, which takes it.
  if (ends) ends->request_room();
  return Room::Free;
}

bool ConnectionRegistry::begin_request(const OpenConnection* connection) {
  const std::lock_guard lock(mutex_);
  if (stopping_) return false;
  if (const auto found = connections_.find(connection); found != connections_.end()) {
    stop_waiting(found->second);
  }
  ++requests_;
  return true;
}

void ConnectionRegistry::end_request() {
  const std::lock_guard lock(mutex_);
  --requests_;
  changed_.notify_all();
}

bool ConnectionRegistry::begin_stream(std::size_t streams_max) {
  const std::lock_guard lock(mutex_);
  if (stopping_ || streams_ >= streams_max) return false;
  ++streams_;
  return true;
}

void ConnectionRegistry::end_stream() {
  const std::lock_guard lock(mutex_);
  --streams_;
}

bool ConnectionRegistry::stopping() const {
  const std::lock_guard lock(mutex_);
  return stopping_;
}

void ConnectionRegistry::request_stop_of_all(bool at_once) {
  std::vector<std::shared_ptr<OpenConnection>> open;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    for (const auto& [key, entry] : connections_) {
      if (auto connection = entry.connection.lock()) open.push_back(std::move(connection));
    }
  }
  // Without the lock: the last owner of a connection runs `remove`, which takes it.
  for (const auto& connection : open) connection->request_stop(at_once);
}

void ConnectionRegistry::stop(std::chrono::seconds patience) {
  const auto none_left = [this] { return connections_.empty(); };
  request_stop_of_all(false);
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return requests_ == 0; });
  if (changed_.wait_for(lock, patience, none_left)) return;
  lock.unlock();
  request_stop_of_all(true);
  lock.lock();
  changed_.wait_for(lock, patience, none_left);
}

}  // namespace comity::net
