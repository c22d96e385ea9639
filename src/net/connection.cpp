#include "net/connection.h"

#include <unistd.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <optional>

#include "net/tls.h"

namespace comity::net {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;

// The executor is named in full: the general one allocates and calls through a table at every step.
using Executor = asio::strand<asio::io_context::executor_type>;
using TcpStream = beast::basic_stream<asio::ip::tcp, Executor>;
using UnixStream = beast::basic_stream<asio::local::stream_protocol, Executor>;
using TlsStream = asio::ssl::stream<TcpStream>;

Response plain_answer(int status, std::string text) {
  return {status, {{"Content-Type", "text/plain; charset=utf-8"}}, std::move(text) + "\n"};
}

Response defect_answer() { return plain_answer(500, "the request met a defect of this program"); }

// Handlers come from above and may throw anything.
Response call_handler(const Handler& handler, const Request& request) {
  try {
    return handler(request);
  } catch (...) {
    return defect_answer();
  }
}

// A request that is with its handler, for as long as the object exists.
class Work {
 public:
  explicit Work(std::shared_ptr<ConnectionShared> shared) : shared_(std::move(shared)) {}
  ~Work() { shared_->registry.end_request(); }
  Work(const Work&) = delete;
  Work& operator=(const Work&) = delete;

 private:
  std::shared_ptr<ConnectionShared> shared_;
};

// The life of a connection: handshake, then again and again wait, header, body, handler, response;
// at the end linger. Everything but the handler runs on the strand, so members need no lock.
template <typename Stream>
class Connection final : public OpenConnection,
                         public std::enable_shared_from_this<Connection<Stream>> {
 public:
  static constexpr bool is_tls = std::is_same_v<Stream, TlsStream>;

  template <typename... StreamArguments>
  Connection(std::shared_ptr<ConnectionShared> shared, std::string remote_address,
             StreamArguments&&... arguments)
      : shared_(std::move(shared)),
        stream_(std::forward<StreamArguments>(arguments)...),
        buffer_(shared_->options.limits.header_bytes_max + limits::read_ahead_bytes_max),
        remote_address_(std::move(remote_address)) {}

  ~Connection() override { shared_->registry.remove(this); }

  auto& lowest() { return beast::get_lowest_layer(stream_); }

  void start() {
    asio::post(stream_.get_executor(), [self = this->shared_from_this()] { self->handshake(); });
  }

  void request_stop(bool at_once) override {
    asio::post(stream_.get_executor(), [self = this->shared_from_this(), at_once] {
      if (at_once || self->stage_ != Stage::Answering) self->close();
    });
  }

 private:
  enum class Stage { Receiving, Answering, Lingering };

  const ServerLimits& bounds() const { return shared_->options.limits; }

  void close() { lowest().close(); }

  void handshake() {
    if constexpr (is_tls) {
      lowest().expires_after(bounds().handshake_duration_max);
      stream_.async_handshake(
          asio::ssl::stream_base::server, [self = this->shared_from_this()](error_code error) {
            if (error) return self->close();
            self->peer_certificate_der_ = peer_certificate_der(self->stream_.native_handle());
            self->wait_for_request();
          });
    } else {
      wait_for_request();
    }
  }

  // The first byte has its own, longer deadline; from then on the whole request has one.
  void wait_for_request() {
    stage_ = Stage::Receiving;
    if (shared_->registry.stopping()) return close();
    if (buffer_.size() > 0) return read_header();
    lowest().expires_after(bounds().idle_duration_max);
    stream_.async_read_some(buffer_.prepare(4096),
                            [self = this->shared_from_this()](error_code error, std::size_t bytes) {
                              if (error) return self->close();
                              self->buffer_.commit(bytes);
                              self->read_header();
                            });
  }

  void read_header() {
    lowest().expires_after(bounds().request_duration_max);
    request_ = Request{};
    head_request_ = false;
    parser_.emplace();
    // Beast counts the header a few bytes short when it arrives in one piece, so its own bound only
    // ends the reading and the exact one is checked afterwards.
    parser_->header_limit(static_cast<std::uint32_t>(bounds().header_bytes_max));
    // The bound follows when the header is known; until then only the parser's own check is off.
    parser_->body_limit(boost::none);
    http::async_read_header(stream_, buffer_, *parser_,
                            [self = this->shared_from_this()](error_code error, std::size_t bytes) {
                              if (error) return self->refuse_unreadable(error);
                              if (bytes > self->bounds().header_bytes_max) {
                                return self->refuse_unreadable(http::error::header_limit);
                              }
                              self->receive_header();
                            });
  }

  void receive_header() {
    const auto& message = parser_->get();
    request_.method = std::string(message.method_string());
    head_request_ = request_.method == "HEAD";
    request_.target = std::string(message.target());
    const std::size_t question = std::min(request_.target.find('?'), request_.target.size());
    request_.path = request_.target.substr(0, question);
    if (question < request_.target.size()) request_.query = request_.target.substr(question + 1);
    for (const auto& field : message) {
      request_.headers.emplace_back(std::string(field.name_string()), std::string(field.value()));
    }
    request_.peer_certificate_der = peer_certificate_der_;
    request_.remote_address = remote_address_;
    request_.local = !is_tls;

    if (request_.target.empty() || request_.target.front() != '/') {
      return refuse(400, "the request target must begin with a slash");
    }
    if (message.version() == 11 && message.count(http::field::host) != 1) {
      return refuse(400, "a request of HTTP/1.1 needs exactly one Host field");
    }
    // An unknown coding would leave the length of the body open, and the rest of it would be read
    // as the next request.
    if (message.count(http::field::transfer_encoding) > 0 && !parser_->chunked()) {
      return refuse(400, "the only transfer coding that is understood is chunked");
    }
    std::size_t body_bytes_max = bounds().body_bytes_max;
    if (shared_->options.body_bytes_max_of) {
      body_bytes_max = std::min(body_bytes_max, shared_->options.body_bytes_max_of(request_));
    }
    if (parser_->content_length().value_or(0) > body_bytes_max) return refuse_large_body();
    parser_->body_limit(body_bytes_max);
    if (!parser_->is_done() && beast::iequals(message[http::field::expect], "100-continue")) {
      return invite_body();
    }
    read_body();
  }

  void invite_body() {
    static constexpr std::string_view text = "HTTP/1.1 100 Continue\r\n\r\n";
    asio::async_write(stream_, asio::buffer(text.data(), text.size()),
                      [self = this->shared_from_this()](error_code error, std::size_t) {
                        if (error) return self->close();
                        self->read_body();
                      });
  }

  void read_body() {
    if (parser_->is_done()) return dispatch();
    http::async_read(stream_, buffer_, *parser_,
                     [self = this->shared_from_this()](error_code error, std::size_t) {
                       if (error) return self->refuse_unreadable(error);
                       self->dispatch();
                     });
  }

  void refuse_unreadable(error_code error) {
    if (error == http::error::body_limit) return refuse_large_body();
    if (error == http::error::header_limit || error == http::error::buffer_overflow) {
      return refuse(431, "the header of the request is too large; the limit is " +
                             std::to_string(bounds().header_bytes_max) + " bytes");
    }
    // Other errors of this category are about the grammar; the rest are about the network, and
    // there is nobody to answer.
    const bool grammar =
        error.category() == http::make_error_code(http::error::bad_method).category();
    if (!grammar || error == http::error::end_of_stream || error == http::error::partial_message) {
      return close();
    }
    refuse(400, "the request is not well-formed HTTP/1.1 (" + error.message() + ")");
  }

  void refuse_large_body() {
    refuse(413, "the body of the request is too large; the limit for this request is " +
                    std::to_string(std::min(bounds().body_bytes_max, refused_bound())) + " bytes");
  }

  std::size_t refused_bound() const {
    const auto& decide = shared_->options.body_bytes_max_of;
    return decide ? decide(request_) : bounds().body_bytes_max;
  }

  // The rest of such a request is not understood, so the connection ends after the answer.
  void refuse(int status, std::string text) {
    keep_alive_ = false;
    send(plain_answer(status, std::move(text)));
  }

  void dispatch() {
    keep_alive_ = parser_->get().keep_alive();
    request_.body = std::move(parser_->get().body());
    parser_.reset();
    if (!shared_->registry.begin_request()) return close();
    stage_ = Stage::Answering;
    lowest().expires_never();
    auto work = std::make_unique<Work>(shared_);
    asio::post(shared_->workers,
               [self = this->shared_from_this(), work = std::move(work)] { self->answer(); });
  }

  // On a worker. Nothing else touches the connection while a request is with its handler.
  void answer() noexcept {
    try {
      response_ = call_handler(shared_->handler, request_);
      // The request may be large and the response slow to leave.
      request_ = Request{};
      asio::post(stream_.get_executor(), [self = this->shared_from_this()] {
        self->send(std::exchange(self->response_, Response{}));
      });
    } catch (...) {
      // Out of memory. No owner is left, so the connection ends here and the server lives on.
    }
  }

  void send(const Response& response) {
    stage_ = Stage::Answering;
    if (shared_->registry.stopping()) keep_alive_ = false;
    Framing framing;
    framing.head_request = head_request_;
    framing.keep_alive = keep_alive_;
    const auto* clock = shared_->options.clock;
    framing.now_seconds = (clock == nullptr ? system_clock() : *clock).now().seconds();
    auto bytes = response_bytes(response, framing);
    if (!bytes) bytes = response_bytes(defect_answer(), framing);
    CHECK(bytes.has_value());
    outgoing_ = *std::move(bytes);
    lowest().expires_after(bounds().response_duration_max);
    asio::async_write(stream_, asio::buffer(outgoing_),
                      [self = this->shared_from_this()](error_code error, std::size_t) {
                        self->outgoing_ = std::string();
                        if (error) return self->close();
                        if (self->keep_alive_) return self->wait_for_request();
                        self->end_politely();
                      });
  }

  // Closing a socket with unread input makes the kernel send a reset, which can destroy the
  // response before the peer reads it. So only our direction is closed, and what still comes is
  // thrown away for a moment.
  void end_politely() {
    stage_ = Stage::Lingering;
    lowest().expires_after(std::chrono::seconds(limits::linger_seconds_max));
    if constexpr (is_tls) {
      stream_.async_shutdown([self = this->shared_from_this()](error_code) { self->linger(); });
    } else {
      linger();
    }
  }

  void linger() {
    if (shared_->registry.stopping()) return close();
    error_code ignored;
    lowest().socket().shutdown(asio::socket_base::shutdown_send, ignored);
    buffer_.clear();
    discard();
  }

  void discard() {
    lowest().async_read_some(buffer_.prepare(4096),
                             [self = this->shared_from_this()](error_code error, std::size_t) {
                               if (error) return self->close();
                               self->discard();
                             });
  }

  std::shared_ptr<ConnectionShared> shared_;
  Stream stream_;
  beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::string_body>> parser_;
  Request request_;
  Response response_;
  std::string outgoing_;
  std::string remote_address_;
  std::string peer_certificate_der_;
  Stage stage_ = Stage::Receiving;
  bool keep_alive_ = false;
  bool head_request_ = false;
};

template <typename Stream>
void begin(const std::shared_ptr<ConnectionShared>& shared,
           const std::shared_ptr<Connection<Stream>>& connection) {
  // A full server drops the last owner here, which closes the socket.
  if (shared->registry.add(connection, shared->options.limits.connections_max)) connection->start();
}

}  // namespace

void serve_connection(const std::shared_ptr<ConnectionShared>& shared, int descriptor,
                      std::string remote_address) {
  const Executor strand = asio::make_strand(shared->io.get_executor());
  error_code error;
  if (shared->tls == nullptr) {
    UnixStream::socket_type socket(strand);
    socket.assign(asio::local::stream_protocol(), descriptor, error);
    if (!error) {
      return begin(shared, std::make_shared<Connection<UnixStream>>(
                               shared, std::move(remote_address), UnixStream(std::move(socket))));
    }
  } else {
    TcpStream::socket_type socket(strand);
    const bool six = remote_address.find(':') != std::string::npos;
    socket.assign(six ? asio::ip::tcp::v6() : asio::ip::tcp::v4(), descriptor, error);
    if (!error) {
      return begin(shared, std::make_shared<Connection<TlsStream>>(
                               shared, std::move(remote_address), TcpStream(std::move(socket)),
                               *shared->tls.load()));
    }
  }
  ::close(descriptor);
}

bool ConnectionRegistry::add(const std::shared_ptr<OpenConnection>& connection,
                             std::size_t connections_max) {
  const std::lock_guard lock(mutex_);
  if (stopping_ || connections_.size() >= connections_max) return false;
  connections_.insert({connection.get(), connection});
  return true;
}

void ConnectionRegistry::remove(const OpenConnection* connection) {
  const std::lock_guard lock(mutex_);
  connections_.erase({connection, {}});
  changed_.notify_all();
}

bool ConnectionRegistry::begin_request() {
  const std::lock_guard lock(mutex_);
  if (stopping_) return false;
  ++requests_;
  return true;
}

void ConnectionRegistry::end_request() {
  const std::lock_guard lock(mutex_);
  --requests_;
  changed_.notify_all();
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
    for (const Entry& entry : connections_) {
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
