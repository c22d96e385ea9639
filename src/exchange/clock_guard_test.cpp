#include "exchange/clock_guard.h"

#include <gtest/gtest.h>

#include "exchange/courier.h"
#include "exchange/delivery.h"
#include "exchange/doctor.h"
#include "exchange/recall.h"
#include "exchange/release.h"
#include "exchange/rule.h"
#include "exchange/test_federation.h"
#include "exchange/verify.h"

namespace comity::exchange {
namespace {

using test::Federation;
using test::id_of;
using test::indicator;
using test::must;

Instant later(std::int64_t seconds) {
  return Instant::from_seconds(test::start_instant().seconds() + seconds);
}

// XA paired with XB and XC, which cannot be reached, and what XA hears of their clocks.
struct Heard : Federation {
  test::Party xc{directory.file("XC"), "XC", 3};
  Heard() { test::pair_both(a(), xc.node(), test::nowhere, test::nowhere); }
  // The peer's clock says so much more than ours when it answers.
  void hear(const std::string& party, std::int64_t ahead_s) {
    const auto now = xa.clock.now();
    must(hear_time(a(), party, {now.seconds() + ahead_s, now, now}));
  }
  std::string problem() { return must(clock_problem(a(), *must(a().store().read()))); }
  std::vector<PartyRelease> release_one(std::size_t number) {
    test::import_objects(a(), {indicator(number)});
    return must(release(a(), {id_of("indicator", number)}, {"XB"}));
  }
  std::vector<Ailment> doctor() {
    std::vector<Ailment> out;
    must(examine_clock(a(), out));
    return out;
  }
};

TEST(ClockGuard, GoesOnUntilTheClockIsMoreThanItsBoundBehindTheLedger) {
  Heard heard;
  heard.xa.clock.set(later(-clock_back_s_max));
  EXPECT_EQ(heard.problem(), "");
  EXPECT_EQ(heard.release_one(1).front().held_count, 0);
  heard.xa.clock.set({later(-clock_back_s_max).micros - 1});
  EXPECT_NE(heard.problem().find("this machine's clock says"), std::string::npos);
  const auto stopped = heard.release_one(2);
  ASSERT_EQ(stopped.front().held.size(), 1U);
  const auto& verdict = stopped.front().held.front().verdict;
  EXPECT_EQ(verdict.kind, treaty::VerdictKind::Needs);
  ASSERT_FALSE(verdict.needs.empty());
  EXPECT_EQ(verdict.needs.back().kind, "fact");
  EXPECT_EQ(verdict.needs.back().what.rfind("time: ", 0), 0U) << verdict.needs.back().what;
  // It goes on by itself once the clock has caught up.
  heard.xa.clock.set(later(0));
  EXPECT_EQ(heard.problem(), "");
  EXPECT_EQ(must(release(heard.a(), {id_of("indicator", 2)}, {"XB"})).front().held_count, 0);
  EXPECT_TRUE(must(verify(heard.a())).findings.empty());
}

TEST(ClockGuard, TwoPeersFurtherAwayThanTheBoundStopReleaseAndOneDoesNot) {
  for (const std::int64_t side : {-1, 1}) {
    Heard heard;
    heard.hear("XB", side * (clock_apart_s_max + 1));
    heard.hear("XC", side * clock_apart_s_max);
    EXPECT_EQ(heard.problem(), "") << side;
    ASSERT_EQ(heard.doctor().size(), 1U);
    EXPECT_NE(heard.doctor()[0].why.find("release goes on"), std::string::npos);
    EXPECT_EQ(heard.release_one(1).front().held_count, 0);
    heard.hear("XC", side * (clock_apart_s_max + 1));
    EXPECT_NE(heard.problem().find(side > 0 ? "XC 1 h 0 min ahead" : "XC 1 h 0 min behind"),
              std::string::npos)
        << heard.problem();
    EXPECT_EQ(heard.release_one(2).front().held_count, 1);
    ASSERT_EQ(heard.doctor().size(), 1U);
    EXPECT_NE(heard.doctor()[0].why.find("nothing is released"), std::string::npos);
    // One of them agrees again.
    heard.hear("XB", 0);
    EXPECT_EQ(heard.problem(), "");
    EXPECT_EQ(must(release(heard.a(), {id_of("indicator", 2)}, {"XB"})).front().held_count, 0);
  }
}

TEST(ClockGuard, ASlowAnswerIsNoDifference) {
  Heard heard;
  const auto asked = heard.xa.clock.now();
  const Instant answered = later(2 * clock_apart_s_max);
  for (const auto date_s :
       {asked.seconds() - clock_apart_s_max, answered.seconds() + clock_apart_s_max}) {
    must(hear_time(heard.a(), "XB", {date_s, asked, answered}));
    EXPECT_TRUE(must(clocks_apart(*must(heard.a().store().read()))).empty()) << date_s;
  }
  must(hear_time(heard.a(), "XB", {answered.seconds() + clock_apart_s_max + 1, asked, answered}));
  EXPECT_EQ(must(clocks_apart(*must(heard.a().store().read()))).size(), 1U);
}

TEST(ClockGuard, WhoIsNotPairedAnyMoreDoesNotCount) {
  Heard heard;
  heard.hear("XB", 2 * clock_apart_s_max);
  heard.hear("XD", 2 * clock_apart_s_max);
  EXPECT_EQ(heard.problem(), "");
}

TEST(ClockGuard, NothingIsWrittenWhileNothingChanges) {
  Heard heard;
  heard.hear("XB", 10);
  EXPECT_FALSE(must(must(heard.a().store().read())->meta("clocks-apart")));
  heard.hear("XB", 7200);
  const auto before = must(must(heard.a().store().read())->meta("clocks-apart"));
  heard.hear("XB", 7200 + clock_jump_s);
  EXPECT_EQ(must(must(heard.a().store().read())->meta("clocks-apart")), before);
  heard.hear("XB", 7201 + clock_jump_s);
  EXPECT_NE(must(must(heard.a().store().read())->meta("clocks-apart")), before);
  // The clock of the ledger is not moved by what peers say.
  EXPECT_EQ(heard.a().last_entry(), test::start_instant());
}

TEST(ClockGuard, RulesStopAndTakeUpWhereTheyWere) {
  Heard heard;
  Rule rule;
  rule.name = "warnings";
  rule.to = {"XB"};
  rule.classes = {"indicator"};
  rule.purpose = "warning";
  rule.area = "threat-information";
  must(add_rule(heard.a(), rule));
  test::import_objects(heard.a(), {indicator(1)});
  heard.xa.clock.set(later(-clock_back_s_max - 1));
  const auto stopped = apply_rules(heard.a());
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().kind, ErrorKind::Unavailable);
  EXPECT_NE(stopped.error().message.find("NEEDS fact time"), std::string::npos);
  EXPECT_TRUE(test::disclosures_sent(heard.a()).empty());
  heard.xa.clock.set(later(1));
  must(apply_rules(heard.a()));
  EXPECT_EQ(test::disclosures_sent(heard.a()).size(), 1U);
}

// XB behind a wire; XC is only heard.
struct Wired : Heard {
  test::Wire wire{b()};
  void reach_b() { test::pair_both(a(), b(), test::nowhere, wire.url()); }
  std::int64_t arrived() { return test::stored(b()).records; }
};

TEST(ClockGuard, TheDateOfAnAnswerIsHeardOnTheWay) {
  Wired wired;
  wired.reach_b();
  wired.xb.clock.set(later(clock_apart_s_max + 1));
  wired.release_one(1);
  auto apart = must(clocks_apart(*must(wired.a().store().read())));
  ASSERT_EQ(apart.size(), 1U);
  EXPECT_EQ(apart[0].party, "XB");
  EXPECT_EQ(apart[0].ahead_s, clock_apart_s_max + 1);
  // With a second one it stops, and a release asks whether it still is so.
  wired.hear("XC", 2 * clock_apart_s_max);
  EXPECT_EQ(wired.release_one(2).front().held_count, 1);
  wired.xb.clock.set(later(clock_apart_s_max));
  EXPECT_EQ(wired.release_one(3).front().held_count, 0);
}

TEST(ClockGuard, WhatWaitsIsDeliveredOnlyWithARightClockAndStatementsGo) {
  Wired wired;
  wired.release_one(1);  // XB cannot be reached yet
  wired.reach_b();
  wired.hear("XB", 2 * clock_apart_s_max);
  wired.hear("XC", 2 * clock_apart_s_max);
  Courier courier(wired.a());
  courier.run_due();
  EXPECT_FALSE(courier.next_attempt("XB")) << "no disclosure is due while the clock is wrong";
  const auto sent = must(deliver(wired.a(), "XB"));
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_NE(sent[0].error.find("NEEDS fact time"), std::string::npos) << sent[0].error;
  EXPECT_EQ(wired.arrived(), 0);
  must(recall(wired.a(), {{id_of("indicator", 1)}, {}, "law", {}}));
  courier.run_due();
  EXPECT_TRUE(courier.next_attempt("XB")) << "the recall is";
}

TEST(ClockGuard, AServingNodeAsksAtOnceThenSometimesAndAtAJump) {
  Wired wired;
  wired.reach_b();
  ClockWatch watch(wired.a());
  const auto apart = [&] { return must(clocks_apart(*must(wired.a().store().read()))).size(); };
  wired.xb.clock.set(later(2 * clock_apart_s_max));
  watch.run_due();
  EXPECT_EQ(apart(), 1U);
  watch.run_due();  // the shorter pause begins
  wired.xb.clock.set(later(0));
  watch.run_due();
  EXPECT_EQ(apart(), 1U) << "not yet due";
  wired.xa.clock.set(later(clock_asked_apart_s));
  watch.run_due();
  EXPECT_EQ(apart(), 0U);
  wired.xa.clock.set(later(clock_asked_apart_s + clock_jump_s));
  watch.run_due();  // the longer pause begins
  wired.xb.clock.set(later(2 * clock_apart_s_max));
  wired.xa.clock.set(later(clock_asked_apart_s + 2 * clock_jump_s));
  watch.run_due();
  EXPECT_EQ(apart(), 0U) << "not yet due";
  wired.xa.clock.set(later(clock_asked_apart_s + 3 * clock_jump_s + 1));
  watch.run_due();
  EXPECT_EQ(apart(), 1U) << "the clock has jumped";
}

}  // namespace
}  // namespace comity::exchange
