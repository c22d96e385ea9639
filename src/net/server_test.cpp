#include "net/server.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <future>
#include <map>
#include <stdexcept>

#include "base/file.h"
#include "net/event_stream.h"
#include "net/test_server.h"

namespace comity::net {
namespace {

RawSocket connect_tcp(const Server& server) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(server.port());
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return RawSocket(AF_INET, reinterpret_cast<sockaddr*>(&address), sizeof address);
}

// A server on a Unix socket, to which a test can write any bytes.
struct LocalServer {
  explicit LocalServer(Handler handler, ServerLimits bounds = {}) {
    options.unix_socket_path = directory.file("socket");
    options.limits = bounds;
    server = start_or_die(options, std::move(handler));
  }
  RawSocket connect() const { return RawSocket::to_unix(options.unix_socket_path); }
  // One connection, everything that comes back until the server closes it.
  std::string answer(const std::string& bytes) const {
    RawSocket raw = connect();
    raw.write(bytes);
    return raw.read_until_close();
  }
  TemporaryDirectory directory;
  ServerOptions options;
  std::unique_ptr<Server> server;
};

std::string status_of(const std::string& answer) { return answer.substr(0, 12); }

const std::string get = "GET / HTTP/1.1\r\nHost: a\r\n";
const std::string last_get = get + "Connection: close\r\n\r\n";

TEST(Server, MutualTlsHandsTheCertificateToTheHandler) {
  Request seen;
  const auto server = start_or_die(tls_options(), [&](const Request& request) {
    seen = request;
    return echo(request);
  });
  ClientRequest request = request_to(*server, "/a?b=c");
  request.method = "POST";
  request.body = "body";
  Client client;
  const auto response = client.send(request);
  ASSERT_TRUE(response.has_value()) << response.error().text();
  EXPECT_EQ(response->status, 200);
  EXPECT_EQ(response->body, "POST /a?b=c body");
  EXPECT_EQ(response->header("content-type"), "text/plain");
  EXPECT_EQ(seen.peer_certificate_der, client_certificate().der);
  EXPECT_EQ(seen.remote_address, "127.0.0.1");
  EXPECT_FALSE(seen.local);
}

TEST(Server, AClientWithoutCertificateIsRefused) {
  std::atomic<int> calls = 0;
  const auto count = [&](const Request& request) {
    ++calls;
    EXPECT_EQ(request.peer_certificate_der, "");
    return Response{};
  };
  const auto server = start_or_die(tls_options(), count);
  Client client;
  ClientRequest request = request_to(*server, "/");
  request.certificate_pem.clear();
  request.key_pem.clear();
  const auto refused = client.send(request);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().kind, ErrorKind::Unavailable);
  EXPECT_EQ(calls, 0);

  ServerOptions options = tls_options();
  options.client_certificate = ClientCertificate::Optional;
  const auto open_server = start_or_die(options, count);
  request.url = request_to(*open_server, "/").url;
  EXPECT_EQ(client.send(request)->status, 200);
  EXPECT_EQ(calls, 1);
}

TEST(Server, AClientCertificateThatDoesNotSignItselfIsRefused) {
  ServerOptions options = tls_options();
  options.client_certificate = ClientCertificate::Optional;
  const auto server = start_or_die(options, echo);
  const TestCertificate foreign = make_test_certificate("client", server_certificate().key_pem);
  ClientRequest request = request_to(*server, "/");
  request.certificate_pem = foreign.certificate_pem;
  request.key_pem = foreign.key_pem;
  Client client;
  EXPECT_FALSE(client.send(request).has_value());
}

TEST(Server, WrongOptionsAreNamed) {
  const auto kind = [](auto change) {
    ServerOptions options = tls_options();
    change(options);
    auto server = Server::start(options, echo);
    EXPECT_FALSE(server.has_value());
    return server ? ErrorKind::Corrupt : server.error().kind;
  };
  EXPECT_EQ(kind([](auto& o) { o.certificate_pem = "x"; }), ErrorKind::InvalidInput);
  EXPECT_EQ(kind([](auto& o) { o.key_pem = client_certificate().key_pem; }),
            ErrorKind::InvalidInput);
  EXPECT_EQ(kind([](auto& o) { o.address = "localhost"; }), ErrorKind::InvalidInput);
  EXPECT_EQ(kind([](auto& o) { o.address = "192.0.2.1"; }), ErrorKind::Unavailable);
  for (const char* address : {"192.0.2.1", "0.0.0.0", "::", "10.0.0.1", "localhost"}) {
    EXPECT_EQ(kind([&](auto& o) {
                o.plain = true;
                o.address = address;
              }),
              ErrorKind::InvalidInput)
        << address;
  }
  EXPECT_EQ(kind([](auto& o) { o.unix_socket_path = std::string(108, 'x'); }),
            ErrorKind::InvalidInput);
  EXPECT_EQ(kind([](auto& o) { o.unix_socket_path = "/nowhere/socket"; }), ErrorKind::Unavailable);
  EXPECT_EQ(kind([](auto& o) { o.limits.worker_threads = 0; }), ErrorKind::InvalidInput);
  const auto first = start_or_die(tls_options(), echo);
  EXPECT_EQ(kind([&](auto& o) { o.port = first->port(); }), ErrorKind::Conflict);
}

TEST(Server, BodyBoundHolds) {
  ServerOptions options = tls_options();
  options.limits.body_bytes_max = 100'000;
  const auto server = start_or_die(options, [](const Request& request) {
    return Response{200, {}, std::to_string(request.body.size())};
  });
  Client client;
  ClientRequest request = request_to(*server, "/");
  request.method = "POST";
  request.body = std::string(100'000, 'x');
  EXPECT_EQ(client.send(request)->body, "100000");
  request.body += 'x';
  const auto refused = client.send(request);
  ASSERT_TRUE(refused.has_value()) << refused.error().text();
  EXPECT_EQ(refused->status, 413);
  EXPECT_NE(refused->body.find("the limit for this request is 100000 bytes"), std::string::npos);
  // A client that goes on sending still gets to read the answer.
  request.body = std::string(5'000'000, 'x');
  const auto large = client.send(request);
  ASSERT_TRUE(large.has_value()) << large.error().text();
  EXPECT_EQ(large->status, 413);
}

TEST(Server, BodyBoundHoldsForChunks) {
  ServerLimits bounds;
  bounds.body_bytes_max = 8;
  const LocalServer local(echo, bounds);
  const std::string head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n";
  const std::string ended = "Connection: close\r\n\r\n";
  const std::string good = local.answer(head + ended + "5\r\nabcde\r\n3\r\nfgh\r\n0\r\n\r\n");
  EXPECT_EQ(status_of(good), "HTTP/1.1 200");
  EXPECT_NE(good.find("POST / abcdefgh"), std::string::npos);
  EXPECT_EQ(status_of(local.answer(head + ended + "5\r\nabcde\r\n4\r\nfghi\r\n0\r\n\r\n")),
            "HTTP/1.1 413");
  // An endless chunk line is a header that is too large, not a reason to keep reading.
  RawSocket raw = local.connect();
  raw.write(head + "\r\n5;" + std::string(200'000, 'x'));
  EXPECT_NE(status_of(raw.read_until_close()), "HTTP/1.1 200");
}

TEST(Server, TheBodyBoundMayDependOnTheCaller) {
  ServerOptions options = tls_options();
  options.body_bytes_max_of = [](const Request& request) -> std::size_t {
    EXPECT_EQ(request.peer_certificate_der, client_certificate().der);
    return request.path == "/known" ? 1'000'000'000 : 10;
  };
  options.limits.body_bytes_max = 1000;
  const auto server = start_or_die(options, echo);
  Client client;
  const auto status = [&](const std::string& path, std::size_t size) {
    ClientRequest request = request_to(*server, path);
    request.method = "POST";
    request.body = std::string(size, 'x');
    return client.send(request)->status;
  };
  EXPECT_EQ(status("/known", 1000), 200);
  EXPECT_EQ(status("/known", 1001), 413);
  EXPECT_EQ(status("/", 10), 200);
  EXPECT_EQ(status("/", 11), 413);
}

TEST(Server, HeaderBoundHolds) {
  const LocalServer local(echo);
  const auto answer_to_header_of = [&](std::size_t size) {
    const std::string start = get + "Connection: close\r\nX: ";
    return status_of(local.answer(start + std::string(size - start.size() - 4, 'x') + "\r\n\r\n"));
  };
  EXPECT_EQ(answer_to_header_of(limits::header_bytes_max), "HTTP/1.1 200");
  EXPECT_EQ(answer_to_header_of(limits::header_bytes_max + 1), "HTTP/1.1 431");
  // In two pieces as well.
  RawSocket raw = local.connect();
  const std::string start = get + "Connection: close\r\nX: ";
  raw.write(start + std::string(limits::header_bytes_max - start.size() - 4, 'x') + "\r");
  raw.write("\n\r\n");
  EXPECT_EQ(status_of(raw.read_until_close()), "HTTP/1.1 200");
  EXPECT_EQ(answer_to_header_of(limits::header_bytes_max * 20), "HTTP/1.1 431");
  EXPECT_EQ(status_of(local.answer("GET /" + std::string(100'000, 'x'))), "HTTP/1.1 431");
}

TEST(Server, MalformedRequestsAreAnswered) {
  std::atomic<int> calls = 0;
  const LocalServer local([&](const Request&) {
    ++calls;
    return Response{};
  });
  for (const std::string& bytes : std::vector<std::string>{
           "\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/2.0\r\n\r\n", "G\x01T / HTTP/1.1\r\n\r\n",
           "GET / HTTP/1.1\r\n\r\n", get + "Host: b\r\n\r\n", get + "Na me: x\r\n\r\n",
           get + "Content-Length: x\r\n\r\n", get + "Content-Length: -1\r\n\r\n",
           get + "Content-Length: 1\r\nContent-Length: 2\r\n\r\n",
           get + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
           get + "Transfer-Encoding: gzip\r\n\r\n",
           get + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
           get + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
           "GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
           get + "Transfer-Encoding: chunked\r\n\r\nz\r\n",
           std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11) + "\r\n\r\n"}) {
    const std::string answer = local.answer(bytes);
    EXPECT_EQ(status_of(answer), "HTTP/1.1 400") << bytes;
    EXPECT_NE(answer.find("Connection: close"), std::string::npos);
  }
  EXPECT_EQ(calls, 0);
  EXPECT_EQ(status_of(local.answer(last_get)), "HTTP/1.1 200");
}

TEST(Server, HeadIsAnsweredWithoutBody) {
  const LocalServer local(echo);
  const std::string answer =
      local.answer("HEAD /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(status_of(answer), "HTTP/1.1 200");
  EXPECT_NE(answer.find("Content-Length: 8\r\n"), std::string::npos);
  EXPECT_EQ(answer.substr(answer.size() - 4), "\r\n\r\n");

  const auto server = start_or_die(tls_options(), echo);
  Client client;
  ClientRequest request = request_to(*server, "/x");
  request.method = "HEAD";
  EXPECT_EQ(client.send(request)->header("content-length"), "8");
  request.method = "GET";
  EXPECT_EQ(client.send(request)->body, "GET /x ");
}

// From one byte below the size at which a body is sent from where it is, to many records; one
// after the other on one connection, in plain and over TLS.
TEST(Server, ASharedBodyArrivesWholeWhateverItsSize) {
  std::map<std::string, std::shared_ptr<const std::string>> bodies;
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{1}, limits::sent_apart_bytes_min - 1,
        limits::sent_apart_bytes_min, limits::sent_apart_bytes_min + 1, std::size_t{3'000'000}}) {
    std::string text(size, 'x');
    for (std::size_t i = 0; i < size; i += 97) text[i] = static_cast<char>('a' + i % 26);
    bodies["/" + std::to_string(size)] = std::make_shared<const std::string>(std::move(text));
  }
  const auto shared = [&](const Request& request) {
    Response response;
    response.shared = bodies.at(request.path);
    return response;
  };
  const auto server = start_or_die(tls_options(), shared);
  Client client;
  for (int round = 0; round < 2; ++round) {
    for (const auto& [path, body] : bodies) {
      const auto response = client.send(request_to(*server, path));
      ASSERT_TRUE(response.has_value()) << response.error().text();
      EXPECT_TRUE(response->body == *body) << path;
    }
  }
  const LocalServer local(shared);
  for (const auto& [path, body] : bodies) {
    for (const auto* method : {"GET ", "HEAD "}) {
      const auto answer =
          local.answer(method + path + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
      const auto end = answer.find("\r\n\r\n");
      ASSERT_NE(end, std::string::npos);
      EXPECT_NE(answer.find("Content-Length: " + std::to_string(body->size()) + "\r\n"),
                std::string::npos);
      const auto sent = answer.substr(end + 4);
      EXPECT_TRUE(sent == (*method == 'G' ? *body : "")) << method << path;
    }
  }
  server->stop();
  for (const auto& [path, body] : bodies) {
    EXPECT_EQ(body.use_count(), 1) << "a connection holds it after it was sent";
  }
}

TEST(Server, OneConnectionServesManyRequests) {
  const LocalServer local(echo);
  RawSocket raw = local.connect();
  for (int i = 0; i < 300; ++i) {
    const std::string target = "/" + std::to_string(i);
    raw.write("GET " + target + " HTTP/1.1\r\nHost: a\r\n\r\n");
    const std::string answer = raw.read_until_text("GET " + target + " ");
    ASSERT_EQ(status_of(answer), "HTTP/1.1 200");
    ASSERT_NE(answer.find("Connection: keep-alive"), std::string::npos);
  }
  // Requests that were sent together are answered in their order.
  raw.write(
      "GET /a HTTP/1.1\r\nHost: a\r\n\r\nPOST /b HTTP/1.1\r\nHost: a\r\n"
      "Content-Length: 3\r\n\r\nxyz" +
      last_get);
  const std::string answers = raw.read_until_close();
  EXPECT_LT(answers.find("GET /a "), answers.find("POST /b xyz"));
  EXPECT_LT(answers.find("POST /b xyz"), answers.find("GET / "));
}

TEST(Server, ManyThreadsAreServedAtOnce) {
  const auto server = start_or_die(tls_options(), echo);
  std::atomic<int> good = 0;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 8; ++thread) {
    threads.emplace_back([&, thread] {
      Client client;
      for (int i = 0; i < 25; ++i) {
        const std::string target = "/" + std::to_string(thread) + "/" + std::to_string(i);
        ClientRequest request = request_to(*server, target);
        request.method = "POST";
        request.body = std::string(10'000, static_cast<char>('a' + thread));
        const auto response = client.send(request);
        good += response && response->body == "POST " + target + " " + request.body;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(good, 200);
}

TEST(Server, SlowClientsDelayNobodyAndAreDropped) {
  ServerOptions options = tls_options();
  options.limits.handshake_duration_max = std::chrono::milliseconds(1500);
  const auto server = start_or_die(options, echo);
  std::vector<RawSocket> silent;
  for (int i = 0; i < 50; ++i) silent.push_back(connect_tcp(*server));
  Client client;
  EXPECT_EQ(client.send(request_to(*server, "/"))->status, 200);
  for (RawSocket& raw : silent) EXPECT_EQ(raw.read_until_close(), "");
}

TEST(Server, AnUnfinishedRequestAndAnIdleConnectionEnd) {
  ServerLimits bounds;
  bounds.request_duration_max = std::chrono::milliseconds(200);
  const LocalServer local(echo, bounds);
  RawSocket header = local.connect();
  header.write("GET / HT");
  RawSocket body = local.connect();
  body.write("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf");
  EXPECT_EQ(header.read_until_close(), "");
  EXPECT_EQ(body.read_until_close(), "");

  bounds.idle_duration_max = std::chrono::milliseconds(800);
  const LocalServer impatient(echo, bounds);
  RawSocket idle = impatient.connect();
  idle.write(get + "\r\n");
  EXPECT_EQ(status_of(idle.read_until_close()), "HTTP/1.1 200");
}

TEST(Server, AClientThatDoesNotReadIsDropped) {
  ServerLimits bounds;
  bounds.response_duration_max = std::chrono::milliseconds(200);
  const LocalServer local(
      [](const Request&) {
        return Response{200, {}, std::string(9'000'000, 'x')};
      },
      bounds);
  RawSocket raw = local.connect();
  raw.write(last_get);
  // The server closes although most of the response is unsent: the peer sees a hang-up.
  EXPECT_TRUE(becomes_true([&] {
    pollfd state{raw.descriptor(), 0, 0};
    ::poll(&state, 1, 0);
    return (state.revents & POLLHUP) != 0;
  }));
  EXPECT_LT(raw.read_until_close().size(), 9'000'000U);
}

TEST(Server, ConnectionBoundHoldsAndRoomIsMadeForNewOnes) {
  ServerLimits bounds;
  bounds.connections_max = 2;
  const LocalServer local(echo, bounds);
  std::vector<RawSocket> open;
  const auto served_one_more = [&] {
    open.push_back(local.connect());
    open.back().write(get + "\r\n");
    EXPECT_EQ(status_of(open.back().read_until_text("GET / ")), "HTTP/1.1 200");
  };
  served_one_more();
  served_one_more();
  // The next one is served, and one of the two that wait has ended.
  served_one_more();
  std::vector<pollfd> states = {{open[0].descriptor(), POLLIN, 0},
                                {open[1].descriptor(), POLLIN, 0}};
  ASSERT_EQ(::poll(states.data(), states.size(), 10'000), 1);
  auto& stays = open[states[0].revents != 0 ? 1 : 0];
  stays.write(get + "\r\n");
  EXPECT_EQ(status_of(stays.read_until_text("GET / ")), "HTTP/1.1 200");
  // However far it has come with a request that is not complete.
  RawSocket half = local.connect();
  half.write("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n");
  EXPECT_EQ(half.read_until_text("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  half.write("half");
  served_one_more();
  served_one_more();
  EXPECT_EQ(half.read_until_close(), "");
}

TEST(Server, NoConnectionEndsWhileItsRequestIsInWork) {
  ServerLimits bounds;
  bounds.connections_max = 2;
  std::promise<void> release;
  const auto released = release.get_future().share();
  std::atomic<int> running = 0;
  const LocalServer local(
      [&](const Request& request) {
        ++running;
        released.wait();
        return echo(request);
      },
      bounds);
  RawSocket first = local.connect();
  RawSocket second = local.connect();
  for (auto* raw : {&first, &second}) raw->write(get + "\r\n");
  EXPECT_TRUE(becomes_true([&] { return running == 2; }));
  EXPECT_EQ(local.answer(last_get), "");  // the third
  release.set_value();
  for (auto* raw : {&first, &second}) {
    EXPECT_EQ(status_of(raw->read_until_text("GET / ")), "HTTP/1.1 200");
  }
}

TEST(Server, TwentyTimesAsManyConnectionsAsMayBeKeepNobodyOut) {
  ServerLimits bounds;
  bounds.connections_max = 20;
  const LocalServer local(echo, bounds);
  std::vector<RawSocket> silent;
  for (int i = 0; i < 400; ++i) {
    silent.push_back(local.connect());
    if (i % 2 == 0) silent.back().write("GET / HT");
    if (i % 40 == 0) {
      EXPECT_EQ(status_of(local.answer(last_get)), "HTTP/1.1 200") << i;
    }
  }
  EXPECT_EQ(status_of(local.answer(last_get)), "HTTP/1.1 200");
  for (int i = 0; i < 300; ++i)
    EXPECT_EQ(silent[static_cast<std::size_t>(i)].read_until_close(), "");
}

std::string post_of(std::size_t announced, const std::string& fields = "") {
  return "POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: " +
         std::to_string(announced) + "\r\n" + fields + "\r\n";
}

const std::string invite_me = "Expect: 100-continue\r\n";
const std::string invitation = "HTTP/1.1 100 Continue\r\n\r\n";

TEST(Server, BodiesThatAreReceivedHaveABound) {
  ServerLimits bounds;
  bounds.body_bytes_max = 1000;
  bounds.bodies_bytes_max = 2000;
  bounds.bodies_of_caller_bytes_max = 2000;
  bounds.body_wait_duration_max = std::chrono::milliseconds(300);
  const LocalServer local(echo, bounds);
  std::vector<RawSocket> senders;
  for (int i = 0; i < 2; ++i) {
    senders.push_back(local.connect());
    senders.back().write(post_of(1000, invite_me));
    // Whoever is asked for a body has room for it.
    EXPECT_EQ(senders.back().read_until_text("\r\n\r\n"), invitation);
    senders.back().write("x");
  }
  const auto refused = local.answer(post_of(1) + "x");
  EXPECT_EQ(status_of(refused), "HTTP/1.1 503");
  EXPECT_NE(refused.find("Retry-After: "), std::string::npos);
  EXPECT_NE(refused.find("Connection: close"), std::string::npos);
  // What has no body needs none, and chunks need as much as they may have.
  EXPECT_EQ(status_of(local.answer(last_get)), "HTTP/1.1 200");
  EXPECT_EQ(status_of(local.answer("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n"
                                   "\r\n0\r\n\r\n")),
            "HTTP/1.1 503");
  senders[0].write(std::string(999, 'x'));
  EXPECT_EQ(status_of(senders[0].read_until_close()), "HTTP/1.1 200");
  EXPECT_EQ(status_of(local.answer(post_of(1000) + std::string(1000, 'x'))), "HTTP/1.1 200");
  senders.pop_back();  // who leaves makes room
  RawSocket both = local.connect();
  both.write(post_of(1000, invite_me));
  EXPECT_EQ(both.read_until_text("\r\n\r\n"), invitation);
  EXPECT_TRUE(becomes_true([&] {
    return status_of(local.answer(post_of(1000) + std::string(1000, 'x'))) == "HTTP/1.1 200";
  }));
}

TEST(Server, ABodyWaitsForRoomAndIsThenReceived) {
  ServerLimits bounds;
  bounds.body_bytes_max = bounds.bodies_bytes_max = bounds.bodies_of_caller_bytes_max = 1000;
  bounds.bodies_waiting_of_caller_max = 1;
  const LocalServer local(echo, bounds);
  RawSocket first = local.connect();
  first.write(post_of(1000, invite_me));
  EXPECT_EQ(first.read_until_text("\r\n\r\n"), invitation);
  std::vector<RawSocket> others;
  std::vector<pollfd> states;
  for (int i = 0; i < 2; ++i) {
    others.push_back(local.connect());
    others.back().write(post_of(3, invite_me));
    states.push_back({others.back().descriptor(), POLLIN, 0});
  }
  // One of them waits, and it is said of the other that it cannot even wait.
  ASSERT_EQ(::poll(states.data(), states.size(), 10'000), 1);
  const std::size_t refused = states[0].revents != 0 ? 0 : 1;
  EXPECT_EQ(status_of(others[refused].read_until_close()), "HTTP/1.1 503");
  first.write(std::string(1000, 'x'));
  EXPECT_EQ(status_of(first.read_until_close()), "HTTP/1.1 200");
  auto& waited = others[1 - refused];
  EXPECT_EQ(waited.read_until_text("\r\n\r\n"), invitation);
  waited.write("abc");
  EXPECT_NE(waited.read_until_close().find("POST / abc"), std::string::npos);
}

TEST(Server, ABodyKeepsItsRoomUntilItIsAnswered) {
  ServerLimits bounds;
  bounds.body_bytes_max = bounds.bodies_bytes_max = bounds.bodies_of_caller_bytes_max = 10;
  bounds.body_wait_duration_max = std::chrono::milliseconds(50);
  std::promise<void> release;
  const auto released = release.get_future().share();
  std::atomic<bool> running = false;
  const LocalServer local(
      [&](const Request& request) {
        running = true;
        released.wait();
        return echo(request);
      },
      bounds);
  RawSocket first = local.connect();
  first.write(post_of(10) + "0123456789");
  EXPECT_TRUE(becomes_true([&] { return running.load(); }));
  EXPECT_EQ(status_of(local.answer(post_of(1) + "x")), "HTTP/1.1 503");
  release.set_value();
  EXPECT_EQ(status_of(first.read_until_close()), "HTTP/1.1 200");
  EXPECT_EQ(status_of(local.answer(post_of(1) + "x")), "HTTP/1.1 200");
}

TEST(Server, ASlowBodyEndsAndALongOneOnAThinLineArrives) {
  ServerLimits bounds;
  bounds.request_duration_max = std::chrono::seconds(3);
  bounds.body_window_bytes_min = 10;
  const LocalServer local(echo, bounds);
  // Ten bytes in each window are enough, however long it takes altogether.
  RawSocket steady = local.connect();
  steady.write(post_of(40));
  for (int i = 0; i < 4; ++i) {
    std::this_thread::sleep_for(bounds.request_duration_max / 3);
    steady.write(std::string(10, 'x'));
  }
  EXPECT_EQ(status_of(steady.read_until_close()), "HTTP/1.1 200");
  // One byte at a time keeps no window open.
  RawSocket slow = local.connect();
  slow.write(post_of(1000));
  const auto start = std::chrono::steady_clock::now();
  EXPECT_TRUE(becomes_true([&] {
    std::this_thread::sleep_for(bounds.request_duration_max / 8);
    slow.write("x");
    pollfd state{slow.descriptor(), POLLIN, 0};
    ::poll(&state, 1, 0);
    return state.revents != 0;
  }));
  EXPECT_GT(std::chrono::steady_clock::now() - start, bounds.request_duration_max / 2);
  EXPECT_EQ(slow.read_until_close(), "");
}

TEST(Server, SlowHandlersTakeTheirWorkersOnly) {
  ServerOptions options = tls_options();
  options.limits.worker_threads = 2;
  std::promise<void> release;
  const auto released = release.get_future().share();
  std::atomic<int> running = 0;
  std::atomic<int> most = 0;
  const auto server = start_or_die(options, [&](const Request& request) {
    const int now = ++running;
    for (int seen = most; seen < now && !most.compare_exchange_weak(seen, now);) {
    }
    if (request.path == "/slow") released.wait();
    --running;
    return Response{};
  });
  const auto call = [&](const std::string& target) {
    return std::async(std::launch::async, [&server, target] {
      Client client;
      return client.send(request_to(*server, target)).has_value();
    });
  };
  auto slow = call("/slow");
  EXPECT_TRUE(becomes_true([&] { return running == 1; }));
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(call("/").get());
  // With both workers taken, connections are still accepted and wait for their turn.
  auto slow_too = call("/slow");
  EXPECT_TRUE(becomes_true([&] { return running == 2; }));
  auto waiting = call("/");
  release.set_value();
  EXPECT_TRUE(slow.get());
  EXPECT_TRUE(slow_too.get());
  EXPECT_TRUE(waiting.get());
  EXPECT_EQ(most, 2);
}

// A client with a certificate of its own.
ClientRequest request_of(const TestCertificate& certificate, const Server& server,
                         const std::string& target) {
  auto request = request_to(server, target);
  request.certificate_pem = certificate.certificate_pem;
  request.key_pem = certificate.key_pem;
  return request;
}

TEST(Server, OneCallerDoesNotKeepOthersWaiting) {
  const auto other = make_test_certificate("other");
  ServerOptions options = tls_options();
  options.limits.worker_threads = 2;
  options.limits.running_of_caller_max = 1;
  options.limits.waiting_of_caller_max = 3;
  std::promise<void> release;
  const auto released = release.get_future().share();
  std::atomic<int> begun = 0;
  const auto server = start_or_die(options, [&](const Request& request) {
    ++begun;
    if (request.path == "/slow") released.wait();
    return Response{};
  });
  const auto call = [&](const TestCertificate& certificate, const std::string& target) {
    return std::async(std::launch::async,
                      [&server, request = request_of(certificate, *server, target)] {
                        Client client;
                        const auto response = client.send(request);
                        return response ? *response : Response{0, {}, ""};
                      });
  };
  std::vector<std::future<Response>> slow;
  slow.push_back(call(client_certificate(), "/slow"));
  EXPECT_TRUE(becomes_true([&] { return begun == 1; }));
  // Three more wait, and of the fourth and fifth it is said that they cannot.
  for (int i = 0; i < 5; ++i) slow.push_back(call(client_certificate(), "/slow"));
  const auto ended = [&] {
    return std::count_if(slow.begin(), slow.end(), [](const auto& one) {
      return one.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
    });
  };
  EXPECT_TRUE(becomes_true([&] { return ended() == 2; }));
  // All the while another is answered.
  for (int i = 0; i < 10; ++i) EXPECT_EQ(call(other, "/").get().status, 200);
  EXPECT_EQ(begun, 11);
  release.set_value();
  int refused = 0;
  for (auto& one : slow) {
    const auto response = one.get();
    if (response.status != 503) {
      EXPECT_EQ(response.status, 200);
      continue;
    }
    ++refused;
    EXPECT_EQ(response.header("Retry-After"), std::to_string(limits::retry_after_seconds));
  }
  EXPECT_EQ(refused, 2);
}

TEST(Server, ADefectInAHandlerIsStatus500) {
  const LocalServer local([](const Request& request) -> Response {
    if (request.path == "/throw") throw std::runtime_error("secret");
    if (request.path == "/odd") throw 7;
    if (request.path == "/split") return {200, {{"X", "a\r\nY: b"}}, ""};
    if (request.path == "/status") return {42, {}, ""};
    return echo(request);
  });
  RawSocket raw = local.connect();
  for (const char* path : {"/throw", "/odd", "/split", "/status"}) {
    raw.write("GET " + std::string(path) + " HTTP/1.1\r\nHost: a\r\n\r\n");
    const std::string answer = raw.read_until_text("defect of this program\n");
    EXPECT_EQ(status_of(answer), "HTTP/1.1 500") << path;
    EXPECT_EQ(answer.find("secret"), std::string::npos);
  }
  raw.write(last_get);
  EXPECT_EQ(status_of(raw.read_until_close()), "HTTP/1.1 200");
}

TEST(Server, AClientThatAsksFirstIsInvited) {
  const LocalServer local(echo);
  RawSocket raw = local.connect();
  const std::string head =
      "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nConnection: close\r\n";
  raw.write(head + "Content-Length: 3\r\n\r\n");
  EXPECT_EQ(raw.read_until_text("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  raw.write("abc");
  EXPECT_NE(raw.read_until_close().find("POST / abc"), std::string::npos);
  EXPECT_EQ(status_of(local.answer(head + "Content-Length: 33554433\r\n\r\n")), "HTTP/1.1 413");
}

TEST(Server, AUnixSocketServesTheLocalUser) {
  Request seen;
  LocalServer local([&](const Request& request) {
    seen = request;
    return echo(request);
  });
  const std::string path = local.options.unix_socket_path;
  Client client;
  ClientRequest request;
  request.url = "http://localhost/a";
  request.unix_socket_path = path;
  const auto response = client.send(request);
  ASSERT_TRUE(response.has_value()) << response.error().text();
  EXPECT_EQ(response->body, "GET /a ");
  EXPECT_TRUE(seen.local);
  EXPECT_EQ(seen.remote_address, "local");
  EXPECT_EQ(seen.peer_certificate_der, "");
  EXPECT_EQ(local.server->port(), 0);
  struct stat found {};
  ASSERT_EQ(::stat(path.c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777, 0600U);

  EXPECT_EQ(Server::start(local.options, echo).error().kind, ErrorKind::Conflict);
  EXPECT_TRUE(client.send(request).has_value());
  local.server->stop();
  EXPECT_FALSE(file_exists(path));
  EXPECT_EQ(client.send(request).error().kind, ErrorKind::Unavailable);
}

TEST(Server, OnlyAnAbandonedSocketIsReplaced) {
  const TemporaryDirectory directory;
  ServerOptions options;
  options.unix_socket_path = directory.file("socket");
  ASSERT_TRUE(write_file(options.unix_socket_path, "precious").has_value());
  EXPECT_EQ(Server::start(options, echo).error().kind, ErrorKind::Conflict);
  EXPECT_EQ(read_file(options.unix_socket_path, 100).value(), "precious");
  std::filesystem::remove(options.unix_socket_path);
  {
    // What a killed server leaves: a bound socket that nobody listens on.
    const int descriptor = ::socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, options.unix_socket_path.c_str(),
                options.unix_socket_path.size());
    ASSERT_EQ(::bind(descriptor, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    ::close(descriptor);
  }
  const auto server = start_or_die(options, echo);
  RawSocket raw = RawSocket::to_unix(options.unix_socket_path);
  raw.write(last_get);
  EXPECT_EQ(status_of(raw.read_until_close()), "HTTP/1.1 200");
}

TEST(Server, StopLetsTheRunningRequestEnd) {
  std::promise<void> release;
  const auto released = release.get_future().share();
  std::atomic<bool> running = false;
  const auto server = start_or_die(tls_options(), [&](const Request& request) {
    if (request.path == "/slow") {
      running = true;
      released.wait();
    }
    return Response{200, {}, std::string(1'000'000, 'x')};
  });
  Client idle;
  ASSERT_TRUE(idle.send(request_to(*server, "/")).has_value());
  RawSocket silent = connect_tcp(*server);
  auto answer = std::async(std::launch::async, [&] {
    Client client;
    return client.send(request_to(*server, "/slow"));
  });
  ASSERT_TRUE(becomes_true([&] { return running.load(); }));
  std::atomic<bool> stopped = false;
  auto stopping = std::async(std::launch::async, [&] {
    server->stop();
    stopped = true;
  });
  // Connections without a request end although the handler still runs.
  EXPECT_EQ(silent.read_until_close(), "");
  EXPECT_TRUE(becomes_true([&] { return !idle.send(request_to(*server, "/")).has_value(); }));
  EXPECT_FALSE(stopped);
  const auto start = std::chrono::steady_clock::now();
  release.set_value();
  const auto response = answer.get();
  ASSERT_TRUE(response.has_value()) << response.error().text();
  EXPECT_EQ(response->body.size(), 1'000'000U);
  EXPECT_EQ(response->header("connection"), "close");
  stopping.get();
  EXPECT_LT(std::chrono::steady_clock::now() - start,
            std::chrono::seconds(limits::stop_seconds_max));
  EXPECT_EQ(idle.send(request_to(*server, "/")).error().kind, ErrorKind::Unavailable);
  server->stop();
}

TEST(Server, StopDoesNotWaitForAClientThatDoesNotRead) {
  const LocalServer local([](const Request&) {
    return Response{200, {}, std::string(9'000'000, 'x')};
  });
  RawSocket raw = local.connect();
  raw.write(get + "\r\n");
  EXPECT_NE(raw.read_until_text("\r\n\r\n"), "");
  const auto start = std::chrono::steady_clock::now();
  local.server->stop();
  EXPECT_LT(std::chrono::steady_clock::now() - start,
            std::chrono::seconds(2 * limits::stop_seconds_max));
  // The server object still exists, but its end of the connection does not.
  EXPECT_LT(raw.read_until_close().size(), 9'000'000U);
}

TEST(Server, StopIsPromptUnderLoad) {
  auto server = start_or_die(tls_options(), echo);
  std::atomic<bool> enough = false;
  std::atomic<int> answers = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, request = request_to(*server, "/")] {
      Client client;
      while (!enough) answers += client.send(request).has_value();
    });
  }
  EXPECT_TRUE(becomes_true([&] { return answers > 50; }));
  const auto start = std::chrono::steady_clock::now();
  server.reset();
  EXPECT_LT(std::chrono::steady_clock::now() - start,
            std::chrono::seconds(limits::stop_seconds_max));
  enough = true;
  for (auto& thread : threads) thread.join();
}

TEST(Server, InPlainOnALoopbackAddress) {
  ServerOptions options;
  options.plain = true;
  Request seen;
  const auto server = start_or_die(options, [&](const Request& request) {
    seen = request;
    return echo(request);
  });
  RawSocket raw = connect_tcp(*server);
  raw.write(last_get);
  const std::string answer = raw.read_until_close();
  EXPECT_EQ(status_of(answer), "HTTP/1.1 200");
  EXPECT_FALSE(seen.tls);
  // A caller over TCP is never taken for one over the Unix socket, which the owner alone can open.
  EXPECT_FALSE(seen.local);
  EXPECT_EQ(seen.remote_address, "127.0.0.1");
  EXPECT_EQ(server->use_identity(server_certificate().certificate_pem, server_certificate().key_pem)
                .error()
                .kind,
            ErrorKind::InvalidInput);
}

TEST(Server, ABrowserIsAskedForNoCertificate) {
  ServerOptions options = tls_options();
  options.client_certificate = ClientCertificate::None;
  Request seen;
  const auto server = start_or_die(options, [&](const Request& request) {
    seen = request;
    return Response{};
  });
  Client client;
  // Not even the one that it would show.
  ASSERT_TRUE(client.send(request_to(*server, "/")).has_value());
  EXPECT_EQ(seen.peer_certificate_der, "");
  EXPECT_TRUE(seen.tls);
}

TEST(Server, ItsOwnRefusalsHaveTheFormThatTheHandlersAnswersHave) {
  ServerOptions options;
  options.plain = true;
  options.refusal = [](int status, const std::string& text) {
    return Response{status, {{"X-Frame-Options", "DENY"}}, "<" + text + ">"};
  };
  options.limits.body_bytes_max = 1;
  options.limits.header_bytes_max = 200;
  const auto server = start_or_die(options, [](const Request&) -> Response { throw 1; });
  const std::vector<std::pair<std::string, std::string>> refused = {
      {"GET\r\n\r\n", "400"},
      {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab", "413"},
      {"GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(300, 'x') + "\r\n\r\n", "431"},
      {"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "500"}};
  for (const auto& [bytes, status] : refused) {
    RawSocket raw = connect_tcp(*server);
    raw.write(bytes);
    const auto answer = raw.read_until_close();
    EXPECT_EQ(status_of(answer), "HTTP/1.1 " + status);
    EXPECT_NE(answer.find("\r\nX-Frame-Options: DENY\r\n"), std::string::npos) << status;
    EXPECT_TRUE(answer.ends_with(">")) << answer;
  }
}

// A server that answers every request with a stream, and the streams in their order.
struct StreamServer {
  explicit StreamServer(ServerLimits bounds = {}, std::size_t bytes_max = limits::stream_bytes_max)
      : local(
            [this, bytes_max](const Request&) {
              auto stream = std::make_shared<EventStream>(bytes_max);
              const std::lock_guard lock(mutex);
              streams.push_back(stream);
              return Response{200, {{"Content-Type", "text/event-stream"}}, "", stream};
            },
            bounds) {}
  std::shared_ptr<EventStream> stream(std::size_t number) {
    std::shared_ptr<EventStream> found;
    EXPECT_TRUE(becomes_true([&] {
      const std::lock_guard lock(mutex);
      if (streams.size() > number) found = streams[number];
      return found != nullptr;
    }));
    return found;
  }
  std::mutex mutex;
  std::vector<std::shared_ptr<EventStream>> streams;
  LocalServer local;
};

TEST(Server, AStreamGoesOnAfterTheHandler) {
  StreamServer server;
  RawSocket raw = server.local.connect();
  raw.write(get + "\r\n");
  const std::string head = raw.read_until_text("\r\n\r\n");
  EXPECT_EQ(status_of(head), "HTTP/1.1 200");
  EXPECT_NE(head.find("Transfer-Encoding: chunked\r\n"), std::string::npos);
  EXPECT_NE(head.find("Connection: close\r\n"), std::string::npos);
  EXPECT_EQ(head.find("Content-Length"), std::string::npos);
  const auto stream = server.stream(0);
  for (int i = 0; i < 50; ++i) {
    const std::string text = "data: " + std::to_string(i) + "\n\n";
    ASSERT_TRUE(stream->send(text));
    ASSERT_NE(raw.read_until_text(text).find(text), std::string::npos);
  }
  EXPECT_TRUE(stream->send("last\n\n"));
  stream->end();
  EXPECT_FALSE(stream->send("late"));
  EXPECT_EQ(raw.read_until_close(), "6\r\nlast\n\n\r\n0\r\n\r\n");
}

TEST(Server, AStreamOverTlsIsTheSame) {
  auto stream = std::make_shared<EventStream>();
  const auto server = start_or_die(tls_options(), [&](const Request& request) {
    return request.path == "/stream" ? Response{200, {}, "", stream} : echo(request);
  });
  auto answer = std::async(std::launch::async, [&] {
    Client client;
    return client.send(request_to(*server, "/stream"));
  });
  std::string sent;
  for (int i = 0; i < 20; ++i) {
    sent += "data: " + std::to_string(i) + "\n\n";
    ASSERT_TRUE(stream->send("data: " + std::to_string(i) + "\n\n"));
  }
  stream->end();
  const auto response = answer.get();
  ASSERT_TRUE(response.has_value()) << response.error().text();
  EXPECT_EQ(response->body, sent);
}

TEST(Server, StreamsHoldNoWorker) {
  ServerLimits bounds;
  bounds.worker_threads = 1;
  StreamServer server(bounds);
  std::vector<RawSocket> sockets;
  for (std::size_t i = 0; i < 20; ++i) {
    sockets.push_back(server.local.connect());
    sockets.back().write(get + "\r\n");
    EXPECT_EQ(status_of(sockets.back().read_until_text("\r\n\r\n")), "HTTP/1.1 200") << i;
  }
  for (std::size_t i = 0; i < 20; ++i) EXPECT_TRUE(server.stream(i)->send("data: x\n\n"));
  for (auto& raw : sockets) EXPECT_NE(raw.read_until_text("data: x"), "");
}

TEST(Server, StreamBoundHolds) {
  ServerLimits bounds;
  bounds.streams_max = 2;
  StreamServer server(bounds);
  std::vector<RawSocket> sockets;
  for (int i = 0; i < 2; ++i) {
    sockets.push_back(server.local.connect());
    sockets.back().write(get + "\r\n");
    EXPECT_EQ(status_of(sockets.back().read_until_text("\r\n\r\n")), "HTTP/1.1 200");
  }
  const std::string full = server.local.answer(get + "\r\n");
  EXPECT_EQ(status_of(full), "HTTP/1.1 503");
  EXPECT_NE(full.find("Retry-After: "), std::string::npos);
  EXPECT_TRUE(server.stream(2)->ended());
  // Whoever leaves makes room, although nothing is written to them.
  sockets.pop_back();
  EXPECT_TRUE(becomes_true([&] { return server.stream(1)->ended(); }));
  EXPECT_TRUE(becomes_true([&] {
    RawSocket raw = server.local.connect();
    raw.write(get + "\r\n");
    return status_of(raw.read_until_text("\r\n\r\n")) == "HTTP/1.1 200";
  }));
}

TEST(Server, AStreamWithoutNewsShowsThatItLives) {
  ServerLimits bounds;
  bounds.heartbeat_interval = std::chrono::milliseconds(20);
  StreamServer server(bounds);
  RawSocket raw = server.local.connect();
  raw.write(get + "\r\n");
  for (int i = 0; i < 3; ++i) EXPECT_NE(raw.read_until_text("3\r\n:\n\n\r\n"), "");
}

TEST(Server, AStreamEndsAfterItsTime) {
  ServerLimits bounds;
  bounds.stream_duration_max = std::chrono::milliseconds(50);
  StreamServer server(bounds);
  RawSocket raw = server.local.connect();
  raw.write(get + "\r\n");
  const std::string all = raw.read_until_close();
  EXPECT_TRUE(all.ends_with("\r\n0\r\n\r\n")) << all;
  EXPECT_TRUE(server.stream(0)->ended());
}

TEST(Server, AStreamNobodyReadsEndsAtItsBound) {
  EventStream queue(10);
  EXPECT_TRUE(queue.send("0123456789"));
  EXPECT_FALSE(queue.send("0"));
  EXPECT_TRUE(queue.ended());
  EXPECT_EQ(queue.take().bytes, "");

  ServerLimits bounds;
  bounds.response_duration_max = std::chrono::milliseconds(300);
  StreamServer server(bounds, 20'000'000);
  RawSocket raw = server.local.connect();
  raw.write(get + "\r\n");
  // More than the socket takes: the write waits, and the deadline ends the connection.
  EXPECT_TRUE(server.stream(0)->send(std::string(9'000'000, 'x')));
  EXPECT_TRUE(becomes_true([&] { return server.stream(0)->ended(); }));
}

TEST(Server, StopEndsStreams) {
  StreamServer server;
  RawSocket raw = server.local.connect();
  raw.write(get + "\r\n");
  EXPECT_NE(raw.read_until_text("\r\n\r\n"), "");
  EXPECT_TRUE(server.stream(0)->send("data: x\n\n"));
  const auto start = std::chrono::steady_clock::now();
  server.local.server->stop();
  EXPECT_LT(std::chrono::steady_clock::now() - start,
            std::chrono::seconds(limits::stop_seconds_max));
  EXPECT_TRUE(server.stream(0)->ended());
  EXPECT_TRUE(raw.read_until_close().ends_with("0\r\n\r\n"));
  EXPECT_FALSE(server.stream(0)->send("late"));
}

TEST(Server, AStreamIsForClientsThatKnowChunks) {
  StreamServer server;
  EXPECT_EQ(status_of(server.local.answer("GET / HTTP/1.0\r\nHost: a\r\n\r\n")), "HTTP/1.1 400");
  EXPECT_TRUE(server.stream(0)->ended());
  const std::string head =
      server.local.answer("HEAD / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(status_of(head), "HTTP/1.1 200");
  EXPECT_TRUE(head.ends_with("\r\n\r\n"));
  EXPECT_TRUE(server.stream(1)->ended());
}

TEST(Server, StreamsAndThreadsThatSpeakToThemEndTogether) {
  StreamServer server;
  std::vector<RawSocket> sockets;
  for (std::size_t i = 0; i < 8; ++i) {
    sockets.push_back(server.local.connect());
    sockets.back().write(get + "\r\n");
    server.stream(i);
  }
  std::atomic<int> said = 0;
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < 8; ++i) {
    threads.emplace_back([&, stream = server.stream(i)] {
      while (stream->send("data: x\n\n")) ++said;
    });
  }
  EXPECT_TRUE(becomes_true([&] { return said > 100; }));
  server.local.server->stop();
  for (auto& thread : threads) thread.join();
}

}  // namespace
}  // namespace comity::net
