// Consents and recalls as the pages see them.
#include <gtest/gtest.h>

#include <set>

#include "api/exchange_json.h"
#include "api/test_desk.h"
#include "exchange/release.h"
#include "exchange/test_chain.h"
#include "exchange/verify.h"

namespace comity::api {
namespace {

using exchange::test::Chain4;
using exchange::test::id_of;
using exchange::test::import_objects;
using exchange::test::indicator;
using test::Desk;
using test::expect_refused;
using test::items;
using test::must;
using test::number;
using test::Values;

constexpr RoleSet releasing = {Role::ReleasingOfficer};
const std::string stix_id = id_of("indicator", 1);

struct Asked : Chain4 {
  Asked() {
    import_objects(a(), {indicator(1)});
    must(exchange::release(a(), {stix_id}, {"XB"}));
  }
  std::string record_at_b() { return *must(record_of_stix(*must(b().store().read()), stix_id)); }
  std::string ask() {
    const auto rows = items(
        must(at_b.post("askConsent", R"({"ids":[")" + record_at_b() + R"("],"recipient":"XC"})"))
            .body);
    EXPECT_EQ(rows.size(), 1U);
    EXPECT_EQ(rows.at(0).text("told"), "taken");
    return std::string(rows.at(0).text("request"));
  }
  json::Value row(Desk& desk, const std::string& request) {
    for (const auto& one : items(desk.get("listConsents"))) {
      if (one.text("request") == request) return one;
    }
    throw std::runtime_error("no such request");
  }
  Desk at_a{a(), "rolf", releasing};
  Desk at_b{b(), "bela", releasing};
};

TEST(ConsentRoutes, IsAskedGrantedUsedAndWithdrawn) {
  Asked chain;
  const auto request = chain.ask();
  auto seen = chain.row(chain.at_a, request);
  EXPECT_FALSE(*seen.find("asked_by_us")->boolean());
  EXPECT_EQ(seen.text("party"), "XB");
  EXPECT_EQ(seen.text("recipient"), "XC");
  EXPECT_EQ(seen.text("state"), "unanswered");
  EXPECT_EQ(seen.find("held")->array()->at(0), json::Value(stix_id));
  EXPECT_TRUE(seen.find("consent")->is_null());

  const Values path = {{"consent", request}};
  const auto granted =
      must(chain.at_a.post("grantConsent", R"({"until":"2027-01-01","once":true})", path)).body;
  EXPECT_EQ(granted.text("state"), "granted");
  EXPECT_EQ(granted.text("until"), "2027-01-01T00:00:00Z");
  EXPECT_TRUE(*granted.find("once")->boolean());
  EXPECT_EQ(granted.text("told"), "taken");
  seen = chain.row(chain.at_b, request);
  EXPECT_EQ(seen.text("state"), "granted");
  const auto page = chain.at_b.get("listRecipients", {{"record", chain.record_at_b()}});
  bool permitted = false;
  for (const auto& one : *page.find("parties")->array()) {
    permitted = permitted || (one.text("party") == "XC" && one.text("verdict") == "permitted");
  }
  EXPECT_TRUE(permitted);

  expect_refused(chain.at_a.post("grantConsent", "{}", path), ErrorKind::Conflict, "already");
  EXPECT_EQ(must(chain.at_a.post("withdrawConsent", "{}", path)).body.text("state"), "withdrawn");
  EXPECT_EQ(chain.row(chain.at_b, request).text("state"), "withdrawn");
  expect_refused(chain.at_a.post("withdrawConsent", "{}", path), ErrorKind::Conflict);
  for (auto* node : {&chain.a(), &chain.b()}) {
    const auto found = must(exchange::verify(*node));
    EXPECT_TRUE(found.clean()) << found.findings.at(0);
  }
}

TEST(ConsentRoutes, IsRefusedAndNotAnsweredByWhoAsked) {
  Asked chain;
  const auto request = chain.ask();
  const Values path = {{"consent", request}};
  for (const auto* operation : {"grantConsent", "refuseConsent", "withdrawConsent"}) {
    expect_refused(chain.at_b.post(operation, "{}", path), ErrorKind::Conflict, "asked for it");
  }
  expect_refused(chain.at_a.post("withdrawConsent", "{}", path), ErrorKind::Conflict, "answered");
  expect_refused(chain.at_a.post("grantConsent", R"({"once":1})", path), ErrorKind::InvalidInput,
                 "$.once");
  expect_refused(chain.at_a.post("grantConsent", R"({"until":"soon"})", path),
                 ErrorKind::InvalidInput, "$.until");
  expect_refused(chain.at_a.post("grantConsent", R"({"until":"2020-01-01"})", path),
                 ErrorKind::InvalidInput, "$.until");
  expect_refused(chain.at_a.post("refuseConsent", R"({"ground":"weather"})", path),
                 ErrorKind::InvalidInput, "$.ground");
  const auto refused =
      must(chain.at_a.post("refuseConsent", R"({"ground":"political-offence"})", path)).body;
  EXPECT_EQ(refused.text("state"), "refused");
  EXPECT_EQ(refused.text("ground"), "political-offence");
  EXPECT_EQ(chain.row(chain.at_b, request).text("ground"), "political-offence");
}

TEST(ConsentRoutes, UnknownIdsAreNotFoundInOneWay) {
  Asked chain;
  const auto request = chain.ask();
  std::set<std::string> answers;
  // Another statement that is there is no request either.
  const auto disclosure = exchange::test::disclosures_sent(chain.a()).at(0).id;
  for (const auto& id :
       {std::string("comity-consent-request--0"), disclosure, std::string("x"), std::string()}) {
    for (const auto* operation : {"grantConsent", "refuseConsent", "withdrawConsent"}) {
      const auto answer = chain.at_a.post(operation, "{}", {{"consent", id}});
      ASSERT_FALSE(answer) << id;
      EXPECT_EQ(answer.error().kind, ErrorKind::NotFound) << id;
      answers.insert(answer.error().text());
    }
  }
  EXPECT_EQ(answers.size(), 1U);
  EXPECT_EQ(chain.row(chain.at_a, request).text("state"), "unanswered");
}

TEST(ConsentRoutes, AskingNamesWhatIsWrongInTheBody) {
  Asked chain;
  const auto ask = [&](const std::string& recipient, const std::string& purpose) {
    return chain.at_b.post("askConsent", R"({"ids":[")" + stix_id + R"("],"recipient":")" +
                                             recipient + R"(","purpose":")" + purpose + R"("})");
  };
  expect_refused(ask("XB", ""), ErrorKind::InvalidInput, "$.recipient");
  expect_refused(ask("ZZ", ""), ErrorKind::InvalidInput, "$.recipient");
  expect_refused(ask("XC", "fun"), ErrorKind::InvalidInput, "$.purpose");
  expect_refused(ask("XD", ""), ErrorKind::NotPermitted);
  EXPECT_TRUE(items(chain.at_b.get("listConsents")).empty());
}

TEST(RecallRoutes, ARecordIsCalledBackFromWhoHasIt) {
  Asked chain;
  const auto body = R"({"ids":[")" + stix_id + R"("],"parties":["XB"],"reason":"wrong-content"})";
  const auto said = items(must(chain.at_a.post("recallRecords", body)).body);
  ASSERT_EQ(said.size(), 1U);
  EXPECT_EQ(said[0].text("party"), "XB");
  EXPECT_EQ(said[0].text("reason"), "wrong-content");
  EXPECT_TRUE(*said[0].find("ours")->boolean());
  const auto seen = items(chain.at_b.get("listRecalls"));
  ASSERT_EQ(seen.size(), 1U);
  EXPECT_FALSE(*seen[0].find("ours")->boolean());
  EXPECT_EQ(seen[0].text("recall"), said[0].text("recall"));
  // It has nothing more of it.
  expect_refused(chain.at_a.post("recallRecords", body), ErrorKind::Conflict);
  expect_refused(chain.at_a.post("recallRecords",
                                 R"({"ids":[")" + stix_id + R"("],"parties":[],"reason":"mood"})"),
                 ErrorKind::InvalidInput, "$.reason");
  expect_refused(chain.at_a.post("recallRecords", R"({"ids":[")" + hex(sha256("none")) +
                                                      R"("],"parties":[],"reason":"other"})"),
                 ErrorKind::NotFound);
  for (auto* node : {&chain.a(), &chain.b()}) {
    const auto found = must(exchange::verify(*node));
    EXPECT_TRUE(found.clean()) << found.findings.at(0);
  }
}

}  // namespace
}  // namespace comity::api
