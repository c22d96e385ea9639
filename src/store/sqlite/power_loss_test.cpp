// Loss of power at every point of a commit, and syncs that fail, on a disk that loses what was not
// synced: what was acknowledged is there, and nothing is there by half.
#include <fmt/format.h>

#include <optional>
#include <random>
#include <set>

#include "base/test_support.h"
#include "store/conformance_test.h"
#include "store/sqlite/sqlite_store.h"
#include "store/sqlite/test_vfs.h"

namespace comity::store {
namespace {

constexpr std::size_t losses_full = 1000;
constexpr std::size_t losses_min = 50;
constexpr std::size_t losses_on_one_store = 10;
constexpr std::int64_t batches_max = 12;  // after which power is cut at the latest

std::size_t losses() { return std::max(losses_min, losses_full / comity::test::scale()); }

std::int64_t records_of_batch(std::int64_t batch) { return 1 + batch % 4; }

Record record_of(std::int64_t batch, std::int64_t k) {
  auto record = sample_record(batch * 10 + k);
  record.source = std::to_string(batch);
  // From a part of a page to a hundred pages, so that the log is often emptied on the way.
  record.bytes += std::string(static_cast<std::size_t>((batch * 7919 + k * 37) % 100'000), 'x');
  record.digest = sha256(record.bytes);
  return record;
}

// A part that is given up, of which nothing may ever be found.
Status append_and_drop(Transaction& transaction, std::int64_t batch) {
  TRY_STATUS(transaction.begin_part());
  TRY(const auto appended, transaction.append(record_of(batch, 9)));
  TRY_STATUS(transaction.append(sample_disclosure(Direction::Sent, "XB", batch)));
  TRY_STATUS(transaction.grant("XB", {appended.sequence}, "dropped", Instant{1}));
  TRY_STATUS(transaction.append(sample_entry(batch)));
  TRY_STATUS(transaction.set_meta("batch", "dropped"));
  return transaction.drop_part();
}

// One of each thing that a transaction of a node appends, in parts.
Status append(Store& store, std::int64_t batch) {
  TRY(const auto transaction, store.begin());
  TRY_STATUS(append_and_drop(*transaction, batch));
  std::vector<std::int64_t> sequences;
  TRY_STATUS(transaction->begin_part());
  for (std::int64_t k = 0; k < records_of_batch(batch); ++k) {
    TRY(const auto appended, transaction->append(record_of(batch, k)));
    sequences.push_back(appended.sequence);
  }
  TRY_STATUS(transaction->keep_part());
  TRY_STATUS(transaction->append(sample_disclosure(Direction::Sent, "XB", batch)));
  const auto disclosure = sample_disclosure(Direction::Sent, "XB", batch).id;
  TRY(const auto first, transaction->grant("XB", sequences, disclosure, Instant{1}));
  static_cast<void>(first);
  TRY(const auto index, transaction->append(sample_entry(batch)));
  static_cast<void>(index);
  TRY_STATUS(transaction->set_meta("batch", std::to_string(batch)));
  return transaction->commit();
}

// What the store may hold: batches that were acknowledged, and those whose commit failed.
struct Expected {
  std::set<std::int64_t> acknowledged, unsure;
};

// The batches of the records, each of which is whole.
Result<std::vector<std::int64_t>> read_batches(Snapshot& snapshot) {
  std::vector<std::int64_t> batches;
  std::int64_t sequence = 0, left = 0;
  TRY_STATUS(snapshot.records_after(0, 1'000'000, true, [&](const Record& record) -> Status {
    const auto batch = std::stoll(record.source);
    if (left == 0) {
      batches.push_back(batch);
      left = records_of_batch(batch);
    }
    const auto expected = record_of(batches.back(), records_of_batch(batches.back()) - left--);
    if (record.sequence == ++sequence && record.assertion_id == expected.assertion_id &&
        record.bytes == expected.bytes) {
      return {};
    }
    return fail(ErrorKind::Corrupt, fmt::format("record {} is another", record.sequence));
  }));
  if (left != 0) return fail(ErrorKind::Corrupt, "half a transaction was kept");
  return batches;
}

// Whether everything that a batch has beside its records is there too, and nothing else.
Status check_rest(Snapshot& snapshot, const std::vector<std::int64_t>& batches) {
  const auto wrong = [](const std::string& what) {
    return fail(ErrorKind::Corrupt, what + " and the records disagree");
  };
  TRY(const auto sent, snapshot.protocols("comity-disclosure", Direction::Sent, "XB"));
  if (sent.size() != batches.size()) return wrong("disclosures");
  for (std::size_t i = 0; i < batches.size(); ++i) {
    if (sent[i].bytes != sample_disclosure(Direction::Sent, "XB", batches[i]).bytes) {
      return wrong("disclosures");
    }
    TRY(const auto granted, snapshot.grants_by_disclosure("XB", sent[i].id));
    if (granted.size() != static_cast<std::size_t>(records_of_batch(batches[i])))
      return wrong("grants");
  }
  std::size_t entries = 0;
  TRY_STATUS(snapshot.ledger(0, 1'000'000, [&](const LedgerEntry& entry) -> Status {
    if (entries >= batches.size() || entry.entry != sample_entry(batches[entries]).entry) {
      return wrong("ledger entries");
    }
    ++entries;
    return {};
  }));
  if (entries != batches.size()) return wrong("ledger entries");
  TRY(const auto last, snapshot.meta("batch"));
  if (last.value_or("") != (batches.empty() ? "" : std::to_string(batches.back()))) {
    return wrong("settings");
  }
  return {};
}

// The batches that a store holds; fails when one was lost, is there by half, or came from nowhere.
Result<std::set<std::int64_t>> verify(Store& store, const Expected& expected) {
  TRY(const auto snapshot, store.read());
  TRY(const auto batches, read_batches(*snapshot));
  TRY_STATUS(check_rest(*snapshot, batches));
  std::set<std::int64_t> found(batches.begin(), batches.end());
  for (const auto batch : expected.acknowledged) {
    if (found.contains(batch)) continue;
    return fail(ErrorKind::Corrupt, fmt::format("batch {} was acknowledged and is lost", batch));
  }
  for (const auto batch : found) {
    if (expected.acknowledged.contains(batch) || expected.unsure.contains(batch)) continue;
    return fail(ErrorKind::Corrupt, fmt::format("batch {} was never written", batch));
  }
  return found;
}

// What happened in all losses of a run.
struct Tally {
  std::size_t losses = 0, commits = 0, refused = 0;
  std::size_t cut_in_log = 0, cut_in_database = 0;
  std::int64_t syncs = 0, failed_syncs = 0;
};

class PowerLoss {
 public:
  PowerLoss(TestVfs::Syncs syncs, Tally& tally)
      : random_(test::seed()), vfs_(test::seed() + 1, syncs), tally_(tally) {}

  // Loses power so many times; fails when the store is not what it should be.
  Status run(std::size_t count) {
    auto status = lose_power_often(count);
    tally_.syncs = vfs_.syncs();
    tally_.failed_syncs = vfs_.failed_syncs();
    if (status) return {};
    return fail(status.error().kind, status.error().text(),
                fmt::format("seed {}, loss {} of {}", test::seed(), tally_.losses, count));
  }

 private:
  void begin_anew() {
    directory_.emplace();
    expected_ = {};
    must(open_sqlite(path(), Access::Create)).reset();
    vfs_.shut_down();
  }
  std::string path() const { return directory_->file("store.db"); }

  Status lose_power_often(std::size_t count) {
    while (tally_.losses < count) {
      begin_anew();
      for (std::size_t i = 0; i < losses_on_one_store; ++i) {
        TRY_STATUS(lose_power());
        ++tally_.losses;
      }
      TRY(const auto store, open_sqlite(path(), Access::ReadWrite));
      TRY_STATUS(look(*store));
    }
    return {};
  }

  // What was left by the last loss is what all the next ones must leave.
  Status look(Store& store) {
    TRY(const auto found, verify(store, expected_));
    expected_ = {found, {}};
    return {};
  }

  Status lose_power() {
    {
      TRY(const auto store, open_sqlite(path(), Access::ReadWrite));
      TRY_STATUS(look(*store));
      if (random_() % 3 == 0) vfs_.fail_sync_after(static_cast<std::int64_t>(random_() % 6));
      vfs_.cut_power_after(static_cast<std::int64_t>(random_() % 600));
      for (std::int64_t k = 0; k < batches_max && !vfs_.dead(); ++k) write_one(*store);
      // Where power is still there, the store is closed, which empties the log, or it is cut now.
      if (!vfs_.dead() && random_() % 2 == 0) vfs_.cut_power();
    }
    tally_.cut_in_log += vfs_.cut_at() == TestVfs::CutAt::Log;
    tally_.cut_in_database += vfs_.cut_at() == TestVfs::CutAt::Database;
    vfs_.cut_power();
    vfs_.restore_power();
    return {};
  }

  void write_one(Store& store) {
    const auto batch = ++batch_;
    if (append(store, batch)) {
      ++tally_.commits;
      expected_.acknowledged.insert(batch);
    } else {
      ++tally_.refused;
      expected_.unsure.insert(batch);
    }
  }

  std::mt19937_64 random_;
  TestVfs vfs_;
  Tally& tally_;
  std::optional<TemporaryDirectory> directory_;
  Expected expected_;
  std::int64_t batch_ = 0;
};

TEST(SqlitePowerLoss, WhatWasAcknowledgedIsThereAndNothingByHalf) {
  Tally tally;
  const auto status = PowerLoss(TestVfs::Syncs::AsAsked, tally).run(losses());
  ASSERT_TRUE(status) << status.error().text();
  // The losses fell at different points, or they would have proved little.
  EXPECT_GE(tally.cut_in_log, losses() / 10);
  EXPECT_GE(tally.cut_in_database, losses() / 50);
  EXPECT_GT(tally.failed_syncs, 0);
  EXPECT_GT(tally.refused, 0U);
  EXPECT_GT(tally.commits, losses());
  EXPECT_GE(tally.syncs, static_cast<std::int64_t>(tally.commits));
}

TEST(SqlitePowerLoss, WithoutSyncsTheSameLoopFindsALoss) {
  Tally tally;
  const auto status = PowerLoss(TestVfs::Syncs::Never, tally).run(losses());
  ASSERT_FALSE(status) << "a store that syncs nothing lost nothing in " << losses() << " losses";
  EXPECT_EQ(status.error().kind, ErrorKind::Corrupt) << status.error().text();
  EXPECT_EQ(tally.syncs, 0);
}

TEST(SqlitePowerLoss, AFailedSyncIsAFailedCommitAndTheNextOneHolds) {
  const TemporaryDirectory directory;
  const auto path = directory.file("store.db");
  must(open_sqlite(path, Access::Create)).reset();
  TestVfs vfs(test::seed(), TestVfs::Syncs::AsAsked);
  {
    const auto store = must(open_sqlite(path, Access::ReadWrite));
    must(append(*store, 1));
    vfs.fail_sync_after(0);
    const auto failed = append(*store, 2);
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().kind, ErrorKind::Unavailable) << failed.error().text();
    EXPECT_NE(failed.error().text().find("check the disk"), std::string::npos);
    EXPECT_EQ(must(verify(*store, {{1}, {}})), (std::set<std::int64_t>{1}));
    must(append(*store, 3));
    vfs.cut_power();
  }
  vfs.restore_power();
  const auto store = must(open_sqlite(path, Access::ReadWrite));
  EXPECT_EQ(must(verify(*store, {{1, 3}, {}})), (std::set<std::int64_t>{1, 3}));
}

}  // namespace
}  // namespace comity::store
