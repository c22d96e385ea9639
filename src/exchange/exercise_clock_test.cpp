#include "exchange/exercise_clock.h"

#include <gtest/gtest.h>

#include "exchange/law.h"
#include "exchange/receive.h"
#include "exchange/release.h"
#include "exchange/test_federation.h"
#include "exchange/verify.h"
#include "json/parse.h"

namespace comity::exchange {
namespace {

using test::Federation;
using test::id_of;
using test::must;

constexpr std::int64_t day_s = seconds_per_day;

// The one agreement from or until 2027-01-01: tests begin on 2026-11-23.
treaty::RegisterFiles begins_2027() {
  auto files = test::register_files();
  files[test::agreement_file] =
      test::replaced(files[test::agreement_file], "code = \"XB\"\nin_force = 2024-06-01",
                     "code = \"XB\"\nin_force = 2027-01-01");
  return files;
}
treaty::RegisterFiles ends_2027() {
  auto files = test::register_files();
  files[test::agreement_file] =
      test::replaced(files[test::agreement_file], "code = \"XB\"\nin_force = 2024-06-01",
                     "code = \"XB\"\nin_force = 2024-06-01\nuntil = 2027-01-01");
  return files;
}

struct Drill : Federation {
  explicit Drill(const treaty::RegisterFiles& files) {
    for (auto* node : {&a(), &b()}) test::change_law(*node, files);
    test::import_objects(a(), {test::indicator(1)});
  }
  PartyRelease release_now() { return must(release(a(), {id_of("indicator", 1)}, {"XB"})).at(0); }
  store::ProtocolObject sent() {
    return test::statements(a(), "comity-disclosure", store::Direction::Sent).at(0);
  }
};

TEST(ExerciseClock, GoesForwardForTheLawAloneAndIsKept) {
  Federation f;
  const auto leaves = test::stored(f.a()).leaves;
  EXPECT_EQ(must(exercise_clock(f.a())).ahead_s, 0);
  EXPECT_EQ(f.a().treaty_now(), f.a().now());
  must(advance_exercise(f.a(), "P90D"));
  const auto clock = must(advance_exercise(f.a(), "PT2H30M"));
  EXPECT_EQ(clock.ahead_s, 90 * day_s + 9000);
  EXPECT_EQ(clock.real, test::start_instant());
  EXPECT_EQ(clock.treaty.seconds(), test::start_instant().seconds() + 90 * day_s + 9000);
  EXPECT_EQ(f.a().now(), test::start_instant());
  EXPECT_EQ(test::stored(f.a()).leaves, leaves + 2);
  f.xa.close();
  f.xa.open();
  EXPECT_EQ(f.a().exercise_ahead_s(), 90 * day_s + 9000);
  EXPECT_TRUE(must(verify(f.a())).clean());
  EXPECT_EQ(f.b().exercise_ahead_s(), 0);
}

TEST(ExerciseClock, NothingButAStepForwardIsTaken) {
  Federation f;
  const auto before = test::stored(f.a());
  for (const auto* text : {"", "P0D", "-P1D", "P-1D", "tomorrow", "P1Y", "2027-01-01"}) {
    const auto moved = advance_exercise(f.a(), text);
    ASSERT_FALSE(moved.has_value()) << text;
    EXPECT_EQ(moved.error().kind, ErrorKind::InvalidInput) << text;
  }
  EXPECT_EQ(test::stored(f.a()), before);
  EXPECT_EQ(f.a().exercise_ahead_s(), 0);
}

TEST(ExerciseClock, AHundredYearsAreTheBound) {
  Federation f;
  must(advance_exercise(f.a(), format_duration(exercise_ahead_s_max)));
  const auto beyond = advance_exercise(f.a(), "PT1M");
  ASSERT_FALSE(beyond.has_value());
  EXPECT_EQ(beyond.error().kind, ErrorKind::TooLarge);
  EXPECT_EQ(f.a().exercise_ahead_s(), exercise_ahead_s_max);
}

TEST(ExerciseClock, AnOperationalNodeHasNone) {
  test::TemporaryDirectory directory;
  test::Party real(directory.file("XA"), "XA", 1, [](NewNode& options) {
    options.mode = treaty::Mode::Operational;
    options.exercise = "";
  });
  const auto before = test::stored(real.node());
  EXPECT_EQ(exercise_clock(real.node()).error().kind, ErrorKind::NotPermitted);
  EXPECT_EQ(advance_exercise(real.node(), "P1D").error().kind, ErrorKind::NotPermitted);
  EXPECT_EQ(test::stored(real.node()), before);
}

TEST(ExerciseClock, ALedgerEntryOutOfBoundsIsNotFollowed) {
  for (const std::int64_t seconds : {std::int64_t{-1}, exercise_ahead_s_max + 1}) {
    Federation f(false);
    {
      const auto change = must(Change::begin(f.a()));
      json::Object entry;
      entry.set("type", "exercise-clock");
      entry.set("ahead_s", seconds);
      must(change->enter("exercise", entry));
      must(change->commit());
    }
    f.xa.close();
    const auto opened = Node::open(f.xa.directory(), NodeAccess::ReadOnly, f.xa.clock, f.xa.random);
    ASSERT_FALSE(opened.has_value()) << seconds;
    EXPECT_EQ(opened.error().kind, ErrorKind::Corrupt);
  }
}

TEST(ExerciseClock, AnAgreementBeginsOnItAndTheDisclosureSaysWhen) {
  Drill f(begins_2027());
  EXPECT_EQ(f.release_now().held_count, 1);
  must(advance_exercise(f.a(), "P60D"));
  EXPECT_EQ(f.release_now().held_count, 0);
  const auto disclosure = test::disclosures_sent(f.a()).at(0);
  EXPECT_EQ(disclosure.time, test::start_instant());
  ASSERT_TRUE(disclosure.treaty_time.has_value());
  EXPECT_EQ(*disclosure.treaty_time, f.a().treaty_now());
  // The recipient's clock was not advanced: what the sender has signed shows where it stands.
  must(receive(f.b(), "XA", test::envelope_of(f.a(), f.sent())));
  EXPECT_EQ(test::held(f.b(), id_of("indicator", 1)).state, store::RecordState::Live);
  const auto sender = must(verify(f.a()));
  EXPECT_TRUE(sender.clean());
  EXPECT_EQ(sender.redecided, 1);
  const auto recipient = must(verify(f.b()));
  EXPECT_TRUE(recipient.clean());
  EXPECT_EQ(recipient.received_redecided, 1);
}

TEST(ExerciseClock, AnAgreementEndsOnItOnEveryPath) {
  Drill f(ends_2027());
  EXPECT_EQ(f.release_now().held_count, 0);
  EXPECT_FALSE(test::disclosures_sent(f.a()).at(0).treaty_time.has_value());
  Views views(f.a());
  EXPECT_EQ(must(views.objects({"XB"}, "records", {})).items.size(), 1U);
  const auto envelope = test::envelope_of(f.a(), f.sent());
  must(advance_exercise(f.a(), "P60D"));
  EXPECT_TRUE(must(views.objects({"XB"}, "records", {})).items.empty());
  EXPECT_FALSE(still_permitted(f.a(), test::disclosures_sent(f.a()).at(0)).has_value());
  test::import_objects(f.a(), {test::indicator(2)});
  EXPECT_EQ(must(release(f.a(), {id_of("indicator", 2)}, {"XB"})).at(0).held_count, 1);
  for (const auto& row : must(preview(f.a(), {id_of("indicator", 2)}))) {
    EXPECT_NE(row.verdict.kind, treaty::VerdictKind::Permitted) << row.party;
  }
  // What the sender made before is decided at the recipient by the recipient's later day.
  must(advance_exercise(f.b(), "P60D"));
  must(receive(f.b(), "XA", envelope));
  EXPECT_EQ(test::held(f.b(), id_of("indicator", 1)).state, store::RecordState::Quarantined);
  EXPECT_TRUE(must(verify(f.a())).clean());
}

TEST(ExerciseClock, ArrangementsBeginOnItsDay) {
  Federation f;
  must(advance_exercise(f.a(), "P60D"));
  const auto id = must(enter_arrangement(f.a(), {"xa-xb-2024", "hotline", "XB", ""}));
  EXPECT_NE(must(f.a().register_files()).at("arrangements/" + id + ".toml").find("2027-01-22"),
            std::string::npos);
}

}  // namespace
}  // namespace comity::exchange
