#include "net/connection.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <optional>

#include "base/bytes.h"
#include "net/event_stream.h"
#include "net/networks.h"
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

// What the server says by itself.
Response own_answer(const ServerOptions& options, int status, std::string text) {
  return options.refusal ? options.refusal(status, std::move(text))
                         : plain_answer(status, std::move(text));
}

Response defect_answer(const ServerOptions& options) {
  return own_answer(options, 500, "the request met a defect of this program");
}

// Handlers come from above and may throw anything.
Response call_handler(const ConnectionShared& shared, const Request& request) {
  try {
    return shared.handler(request);
  } catch (...) {
    return defect_answer(shared.options);
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

// The place of an event stream among those that may be open.
class StreamPlace {
 public:
  explicit StreamPlace(std::shared_ptr<ConnectionShared> shared) : shared_(std::move(shared)) {}
  ~StreamPlace() { shared_->registry.end_stream(); }
  StreamPlace(const StreamPlace&) = delete;
  StreamPlace& operator=(const StreamPlace&) = delete;

 private:
  std::shared_ptr<ConnectionShared> shared_;
};

// The life of a connection: handshake, then again and again wait, header, body, handler, response;
// at the end linger. An event stream is the last response of its connection. Everything but the
// handler runs on the strand, so members need no lock.
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

  ~Connection() override {
    if (source_) source_->end();
    shared_->registry.remove(this);
  }

  auto& lowest() { return beast::get_lowest_layer(stream_); }

  void start() {
    asio::post(stream_.get_executor(), [self = this->shared_from_this()] { self->handshake(); });
  }

  void request_stop(bool at_once) override {
    asio::post(stream_.get_executor(), [self = this->shared_from_this(), at_once] {
      if (!at_once && self->stage_ == Stage::Streaming) return self->source_->end();
      if (at_once || self->stage_ != Stage::Answering) self->close();
    });
  }

  void request_room() override {
    asio::post(stream_.get_executor(), [self = this->shared_from_this()] {
      const bool busy = self->stage_ == Stage::Answering || self->stage_ == Stage::Streaming;
      if (busy) return self->shared_->registry.stays(self.get());
      self->close();
    });
  }

 private:
  // Between the header of a request and its body it may have to wait for room (body_budget.h).
  enum class Stage { Receiving, WaitingForRoom, Answering, Streaming, Lingering };

  const ServerLimits& bounds() const { return shared_->options.limits; }

  void close() {
    lowest().close();
    if (source_) source_->end();
    if (heartbeat_) heartbeat_->cancel();
    if (patience_) patience_->cancel();
  }

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
    shared_->registry.waits(this);
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
    request_.local = std::is_same_v<Stream, UnixStream>;
    request_.tls = is_tls;

    if (request_.target.empty() || request_.target.front() != '/') {
      return refuse(400, "the request target must begin with a slash");
    }
    if (message.version() == 11 && message.count(http::field::host) != 1) {
      return refuse(400, "a request of HTTP/1.1 needs exactly one Host field");
    }
    // An unknown coding would leave the length of the body open, and the rest of it would be read
    // as the next request.
    const auto codings = message.count(http::field::transfer_encoding);
    const bool chunked = beast::iequals(message[http::field::transfer_encoding], "chunked");
    if (codings > 1 || (codings == 1 && !(chunked && parser_->chunked()))) {
      return refuse(400, "the only transfer coding that is understood is chunked, once");
    }
    if (parser_->is_done()) return dispatch();
    std::size_t body_bytes_max = bounds().body_bytes_max;
    if (shared_->options.body_bytes_max_of) {
      body_bytes_max = std::min(body_bytes_max, shared_->options.body_bytes_max_of(request_));
    }
    if (parser_->content_length().value_or(0) > body_bytes_max) return refuse_large_body();
    parser_->body_limit(body_bytes_max);
    // Chunks do not say how many will come.
    ask_for_room(parser_->content_length() ? static_cast<std::size_t>(*parser_->content_length())
                                           : body_bytes_max);
  }

  // Nothing of a body is read before there is room for all of it.
  void ask_for_room(std::size_t bytes) {
    stage_ = Stage::WaitingForRoom;
    room_ = shared_->bodies.enter(caller(), bytes, [weak = this->weak_from_this()] {
      if (auto self = weak.lock()) {
        asio::post(self->stream_.get_executor(), [self] { self->take_room(); });
      }
    });
    if (!room_) return refuse_for_now("as many bodies of this caller wait for room as may");
    if (room_->granted()) return take_room();
    lowest().expires_never();
    patience_.emplace(stream_.get_executor(), bounds().body_wait_duration_max);
    patience_->async_wait([self = this->shared_from_this()](error_code error) {
      if (error || self->stage_ != Stage::WaitingForRoom) return;
      self->refuse_for_now("there is no room for this body now, beside those of others");
    });
  }

  // Called again when the turn came while it was asked for, and late when it was given up.
  void take_room() {
    if (stage_ != Stage::WaitingForRoom || !room_ || !room_->granted()) return;
    if (patience_) patience_->cancel();
    stage_ = Stage::Receiving;
    if (!lowest().socket().is_open()) return;
    parser_->eager(true);
    begin_window();
    if (beast::iequals(parser_->get()[http::field::expect], "100-continue")) return invite_body();
    read_body();
  }

  // From now on so much of the body has to come within so much time, or it ends.
  void begin_window() {
    window_bytes_ = 0;
    lowest().expires_after(bounds().request_duration_max);
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
    http::async_read_some(stream_, buffer_, *parser_,
                          [self = this->shared_from_this()](error_code error, std::size_t bytes) {
                            if (error) return self->refuse_unreadable(error);
                            self->window_bytes_ += bytes;
                            if (self->window_bytes_ >= self->bounds().body_window_bytes_min) {
                              self->begin_window();
                            }
                            self->read_body();
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
    send_last(own_answer(shared_->options, status, std::move(text)));
  }

  void send_last(const Response& response) {
    keep_alive_ = false;
    forget_request();
    send(response);
  }

  // What came of it, and its room.
  void forget_request() {
    request_ = Request{};
    parser_.reset();
    room_.reset();
  }

  void dispatch() {
    keep_alive_ = parser_->get().keep_alive();
    knows_chunks_ = parser_->get().version() == 11;
    request_.body = std::move(parser_->get().body());
    parser_.reset();
    if (!shared_->registry.begin_request(this)) return close();
    stage_ = Stage::Answering;
    lowest().expires_never();
    const auto work = std::make_shared<Work>(shared_);
    if (!shared_->queue.push(caller(),
                             [self = this->shared_from_this(), work] { self->answer(); })) {
      forget_request();
      return send(for_now("as many requests of this caller wait as may"));
    }
    asio::post(shared_->workers, [shared = shared_] { shared->queue.work(); });
  }

  // Who asks, as far as that is known here: what the handler makes of it is its own affair.
  std::string caller() const {
    if (peer_certificate_der_.empty()) return remote_address_;
    return std::string(view(sha256(peer_certificate_der_)));
  }

  // Before the body of a request was read: the connection ends.
  void refuse_for_now(const std::string& why) { send_last(for_now(why)); }

  Response for_now(const std::string& why) const {
    auto full = own_answer(shared_->options, 503, why + "; ask again later");
    if (!full.header("Retry-After")) {
      full.headers.emplace_back("Retry-After", std::to_string(limits::retry_after_seconds));
    }
    return full;
  }

  // On a worker. Nothing else touches the connection while a request is with its handler.
  void answer() noexcept {
    try {
      response_ = call_handler(*shared_, request_);
      // The request may be large and the response slow to leave.
      forget_request();
      asio::post(stream_.get_executor(), [self = this->shared_from_this()] {
        self->send(std::exchange(self->response_, Response{}));
      });
    } catch (...) {
      // Out of memory. No owner is left, so the connection ends here and the server lives on.
    }
  }

  Framing framing() const {
    Framing out;
    out.head_request = head_request_;
    out.keep_alive = keep_alive_;
    const auto* clock = shared_->options.clock;
    out.now_seconds = (clock == nullptr ? system_clock() : *clock).now().seconds();
    return out;
  }

  void send(const Response& response) {
    if (response.stream) {
      if (!head_request_) return begin_stream(response);
      response.stream->end();
    }
    stage_ = Stage::Answering;
    if (shared_->registry.stopping()) keep_alive_ = false;
    auto frame = framing();
    frame.stream = response.stream != nullptr;
    frame.body_apart = goes_apart(response);
    auto bytes = response_bytes(response, frame);
    if (bytes && frame.body_apart) outgoing_body_ = response.shared;
    if (!bytes) bytes = response_bytes(defect_answer(shared_->options), framing());
    CHECK(bytes.has_value());
    outgoing_ = *std::move(bytes);
    lowest().expires_after(bounds().response_duration_max);
    auto sent = [self = this->shared_from_this()](error_code error, std::size_t) {
      self->outgoing_ = std::string();
      self->outgoing_body_.reset();
      if (error) return self->close();
      if (self->keep_alive_) return self->wait_for_request();
      self->end_politely();
    };
    if (!outgoing_body_) {
      return asio::async_write(stream_, asio::buffer(outgoing_), std::move(sent));
    }
    const std::array<asio::const_buffer, 2> parts = {asio::buffer(outgoing_),
                                                     asio::buffer(*outgoing_body_)};
    asio::async_write(stream_, parts, std::move(sent));
  }

  bool goes_apart(const Response& response) const {
    return response.shared && response.shared->size() >= limits::sent_apart_bytes_min &&
           !head_request_ && response.status != 204 && response.status != 304;
  }

  void begin_stream(const Response& response) {
    keep_alive_ = false;
    if (!knows_chunks_) {
      response.stream->end();
      return send(own_answer(shared_->options, 400, "an event stream needs HTTP/1.1"));
    }
    if (!shared_->registry.begin_stream(bounds().streams_max)) {
      response.stream->end();
      auto full =
          own_answer(shared_->options, 503, "as many event streams are open as this server keeps");
      full.headers.emplace_back("Retry-After", std::to_string(limits::heartbeat_seconds));
      return send(full);
    }
    place_ = std::make_unique<StreamPlace>(shared_);
    auto frame = framing();
    frame.stream = true;
    auto bytes = response_bytes(response, frame);
    if (!bytes) {
      response.stream->end();
      return send(defect_answer(shared_->options));
    }
    source_ = response.stream;
    stage_ = Stage::Streaming;
    heartbeat_.emplace(stream_.get_executor());
    stream_end_ = std::chrono::steady_clock::now() + bounds().stream_duration_max;
    source_->attach([weak = this->weak_from_this()] {
      if (auto self = weak.lock()) {
        asio::post(self->stream_.get_executor(), [self] { self->pump(); });
      }
    });
    watch_client();
    write_part(*std::move(bytes));
  }

  // Nothing is expected from the client any more. Its end is seen at once and not only when
  // something is written; whoever sends more has mistaken the connection for another.
  void watch_client() {
    lowest().expires_never();
    buffer_.clear();
    stream_.async_read_some(buffer_.prepare(4096), [self = this->shared_from_this()](
                                                       error_code, std::size_t) { self->close(); });
  }

  // One part of a stream is written at a time. The deadline is that of the write alone: the read of
  // `watch_client` is under way and keeps its own, which is none.
  void write_part(std::string bytes) {
    writing_ = true;
    heartbeat_->cancel();
    outgoing_ = std::move(bytes);
    lowest().expires_after(bounds().response_duration_max);
    asio::async_write(stream_, asio::buffer(outgoing_),
                      [self = this->shared_from_this()](error_code error, std::size_t) {
                        self->writing_ = false;
                        self->outgoing_ = std::string();
                        if (error || self->last_part_) return self->close();
                        self->lowest().expires_never();
                        self->pump();
                      });
  }

  // Writes what waits; waits when there is nothing.
  void pump() {
    if (stage_ != Stage::Streaming || writing_ || last_part_) return;
    if (!lowest().socket().is_open()) return;
    if (std::chrono::steady_clock::now() >= stream_end_) source_->end();
    auto taken = source_->take();
    if (!taken.bytes.empty()) return write_part(chunk(taken.bytes));
    if (taken.ended) {
      last_part_ = true;
      return write_part(chunk({}));
    }
    heartbeat_->expires_at(
        std::min(stream_end_, std::chrono::steady_clock::now() + bounds().heartbeat_interval));
    heartbeat_->async_wait([self = this->shared_from_this()](error_code error) {
      if (error || self->writing_) return;
      // A comment: clients of event streams pass over it.
      (void)self->source_->send(":\n\n");
    });
  }

  // Closing a socket with unread input makes the kernel send a reset, which can destroy the
  // response before the peer reads it. So only our direction is closed, and what still comes is
  // thrown away for a moment.
  void end_politely() {
    stage_ = Stage::Lingering;
    shared_->registry.waits(this);
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
    discard(limits::linger_bytes_max);
  }

  void discard(std::size_t bytes_max) {
    lowest().async_read_some(buffer_.prepare(4096), [self = this->shared_from_this(), bytes_max](
                                                        error_code error, std::size_t bytes) {
      if (error || bytes >= bytes_max) return self->close();
      self->discard(bytes_max - bytes);
    });
  }

  std::shared_ptr<ConnectionShared> shared_;
  Stream stream_;
  beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::string_body>> parser_;
  std::unique_ptr<BodyBudget::Share> room_;  // of the body of the request
  std::optional<asio::steady_timer> patience_;
  std::size_t window_bytes_ = 0;
  Request request_;
  Response response_;
  std::string outgoing_;
  std::shared_ptr<const std::string> outgoing_body_;  // sent behind it; null: nothing
  std::string remote_address_;
  std::string peer_certificate_der_;
  // Of an event stream.
  std::shared_ptr<EventStream> source_;
  std::unique_ptr<StreamPlace> place_;
  std::optional<asio::steady_timer> heartbeat_;
  std::chrono::steady_clock::time_point stream_end_;
  bool writing_ = false;
  bool last_part_ = false;

  Stage stage_ = Stage::Receiving;
  bool keep_alive_ = false;
  bool knows_chunks_ = false;
  bool head_request_ = false;
};

template <typename Stream>
void begin(const std::shared_ptr<ConnectionShared>& shared,
           const std::shared_ptr<Connection<Stream>>& connection, const std::string& subscriber) {
  // A full server drops the last owner here, which closes the socket.
  if (shared->registry.add(connection, subscriber, shared->options.limits.connections_max)) {
    connection->start();
  }
}

}  // namespace

void serve_connection(const std::shared_ptr<ConnectionShared>& shared, int descriptor,
                      const std::string& remote_address) {
  const Executor strand = asio::make_strand(shared->io.get_executor());
  const auto subscriber = subscriber_of(remote_address);
  error_code error;
  if (!shared->options.unix_socket_path.empty()) {
    UnixStream::socket_type socket(strand);
    socket.assign(asio::local::stream_protocol(), descriptor, error);
    if (!error) {
      return begin(shared,
                   std::make_shared<Connection<UnixStream>>(shared, remote_address,
                                                            UnixStream(std::move(socket))),
                   subscriber);
    }
  } else {
    TcpStream::socket_type socket(strand);
    const bool six = remote_address.find(':') != std::string::npos;
    socket.assign(six ? asio::ip::tcp::v6() : asio::ip::tcp::v4(), descriptor, error);
    if (!error && shared->tls.load() == nullptr) {
      return begin(shared,
                   std::make_shared<Connection<TcpStream>>(shared, remote_address,
                                                           TcpStream(std::move(socket))),
                   subscriber);
    }
    if (!error) {
      return begin(shared,
                   std::make_shared<Connection<TlsStream>>(
                       shared, remote_address, TcpStream(std::move(socket)), *shared->tls.load()),
                   subscriber);
    }
  }
  ::close(descriptor);
}

}  // namespace comity::net
