#include "net/body_budget.h"

#include <gtest/gtest.h>

#include <atomic>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "base/test_support.h"

namespace comity::net {
namespace {

// Enters shares and writes down who was told that its turn had come.
struct Asked {
  explicit Asked(const BodyBudget::Bounds& bounds) : budget(bounds) {}
  std::unique_ptr<BodyBudget::Share> enter(const std::string& caller, std::size_t bytes) {
    return budget.enter(caller, bytes, [this, caller] { told += caller; });
  }
  BodyBudget budget;
  std::string told;
};

TEST(BodyBudget, HoldsNoMoreThanItsBytes) {
  Asked asked({100, 100, 8});
  auto first = asked.enter("a", 60);
  const auto second = asked.enter("b", 40);
  ASSERT_TRUE(first && second);
  EXPECT_TRUE(first->granted() && second->granted());
  EXPECT_EQ(asked.budget.bytes_held(), 100U);
  const auto beyond = asked.enter("c", 1);
  ASSERT_TRUE(beyond);
  EXPECT_FALSE(beyond->granted());
  EXPECT_EQ(asked.budget.waiting(), 1U);
  EXPECT_EQ(asked.told, "");
  first.reset();
  EXPECT_TRUE(beyond->granted());
  EXPECT_EQ(asked.told, "c");
  EXPECT_EQ(asked.budget.bytes_held(), 41U);
}

TEST(BodyBudget, WhoWaitsIsNotPassedByWhoAsksForLess) {
  Asked asked({100, 100, 8});
  auto first = asked.enter("a", 60);
  const auto large = asked.enter("b", 70);
  const auto small = asked.enter("c", 1);  // for which there would be room
  EXPECT_FALSE(large->granted() || small->granted());
  first.reset();
  EXPECT_TRUE(large->granted() && small->granted());
  EXPECT_EQ(asked.told, "bc");
}

TEST(BodyBudget, CallersComeInTurnHoweverMuchOneAsks) {
  Asked asked({10, 10, 64});
  auto open = asked.enter("a", 10);
  std::vector<std::unique_ptr<BodyBudget::Share>> shares;
  for (int i = 0; i < 5; ++i) shares.push_back(asked.enter("a", 10));
  shares.push_back(asked.enter("b", 10));
  shares.push_back(asked.enter("c", 10));
  shares.push_back(asked.enter("b", 10));
  open.reset();
  for (std::size_t ended = 0; ended < shares.size(); ++ended) {
    EXPECT_EQ(asked.budget.bytes_held(), 10U);
    for (auto& share : shares) {
      if (!share || !share->granted()) continue;
      share.reset();
      break;
    }
  }
  EXPECT_EQ(asked.told, "abcabaaa");
  EXPECT_EQ(asked.budget.bytes_held(), 0U);
}

TEST(BodyBudget, OneCallerHoldsNoMoreThanItsPartAndKeepsNobodyWaiting) {
  Asked asked({100, 50, 8});
  auto first = asked.enter("a", 50);
  const auto more = asked.enter("a", 1);
  EXPECT_TRUE(first->granted());
  EXPECT_FALSE(more->granted());
  EXPECT_TRUE(asked.enter("b", 50)->granted());
  EXPECT_EQ(asked.enter("a", 51), nullptr);
  EXPECT_EQ(asked.enter("c", 51), nullptr);
  first.reset();
  EXPECT_TRUE(more->granted());
}

TEST(BodyBudget, WhatWaitsOfOneCallerIsBounded) {
  Asked asked({10, 10, 2});
  auto open = asked.enter("a", 10);
  auto second = asked.enter("a", 10);
  const auto third = asked.enter("a", 10);
  EXPECT_TRUE(second && third);
  EXPECT_EQ(asked.enter("a", 1), nullptr);
  EXPECT_TRUE(asked.enter("b", 1)) << "another is not concerned";
  second.reset();  // it was tired of waiting
  EXPECT_TRUE(asked.enter("a", 1));
  EXPECT_EQ(asked.budget.waiting(), 1U);
  open.reset();
  EXPECT_TRUE(third->granted());
  EXPECT_EQ(asked.budget.waiting(), 0U);
}

TEST(BodyBudget, ABodyWithoutBytesIsCountedAndForgotten) {
  Asked asked({2, 2, 1});
  const auto kept = asked.enter("a", 0);
  EXPECT_TRUE(kept->granted());
  EXPECT_TRUE(asked.enter("a", 0)->granted());
  EXPECT_EQ(asked.budget.bytes_held(), 1U);
}

TEST(BodyBudget, ThreadsThatEnterAndLeaveKeepItsBounds) {
  BodyBudget budget({1000, 400, 4});
  std::atomic<std::size_t> granted = 0;
  std::vector<std::thread> threads;
  for (unsigned number = 0; number < 8; ++number) {
    threads.emplace_back([&, number] {
      std::mt19937 random(number);
      std::vector<std::unique_ptr<BodyBudget::Share>> shares;
      for (int i = 0; i < 2000; ++i) {
        const auto caller = std::string(1, static_cast<char>('a' + random() % 4));
        if (auto share = budget.enter(caller, random() % 401, [&granted] { ++granted; })) {
          granted += share->granted() ? 1 : 0;
          shares.push_back(std::move(share));
        }
        EXPECT_LE(budget.bytes_held(), 1000U);
        if (shares.size() > random() % 8) shares.erase(shares.begin());
      }
    });
  }
  for (auto& thread : threads) thread.join();
  // How many depends on who runs when; some always do.
  EXPECT_GT(granted.load(), 0U);
  EXPECT_EQ(budget.bytes_held(), 0U);
  EXPECT_EQ(budget.waiting(), 0U);
  EXPECT_TRUE(budget.enter("a", 400, [] {})->granted()) << "all of its room is there again";
}

}  // namespace
}  // namespace comity::net
