#include "net/fair_queue.h"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <random>
#include <thread>
#include <vector>

#include "base/test_support.h"

namespace comity::net {
namespace {

TEST(FairQueue, CallersComeInTurnHoweverMuchOneAsks) {
  FairQueue queue(64, 1);
  std::string order;
  const auto push = [&](const std::string& caller) {
    EXPECT_TRUE(queue.push(caller, [&order, caller] { order += caller; }));
  };
  for (int i = 0; i < 64; ++i) push("a");
  push("b");
  push("c");
  push("b");
  EXPECT_EQ(queue.size(), 67U);
  queue.work();
  EXPECT_EQ(order, "abcab" + std::string(62, 'a'));
  EXPECT_EQ(queue.size(), 0U);
  // Who has waited for nothing has lost nothing.
  push("c");
  push("a");
  order.clear();
  queue.work();
  EXPECT_EQ(order, "ca");
}

TEST(FairQueue, WhatWaitsOfOneCallerIsBounded) {
  FairQueue queue(2, 1);
  int done = 0;
  const auto push = [&](const std::string& caller) { return queue.push(caller, [&] { ++done; }); };
  EXPECT_TRUE(push("a"));
  EXPECT_TRUE(push("a"));
  EXPECT_FALSE(push("a"));
  EXPECT_TRUE(push("b")) << "another is not concerned";
  queue.work();
  EXPECT_EQ(done, 3);
  EXPECT_TRUE(push("a"));
  queue.work();
  EXPECT_EQ(done, 4);
}

// Jobs that end when they are told to.
struct Held {
  std::mutex mutex;
  std::condition_variable changed;
  std::string begun;
  bool open = false;

  FairQueue::Job job(const std::string& name) {
    return [this, name] {
      std::unique_lock guard(mutex);
      begun += name;
      changed.notify_all();
      changed.wait(guard, [this] { return open; });
    };
  }
  void wait_for(const std::string& names) {
    std::unique_lock guard(mutex);
    changed.wait(guard, [&] { return begun == names; });
  }
  void let_go() {
    const std::lock_guard guard(mutex);
    open = true;
    changed.notify_all();
  }
};

TEST(FairQueue, OneCallerNeverHasAllWorkers) {
  FairQueue queue(8, 1);
  Held held;
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(queue.push("a", held.job("a")));
  std::thread first([&] { queue.work(); });
  held.wait_for("a");
  // The others of the same caller wait, though a worker is free, and go to nobody's harm.
  queue.work();
  EXPECT_EQ(queue.size(), 2U);
  ASSERT_TRUE(queue.push("b", held.job("b")));
  std::thread second([&] { queue.work(); });
  held.wait_for("ab");
  held.let_go();
  first.join();
  second.join();
  EXPECT_EQ(queue.size(), 0U) << "what had to wait is worked on when there is room";
  EXPECT_EQ(held.begun, "abaa");
}

TEST(FairQueue, EveryJobIsDoneOnceByAnyNumberOfWorkers) {
  std::mt19937_64 dice(comity::test::seed());
  for (int round = 0; round < 20; ++round) {
    const std::size_t running_max = 1 + dice() % 3;
    FairQueue queue(1000, running_max);
    constexpr int jobs = 300, callers = 5;
    std::vector<std::atomic<int>> done(jobs);
    std::vector<std::atomic<std::size_t>> running(callers);
    std::atomic<std::size_t> most = 0;
    std::vector<std::thread> workers;
    std::atomic<bool> pushed = false;
    for (int worker = 0; worker < 4; ++worker) {
      workers.emplace_back([&] {
        while (!pushed || queue.size() > 0) queue.work();
      });
    }
    for (int i = 0; i < jobs; ++i) {
      const auto caller = static_cast<std::size_t>(dice() % callers);
      ASSERT_TRUE(queue.push(std::to_string(caller), [&, i, caller] {
        const auto now = ++running[caller];
        for (auto seen = most.load(); seen < now && !most.compare_exchange_weak(seen, now);) {
        }
        ++done[static_cast<std::size_t>(i)];
        --running[caller];
      }));
    }
    pushed = true;
    for (auto& worker : workers) worker.join();
    for (const auto& count : done) EXPECT_EQ(count, 1);
    EXPECT_LE(most, running_max);
  }
}

}  // namespace
}  // namespace comity::net
