// Nodes lose power while they import, disclose and receive, on a disk that loses what was not
// synced, and their syncs fail: nothing acknowledged is lost, nothing is disclosed twice, and both
// ledgers verify after each loss.
#include <algorithm>
#include <random>
#include <set>

#include "base/test_support.h"
#include "exchange/receive.h"
#include "exchange/release.h"
#include "exchange/test_federation.h"
#include "exchange/test_group.h"
#include "exchange/verify.h"
#include "store/sqlite/test_vfs.h"

namespace comity::exchange {
namespace {

using store::TestVfs;
using test::must;

constexpr std::size_t losses_full = 1000;
constexpr std::size_t losses_min = 50;
constexpr std::size_t losses_on_one_pair = 10;
constexpr std::size_t imports_on_one_power = 6;
constexpr std::size_t records_of_one_import = 3;

std::multiset<std::string> ids_held(Node& node) {
  const auto snapshot = must(node.store().read());
  std::multiset<std::string> out;
  must(snapshot->records_after(0, 1'000'000, false, [&](const store::Record& record) {
    out.insert(record.stix_id);
    return Status();
  }));
  return out;
}

std::multiset<std::string> ids_granted(Node& node) {
  const auto snapshot = must(node.store().read());
  std::multiset<std::string> out;
  for (const auto& item : must(snapshot->grants("XB", {}, 1'000'000))) out.insert(item.stix_id);
  return out;
}

std::set<std::string> disclosures_received(Node& node) {
  std::set<std::string> out;
  for (const auto& row : test::statements(node, "comity-disclosure", store::Direction::Received)) {
    out.insert(row.id);
  }
  return out;
}

template <typename T>
bool includes(const std::multiset<T>& all, const std::set<T>& some) {
  return std::includes(all.begin(), all.end(), some.begin(), some.end());
}
template <typename T>
bool each_once(const std::multiset<T>& all) {
  return std::adjacent_find(all.begin(), all.end()) == all.end();
}

struct Tally {
  std::size_t cut_in_log = 0, imported = 0, released = 0, received = 0, refused = 0;
  std::size_t shared = 0;  // received without a commit of their own
};

// XA and XB over some losses of power.
class Losses {
 public:
  Losses(TestVfs& vfs, std::mt19937_64& random, Tally& tally)
      : vfs_(vfs), random_(random), tally_(tally) {
    close();
    vfs_.shut_down();
  }

  // Works until power is lost. What did not survive the loss before; empty: all did.
  std::string lose_power() {
    open();
    if (auto lost = finding(); !lost.empty()) return lost;
    if (random_() % 3 == 0) vfs_.fail_sync_after(static_cast<std::int64_t>(random_() % 8));
    vfs_.cut_power_after(static_cast<std::int64_t>(random_() % 400));
    for (std::size_t i = 0; i < imports_on_one_power && !vfs_.dead(); ++i) work();
    tally_.cut_in_log += vfs_.cut_at() == TestVfs::CutAt::Log;
    close();
    vfs_.cut_power();
    vfs_.restore_power();
    return {};
  }

  // What was made and not sent is sent, what was held back by a failure follows.
  void complete() {
    open();
    check();
    std::vector<std::string> ids;
    for (const auto& id : ids_held(federation_.a())) ids.push_back(id);
    if (!ids.empty()) {
      must(release(federation_.a(), ids, {"XB"}));
      EXPECT_TRUE(receive_all());
    }
    check();
    EXPECT_EQ(ids_granted(federation_.a()), ids_held(federation_.a()));
    EXPECT_EQ(ids_held(federation_.b()), ids_held(federation_.a()));
    close();
    vfs_.shut_down();
  }

 private:
  void open() {
    federation_.xa.open();
    federation_.xb.open();
  }
  void close() {
    federation_.xa.close();
    federation_.xb.close();
  }

  void check() { EXPECT_EQ(finding(), ""); }

  // What was acknowledged is there, once; both nodes verify. Else what is not so.
  std::string finding() {
    auto& a = federation_.a();
    auto& b = federation_.b();
    if (!includes(ids_held(a), imported_)) return "an import was lost";
    if (!includes(ids_granted(a), released_)) return "a disclosure was lost";
    if (!each_once(ids_held(a))) return "a record was imported twice";
    if (!each_once(ids_granted(a))) return "a record was disclosed twice";
    if (!each_once(ids_held(b))) return "a record was received twice";
    const auto received = disclosures_received(b);
    if (!std::includes(received.begin(), received.end(), received_.begin(), received_.end())) {
      return "a receipt was lost";
    }
    for (auto* node : {&a, &b}) {
      const auto found = must(verify(*node));
      if (found.finding_count == 0) continue;
      return fmt::format("{}: {}", node->party(), fmt::join(found.findings, "\n"));
    }
    return {};
  }

  void work() {
    std::vector<std::string> objects;
    std::vector<std::string> ids;
    for (std::size_t i = 0; i < records_of_one_import; ++i) {
      ids.push_back(test::id_of("indicator", ++number_));
      const auto text = std::string(random_() % 1800, 'x');
      objects.push_back(test::indicator(
          number_, test::marked(test::tlp_clear) + R"(,"description":")" + text + "\""));
    }
    const auto report = test::try_import(federation_.a(), test::bundle(objects));
    if (!report) return refused();
    imported_.insert(ids.begin(), ids.end());
    ++tally_.imported;
    if (!release(federation_.a(), {report->import_id}, {"XB"})) return refused();
    released_.insert(ids.begin(), ids.end());
    ++tally_.released;
    if (random_() % 3 == 0) return;  // so that now and then several wait
    if (!receive_all()) refused();
  }

  void refused() { ++tally_.refused; }

  // Hands every disclosure that was not acknowledged to XB, in order, and often at once, so that
  // they share a commit.
  bool receive_all() {
    std::vector<store::ProtocolObject> rows;
    for (auto& row :
         test::statements(federation_.a(), "comity-disclosure", store::Direction::Sent)) {
      if (!received_.contains(row.id)) rows.push_back(std::move(row));
    }
    std::vector<std::string> envelopes;
    for (const auto& row : rows) envelopes.push_back(test::envelope_of(federation_.a(), row));
    std::vector<char> taken(rows.size());
    std::vector<std::function<void()>> works;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      works.emplace_back(
          [&, i] { taken[i] = receive(federation_.b(), "XA", envelopes[i]) ? 1 : 0; });
    }
    const auto commits = federation_.b().admissions().commits();
    if (random_() % 2 == 0) {
      test::run_in_one_group(federation_.b(), works);
    } else {
      for (const auto& work : works) work();
    }
    std::size_t count = 0;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (taken[i] == 0) continue;
      received_.insert(rows[i].id);
      ++count;
    }
    tally_.received += count;
    tally_.shared += count - std::min(count, federation_.b().admissions().commits() - commits);
    return count == rows.size();
  }

  TestVfs& vfs_;
  std::mt19937_64& random_;
  Tally& tally_;
  test::Federation federation_;
  std::set<std::string> imported_, released_, received_;
  std::size_t number_ = 0;
};

TEST(PowerLoss, NodesLoseNothingThatWasAcknowledgedAndDiscloseNothingTwice) {
  const auto losses = std::max(losses_min, losses_full / test::scale());
  SCOPED_TRACE(fmt::format("COMITY_SEED={}", comity::test::seed()));
  std::mt19937_64 random(comity::test::seed());
  TestVfs vfs(comity::test::seed() + 1, TestVfs::Syncs::AsAsked);
  Tally tally;
  for (std::size_t done = 0; done < losses; done += losses_on_one_pair) {
    Losses pair(vfs, random, tally);
    for (std::size_t i = 0; i < losses_on_one_pair; ++i) {
      ASSERT_EQ(pair.lose_power(), "") << "after loss " << done + i;
    }
    pair.complete();
    ASSERT_FALSE(HasFailure()) << "after completing " << done;
  }
  // The losses fell at different points, or they would have proved little.
  EXPECT_GE(tally.cut_in_log, losses / 4);
  EXPECT_GT(tally.refused, losses / 4);
  EXPECT_GT(tally.received, losses / 4);
  EXPECT_GT(tally.shared, 0U);
  EXPECT_GT(vfs.failed_syncs(), 0);
}

// What the loop above would find, were the disk never told to keep anything: a store that cannot be
// opened, or one that lacks what was acknowledged.
TEST(PowerLoss, WithoutSyncsTheSameLoopFindsALoss) {
  SCOPED_TRACE(fmt::format("COMITY_SEED={}", comity::test::seed()));
  std::mt19937_64 random(comity::test::seed());
  TestVfs vfs(comity::test::seed() + 1, TestVfs::Syncs::Never);
  Tally tally;
  std::string lost;
  try {
    Losses pair(vfs, random, tally);
    for (std::size_t i = 0; i < losses_min && lost.empty(); ++i) lost = pair.lose_power();
  } catch (const std::runtime_error& error) {
    lost = error.what();
  }
  EXPECT_FALSE(lost.empty()) << "nodes that sync nothing lost nothing in " << losses_min;
}

}  // namespace
}  // namespace comity::exchange
