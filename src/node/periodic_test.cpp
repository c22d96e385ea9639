#include "node/periodic.h"

#include <gtest/gtest.h>

namespace comity::node {
namespace {

TEST(Periodic, RunsUntilItIsStoppedAndNeverAfter) {
  std::mutex mutex;
  std::condition_variable ran;
  int runs = 0;
  Periodic periodic(std::chrono::milliseconds(1), [&] {
    const std::lock_guard guard(mutex);
    ++runs;
    ran.notify_all();
  });
  {
    std::unique_lock lock(mutex);
    EXPECT_TRUE(ran.wait_for(lock, std::chrono::seconds(60), [&] { return runs >= 3; }));
  }
  periodic.stop();
  const int before = runs;
  periodic.stop();
  EXPECT_EQ(runs, before);
}

TEST(Periodic, IsStoppedBeforeItsFirstRun) {
  Periodic periodic(std::chrono::hours(1), [] { ADD_FAILURE() << "ran before its time"; });
  periodic.stop();
}

}  // namespace
}  // namespace comity::node
