#include "exchange/verify_rows.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "exchange/ledger_proof.h"
#include "exchange/test_federation.h"
#include "exchange/verify.h"

namespace comity::exchange {
namespace {

using test::Federation;
using test::id_of;
using test::indicator;
using test::must;

std::vector<std::string> findings(Node& node) {
  std::vector<std::string> out;
  const auto snapshot = must(node.store().read());
  must(check_rows(node, *snapshot, [&](std::string text) { out.push_back(std::move(text)); }));
  return out;
}

bool tells_of(const std::vector<std::string>& lines, const std::string& word) {
  return std::any_of(lines.begin(), lines.end(),
                     [&](const std::string& line) { return line.find(word) != std::string::npos; });
}

std::string joined(const std::vector<std::string>& lines) {
  return fmt::format("{}", fmt::join(lines, "\n"));
}

TEST(VerifyRows, APublishedCheckpointIsCheckedWithTheLedger) {
  Federation federation;
  auto& a = federation.a();
  must(publish_checkpoint(a));
  test::import_objects(a, {indicator(1)});
  EXPECT_TRUE(findings(a).empty()) << joined(findings(a));
  const auto snapshot = must(a.store().read());
  const auto own = must(open_own_checkpoint(a, *must(published_checkpoint(*snapshot))));
  for (const auto& [note, expected] : std::vector<std::pair<std::string, std::string>>{
           {"nonsense", "published checkpoint: "},
           {signed_checkpoint(a, own.size, sha256("another")), "published checkpoint: signed for"},
           {signed_checkpoint(a, own.size * 2, own.root), "published checkpoint: signed for"}}) {
    const auto transaction = must(a.store().begin());
    must(transaction->set_meta("published_checkpoint", note));
    must(transaction->commit());
    EXPECT_TRUE(tells_of(findings(a), expected)) << note;
  }
}

// A record that was quarantined by a change of the node is what its ledger says; one whose state
// was changed otherwise is not.
TEST(VerifyRows, AQuarantineIsEnteredOrItIsAFinding) {
  Federation federation;
  auto& a = federation.a();
  test::import_objects(a, {indicator(1), indicator(2), indicator(3)});
  {
    const auto change = must(Change::begin(a));
    json::Object entry;
    entry.set("type", "test");
    must(change->quarantine({1}, "withdrawn by its author", entry));
    must(change->quarantine({3}, "another reason", entry));
    must(change->enter("test", entry));
    must(change->commit());
  }
  EXPECT_TRUE(findings(a).empty()) << joined(findings(a));
  EXPECT_EQ(test::held(a, id_of("indicator", 1)).state, store::RecordState::Quarantined);
  const auto set_state = [&](std::int64_t sequence, store::RecordState state, const char* reason) {
    const auto transaction = must(a.store().begin());
    must(transaction->set_state(sequence, state, reason));
    must(transaction->commit());
  };
  set_state(2, store::RecordState::Quarantined, "by hand");
  EXPECT_TRUE(tells_of(findings(a), "record 2 (")) << joined(findings(a));
  EXPECT_EQ(findings(a).size(), 1U);
  set_state(2, store::RecordState::Live, "");
  set_state(1, store::RecordState::Quarantined, "for another reason");
  EXPECT_TRUE(tells_of(findings(a), "record 1 (")) << joined(findings(a));
  EXPECT_EQ(findings(a).size(), 1U);
}

TEST(VerifyRows, AQuarantineThatWasUndoneByHandIsFound) {
  Federation federation;
  auto& a = federation.a();
  test::import_objects(a, {indicator(1)});
  const auto change = must(Change::begin(a));
  json::Object entry;
  must(change->quarantine({1}, "recalled", entry));
  must(change->enter("test", entry));
  must(change->commit());
  {
    const auto transaction = must(a.store().begin());
    must(transaction->set_state(1, store::RecordState::Live, ""));
    must(transaction->commit());
  }
  EXPECT_TRUE(tells_of(findings(a), "record 1 (")) << joined(findings(a));
}

TEST(VerifyRows, AQuarantineOfWhatIsNotThereIsAnError) {
  Federation federation(false);
  const auto change = must(Change::begin(federation.a()));
  json::Object entry;
  const auto status = change->quarantine({7}, "recalled", entry);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().kind, ErrorKind::NotFound);
}

TEST(VerifyRows, AStatementOrGrantThatNoChangeEnteredIsFound) {
  Federation federation;
  auto& a = federation.a();
  test::import_objects(a, {indicator(1)});
  {
    const auto transaction = must(a.store().begin());
    store::ProtocolObject row;
    row.id = "comity-note--1";
    row.kind = "comity-note";
    row.peer = "XB";
    row.bytes = R"({"id":"comity-note--1","type":"comity-note"})";
    row.digest = sha256(row.bytes);
    must(transaction->append(row));
    must(transaction->grant("XB", {1}, "comity-disclosure--none", a.now()));
    must(transaction->commit());
  }
  const auto found = findings(a);
  EXPECT_EQ(found.size(), 2U) << joined(found);
  EXPECT_TRUE(tells_of(found, "comity-note--1: stands in no ledger leaf"));
  EXPECT_TRUE(tells_of(found, "grant of record 1 to XB"));
}

}  // namespace
}  // namespace comity::exchange
