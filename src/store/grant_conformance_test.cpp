// Grants are kept as runs and read as if they stood one by one: the answers of a store against a
// list of single grants, for random grants, ends and grants made again.
#include <algorithm>
#include <random>

#include "base/test_support.h"
#include "store/conformance_test.h"

namespace comity::store {
namespace {

struct Single {
  std::string view, disclosure;
  std::int64_t date = 0, sequence = 0, position = 0, ended = 0;
  bool again = false;
  GrantState state = GrantState::Live;
  bool operator==(const Single&) const = default;
};

std::ostream& operator<<(std::ostream& out, const Single& one) {
  return out << one.view << " " << one.date << " record " << one.sequence << " of "
             << one.disclosure << " at " << one.position << " state "
             << static_cast<int>(one.state);
}

// The slow way: every grant by itself, in the order in which they were made.
class Oracle {
 public:
  std::int64_t first_date(const std::string& view, std::int64_t now) const {
    auto out = now;
    for (const auto& one : all) {
      if (one.view == view) out = std::max(out, one.date + 1);
    }
    return out;
  }
  std::vector<Single> of(const std::string& view, GrantState state) const {
    std::vector<Single> out;
    for (const auto& one : all) {
      if (one.view == view && one.state == state) out.push_back(one);
    }
    std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.date < b.date; });
    return out;
  }
  Single& at(const std::string& view, std::int64_t date) {
    return *std::find_if(all.begin(), all.end(),
                         [&](const auto& one) { return one.view == view && one.date == date; });
  }
  std::vector<Single> all;
};

constexpr std::int64_t records_count = 700;  // more than a run holds
const std::vector<std::string> views = {"XB", "XC"};

// One store and its oracle, changed and compared step by step.
class Steps {
 public:
  Steps(Store& store, std::uint64_t number) : store_(store), random_(number) {}

  void step() {
    const auto transaction = must(store_.begin());
    const auto& view = views[random_() % views.size()];
    now_ += static_cast<std::int64_t>(random_() % 300);
    switch (random_() % 4) {
      case 0:
      case 1:
        grant(*transaction, view);
        break;
      case 2:
        end(*transaction, view);
        break;
      default:
        grant_again(*transaction, view);
    }
    compare(*transaction);
    must(transaction->commit());
  }
  void compare_all() { compare(*must(store_.read())); }

 private:
  // Often neighbours of the log, upwards or downwards, sometimes in no order.
  std::vector<std::int64_t> some_records() {
    const auto count = static_cast<std::int64_t>(1 + random_() % (random_() % 8 == 0 ? 600 : 9));
    const auto first = static_cast<std::int64_t>(1 + random_() % (records_count - 600));
    std::vector<std::int64_t> out;
    for (std::int64_t k = 0; k < count; ++k) {
      if (random_() % 16 != 0) out.push_back(first + k);
    }
    if (random_() % 4 == 0) std::reverse(out.begin(), out.end());
    if (random_() % 4 == 0) std::shuffle(out.begin(), out.end(), random_);
    if (out.empty()) out.push_back(first);
    return out;
  }
  void grant(Transaction& transaction, const std::string& view) {
    const auto sequences = some_records();
    const auto disclosure = "d" + std::to_string(++disclosures_);
    auto date = oracle_.first_date(view, now_);
    EXPECT_EQ(must(transaction.grant(view, sequences, disclosure, Instant{now_})).micros, date);
    std::int64_t position = 0;
    for (const auto sequence : sequences) {
      oracle_.all.push_back({view, disclosure, date++, sequence, position++});
    }
  }
  std::vector<Instant> some_dates(const std::string& view, GrantState state) {
    std::vector<Instant> out;
    const auto share = 1 + random_() % 4;  // often neighbours
    for (const auto& one : oracle_.of(view, state)) {
      if (random_() % 4 < share) out.push_back(Instant{one.date});
    }
    return out;
  }
  void end(Transaction& transaction, const std::string& view) {
    const auto dates = some_dates(view, GrantState::Live);
    must(transaction.end_grants(view, dates, Instant{now_}));
    for (const auto date : dates) {
      auto& one = oracle_.at(view, date.micros);
      one.state = GrantState::Ended;
      one.ended = now_;
    }
  }
  void grant_again(Transaction& transaction, const std::string& view) {
    const auto dates = some_dates(view, GrantState::Ended);
    auto date = oracle_.first_date(view, now_);
    EXPECT_EQ(must(transaction.grant_again(view, dates, Instant{now_})).micros, date);
    for (const auto old : dates) {
      auto& one = oracle_.at(view, old.micros);
      one.state = GrantState::GrantedAgain;
      auto again = one;
      again.date = date++;
      again.again = true;
      again.ended = 0;
      again.state = GrantState::Live;
      oracle_.all.push_back(again);
    }
  }

  static Single single(const std::string& view, const Granted& one, const Single& like) {
    // What the answer does not say is taken from what is expected.
    return {view,         one.disclosure, one.date_added.micros,
            one.sequence, one.position,   like.ended,
            like.again,   one.state};
  }
  static void same(const std::string& view, const std::vector<Granted>& found,
                   const std::vector<Single>& expected) {
    ASSERT_EQ(found.size(), expected.size());
    for (std::size_t i = 0; i < found.size(); ++i) {
      EXPECT_EQ(single(view, found[i], expected[i]), expected[i]);
      EXPECT_EQ(found[i].stix_id, "indicator--" + std::to_string(found[i].sequence));
    }
  }
  void compare(Snapshot& snapshot) {
    for (const auto& view : views) {
      same(view, must(snapshot.grants(view, {}, 100'000)), oracle_.of(view, GrantState::Live));
      same(view, must(snapshot.ended_grants(view, {}, 100'000)),
           oracle_.of(view, GrantState::Ended));
      compare_page(snapshot, view);
      const auto sequence = static_cast<std::int64_t>(1 + random_() % records_count);
      std::vector<Single> of_one;
      for (const auto& one : oracle_.all) {
        if (one.view == view && one.sequence == sequence) of_one.push_back(one);
      }
      EXPECT_EQ(must(snapshot.granted(view, sequence)), !of_one.empty());
      same(view, must(snapshot.grants_of(view, "indicator--" + std::to_string(sequence))), of_one);
      const auto disclosure = "d" + std::to_string(1 + random_() % (disclosures_ + 1));
      std::vector<Single> of_disclosure;
      for (const auto& one : oracle_.all) {
        if (one.view == view && one.disclosure == disclosure && !one.again) {
          of_disclosure.push_back(one);
        }
      }
      same(view, must(snapshot.grants_by_disclosure(view, disclosure)), of_disclosure);
      const auto digests = must(snapshot.digests_by_disclosure(view, disclosure));
      ASSERT_EQ(digests.size(), of_disclosure.size());
      for (std::size_t i = 0; i < digests.size(); i += 41) {
        EXPECT_EQ(digests[i], must(snapshot.record(of_disclosure[i].sequence))->digest);
      }
      EXPECT_EQ(must(snapshot.grant_count(view, disclosure)),
                static_cast<std::int64_t>(of_disclosure.size()));
    }
    compare_runs(snapshot);
  }
  void compare_page(Snapshot& snapshot, const std::string& view) {
    const auto live = oracle_.of(view, GrantState::Live);
    if (live.empty()) return;
    // Before, at and between dates.
    const auto after =
        live[random_() % live.size()].date - static_cast<std::int64_t>(random_() % 3);
    const auto count = 1 + random_() % 400;
    std::vector<Single> expected;
    for (const auto& one : live) {
      if (one.date > after && expected.size() < count) expected.push_back(one);
    }
    same(view, must(snapshot.grants(view, Instant{after}, static_cast<std::int64_t>(count))),
         expected);
    std::vector<Granted> with_records;
    must(snapshot.granted_records(
        view, Instant{after}, static_cast<std::int64_t>(count), [&](const GrantedRecord& one) {
          with_records.push_back(one.granted);
          const auto grants =
              std::count_if(oracle_.all.begin(), oracle_.all.end(), [&](const auto& other) {
                return other.view == view && other.sequence == one.granted.sequence;
              });
          EXPECT_EQ(one.alone, grants == 1) << "record " << one.granted.sequence;
          return Result<bool>(true);
        }));
    same(view, with_records, expected);
  }
  // The runs are all grants and nothing else, and no more of them than need be.
  void compare_runs(Snapshot& snapshot) {
    std::vector<Single> found;
    must(snapshot.every_grant_run([&](const GrantRun& run) -> Status {
      for (std::int64_t k = 0; k < run.count; ++k) {
        found.push_back({run.view, run.disclosure, run.date_added.micros + k,
                         run.first_sequence + k, run.position + k, run.ended.micros, run.again,
                         run.state});
      }
      return {};
    }));
    auto expected = oracle_.all;
    std::sort(expected.begin(), expected.end(), [](const auto& a, const auto& b) {
      return std::tie(a.view, a.date) < std::tie(b.view, b.date);
    });
    EXPECT_EQ(found, expected);
  }

  Store& store_;
  std::mt19937_64 random_;
  Oracle oracle_;
  std::int64_t now_ = 1000;
  std::uint64_t disclosures_ = 0;
};

TEST_P(StoreConformance, RunsAnswerAsSingleGrantsWould) {
  const auto store = create();
  append(*store, 1, records_count);
  const auto start = test::seed();
  Steps steps(*store, start);
  const std::size_t count = std::max<std::size_t>(40, 400 / comity::test::scale());
  for (std::size_t i = 0; i < count && !testing::Test::HasFailure(); ++i) {
    SCOPED_TRACE("seed " + std::to_string(start) + ", step " + std::to_string(i));
    steps.step();
  }
  steps.compare_all();
}

TEST_P(StoreConformance, AMillionGrantsAreFewRuns) {
  const auto store = create();
  constexpr std::int64_t count = 2000;
  append(*store, 1, count);
  {
    const auto transaction = must(store->begin());
    for (std::int64_t first = 1; first <= count; first += 1000) {
      std::vector<std::int64_t> sequences;
      for (std::int64_t k = 0; k < 1000; ++k) sequences.push_back(first + k);
      must(transaction->grant("XB", sequences, "d" + std::to_string(first), Instant{1}));
    }
    must(transaction->commit());
  }
  std::int64_t runs = 0;
  const auto snapshot = must(store->read());
  must(snapshot->every_grant_run([&](const GrantRun&) -> Status {
    ++runs;
    return {};
  }));
  EXPECT_LE(runs, 8) << "four for each thousand";
  EXPECT_EQ(must(snapshot->grants("XB", Instant{count - 3}, 10)).size(), 3U);
}

TEST_P(StoreConformance, OnlyLiveGrantsEndAndOnlyEndedOnesAreGrantedAgain) {
  const auto store = create();
  append(*store, 1, 5);
  {
    const auto transaction = must(store->begin());
    must(transaction->grant("XB", {1, 2, 3, 4, 5}, "d1", Instant{100}));
    must(transaction->end_grants("XB", {Instant{101}, Instant{103}}, Instant{500}));
    must(transaction->commit());
  }
  const auto refused = [&](const auto& what) {
    const auto transaction = must(store->begin());
    EXPECT_EQ(what(*transaction), ErrorKind::NotFound);
    EXPECT_FALSE(transaction->commit()) << "nothing of it may be kept";
  };
  const auto ends = [&](const std::string& view, const std::vector<Instant>& dates) {
    refused([&](Transaction& t) { return t.end_grants(view, dates, Instant{600}).error().kind; });
  };
  const auto grants_again = [&](const std::vector<Instant>& dates) {
    refused([&](Transaction& t) { return t.grant_again("XB", dates, Instant{600}).error().kind; });
  };
  ends("XB", {Instant{100}, Instant{101}});
  ends("XB", {Instant{105}});
  ends("XB", {Instant{99}});
  ends("XC", {Instant{100}});
  grants_again({Instant{100}});
  grants_again({Instant{101}, Instant{102}});
  {
    const auto transaction = must(store->begin());
    EXPECT_EQ(must(transaction->grant_again("XB", {Instant{101}}, Instant{600})).micros, 600);
    must(transaction->commit());
  }
  grants_again({Instant{101}});
  ends("XB", {Instant{101}});
  const auto snapshot = must(store->read());
  const auto live = must(snapshot->grants("XB", {}, 10));
  ASSERT_EQ(live.size(), 4U);
  EXPECT_EQ(live.back().sequence, 2);
  EXPECT_EQ(live.back().position, 1);
  EXPECT_EQ(must(snapshot->grants_by_disclosure("XB", "d1")).size(), 5U);
}

}  // namespace
}  // namespace comity::store
