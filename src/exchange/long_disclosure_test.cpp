// Disclosures that name their records in sum, between two nodes and by verification.
#include <gtest/gtest.h>

#include <algorithm>

#include "exchange/delivery.h"
#include "exchange/kept_rows.h"
#include "exchange/procedure.h"
#include "exchange/recall.h"
#include "exchange/receipts.h"
#include "exchange/receive.h"
#include "exchange/release.h"
#include "exchange/test_federation.h"
#include "exchange/verify.h"
#include "json/parse.h"

namespace comity::exchange {
namespace {

using test::Federation;
using test::id_of;
using test::indicator;
using test::must;

constexpr std::size_t long_count = listed_rows_max + 30;

std::string all_findings(const Verification& found) {
  return fmt::format("{}", fmt::join(found.findings, "\n"));
}

void expect_whole(Node& node) {
  const auto found = must(verify(node));
  EXPECT_TRUE(found.clean()) << node.party() << ": " << all_findings(found);
}

std::vector<Digest> digests_named(const Disclosure& disclosure) {
  std::vector<Digest> out;
  for (const auto& record : disclosure.records) out.push_back(record.digest);
  return out;
}

// XA has indicators and who made them, and XB takes what comes by the wire.
struct Long {
  Federation federation;
  test::Wire wire{federation.b()};
  std::string import_id;

  Long() {
    test::pair_both(a(), b(), test::nowhere, wire.url());
    std::vector<std::string> objects = {test::object(
        "identity", 1,
        R"(,"name":"n","identity_class":"organization")" + test::marked(test::tlp_clear))};
    for (std::size_t i = 0; i < long_count; ++i) {
      objects.push_back(
          indicator(i, fmt::format(R"(,"created_by_ref":"{}")", id_of("identity", 1)) +
                           test::marked(test::tlp_clear)));
    }
    import_id = test::import_objects(a(), objects).import_id;
  }
  Node& a() { return federation.a(); }
  Node& b() { return federation.b(); }
  Sent released() {
    const auto outcome = must(release(a(), {import_id}, {"XB"})).at(0);
    EXPECT_EQ(outcome.held_count, 0);
    EXPECT_EQ(outcome.sent.size(), 1U);
    return outcome.sent.at(0);
  }
};

TEST(LongDisclosure, GoesEndToEndAndIsVerifiedOnBothSides) {
  Long world;
  const auto sent = world.released();
  EXPECT_TRUE(sent.receipt) << sent.error;
  EXPECT_EQ(sent.records, static_cast<std::int64_t>(long_count) + 1);
  EXPECT_EQ(sent.accepted, sent.records);
  const auto row = test::statements(world.a(), disclosure_kind, store::Direction::Sent).at(0);
  const auto tree = must(json::parse(row.bytes));
  EXPECT_EQ(tree.find("records"), nullptr);
  ASSERT_NE(tree.find("record_set"), nullptr);
  EXPECT_EQ(tree.find("record_set")->find("parts")->array()->size(), 2U) << "author and indicators";
  const auto receipt = test::statements(world.a(), receipt_kind, store::Direction::Received).at(0);
  EXPECT_LT(row.bytes.size() + receipt.bytes.size(), std::size_t{8'000});
  EXPECT_EQ(must(json::parse(receipt.bytes)).find("result_set")->find("runs")->array()->size(), 1U);

  // Both sides derive the same rows, from what each holds.
  const auto at_a = test::disclosures_sent(world.a()).at(0);
  const auto arrived = test::statements(world.b(), disclosure_kind, store::Direction::Received);
  auto at_b = must(read_disclosure(arrived.at(0).bytes));
  ASSERT_FALSE(at_b.named);
  const auto snapshot = must(world.b().store().read());
  must(name_kept_records(*snapshot, arrived.at(0), at_b));
  EXPECT_EQ(digests_named(at_b), digests_named(at_a));

  const auto a = must(verify(world.a()));
  EXPECT_TRUE(a.clean()) << all_findings(a);
  EXPECT_EQ(a.redecided, 1);
  EXPECT_EQ(a.receipts, 1);
  const auto b = must(verify(world.b()));
  EXPECT_TRUE(b.clean()) << all_findings(b);
  EXPECT_EQ(b.received_redecided, 1);
  const auto standing = must(sent_standing(world.a(), "XB")).at(0);
  EXPECT_EQ(standing.state, SentState::Receipt);
  EXPECT_EQ(standing.accepted, sent.records);
  // Nothing is disclosed twice.
  const auto again = must(release(world.a(), {world.import_id}, {"XB"})).at(0);
  EXPECT_EQ(again.already, sent.records);
  EXPECT_TRUE(again.sent.empty());
}

TEST(LongDisclosure, ARecordOfItIsRecalled) {
  Long world;
  world.released();
  const auto id = id_of("indicator", 7);
  const auto recalled = must(recall(world.a(), {{id}, {"XB"}, "wrong-content", {}}));
  ASSERT_EQ(recalled.size(), 1U);
  EXPECT_EQ(recalled[0].records, 1U);
  for (const auto& told : must(send_statements(world.a()))) EXPECT_TRUE(told.taken) << told.error;
  EXPECT_EQ(test::held(world.b(), id).state, store::RecordState::Quarantined);
  EXPECT_EQ(test::held(world.b(), id_of("indicator", 8)).state, store::RecordState::Live);
  expect_whole(world.a());
  expect_whole(world.b());
}

TEST(LongDisclosure, IsWithdrawnWhenItsLawEndsBeforeItIsSent) {
  Long world;
  test::pair_both(world.a(), world.b(), test::nowhere, test::nowhere);
  EXPECT_FALSE(world.released().receipt);
  test::change_law(world.a(), test::lapsed_register());
  test::pair_both(world.a(), world.b(), test::nowhere, world.wire.url());
  const auto sent = must(deliver(world.a(), "XB"));
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_TRUE(sent[0].withdrawn) << sent[0].error;
  EXPECT_EQ(test::stored(world.b()).records, 0);
  expect_whole(world.a());
  expect_whole(world.b());
}

// What a test sends itself.
struct Posted {
  Federation federation;
  std::vector<std::string> records;
  Disclosure disclosure;

  explicit Posted(const std::vector<std::size_t>& broken = {}) {
    std::vector<DisclosedRecord> entries;
    for (std::size_t i = 0; i < long_count; ++i) {
      const bool bad = std::find(broken.begin(), broken.end(), i) != broken.end();
      records.push_back(indicator(i, bad ? R"(,"confidence":101)" : ""));
      entries.push_back(test::disclosed(records.back()));
    }
    disclosure = test::disclosure_by(federation.a(), "XB", entries);
  }
  Node& b() { return federation.b(); }
  Result<taxii::SubmissionStatus> post(const std::vector<std::string>& sent) {
    return receive(b(), "XA", test::envelope_with(federation.a(), disclosure, sent));
  }
};

TEST(LongDisclosure, WhatDoesNotMakeItsRootIsRefusedWhole) {
  Posted world;
  const auto before = test::stored(world.b());
  const auto refused = [&](const char* what, std::vector<std::string> sent) {
    const auto status = world.post(sent);
    ASSERT_FALSE(status) << what;
    EXPECT_EQ(status.error().kind, ErrorKind::NotVerified) << what << status.error().text();
    EXPECT_EQ(status.error().where, "$.objects") << what;
    EXPECT_EQ(test::stored(world.b()), before) << what;
  };
  auto other = world.records;
  std::swap(other[3], other[4]);
  refused("another order", other);
  other = world.records;
  other[3] = indicator(3, R"(,"name":"another")");
  refused("another record", other);
  other = world.records;
  other.pop_back();
  refused("one less", other);
  other.push_back(other[0]);
  refused("one twice", other);
  other = world.records;
  other.push_back(indicator(999));
  refused("one more", other);
  auto said = world.disclosure;
  said.root = sha256("another root");
  said.named = false;  // signed as it stands
  const auto status =
      receive(world.b(), "XA", test::envelope_with(world.federation.a(), said, world.records));
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().kind, ErrorKind::NotVerified);
  EXPECT_EQ(test::stored(world.b()), before);
  must(world.post(world.records));
}

TEST(LongDisclosure, WhatIsRejectedIsNamedByTheReceiptAndFoundThere) {
  Posted world({0, 50, 51, long_count - 1});
  const auto first = must(world.post(world.records));
  EXPECT_EQ(std::count_if(first.fates.begin(), first.fates.end(),
                          [](const taxii::Fate& fate) { return fate.failed; }),
            4);
  const auto row = test::statements(world.b(), receipt_kind, store::Direction::Sent).at(0);
  const auto receipt = must(read_receipt(row.bytes));
  ASSERT_EQ(receipt.results.size(), long_count);
  EXPECT_EQ(receipt.results[51].result, "rejected");
  EXPECT_EQ(receipt.results[51].digest, world.disclosure.records[51].digest);
  EXPECT_TRUE(check_results(receipt, world.disclosure));
  const auto runs = must(json::parse(row.bytes)).find("result_set")->find("runs")->array()->size();
  EXPECT_EQ(runs, 5U);
  // The same again is answered as before.
  const auto again = must(world.post(world.records));
  EXPECT_EQ(again.fates.size(), first.fates.size());
  // What is kept, and what the receipt says of the rest, make the root.
  const auto arrived = test::statements(world.b(), disclosure_kind, store::Direction::Received);
  auto read = must(read_disclosure(arrived.at(0).bytes));
  const auto snapshot = must(world.b().store().read());
  must(name_kept_records(*snapshot, arrived.at(0), read));
  EXPECT_EQ(digests_named(read), digests_named(world.disclosure));
  expect_whole(world.b());
}

// A node that granted other records than it signed for is found by its own store.
TEST(LongDisclosure, OtherRecordsThanItSignedForAreFound) {
  for (const bool honest : {true, false}) {
    Long world;
    std::vector<std::int64_t> sequences;
    std::vector<DisclosedRecord> entries;
    for (std::size_t i = 0; i < long_count; ++i) {
      const auto record = test::held(world.a(), id_of("indicator", i));
      sequences.push_back(record.sequence);
      entries.push_back(test::disclosed(record.bytes));
    }
    if (!honest) std::swap(sequences[5], sequences[6]);
    const auto disclosure = test::disclosure_by(world.a(), "XB", entries);
    const auto object = sign(disclosure, world.a().signing_key());
    {
      const auto change = must(Change::begin(world.a()));
      store::ProtocolObject row;
      row.id = disclosure.id;
      row.kind = disclosure_kind;
      row.direction = store::Direction::Sent;
      row.peer = "XB";
      row.number = 1;
      row.digest = object.digest;
      row.bytes = object.bytes;
      row.at = change->at();
      must(change->store().append(row));
      const auto first = must(change->store().grant("XB", sequences, row.id, change->at()));
      json::Object entry;
      entry.set("type", "disclosure");
      entry.set("digest", digest_text(object.digest));
      entry.set("to", "XB");
      entry.set("number", 1);
      entry.set("granted", format_rfc3339(first, 6));
      entry.set("count", static_cast<std::int64_t>(sequences.size()));
      must(change->enter("disclosure", entry));
      must(change->commit());
    }
    const auto found = must(verify(world.a()));
    EXPECT_EQ(found.clean(), honest) << all_findings(found);
    if (!honest) {
      EXPECT_NE(all_findings(found).find(disclosure.id + ": what is kept of it"), std::string::npos)
          << all_findings(found);
    }
  }
}

}  // namespace
}  // namespace comity::exchange
