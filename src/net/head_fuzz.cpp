// Bytes as what a client writes on one connection, to a real server in this process. Whatever it
// is, the server answers with whole responses and closes; what reaches the handler is a request
// within its bounds, and at most the last answer is a refusal.
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "net/server.h"

using namespace comity;

namespace {

// Small, so that inputs of a few hundred bytes lie on both sides of them.
constexpr std::size_t fuzz_header_bytes_max = 512;
constexpr std::size_t fuzz_body_bytes_max = 256;
constexpr int answer_milliseconds_max = 20'000;

std::atomic<std::size_t> requests_handled{0};

net::Response check_request(const net::Request& request) {
  CHECK(!request.target.empty() && request.target.front() == '/');
  const auto question = request.target.find('?');
  CHECK(request.path == request.target.substr(0, question));
  CHECK(request.query ==
        (question == std::string::npos ? "" : request.target.substr(question + 1)));
  CHECK(net::is_token(request.method) && request.local && !request.tls);
  CHECK(request.body.size() <= fuzz_body_bytes_max);
  std::size_t bytes = 0;
  for (const auto& [name, value] : request.headers) {
    CHECK(net::is_token(name) && net::is_field_value(value));
    bytes += name.size() + value.size();
  }
  CHECK(bytes <= fuzz_header_bytes_max);
  (void)net::parse_query(request.query);
  (void)net::percent_decode(request.path);
  if (const auto date = request.header("Date")) (void)net::read_date(*date);
  ++requests_handled;
  return {};
}

class FuzzServer {
 public:
  FuzzServer() {
    folder_ = (std::filesystem::temp_directory_path() / "comity-head-fuzz-XXXXXX").string();
    CHECK(::mkdtemp(folder_.data()) != nullptr);
    net::ServerOptions options;
    options.unix_socket_path = socket_path();
    options.limits.header_bytes_max = fuzz_header_bytes_max;
    options.limits.body_bytes_max = fuzz_body_bytes_max;
    // Without a body, so that the end of each answer is seen without knowing its request.
    options.refusal = [](int status, const std::string&) { return net::Response{status, {}, ""}; };
    auto server = net::Server::start(std::move(options), check_request);
    CHECK(server.has_value());
    server_ = *std::move(server);
  }
  ~FuzzServer() {
    server_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  FuzzServer(const FuzzServer&) = delete;
  FuzzServer& operator=(const FuzzServer&) = delete;

  std::string socket_path() const { return folder_ + "/socket"; }

 private:
  std::string folder_;
  std::unique_ptr<net::Server> server_;
};

// Writes all, says that no more comes, and reads to the end.
std::string exchange_bytes(const std::string& path, std::string_view bytes) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  CHECK(path.size() < sizeof address.sun_path);
  std::memcpy(address.sun_path, path.c_str(), path.size());
  const int descriptor = ::socket(AF_UNIX, SOCK_STREAM, 0);
  CHECK(descriptor >= 0);
  CHECK(::connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  while (!bytes.empty()) {
    const auto sent = ::send(descriptor, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) break;  // it has refused, and reads no more
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  ::shutdown(descriptor, SHUT_WR);
  std::string text;
  pollfd wait{descriptor, POLLIN, 0};
  for (;;) {
    CHECK(::poll(&wait, 1, answer_milliseconds_max) == 1);
    char part[4096];
    const auto got = ::recv(descriptor, part, sizeof part, 0);
    if (got <= 0) break;
    text.append(part, static_cast<std::size_t>(got));
  }
  ::close(descriptor);
  return text;
}

// The statuses of a row of answers without bodies; the last one at the end.
std::string statuses_of(std::string_view text) {
  std::string first_digits;
  while (!text.empty()) {
    constexpr std::string_view begin = "HTTP/1.1 ";
    const auto end = text.find("\r\n\r\n");
    CHECK(text.starts_with(begin) && end != std::string_view::npos);
    const auto head = text.substr(0, end + 2);
    const char digit = text[begin.size()];
    CHECK(digit == '1' || head.find("\r\nContent-Length: 0\r\n") != std::string_view::npos);
    if (digit != '1') first_digits.push_back(digit);
    text.remove_prefix(end + 4);
  }
  return first_digits;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const FuzzServer server;
  requests_handled = 0;
  const auto answers = statuses_of(
      exchange_bytes(server.socket_path(), {reinterpret_cast<const char*>(data), size}));
  const bool refused = !answers.empty() && answers.back() != '2';
  CHECK(answers.find_first_not_of('2') >= answers.size() - (refused ? 1 : 0));
  CHECK(answers.size() <= requests_handled + (refused ? 1 : 0));
  return 0;
}
