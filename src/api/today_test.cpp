#include "api/today.h"

#include <gtest/gtest.h>

#include <set>

#include "api/exchange_json.h"
#include "api/peer_line.h"
#include "api/test_desk.h"
#include "exchange/consent.h"
#include "exchange/doctor.h"
#include "exchange/recall.h"
#include "exchange/release.h"
#include "exchange/release_request.h"
#include "exchange/test_chain.h"
#include "exchange/verify.h"

namespace comity::api {
namespace {

using exchange::test::Chain4;
using exchange::test::Federation;
using exchange::test::id_of;
using exchange::test::import_objects;
using exchange::test::indicator;
using test::column;
using test::Desk;
using test::expect_refused;
using test::must;
using test::number;
using test::Values;

constexpr RoleSet duty = {Role::DutyOfficer};

std::vector<json::Value> list(const json::Value& today, std::string_view name) {
  return *today.find(name)->array();
}
std::set<std::string> kinds(const json::Value& today, std::string_view name) {
  const auto all = column(list(today, name), "kind");
  return {all.begin(), all.end()};
}
json::Value of_kind(const json::Value& today, std::string_view name, std::string_view kind) {
  for (const auto& item : list(today, name)) {
    if (item.text("kind") == kind) return item;
  }
  throw std::runtime_error("nothing of that kind");
}

TEST(Today, IsEmptyWhereNothingWaits) {
  Federation node;
  Desk desk(node.a(), "dora", duty);
  const auto today = desk.get("readToday");
  for (const auto* name : {"late", "fresh", "unowned", "alarms"}) {
    EXPECT_TRUE(list(today, name).empty()) << name;
  }
  ASSERT_EQ(list(today, "peers").size(), 1U);
  EXPECT_EQ(list(today, "peers")[0].text("party"), "XB");
  EXPECT_EQ(number(list(today, "peers")[0], "receipts_missing"), 0);
  EXPECT_GT(number(list(today, "peers")[0], "key_days_left"), 30);
}

TEST(Today, AMissingReceiptIsDueAndThenLateAndThePeerBehind) {
  Federation node;
  import_objects(node.a(), {indicator(1)});
  must(exchange::release(node.a(), {id_of("indicator", 1)}, {"XB"}));
  Desk desk(node.a(), "dora", duty);
  const auto since = node.xa.clock.now();
  auto today = desk.get("readToday");
  auto item = of_kind(today, "late", "receipt-missing");
  EXPECT_FALSE(*item.find("late")->boolean()) << "it is due within the day";
  EXPECT_EQ(item.text("party"), "XB");
  EXPECT_EQ(item.find("what")->text("key"), "today.receipt-missing");
  EXPECT_EQ(number(*item.find("what")->find("args"), "count"), 1);
  node.xa.clock.set(Instant::from_seconds(since.seconds() + exchange::receipt_due_s + 1));
  today = desk.get("readToday");
  item = of_kind(today, "late", "receipt-missing");
  EXPECT_TRUE(*item.find("late")->boolean());
  const auto peer = list(today, "peers").at(0);
  EXPECT_EQ(number(peer, "receipts_missing"), 1);
  EXPECT_EQ(peer.text("state"), "unreachable") << "nothing was heard since it was due";
}

TEST(Today, WhatCameFromPartnersAndNeedsAnAnswerIsFresh) {
  Chain4 chain;
  import_objects(chain.a(), {indicator(1)});
  must(exchange::release(chain.a(), {id_of("indicator", 1)}, {"XB"}));
  must(exchange::ask_consent(chain.b(), {id_of("indicator", 1)}, "XC", ""));
  must(exchange::send_statements(chain.b()));
  Desk at_a(chain.a(), "dora", duty), at_b(chain.b(), "dora", duty);
  EXPECT_EQ(kinds(at_a.get("readToday"), "fresh"), std::set<std::string>{"consent-asked"});
  EXPECT_EQ(kinds(at_b.get("readToday"), "fresh"), std::set<std::string>{"arrived"});
  EXPECT_TRUE(kinds(at_b.get("readToday"), "unowned").empty()) << "what arrived needs nobody";
  must(exchange::recall(chain.a(), {{id_of("indicator", 1)}, {"XB"}, "other", {}}));
  must(exchange::send_statements(chain.a()));
  EXPECT_EQ(kinds(at_b.get("readToday"), "fresh"),
            (std::set<std::string>{"arrived", "recall-received"}));
  const auto request = must(exchange::consents(chain.a())).at(0).request;
  must(exchange::refuse_consent(chain.a(), request));
  EXPECT_TRUE(list(at_a.get("readToday"), "fresh").empty()) << "answered is done";
  // A peer that was heard is well.
  for (const auto& peer : list(at_a.get("readToday"), "peers")) {
    EXPECT_EQ(peer.text("state"), peer.text("party") == "XB" ? "ok" : "unknown");
  }
  chain.xb.clock.set(Instant::from_seconds(chain.xb.clock.now().seconds() + today_past_s + 60));
  EXPECT_TRUE(list(at_b.get("readToday"), "fresh").empty()) << "a week later it is no news";
}

std::string proposed(exchange::Node& node) {
  exchange::NewReleaseRequest wanted;
  wanted.ids = {id_of("indicator", 1)};
  wanted.parties = {"XB"};
  wanted.account = "anna";
  return must(exchange::propose_release(node, wanted)).id;
}

TEST(Today, WhoTakesAnItemOnOwnsItUntilItIsDone) {
  Federation node;
  import_objects(node.a(), {indicator(1)});
  const auto request = proposed(node.a());
  Desk desk(node.a(), "dora", duty);
  const auto item = of_kind(desk.get("readToday"), "unowned", "release-request");
  EXPECT_TRUE(item.find("owner")->is_null());
  const Values path = {{"item", std::string(item.text("id"))}};
  const auto put = [&](const std::string& owner) {
    return desk.ask("putItemOwner", path, {}, must(json::parse(R"({"owner":)" + owner + "}")));
  };
  EXPECT_EQ(must(put("\"me\"")).body.text("owner"), "dora");
  EXPECT_TRUE(kinds(desk.get("readToday"), "unowned").empty());
  desk.as("rolf", {Role::ReleasingOfficer});
  expect_refused(put("null"), ErrorKind::Conflict, "dora");
  EXPECT_EQ(must(put("\"me\"")).body.text("owner"), "rolf") << "another may take it over";
  EXPECT_TRUE(must(put("null")).body.find("owner")->is_null());
  EXPECT_EQ(kinds(desk.get("readToday"), "unowned"), std::set<std::string>{"release-request"});
  for (const auto* bad : {"\"dora\"", "\"\"", "1", "true"}) {
    expect_refused(put(bad), ErrorKind::InvalidInput, "$.owner");
  }
  must(put("\"me\""));
  must(exchange::withdraw_release(node.a(), request, "anna"));
  expect_refused(put("\"me\""), ErrorKind::NotFound);
  const auto found = must(exchange::verify(node.a()));
  EXPECT_TRUE(found.clean()) << found.findings.at(0);
}

// Nobody sees here what they do not see elsewhere, nor learns that it is there.
TEST(Today, ShowsEachRoleWhatItMaySeeAndNoMore) {
  Federation node;
  import_objects(node.a(), {indicator(1)});
  proposed(node.a());
  must(exchange::release(node.a(), {id_of("indicator", 1)}, {"XB"}));
  Desk desk(node.a(), "dora", duty);
  const auto seen = [&](Role role) {
    desk.as("somebody", {role});
    return kinds(desk.get("readToday"), "unowned");
  };
  const std::set<std::string> both = {"receipt-missing", "release-request"};
  for (const auto role :
       {Role::DutyOfficer, Role::Analyst, Role::LegalAdviser, Role::ReleasingOfficer,
        Role::RightsOfficer, Role::Auditor, Role::Oversight}) {
    EXPECT_EQ(seen(role), both) << name(role);
  }
  EXPECT_TRUE(seen(Role::Administrator).empty());
  const auto snapshot = must(node.a().store().read());
  const auto item =
      must(today_items(node.a(), *snapshot, must(peer_lines(node.a(), *snapshot)), duty)).at(0).id;
  const auto hidden = set_owner(node.a(), item, "adam", {Role::Administrator}, true);
  const auto none = set_owner(node.a(), "receipt-missing.XQ", "adam", {Role::Administrator}, true);
  ASSERT_FALSE(hidden);
  ASSERT_FALSE(none);
  EXPECT_EQ(hidden.error().text(), none.error().text());
}

TEST(Today, ABreakGlassAlarmIsShownUnderTheNameByWhichItIsAcknowledged) {
  Federation node;
  {
    const auto work = must(exchange::AccountWork::begin(node.a()));
    work->list().alarms.push_back({"11111111-0000-4000-8000-000000000000", "glass", work->at(), 2});
    json::Object entry;
    entry.set("alarm", exchange::terms_of(work->list().alarms.back()));
    must(work->enter("alarm-raised", std::move(entry)));
    must(work->commit());
  }
  Desk desk(node.a(), "ole", {Role::Oversight});
  const auto alarm = of_kind(desk.get("readToday"), "alarms", "alarm");
  EXPECT_EQ(alarm.text("id"), "11111111-0000-4000-8000-000000000000");
  EXPECT_EQ(alarm.find("what")->find("args")->text("account"), "glass");
}

}  // namespace
}  // namespace comity::api
