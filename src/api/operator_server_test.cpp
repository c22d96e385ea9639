#include "api/operator_server.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "api/etag.h"
#include "api/problem.h"
#include "api/test_api.h"

namespace comity::api {
namespace {

using test::body_of;
using test::must;
using test::request_of;
using test::request_to;
using test::set_header;
using test::TestApi;

Route row(std::string_view method, std::string_view path, Result<Answer> (*handle)(Call&)) {
  Route route;
  route.operation = path;
  route.method = method;
  route.path = path;
  route.roles = RoleSet{Role::Analyst};
  route.handle = handle;
  return route;
}

Result<Answer> say_who(Call& call) {
  json::Object body;
  body.set("account", call.caller.account);
  body.set("name", std::string(call.path_value("name")));
  body.set("q", std::string(call.query_value("q")));
  body.set("body", call.body);
  return Answer{200, std::move(body), "", ""};
}

// The rows that these tests need.
std::vector<Route> sample() {
  auto read = row("GET", "/api/v1/things/{name}", say_who);
  read.query = {"q"};
  auto write = row("POST", "/api/v1/things", say_who);
  write.body = Body::Json;
  auto factor = write;
  factor.path = "/api/v1/factor";
  factor.fresh_factor = true;
  auto raw = row("POST", "/api/v1/raw", say_who);
  raw.body = Body::Raw;
  auto open = row("POST", "/api/v1/session", say_who);
  open.access = Access::Open;
  open.roles = {};
  open.body = Body::Json;
  auto open_get = open;
  open_get.method = "GET";
  open_get.body = Body::None;
  auto open_delete = open_get;
  open_delete.method = "DELETE";
  auto events = row("GET", "/api/v1/events", [](Call& call) -> Result<Answer> {
    Answer answer;
    answer.content_type = "text/event-stream";
    answer.stream = call.events.open(call.caller);
    return answer;
  });
  return {read,
          write,
          factor,
          raw,
          open,
          open_get,
          open_delete,
          events,
          row("DELETE", "/api/v1/things/{name}",
              [](Call&) -> Result<Answer> {
                return Answer{204, {}, "", "", {{"Set-Cookie", "comity_session=x; HttpOnly"}}};
              }),
          row("GET", "/api/v1/throw",
              [](Call&) -> Result<Answer> { throw std::runtime_error("secret"); }),
          row("GET", "/api/v1/error", [](Call&) -> Result<Answer> {
            return fail(ErrorKind::NotFound, "no such thing", "thing");
          })};
}

struct SampleApi : TestApi {
  SampleApi() : TestApi(sample()), analyst(gate.sign_in({Role::Analyst})) {}
  int status(const net::Request& request) { return api.handle(request).status; }
  std::string analyst;
};

TEST(OperatorApi, HandlesWhatItsCallerMay) {
  SampleApi sut;
  const auto response = sut.api.handle(request_of(sut.analyst, "GET", "/api/v1/things/a%20b?q=c"));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.header("content-type"), "application/json");
  EXPECT_EQ(response.body, R"({"account":"account-0","name":"a b","q":"c","body":null})");
  const auto written =
      sut.api.handle(request_of(sut.analyst, "POST", "/api/v1/things", R"({"a":1})"));
  EXPECT_EQ(body_of(written).find("body")->find("a")->integer()[0], 1);
}

TEST(OperatorApi, WhatTheServerRefusesByItselfIsAProblemToo) {
  const std::vector<std::pair<int, std::string>> refused = {{400, "invalid-input"},
                                                            {413, "too-large"},
                                                            {431, "too-large"},
                                                            {500, "corrupt"},
                                                            {503, "unavailable"}};
  for (const auto& [status, kind] : refused) {
    const auto response = refusal(status, "because");
    EXPECT_EQ(response.status, status);
    EXPECT_EQ(response.header("Content-Type"), problem_media_type);
    EXPECT_EQ(response.header("Cache-Control"), "no-store");
    for (const auto& [name, value] : security_headers()) EXPECT_EQ(response.header(name), value);
    const auto body = body_of(response);
    EXPECT_EQ(body.text("kind"), kind);
    EXPECT_EQ(body.text("detail"), "because");
  }
}

TEST(OperatorApi, EveryAnswerCarriesTheFieldsOfSecurity) {
  SampleApi sut;
  auto foreign = request_to("GET", "/");
  set_header(foreign, "Host", "attacker.example");
  for (const auto& request :
       {request_to("GET", "/"), request_to("GET", "/assets/app-0123abcd.js"),
        request_to("GET", "/missing.js"), request_to("POST", "/"), foreign,
        request_to("GET", "/api/v1/things/a"), request_to("GET", "/api/v1/unheard"),
        request_to("GET", "/api/v1/%"), request_of(sut.analyst, "GET", "/api/v1/things/a"),
        request_of(sut.analyst, "GET", "/api/v1/throw"),
        request_of(sut.analyst, "GET", "/api/v1/error"),
        request_of(sut.analyst, "GET", "/api/v1/events")}) {
    const auto response = sut.api.handle(request);
    SCOPED_TRACE(request.target);
    for (const auto& [name, value] : security_headers()) EXPECT_EQ(response.header(name), value);
    EXPECT_TRUE(response.header("Cache-Control").has_value());
    EXPECT_TRUE(response.status == 204 || response.header("Content-Type").has_value());
  }
  const auto page = sut.api.handle(request_to("GET", "/"));
  const auto policy = page.header("Content-Security-Policy");
  ASSERT_TRUE(policy.has_value());
  EXPECT_TRUE(policy->starts_with("default-src 'self';")) << *policy;
  EXPECT_NE(policy->find("frame-ancestors 'none'"), std::string_view::npos);
  for (const auto* weak : {"unsafe", "*", "http:", "https:", "blob:"}) {
    EXPECT_EQ(policy->find(weak), std::string_view::npos) << weak;
  }
}

TEST(OperatorApi, AnswersOfTheApiAreKeptNowhere) {
  SampleApi sut;
  EXPECT_EQ(
      sut.api.handle(request_of(sut.analyst, "GET", "/api/v1/things/a")).header("Cache-Control"),
      "no-store");
}

TEST(OperatorApi, OnlyItsOwnNamesAreTaken) {
  ApiOptions options;
  options.names = {"Node.example"};
  TestApi sut(sample(), options);
  const auto status = [&](const std::string& host) {
    auto request = request_to("GET", "/");
    set_header(request, "Host", host);
    return sut.api.handle(request).status;
  };
  for (const auto* host : {"127.0.0.1:8440", "127.0.0.1", "localhost:1", "LOCALHOST", "[::1]:8440",
                           "[::1]", "192.0.2.7:443", "node.EXAMPLE:8440"}) {
    EXPECT_EQ(status(host), 200) << host;
  }
  for (const auto* host :
       {"attacker.example", "attacker.example:8440", "node.example.attacker.example", "", ":8440",
        "127.0.0.1.attacker.example", "localhost.attacker.example", "xnode.example", "[::1", "::1",
        "[attacker.example]", "127.0.0.1:80@attacker.example", "[::1]x", "127.0.0.1:x",
        "127.0.0.1@attacker.example", "2130706433", "0x7f.1"}) {
    EXPECT_EQ(status(host), 421) << host;
  }
  auto request = request_to("GET", "/");
  request.headers.clear();
  EXPECT_EQ(sut.api.handle(request).status, 421);
}

TEST(OperatorApi, HeadersOfProxiesSayNothing) {
  SampleApi sut;
  auto request = request_to("GET", "/api/v1/things/a");
  for (const auto* name :
       {"X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-User", "Forwarded",
        "X-Real-IP", "X-SSL-Client-Cert", "X-Remote-User", "Authorization",
        "X-HTTP-Method-Override", "X-Original-URL"}) {
    request.headers.emplace_back(name, sut.analyst);
  }
  EXPECT_EQ(sut.status(request), 401);
  auto foreign = request_of(sut.analyst, "GET", "/api/v1/things/a");
  set_header(foreign, "Host", "attacker.example");
  set_header(foreign, "X-Forwarded-Host", "127.0.0.1:8440");
  EXPECT_EQ(sut.status(foreign), 421);
}

TEST(OperatorApi, WhoIsNotSignedInOrHasNoRoleIsRefused) {
  SampleApi sut;
  const auto stranger = sut.gate.sign_in({Role::Auditor});
  EXPECT_EQ(sut.status(request_to("GET", "/api/v1/things/a")), 401);
  EXPECT_EQ(sut.status(request_of("unheard", "GET", "/api/v1/things/a")), 401);
  EXPECT_EQ(sut.status(request_of("", "GET", "/api/v1/things/a")), 401);
  const auto refused = sut.api.handle(request_of(stranger, "GET", "/api/v1/things/a"));
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(body_of(refused).text("kind"), "not-permitted");
  // An account that lost its last role.
  EXPECT_EQ(sut.status(request_of(sut.gate.sign_in({}), "GET", "/api/v1/things/a")), 403);
  // Whether the input would have been good is not said.
  EXPECT_EQ(sut.status(request_to("GET", "/api/v1/things/a?unheard=1")), 401);
  EXPECT_EQ(sut.status(request_of(stranger, "POST", "/api/v1/things", "{")), 403);
}

TEST(OperatorApi, TheSessionIsTheOneCookieOfItsName) {
  const auto session = [](std::vector<std::string> cookies) {
    net::Headers headers;
    for (auto& cookie : cookies) headers.emplace_back("Cookie", std::move(cookie));
    return session_of(headers);
  };
  EXPECT_EQ(session({"comity_session=a"}), "a");
  EXPECT_EQ(session({"x=1; comity_session=a; y=2"}), "a");
  EXPECT_EQ(session({"x=1;comity_session=a"}), "a");
  EXPECT_EQ(session({"x=1", "comity_session=a=b"}), "a=b");
  EXPECT_EQ(session({"comity_session=a; comity_session=b"}), "");
  EXPECT_EQ(session({"comity_session=a", "comity_session=b"}), "");
  EXPECT_EQ(session({"comity_session=; comity_session=a"}), "");
  EXPECT_EQ(session({"comity_session=a", "comity_session="}), "");
  EXPECT_EQ(session({"COMITY_SESSION=a"}), "");
  EXPECT_EQ(session({"xcomity_session=a"}), "");
  EXPECT_EQ(session({"comity_session"}), "");
  EXPECT_EQ(session({}), "");
  const std::string pad = "comity_session=a; x=";
  EXPECT_EQ(session({pad + std::string(cookie_bytes_max - pad.size(), 'x')}), "a");
  EXPECT_EQ(session({pad + std::string(cookie_bytes_max + 1 - pad.size(), 'x')}), "");
}

TEST(OperatorApi, AWriteNeedsTheTokenOfTheSession) {
  SampleApi sut;
  auto request = request_of(sut.analyst, "POST", "/api/v1/things", "{}");
  EXPECT_EQ(sut.status(request), 200);
  set_header(request, "X-Comity-CSRF", "other");
  EXPECT_EQ(sut.status(request), 403);
  set_header(request, "X-Comity-CSRF", "");
  const auto refused = sut.api.handle(request);
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(body_of(refused).text("where"), "X-Comity-CSRF");
  auto removal = request_of(sut.analyst, "DELETE", "/api/v1/things/a");
  set_header(removal, "X-Comity-CSRF", "other");
  EXPECT_EQ(sut.status(removal), 403);
  // Reading changes nothing and needs none.
  auto reading = request_of(sut.analyst, "GET", "/api/v1/things/a");
  set_header(reading, "X-Comity-CSRF", "other");
  EXPECT_EQ(sut.status(reading), 200);
}

TEST(OperatorApi, AWriteComesFromOurPages) {
  SampleApi sut;
  auto request = request_of(sut.analyst, "POST", "/api/v1/things", "{}");
  for (const auto* origin :
       {"https://127.0.0.1:8440", "http://127.0.0.1", "http://127.0.0.1:8441",
        "http://localhost:8440", "http://attacker.example", "null", "", "http://127.0.0.1:8440/"}) {
    set_header(request, "Origin", origin);
    EXPECT_EQ(sut.status(request), 403) << origin;
  }
  set_header(request, "Origin", "HTTP://127.0.0.1:8440");
  EXPECT_EQ(sut.status(request), 200);
  set_header(request, "Origin", "https://127.0.0.1:8440");
  request.tls = true;
  EXPECT_EQ(sut.status(request), 200);
  // A program that is no browser sends none.
  std::erase_if(request.headers, [](const auto& field) { return field.first == "Origin"; });
  EXPECT_EQ(sut.status(request), 200);
}

TEST(OperatorApi, WhatIsOpenNeedsNoSessionButComesFromOurPages) {
  SampleApi sut;
  auto request = request_to("POST", "/api/v1/session");
  request.headers.emplace_back("Content-Type", "application/json");
  request.body = "{}";
  EXPECT_EQ(sut.status(request), 200);
  EXPECT_EQ(sut.status(request_to("GET", "/api/v1/session")), 200);
  set_header(request, "Origin", "http://attacker.example");
  EXPECT_EQ(sut.status(request), 403);
  // The page that signs in anew may still have a cookie, and no token.
  auto again = request_of(sut.analyst, "POST", "/api/v1/session", "{}");
  set_header(again, "X-Comity-CSRF", "");
  EXPECT_EQ(sut.status(again), 200);
  auto ending = request_of(sut.analyst, "DELETE", "/api/v1/session");
  EXPECT_EQ(sut.status(ending), 200);
  set_header(ending, "X-Comity-CSRF", "");
  EXPECT_EQ(sut.status(ending), 403);
}

TEST(OperatorApi, AFreshFactorIsCheckedBeforeTheHandlerAndNotShownToIt) {
  SampleApi sut;
  const auto ask = [&](const std::string& body) {
    return sut.api.handle(request_of(sut.analyst, "POST", "/api/v1/factor", body));
  };
  const auto good = ask(R"({"a":1,"code":"123456"})");
  EXPECT_EQ(good.status, 200);
  EXPECT_EQ(*body_of(good).find("body"), must(json::parse(R"({"a":1})")));
  EXPECT_EQ(ask(R"({"a":1,"code":"000000"})").status, 403);
  EXPECT_EQ(sut.gate.factors, 2);
  for (const auto* body : {"{}", R"({"code":null})", R"({"code":123456})", R"({"code":""})"}) {
    const auto refused = ask(body);
    EXPECT_EQ(refused.status, 400) << body;
    EXPECT_EQ(body_of(refused).text("where"), "$.code");
  }
  const std::string longest(fresh_code_bytes_max, '1');
  EXPECT_EQ(ask(R"({"code":")" + longest + "\"}").status, 403);
  EXPECT_EQ(ask(R"({"code":")" + longest + "1\"}").status, 413);
  // Who may not do it at all does not get to guess.
  const auto stranger = sut.gate.sign_in({Role::Auditor});
  const auto factors = sut.gate.factors;
  sut.status(request_of(stranger, "POST", "/api/v1/factor", R"({"code":"123456"})"));
  EXPECT_EQ(sut.gate.factors, factors);
}

TEST(OperatorApi, UnknownInputIsRefused) {
  SampleApi sut;
  EXPECT_EQ(sut.status(request_of(sut.analyst, "GET", "/api/v1/things/a?x=1")), 400);
  EXPECT_EQ(sut.status(request_of(sut.analyst, "GET", "/api/v1/things/a?q=1&q=2")), 400);
  EXPECT_EQ(sut.status(request_of(sut.analyst, "GET", "/api/v1/things/%ff")), 400);
  EXPECT_EQ(sut.status(request_of(sut.analyst, "DELETE", "/api/v1/things/a", "{}")), 400);
  EXPECT_EQ(sut.status(request_of(sut.analyst, "POST", "/api/v1/things", R"({"a":1,"a":2})")), 400);
  EXPECT_EQ(sut.status(request_of(sut.analyst, "POST", "/api/v1/things", "[]")), 400);
  auto form = request_of(sut.analyst, "POST", "/api/v1/things", "{}");
  set_header(form, "Content-Type", "application/x-www-form-urlencoded");
  EXPECT_EQ(sut.status(form), 415);
}

TEST(OperatorApi, UnknownPathsAndMethodsAreSaid) {
  SampleApi sut;
  for (const auto& session : {sut.analyst, std::string("unheard")}) {
    const auto missing = sut.api.handle(request_of(session, "GET", "/api/v1/unheard"));
    EXPECT_EQ(missing.status, 404);
    EXPECT_EQ(missing.header("Content-Type"), "application/problem+json");
    const auto wrong = sut.api.handle(request_of(session, "PUT", "/api/v1/things/a"));
    EXPECT_EQ(wrong.status, 405);
    EXPECT_EQ(wrong.header("Allow"), "GET, HEAD, DELETE");
  }
  EXPECT_EQ(sut.status(request_of(sut.analyst, "GET", "/api/v2/things/a")), 404);
  EXPECT_EQ(sut.status(request_of(sut.analyst, "OPTIONS", "/api/v1/things/a")), 405);
}

TEST(OperatorApi, WhatTheClientHasIsNotSentAgain) {
  SampleApi sut;
  auto request = request_of(sut.analyst, "GET", "/api/v1/things/a");
  const auto first = sut.api.handle(request);
  const auto etag = std::string(first.header("ETag").value());
  EXPECT_EQ(etag, etag_of(first.body));
  set_header(request, "If-None-Match", etag);
  const auto second = sut.api.handle(request);
  EXPECT_EQ(second.status, 304);
  EXPECT_EQ(second.body, "");
  EXPECT_EQ(second.header("ETag"), etag);
  EXPECT_TRUE(second.header("Content-Security-Policy").has_value());
  request.method = "HEAD";
  EXPECT_EQ(sut.status(request), 304);
  request.path = "/api/v1/things/b";
  EXPECT_EQ(sut.status(request), 200);
  // Not what was refused, nor what was written.
  auto error = request_of(sut.analyst, "GET", "/api/v1/error");
  set_header(error, "If-None-Match", "*");
  EXPECT_EQ(sut.status(error), 404);
  EXPECT_FALSE(sut.api.handle(error).header("ETag").has_value());
  auto write = request_of(sut.analyst, "POST", "/api/v1/things", "{}");
  set_header(write, "If-None-Match", "*");
  EXPECT_EQ(sut.status(write), 200);
  EXPECT_FALSE(sut.api.handle(write).header("ETag").has_value());
}

TEST(OperatorApi, ErrorsAreProblemsAndDefectsSayNothing) {
  SampleApi sut;
  const auto error = sut.api.handle(request_of(sut.analyst, "GET", "/api/v1/error"));
  EXPECT_EQ(error.status, 404);
  EXPECT_EQ(body_of(error).text("where"), "thing");
  const auto defect = sut.api.handle(request_of(sut.analyst, "GET", "/api/v1/throw"));
  EXPECT_EQ(defect.status, 500);
  EXPECT_EQ(defect.body.find("secret"), std::string::npos);
}

TEST(OperatorApi, CookiesStayOnTlsWhenTheyCameOverIt) {
  SampleApi sut;
  auto request = request_of(sut.analyst, "DELETE", "/api/v1/things/a");
  EXPECT_EQ(sut.api.handle(request).header("Set-Cookie"), "comity_session=x; HttpOnly");
  request.tls = true;
  set_header(request, "Origin", "https://127.0.0.1:8440");
  EXPECT_EQ(sut.api.handle(request).header("Set-Cookie"), "comity_session=x; HttpOnly; Secure");
}

TEST(OperatorApi, BodiesAreBoundedByWhoAsks) {
  SampleApi sut;
  const auto bound = [&](const net::Request& request) {
    return sut.api.body_bytes_max_of(request);
  };
  EXPECT_EQ(bound(request_of(sut.analyst, "POST", "/api/v1/raw")), raw_body_bytes_max);
  EXPECT_EQ(bound(request_of(sut.analyst, "POST", "/api/v1/things")), json_body_bytes_max);
  EXPECT_EQ(bound(request_of(sut.analyst, "DELETE", "/api/v1/things/a")), open_body_bytes_max);
  EXPECT_EQ(bound(request_to("POST", "/api/v1/session")), open_body_bytes_max);
  EXPECT_EQ(bound(request_to("POST", "/api/v1/raw")), open_body_bytes_max);
  EXPECT_EQ(bound(request_of(sut.gate.sign_in({Role::Auditor}), "POST", "/api/v1/raw")),
            open_body_bytes_max);
  auto foreign = request_of(sut.analyst, "POST", "/api/v1/raw");
  set_header(foreign, "Origin", "http://attacker.example");
  EXPECT_EQ(bound(foreign), open_body_bytes_max);
  EXPECT_EQ(bound(request_to("POST", "/upload")), open_body_bytes_max);
  EXPECT_EQ(bound(request_to("POST", "/api/%")), open_body_bytes_max);
}

TEST(OperatorApi, StreamsEndWithTheirSession) {
  SampleApi sut;
  const auto response = sut.api.handle(request_of(sut.analyst, "GET", "/api/v1/events"));
  ASSERT_NE(response.stream, nullptr);
  EXPECT_EQ(response.header("Content-Type"), "text/event-stream");
  EXPECT_FALSE(response.header("ETag").has_value());
  sut.api.refresh();
  EXPECT_FALSE(response.stream->ended());
  sut.gate.callers.erase(sut.analyst);
  sut.api.refresh();
  EXPECT_TRUE(response.stream->ended());
}

TEST(OperatorApi, WhatAPageAsksByItselfIsNoUseOfTheSession) {
  TestApi sut;
  const auto session = sut.gate.sign_in({Role::Analyst});
  const auto uses = [&](const net::Request& request) {
    const auto before = sut.gate.uses;
    EXPECT_EQ(sut.api.handle(request).status, 200) << request.target;
    return sut.gate.uses - before;
  };
  EXPECT_EQ(uses(request_of(session, "GET", "/api/v1/events")), 0);
  EXPECT_EQ(uses(request_of(session, "GET", "/api/v1/events")), 0) << "connected again";
  auto read = request_of(session, "GET", "/api/v1/node");
  EXPECT_EQ(uses(read), 1);
  set_header(read, std::string(unattended_header), "1");
  EXPECT_EQ(uses(read), 0);
  // What changes something is an act, whatever it says of itself.
  auto act = request_of(session, "POST", "/api/v1/release-requests", "{}");
  set_header(act, std::string(unattended_header), "1");
  sut.api.handle(act);
  EXPECT_EQ(sut.gate.uses, 2);
}

TEST(OperatorApi, PagesAreServedToEverybody) {
  SampleApi sut;
  const auto page = sut.api.handle(request_to("GET", "/"));
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(page.header("Content-Type"), "text/html; charset=utf-8");
  EXPECT_EQ(page.header("Cache-Control"), "no-cache");
  EXPECT_NE(page.body.find("Pages of a test"), std::string::npos);
  // Addresses within the pages are read by the page itself.
  for (const auto* path : {"/index.html", "/agreements", "/exchange/records/0a1b", "/a/b/c"}) {
    EXPECT_EQ(sut.api.handle(request_to("GET", path)).body, page.body) << path;
  }
  for (const auto* path : {"/missing.js", "/assets/app.js", "/favicon.ico", "/api/",
                           "/api/index.html", "/..", "/../../etc/passwd.txt"}) {
    EXPECT_EQ(sut.status(request_to("GET", path)), 404) << path;
  }
  const auto wrong = sut.api.handle(request_to("POST", "/"));
  EXPECT_EQ(wrong.status, 405);
  EXPECT_EQ(wrong.header("Allow"), "GET, HEAD");
}

TEST(OperatorApi, FilesOfPagesAreCompressedAndKept) {
  SampleApi sut;
  auto request = request_to("GET", "/assets/app-0123abcd.js");
  const auto plain = sut.api.handle(request);
  EXPECT_FALSE(plain.header("Content-Encoding").has_value());
  EXPECT_EQ(plain.header("Cache-Control"), "public, max-age=31536000, immutable");
  EXPECT_EQ(plain.header("Vary"), "Accept-Encoding");
  set_header(request, "Accept-Encoding", "gzip;q=0, identity");
  EXPECT_EQ(sut.api.handle(request).body, plain.body);
  set_header(request, "Accept-Encoding", "br, GZIP, deflate");
  const auto packed = sut.api.handle(request);
  EXPECT_EQ(packed.header("Content-Encoding"), "gzip");
  EXPECT_LT(packed.body.size(), plain.body.size());
  EXPECT_NE(packed.header("ETag"), plain.header("ETag"));
  set_header(request, "If-None-Match", std::string(packed.header("ETag").value()));
  EXPECT_EQ(sut.status(request), 304);
}

TEST(OperatorApi, AProgramWithoutPagesSaysSo) {
  test::TestNode made;
  Accounts accounts(*made.node);
  test::TestGate gate;
  Events events(*made.node);
  const PageFiles none;
  OperatorApi api(*made.node, accounts, gate, events, none, {});
  const auto response = api.handle(request_to("GET", "/"));
  EXPECT_EQ(response.status, 404);
  EXPECT_NE(response.body.find("--web-dir"), std::string::npos);
}

}  // namespace
}  // namespace comity::api
