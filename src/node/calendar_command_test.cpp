#include "node/calendar_command.h"

#include <gtest/gtest.h>

#include "base/test_source_dir.h"
#include "node/test_nodes.h"
#include "node/treaty_command.h"

namespace comity::node {
namespace {

using test::must;

const Instant now = Instant::from_seconds(1'795'000'000);  // 2026-11-18

std::shared_ptr<const treaty::CompiledRegister> law(const std::optional<std::string>& exercise) {
  return must(load_law({comity::test::source_path("register"), exercise}));
}

json::Object asked(const std::string& from, const std::string& to,
                   const std::string& party = "CN") {
  json::Object out;
  out.set("party", party);
  if (!from.empty()) out.set("from", from);
  if (!to.empty()) out.set("to", to);
  return out;
}

TEST(CalendarCommand, ListsTheNoticeOfCompetentBodiesWithItsArticle) {
  const auto told = must(calendar(*law(std::nullopt), asked("2016-10-09", "2016-10-09"), now, now));
  EXPECT_EQ(told.exit_code, 0);
  EXPECT_NE(told.text.find("2016-10-09  duty of China towards "), std::string::npos) << told.text;
  EXPECT_NE(told.text.find("(ru-cn-2015, Art. 5(1)) [late]"), std::string::npos) << told.text;
  EXPECT_NE(told.text.find("is not verified by this party"), std::string::npos) << told.text;
  EXPECT_EQ(told.text.find("EXERCISE"), std::string::npos);
  EXPECT_EQ(told.data.text("today"), "2026-11-18");
  EXPECT_EQ(told.data.text("mode"), "operational");
  EXPECT_TRUE(told.data.find("exercise")->is_null());
}

TEST(CalendarCommand, SpeaksArabicAndMarksAnExercise) {
  auto question = asked("2016-10-09", "2016-10-09");
  question.set("lang", "ar");
  const auto told = must(calendar(*law("demo"), question, now, now));
  EXPECT_NE(told.text.find("واجب على"), std::string::npos) << told.text;
  EXPECT_NE(told.text.find("demo"), std::string::npos) << told.text;
  EXPECT_EQ(told.data.text("exercise"), "demo");
  question.set("lang", "xx");
  EXPECT_FALSE(calendar(*law("demo"), question, now, now).has_value());
}

TEST(CalendarCommand, TheFileHasTheDatesThatHaveDays) {
  auto question = asked("2016-10-01", "2016-10-31");
  question.set("ics", true);
  const auto told = must(calendar(*law("demo"), question, now, now));
  const auto count = [&](const std::string& part) {
    int found = 0;
    for (auto at = told.text.find(part); at != std::string::npos;
         at = told.text.find(part, at + 1)) {
      ++found;
    }
    return found;
  };
  const auto all = static_cast<int>(told.data.find("dates")->array()->size());
  const auto without = static_cast<int>(*told.data.find("without_day")->integer());
  EXPECT_GT(without, 0) << "how often to consult is not known";
  EXPECT_EQ(count("BEGIN:VEVENT\r\n"), all - without);
  EXPECT_EQ(count("SUMMARY:EXERCISE demo: "), all - without);
  EXPECT_EQ(count("UID:duty.ru-cn-2015.c5-1.CN.RU.for.CN@demo.exercise.comity\r\n"), 1);
  EXPECT_EQ(count("DTSTAMP:20261118T"), all - without);
}

TEST(CalendarCommand, SaysWhatIsNoPartyAndNoDay) {
  const auto refused = [&](const json::Object& question, const std::string& part) {
    const auto told = calendar(*law(std::nullopt), question, now, now);
    ASSERT_FALSE(told.has_value());
    EXPECT_EQ(told.error().kind, ErrorKind::InvalidInput);
    EXPECT_NE(told.error().text().find(part), std::string::npos) << told.error().text();
  };
  refused(asked("", "", "QQ"), "--party: 'QQ' is no party");
  refused(asked("", "", "china"), "did you mean 'CN'?");
  refused(asked("", "", ""), "--party: nobody is named");
  refused(asked("2026-13-01", ""), "--from");
  refused(asked("2026-11-18T00:00:00Z", ""), "--from");
  refused(asked("", "tomorrow"), "--to");
  refused(asked("2026-11-18", "2026-11-17"), "--to");
}

TEST(CalendarCommand, WithoutDaysItBeginsTodayAndEndsAYearLater) {
  const auto told = must(calendar(*law(std::nullopt), asked("", ""), now, now));
  EXPECT_EQ(told.data.text("from"), "2026-11-18");
  EXPECT_EQ(told.data.text("to"), "2027-11-19");
}

}  // namespace
}  // namespace comity::node
