#include "net/client.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <future>
#include <thread>
#include <vector>

#include "net/test_server.h"

namespace comity::net {
namespace {

ErrorKind kind_of(Result<Response> result) {
  EXPECT_FALSE(result.has_value()) << "status " << result->status;
  return result ? ErrorKind::InvalidInput : result.error().kind;
}

TEST(Client, AnotherCertificateThanThePinnedOneIsRefused) {
  std::atomic<int> calls = 0;
  const auto server = start_or_die(tls_options(), [&](const Request&) {
    ++calls;
    return Response{};
  });
  Client client;
  ClientRequest request = request_to(*server, "/");
  ASSERT_EQ(client.send(request)->status, 200);
  // The connection that was made under the right pin is open; it must not serve the wrong one.
  request.pinned_certificate = client_certificate().digest;
  const auto refused = client.send(request);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().kind, ErrorKind::NotVerified);
  EXPECT_NE(refused.error().message.find(digest_text(server_certificate().digest)),
            std::string::npos);
  EXPECT_NE(refused.error().message.find(digest_text(client_certificate().digest)),
            std::string::npos);
  // Without a pin the authorities decide, and none of them knows the certificate.
  request.pinned_certificate.reset();
  EXPECT_EQ(kind_of(client.send(request)), ErrorKind::NotVerified);
  EXPECT_EQ(calls, 1);
  request.pinned_certificate = server_certificate().digest;
  EXPECT_EQ(client.send(request)->status, 200);
}

TEST(Client, OnlyListedNetworksAreCalled) {
  std::atomic<int> calls = 0;
  const auto server = start_or_die(tls_options(), [&](const Request&) {
    ++calls;
    return Response{};
  });
  Client client;
  ClientRequest request = request_to(*server, "/");
  EXPECT_EQ(client.send(request)->status, 200);
  for (const auto& networks : {std::vector<std::string>{}, {"127.0.0.2"}, {"10.0.0.0/8", "::/0"}}) {
    request.allowed_networks = networks;
    EXPECT_EQ(kind_of(client.send(request)), ErrorKind::NotPermitted);
  }
  request.allowed_networks = {};
  // The check is on the address, so other spellings and names do not help.
  for (const char* host : {"localhost", "2130706433", "[::ffff:127.0.0.1]"}) {
    request.url = "https://" + std::string(host) + ":" + std::to_string(server->port()) + "/";
    EXPECT_EQ(kind_of(client.send(request)), ErrorKind::NotPermitted) << host;
  }
  EXPECT_EQ(calls, 1);
  request = request_to(*server, "/");
  request.allowed_networks = {"127.0.0.1"};
  EXPECT_EQ(client.send(request)->status, 200);
  request.allowed_networks = {"127.0.0.1/8"};
  EXPECT_EQ(kind_of(client.send(request)), ErrorKind::InvalidInput);
}

TEST(Client, AnUnreachableServerIsNamed) {
  Client client;
  auto server = start_or_die(tls_options(), echo);
  const ClientRequest request = request_to(*server, "/a");
  server.reset();
  const auto result = client.send(request);
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().kind, ErrorKind::Unavailable);
  EXPECT_EQ(result.error().message, "cannot reach " + request.url + ": connection refused");
}

TEST(Client, RequestsThatCannotBeSentAreRefused) {
  Client client;
  ClientRequest good;
  good.url = "https://192.0.2.1/";
  const auto refused = [&](auto change) {
    ClientRequest request = good;
    change(request);
    return kind_of(client.send(request)) == ErrorKind::InvalidInput;
  };
  EXPECT_TRUE(refused([](auto& r) { r.method = "GET /x HTTP/1.1\r\nX:"; }));
  EXPECT_TRUE(refused([](auto& r) { r.headers = {{"X", "a\r\nY: b"}}; }));
  EXPECT_TRUE(refused([](auto& r) { r.headers = {{"X: a\r\nY", "b"}}; }));
  EXPECT_TRUE(refused([](auto& r) { r.url = "http://192.0.2.1/"; }));
  EXPECT_TRUE(refused([](auto& r) { r.url = "file:///etc/passwd"; }));
  EXPECT_TRUE(refused([](auto& r) { r.url = "https://"; }));
  EXPECT_TRUE(refused([](auto& r) { r.certificate_pem = "x"; }));
  EXPECT_TRUE(refused([](auto& r) { r.unix_socket_path = "/tmp/x"; }));
}

TEST(Client, AnUnusableCertificateIsNamed) {
  const auto server = start_or_die(tls_options(), echo);
  Client client;
  ClientRequest request = request_to(*server, "/");
  request.key_pem = server_certificate().key_pem;
  EXPECT_EQ(kind_of(client.send(request)), ErrorKind::InvalidInput);
  request.certificate_pem = "no certificate";
  EXPECT_EQ(kind_of(client.send(request)), ErrorKind::InvalidInput);
}

TEST(Client, ResponseBoundsHold) {
  const auto server = start_or_die(tls_options(), [](const Request& request) {
    if (request.path == "/header") {
      // The value is sized so that the header stays under or passes the bound with certainty.
      const std::size_t size = request.query == "small" ? 1000 : limits::header_bytes_max;
      return Response{200, {{"X", std::string(size, 'x')}}, ""};
    }
    return Response{200, {}, std::string(1000, 'b')};
  });
  Client client;
  ClientRequest request = request_to(*server, "/");
  request.response_bytes_max = 1000;
  EXPECT_EQ(client.send(request)->body.size(), 1000U);
  request.response_bytes_max = 999;
  EXPECT_EQ(kind_of(client.send(request)), ErrorKind::TooLarge);
  EXPECT_EQ(client.send(request_to(*server, "/header?small"))->header("x")->size(), 1000U);
  EXPECT_EQ(kind_of(client.send(request_to(*server, "/header"))), ErrorKind::TooLarge);
}

TEST(Client, ASlowServerIsGivenUp) {
  std::promise<void> release;
  const auto released = release.get_future().share();
  const auto server = start_or_die(tls_options(), [&](const Request&) {
    released.wait();
    return Response{};
  });
  Client client;
  ClientRequest request = request_to(*server, "/");
  request.total_seconds_max = 1;
  const auto result = client.send(request);
  release.set_value();
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().kind, ErrorKind::Unavailable);
}

TEST(Client, RedirectsAreAnswersLikeOthers) {
  const auto server = start_or_die(tls_options(), [](const Request& request) {
    if (request.path == "/end") return Response{200, {}, "end"};
    return Response{302, {{"Location", "/end"}}, ""};
  });
  Client client;
  const auto response = client.send(request_to(*server, "/"));
  ASSERT_TRUE(response.has_value());
  EXPECT_EQ(response->status, 302);
  EXPECT_EQ(response->header("location"), "/end");
}

TEST(Client, MethodBodyAndHeadersArriveAsGiven) {
  Request seen;
  const auto server = start_or_die(tls_options(), [&](const Request& request) {
    seen = request;
    return Response{200, {{"X-Empty", ""}, {"X-Spaces", "a b"}}, "answer"};
  });
  Client client;
  ClientRequest request = request_to(*server, "/p%20q?a=1&b=%2F");
  request.headers = {{"X-One", "1"}, {"X-Empty", ""}};
  for (const char* method : {"GET", "POST", "PUT", "DELETE"}) {
    request.method = method;
    request.body = std::string("\0binary\xff", 8);
    const auto response = client.send(request);
    ASSERT_TRUE(response.has_value()) << response.error().text();
    EXPECT_EQ(seen.method, method);
    EXPECT_EQ(seen.body, request.body);
    EXPECT_EQ(seen.target, "/p%20q?a=1&b=%2F");
    EXPECT_EQ(seen.path, "/p%20q");
    EXPECT_EQ(seen.query, "a=1&b=%2F");
    EXPECT_EQ(seen.header("x-one"), "1");
    EXPECT_EQ(seen.header("x-empty"), "");
    EXPECT_EQ(seen.header("content-type"), std::nullopt);
    EXPECT_EQ(response->body, "answer");
    EXPECT_EQ(response->header("x-spaces"), "a b");
    EXPECT_EQ(response->header("X-EMPTY"), "");
  }
  // A body-less request after one with a body carries nothing over.
  request.method = "GET";
  request.body.clear();
  ASSERT_TRUE(client.send(request).has_value());
  EXPECT_EQ(seen.body, "");
  EXPECT_EQ(seen.header("content-length"), std::nullopt);
  request.method = "POST";
  ASSERT_TRUE(client.send(request).has_value());
  EXPECT_EQ(seen.header("content-length"), "0");
}

TEST(Client, GivenAuthoritiesDecideInThePlaceOfThoseOfTheSystem) {
  const auto named = make_test_certificate("127.0.0.1");
  ServerOptions options;
  options.certificate_pem = named.certificate_pem;
  options.key_pem = named.key_pem;
  const auto server = start_or_die(std::move(options), echo);
  Client client;
  ClientRequest request = request_to(*server, "/");
  request.pinned_certificate.reset();
  EXPECT_EQ(kind_of(client.send(request)), ErrorKind::NotVerified);
  request.authorities_pem = server_certificate().certificate_pem;
  EXPECT_EQ(kind_of(client.send(request)), ErrorKind::NotVerified);
  request.authorities_pem = named.certificate_pem;
  const auto response = client.send(request);
  ASSERT_TRUE(response.has_value()) << response.error().text();
  EXPECT_EQ(response->status, 200);
  // The connection that was made under these authorities is not used under others.
  request.authorities_pem.clear();
  EXPECT_EQ(kind_of(client.send(request)), ErrorKind::NotVerified);
  // The name must be right.
  request.authorities_pem = named.certificate_pem;
  request.url = "https://localhost:" + std::to_string(server->port()) + "/";
  EXPECT_EQ(kind_of(client.send(request)), ErrorKind::NotVerified);
}

// Answers everything, and counts the connections on which it was asked.
struct CountingListener {
  CountingListener() {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.c_str(), path.size());
    EXPECT_EQ(::bind(descriptor, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(::listen(descriptor, 8), 0);
    thread = std::thread([this] {
      for (;;) {
        const int accepted = ::accept(descriptor, nullptr, nullptr);
        if (accepted < 0) return;
        ++connections;
        answering.emplace_back([accepted] {
          char bytes[4096];
          constexpr std::string_view answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
          while (::recv(accepted, bytes, sizeof bytes, 0) > 0) {
            (void)::send(accepted, answer.data(), answer.size(), MSG_NOSIGNAL);
          }
          ::close(accepted);
        });
      }
    });
  }
  ~CountingListener() {
    ::shutdown(descriptor, SHUT_RDWR);
    thread.join();
    for (auto& one : answering) one.join();
    ::close(descriptor);
  }
  TemporaryDirectory directory;
  const std::string path = directory.file("socket");
  const int descriptor = ::socket(AF_UNIX, SOCK_STREAM, 0);
  std::atomic<int> connections = 0;
  std::vector<std::thread> answering;  // of `thread` alone, and afterwards of who ends it
  std::thread thread;
};

TEST(Client, WhatIsSentOnlyOnceGoesOverAConnectionOfItsOwn) {
  CountingListener listener;
  {
    Client client;
    ClientRequest request;
    request.url = "http://localhost/";
    request.unix_socket_path = listener.path;
    EXPECT_EQ(client.send(request)->status, 200);
    EXPECT_EQ(client.send(request)->status, 200);
    EXPECT_EQ(listener.connections, 1);
    request.only_once = true;
    EXPECT_EQ(client.send(request)->status, 200);
    EXPECT_EQ(listener.connections, 2);
  }
}

TEST(Client, TheEnvironmentChoosesNoProxy) {
  const auto server = start_or_die(tls_options(), echo);
  ::setenv("https_proxy", "http://127.0.0.1:1", 1);
  Client client;
  const auto direct = client.send(request_to(*server, "/"));
  ClientRequest through = request_to(*server, "/");
  through.proxy = "127.0.0.1:1";
  const auto proxied = client.send(through);
  ::unsetenv("https_proxy");
  EXPECT_TRUE(direct.has_value());
  EXPECT_EQ(kind_of(proxied), ErrorKind::Unavailable);
}

}  // namespace
}  // namespace comity::net
