// The connections of one server and what they are doing; internal to the network folder.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace comity::net {

class OpenConnection {
 public:
  virtual ~OpenConnection() = default;
  // Closes the connection: at once, or after the response that is in work. Any thread.
  virtual void request_stop(bool at_once) = 0;
  // Closes the connection unless a request of it is in work; then it tells the registry that it
  // stays. Any thread.
  virtual void request_room() = 0;
};

// The connections that exist, by whose they are and which of them wait for a request; the requests
// that are with a handler, and the event streams. Safe on any thread.
class ConnectionRegistry {
 public:
  // False when `connections_max` are there already, those that are ending not counted, or the
  // server stops. The connection waits for a request until one begins.
  bool add(const std::shared_ptr<OpenConnection>& connection, const std::string& subscriber,
           std::size_t connections_max);
  // Called by the destructor of the connection.
  void remove(const OpenConnection* connection);

  // The connection waits for its next request, or for its client to leave; it is now the last to be
  // ended.
  void waits(const OpenConnection* connection);
  // What was asked to make room stays, for a request of it is in work.
  void stays(const OpenConnection* connection);

  enum class Room {
    Free,     // there is room, or will be at once: a connection was asked to end
    Later,    // as many are ending as may; ask again
    Nowhere,  // all connections are busy
  };
  // Room for one more connection; with `needed` also when fewer than `connections_max` are there.
  Room make_room(std::size_t connections_max, bool needed = false);

  // Brackets a request that is given to a worker; false when the server stops. From then on its
  // connection does not wait.
  bool begin_request(const OpenConnection* connection);
  void end_request();
  // Brackets an event stream; false when `streams_max` are open or the server stops.
  bool begin_stream(std::size_t streams_max);
  void end_stream();

  bool stopping() const;
  // Refuses new connections and requests, asks all connections to end and waits for the handlers;
  // then gives responses `patience` to leave and closes what is left.
  void stop(std::chrono::seconds patience);

 private:
  void request_stop_of_all(bool at_once);

  using Key = const OpenConnection*;
  struct Subscriber {
    std::size_t connections = 0, ending = 0;  // the latter are among the former
    std::map<std::uint64_t, Key> waiting{};   // by their turn, the oldest first
  };
  using Subscribers = std::map<std::string, Subscriber>;
  // A weak pointer beside the key, because a connection removes itself only while it is destroyed.
  struct Entry {
    std::weak_ptr<OpenConnection> connection;
    Subscribers::iterator subscriber;
    std::uint64_t turn = 0;  // 0: it does not wait
    bool ending = false;
  };
  void stop_waiting(Entry& entry);
  Subscribers::iterator whose_turn_to_end();

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::map<Key, Entry> connections_;
  Subscribers subscribers_;  // that have connections
  std::uint64_t turn_ = 0;
  std::size_t ending_ = 0;
  std::size_t requests_ = 0;
  std::size_t streams_ = 0;
  bool stopping_ = false;
};

}  // namespace comity::net
