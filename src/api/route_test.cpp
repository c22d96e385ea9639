#include "api/route.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <set>

#include "api/test_api.h"

namespace comity::api {
namespace {

using test::must;

TEST(Routes, EveryRowIsWhole) {
  std::set<std::string> operations;
  std::set<std::string> addresses;
  for (const auto& route : routes()) {
    SCOPED_TRACE(std::string(route.operation));
    EXPECT_TRUE(operations.emplace(route.operation).second);
    EXPECT_TRUE(addresses.insert(fmt::format("{} {}", route.method, route.path)).second);
    EXPECT_TRUE(route.path.starts_with("/api/v1/"));
    EXPECT_NE(route.handle, nullptr);
    EXPECT_EQ(route.roles.empty(), route.access == Access::Open);
    if (route.method == "GET") {
      EXPECT_EQ(route.body, Body::None);
    }
    if (route.method != "GET") {
      EXPECT_TRUE(route.query.empty() || route.body == Body::Raw);
    }
    // The code comes in the body.
    if (route.fresh_factor) {
      EXPECT_EQ(route.body, Body::Json);
    }
    if (route.fresh_factor) {
      EXPECT_EQ(route.access, Access::SignedIn);
    }
  }
  EXPECT_GT(operations.size(), 50U);
}

TEST(Routes, AnAdministratorLetsNothingGo) {
  for (const auto& route : routes()) {
    for (const auto* path : {"/release-requests", "/recalls", "/consents", "/imports"}) {
      if (route.path.find(path) == std::string_view::npos) continue;
      EXPECT_FALSE(route.roles.has(Role::Administrator)) << route.operation;
    }
  }
}

// A call with that body and query, for the helpers of handlers.
struct Sample {
  explicit Sample(const std::string& body, Values query = {})
      : call{*api.nodes.node, api.accounts, api.events,       caller,
             request,         {},           std::move(query), must(json::parse(body))} {}
  test::TestApi api{std::vector<Route>{}};
  Caller caller;
  net::Request request;
  Call call;
};

TEST(Routes, PagesHaveABound) {
  Sample none("{}");
  EXPECT_EQ(page_limit(none.call).value(), page_rows_default);
  const auto limit = [&](const std::string& text) {
    none.call.query = {{"limit", text}};
    return page_limit(none.call);
  };
  EXPECT_EQ(limit("1").value(), 1);
  EXPECT_EQ(limit(std::to_string(page_rows_max)).value(), page_rows_max);
  for (const auto& text : {std::string("0"), std::string("-1"), std::to_string(page_rows_max + 1),
                           std::string(), std::string("7x"), std::string(" 7"), std::string("1.5"),
                           std::string("99999999999999999999")}) {
    EXPECT_EQ(limit(text).error().kind, ErrorKind::InvalidInput) << text;
    EXPECT_EQ(limit(text).error().where, "limit");
  }
}

TEST(Routes, APageSaysWhereTheListGoesOn) {
  json::Array items;
  items.emplace_back(1);
  EXPECT_EQ(json::Value(page(items, "next", 7).body),
            must(json::parse(R"({"items":[1],"next":"next","total":7})")));
  EXPECT_EQ(page({}, std::nullopt).body,
            must(json::parse(R"({"items":[],"next":null,"total":null})")));
}

TEST(Routes, MembersOfABodyAreThoseThatAreNamed) {
  Sample sample(R"({"a":"x","b":["y","z"],"c":null,"d":7,"e":""})");
  EXPECT_TRUE(members(sample.call, {"a", "b", "c", "d", "e", "f"}).has_value());
  const auto unknown = members(sample.call, {"a", "b", "d", "e"});
  EXPECT_EQ(unknown.error().kind, ErrorKind::InvalidInput);
  EXPECT_EQ(unknown.error().where, "$.c");
  EXPECT_FALSE(members(Sample("[]").call, {"a"}).has_value());

  EXPECT_EQ(text_member(sample.call, "a", 1).value(), "x");
  EXPECT_EQ(text_member(sample.call, "a", 0).error().kind, ErrorKind::TooLarge);
  for (const auto* wrong : {"b", "c", "d", "e", "f"}) {
    EXPECT_EQ(text_member(sample.call, wrong, 10).error().kind, ErrorKind::InvalidInput) << wrong;
    EXPECT_EQ(text_member(sample.call, wrong, 10).error().where, std::string("$.") + wrong);
  }
  EXPECT_EQ(optional_text(sample.call, "f", 10).value(), "");
  EXPECT_EQ(optional_text(sample.call, "c", 10).value(), "");
  EXPECT_EQ(optional_text(sample.call, "a", 1).value(), "x");
  EXPECT_FALSE(optional_text(sample.call, "d", 10).has_value());

  EXPECT_EQ(texts_member(sample.call, "b", 2, 1).value(), (std::vector<std::string>{"y", "z"}));
  EXPECT_EQ(texts_member(sample.call, "b", 1, 1).error().kind, ErrorKind::TooLarge);
  EXPECT_EQ(texts_member(sample.call, "b", 2, 0).error().kind, ErrorKind::TooLarge);
  EXPECT_EQ(texts_member(sample.call, "f", 2, 1).error().where, "$.f");
  EXPECT_EQ(texts_member(Sample(R"({"b":["y",7]})").call, "b", 2, 1).error().where, "$.b[1]");
}

}  // namespace
}  // namespace comity::api
