#include "api/rate_limit.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace comity::api {
namespace {

Instant at(std::int64_t seconds) { return Instant::from_seconds(1'800'000'000 + seconds); }

struct Limited {
  SeededRandom random{3};
  AccountLimit limit{random};
};

TEST(AccountLimit, WaitsDoubleFromTheBoundOnUpToTheLongest) {
  for (const bool known : {true, false}) {
    Limited one;
    for (int i = 0; i < account_failures_max; ++i) {
      EXPECT_TRUE(one.limit.begin("omar", known, at(0))) << i;
    }
    std::int64_t now = 0;
    for (const std::int64_t wait : {30, 60, 120, 240, 480, 900, 900, 900}) {
      EXPECT_FALSE(one.limit.begin("omar", known, at(now))) << wait;
      EXPECT_FALSE(one.limit.begin("omar", known, at(now + wait - 1))) << wait;
      now += wait;
      EXPECT_TRUE(one.limit.begin("omar", known, at(now))) << wait;
    }
  }
}

TEST(AccountLimit, SuccessForgetsAndSoDoesADay) {
  Limited one;
  for (int i = 0; i < account_failures_max; ++i) one.limit.begin("omar", true, at(0));
  EXPECT_TRUE(one.limit.waits("omar", at(29)));
  EXPECT_FALSE(one.limit.waits("omar", at(30)));
  EXPECT_EQ(one.limit.failures("omar"), account_failures_max);
  one.limit.succeeded("omar");
  EXPECT_EQ(one.limit.failures("omar"), 0);
  EXPECT_FALSE(one.limit.waits("omar", at(0)));
  for (int i = 0; i < account_failures_max; ++i) one.limit.begin("omar", true, at(0));
  EXPECT_TRUE(one.limit.begin("omar", true, at(account_forget_s)));
  EXPECT_EQ(one.limit.failures("omar"), 1);
}

TEST(AccountLimit, NamesDoNotDisturbEachOther) {
  Limited one;
  for (int i = 0; i < account_failures_max; ++i) one.limit.begin("omar", true, at(0));
  EXPECT_FALSE(one.limit.begin("omar", true, at(0)));
  EXPECT_TRUE(one.limit.begin("olga", true, at(0)));
  EXPECT_TRUE(one.limit.begin("nobody", false, at(0)));
}

TEST(AccountLimit, InventedNamesNeitherGrowNorFreeAnything) {
  Limited one;
  for (int i = 0; i < account_failures_max; ++i) {
    one.limit.begin("omar", true, at(0));
    one.limit.begin("nobody", false, at(0));
  }
  for (int i = 0; i < 20'000; ++i) one.limit.begin(fmt::format("n-{}", i), false, at(0));
  EXPECT_FALSE(one.limit.begin("omar", true, at(1)));
  EXPECT_FALSE(one.limit.begin("nobody", false, at(1)));
}

}  // namespace
}  // namespace comity::api
