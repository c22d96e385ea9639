// What the tests of the operator API share: a small node, and a gate that knows the callers a test
// gave it. Header only.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "api/operator_server.h"
#include "base/test_support.h"
#include "exchange/node.h"
#include "json/parse.h"
#include "treaty/test_register.h"

namespace comity::api::test {

using comity::test::must;
using comity::test::TemporaryDirectory;

constexpr std::string_view good_code = "123456";
constexpr std::string_view good_csrf = "csrf";

// Callers by their session; all have one token and one code.
class TestGate : public Gate {
 public:
  std::optional<Caller> caller_of(std::string_view session, Instant, bool use) override {
    const auto found = callers.find(session);
    if (found == callers.end()) return std::nullopt;
    if (use) ++uses;
    return found->second;
  }
  bool is_signed_in(const Caller& caller, Instant) override {
    return callers.find(caller.session) != callers.end();
  }
  bool csrf_matches(const Caller&, std::string_view token) const override {
    return token == good_csrf;
  }
  Status check_fresh_factor(const Caller&, std::string_view code, Instant) override {
    ++factors;
    if (code == good_code) return {};
    return fail(ErrorKind::NotPermitted, "this is no code");
  }
  // The session of an account with these roles.
  std::string sign_in(RoleSet roles) {
    auto session = "session-" + std::to_string(callers.size());
    callers[session] = {"account-" + std::to_string(callers.size()), roles, session};
    return session;
  }

  std::map<std::string, Caller, std::less<>> callers;
  int factors = 0;
  int uses = 0;
};

struct TestNode {
  TestNode() : clock(Instant::from_seconds(1'795'000'000)), random(7) {
    exchange::NewNode options;
    options.party = "XA";
    options.mode = treaty::Mode::Exercise;
    options.exercise = "demo";
    options.register_files = treaty::test::good_register();
    must(exchange::Node::create(directory.file("node"), options, clock, random));
    node = must(exchange::Node::open(directory.file("node"), exchange::NodeAccess::ReadWrite, clock,
                                     random));
  }
  TemporaryDirectory directory;
  FixedClock clock;
  SeededRandom random;
  std::unique_ptr<exchange::Node> node;
};

// An API over a table of the test.
struct TestApi {
  explicit TestApi(std::vector<Route> rows = routes(), ApiOptions options = {})
      : table(std::move(rows)),
        accounts(*nodes.node),
        events(*nodes.node),
        pages(PageFiles::embedded()),
        api(*nodes.node, accounts, gate, events, pages, std::move(options), table) {}

  TestNode nodes;
  std::vector<Route> table;
  Accounts accounts;
  TestGate gate;
  Events events;
  PageFiles pages;
  OperatorApi api;
};

inline net::Request request_to(std::string method, const std::string& target) {
  net::Request request;
  request.method = std::move(method);
  request.target = target;
  request.path = target.substr(0, target.find('?'));
  if (request.path.size() < target.size()) request.query = target.substr(request.path.size() + 1);
  request.headers = {{"Host", "127.0.0.1:8440"}};
  request.remote_address = "127.0.0.1";
  return request;
}

// As a page of ours asks, signed in.
inline net::Request request_of(const std::string& session, std::string method,
                               const std::string& target, std::string body = {}) {
  auto request = request_to(std::move(method), target);
  request.headers.emplace_back("Cookie", "comity_session=" + session);
  request.headers.emplace_back("Origin", "http://127.0.0.1:8440");
  request.headers.emplace_back("X-Comity-CSRF", std::string(good_csrf));
  if (!body.empty()) request.headers.emplace_back("Content-Type", "application/json");
  request.body = std::move(body);
  return request;
}

inline void set_header(net::Request& request, std::string_view name, std::string value) {
  for (auto& field : request.headers) {
    if (field.first == name) {
      field.second = std::move(value);
      return;
    }
  }
  request.headers.emplace_back(std::string(name), std::move(value));
}

inline json::Value body_of(const net::Response& response) {
  return must(json::parse(response.body));
}

}  // namespace comity::api::test
