// One accepted connection, and what all connections of one server share; internal to the network
// folder. Beast is seen by connection.cpp alone, because each file that includes it costs many
// seconds of compilation.
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "net/fair_queue.h"
#include "net/server.h"

namespace boost::asio {
class io_context;
class thread_pool;
namespace ssl {
class context;
}
}  // namespace boost::asio

namespace comity::net {

class OpenConnection {
 public:
  virtual ~OpenConnection() = default;
  // Closes the connection: at once, or after the response that is in work. Any thread.
  virtual void request_stop(bool at_once) = 0;
};

// The connections that exist, the requests that are with a handler and the event streams. Safe on
// any thread.
class ConnectionRegistry {
 public:
  // False when `connections_max` are there already or the server stops.
  bool add(const std::shared_ptr<OpenConnection>& connection, std::size_t connections_max);
  // Called by the destructor of the connection.
  void remove(const OpenConnection* connection);

  // Brackets a request that is given to a worker; false when the server stops.
  bool begin_request();
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

  // A weak pointer beside the key, because a connection removes itself only while it is destroyed.
  struct Entry {
    const OpenConnection* key;
    std::weak_ptr<OpenConnection> connection;
    bool operator<(const Entry& other) const { return key < other.key; }
  };
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::set<Entry> connections_;
  std::size_t requests_ = 0;
  std::size_t streams_ = 0;
  bool stopping_ = false;
};

// Lives as long as the last connection.
struct ConnectionShared {
  ServerOptions options;
  Handler handler;
  boost::asio::io_context& io;
  boost::asio::thread_pool& workers;
  // Null on a Unix socket and in plain; outlives the connections. New connections take the one that
  // is here.
  std::atomic<boost::asio::ssl::context*> tls;
  FairQueue queue;  // of requests, for the workers
  ConnectionRegistry registry{};
};

// Takes over the connected socket; closes it when the server is full or stops.
void serve_connection(const std::shared_ptr<ConnectionShared>& shared, int descriptor,
                      std::string remote_address);

}  // namespace comity::net
