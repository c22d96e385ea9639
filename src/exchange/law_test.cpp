#include "exchange/law.h"

#include <gtest/gtest.h>

#include "exchange/release.h"
#include "exchange/test_federation.h"

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

struct One {
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
  One one;
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
  One one;
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
  One one;
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

}  // namespace
}  // namespace comity::exchange
