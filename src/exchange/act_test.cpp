#include "exchange/act.h"

#include <gtest/gtest.h>

#include "exchange/law.h"
#include "exchange/test_officers.h"
#include "exchange/verify.h"
#include "json/parse.h"
#include "json/write.h"

namespace comity::exchange {
namespace {

using test::approval_of;
using test::must;
using test::Operational;

const NewArrangement arrangement{"xa-xb-2024", "format-and-protection", "XB", "2026-11-01"};

Act present_act(Operational& one) {
  return act_for(one.node(), "arrange", act_arguments(arrangement));
}

void expect_refused(Operational& one, const std::optional<Approval>& approval, ErrorKind kind,
                    const std::string& words) {
  const auto before = test::stored(one.node());
  const auto digest = one.node().law()->model().digest;
  const auto entered = enter_arrangement(one.node(), arrangement, approval);
  ASSERT_FALSE(entered.has_value()) << words;
  EXPECT_EQ(entered.error().kind, kind) << entered.error().text();
  EXPECT_NE(entered.error().text().find(words), std::string::npos) << entered.error().text();
  EXPECT_EQ(test::stored(one.node()), before);
  EXPECT_EQ(one.node().law()->model().digest, digest);
}

TEST(Acts, TwoOfficersOfTheRoleChangeTheLaw) {
  Operational one;
  const auto leaves = test::stored(one.node()).leaves;
  const auto approval = approval_of(present_act(one), {1, 3});
  must(enter_arrangement(one.node(), arrangement, approval));
  EXPECT_EQ(test::stored(one.node()).leaves, leaves + 1);
  const auto snapshot = must(one.node().store().read());
  must(snapshot->ledger(leaves, 1, [&](const store::LedgerEntry& row) -> Status {
    EXPECT_EQ(row.kind, "register");
    const auto entry = must(json::parse(row.entry));
    EXPECT_EQ(*entry.find("officers"), json::Value(json::Array{"Adviser One", "Releaser"}));
    EXPECT_EQ(*entry.find("approval"), json::Value(to_json(approval)));
    return {};
  }));
  EXPECT_TRUE(must(verify(one.node())).clean());
}

TEST(Acts, WithoutTwoGoodSignaturesNothingIsChanged) {
  Operational one;
  const auto no = ErrorKind::NotPermitted;
  expect_refused(one, std::nullopt, no, "two officers");
  expect_refused(one, approval_of(present_act(one), {}), no, "0 signatures");
  expect_refused(one, approval_of(present_act(one), {1}), no, "1 signatures");
  expect_refused(one, approval_of(present_act(one), {1, 2, 3}), no, "3 signatures");
  expect_refused(one, approval_of(present_act(one), {1, 1}), no, "signed twice");
  expect_refused(one, approval_of(present_act(one), {1, 17}), no, "not that of an officer");
  for (const int wrong : {4, 5}) {
    expect_refused(one, approval_of(present_act(one), {1, wrong}), no, "role");
    expect_refused(one, approval_of(present_act(one), {wrong, 1}), no, "role");
  }
  // The signature of one under the key of another.
  auto swapped = approval_of(present_act(one), {1, 2});
  std::swap(swapped.signatures[0].signature, swapped.signatures[1].signature);
  expect_refused(one, swapped, ErrorKind::NotVerified, "signature");
  auto damaged = approval_of(present_act(one), {1, 2});
  damaged.signatures[1].signature.back() =
      damaged.signatures[1].signature.back() == 'A' ? 'Q' : 'A';
  expect_refused(one, damaged, ErrorKind::NotVerified, "signature");
}

TEST(Acts, AnActIsForOneChangeOfOneNodeUnderOneRegister) {
  Operational one;
  const auto altered = [&](const std::function<void(Act&)>& change) {
    auto act = present_act(one);
    change(act);
    return approval_of(act, {1, 2});
  };
  const auto forged = ErrorKind::NotVerified;
  expect_refused(one, altered([](Act& act) { act.arguments.set("kind", "other"); }), forged,
                 "format-and-protection");
  expect_refused(one, altered([](Act& act) { act.arguments.set("more", 1); }), forged, "more");
  expect_refused(one, altered([](Act& act) { act.arguments.erase("from"); }), forged, "arrange");
  expect_refused(one, altered([](Act& act) { act.name = "suspend"; }), forged, "suspend");
  expect_refused(one, altered([](Act& act) { act.party = "XB"; }), forged, "another node");
  expect_refused(one, altered([](Act& act) { act.mode = "exercise"; }), forged, "another node");
  expect_refused(one, altered([](Act& act) { act.exercise = "drill"; }), forged, "another node");
  expect_refused(one, altered([](Act& act) { act.register_digest[0] ^= 1; }),
                 ErrorKind::NotPermitted, "register has changed");
  // What was signed, with other arguments put into the act afterwards.
  auto after = approval_of(present_act(one), {1, 2});
  after.act.find("arguments")->object()->set("kind", "other");
  expect_refused(one, after, forged, "signed arrange");
  auto changed = approval_of(present_act(one), {1, 2});
  changed.act.set("created", format_rfc3339(Instant{one.node().now().micros + 1}, 6));
  expect_refused(one, changed, forged, "signature");
}

TEST(Acts, AnActOfAnEarlierRegisterIsStale) {
  Operational one;
  const auto early = approval_of(present_act(one), {1, 2});
  const NewArrangement other{"xa-xb-2024", "other-kind", "XB", ""};
  must(enter_arrangement(one.node(), other,
                         approval_of(one.node(), "arrange", act_arguments(other), {1, 2})));
  expect_refused(one, early, ErrorKind::NotPermitted, "register has changed");
}

TEST(Acts, AnActHasAWindow) {
  Operational one;
  const auto now = one.node().now();
  const auto at = [&](std::int64_t seconds) {
    auto act = present_act(one);
    act.created = Instant::from_seconds(now.seconds() + seconds);
    return act;
  };
  expect_refused(one, approval_of(at(act_ahead_seconds_max + 1), {1, 2}), ErrorKind::NotPermitted,
                 "sign again");
  // Written at the present instant, used at the end of the window and one second later.
  const auto approval = approval_of(at(0), {1, 2});
  one.party.clock.set(Instant::from_seconds(now.seconds() + act_seconds_max + 1));
  expect_refused(one, approval, ErrorKind::NotPermitted, "sign again");
  one.party.clock.set(Instant::from_seconds(now.seconds() + act_seconds_max));
  must(enter_arrangement(one.node(), arrangement, approval));
  const NewArrangement other{"xa-xb-2024", "other-kind", "XB", ""};
  auto ahead = act_for(one.node(), "arrange", act_arguments(other));
  ahead.created = Instant::from_seconds(one.node().now().seconds() + act_ahead_seconds_max);
  must(enter_arrangement(one.node(), other, approval_of(ahead, {1, 2})));
}

TEST(Acts, AnApprovalIsGoodOnce) {
  Operational one;
  json::Object arguments;
  const auto approval = approval_of(one.node(), "arrange", arguments, {1, 2});
  const auto use = [&]() -> Status {
    const auto change = must(Change::begin(one.node()));
    json::Object entry;
    TRY(const auto ignored,
        approve(one.node(), *change, "arrange", arguments, approval, ApprovalNeed::Always, entry));
    TRY_STATUS(change->enter("test", entry));
    return change->commit();
  };
  must(use());
  const auto again = use();
  ASSERT_FALSE(again.has_value());
  EXPECT_EQ(again.error().kind, ErrorKind::NotPermitted);
  EXPECT_NE(again.error().text().find("good once"), std::string::npos);
}

TEST(Acts, AnOfficerWhoEndedSignsNoMore) {
  Operational one;
  const auto early = present_act(one);
  const auto ended = one.officers().at(1);
  one.party.clock.set(Instant{one.party.clock.now().micros + 1'000'000});
  must(end_officer(one.node(), ended.name,
                   approval_of(one.node(), "officer-end", end_arguments(ended), {1, 3})));
  expect_refused(one, approval_of(present_act(one), {1, 2}), ErrorKind::NotPermitted,
                 "was no officer");
  // Written while still enrolled, used afterwards.
  expect_refused(one, approval_of(early, {1, 2}), ErrorKind::NotPermitted, "any more");
  must(enter_arrangement(one.node(), arrangement, approval_of(present_act(one), {1, 3})));
}

// The window is asked again of the ledger: an act that was entered past approve() after its time,
// or before it, is found with its leaf.
TEST(Acts, VerificationAsksHowOldAnActWasAtTheLeaf) {
  Operational one;
  const auto entered = [&](std::int64_t age_seconds) {
    auto act = present_act(one);
    act.created = Instant::from_seconds(one.node().now().seconds() - age_seconds);
    const auto change = must(Change::begin(one.node()));
    json::Object entry;
    entry.set("type", "arrangement");
    entry.set("approval", to_json(approval_of(act, {1, 2})));
    must(change->enter("register", entry));
    must(change->commit());
  };
  one.party.clock.set(Instant::from_seconds(one.node().now().seconds() + act_seconds_max + 1));
  entered(act_seconds_max);
  entered(-act_ahead_seconds_max);
  const auto within = must(verify(one.node()));
  EXPECT_TRUE(within.clean()) << within.findings.at(0);
  entered(act_seconds_max + 1);
  entered(-act_ahead_seconds_max - 1);
  const auto outside = must(verify(one.node()));
  ASSERT_EQ(outside.finding_count, 2);
  for (const auto& finding : outside.findings) {
    EXPECT_NE(finding.find("its approval does not hold: the act was written at"), std::string::npos)
        << finding;
  }
}

// What an act was signed with is judged by the ledger as it stood then, not by the instant that the
// writer of the act gave it, who may be ahead of the node.
TEST(Acts, VerificationAsksWhoWasAnOfficerAtTheLeaf) {
  Operational one;
  const auto pass = [&](std::int64_t seconds) {
    one.party.clock.set(Instant::from_seconds(one.node().now().seconds() + seconds));
  };
  const auto ahead = [&] {
    auto act = present_act(one);
    act.created = Instant::from_seconds(one.node().now().seconds() + act_ahead_seconds_max);
    return act;
  };
  must(enter_arrangement(one.node(), arrangement, approval_of(ahead(), {1, 2})));
  pass(1);
  const auto two = one.officers().at(1);
  must(end_officer(one.node(), two.name,
                   approval_of(one.node(), "officer-end", end_arguments(two), {1, 3})));
  const auto found = must(verify(one.node()));
  EXPECT_TRUE(found.clean()) << found.findings.at(0);
  // Entered past approve(): by one who had ended, and by one who was enrolled afterwards.
  const auto entered = [&](const Approval& approval) {
    const auto change = must(Change::begin(one.node()));
    json::Object entry;
    entry.set("type", "arrangement");
    entry.set("approval", to_json(approval));
    must(change->enter("register", entry));
    must(change->commit());
  };
  entered(approval_of(present_act(one), {1, 2}));
  const auto by_ended = must(verify(one.node()));
  ASSERT_EQ(by_ended.finding_count, 1);
  EXPECT_NE(by_ended.findings[0].find("Adviser Two was no officer"), std::string::npos)
      << by_ended.findings[0];
  entered(approval_of(ahead(), {1, 6}));
  pass(act_ahead_seconds_max / 2);
  const auto six = test::officer_with(6, "Adviser Six", "legal-adviser");
  must(add_officer(one.node(), six,
                   approval_of(one.node(), "officer-add", act_arguments(six), {1, 3})));
  const auto by_later = must(verify(one.node()));
  ASSERT_EQ(by_later.finding_count, 2);
  EXPECT_NE(by_later.findings[1].find("is not that of an officer"), std::string::npos)
      << by_later.findings[1];
}

TEST(Acts, AnExerciseNeedsNoOfficersButChecksThoseItIsGiven) {
  test::TemporaryDirectory directory;
  test::Party party(directory.file("XA"), "XA", 1);
  auto& node = party.node();
  test::enrol_all(node);
  const NewArrangement first{"xa-xb-2024", "first", "XB", ""};
  must(enter_arrangement(node, first));
  const NewArrangement second{"xa-xb-2024", "second", "XB", ""};
  const auto by = [&](std::initializer_list<int> keys) {
    return approval_of(node, "arrange", act_arguments(second), keys);
  };
  EXPECT_FALSE(enter_arrangement(node, second, by({1, 1})).has_value());
  EXPECT_FALSE(enter_arrangement(node, second, by({1, 5})).has_value());
  must(enter_arrangement(node, second, by({1, 3})));
  EXPECT_TRUE(must(verify(node)).clean());
}

TEST(Acts, ApprovalsSurviveTheirJsonAndNothingElseIsRead) {
  Operational one;
  const auto approval = approval_of(present_act(one), {1, 2});
  const auto text = json::write(to_json(approval));
  const auto back = must(read_approval(must(json::parse(text))));
  EXPECT_EQ(json::write(to_json(back)), text);
  EXPECT_EQ(must(read_act(back.act)).arguments, act_arguments(arrangement));
  for (const auto* bad :
       {"{}", "[]", "1", R"({"act":{},"signatures":[]})", R"({"act":1,"signatures":[{},{}]})",
        R"({"act":{},"signatures":[{},{}]})", R"({"act":{},"signatures":{}})"}) {
    const auto read = read_approval(must(json::parse(bad)));
    ASSERT_FALSE(read.has_value()) << bad;
    EXPECT_EQ(read.error().kind, ErrorKind::InvalidInput);
  }
  auto more = must(json::parse(text));
  more.object()->set("note", "x");
  EXPECT_FALSE(read_approval(more).has_value());
  for (const auto* member :
       {"type", "format", "party", "mode", "act", "arguments", "register", "created"}) {
    auto less = approval.act;
    less.erase(member);
    EXPECT_FALSE(read_act(less).has_value()) << member;
    auto other = approval.act;
    other.set(member, 17);
    EXPECT_FALSE(read_act(other).has_value()) << member;
  }
  auto extra = approval.act;
  extra.set("more", "x");
  EXPECT_FALSE(read_act(extra).has_value());
  auto spelling = approval.act;
  spelling.set("created", "2026-11-23T06:00:00Z");
  EXPECT_FALSE(read_act(spelling).has_value());
}

TEST(Acts, EveryRoleSignsWhatItMay) {
  const auto may = [](const char* act, std::initializer_list<const char*> roles) {
    for (const auto role : officer_roles) {
      const bool expected =
          std::any_of(roles.begin(), roles.end(), [&](const char* one) { return role == one; });
      EXPECT_EQ(role_may_sign(act, role), expected) << act << " " << role;
    }
    EXPECT_FALSE(role_may_sign(act, ""));
    EXPECT_FALSE(role_may_sign(act, "king"));
  };
  may("verify", {"legal-adviser"});
  may("suspend", {"legal-adviser", "releasing-officer", "duty-officer"});
  for (const auto* act : {"accept", "enter", "arrange", "designate", "resume", "denounce"}) {
    may(act, {"legal-adviser", "releasing-officer"});
  }
  for (const auto* act : {"officer-add", "officer-end"}) {
    may(act, {"legal-adviser", "releasing-officer", "duty-officer", "administrator"});
  }
  may("unheard-of", {});
  may("", {});
}

}  // namespace
}  // namespace comity::exchange
