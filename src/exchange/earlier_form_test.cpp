// What earlier programs signed is kept, answered and verified as before, in both directions.
#include <gtest/gtest.h>

#include "exchange/receive.h"
#include "exchange/statement.h"
#include "exchange/test_earlier_form.h"
#include "exchange/test_federation.h"
#include "exchange/verify.h"
#include "exchange/withdrawal.h"

namespace comity::exchange {
namespace {

using test::Federation;
using test::id_of;
using test::in_earlier_form;
using test::indicator;
using test::must;

std::string findings_of(Node& node) {
  return fmt::format("{}", fmt::join(must(verify(node)).findings, "\n"));
}

store::ProtocolObject kept_row(const std::string& id, const char* kind, store::Direction direction,
                               const std::string& bytes, const Change& change) {
  store::ProtocolObject row;
  row.id = id;
  row.kind = kind;
  row.direction = direction;
  row.peer = "XB";
  row.digest = sha256(bytes);
  row.bytes = bytes;
  row.at = change.at();
  return row;
}

// XA as an earlier program left it: a disclosure of its record 1 to XB in format 2, and XB's
// receipt in format 1.
struct Earlier {
  Federation federation;
  Disclosure disclosure;
  std::string bytes;

  Earlier() {
    test::import_objects(a(), {indicator(1)});
    disclosure = test::disclosure_by(a(), "XB", {test::disclosed(indicator(1))});
    bytes = in_earlier_form(sign(disclosure, a().signing_key()).bytes, 2, a().signing_key());
    keep_disclosure();
    must(receive(b(), "XA", test::envelope_with(bytes, {indicator(1)})));
    keep_receipt();
  }
  Node& a() { return federation.a(); }
  Node& b() { return federation.b(); }

  void keep_disclosure() {
    const auto change = must(Change::begin(a()));
    auto row = kept_row(disclosure.id, disclosure_kind, store::Direction::Sent, bytes, *change);
    row.number = disclosure.number;
    must(change->store().append(row));
    const auto snapshot = must(a().store().read());
    const auto held = must(snapshot->records_by_stix_id(id_of("indicator", 1), true)).at(0);
    const auto first = must(change->store().grant("XB", {held.sequence}, row.id, change->at()));
    json::Object entry;
    entry.set("type", "disclosure");
    entry.set("digest", digest_text(row.digest));
    entry.set("to", "XB");
    entry.set("number", disclosure.number);
    entry.set("granted", format_rfc3339(first, 6));
    entry.set("count", 1);
    must(change->enter("disclosure", entry));
    must(change->commit());
  }

  void keep_receipt() {
    const auto rows = test::statements(b(), receipt_kind, store::Direction::Sent);
    const auto earlier = in_earlier_form(rows.at(0).bytes, 1, b().signing_key());
    const auto change = must(Change::begin(a()));
    auto row = kept_row(rows.at(0).id, receipt_kind, store::Direction::Received, earlier, *change);
    row.about = disclosure.id;
    must(change->store().append(row));
    json::Object entry;
    entry.set("type", "receipt");
    entry.set("digest", digest_text(row.digest));
    entry.set("from", "XB");
    entry.set("disclosure_digest", digest_text(sha256(bytes)));
    must(change->enter("receipt", entry));
    must(change->commit());
  }

  std::string earlier(const SignedObject& object, std::int64_t format) {
    return in_earlier_form(object.bytes, format, a().signing_key());
  }
};

TEST(EarlierForm, AKeptLedgerOfAnEarlierProgramVerifies) {
  Earlier world;
  const auto a = must(verify(world.a()));
  EXPECT_TRUE(a.clean()) << findings_of(world.a());
  EXPECT_EQ(a.redecided, 1);
  EXPECT_EQ(a.receipts, 1);
  const auto b = must(verify(world.b()));
  EXPECT_TRUE(b.clean()) << findings_of(world.b());
  EXPECT_EQ(b.received, 1);
  EXPECT_EQ(b.received_redecided, 1);
}

TEST(EarlierForm, TheSameDisclosureAgainIsAnsweredAsTheFirstTime) {
  Earlier world;
  const auto before = test::stored(world.b());
  const auto again =
      must(receive(world.b(), "XA", test::envelope_with(world.bytes, {indicator(1)})));
  EXPECT_EQ(again.fates.size(), 2U);
  EXPECT_EQ(test::stored(world.b()), before);
  // The same content in the form of today is another statement under a number that was used.
  const auto other = test::envelope_with(world.a(), world.disclosure, {indicator(1)});
  const auto refused = receive(world.b(), "XA", other);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::Conflict);
}

TEST(EarlierForm, AWithdrawalAndARecallOfAnEarlierProgramAreTaken) {
  Earlier world;
  Withdrawal withdrawal;
  withdrawal.id = id_of(withdrawal_kind, 2);  // a receipt has the UUID of what it answers
  withdrawal.mode = world.disclosure.mode;
  withdrawal.exercise = world.disclosure.exercise;
  withdrawal.from = "XA";
  withdrawal.to = "XB";
  withdrawal.disclosure = id_of(disclosure_kind, 2);
  withdrawal.disclosure_digest = sha256("withdrawn");
  withdrawal.number = 2;
  withdrawal.previous = sha256(world.bytes);
  withdrawal.time = world.a().now();
  withdrawal.reason = no_longer_permitted;
  const auto object = sign(withdrawal, world.a().signing_key());
  EXPECT_EQ(test::musts_broken(object.bytes), std::vector<std::string>());
  const auto key = world.a().signing_key().public_key();
  EXPECT_TRUE(open_withdrawal(object.bytes, key));
  EXPECT_FALSE(open_withdrawal(world.earlier(object, 2), key)) << "2 says served";
  EXPECT_FALSE(open_withdrawal(world.earlier(object, 3), key)) << "3 has other names";
  must(receive(world.b(), "XA", test::envelope_with(world.earlier(object, 1), {})));

  Statement recall;
  recall.body = Recall{{world.disclosure.records[0].digest}, {world.disclosure.id}, "law", {}, {}};
  recall.id = id_of("comity-recall", 1);
  recall.mode = world.disclosure.mode;
  recall.exercise = world.disclosure.exercise;
  recall.from = "XA";
  recall.to = "XB";
  recall.time = world.a().now();
  const auto said = world.earlier(sign(recall, world.a().signing_key()), 1);
  must(receive(world.b(), "XA", test::envelope_with(said, {})));
  EXPECT_EQ(test::held(world.b(), id_of("indicator", 1)).state, store::RecordState::Quarantined);
  const auto found = must(verify(world.b()));
  EXPECT_TRUE(found.clean()) << findings_of(world.b());
}

}  // namespace
}  // namespace comity::exchange
