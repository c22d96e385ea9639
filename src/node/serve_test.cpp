#include "node/serve.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

#include "base/test_source_dir.h"
#include "json/write.h"
#include "net/client.h"
#include "net/test_certificates.h"
#include "net/test_server.h"
#include "node/test_nodes.h"
#include "taxii/message.h"

namespace comity::node {
namespace {

using test::arguments;
using test::must;

// A node that is served in this process.
struct Served {
  std::string directory;
  std::unique_ptr<exchange::Node> node;
  std::unique_ptr<Service> service;
  Served(const test::TemporaryDirectory& parent, const std::string& party)
      : directory(parent.file(party)) {
    test::make_node(directory, party);
    node = test::open_node(directory);
    service = must(Service::start(*node));
  }
  Outcome run(const std::string& name, const std::string& text = "{}") {
    return must(run_command(directory, name, arguments(text)));
  }
};

Result<net::Response> over_socket(const std::string& directory, const std::string& method,
                                  const std::string& path, const std::string& body) {
  net::ClientRequest request;
  request.method = method;
  request.url = "http://localhost" + path;
  request.body = body;
  request.unix_socket_path = socket_path(directory);
  net::Client client;
  return client.send(request);
}

TEST(Serve, ACommandGivesTheSameOverTheSocketAsInItsOwnProcess) {
  test::TemporaryDirectory parent;
  const auto file = parent.file("bundle.json");
  must(write_file(file, test::bundle()));
  const auto import = fmt::format(R"({{"file":"{}","tlp":"clear"}})", file);
  const auto preview = fmt::format(R"({{"ids":["{}"]}})", test::indicator_id);
  auto served = std::make_unique<Served>(parent, "XA");
  const auto directory = served->directory;
  const auto first = served->run("import", import);
  EXPECT_EQ(*first.data.find("added")->integer(), 1);
  const auto second = served->run("import", import);
  std::vector<Outcome> over;
  for (const auto* name : {"records", "verify", "peers"}) over.push_back(served->run(name));
  over.push_back(served->run("preview", preview));
  served.reset();
  const auto direct_import = must(run_command(directory, "import", arguments(import)));
  EXPECT_EQ(direct_import.data, second.data);
  EXPECT_EQ(direct_import.text, second.text);
  EXPECT_EQ(direct_import.exit_code, second.exit_code);
  std::vector<Outcome> direct;
  for (const auto* name : {"records", "verify", "peers"}) {
    direct.push_back(must(run_command(directory, name, {})));
  }
  direct.push_back(must(run_command(directory, "preview", arguments(preview))));
  for (std::size_t i = 0; i < over.size(); ++i) {
    EXPECT_EQ(direct[i].data, over[i].data) << direct[i].text << over[i].text;
    EXPECT_EQ(direct[i].text, over[i].text);
    EXPECT_EQ(direct[i].exit_code, over[i].exit_code);
  }
}

TEST(Serve, AnErrorKeepsItsKindAndPlaceOverTheSocket) {
  test::TemporaryDirectory parent;
  auto served = std::make_unique<Served>(parent, "XA");
  const auto directory = served->directory;
  must(write_file(parent.file("broken.json"), "{\"type\":"));
  struct Case {
    const char* name;
    std::string text;
  };
  const std::vector<Case> cases = {
      {"import", fmt::format(R"({{"file":"{}"}})", parent.file("broken.json"))},
      {"import", fmt::format(R"({{"file":"{}"}})", parent.file("none.json"))},
      {"release", fmt::format(R"({{"ids":["{}"],"to":["XB"]}})", test::indicator_id)},
      {"invite", R"({"party":"XA"})"},
      {"arrange", R"({"instrument":"none","kind":"k","with":"XB"})"}};
  std::vector<Error> over;
  for (const auto& item : cases) {
    const auto outcome = run_command(directory, item.name, arguments(item.text));
    ASSERT_FALSE(outcome.has_value()) << item.name;
    over.push_back(outcome.error());
  }
  served.reset();
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const auto direct = run_command(directory, cases[i].name, arguments(cases[i].text));
    ASSERT_FALSE(direct.has_value()) << cases[i].name;
    EXPECT_EQ(direct.error().kind, over[i].kind) << over[i].text();
    EXPECT_EQ(direct.error().text(), over[i].text());
  }
}

TEST(Serve, TheSocketRefusesWhatIsNoCommand) {
  test::TemporaryDirectory parent;
  Served served(parent, "XA");
  const auto status = [&](const char* method, const char* path, const char* body) {
    return must(over_socket(served.directory, method, path, body)).status;
  };
  EXPECT_EQ(status("POST", "/command/unheard", "{}"), 404);
  EXPECT_EQ(status("POST", "/command/", "{}"), 404);
  EXPECT_EQ(status("POST", "/command/verify/x", "{}"), 404);
  EXPECT_EQ(status("POST", "/verify", "{}"), 404);
  EXPECT_EQ(status("GET", "/command/verify", ""), 404);
  for (const auto* body : {"", "{", "[]", "17", "{\"a\":1,\"a\":2}"}) {
    EXPECT_EQ(status("POST", "/command/verify", body), 400) << body;
  }
  EXPECT_EQ(status("POST", "/command/verify", "{}"), 200);
  const auto refused = must(over_socket(served.directory, "POST", "/command/unheard", "{}"));
  EXPECT_EQ(must(json::parse(refused.body)).text("error"), "there is no such command");
}

TEST(Serve, WhoIsNotPairedGetsNothing) {
  test::TemporaryDirectory parent;
  Served served(parent, "XA");
  const auto stranger = net::make_test_certificate("stranger");
  net::ClientRequest request;
  request.certificate_pem = stranger.certificate_pem;
  request.key_pem = stranger.key_pem;
  request.pinned_certificate = must(trust::certificate_digest(served.node->tls().certificate_pem));
  request.allowed_networks = {"127.0.0.0/8"};
  net::Client client;
  for (const auto* path :
       {"/taxii2/", "/comity/", "/comity/collections/records/objects/", "/command/verify", "/"}) {
    request.url = served.service->url() + path;
    const auto response = must(client.send(request));
    EXPECT_EQ(response.status, 401) << path;
    EXPECT_EQ(response.body.find("XA"), std::string::npos) << response.body;
  }
  request.method = "POST";
  request.url = served.service->url() + "/comity/collections/inbox/objects/";
  request.body = std::string(64 * 1024, ' ');
  EXPECT_EQ(must(client.send(request)).status, 401);
  request.body += ' ';
  const auto refused = must(client.send(request));
  EXPECT_EQ(refused.status, 413);
  // What the HTTP server says by itself is a TAXII error resource there, too.
  EXPECT_EQ(refused.header("Content-Type"), taxii::media_type);
  EXPECT_EQ(must(json::parse(refused.body)).text("http_status"), "413") << refused.body;
}

std::string pair_over_sockets(Served& a, Served& b, const std::string& folder) {
  const auto invitation = [&](Served& from, Served& to) {
    const auto made = from.run("invite", fmt::format(R"({{"party":"{}","endpoint":"{}"}})",
                                                     to.node->party(), from.service->url()));
    auto path = folder + "/for-" + to.node->party();
    must(write_file(path, made.text));
    return path;
  };
  const auto for_b = invitation(a, b), for_a = invitation(b, a);
  const auto arguments_for = [](const std::string& path) {
    return fmt::format(R"({{"file":"{}","confirmed":true}})", path);
  };
  const auto at_a = a.run("pair", arguments_for(for_a));
  const auto at_b = b.run("pair", arguments_for(for_b));
  EXPECT_TRUE(*at_a.data.find("paired")->boolean());
  EXPECT_EQ(at_a.data.text("digits"), at_b.data.text("digits"));
  return std::string(at_a.data.text("digits"));
}

TEST(Serve, TwoNodesPairReleaseReceiveAndVerify) {
  test::TemporaryDirectory parent;
  Served a(parent, "XA"), b(parent, "XB");
  EXPECT_FALSE(pair_over_sockets(a, b, parent.file("")).empty());
  must(write_file(parent.file("bundle.json"), test::bundle()));
  a.run("import", fmt::format(R"({{"file":"{}","tlp":"green"}})", parent.file("bundle.json")));
  const auto release = fmt::format(R"({{"ids":["{}"],"to":["XB"]}})", test::indicator_id);
  const auto released = a.run("release", release);
  EXPECT_EQ(released.exit_code, 0) << released.text;
  const auto& row = released.data.find("parties")->array()->at(0);
  const auto& sent = row.find("sent")->array()->at(0);
  EXPECT_TRUE(*sent.find("receipt")->boolean()) << released.text;
  EXPECT_EQ(*sent.find("accepted")->integer(), 1);
  const auto records = b.run("records");
  ASSERT_EQ(records.data.find("records")->array()->size(), 1U);
  const auto& record = records.data.find("records")->array()->at(0);
  EXPECT_EQ(record.text("from"), "XA");
  EXPECT_EQ(record.text("tlp"), "green");
  EXPECT_EQ(record.text("state"), "live");
  EXPECT_EQ(a.run("verify").exit_code, 0);
  EXPECT_EQ(b.run("verify").exit_code, 0);
  // The second time there is nothing to send, and a peer that is away is answer 3.
  const auto again = a.run("release", release);
  EXPECT_EQ(*again.data.find("parties")->array()->at(0).find("already")->integer(), 1);
  b.service->stop();
  must(write_file(parent.file("bundle.json"), test::bundle()));
  a.run("import", fmt::format(R"({{"file":"{}","tlp":"clear"}})", parent.file("bundle.json")));
  const auto away = a.run("release", release);
  EXPECT_EQ(away.exit_code, 3) << away.text;
  EXPECT_NE(away.text.find("NO RECEIPT YET"), std::string::npos);
}

TEST(Serve, AStaleSocketAndADirectoryWithoutNodeAreErrors) {
  test::TemporaryDirectory parent;
  const auto none = run_command(parent.file("none"), "verify", {});
  ASSERT_FALSE(none.has_value());
  EXPECT_EQ(none.error().kind, ErrorKind::NotFound);
  test::make_node(parent.file("XA"), "XA");
  // The directory is held, but nobody serves commands: said so, and nothing hangs.
  const auto owner = test::open_node(parent.file("XA"));
  const auto held = run_command(parent.file("XA"), "invite", arguments(R"({"party":"XB"})"));
  ASSERT_FALSE(held.has_value());
  EXPECT_EQ(held.error().kind, ErrorKind::Conflict);
  EXPECT_TRUE(run_command(parent.file("XA"), "verify", {}).has_value());
}

TEST(Serve, ListensWhereItIsToldOrSaysWhyNot) {
  test::TemporaryDirectory parent;
  const auto port = must(free_port("127.0.0.1"));
  EXPECT_GT(port, 0);
  for (const auto* listen : {"127.0.0.1:0", "127.0.0.1:65535", "0.0.0.0:443"}) {
    EXPECT_TRUE(check_listen(listen).has_value()) << listen;
  }
  for (const auto* listen :
       {"", "127.0.0.1", ":9", "127.0.0.1:x", "127.0.0.1:70000", "127.0.0.1:-1", "nowhere:1"}) {
    const auto status = check_listen(listen);
    ASSERT_FALSE(status.has_value()) << listen;
    EXPECT_EQ(status.error().kind, ErrorKind::InvalidInput) << listen;
    EXPECT_FALSE(status.error().message.empty());
  }
  // A node that was told nonsense all the same says so and does not start.
  exchange::NewNode options;
  options.party = "XA";
  options.mode = treaty::Mode::Exercise;
  options.exercise = "demo";
  options.register_files = must(treaty::read_register(comity::test::source_path("register")));
  options.listen = "127.0.0.1:x";
  must(exchange::Node::create(parent.file("n"), options, system_clock(), system_random()));
  const auto node = test::open_node(parent.file("n"));
  const auto service = Service::start(*node);
  ASSERT_FALSE(service.has_value());
  EXPECT_EQ(service.error().kind, ErrorKind::InvalidInput);
}

// A node that serves pages, at a free port of an address.
struct ServedWithPages {
  test::TemporaryDirectory parent;
  std::unique_ptr<exchange::Node> node;
  std::unique_ptr<Service> service;
  explicit ServedWithPages(const std::string& listen, const std::string& directory = {}) {
    test::make_node(parent.file("XA"), "XA");
    node = test::open_node(parent.file("XA"));
    service = must(Service::start(*node, {listen, {}, directory}));
  }
  std::uint16_t port() const {
    const auto url = service->pages_url();
    return static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1)));
  }
};

std::string over_loopback(std::uint16_t port, const std::string& text) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  net::RawSocket raw(AF_INET, reinterpret_cast<sockaddr*>(&address), sizeof address);
  raw.write(text);
  return raw.read_until_close();
}

std::string get_of(const std::string& target) {
  return "GET " + target + " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n";
}

TEST(Serve, PagesAreInPlainOnLoopback) {
  test::TemporaryDirectory pages;
  must(write_file(pages.file("index.html"), "the page"));
  ServedWithPages served("127.0.0.1:0", pages.path());
  EXPECT_TRUE(served.service->pages_url().starts_with("http://127.0.0.1:"));
  const auto page = over_loopback(served.port(), get_of("/"));
  EXPECT_TRUE(page.starts_with("HTTP/1.1 200 ")) << page;
  EXPECT_TRUE(page.ends_with("the page")) << page;
  EXPECT_TRUE(over_loopback(served.port(), get_of("/api/v1/node")).starts_with("HTTP/1.1 401 "));
  EXPECT_TRUE(
      over_loopback(served.port(), get_of("/api/v1/openapi.json")).starts_with("HTTP/1.1 200 "));
  // What the server refuses by itself carries the fields of security, too.
  EXPECT_NE(over_loopback(served.port(), "GET\r\n\r\n").find("Content-Security-Policy: "),
            std::string::npos);
  // Commands and TAXII are not there.
  EXPECT_TRUE(over_loopback(served.port(), get_of("/taxii2/x.json")).starts_with("HTTP/1.1 404 "));
  EXPECT_TRUE(over_loopback(served.port(),
                            "POST /command/verify HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                            "Connection: close\r\nContent-Length: 2\r\n\r\n{}")
                  .starts_with("HTTP/1.1 405 "));
  served.service->stop();
  EXPECT_EQ(served.service->pages_url(), "http://127.0.0.1:" + std::to_string(served.port()));
}

TEST(Serve, PagesElsewhereHaveTheIdentityOfTheNode) {
  ServedWithPages served("0.0.0.0:0");
  EXPECT_TRUE(served.service->pages_url().starts_with("https://0.0.0.0:"));
  net::ClientRequest request;
  request.url = fmt::format("https://127.0.0.1:{}/api/v1/openapi.json", served.port());
  request.pinned_certificate = must(trust::certificate_digest(served.node->tls().certificate_pem));
  request.allowed_networks = {"127.0.0.0/8"};
  net::Client client;
  const auto response = must(client.send(request));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(over_loopback(served.port(), get_of("/")).find("HTTP/1.1 200"), std::string::npos);
}

TEST(Serve, PagesThatCannotBeServedAreSaid) {
  test::TemporaryDirectory parent;
  test::make_node(parent.file("XA"), "XA");
  const auto node = test::open_node(parent.file("XA"));
  const auto kind = [&](const PagesOptions& pages) {
    const auto service = Service::start(*node, pages);
    EXPECT_FALSE(service.has_value());
    return service ? ErrorKind::Corrupt : service.error().kind;
  };
  EXPECT_EQ(kind({"127.0.0.1", {}, ""}), ErrorKind::InvalidInput);
  EXPECT_EQ(kind({"localhost:0", {}, ""}), ErrorKind::InvalidInput);
  EXPECT_EQ(kind({"127.0.0.1:0", {}, parent.file("none")}), ErrorKind::InvalidInput);
  EXPECT_EQ(kind({"192.0.2.1:0", {}, ""}), ErrorKind::Unavailable);
  const auto without = must(Service::start(*node));
  EXPECT_EQ(without->pages_url(), "");
}

TEST(Serve, TaxiiInPlainIsForTokensOnLoopback) {
  test::TemporaryDirectory parent;
  test::make_node(parent.file("XA"), "XA");
  const auto node = test::open_node(parent.file("XA"));
  for (const char* elsewhere : {"0.0.0.0:0", "192.0.2.1:0", "[::]:0", "localhost:0", "127.0.0.1"}) {
    const auto refused = Service::start(*node, {}, elsewhere);
    ASSERT_FALSE(refused.has_value()) << elsewhere;
    EXPECT_EQ(refused.error().kind, ErrorKind::InvalidInput) << elsewhere;
    EXPECT_TRUE(refused.error().where.starts_with("--taxii-plain")) << elsewhere;
  }
  EXPECT_EQ(must(Service::start(*node))->taxii_plain_url(), "");
  const auto service = must(Service::start(*node, {}, "127.0.0.1:0"));
  const auto url = service->taxii_plain_url();
  ASSERT_TRUE(url.starts_with("http://127.0.0.1:")) << url;
  const auto port = static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1)));
  const auto nobody = over_loopback(port, get_of("/taxii2/"));
  EXPECT_TRUE(nobody.starts_with("HTTP/1.1 401 ")) << nobody;
  EXPECT_NE(nobody.find("application/taxii+json;version=2.1"), std::string::npos);
  // Pages and commands are not there.
  EXPECT_TRUE(over_loopback(port, get_of("/api/v1/node")).starts_with("HTTP/1.1 401 "));
  service->stop();
}

}  // namespace
}  // namespace comity::node
