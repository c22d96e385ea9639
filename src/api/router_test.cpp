#include "api/router.h"

#include <gtest/gtest.h>

namespace comity::api {
namespace {

std::vector<Route> table() {
  const auto row = [](std::string_view operation, std::string_view method, std::string_view path) {
    Route route;
    route.operation = operation;
    route.method = method;
    route.path = path;
    return route;
  };
  return {row("listThings", "GET", "/api/v1/things"),
          row("createThing", "POST", "/api/v1/things"),
          row("readThing", "GET", "/api/v1/things/{thing}"),
          row("readNewest", "GET", "/api/v1/things/newest"),
          row("deleteThing", "DELETE", "/api/v1/things/{thing}"),
          row("readPart", "GET", "/api/v1/things/{thing}/parts/{part}")};
}

TEST(Router, FindsTheRowOfMethodAndPath) {
  const auto rows = table();
  const Router router(rows);
  const auto operation = [&](const char* method, const char* path) {
    const auto found = router.find(method, path).value();
    return found.route == nullptr ? std::string() : std::string(found.route->operation);
  };
  EXPECT_EQ(operation("GET", "/api/v1/things"), "listThings");
  EXPECT_EQ(operation("HEAD", "/api/v1/things"), "listThings");
  EXPECT_EQ(operation("POST", "/api/v1/things"), "createThing");
  EXPECT_EQ(operation("GET", "/api/v1/things/7"), "readThing");
  EXPECT_EQ(operation("GET", "/api/v1/things/newest"), "readNewest");
  EXPECT_EQ(operation("DELETE", "/api/v1/things/newest"), "deleteThing");
  for (const char* path :
       {"/", "", "/api/v1/things/", "/api/v1/thing", "/api/v1/things/7/", "/api/v1/things/7/parts",
        "/api/v1/things/7/parts/", "/api/v1//things", "//api/v1/things", "/API/v1/things",
        "/api/v1/things/7/parts/8/9", "/api/v1/things/../things", "api/v1/things"}) {
    EXPECT_EQ(operation("GET", path), "") << path;
    EXPECT_EQ(router.find("GET", path).value().allow, "") << path;
  }
  EXPECT_EQ(operation("GET", std::string(100'000, '/').c_str()), "");
}

TEST(Router, DecodesTheValuesOfThePath) {
  const auto rows = table();
  const Router router(rows);
  const auto found = router.find("GET", "/api/v1/things/a%2Fb%20%c3%a4/parts/%7Bpart%7D").value();
  ASSERT_NE(found.route, nullptr);
  EXPECT_EQ(found.path, (Values{{"thing", "a/b \xc3\xa4"}, {"part", "{part}"}}));
  for (const char* path : {"/api/v1/things/%", "/api/v1/things/%zz", "/api/v1/things/%00",
                           "/api/v1/things/%0a", "/api/v1/things/%ff", "/api/v1/things/\xff"}) {
    EXPECT_EQ(router.find("GET", path).error().kind, ErrorKind::InvalidInput) << path;
  }
}

TEST(Router, SaysWhichMethodsAPathKnows) {
  const auto rows = table();
  const Router router(rows);
  EXPECT_EQ(router.find("PUT", "/api/v1/things").value().allow, "GET, HEAD, POST");
  EXPECT_EQ(router.find("POST", "/api/v1/things/7").value().allow, "GET, HEAD, DELETE");
  EXPECT_EQ(router.find("get", "/api/v1/things").value().route, nullptr);
}

Route taking(std::vector<std::string_view> query, Body body = Body::None) {
  Route route;
  route.query = std::move(query);
  route.body = body;
  return route;
}

TEST(Router, TakesNamesOfTheQueryThatTheRouteLists) {
  const auto route = taking({"q", "limit"});
  EXPECT_EQ(read_query(route, "q=a+b%26&limit=7").value(), (Values{{"q", "a b&"}, {"limit", "7"}}));
  EXPECT_EQ(read_query(route, "").value(), Values{});
  EXPECT_EQ(read_query(route, "q=a&cursor=b").error().where, "cursor");
  for (const char* query : {"Q=a", "q=a&q=b", "q=%ff", "q=%00", "q=%0a", "=a", "q=%", "a"}) {
    EXPECT_EQ(read_query(route, query).error().kind, ErrorKind::InvalidInput) << query;
  }
  EXPECT_FALSE(read_query(taking({}), "q=a").has_value());
  // A name that is no text is still answered in text.
  EXPECT_EQ(read_query(route, "%ff=a").error().where, "?");
}

net::Request with_body(std::string body, const char* type = "application/json") {
  net::Request request;
  request.headers = {{"Content-Type", type}};
  request.body = std::move(body);
  return request;
}

TEST(Router, TakesTheBodyAsTheRouteSays) {
  const auto route = taking({}, Body::Json);
  EXPECT_EQ(read_body(route, with_body(R"({"a":1})")).value().find("a")->integer()[0], 1);
  EXPECT_TRUE(read_body(route, with_body("{}", "Application/JSON; charset=utf-8")).has_value());
  for (const char* body :
       {"", "{", "[]", "17", R"({"a":1,"a":2})", "{\"a\":\"\xff\"}", R"({"a":"\ud800"})",
        R"({"a":1e400})", R"({"a":9007199254740993})", "{} {}"}) {
    EXPECT_EQ(read_body(route, with_body(body)).error().kind, ErrorKind::InvalidInput) << body;
  }
  for (const char* type : {"", "text/plain", "application/jsonx",
                           "application/x-www-form-urlencoded", "multipart/form-data"}) {
    EXPECT_EQ(read_body(route, with_body("{}", type)).error().kind, ErrorKind::Unsupported) << type;
  }
  std::string deep = R"({"a":)";
  deep += std::string(10'000, '[') + std::string(10'000, ']') + "}";
  EXPECT_EQ(read_body(route, with_body(deep)).error().kind, ErrorKind::TooLarge);

  EXPECT_TRUE(read_body(taking({}), with_body("")).value().is_null());
  EXPECT_FALSE(read_body(taking({}), with_body("{}")).has_value());
  EXPECT_TRUE(read_body(taking({}, Body::Raw), with_body("\xff not json", "")).value().is_null());
}

TEST(Router, BoundsOfBodiesHold) {
  const auto sized = [](std::size_t size) {
    const std::string frame = R"({"a":""})";
    return R"({"a":")" + std::string(size - frame.size(), 'x') + "\"}";
  };
  const auto json = taking({}, Body::Json);
  EXPECT_TRUE(read_body(json, with_body(sized(json_body_bytes_max))).has_value());
  EXPECT_EQ(read_body(json, with_body(sized(json_body_bytes_max + 1))).error().kind,
            ErrorKind::TooLarge);
  const auto raw = taking({}, Body::Raw);
  EXPECT_TRUE(read_body(raw, with_body(std::string(raw_body_bytes_max, 'x'))).has_value());
  EXPECT_EQ(read_body(raw, with_body(std::string(raw_body_bytes_max + 1, 'x'))).error().kind,
            ErrorKind::TooLarge);
}

}  // namespace
}  // namespace comity::api
