#include "api/sessions.h"

#include <gtest/gtest.h>

namespace comity::api {
namespace {

Instant at(std::int64_t seconds, std::int64_t micros = 0) {
  return {(1'800'000'000 + seconds) * 1'000'000 + micros};
}

struct Open {
  SeededRandom random{7};
  Sessions sessions{random};
  std::string cookie = sessions.open("omar", at(-100), at(0));
  std::string name = Sessions::name_of(cookie);
};

TEST(Sessions, AreOpenedByTheirKeyAndNoOther) {
  Open one;
  EXPECT_EQ(one.cookie.size(), session_cookie_bytes);
  const auto found = one.sessions.find(one.name, at(1), true);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->account, "omar");
  // What is kept opens nothing.
  EXPECT_FALSE(one.sessions.find(Sessions::name_of(one.name), at(1), true));
  EXPECT_FALSE(one.sessions.find(one.cookie, at(1), true));
  EXPECT_NE(one.sessions.open("omar", at(-100), at(0)), one.cookie);
}

TEST(Sessions, EndAfterHalfAnHourWithoutUseExactly) {
  Open one;
  EXPECT_TRUE(one.sessions.find(one.name, at(session_idle_s - 1, 999'999), false));
  EXPECT_FALSE(one.sessions.find(one.name, at(session_idle_s), false));
  EXPECT_FALSE(one.sessions.find(one.name, at(1), false)) << "ended for good";
}

TEST(Sessions, LookingWithoutUseDoesNotMakeThemLonger) {
  Open one;
  EXPECT_TRUE(one.sessions.find(one.name, at(session_idle_s - 10), false));
  EXPECT_FALSE(one.sessions.find(one.name, at(session_idle_s), false));
}

TEST(Sessions, EndAfterTwelveHoursHoweverMuchTheyAreUsed) {
  Open one;
  const auto step = session_idle_s - 1;
  std::int64_t now = 0;
  for (; now < session_s_max; now += step) {
    ASSERT_TRUE(one.sessions.find(one.name, at(now), true)) << now;
  }
  EXPECT_TRUE(one.sessions.find(one.name, at(session_s_max - 1), true));
  EXPECT_FALSE(one.sessions.find(one.name, at(session_s_max), true));
}

TEST(Sessions, OneMoreThanTheBoundEndsTheOneUsedLongestAgo) {
  Open one;
  std::vector<std::string> names = {one.name};
  for (std::size_t i = 1; i < sessions_of_account_max; ++i) {
    names.push_back(Sessions::name_of(one.sessions.open("omar", at(-100), at(1))));
  }
  const auto other = Sessions::name_of(one.sessions.open("olga", at(-100), at(0)));
  EXPECT_TRUE(one.sessions.find(names[0], at(2), true)) << "at the bound all last";
  one.sessions.open("omar", at(-100), at(3));
  EXPECT_TRUE(one.sessions.find(names[0], at(4), false));
  std::size_t left = 0;
  for (const auto& name : names) left += one.sessions.find(name, at(4), false) ? 1 : 0;
  EXPECT_EQ(left, sessions_of_account_max - 1);
  EXPECT_TRUE(one.sessions.find(other, at(4), false)) << "of another account";
}

TEST(Sessions, AreEndedOneByOneOrAllOfAnAccount) {
  Open one;
  const auto second = Sessions::name_of(one.sessions.open("omar", at(-100), at(0)));
  const auto other = Sessions::name_of(one.sessions.open("olga", at(-100), at(0)));
  one.sessions.end(one.name);
  EXPECT_FALSE(one.sessions.find(one.name, at(1), true));
  EXPECT_TRUE(one.sessions.find(second, at(1), true));
  one.sessions.end_all_of("omar");
  EXPECT_FALSE(one.sessions.find(second, at(1), true));
  EXPECT_TRUE(one.sessions.find(other, at(1), true));
}

TEST(Sessions, TheTokenOfPagesIsBoundToTheSessionAndTheProcess) {
  Open one;
  const auto second = Sessions::name_of(one.sessions.open("omar", at(-100), at(0)));
  EXPECT_EQ(one.sessions.csrf(one.name).size(), 43U);
  EXPECT_EQ(one.sessions.csrf(one.name), one.sessions.csrf(one.name));
  EXPECT_NE(one.sessions.csrf(one.name), one.sessions.csrf(second));
  Sessions other(one.random);
  EXPECT_NE(one.sessions.csrf(one.name), other.csrf(one.name));
}

TEST(Sessions, AClockThatGoesBackMakesNoneLonger) {
  Open one;
  EXPECT_TRUE(one.sessions.find(one.name, at(100), true));
  EXPECT_TRUE(one.sessions.find(one.name, at(50), true));
  EXPECT_TRUE(one.sessions.find(one.name, at(100 + session_idle_s - 1), false));
  EXPECT_FALSE(one.sessions.find(one.name, at(100 + session_idle_s), false));
}

}  // namespace
}  // namespace comity::api
