#include "exchange/law.h"

#include <gtest/gtest.h>

#include "exchange/release.h"
#include "exchange/test_officers.h"
#include "exchange/verify.h"

namespace comity::exchange {
namespace {

using test::must;

// The agreement asks for an arrangement on format and protection.
void ask_for_arrangement(NewNode& options) {
  options.register_files[test::agreement_file] =
      test::replaced(options.register_files[test::agreement_file],
                     "purpose = [\"warning\", \"incident-response\"]",
                     "purpose = [\"warning\", \"incident-response\"]\n"
                     "needs = [\"arrangement:format-and-protection\"]");
}

struct OneLaw {
  test::TemporaryDirectory directory;
  test::Party party{directory.file("XA"), "XA", 1, ask_for_arrangement};
  Node& node() { return party.node(); }
  treaty::VerdictKind verdict() {
    for (const auto& row : must(preview(node(), {test::id_of("indicator", 1)}))) {
      if (row.party == "XB") return row.verdict.kind;
    }
    throw std::runtime_error("no row for XB");
  }
};

TEST(Law, AnArrangementIsEnteredAndDecidesFromItsDay) {
  OneLaw one;
  test::import_objects(one.node(), {test::indicator(1)});
  EXPECT_EQ(one.verdict(), treaty::VerdictKind::Needs);
  const auto before = one.node().law()->model().digest;
  const auto leaves = test::stored(one.node()).leaves;
  const auto id = must(
      enter_arrangement(one.node(), {"xa-xb-2024", "format-and-protection", "XB", "2026-11-24"}));
  EXPECT_EQ(id, "xa-xb-2024-format-and-protection-xa-xb");
  EXPECT_NE(one.node().law()->model().digest, before);
  EXPECT_EQ(test::stored(one.node()).leaves, leaves + 1);
  EXPECT_TRUE(must(one.node().register_files()).contains("arrangements/" + id + ".toml"));
  EXPECT_EQ(one.verdict(), treaty::VerdictKind::Needs);
  one.party.clock.set(must(parse_rfc3339("2026-11-23T23:59:59Z")));
  EXPECT_EQ(one.verdict(), treaty::VerdictKind::Needs);
  one.party.clock.set(must(parse_rfc3339("2026-11-24T00:00:00Z")));
  EXPECT_EQ(one.verdict(), treaty::VerdictKind::Permitted);
  one.party.close();
  one.party.open();
  EXPECT_EQ(one.verdict(), treaty::VerdictKind::Permitted);
  EXPECT_TRUE(one.node().law_of(before).has_value());
}

TEST(Law, WithoutADayItHoldsFromToday) {
  OneLaw one;
  test::import_objects(one.node(), {test::indicator(1)});
  const auto id =
      must(enter_arrangement(one.node(), {"xa-xb-2024", "format-and-protection", "XB", ""}));
  EXPECT_EQ(one.verdict(), treaty::VerdictKind::Permitted);
  EXPECT_NE(must(one.node().register_files())
                .at("arrangements/" + id + ".toml")
                .find("in_force = 2026-11-23"),
            std::string::npos);
}

TEST(Law, WhatIsNoArrangementIsRefusedAndNothingIsEntered) {
  OneLaw one;
  const auto refused = [&](const NewArrangement& arrangement, ErrorKind kind) {
    const auto before = test::stored(one.node());
    const auto digest = one.node().law()->model().digest;
    const auto entered = enter_arrangement(one.node(), arrangement);
    ASSERT_FALSE(entered.has_value()) << arrangement.instrument << " " << arrangement.kind << " "
                                      << arrangement.with << " " << arrangement.from_day;
    EXPECT_EQ(entered.error().kind, kind) << entered.error().text();
    EXPECT_EQ(test::stored(one.node()), before);
    EXPECT_EQ(one.node().law()->model().digest, digest);
  };
  const auto input = ErrorKind::InvalidInput;
  refused({"no-such", "format", "XB", ""}, input);
  refused({"", "format", "XB", ""}, input);
  refused({"xa-xb-2024", "format", "XA", ""}, input);
  refused({"xa-xb-2024", "format", "QQ", ""}, input);
  refused({"xa-xb-2024", "format", "", ""}, input);
  for (const auto* kind : {"", "Format", "a b", "a\"b", "../x", "a_b"}) {
    refused({"xa-xb-2024", kind, "XB", ""}, input);
  }
  for (const auto* day : {"2026-02-30", "2026-11", "2026", "tomorrow", "2026-11-23T00:00:00Z",
                          "2026-13-01", "0000000000", "2026-11-2x"}) {
    refused({"xa-xb-2024", "format", "XB", day}, input);
  }
  must(enter_arrangement(one.node(), {"xa-xb-2024", "format", "XB", ""}));
  refused({"xa-xb-2024", "format", "XB", ""}, ErrorKind::Conflict);
  refused({"xa-xb-2024", "format", "XB", "2027-01-01"}, ErrorKind::Conflict);
}

TEST(Law, AnOperationalRegisterNeedsTwoOfficers) {
  test::TemporaryDirectory directory;
  test::Party party(directory.file("XA"), "XA", 1, [](NewNode& options) {
    options.mode = treaty::Mode::Operational;
    options.exercise = "";
  });
  const auto before = test::stored(party.node());
  const auto entered =
      enter_arrangement(party.node(), {"xa-xb-2024", "format-and-protection", "XB", ""});
  ASSERT_FALSE(entered.has_value());
  EXPECT_EQ(entered.error().kind, ErrorKind::NotPermitted);
  EXPECT_EQ(test::stored(party.node()), before);
}

// The verdict about one indicator for XB, of a node of XA.
treaty::VerdictKind verdict_of(Node& node) {
  for (const auto& row : must(preview(node, {test::id_of("indicator", 1)}))) {
    if (row.party == "XB") return row.verdict.kind;
  }
  throw std::runtime_error("no row for XB");
}

struct Exercise {
  test::TemporaryDirectory directory;
  test::Party party{directory.file("XA"), "XA", 1};
  Exercise() { test::import_objects(node(), {test::indicator(1)}); }
  Node& node() { return party.node(); }
  void later(std::int64_t micros) { party.clock.set(Instant{party.clock.now().micros + micros}); }
};

TEST(Law, ASuspensionStopsAtItsInstantAndAResumptionGoesOn) {
  Exercise one;
  for (const auto* party : {"XA", "XB"}) {
    const NewSuspension asked{"xa-xb-2024", party};
    EXPECT_EQ(verdict_of(one.node()), treaty::VerdictKind::Permitted);
    EXPECT_EQ(resume(one.node(), asked).error().kind, ErrorKind::Conflict);
    must(suspend(one.node(), asked));
    EXPECT_EQ(verdict_of(one.node()), treaty::VerdictKind::NoBasis);
    EXPECT_EQ(suspend(one.node(), asked).error().kind, ErrorKind::Conflict);
    one.party.close();
    one.party.open();
    EXPECT_EQ(verdict_of(one.node()), treaty::VerdictKind::NoBasis);
    one.later(1);
    must(resume(one.node(), asked));
    EXPECT_EQ(verdict_of(one.node()), treaty::VerdictKind::Permitted);
    one.later(1);
    // A second time is another suspension.
    must(suspend(one.node(), asked));
    EXPECT_EQ(verdict_of(one.node()), treaty::VerdictKind::NoBasis);
    one.later(1);
    must(resume(one.node(), asked));
    one.later(1);
  }
  const auto files = must(one.node().register_files());
  for (const auto* name : {"xa-1", "xa-2", "xb-1", "xb-2"}) {
    EXPECT_TRUE(files.contains(fmt::format("suspensions/xa-xb-2024-{}.toml", name))) << name;
  }
  EXPECT_TRUE(must(verify(one.node())).clean());
}

TEST(Law, ADenunciationActsWhenItsNoticeHasRunOut) {
  Exercise one;
  const auto effective = must(denounce(one.node(), {"xa-xb-2024", "XA", ""}));
  EXPECT_EQ(effective.micros,
            one.node().now().micros + std::int64_t{90} * seconds_per_day * 1'000'000);
  EXPECT_EQ(denounce(one.node(), {"xa-xb-2024", "XA", ""}).error().kind, ErrorKind::Conflict);
  one.party.clock.set(Instant{effective.micros - 1});
  EXPECT_EQ(verdict_of(one.node()), treaty::VerdictKind::Permitted);
  one.party.clock.set(effective);
  EXPECT_EQ(verdict_of(one.node()), treaty::VerdictKind::NoBasis);
}

TEST(Law, ADenunciationCannotBeSoonerThanTheNoticeAndMustSayWhenWithoutOne) {
  Exercise one;
  const auto refused = [&](const std::string& effective) {
    const auto entered = denounce(one.node(), {"xa-xb-2024", "XB", effective});
    ASSERT_FALSE(entered.has_value()) << effective;
    EXPECT_EQ(entered.error().kind, ErrorKind::InvalidInput) << entered.error().text();
  };
  refused("2026-12-01");
  refused("soon");
  auto files = must(one.node().register_files());
  auto& text = files[test::agreement_file];
  const auto from = text.find("denunciation_notice = ");
  ASSERT_NE(from, std::string::npos);
  text.erase(from, text.find('\n', from) + 1 - from);
  const auto second = text.find("denunciation_notice_provenance");
  text.erase(second, text.find('\n', second) + 1 - second);
  test::change_law(one.node(), files);
  refused("");
  EXPECT_EQ(must(denounce(one.node(), {"xa-xb-2024", "XB", "2027-01-01"})),
            must(parse_day_or_instant("2027-01-01")));
}

TEST(Law, StepsAreOfPartiesOfAnInstrumentAndByOfficersOfTheirRole) {
  test::Operational one;
  EXPECT_EQ(suspend(one.node(), {"no-such", "XA"}).error().kind, ErrorKind::InvalidInput);
  EXPECT_EQ(suspend(one.node(), {"xa-xb-2024", "XC"}).error().kind, ErrorKind::InvalidInput);
  EXPECT_EQ(denounce(one.node(), {"xa-xb-2024", "QQ", ""}).error().kind, ErrorKind::InvalidInput);
  const NewSuspension asked{"xa-xb-2024", "XA"};
  const auto by = [&](const char* act, std::initializer_list<int> keys) {
    return test::approval_of(one.node(), act, act_arguments(asked), keys);
  };
  EXPECT_EQ(suspend(one.node(), asked).error().kind, ErrorKind::NotPermitted);
  EXPECT_EQ(suspend(one.node(), asked, by("suspend", {4, 5})).error().kind,
            ErrorKind::NotPermitted);
  EXPECT_EQ(suspend(one.node(), asked, by("resume", {1, 2})).error().kind, ErrorKind::NotVerified);
  must(suspend(one.node(), asked, by("suspend", {3, 4})));
  one.party.clock.set(Instant{one.party.clock.now().micros + 1});
  // Who is on duty may stop, but not start again.
  EXPECT_EQ(resume(one.node(), asked, by("resume", {3, 4})).error().kind, ErrorKind::NotPermitted);
  must(resume(one.node(), asked, by("resume", {1, 3})));
  EXPECT_EQ(denounce(one.node(), {"xa-xb-2024", "XA", ""}).error().kind, ErrorKind::NotPermitted);
  EXPECT_TRUE(must(verify(one.node())).clean());
}

}  // namespace
}  // namespace comity::exchange
