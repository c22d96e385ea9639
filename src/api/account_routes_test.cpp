// Signing in and accounts, from outside: through the one door, with real accounts behind it.
#include <gtest/gtest.h>

#include <set>

#include "api/operator_server.h"
#include "api/test_accounts.h"
#include "json/parse.h"
#include "json/write.h"

namespace comity::api {
namespace {

using test::good_password;
using test::home_address;
using test::must;
using test::Office;
using test::Person;

std::vector<Route> table_of_accounts() {
  auto out = session_routes();
  for (auto& route : account_routes()) out.push_back(std::move(route));
  return out;
}

// A browser at the door: what it sends along.
struct Browser {
  std::string cookie, csrf;
  std::string address = home_address;
  bool tls = false;
};

struct Door : Office {
  std::vector<Route> table = table_of_accounts();
  AccountsGate gate{accounts};
  Events events{node()};
  PageFiles pages;
  OperatorApi api{node(), accounts, gate, events, pages, {}, table};

  net::Response ask(const Browser& browser, const std::string& method, const std::string& path,
                    const std::string& body = "") {
    net::Request request;
    request.method = method;
    request.target = request.path = "/api/v1" + path;
    request.headers = {{"Host", "127.0.0.1:8440"}};
    request.remote_address = browser.address;
    request.tls = browser.tls;
    if (!browser.cookie.empty()) {
      request.headers.emplace_back("Cookie", "comity_session=" + browser.cookie);
    }
    if (!browser.csrf.empty()) request.headers.emplace_back("X-Comity-CSRF", browser.csrf);
    if (!body.empty()) request.headers.emplace_back("Content-Type", "application/json");
    request.body = body;
    return api.handle(request);
  }
  static std::string credentials(const std::string& account, const std::string& password,
                                 const std::string& code) {
    json::Object body;
    body.set("account", account);
    body.set("password", password);
    body.set("code", code);
    return json::write(body);
  }
  net::Response sign_in_as(const Browser& browser, const Person& person, const std::string& code) {
    return ask(browser, "POST", "/session", credentials(person.name, person.password, code));
  }
  // Signs in after a time in which nothing else happens.
  Browser browser_of(const Person& person) {
    pass(3 * totp_step_s);
    Browser out;
    const auto answer = sign_in_as(out, person, code(person));
    EXPECT_EQ(answer.status, 200) << answer.body;
    out.cookie = cookie_of(answer);
    out.csrf = must(json::parse(answer.body)).text("csrf");
    return out;
  }
  static std::string set_cookie(const net::Response& answer) {
    return std::string(answer.header("Set-Cookie").value_or(std::string_view()));
  }
  static std::string cookie_of(const net::Response& answer) {
    const auto field = set_cookie(answer);
    const auto begin = field.find('=') + 1;
    return field.substr(begin, field.find(';') - begin);
  }
};

std::set<std::string> member_names(const std::string& text) {
  std::set<std::string> out;
  const auto value = must(json::parse(text));
  for (const auto& member : *value.object()) out.insert(member.first);
  return out;
}

std::string fresh(const std::string& code) { return R"({"code":")" + code + "\"}"; }

TEST(SessionRoutes, SigningInSetsTheCookieAndSaysWhoIsThere) {
  Door door;
  const auto omar = door.add("omar", {Role::Analyst});
  const auto answer = door.sign_in_as({}, omar, door.code(omar));
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(member_names(answer.body), (std::set<std::string>{"account", "name", "roles", "csrf",
                                                              "ends", "language", "break_glass"}));
  const auto field = Door::set_cookie(answer);
  EXPECT_EQ(field.substr(field.find(';')), "; HttpOnly; SameSite=Strict; Path=/");
  const auto cookie = Door::cookie_of(answer);
  EXPECT_EQ(answer.body.find(cookie), std::string::npos);
  EXPECT_EQ(door.ask({cookie, ""}, "GET", "/session").body, answer.body);
  for (const auto& other : {std::string(), cookie.substr(1) + "A", cookie + "A"}) {
    const auto refused = door.ask({other, ""}, "GET", "/session");
    EXPECT_EQ(refused.status, 401) << other;
  }
  Browser encrypted;
  encrypted.tls = true;
  const auto over_tls = door.sign_in_as(encrypted, omar, door.code(omar, 1));
  EXPECT_NE(Door::set_cookie(over_tls).find("; Secure"), std::string::npos);
}

TEST(SessionRoutes, EveryReasonNotToSignInHasOneAnswer) {
  Door door;
  const auto omar = door.add("omar", {Role::Analyst});
  const auto olga = door.add("olga", {Role::Analyst});
  must(propose(door.node(), std::string(operator_name), door.adding("new", {Role::Analyst})));
  const auto gone = door.add("gone", {Role::Analyst});
  must(propose(door.node(), std::string(operator_name), Office::changing("end", "gone")));
  const auto answer_to = [&](const std::string& account, const std::string& password,
                             const std::string& code, int address) {
    Browser browser;
    browser.address = fmt::format("198.51.100.{}", address);
    return door.ask(browser, "POST", "/session", Door::credentials(account, password, code));
  };
  const auto expected = answer_to("nobody", good_password, "123456", 1);
  EXPECT_EQ(expected.status, 401);
  int address = 1;
  const auto same = [&](const std::string& why, const std::string& account,
                        const std::string& password, const std::string& code) {
    const auto answer = answer_to(account, password, code, ++address);
    EXPECT_EQ(answer.status, expected.status) << why;
    EXPECT_EQ(answer.headers, expected.headers) << why;
    EXPECT_EQ(answer.body, expected.body) << why;
  };
  same("password", "omar", "another password", door.code(omar));
  same("code", "omar", good_password, "000000");
  same("no code", "omar", good_password, "x");
  same("invited", "new", good_password, "123456");
  same("ended", "gone", good_password, door.code(gone));
  ASSERT_EQ(door.sign_in_as({}, olga, door.code(olga)).status, 200);
  same("used code", "olga", good_password, door.code(olga));
  for (int i = 0; i < account_failures_max; ++i) same("again", "omar", "another password", "1");
  same("waiting", "omar", good_password, door.code(omar));
  for (int i = 0; i < 2 * account_failures_max; ++i) same("nobody", "nobody", "p", "1");
}

TEST(SessionRoutes, MembersThatAreNotAskedForAreRefused) {
  Door door;
  const auto omar = door.add("omar", {Role::Analyst});
  for (const auto* body :
       {"", "{}", "[]", R"({"account":"omar","password":"p"})",
        R"({"account":"omar","password":"p","code":"1","roles":["administrator"]})",
        R"({"account":["omar"],"password":"p","code":"1"})",
        R"({"account":"omar","account":"olga","password":"p","code":"1"})"}) {
    const auto answer = door.ask({}, "POST", "/session", body);
    EXPECT_TRUE(answer.status == 400 || answer.status == 415) << body << answer.status;
  }
  const auto browser = door.browser_of(omar);
  const auto before = door.stored();
  for (const auto* body : {R"({"language":"en","roles":["administrator"]})", R"({"language":"xx"})",
                           R"({"language":1})", R"({"account":"omar"})"}) {
    EXPECT_EQ(door.ask(browser, "PUT", "/session/preferences", body).status, 400) << body;
  }
  EXPECT_EQ(door.stored(), before);
  const auto set = door.ask(browser, "PUT", "/session/preferences", R"({"language":"ar"})");
  EXPECT_EQ(set.status, 200);
  EXPECT_EQ(must(json::parse(set.body)).text("language"), "ar");
}

TEST(SessionRoutes, SigningOutEndsTheSessionAndNeedsItsToken) {
  Door door;
  const auto browser = door.browser_of(door.add("omar", {Role::Analyst}));
  EXPECT_EQ(door.ask({browser.cookie, ""}, "DELETE", "/session").status, 403);
  EXPECT_EQ(door.ask({browser.cookie, browser.csrf + "x"}, "DELETE", "/session").status, 403);
  EXPECT_EQ(door.ask(browser, "GET", "/session").status, 200);
  const auto out = door.ask(browser, "DELETE", "/session");
  EXPECT_EQ(out.status, 204);
  EXPECT_NE(Door::set_cookie(out).find("Max-Age=0"), std::string::npos);
  EXPECT_EQ(door.ask(browser, "GET", "/session").status, 401);
  EXPECT_EQ(door.ask(browser, "DELETE", "/session").status, 401);
}

TEST(SessionRoutes, SigningInAgainEndsTheSessionOfBefore) {
  Door door;
  const auto omar = door.add("omar", {Role::Analyst});
  const auto first = door.browser_of(omar);
  door.pass(3 * totp_step_s);
  const auto answer = door.sign_in_as(first, omar, door.code(omar));
  ASSERT_EQ(answer.status, 200);
  EXPECT_NE(Door::cookie_of(answer), first.cookie);
  EXPECT_EQ(door.ask(first, "GET", "/session").status, 401);
}

TEST(SessionRoutes, ALinkSetsUpOnceAndThenIsAsIfItHadNeverBeen) {
  Door door;
  const auto made =
      must(propose(door.node(), std::string(operator_name), door.adding("omar", {Role::Analyst})));
  const auto token = made.link.value().token;
  const auto with = [](const std::string& of) { return R"({"token":")" + of + "\"}"; };
  const auto shown = door.ask({}, "POST", "/setup", with(token));
  ASSERT_EQ(shown.status, 200) << shown.body;
  EXPECT_EQ(member_names(shown.body), (std::set<std::string>{"account", "name", "roles", "otpauth",
                                                             "secret", "qr_svg", "expires"}));
  const Person omar{"omar", good_password,
                    test::from_base32(std::string(must(json::parse(shown.body)).text("secret")))};
  json::Object body;
  body.set("token", token);
  body.set("password", omar.password);
  body.set("code", door.code(omar));
  EXPECT_EQ(door.ask({}, "POST", "/setup/complete", json::write(body)).status, 204);
  const auto unknown = door.ask({}, "POST", "/setup", with("x"));
  EXPECT_EQ(unknown.status, 404);
  for (const auto& again : {door.ask({}, "POST", "/setup", with(token)),
                            door.ask({}, "POST", "/setup/complete", json::write(body))}) {
    EXPECT_EQ(again.status, 404);
    EXPECT_EQ(again.headers, unknown.headers);
    EXPECT_EQ(again.body, unknown.body);
  }
  EXPECT_EQ(door.sign_in_as({}, omar, door.code(omar, 1)).status, 200);
}

// A node with an administrator, a releasing officer, and oversight.
struct Guarded : Door {
  Guarded() {
    chief = add("chief", {Role::Administrator});
    releaser = add("releaser", {Role::ReleasingOfficer});
    seer = add("seer", {Role::Oversight});
  }
  Person chief, releaser, seer;

  net::Response change(const Browser& browser, const std::string& body) {
    return ask(browser, "POST", "/account-changes", body);
  }
};

constexpr const char* add_omar =
    R"({"change":"add","account":"omar","name":"Omar","roles":["analyst"]})";
constexpr const char* add_second =
    R"({"change":"add","account":"second","name":"Second","roles":["releasing-officer"]})";

TEST(AccountRoutes, AnAdministratorAddsAndGetsTheLinkOnce) {
  Guarded door;
  door.node().set_pages_url("http://127.0.0.1:8440");
  const auto browser = door.browser_of(door.chief);
  const auto made = door.change(browser, add_omar);
  ASSERT_EQ(made.status, 200) << made.body;
  const auto value = must(json::parse(made.body));
  EXPECT_EQ(value.text("state"), "done");
  EXPECT_TRUE(value.text("link").starts_with("http://127.0.0.1:8440/setup#")) << made.body;
  const auto token = std::string(value.text("link").substr(value.text("link").find('#') + 1));
  for (const auto* path : {"/accounts", "/account-changes", "/session"}) {
    const auto answer = door.ask(browser, "GET", path);
    EXPECT_EQ(answer.status, 200) << path;
    EXPECT_EQ(answer.body.find(token), std::string::npos) << path;
    for (const auto* secret : {"argon2", "seed", "totp", "sha256:", "password"}) {
      EXPECT_EQ(answer.body.find(secret), std::string::npos) << path << " " << secret;
    }
  }
  const auto accounts = must(json::parse(door.ask(browser, "GET", "/accounts").body));
  EXPECT_EQ(accounts.find("items")->array()->size(), 4U);
  EXPECT_EQ(accounts.find("items")->array()->back().text("state"), "invited");
  EXPECT_EQ(accounts.find("items")->array()->front().text("state"), "active");
}

TEST(AccountRoutes, NobodyRisesAlone) {
  Guarded door;
  const auto by_chief = door.browser_of(door.chief);
  const auto by_releaser = door.browser_of(door.releaser);
  const std::vector<std::pair<std::string, int>> tries = {
      {R"({"change":"roles","account":"chief","roles":["administrator","releasing-officer"]})",
       403},
      {R"({"change":"roles","account":"chief","roles":["releasing-officer"]})", 403},
      {R"({"change":"roles","account":"chief","roles":["king"]})", 400},
      {R"({"change":"roles","account":"chief","roles":[]})", 400},
      {R"({"change":"roles","account":"chief"})", 400},
      {R"({"change":"add","account":"x","name":"X","roles":["analyst"],"break_glass":true})", 400},
      {R"({"change":"end","account":"chief","although_last":true})", 400},
      {R"({"change":"end","account":"chief"})", 403},
      {R"({"change":"add","account":"break-glass","name":"X","roles":["administrator"]})", 400},
      {R"({"change":"add","account":"operator","name":"X","roles":["analyst"]})", 400}};
  const auto before = door.stored().second;
  for (const auto& one : tries) {
    EXPECT_EQ(door.change(by_chief, one.first).status, one.second) << one.first;
    EXPECT_EQ(door.change(by_releaser, one.first).status, 403) << one.first;
  }
  EXPECT_EQ(door.change({}, add_omar).status, 401);
  EXPECT_EQ(door.change({by_chief.cookie, ""}, add_omar).status, 403) << "without the token";
  EXPECT_EQ(door.change({by_chief.cookie, by_releaser.csrf}, add_omar).status, 403);
  EXPECT_EQ(door.stored().second, before) << "nothing was entered";
}

TEST(AccountRoutes, AHigherRoleNeedsAnotherPersonWithAFreshCode) {
  Guarded door;
  const auto by_chief = door.browser_of(door.chief);
  const auto made = must(json::parse(door.change(by_chief, add_second).body));
  EXPECT_EQ(made.text("state"), "waiting");
  EXPECT_TRUE(made.find("link")->is_null());
  const auto confirmation =
      fmt::format("/account-changes/{}/confirmation", std::string(made.text("id")));
  EXPECT_EQ(door.ask(by_chief, "POST", confirmation, fresh(door.code(door.chief, 1))).status, 403)
      << "who proposed it";
  const auto by_seer = door.browser_of(door.seer);
  const auto waiting = must(json::parse(door.ask(by_seer, "GET", "/account-changes").body));
  EXPECT_EQ(waiting.find("items")->array()->size(), 1U);
  EXPECT_EQ(door.ask(by_seer, "POST", confirmation, fresh("000000")).status, 403);
  EXPECT_EQ(door.ask(by_seer, "POST", confirmation, fresh(door.code(door.seer))).status, 403)
      << "the code of signing in";
  EXPECT_EQ(door.ask(by_seer, "POST", confirmation, "{}").status, 400);
  EXPECT_EQ(door.list().find("second"), nullptr);
  const auto code = door.code(door.seer, 1);
  const auto done = door.ask(by_seer, "POST", confirmation, fresh(code));
  ASSERT_EQ(done.status, 200) << done.body;
  EXPECT_EQ(must(json::parse(done.body)).text("state"), "done");
  EXPECT_FALSE(must(json::parse(done.body)).text("link").empty());
  EXPECT_EQ(door.ask(by_seer, "POST", confirmation, fresh(code)).status, 403) << "used";
  door.pass(3 * totp_step_s);
  EXPECT_EQ(door.ask(by_seer, "POST", confirmation, fresh(door.code(door.seer))).status, 404)
      << "done once";
}

TEST(AccountRoutes, WhatSomebodyDoesNotSeeIsNotThere) {
  Guarded door;
  const auto omar = door.add("omar", {Role::Analyst});
  const auto by_chief = door.browser_of(door.chief);
  const auto made = must(json::parse(door.change(by_chief, add_second).body));
  for (const auto& person : {omar, door.releaser}) {
    const auto browser = door.browser_of(person);
    const auto seen = must(json::parse(door.ask(browser, "GET", "/account-changes").body));
    const bool may = person.name == "releaser";
    EXPECT_EQ(seen.find("items")->array()->size(), may ? 1U : 0U);
    if (may) continue;
    const auto there =
        door.ask(browser, "POST", fmt::format("/account-changes/{}/confirmation", made.text("id")),
                 fresh(door.code(person, 1)));
    door.pass(3 * totp_step_s);
    const auto not_there = door.ask(browser, "POST", "/account-changes/no-such/confirmation",
                                    fresh(door.code(person)));
    EXPECT_EQ(there.status, 404);
    EXPECT_EQ(there.body, not_there.body);
    EXPECT_EQ(there.headers, not_there.headers);
  }
}

TEST(AccountRoutes, AProposalIsWithdrawnByAnAdministrator) {
  Guarded door;
  const auto by_chief = door.browser_of(door.chief);
  const auto made = must(json::parse(door.change(by_chief, add_second).body));
  const auto path = fmt::format("/account-changes/{}", made.text("id"));
  EXPECT_EQ(door.ask(door.browser_of(door.releaser), "DELETE", path).status, 403);
  EXPECT_EQ(door.ask(by_chief, "DELETE", path).status, 204);
  EXPECT_EQ(door.ask(by_chief, "DELETE", path).status, 404);
  EXPECT_TRUE(door.verifies());
}

TEST(AccountRoutes, AnAlarmIsAcknowledgedByWhoOversees) {
  Guarded door;
  const auto glass = door.add(std::string(break_glass_name), {Role::Administrator});
  testing::internal::CaptureStderr();
  const auto by_glass = door.browser_of(glass);
  EXPECT_NE(testing::internal::GetCapturedStderr().find("ALARM"), std::string::npos);
  const auto alarm = door.accounts.alarms().at(0);
  const auto path = fmt::format("/alarms/{}/acknowledgement", alarm.id);
  EXPECT_EQ(door.ask(by_glass, "POST", path, fresh(door.code(glass, 1))).status, 403);
  const auto by_seer = door.browser_of(door.seer);
  EXPECT_EQ(door.ask(by_seer, "POST", path, fresh("000000")).status, 403);
  EXPECT_EQ(door.accounts.alarms().size(), 1U);
  EXPECT_EQ(door.ask(by_seer, "POST", path, fresh(door.code(door.seer, 1))).status, 204);
  EXPECT_TRUE(door.accounts.alarms().empty());
}

}  // namespace
}  // namespace comity::api
