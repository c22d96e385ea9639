#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "api/approvals.h"
#include "api/pending_change.h"
#include "api/test_law_desk.h"
#include "exchange/law.h"
#include "exchange/rule.h"
#include "exchange/verification.h"
#include "exchange/verify.h"
#include "treaty/phrase.h"
#include "trust/test_keys.h"

namespace comity::api {
namespace {

using exchange::test::Operational;
using test::expect_refusal;
using test::LawDesk;
using test::members_of;
using test::must;
using test::rows_of;
using test::Values;

const Values clause_a3 = {{"agreement", "xa-xb-2024"}, {"clause", "a3"}};
const Values compared = {{"source", "Gazette of A, 12/2024, p. 3"}, {"date", "2026-11-20"}};

// What a browser does with `bytes`: it signs them as they are and puts the header before the
// signature.
std::string jws_over(const std::string& bytes, const trust::SigningKey& key) {
  const auto input = must(from_base64url(bytes));
  return input.substr(0, input.find('.')) + ".." + base64url(key.sign(input));
}

json::Object body_of(const json::Value& act, const trust::SigningKey& key,
                     const std::string& signature) {
  json::Object signed_by;
  signed_by.set("key", base64url(key.public_key()));
  signed_by.set("signature", signature);
  json::Object body;
  body.set("act", act);
  body.set("signature", std::move(signed_by));
  return body;
}

// The act and its signature by officer `number`, made from the answer of the route.
json::Object signed_by(LawDesk& desk, int number, Values query = compared) {
  const auto key = trust::key_number(number);
  query["key"] = base64url(key.public_key());
  const auto asked = desk.get("readVerification", clause_a3, query);
  return body_of(*asked.find("act"), key, jws_over(std::string(asked.text("bytes")), key));
}

// The same for any act, as officers' programs sign.
json::Object signed_act(exchange::Node& node, const std::string& name, json::Object arguments,
                        int number) {
  const auto act = exchange::act_for(node, name, std::move(arguments));
  const auto approval = exchange::test::approval_of(act, {number});
  return body_of(json::Value(approval.act), trust::key_number(number),
                 approval.signatures.front().signature);
}

std::vector<exchange::ClauseVerification> verifications(exchange::Node& node) {
  const auto snapshot = must(node.store().read());
  return exchange::clause_verifications(node, *snapshot, must(node.register_files()));
}

TEST(ApprovalRoutes, TwoAdvisersVerifyAClauseFromTheirPages) {
  Operational one;
  LawDesk desk(one.node());
  const auto first = must(desk.post("signAct", signed_by(desk, 1)));
  EXPECT_EQ(first.status, 200);
  EXPECT_EQ(members_of(first.body),
            (std::set<std::string>{"id", "act", "what", "signatures", "created", "expires", "state",
                                   "result"}));
  EXPECT_EQ(first.body.text("state"), "waiting");
  EXPECT_TRUE(first.body.find("result")->is_null());
  EXPECT_EQ(json::write(*first.body.find("signatures")),
            R"([{"officer":"Adviser One","role":"legal-adviser"}])");
  EXPECT_EQ(json::write(*first.body.find("what")),
            R"({"key":"approval.verify","args":{"instrument":"xa-xb-2024","clause":"a3",)"
            R"("source":"Gazette of A, 12/2024, p. 3","date":"2026-11-20"}})");
  EXPECT_EQ(first.body.text("created"), "2026-11-23T06:00:00.000000Z");
  EXPECT_EQ(first.body.text("expires"), "2026-11-23T07:00:00.000000Z");
  EXPECT_TRUE(verifications(one.node()).empty());
  EXPECT_EQ(rows_of(desk.get("listApprovals")).size(), 1U);
  // The second adviser gets the same act, also later, and signs it.
  one.party.clock.set(Instant::from_seconds(one.node().now().seconds() + 600));
  const auto second = signed_by(desk, 2);
  EXPECT_EQ(*second.find("act"), *first.body.find("act"));
  const auto done = must(desk.as("ludo").post("signAct", second));
  EXPECT_EQ(done.body.text("state"), "done");
  EXPECT_EQ(done.body.text("id"), first.body.text("id"));
  EXPECT_TRUE(done.body.text("result").starts_with("sha256:"));
  const auto found = verifications(one.node());
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].officers, (std::vector<std::string>{"Adviser One", "Adviser Two"}));
  EXPECT_TRUE(must(exchange::verify(one.node())).clean());
  // Who looks later sees what was done, until it has expired.
  EXPECT_EQ(rows_of(desk.get("listApprovals")).at(0).text("state"), "done");
  expect_refusal(desk.post("signAct", second), ErrorKind::NotPermitted, "register has changed");
}

TEST(ApprovalRoutes, BytesAreWhatIsSigned) {
  Operational one;
  LawDesk desk(one.node());
  const auto asked = desk.get("readVerification", clause_a3, compared);
  EXPECT_EQ(members_of(asked), (std::set<std::string>{"act", "bytes"}));
  // Without a key: the payload alone.
  EXPECT_EQ(must(from_base64url(asked.text("bytes"))), json::canonical(*asked.find("act")));
  auto query = compared;
  query["key"] = base64url(trust::key_number(1).public_key());
  const auto whole =
      must(from_base64url(desk.get("readVerification", clause_a3, query).text("bytes")));
  const auto header = must(from_base64url(whole.substr(0, whole.find('.'))));
  EXPECT_EQ(header, R"({"alg":"EdDSA","b64":false,"crit":["b64"],"kid":")" +
                        trust::key_id(trust::key_number(1).public_key()) +
                        R"(","typ":"comity-act"})");
  EXPECT_EQ(whole.substr(whole.find('.') + 1), json::canonical(*asked.find("act")));
  for (const char* wrong : {"a", "AAAA", "!"}) {
    query["key"] = wrong;
    expect_refusal(desk.ask("readVerification", clause_a3, query), ErrorKind::InvalidInput, "key");
  }
}

TEST(ApprovalRoutes, VerificationIsAskedOfWhatThereIs) {
  Operational one;
  LawDesk desk(one.node());
  const auto ask = [&](const Values& path, const Values& query) {
    return desk.ask("readVerification", path, query);
  };
  expect_refusal(ask({{"agreement", "none"}, {"clause", "a3"}}, compared), ErrorKind::NotFound);
  expect_refusal(ask({{"agreement", "xa-xb-2024"}, {"clause", "a99"}}, compared),
                 ErrorKind::NotFound);
  expect_refusal(ask(clause_a3, {{"date", "2026-11-20"}}), ErrorKind::InvalidInput, "source");
  expect_refusal(ask(clause_a3, {{"source", "x"}, {"date", "soon"}}), ErrorKind::InvalidInput,
                 "day");
}

TEST(ApprovalRoutes, NothingIsKeptOfASignatureThatDoesNotCount) {
  Operational one;
  LawDesk desk(one.node());
  const auto refused = [&](const json::Object& body, ErrorKind kind, const std::string& part) {
    expect_refusal(desk.post("signAct", body), kind, part);
    EXPECT_TRUE(rows_of(desk.get("listApprovals")).empty());
  };
  // Nobody's key; roles that the act does not take.
  refused(signed_by(desk, 17), ErrorKind::NotPermitted, "not that of an officer");
  for (const int other : {3, 4, 5}) {
    refused(signed_by(desk, other), ErrorKind::NotPermitted, "role");
  }
  const auto good = signed_by(desk, 1);
  auto changed = good;
  changed.find("act")->object()->find("arguments")->object()->set("source", "Another source");
  refused(changed, ErrorKind::NotVerified, "signature");
  auto other_key = good;
  other_key.find("signature")->object()->set("key", base64url(trust::key_number(2).public_key()));
  refused(other_key, ErrorKind::NotVerified, "header");
  for (const char* member : {"key", "signature"}) {
    auto without = good;
    without.find("signature")->object()->erase(member);
    refused(without, ErrorKind::InvalidInput, "key and signature");
    auto empty = good;
    empty.find("signature")->object()->set(member, "");
    refused(empty, ErrorKind::InvalidInput, "base64url");
  }
  auto more = good;
  more.find("signature")->object()->set("more", "x");
  refused(more, ErrorKind::InvalidInput, "exactly");
  auto no_act = good;
  no_act.set("act", "verify");
  refused(no_act, ErrorKind::InvalidInput, "act");
  auto unknown = good;
  unknown.set("more", 1);
  refused(unknown, ErrorKind::InvalidInput, "more");
  // An act that is too long, and one whose arguments are not those of the change.
  json::Object arguments;
  arguments.set("note", std::string(act_bytes_max, 'x'));
  refused(signed_act(one.node(), "verify", arguments, 1), ErrorKind::TooLarge, "bytes");
  auto wrong = must(exchange::act_arguments(
      one.node(), exchange::NewVerification{"xa-xb-2024", "a3", "Gazette", "2026-11-20"}));
  wrong.set("digest", "sha256:" + std::string(64, '0'));
  refused(signed_act(one.node(), "verify", wrong, 1), ErrorKind::InvalidInput, "arguments");
  wrong.erase("digest");
  refused(signed_act(one.node(), "verify", wrong, 1), ErrorKind::InvalidInput, "arguments");
  // What the pages do not carry out.
  for (const char* act : {"enter", "accept", "key-change", "key-renew-root", "none"}) {
    refused(signed_act(one.node(), act, {}, 1), ErrorKind::NotPermitted, "command line");
  }
  // An act of another node, and one of another register.
  auto elsewhere = exchange::act_for(one.node(), "verify", {});
  elsewhere.party = "XB";
  const auto there = exchange::test::approval_of(elsewhere, {1});
  refused(body_of(json::Value(there.act), trust::key_number(1), there.signatures.front().signature),
          ErrorKind::NotVerified, "another node");
}

TEST(ApprovalRoutes, OneOfficerSignsOnce) {
  Operational one;
  LawDesk desk(one.node());
  const auto body = signed_by(desk, 1);
  must(desk.post("signAct", body));
  expect_refusal(desk.post("signAct", body), ErrorKind::Conflict, "another officer");
  expect_refusal(desk.as("ludo").post("signAct", body), ErrorKind::Conflict, "another officer");
  EXPECT_EQ(rows_of(desk.get("listApprovals")).size(), 1U);
  EXPECT_TRUE(verifications(one.node()).empty());
}

TEST(ApprovalRoutes, AnActExpires) {
  Operational one;
  LawDesk desk(one.node());
  const auto start = one.node().now().seconds();
  must(desk.post("signAct", signed_by(desk, 1)));
  const auto second = signed_by(desk, 2);
  one.party.clock.set(Instant::from_seconds(start + exchange::act_seconds_max));
  EXPECT_EQ(rows_of(desk.get("listApprovals")).size(), 1U);
  one.party.clock.set(Instant::from_seconds(start + exchange::act_seconds_max + 1));
  EXPECT_TRUE(rows_of(desk.get("listApprovals")).empty());
  expect_refusal(desk.post("signAct", second), ErrorKind::NotPermitted, "sign again");
  // Both begin anew: the act that is given now is another one.
  const auto anew = signed_by(desk, 2);
  EXPECT_NE(*anew.find("act"), *second.find("act"));
  must(desk.post("signAct", anew));
  EXPECT_EQ(must(desk.post("signAct", signed_by(desk, 1))).body.text("state"), "done");
}

TEST(ApprovalRoutes, AtTheBoundNoMoreActsAreTaken) {
  Operational one;
  LawDesk desk(one.node());
  const auto with_source = [&](std::size_t number) {
    auto query = compared;
    query["source"] = "Source " + std::to_string(number);
    return signed_by(desk, 1, query);
  };
  for (std::size_t i = 0; i < approvals_max; ++i) must(desk.post("signAct", with_source(i)));
  EXPECT_EQ(rows_of(desk.get("listApprovals")).size(), approvals_max);
  expect_refusal(desk.post("signAct", with_source(approvals_max)), ErrorKind::TooLarge, "withdraw");
  // A second signature of one that waits is taken all the same.
  auto query = compared;
  query["source"] = "Source 5";
  must(desk.post("signAct", signed_by(desk, 2, query)));
  EXPECT_EQ(verifications(one.node()).size(), 1U);
}

TEST(ApprovalRoutes, WhoBroughtAnActWithdrawsIt) {
  Operational one;
  LawDesk desk(one.node());
  const auto first = must(desk.post("signAct", signed_by(desk, 1)));
  const Values path = {{"approval", std::string(first.body.text("id"))}};
  expect_refusal(desk.as("ludo").ask("withdrawApproval", path), ErrorKind::NotPermitted, "account");
  expect_refusal(desk.as("lena").ask("withdrawApproval", {{"approval", "none"}}),
                 ErrorKind::NotFound);
  const auto second = signed_by(desk, 2);
  EXPECT_EQ(must(desk.ask("withdrawApproval", path)).status, 204);
  EXPECT_TRUE(rows_of(desk.get("listApprovals")).empty());
  expect_refusal(desk.ask("withdrawApproval", path), ErrorKind::NotFound);
  // The second signature is now the first one.
  EXPECT_EQ(must(desk.post("signAct", second)).body.text("state"), "waiting");
  must(desk.post("signAct", signed_by(desk, 1)));
  expect_refusal(desk.ask("withdrawApproval", path), ErrorKind::Conflict);
}

TEST(ApprovalRoutes, WhatWaitsSurvivesARestart) {
  Operational one;
  {
    LawDesk desk(one.node());
    must(desk.post("signAct", signed_by(desk, 1)));
  }
  one.party.close();
  one.party.open();
  LawDesk desk(one.node());
  EXPECT_EQ(rows_of(desk.get("listApprovals")).size(), 1U);
  EXPECT_EQ(must(desk.post("signAct", signed_by(desk, 2))).body.text("state"), "done");
}

// One act of every kind, signed by the first officer and then by the second.
TEST(ApprovalRoutes, EveryActOfTheTableIsCarriedOut) {
  Operational one;
  LawDesk desk(one.node());
  const auto carried_out = [&](const std::string& name, const json::Object& arguments, int a,
                               int b) {
    const auto act = exchange::act_for(one.node(), name, arguments);
    std::string result;
    for (const int number : {a, b}) {
      const auto approval = exchange::test::approval_of(act, {number});
      const auto answer =
          must(desk.post("signAct", body_of(json::Value(approval.act), trust::key_number(number),
                                            approval.signatures.front().signature)));
      EXPECT_EQ(answer.body.text("state"), number == b ? "done" : "waiting") << name;
      EXPECT_EQ(answer.body.find("what")->text("key"), "approval." + name);
      result = answer.body.text("result");
    }
    EXPECT_FALSE(result.empty()) << name;
    return result;
  };
  carried_out("arrange",
              exchange::act_arguments(exchange::NewArrangement{
                  "xa-xb-2024", "format-and-protection", "XB", "2026-11-23"}),
              1, 3);
  carried_out("designate",
              exchange::act_arguments(exchange::NewDesignation{
                  "xa-xb-2024", "XB", "CERT of B", "", {"threat-information"}, "2026-11-01"}),
              2, 3);
  const auto suspension = exchange::act_arguments(exchange::NewSuspension{"xa-xb-2024", "XA"});
  const auto suspended = carried_out("suspend", suspension, 4, 1);
  one.party.clock.set(Instant::from_seconds(one.node().now().seconds() + 60));
  EXPECT_EQ(carried_out("resume", suspension, 1, 2), suspended);
  exchange::Rule rule;
  rule.name = "all-indicators";
  rule.to = {"XB"};
  rule.classes = {"indicator"};
  rule.purpose = "warning";
  rule.area = "threat-information";
  const auto releaser = exchange::test::officer_with(6, "Releaser Two", "releasing-officer");
  EXPECT_EQ(carried_out("officer-add", exchange::act_arguments(releaser), 1, 5), "Releaser Two");
  EXPECT_EQ(carried_out("rule-add", exchange::act_arguments(rule), 3, 6), "all-indicators");
  EXPECT_EQ(carried_out("rule-end", exchange::rule_end_arguments("all-indicators"), 4, 6),
            "all-indicators");
  for (const auto& officer : one.officers()) {
    if (officer.name == "Releaser Two") {
      EXPECT_EQ(carried_out("officer-end", exchange::end_arguments(officer), 1, 2), officer.name);
    }
  }
  EXPECT_EQ(
      carried_out("denounce",
                  exchange::act_arguments(exchange::NewDenunciation{"xa-xb-2024", "XA", ""}), 1, 2),
      "2027-02-21T06:01:00Z");
  const auto found = must(exchange::verify(one.node()));
  EXPECT_TRUE(found.clean()) << found.findings.at(0);
}

TEST(ApprovalRoutes, OfficersAreListed) {
  Operational one;
  LawDesk desk(one.node());
  const auto rows = rows_of(desk.get("listOfficers"));
  ASSERT_EQ(rows.size(), 5U);
  EXPECT_EQ(members_of(rows[0]), (std::set<std::string>{"name", "role", "key", "from", "until"}));
  EXPECT_EQ(rows[2].text("name"), "Releaser");
  EXPECT_EQ(rows[2].text("role"), "releasing-officer");
  EXPECT_EQ(rows[2].text("key"), base64url(trust::key_number(3).public_key()));
  EXPECT_TRUE(rows[2].find("until")->is_null());
}

TEST(ApprovalRoutes, WhatCannotBeReadIsSaidSo) {
  Operational one;
  LawDesk desk(one.node());
  for (const char* text : {"", "{}", "[1]", R"([{"act":{},"signatures":[],"done":false}])",
                           R"([{"act":{},"signatures":[{"key":"AA"}],"done":false}])"}) {
    {
      const auto change = must(exchange::Change::begin(one.node()));
      must(change->store().set_meta("approvals", text));
      must(change->commit());
    }
    expect_refusal(desk.ask("listApprovals"), ErrorKind::Corrupt, "backup");
  }
}

}  // namespace
}  // namespace comity::api
