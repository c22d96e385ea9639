#include "net/server.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <cerrno>
#include <cstring>
#include <thread>
#include <vector>

#include "net/connection.h"
#include "net/networks.h"
#include "net/tls.h"

namespace comity::net {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

// A file descriptor that closes itself.
class Descriptor {
 public:
  explicit Descriptor(int value) : value_(value) {}
  Descriptor(Descriptor&& other) noexcept : value_(other.release()) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(value_, other.value_);
    return *this;
  }
  ~Descriptor() {
    if (value_ >= 0) ::close(value_);
  }
  int get() const { return value_; }
  int release() { return std::exchange(value_, -1); }

 private:
  int value_;
};

tl::unexpected<Error> system_failure(ErrorKind kind, const std::string& what) {
  return fail(kind, what + ": " + std::strerror(errno));
}

Result<Descriptor> listen_on(int family, const sockaddr* address, socklen_t length,
                             const std::string& place) {
  Descriptor socket(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (socket.get() < 0) return system_failure(ErrorKind::Unavailable, "cannot open a socket");
  const int on = 1;
  if (family == AF_UNIX) {
    // Linux creates the file with the mode of the socket, so there is no moment in which others
    // could connect.
    ::fchmod(socket.get(), S_IRUSR | S_IWUSR);
  } else {
    ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  }
  if (::bind(socket.get(), address, length) != 0 || ::listen(socket.get(), SOMAXCONN) != 0) {
    const ErrorKind kind = errno == EADDRINUSE ? ErrorKind::Conflict : ErrorKind::Unavailable;
    return system_failure(kind, "cannot listen on " + place);
  }
  return socket;
}

Result<Descriptor> listen_tcp(const std::string& address_text, std::uint16_t port) {
  TRY(const Address address, parse_address(address_text));
  const std::string place = fmt::format("{} port {}", address_text, port);
  if (address_text.find(':') == std::string::npos) {
    sockaddr_in four{};
    four.sin_family = AF_INET;
    four.sin_port = htons(port);
    std::memcpy(&four.sin_addr, address.data() + 12, 4);
    return listen_on(AF_INET, reinterpret_cast<sockaddr*>(&four), sizeof four, place);
  }
  sockaddr_in6 six{};
  six.sin6_family = AF_INET6;
  six.sin6_port = htons(port);
  std::memcpy(&six.sin6_addr, address.data(), 16);
  return listen_on(AF_INET6, reinterpret_cast<sockaddr*>(&six), sizeof six, place);
}

// A server that was killed leaves its socket file. Only a socket at which nobody answers is
// removed.
Status remove_stale_socket(const sockaddr_un& address) {
  struct stat found {};
  if (::lstat(address.sun_path, &found) != 0) return {};
  const Descriptor probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const bool refused =
      S_ISSOCK(found.st_mode) &&
      ::connect(probe.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 &&
      errno == ECONNREFUSED;
  if (!refused) {
    return fail(
        ErrorKind::Conflict,
        fmt::format("{} is in use by another process, or is not a socket; stop that process "
                    "or remove the file",
                    address.sun_path));
  }
  ::unlink(address.sun_path);
  return {};
}

Result<Descriptor> listen_unix(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) {
    return fail(ErrorKind::InvalidInput,
                fmt::format("the socket path {} has {} bytes; the system allows {}, use a shorter "
                            "directory",
                            path, path.size(), sizeof address.sun_path - 1));
  }
  std::memcpy(address.sun_path, path.c_str(), path.size());
  TRY_STATUS(remove_stale_socket(address));
  return listen_on(AF_UNIX, reinterpret_cast<sockaddr*>(&address), sizeof address, path);
}

Status check_plain(const std::string& address_text) {
  TRY(const Address address, parse_address(address_text));
  if (is_loopback(address)) return {};
  return fail(ErrorKind::InvalidInput,
              fmt::format("{} is no loopback address; without TLS only 127.0.0.0/8 and ::1 are "
                          "served, where nobody else on the network reads or changes what is said",
                          address_text));
}

// There are other servers in a process, and files.
std::size_t connections_of_descriptors() {
  rlimit bounds{};
  if (::getrlimit(RLIMIT_NOFILE, &bounds) != 0) return limits::connections_max;
  return std::max<std::size_t>(1, bounds.rlim_cur / limits::descriptors_of_connection);
}

bool is_own_process(int descriptor) {
  ucred peer{};
  socklen_t length = sizeof peer;
  return ::getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &peer, &length) == 0 &&
         (peer.uid == 0 || peer.uid == ::geteuid());
}

}  // namespace

namespace {

std::shared_ptr<ConnectionShared> shared_with(ServerOptions options, Handler handler,
                                              asio::io_context& io, asio::thread_pool& workers,
                                              asio::ssl::context* tls) {
  const auto& bounds = options.limits;
  const auto waiting_max = std::max<std::size_t>(1, bounds.waiting_of_caller_max);
  const auto running_max = std::max<std::size_t>(1, bounds.running_of_caller_max);
  const auto of_caller = std::max(bounds.bodies_of_caller_bytes_max, bounds.body_bytes_max);
  const BodyBudget::Bounds bodies{std::max(bounds.bodies_bytes_max, of_caller), of_caller,
                                  std::max<std::size_t>(1, bounds.bodies_waiting_of_caller_max)};
  return std::shared_ptr<ConnectionShared>(
      new ConnectionShared{std::move(options), std::move(handler), io, workers, tls,
                           FairQueue(waiting_max, running_max), BodyBudget(bodies)});
}

}  // namespace

// Members are destroyed from the last to the first: what connections use comes before them.
struct Server::State {
  explicit State(ServerOptions options, Handler handler, asio::ssl::context* tls_context)
      : client_certificate(options.client_certificate),
        workers(options.limits.worker_threads),
        shared(shared_with(std::move(options), std::move(handler), io, workers, tls_context)),
        work(io.get_executor()),
        strand(asio::make_strand(io)),
        acceptor(strand),
        pause(strand) {
    if (tls_context != nullptr) contexts.emplace_back(tls_context);
  }

  void accept_soon() {
    acceptor.async_wait(asio::posix::stream_descriptor::wait_read, [this](error_code error) {
      if (!error) accept_all();
    });
  }

  // Takes what is there, then waits again.
  void accept_all() {
    for (;;) {
      if (accepted.get() < 0 && !accept_next()) return;
      switch (shared->registry.make_room(shared->options.limits.connections_max)) {
        case ConnectionRegistry::Room::Free:
          serve(accepted.release(), reinterpret_cast<const sockaddr*>(&accepted_from));
          break;
        case ConnectionRegistry::Room::Later:
          return accept_later(limits::room_pause_milliseconds);
        case ConnectionRegistry::Room::Nowhere:
          accepted = Descriptor(-1);
          break;
      }
    }
  }

  // False when nothing is there; then it waits by itself for what comes.
  bool accept_next() {
    for (;;) {
      socklen_t length = sizeof accepted_from;
      Descriptor next(::accept4(acceptor.native_handle(),
                                reinterpret_cast<sockaddr*>(&accepted_from), &length,
                                SOCK_NONBLOCK | SOCK_CLOEXEC));
      if (next.get() >= 0) {
        accepted = std::move(next);
        return true;
      }
      if (errno == EINTR || errno == ECONNABORTED) continue;
      if (errno == EAGAIN || errno == EWOULDBLOCK) {
        accept_soon();
        return false;
      }
      // Out of descriptors or memory: the pending connection stays readable, so waiting for it
      // would spin. A connection that waits for a request makes room.
      const auto room = shared->registry.make_room(shared->options.limits.connections_max, true);
      accept_later(room == ConnectionRegistry::Room::Free ? limits::room_pause_milliseconds
                                                          : limits::accept_pause_milliseconds);
      return false;
    }
  }

  void accept_later(int milliseconds) {
    pause.expires_after(std::chrono::milliseconds(milliseconds));
    pause.async_wait([this](error_code error) {
      if (!error && acceptor.is_open()) accept_all();
    });
  }

  void serve(int descriptor, const sockaddr* peer) {
    if (!shared->options.unix_socket_path.empty()) {
      if (is_own_process(descriptor)) return serve_connection(shared, descriptor, "local");
      ::close(descriptor);
      return;
    }
    const int on = 1;
    ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const auto address = address_of(peer);
    serve_connection(shared, descriptor, address ? address_text(*address) : std::string());
  }

  void run() {
    for (;;) {
      try {
        io.run();
        return;
      } catch (...) {
        // Out of memory in one connection: its operation is gone, which ends it. The others go on.
      }
    }
  }

  void stop() {
    const std::lock_guard lock(stop_mutex);
    if (stopped) return;
    stopped = true;
    asio::post(strand, [this] {
      error_code ignored;
      acceptor.close(ignored);
      pause.cancel();
    });
    shared->registry.stop(std::chrono::seconds(limits::stop_seconds_max));
    io.stop();
    for (std::thread& thread : threads) thread.join();
    workers.join();
    const std::string& path = shared->options.unix_socket_path;
    struct stat found {};
    // Another server may have taken the path since.
    if (!path.empty() && ::lstat(path.c_str(), &found) == 0 && found.st_ino == socket_inode) {
      ::unlink(path.c_str());
    }
  }

  const ClientCertificate client_certificate;
  // Every context that connections may still use; the newest is the one of new connections.
  std::vector<std::unique_ptr<asio::ssl::context>> contexts;
  std::mutex contexts_mutex;
  asio::io_context io{static_cast<int>(limits::io_threads)};
  asio::thread_pool workers;
  std::shared_ptr<ConnectionShared> shared;
  // A connection whose request is with a worker gives the I/O threads nothing to do, and they would
  // leave before the response comes.
  asio::executor_work_guard<asio::io_context::executor_type> work;
  asio::strand<asio::io_context::executor_type> strand;
  asio::posix::stream_descriptor acceptor;
  asio::steady_timer pause;
  Descriptor accepted{-1};  // it has no place yet
  sockaddr_storage accepted_from{};
  std::vector<std::thread> threads;
  std::uint16_t port = 0;
  ino_t socket_inode = 0;
  std::mutex stop_mutex;
  bool stopped = false;
};

Result<std::unique_ptr<Server>> Server::start(ServerOptions options, Handler handler) {
  if (options.limits.worker_threads == 0 || options.limits.connections_max == 0) {
    return fail(ErrorKind::InvalidInput, "a server needs at least one worker and one connection");
  }
  auto& connections_max = options.limits.connections_max;
  connections_max = std::min(connections_max, connections_of_descriptors());
  const bool local = !options.unix_socket_path.empty();
  if (!local && options.plain) TRY_STATUS(check_plain(options.address));
  std::unique_ptr<asio::ssl::context> tls;
  if (!local && !options.plain) {
    TRY(auto* context,
        make_server_context(options.certificate_pem, options.key_pem, options.client_certificate));
    tls = std::make_unique<asio::ssl::context>(context);
  }
  TRY(Descriptor listener,
      local ? listen_unix(options.unix_socket_path) : listen_tcp(options.address, options.port));
  auto state = std::make_unique<State>(std::move(options), std::move(handler), tls.release());
  struct stat found {};
  if (local && ::lstat(state->shared->options.unix_socket_path.c_str(), &found) == 0) {
    state->socket_inode = found.st_ino;
  }
  sockaddr_in6 bound{};
  socklen_t length = sizeof bound;
  if (!local && ::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&bound), &length) == 0) {
    // The port stands at the same place for both families.
    state->port = ntohs(bound.sin6_port);
  }
  state->acceptor.assign(listener.release());
  state->accept_soon();
  for (std::size_t i = 0; i < limits::io_threads; ++i) {
    state->threads.emplace_back([raw = state.get()] { raw->run(); });
  }
  return std::unique_ptr<Server>(new Server(std::move(state)));
}

Server::Server(std::unique_ptr<State> state) : state_(std::move(state)) {}

Server::~Server() { stop(); }

std::uint16_t Server::port() const { return state_->port; }

Status Server::use_identity(const std::string& certificate_pem, const std::string& key_pem) {
  if (state_->shared->tls.load() == nullptr) {
    return fail(ErrorKind::InvalidInput, "this server speaks no TLS and presents no certificate");
  }
  TRY(auto* context, make_server_context(certificate_pem, key_pem, state_->client_certificate));
  auto owned = std::make_unique<asio::ssl::context>(context);
  const std::lock_guard lock(state_->contexts_mutex);
  state_->shared->tls = owned.get();
  state_->contexts.push_back(std::move(owned));
  return {};
}

void Server::stop() { state_->stop(); }

}  // namespace comity::net
