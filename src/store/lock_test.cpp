#include "store/lock.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "store/conformance_test.h"

namespace comity::store {
namespace {

// A process that holds the lock of a directory until it is killed.
pid_t start_holder(const std::string& directory) {
  int pipe[2];
  CHECK(::pipe(pipe) == 0);
  const auto child = ::fork();
  CHECK(child >= 0);
  if (child == 0) {
    const auto lock = DataLock::take(directory);
    const char outcome = lock ? 'y' : 'n';
    if (::write(pipe[1], &outcome, 1) != 1 || !lock) ::_exit(1);
    for (;;) ::pause();
  }
  ::close(pipe[1]);
  char outcome = 0;
  EXPECT_EQ(::read(pipe[0], &outcome, 1), 1);
  EXPECT_EQ(outcome, 'y');
  ::close(pipe[0]);
  return child;
}

TEST(DataLock, ExcludesASecondProcessAndIsFreeWhenItDies) {
  const TemporaryDirectory directory;
  for (int i = 0; i < 3; ++i) {
    const auto child = start_holder(directory.path());
    const auto refused = DataLock::take(directory.path());
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::Conflict);
    EXPECT_NE(refused.error().message.find("process " + std::to_string(child) + " (store_test)"),
              std::string::npos)
        << refused.error().message;
    EXPECT_EQ(refused.error().where, directory.path() + "/lock");
    ASSERT_EQ(::kill(child, SIGKILL), 0);
    ASSERT_EQ(::waitpid(child, nullptr, 0), child);
    EXPECT_TRUE(DataLock::take(directory.path()));
  }
}

TEST(DataLock, ExcludesASecondClaimInTheSameProcessUntilDestroyed) {
  const TemporaryDirectory directory;
  {
    auto first = must(DataLock::take(directory.path()));
    const DataLock moved = std::move(first);
    const auto second = DataLock::take(directory.path());
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().kind, ErrorKind::Conflict);
  }
  EXPECT_TRUE(DataLock::take(directory.path()));
}

TEST(DataLock, NeedsTheDirectory) {
  const TemporaryDirectory directory;
  const auto missing = DataLock::take(directory.path() + "/none");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().kind, ErrorKind::NotFound);
  EXPECT_EQ(missing.error().where, directory.path() + "/none/lock");
}

}  // namespace
}  // namespace comity::store
