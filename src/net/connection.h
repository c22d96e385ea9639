// One accepted connection, and what all connections of one server share; internal to the network
// folder. Beast is seen by connection.cpp alone, because each file that includes it costs many
// seconds of compilation.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "net/body_budget.h"
#include "net/connection_registry.h"
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
  BodyBudget bodies;
  ConnectionRegistry registry{};
};

// Takes over the connected socket; closes it when the server is full or stops.
void serve_connection(const std::shared_ptr<ConnectionShared>& shared, int descriptor,
                      const std::string& remote_address);

}  // namespace comity::net
