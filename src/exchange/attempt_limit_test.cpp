#include "exchange/attempt_limit.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>
#include <optional>
#include <thread>
#include <vector>

namespace comity::exchange {
namespace {

Instant at(std::int64_t seconds) { return Instant::from_seconds(1'800'000'000 + seconds); }

TEST(AddressLimit, HoldsInItsWindowExactly) {
  AddressLimit limit;
  for (int i = 0; i < address_failures_max; ++i) {
    EXPECT_TRUE(limit.begin("192.0.2.1", at(i))) << i;
  }
  EXPECT_FALSE(limit.begin("192.0.2.1", at(100)));
  EXPECT_TRUE(limit.begin("192.0.2.2", at(100)));
  EXPECT_FALSE(limit.begin("192.0.2.1", at(address_window_s - 1)));
  EXPECT_TRUE(limit.begin("192.0.2.1", at(address_window_s)));
}

TEST(AddressLimit, SuccessCountsAsNoFailureAndForgetsNoOther) {
  AddressLimit limit;
  for (int i = 0; i < 10 * address_failures_max; ++i) {
    EXPECT_TRUE(limit.begin("192.0.2.1", at(0)));
    limit.succeeded("192.0.2.1");
  }
  for (int i = 0; i < address_failures_max; ++i) EXPECT_TRUE(limit.begin("192.0.2.1", at(0)));
  EXPECT_FALSE(limit.begin("192.0.2.1", at(0)));
  limit.succeeded("192.0.2.1");
  EXPECT_TRUE(limit.begin("192.0.2.1", at(0)));
  EXPECT_FALSE(limit.begin("192.0.2.1", at(0)));
}

TEST(AddressLimit, CountsANetworkOfOneSubscriberAsOne) {
  AddressLimit limit;
  for (int i = 0; i < address_failures_max; ++i) {
    EXPECT_TRUE(limit.begin(fmt::format("2001:db8:0:1::{:x}", i + 1), at(0)));
  }
  EXPECT_FALSE(limit.begin("2001:db8:0:1:ffff::1", at(0)));
  EXPECT_TRUE(limit.begin("2001:db8:0:2::1", at(0)));
  // The same IPv4 address, however it is written.
  for (int i = 0; i < address_failures_max; ++i) EXPECT_TRUE(limit.begin("192.0.2.1", at(0)));
  EXPECT_FALSE(limit.begin("::ffff:192.0.2.1", at(0)));
}

TEST(AddressLimit, RemembersABoundedNumber) {
  AddressLimit limit;
  for (int i = 0; i < address_failures_max; ++i) limit.begin("198.51.100.1", at(0));
  for (std::size_t i = 0; i < addresses_max - 1; ++i) {
    limit.begin(fmt::format("10.0.{}.{}", i / 256, i % 256), at(1));
  }
  EXPECT_FALSE(limit.begin("198.51.100.1", at(2))) << "at the bound nothing is forgotten";
  limit.begin("10.1.0.0", at(2));
  EXPECT_TRUE(limit.begin("198.51.100.1", at(2))) << "one beyond forgets the oldest";
}

TEST(WorkGate, LetsSoManyInAndNoMore) {
  const WorkBounds bounds;
  WorkGate gate;
  std::vector<std::optional<WorkGate::Pass>> inside(static_cast<std::size_t>(bounds.working_max));
  for (auto& pass : inside) {
    auto entered = gate.enter();
    ASSERT_TRUE(entered.has_value());
    pass.emplace(*std::move(entered));
  }
  std::atomic<int> entered = 0, refused = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < bounds.waiting_max + 3; ++i) {
    threads.emplace_back([&] {
      const auto pass = gate.enter();
      pass ? ++entered : ++refused;
    });
  }
  // Those beyond the bound of waiting are answered at once; the others when there is room.
  while (refused < 3) std::this_thread::yield();
  EXPECT_EQ(entered, 0);
  for (auto& pass : inside) pass.reset();
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(entered, bounds.waiting_max);
  EXPECT_EQ(refused, 3);
  EXPECT_TRUE(gate.enter().has_value());
}

TEST(WorkGate, WaitsNoLongerThanItMay) {
  WorkGate gate({1, 1, std::chrono::milliseconds(1)});
  auto inside = gate.enter();
  ASSERT_TRUE(inside.has_value());
  const auto late = gate.enter();
  ASSERT_FALSE(late.has_value());
  EXPECT_EQ(late.error().kind, ErrorKind::Unavailable);
}

}  // namespace
}  // namespace comity::exchange
