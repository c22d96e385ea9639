// What was acknowledged survives the sudden death of the process, and nothing is there by half.
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <random>

#include "store/conformance_test.h"

namespace comity::store {
namespace {

constexpr int iterations_full = 1000;

int iterations() { return std::max(1, iterations_full / static_cast<int>(comity::test::scale())); }

std::int64_t batch_size(std::int64_t batch) { return 1 + batch % 5; }

// Writes batch after batch and tells the number of each in the pipe once it is committed.
[[noreturn]] void write_until_killed(const Backend& backend, const std::string& place,
                                     std::int64_t batch, int pipe) {
  auto store = backend.open(place);
  if (!store) ::_exit(2);
  for (;; ++batch) {
    auto transaction = (*store)->begin();
    if (!transaction) ::_exit(3);
    std::vector<std::int64_t> sequences;
    for (std::int64_t k = 0; k < batch_size(batch); ++k) {
      auto record = sample_record(batch * 10 + k);
      record.source = std::to_string(batch);
      // Some are larger than a page, so that writing a batch takes several steps.
      record.bytes += std::string(static_cast<std::size_t>(batch * 37 % 9000), 'x');
      const auto appended = (*transaction)->append(record);
      if (!appended || appended->existed) ::_exit(4);
      sequences.push_back(appended->sequence);
    }
    const auto text = std::to_string(batch);
    if (!(*transaction)->append(sample_entry(batch)) ||
        !(*transaction)->grant("XB", sequences, "disclosure--" + text, Instant{1}) ||
        !(*transaction)->append(sample_disclosure(Direction::Sent, "XB", batch)) ||
        !(*transaction)->set_meta("batch", text) || !(*transaction)->commit()) {
      ::_exit(5);
    }
    if (::write(pipe, &batch, sizeof batch) != sizeof batch) ::_exit(6);
  }
}

// Reads acknowledgements until the pipe ends; the last one, or `last` when there was none.
std::int64_t last_acknowledged(int pipe, std::int64_t last) {
  std::int64_t batch;
  while (::read(pipe, &batch, sizeof batch) == sizeof batch) last = batch;
  return last;
}

struct Progress {
  std::int64_t batch = 0;     // the last that was verified
  std::int64_t sequence = 0;  // its last record
};

// Everything after `from` up to the last batch in the store is there, once, whole and in order.
Progress verify(Snapshot& snapshot, Progress from) {
  auto batch = from.batch;
  auto sequence = from.sequence;
  std::int64_t in_batch = batch_size(batch);
  must(snapshot.records_after(sequence, 1'000'000, false, [&](const Record& record) {
    if (in_batch == batch_size(batch)) {
      ++batch;
      in_batch = 0;
    }
    EXPECT_EQ(record.sequence, ++sequence);
    EXPECT_EQ(record.source, std::to_string(batch));
    EXPECT_EQ(record.assertion_id, sample_record(batch * 10 + in_batch).assertion_id);
    EXPECT_TRUE(must(snapshot.granted("XB", record.sequence)));
    ++in_batch;
    return Status{};
  }));
  EXPECT_EQ(in_batch, batch_size(batch)) << "half a transaction was kept";
  EXPECT_EQ(must(snapshot.record_count()), sequence);
  EXPECT_EQ(must(snapshot.ledger_size()), batch);
  EXPECT_EQ(must(snapshot.meta("batch")).value_or("0"), std::to_string(batch));
  const auto disclosure = must(snapshot.last_disclosure(Direction::Sent, "XB"));
  EXPECT_EQ(disclosure ? disclosure->number : 0, batch);
  EXPECT_EQ(
      static_cast<std::int64_t>(must(snapshot.grants("XB", Instant{sequence - 1}, 10)).size()),
      sequence == 0 ? 0 : 1);
  return {batch, sequence};
}

TEST_P(StoreConformance, AcknowledgedTransactionsSurviveAKillAtAnyMoment) {
  create().reset();
  std::mt19937 random(20'260'101);
  // The batch before the first counts as whole, with no records.
  Progress verified;
  for (int i = 0; i < iterations(); ++i) {
    int pipe[2];
    ASSERT_EQ(::pipe(pipe), 0);
    const auto child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      ::close(pipe[0]);
      write_until_killed(GetParam(), directory_.path(), verified.batch + 1, pipe[1]);
    }
    ::close(pipe[1]);
    // The kill comes a random span after a random number of commits.
    std::int64_t acknowledged = verified.batch;
    for (auto commits = random() % 4; commits > 0; --commits) {
      ASSERT_EQ(::read(pipe[0], &acknowledged, sizeof acknowledged),
                static_cast<ssize_t>(sizeof acknowledged));
    }
    // Nothing is waited for: the length of the span only chooses where in a commit the kill falls.
    timespec span{0, static_cast<long>(random() % 20'000'000)};
    ::nanosleep(&span, nullptr);
    ASSERT_EQ(::kill(child, SIGKILL), 0);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the writer ended with code " << WEXITSTATUS(status);
    acknowledged = last_acknowledged(pipe[0], acknowledged);
    ::close(pipe[0]);

    const auto store = open();
    verified = verify(*must(store->read()), verified);
    ASSERT_GE(verified.batch, acknowledged);
    ASSERT_LE(verified.batch, acknowledged + 1);
    ASSERT_FALSE(HasFailure());
  }
  EXPECT_GT(verified.batch, 0);
}

}  // namespace
}  // namespace comity::store
