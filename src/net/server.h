// An HTTP/1.1 server over TLS, over a Unix socket for the operator of this machine, or in plain on
// a loopback address for the browser of this machine.
//
// Threads: a few I/O threads serve all connections; handlers run on a bounded pool of workers, so a
// slow handler delays neither accepting nor reading. One connection has at most one request in
// work, so at most `connections_max` requests wait; callers come in turn (fair_queue.h), told apart
// by their certificate, else by their address. An event stream (event_stream.h) is written by
// the I/O threads and holds no worker.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "base/world.h"
#include "net/http.h"
#include "net/limits.h"

namespace comity::net {

// Called on worker threads, possibly on several at once. An exception becomes status 500. It must
// not call Server::stop. HEAD arrives as HEAD; the body of its response is measured and not sent.
using Handler = std::function<Response(const Request&)>;

enum class ClientCertificate {
  // A handshake without a client certificate fails. Any self-signed certificate passes TLS,
  // whatever
  // its names and dates: Comity pins certificates, so the handler gets the DER and decides.
  Required,
  // The same, but a client may show none; then `peer_certificate_der` is empty.
  Optional,
  // None is asked for: a browser would ask its user which one to show.
  None,
};

struct ServerLimits {
  std::size_t header_bytes_max = limits::header_bytes_max;
  std::size_t body_bytes_max = limits::body_bytes_max;
  // Of all bodies and of those of one caller; never less than one body may have.
  std::size_t bodies_bytes_max = limits::bodies_bytes_max;
  std::size_t bodies_of_caller_bytes_max = limits::bodies_of_caller_bytes_max;
  std::size_t bodies_waiting_of_caller_max = limits::bodies_waiting_of_caller_max;
  std::chrono::milliseconds body_wait_duration_max =
      std::chrono::seconds(limits::body_wait_seconds_max);
  std::size_t body_window_bytes_min = limits::body_window_bytes_min;
  std::size_t connections_max = limits::connections_max;
  std::size_t worker_threads = limits::worker_threads;
  // Requests of one caller: that wait for a worker, beyond which it is answered with 503, and that
  // are worked on at one time.
  std::size_t waiting_of_caller_max = limits::connections_max;
  std::size_t running_of_caller_max = limits::worker_threads;
  std::chrono::milliseconds handshake_duration_max =
      std::chrono::seconds(limits::handshake_seconds_max);
  std::chrono::milliseconds request_duration_max =
      std::chrono::seconds(limits::request_seconds_max);
  std::chrono::milliseconds response_duration_max =
      std::chrono::seconds(limits::response_seconds_max);
  std::chrono::milliseconds idle_duration_max = std::chrono::seconds(limits::idle_seconds_max);
  std::size_t streams_max = limits::streams_max;
  std::chrono::milliseconds heartbeat_interval = std::chrono::seconds(limits::heartbeat_seconds);
  std::chrono::milliseconds stream_duration_max = std::chrono::seconds(limits::stream_seconds_max);
};

struct ServerOptions {
  // Not empty: a Unix socket at this path (mode 0600) instead of TCP, without TLS. Only processes
  // of our own user or of root are served. A socket file that nobody listens on is replaced.
  std::string unix_socket_path;

  // Otherwise: a numeric address, a port (0: a free one) and TLS.
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;
  // No TLS. Only on a loopback address, where nobody else listens in and browsers treat a page as
  // secure; InvalidInput on any other.
  bool plain = false;
  std::string certificate_pem;
  std::string key_pem;
  ClientCertificate client_certificate = ClientCertificate::Required;

  // Forms the answers that the server gives by itself, such as 413, from their status and a
  // sentence that says why, so that they are like those of the handler; null: plain text. Called on
  // any thread of the server, possibly on several at once.
  std::function<Response(int status, std::string text)> refusal;

  const Clock* clock = nullptr;  // for the Date field; null: that of the machine

  ServerLimits limits;
  // When set: the bound on the body of one request, decided from its header and certificate before
  // the body is read; never more than `limits.body_bytes_max`. So an unknown caller gets little
  // memory. Called on I/O threads, possibly on several at once; it must be quick and not throw.
  std::function<std::size_t(const Request&)> body_bytes_max_of;
};

class Server {
 public:
  // Listens when it returns. InvalidInput for a wrong address, path or key; Conflict when the port
  // or the path is in use; Unavailable when the system refuses otherwise.
  static Result<std::unique_ptr<Server>> start(ServerOptions options, Handler handler);

  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // The TCP port; 0 on a Unix socket.
  std::uint16_t port() const;

  // New connections get this certificate and key; those that are open keep theirs. Only with TLS.
  // InvalidInput as in start, and without TLS. May be called from any thread.
  Status use_identity(const std::string& certificate_pem, const std::string& key_pem);

  // Closes idle connections at once, waits for the handlers that run and gives their responses
  // `limits::stop_seconds_max` to leave. Afterwards no thread of the server exists and no handler
  // runs. May be called again, and from any thread but a handler's.
  void stop();

 private:
  struct State;
  explicit Server(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace comity::net
