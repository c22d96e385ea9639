// For tests of the routes of law and node: calls handlers with what a request would bring once it
// has passed sign-in and the role check. Header only.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "api/accounts.h"
#include "api/events.h"
#include "api/route.h"
#include "base/test_source_dir.h"
#include "base/test_support.h"
#include "exchange/test_officers.h"
#include "json/parse.h"
#include "json/write.h"

namespace comity::api::test {

using comity::test::must;
using Values = std::map<std::string, std::string, std::less<>>;

class LawDesk {
 public:
  explicit LawDesk(exchange::Node& node, RoleSet roles = RoleSet::all())
      : node_(node), accounts_(node), events_(node) {
    caller_.account = "lena";
    caller_.roles = roles;
  }
  LawDesk& as(std::string account) {
    caller_.account = std::move(account);
    return *this;
  }
  LawDesk& with(RoleSet roles) {
    caller_.roles = roles;
    return *this;
  }

  Result<Answer> ask(std::string_view operation, Values path = {}, Values query = {},
                     json::Value body = {}) {
    const auto rows = all();
    const auto row = std::find_if(rows.begin(), rows.end(),
                                  [&](const Route& one) { return one.operation == operation; });
    if (row == rows.end()) throw std::runtime_error("no such route");
    for (const auto& [name, value] : query) {
      EXPECT_NE(std::find(row->query.begin(), row->query.end(), name), row->query.end()) << name;
    }
    EXPECT_EQ(row->body == Body::Json, !body.is_null()) << operation;
    if (row->access == Access::SignedIn && !row->roles.meets(caller_.roles)) {
      return fail(ErrorKind::NotPermitted, "the role check of the router");
    }
    net::Request request;
    request.method = row->method;
    Call call{node_,   accounts_,       events_,          caller_,
              request, std::move(path), std::move(query), std::move(body)};
    return row->handle(call);
  }
  json::Value get(std::string_view operation, Values path = {}, Values query = {}) {
    return must(ask(operation, std::move(path), std::move(query))).body;
  }
  Result<Answer> post(std::string_view operation, json::Object body) {
    return ask(operation, {}, {}, json::Value(std::move(body)));
  }

  static std::vector<Route> all() {
    std::vector<Route> out;
    for (const auto rows : {agreement_routes, approval_routes, node_routes, coverage_routes}) {
      for (auto& row : rows()) out.push_back(std::move(row));
    }
    return out;
  }

 private:
  exchange::Node& node_;
  Accounts accounts_;
  Events events_;
  Caller caller_;
};

inline std::vector<json::Value> rows_of(const json::Value& page) {
  const auto* list = page.find("items");
  if (list == nullptr || list->array() == nullptr) throw std::runtime_error("no items");
  return *list->array();
}
inline std::vector<std::string> texts_of(const std::vector<json::Value>& rows,
                                         std::string_view member) {
  std::vector<std::string> out;
  for (const auto& row : rows) out.emplace_back(row.text(member));
  return out;
}
inline std::int64_t number_of(const json::Value& value, std::string_view member) {
  const auto* found = value.find(member);
  if (found == nullptr || found->integer() == nullptr) {
    throw std::runtime_error("no number " + std::string(member));
  }
  return *found->integer();
}
// The names of the members, so that an answer has exactly those of the contract.
inline std::set<std::string> members_of(const json::Value& value) {
  std::set<std::string> out;
  for (const auto& member : *value.object()) out.insert(member.first);
  return out;
}

template <typename T>
void expect_refusal(const Result<T>& result, ErrorKind kind, const std::string& part = "") {
  ASSERT_FALSE(result) << "it was done";
  EXPECT_EQ(result.error().kind, kind) << result.error().text();
  EXPECT_NE(result.error().text().find(part), std::string::npos) << result.error().text();
}

// A node of a party with the register as shipped, in its demonstration.
struct ShippedNode {
  comity::test::TemporaryDirectory directory;
  exchange::test::Party party;
  explicit ShippedNode(const std::string& code = "RU")
      : party(directory.file(code), code, 1, [](exchange::NewNode& options) {
          options.exercise = "demo";
          options.register_files =
              must(treaty::read_register(comity::test::source_path("register")));
        }) {}
  exchange::Node& node() { return party.node(); }
};

}  // namespace comity::api::test
