#include "api/legal_dates.h"

#include <gtest/gtest.h>

#include "api/test_desk.h"
#include "exchange/exercise_clock.h"
#include "exchange/law.h"
#include "exchange/test_federation.h"

namespace comity::api {
namespace {

using exchange::test::agreement_file;
using exchange::test::Federation;
using test::column;
using test::Desk;
using test::must;

// The agreement in force for both from another day; its Art. 4 demands a notice in 60 days. The
// clock of the tests stands at 2026-11-23.
void begin_on(exchange::Node& node, const std::string& day) {
  auto files = exchange::test::register_files();
  auto& text = files[agreement_file];
  const std::string written = "in_force = 2024-06-01";
  for (auto at = text.find(written); at != std::string::npos; at = text.find(written)) {
    text.replace(at, written.size(), "in_force = " + day);
  }
  exchange::test::change_law(node, files);
}

std::vector<json::Value> shown(Desk& desk) {
  const auto today = desk.get("readToday");
  return *today.find("legal")->array();
}
std::vector<std::string> ids(Desk& desk) { return column(shown(desk), "id"); }

const std::vector<std::string> notices = {"duty.xa-xb-2024.a4.XA.XB", "duty.xa-xb-2024.a4.XB.XA"};

TEST(LegalDates, ShowWhatFallsInTheNextThirtyDaysAndNothingElse) {
  Federation node;
  Desk desk(node.a(), "dora", {Role::DutyOfficer});
  EXPECT_TRUE(ids(desk).empty()) << "what was due in 2024 is left to the list of the command";
  begin_on(node.a(), "2026-10-24");
  EXPECT_EQ(ids(desk), notices) << "due in thirty days: 2026-12-23";
  EXPECT_EQ(column(shown(desk), "first"), (std::vector<std::string>{"2026-12-23", "2026-12-23"}));
  begin_on(node.a(), "2026-10-25");
  EXPECT_TRUE(ids(desk).empty()) << "and in one day more";
  begin_on(node.a(), "2026-11-23");
  EXPECT_EQ(ids(desk), (std::vector<std::string>{"entry-into-force.xa-xb-2024.XA",
                                                 "entry-into-force.xa-xb-2024.XB"}))
      << "today counts";
  begin_on(node.a(), "2026-11-22");
  EXPECT_TRUE(ids(desk).empty()) << "what began yesterday waits for nobody";
  begin_on(node.a(), "\"2026-11\"");
  EXPECT_EQ(ids(desk).size(), 2U) << "it may still come";
  EXPECT_EQ(shown(desk).at(0).text("last"), "2026-11-30");
}

TEST(LegalDates, FollowTheExerciseClockAndAreLateUntilTheyAreMet) {
  Federation node;
  Desk desk(node.a(), "dora", {Role::DutyOfficer});
  begin_on(node.a(), "2026-10-01");  // due 2026-11-30
  const auto late = [&] {
    int count = 0;
    for (const auto& row : shown(desk)) count += *row.find("late")->boolean() ? 1 : 0;
    return count;
  };
  EXPECT_EQ(ids(desk), notices);
  must(exchange::advance_exercise(node.a(), "P7D"));
  EXPECT_EQ(late(), 0) << "it is the day";
  must(exchange::advance_exercise(node.a(), "P1D"));
  EXPECT_EQ(late(), 2);
  // The body that the exercise assumes for XB was notified to nobody.
  must(exchange::enter_designation(node.a(), {"xa-xb-2024", "XB", "XB-GOV", "", {}, ""}));
  EXPECT_EQ(ids(desk), std::vector<std::string>{notices[0]});
  must(exchange::advance_exercise(node.a(), "P89D"));
  EXPECT_EQ(late(), 1) << "ninety days late";
  must(exchange::advance_exercise(node.a(), "P1D"));
  EXPECT_TRUE(ids(desk).empty());
}

// The agreement with states beside XA and XB, in force today for `count` parties in all.
void begin_today_for(exchange::Node& node, std::size_t count) {
  auto files = exchange::test::register_files();
  auto& text = files[agreement_file];
  const std::string written = "in_force = 2024-06-01";
  std::string more;
  const auto law = node.law();
  std::size_t parties = 2;
  for (const auto& party : law->model().parties) {
    if (party.kind != treaty::PartyKind::State || parties == count) continue;
    ++parties;
    more += "[[party]]\ncode = \"" + party.code + "\"\n" + written +
            "\nprovenance = \"X\"\nverification = \"unverified\"\n\n";
  }
  ASSERT_EQ(parties, count);
  text.insert(text.find("[[party]]"), more);
  for (auto at = text.find(written); at != std::string::npos; at = text.find(written)) {
    text.replace(at, written.size(), "in_force = 2026-11-23");
  }
  exchange::test::change_law(node, files);
}

TEST(LegalDates, BeyondTheBoundTheyAreCounted) {
  Federation node;
  Desk desk(node.a(), "dora", {Role::DutyOfficer});
  const auto more = [&] { return test::number(desk.get("readToday"), "legal_more"); };
  begin_today_for(node.a(), legal_dates_max);
  EXPECT_EQ(shown(desk).size(), legal_dates_max);
  EXPECT_EQ(more(), 0);
  begin_today_for(node.a(), legal_dates_max + 1);
  EXPECT_EQ(shown(desk).size(), legal_dates_max);
  EXPECT_EQ(more(), 1);
}

TEST(LegalDates, LeadToTheSheetAndSayOnWhatTheyRest) {
  Federation node;
  Desk desk(node.a(), "olga", {Role::Oversight});
  begin_on(node.a(), "2026-10-01");
  const auto row = shown(desk).at(0);
  EXPECT_EQ(row.text("link"), "/agreements/xa-xb-2024");
  EXPECT_EQ(row.text("clause"), "a4");
  EXPECT_EQ(row.text("article"), "Art. 4");
  EXPECT_EQ(row.find("what")->text("key"), "calendar.duty");
  EXPECT_EQ(row.find("sentence")->text("key"), "sentence.with");
  EXPECT_EQ(column(*row.find("rests_on")->array(), "key"),
            std::vector<std::string>{"rests.unverified"});
}

}  // namespace
}  // namespace comity::api
