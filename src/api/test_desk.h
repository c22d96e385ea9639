// For tests of routes: whoever sits at the desk of a node calls a handler with what a request would
// bring once it has passed sign-in and the role check. Header only.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "api/accounts.h"
#include "api/events.h"
#include "api/route.h"
#include "base/test_support.h"
#include "exchange/account.h"
#include "exchange/node.h"
#include "json/parse.h"
#include "json/write.h"

namespace comity::api::test {

using comity::test::must;
using Values = std::map<std::string, std::string, std::less<>>;

class Desk {
 public:
  explicit Desk(exchange::Node& node, std::string account = "dora",
                RoleSet roles = {Role::DutyOfficer})
      : node_(node), accounts_(node), events_(node) {
    caller_.account = std::move(account);
    caller_.roles = roles;
  }
  Desk& as(std::string account, RoleSet roles) {
    caller_.account = std::move(account);
    caller_.roles = roles;
    return *this;
  }

  // The handler of a row, called as the router would; NotPermitted where the row names no role of
  // the caller.
  Result<Answer> ask(std::string_view operation, Values path = {}, Values query = {},
                     json::Value body = {}, std::string raw = {}) {
    const auto rows = all();
    const auto row = std::find_if(rows.begin(), rows.end(),
                                  [&](const Route& one) { return one.operation == operation; });
    if (row == rows.end()) throw std::runtime_error("no such route");
    for (const auto& [name, value] : query) {
      EXPECT_NE(std::find(row->query.begin(), row->query.end(), name), row->query.end()) << name;
    }
    EXPECT_EQ(row->body == Body::Json, !body.is_null()) << operation;
    if (!row->roles.meets(caller_.roles)) {
      return fail(ErrorKind::NotPermitted, "the role check of the router");
    }
    net::Request request;
    request.method = row->method;
    request.body = std::move(raw);
    Call call{node_,   accounts_,       events_,          caller_,
              request, std::move(path), std::move(query), std::move(body)};
    return row->handle(call);
  }
  json::Value get(std::string_view operation, Values path = {}, Values query = {}) {
    return must(ask(operation, std::move(path), std::move(query))).body;
  }
  // Of a body written as text.
  Result<Answer> post(std::string_view operation, const std::string& body, Values path = {}) {
    return ask(operation, std::move(path), {}, must(json::parse(body)));
  }

  static std::vector<Route> all() {
    auto out = exchange_routes();
    for (auto& row : today_routes()) out.push_back(std::move(row));
    return out;
  }

 private:
  exchange::Node& node_;
  Accounts accounts_;
  Events events_;
  Caller caller_;
};

inline std::vector<json::Value> items(const json::Value& page) {
  const auto* list = page.find("items");
  if (list == nullptr || list->array() == nullptr) throw std::runtime_error("no items");
  return *list->array();
}
// One member of each row, as text.
inline std::vector<std::string> column(const std::vector<json::Value>& rows,
                                       std::string_view member) {
  std::vector<std::string> out;
  for (const auto& row : rows) out.emplace_back(row.text(member));
  return out;
}
inline std::int64_t number(const json::Value& value, std::string_view member) {
  const auto* found = value.find(member);
  if (found == nullptr || found->integer() == nullptr) {
    throw std::runtime_error("no number " + std::string(member));
  }
  return *found->integer();
}

template <typename T>
void expect_refused(const Result<T>& result, ErrorKind kind, const std::string& part = "") {
  ASSERT_FALSE(result) << "it was done";
  EXPECT_EQ(result.error().kind, kind) << result.error().text();
  EXPECT_NE(result.error().text().find(part), std::string::npos) << result.error().text();
}

// An account as it is after it was set up; ended, when `active` is not.
inline void put_account(exchange::Node& node, const std::string& name, const std::string& role,
                        bool active = true) {
  const auto work = must(exchange::AccountWork::begin(node));
  auto* account = work->list().find(name);
  if (account == nullptr) {
    work->list().accounts.emplace_back();
    account = &work->list().accounts.back();
    account->name = name;
    account->full_name = name;
    account->roles = {role};
    account->created = work->at();
  }
  account->set_up = work->at();
  if (!active) account->ended = work->at();
  json::Object entry;
  entry.set("account", exchange::terms_of(*account));
  must(work->enter("account-changed", std::move(entry)));
  must(work->commit());
}

}  // namespace comity::api::test
