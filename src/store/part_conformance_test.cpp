// Parts of a transaction that are given up alone, and the epoch by which answers are kept: a store
// against a list of what is to be there, for random parts, kept and dropped.
#include <algorithm>
#include <atomic>
#include <random>
#include <set>
#include <thread>

#include "base/test_support.h"
#include "store/conformance_test.h"

namespace comity::store {
namespace {

// What is written of one part, and must be found when it is kept.
struct PartModel {
  std::vector<std::int64_t> records;  // of sample_record
  std::int64_t entries = 0;
  std::int64_t granted = 0;
  std::string last;  // what the setting says
};

class Parts {
 public:
  Parts(Store& store, std::uint64_t number) : store_(store), random_(number) {}

  // A transaction of some parts, committed or not.
  void step() {
    const auto before = model_;
    const auto next = next_;
    {
      const auto transaction = must(store_.begin());
      for (auto count = random_() % 4; count > 0; --count) part(*transaction);
      if (random_() % 3 == 0) write(*transaction);  // what is in no part goes with the rest
      compare(*transaction);
      if (random_() % 4 != 0) {
        must(transaction->commit());
        return;
      }
    }
    model_ = before;
    next_ = next;
  }
  void compare_all() { compare(*must(store_.read())); }

 private:
  void part(Transaction& transaction) {
    const auto before = model_;
    must(transaction.begin_part());
    for (auto count = random_() % 3; count > 0; --count) write(transaction);
    if (random_() % 2 == 0) {
      must(transaction.keep_part());
      return;
    }
    spoil(transaction);
    must(transaction.drop_part());
    model_ = before;
    EXPECT_EQ(must(transaction.record_count()), size(model_.records));
  }

  // What ends a transaction ends a part alone.
  void spoil(Transaction& transaction) {
    switch (random_() % 4) {
      case 0:
        EXPECT_EQ(transaction.grant("XB", {1'000'000}, "none", Instant{1}).error().kind,
                  ErrorKind::NotFound);
        EXPECT_FALSE(transaction.append(sample_record(++next_)));
        break;
      case 1:
        EXPECT_EQ(transaction.end_grants("XB", {Instant{0}}, Instant{2}).error().kind,
                  ErrorKind::NotFound);
        break;
      case 2: {
        auto large = sample_record(++next_);
        large.bytes.assign(81U * 1024 * 1024, 'x');
        EXPECT_EQ(transaction.append(large).error().kind, ErrorKind::TooLarge);
        break;
      }
      default:
        break;
    }
  }

  void write(Transaction& transaction) {
    std::vector<std::int64_t> sequences;
    for (auto count = 1 + random_() % 3; count > 0; --count) {
      model_.records.push_back(++next_);
      const auto appended = must(transaction.append(sample_record(next_)));
      EXPECT_EQ(appended.sequence, size(model_.records));
      sequences.push_back(appended.sequence);
      // What is there already takes no number.
      EXPECT_TRUE(must(transaction.append(sample_record(next_))).existed);
    }
    EXPECT_EQ(must(transaction.append(sample_entry(model_.entries))), model_.entries);
    ++model_.entries;
    model_.last = std::to_string(next_);
    must(transaction.grant("XB", sequences, "d" + model_.last, Instant{1}));
    model_.granted += size(sequences);
    must(transaction.set_meta("last", model_.last));
  }

  template <typename T>
  static std::int64_t size(const T& list) {
    return static_cast<std::int64_t>(list.size());
  }

  void compare(Snapshot& snapshot) {
    std::vector<Digest> found, expected;
    must(snapshot.records_after(0, 1'000'000, false, [&](const Record& record) {
      found.push_back(record.assertion_id);
      EXPECT_EQ(record.sequence, size(found));
      return Status{};
    }));
    for (const auto n : model_.records) expected.push_back(sample_record(n).assertion_id);
    EXPECT_EQ(found, expected);
    EXPECT_EQ(must(snapshot.record_count()), size(model_.records));
    std::int64_t entries = 0;
    must(snapshot.ledger(0, 1'000'000, [&](const LedgerEntry& entry) {
      EXPECT_EQ(entry.entry, sample_entry(entries++).entry);
      return Status{};
    }));
    EXPECT_EQ(entries, model_.entries);
    EXPECT_EQ(must(snapshot.ledger_size()), model_.entries);
    EXPECT_EQ(must(snapshot.meta("last")).value_or(""), model_.last);
    EXPECT_EQ(size(must(snapshot.grants("XB", {}, 1'000'000))), model_.granted);
  }

  Store& store_;
  std::mt19937_64 random_;
  PartModel model_;
  std::int64_t next_ = 0;
};

TEST_P(StoreConformance, WhatIsDroppedOfATransactionLeavesNoTrace) {
  const auto start = test::seed();
  {
    const auto store = create();
    Parts parts(*store, start);
    const std::size_t count = std::max<std::size_t>(60, 1000 / comity::test::scale());
    for (std::size_t i = 0; i < count && !testing::Test::HasFailure(); ++i) {
      SCOPED_TRACE("seed " + std::to_string(start) + ", step " + std::to_string(i));
      parts.step();
    }
    parts.compare_all();
  }
  open();  // which counts the rows
}

TEST_P(StoreConformance, AnEpochLastsAsLongAsWhatItMayBeKeptFor) {
  const auto store = create();
  const auto first = store->epoch();
  ASSERT_TRUE(first);
  {
    const auto transaction = must(store->begin());
    must(transaction->set_meta("key", "given up"));
    EXPECT_EQ(store->epoch(), first);
  }
  EXPECT_EQ(store->epoch(), first) << "nothing was committed";
  {
    const auto transaction = must(store->begin());
    must(transaction->append(sample_record(1)));
    transaction->keep_epoch();
    must(transaction->commit());
  }
  EXPECT_EQ(store->epoch(), first) << "as the transaction said";
  std::set<std::uint64_t> seen = {*first};
  for (const auto* value : {"a", "b"}) {
    const auto transaction = must(store->begin());
    must(transaction->set_meta("key", value));
    must(transaction->commit());
    EXPECT_FALSE(transaction->commit());
    ASSERT_TRUE(store->epoch());
    EXPECT_TRUE(seen.insert(*store->epoch()).second) << "an epoch came again";
  }
}

// Whoever asks for the epoch before a snapshot is taken, and finds the same one later, has read
// what a snapshot would say now.
TEST_P(StoreConformance, WhatWasReadInAnEpochHoldsAsLongAsIt) {
  const auto store = create();
  constexpr int commits = 300;
  std::atomic<int> committed = 0;
  std::thread writer([&] {
    for (int i = 1; i <= commits; ++i) {
      auto transaction = store->begin();
      if (!transaction || !(*transaction)->set_meta("n", std::to_string(i)) ||
          !(*transaction)->commit()) {
        return;
      }
      committed = i;
    }
  });
  std::int64_t same = 0;
  for (int last = 0; last < commits;) {
    last = committed;
    const auto epoch = store->epoch();
    const auto said = must(must(store->read())->meta("n")).value_or("0");
    // What is acknowledged now is in every snapshot from now on.
    const int now = committed;
    if (!epoch || store->epoch() != epoch) continue;
    ++same;
    EXPECT_GE(std::stoi(said), now) << "of an epoch that was over";
    if (testing::Test::HasFailure()) break;
  }
  writer.join();
  EXPECT_EQ(committed, commits);
  EXPECT_GT(same, 0);
}

TEST_P(StoreConformance, GrantedRecordsSayWhatElseThereIs) {
  const auto store = create();
  auto twin = sample_record(2);
  twin.assertion_id = sha256("twin");
  twin.tlp = "amber";
  {
    const auto transaction = must(store->begin());
    for (std::int64_t n = 1; n <= 4; ++n) must(transaction->append(sample_record(n)));
    must(transaction->append(twin));
    must(transaction->grant("XB", {1, 2, 3, 4}, "d1", Instant{100}));
    must(transaction->grant("XB", {3}, "d2", Instant{200}));
    must(transaction->grant("XC", {4}, "d3", Instant{300}));
    must(transaction->end_grants("XB", {Instant{103}}, Instant{500}));
    must(transaction->commit());
  }
  struct Seen {
    std::int64_t sequence, date;
    bool alone;
    bool operator==(const Seen&) const = default;
  };
  const auto snapshot = must(store->read());
  const auto read = [&](const std::string& view, std::optional<Instant> after, std::int64_t count) {
    std::vector<Seen> out;
    must(snapshot->granted_records(view, after, count, [&](const GrantedRecord& one) {
      const auto whole = *must(snapshot->record(one.granted.sequence));
      EXPECT_EQ(one.bytes, whole.bytes);
      EXPECT_EQ(one.record.stix_id, whole.stix_id);
      EXPECT_EQ(one.granted.stix_id, whole.stix_id);
      EXPECT_EQ(one.record.digest, whole.digest);
      EXPECT_EQ(one.record.tlp, whole.tlp);
      EXPECT_EQ(one.record.classes, whole.classes);
      EXPECT_EQ(one.record.chain, whole.chain);
      EXPECT_EQ(one.record.doubts, whole.doubts);
      EXPECT_EQ(one.record.originator, whole.originator);
      EXPECT_EQ(one.record.source, whole.source);
      EXPECT_EQ(one.record.version, whole.version);
      EXPECT_EQ(one.record.arrived, whole.arrived);
      out.push_back({one.granted.sequence, one.granted.date_added.micros, one.alone});
      return Result<bool>(true);
    }));
    return out;
  };
  // 2 has another assertion, 3 another grant; 4 has ended for XB, and is alone for XC.
  EXPECT_EQ(read("XB", {}, 10),
            (std::vector<Seen>{{1, 100, true}, {2, 101, false}, {3, 102, false}, {3, 200, false}}));
  EXPECT_EQ(read("XB", Instant{100}, 2), (std::vector<Seen>{{2, 101, false}, {3, 102, false}}));
  EXPECT_EQ(read("XC", {}, 10), (std::vector<Seen>{{4, 300, true}}));
  EXPECT_TRUE(read("XD", {}, 10).empty());
  EXPECT_TRUE(read("XB", {}, 0).empty());
  // A visitor ends it, with or without an error.
  std::int64_t visits = 0;
  must(snapshot->granted_records("XB", {}, 10,
                                 [&](const GrantedRecord&) { return Result<bool>(++visits < 2); }));
  EXPECT_EQ(visits, 2);
  const auto failed = snapshot->granted_records(
      "XB", {}, 10,
      [](const GrantedRecord&) -> Result<bool> { return fail(ErrorKind::InvalidInput, "enough"); });
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().message, "enough");
}

}  // namespace
}  // namespace comity::store
