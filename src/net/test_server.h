// What the tests of server and client share: certificates, options, a raw socket. Header only.
#pragma once

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <functional>
#include <string>
#include <thread>

#include "base/test_support.h"
#include "net/client.h"
#include "net/server.h"
#include "net/test_certificates.h"

namespace comity::net {

// Making keys takes time; one pair serves all tests.
inline const TestCertificate& server_certificate() {
  static const TestCertificate made = make_test_certificate("server");
  return made;
}
inline const TestCertificate& client_certificate() {
  static const TestCertificate made = make_test_certificate("client");
  return made;
}

inline ServerOptions tls_options() {
  ServerOptions options;
  options.certificate_pem = server_certificate().certificate_pem;
  options.key_pem = server_certificate().key_pem;
  return options;
}

inline std::unique_ptr<Server> start_or_die(ServerOptions options, Handler handler) {
  auto server = Server::start(std::move(options), std::move(handler));
  EXPECT_TRUE(server.has_value()) << server.error().text();
  return *std::move(server);
}

inline ClientRequest request_to(const Server& server, const std::string& target) {
  ClientRequest request;
  request.url = "https://127.0.0.1:" + std::to_string(server.port()) + target;
  request.certificate_pem = client_certificate().certificate_pem;
  request.key_pem = client_certificate().key_pem;
  request.pinned_certificate = server_certificate().digest;
  request.allowed_networks = {"127.0.0.0/8"};
  return request;
}

inline Response echo(const Request& request) {
  return {200,
          {{"Content-Type", "text/plain"}},
          request.method + " " + request.target + " " + request.body};
}

using comity::test::TemporaryDirectory;

// A socket on which a test writes what no client would. Reads wait at most ten seconds.
class RawSocket {
 public:
  static RawSocket to_unix(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.c_str(), path.size());
    return RawSocket(AF_UNIX, reinterpret_cast<sockaddr*>(&address), sizeof address);
  }
  RawSocket(int family, const sockaddr* address, socklen_t length)
      : descriptor_(::socket(family, SOCK_STREAM, 0)) {
    EXPECT_EQ(::connect(descriptor_, address, length), 0) << std::strerror(errno);
  }
  RawSocket(RawSocket&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  RawSocket& operator=(RawSocket&&) = delete;
  ~RawSocket() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  int descriptor() const { return descriptor_; }

  void write(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;  // the server has closed; what it answered is still to be read
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }
  // What comes until `enough` is content, the server closes or the bound passes.
  std::string read_until(const std::function<bool(const std::string&)>& enough) {
    std::string text;
    pollfd wait{descriptor_, POLLIN, 0};
    while (!enough(text)) {
      char bytes[4096];
      if (::poll(&wait, 1, 10'000) != 1) {
        ADD_FAILURE() << "nothing came within ten seconds after: " << text;
        break;
      }
      const ssize_t got = ::recv(descriptor_, bytes, sizeof bytes, 0);
      if (got <= 0) break;
      text.append(bytes, static_cast<std::size_t>(got));
    }
    return text;
  }
  std::string read_until_close() {
    return read_until([](const std::string&) { return false; });
  }
  std::string read_until_text(const std::string& end) {
    return read_until([&](const std::string& text) { return text.find(end) != std::string::npos; });
  }

 private:
  int descriptor_;
};

// Asks again until it is so, at most ten seconds.
inline bool becomes_true(const std::function<bool()>& condition) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (std::chrono::steady_clock::now() < end) {
    if (condition()) return true;
    std::this_thread::yield();
  }
  return false;
}

}  // namespace comity::net
