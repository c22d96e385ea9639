#include "exchange/peer_ledger.h"

#include <gtest/gtest.h>

#include "exchange/ledger_proof.h"
#include "exchange/test_federation.h"
#include "exchange/verify.h"
#include "json/write.h"
#include "ledger/merkle.h"

namespace comity::exchange {
namespace {

using test::Federation;
using test::indicator;
using test::must;

// XB watches the ledger of XA.
struct Watched {
  Federation federation;
  Node& a() { return federation.a(); }
  Node& b() { return federation.b(); }
  // XA works and publishes; gives the note.
  std::string publish() {
    test::import_objects(a(), {indicator(++number_)});
    return must(publish_checkpoint(a()));
  }
  std::string proof_from(std::uint64_t old_size) {
    return json::write(to_json(must(prove_consistency(a(), old_size, {}))));
  }
  Result<Witnessed> show(const std::string& shown) { return witness(b(), "XA", shown); }
  PeerLedger known() { return must(peer_ledger(*must(b().store().read()), "XA")); }
  std::vector<std::string> codes() {
    std::vector<std::string> out;
    for (const auto& alarm : known().alarms) out.push_back(alarm.code);
    return out;
  }
  // The data directory of XA as it is now, to be put back later.
  void save() { copy(federation.xa.directory(), backup()); }
  void put_back() { copy(backup(), federation.xa.directory()); }

 private:
  std::string backup() { return federation.directory.file("backup"); }
  void copy(const std::string& from, const std::string& to) {
    federation.xa.close();
    std::filesystem::remove_all(to);
    std::filesystem::copy(from, to, std::filesystem::copy_options::recursive);
    federation.xa.open();
  }
  std::size_t number_ = 0;
};

std::string findings(Node& node) {
  return fmt::format("{}", fmt::join(must(verify(node)).findings, "\n"));
}

using Codes = std::vector<std::string>;

TEST(PeerLedger, KeepsTheNewestThatContinuesTheOneHeld) {
  Watched watched;
  auto shown = must(watched.show(watched.publish()));
  EXPECT_TRUE(shown.kept);
  EXPECT_EQ(shown.size, padded_leaves);
  const auto second = watched.publish();
  const auto proof = watched.proof_from(padded_leaves);
  // A newer one needs the proof, from where the held one ends.
  for (const auto& wrong :
       {second, watched.proof_from(padded_leaves - 1), watched.proof_from(padded_leaves + 1)}) {
    const auto refused = watched.show(wrong);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::InvalidInput);
    EXPECT_NE(refused.error().message.find("--consistency 256"), std::string::npos);
  }
  EXPECT_EQ(watched.known().size, padded_leaves);
  shown = must(watched.show(proof));
  EXPECT_TRUE(shown.kept);
  EXPECT_EQ(watched.known().size, 2 * padded_leaves);
  // The same again changes nothing, not even our ledger.
  const auto before = test::stored(watched.b());
  shown = must(watched.show(second));
  EXPECT_FALSE(shown.kept);
  EXPECT_FALSE(shown.alarm);
  EXPECT_EQ(test::stored(watched.b()), before);
  EXPECT_EQ(findings(watched.b()), "");
}

TEST(PeerLedger, ADatabaseThatWasPutBackIsFound) {
  Watched watched;
  must(watched.show(watched.publish()));
  watched.save();
  watched.publish();
  must(watched.show(watched.proof_from(padded_leaves)));
  ASSERT_EQ(watched.known().size, 2 * padded_leaves);
  watched.put_back();
  const auto old = *must(published_checkpoint(*must(watched.a().store().read())));
  const auto shown = must(watched.show(old));
  ASSERT_TRUE(shown.alarm);
  EXPECT_EQ(shown.alarm->code, "older");
  EXPECT_EQ(watched.known().size, 2 * padded_leaves);
  EXPECT_NE(findings(watched.b()).find("ledger of XA: XA shows a checkpoint of 256 leaves after"),
            std::string::npos);
}

TEST(PeerLedger, TwoLedgersAreFoundByWhoHoldsBothCheckpoints) {
  Watched watched;
  must(watched.show(watched.publish()));
  watched.save();
  watched.publish();
  must(watched.show(watched.proof_from(padded_leaves)));
  watched.put_back();
  // The same number of leaves with another past.
  const auto other = watched.publish();
  ASSERT_TRUE(must(watched.show(other)).alarm);
  // And one that continues the other past.
  watched.publish();
  const auto shown = must(watched.show(watched.proof_from(2 * padded_leaves)));
  ASSERT_TRUE(shown.alarm);
  EXPECT_EQ(watched.codes(), (Codes{"split", "split"}));
  // Both are signed by XA: the evidence holds for anybody.
  for (const auto& alarm : watched.known().alarms) {
    const auto held = must(open_own_checkpoint(watched.a(), alarm.held));
    const auto seen = must(open_own_checkpoint(watched.a(), alarm.shown));
    EXPECT_EQ(held.size, seen.size);
    EXPECT_NE(held.root, seen.root);
  }
  EXPECT_EQ(must(verify(watched.b())).finding_count, 2);
  // Pairing anew ends the alarms and begins with what is shown next.
  test::pair_both(watched.a(), watched.b(), test::nowhere, test::nowhere);
  EXPECT_EQ(watched.codes(), Codes{});
  EXPECT_EQ(findings(watched.b()), "");
  EXPECT_TRUE(must(watched.show(other)).kept);
}

TEST(PeerLedger, WhatThePeerDidNotSignIsRefusedWithNothingStored) {
  Watched watched;
  const auto good = watched.publish();
  const auto own = must(publish_checkpoint(watched.b()));
  const auto before = test::stored(watched.b());
  const auto leaf = json::write(to_json(must(prove_inclusion(watched.a(), 0, {}, false))));
  for (const auto& wrong :
       {std::string(), std::string("{}"), own, test::replaced(good, "\n256\n", "\n512\n"), leaf,
        test::replaced(watched.proof_from(5), "sha256:", "sha256:0")}) {
    EXPECT_FALSE(watched.show(wrong)) << wrong;
  }
  EXPECT_EQ(witness(watched.b(), "XC", good).error().kind, ErrorKind::Conflict);
  EXPECT_EQ(test::stored(watched.b()), before);
  EXPECT_FALSE(watched.known().checkpoint);
}

TEST(PeerLedger, AlarmsAreBoundedAndTheLedgerHasEveryOne) {
  Watched watched;
  const auto first = watched.publish();
  watched.publish();
  must(watched.show(watched.proof_from(padded_leaves)));
  const auto before = test::stored(watched.b()).leaves;
  for (std::size_t i = 0; i <= ledger_alarms_kept_max; ++i) must(watched.show(first));
  EXPECT_EQ(watched.codes().size(), ledger_alarms_kept_max);
  EXPECT_EQ(test::stored(watched.b()).leaves - before,
            static_cast<std::int64_t>(ledger_alarms_kept_max) + 1);
}

TEST(PeerLedger, WhatIsKeptIsBoundByOurOwnLedger) {
  Watched watched;
  must(watched.show(watched.publish()));
  {
    const auto transaction = must(watched.b().store().begin());
    must(transaction->set_meta(peer_ledger_key("XA"), R"({"alarms":[],"size":0})"));
    must(transaction->commit());
  }
  EXPECT_NE(findings(watched.b()).find("ledger of XA: what is kept"), std::string::npos);
}

}  // namespace
}  // namespace comity::exchange
