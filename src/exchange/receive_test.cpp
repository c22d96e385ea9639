#include "exchange/receive.h"

#include <gtest/gtest.h>

#include "exchange/test_federation.h"
#include "json/parse.h"
#include "json/write.h"

namespace comity::exchange {
namespace {

using test::disclosed;
using test::disclosure_by;
using test::envelope_with;
using test::Federation;
using test::id_of;
using test::indicator;
using test::must;
using test::object;

Receipt receipt_of(Node& node, const std::string& disclosure) {
  const auto snapshot = must(node.store().read());
  const auto row = must(snapshot->protocol(receipt_id(disclosure)));
  if (!row) throw std::runtime_error("no receipt");
  return must(open_receipt(row->bytes, node.signing_key().public_key()));
}

void refused(Federation& federation, const std::string& sender, const std::string& envelope,
             ErrorKind kind, const std::string& what) {
  const auto before = test::stored(federation.b());
  const auto status = receive(federation.b(), sender, envelope);
  ASSERT_FALSE(status.has_value()) << what;
  EXPECT_EQ(status.error().kind, kind) << what << ": " << status.error().text();
  EXPECT_EQ(test::stored(federation.b()), before) << what;
}

// One record, disclosed as it should be.
struct Good {
  Federation federation;
  std::vector<std::string> records = {indicator(1), indicator(2)};
  Disclosure disclosure =
      disclosure_by(federation.a(), "XB", {disclosed(records[0]), disclosed(records[1])});
  std::string envelope() { return envelope_with(federation.a(), disclosure, records); }
};

TEST(Receive, AcceptsStoresAndAnswersWithASignedReceipt) {
  Good good;
  const auto status = must(receive(good.federation.b(), "XA", good.envelope()));
  ASSERT_EQ(status.fates.size(), 3U);
  EXPECT_EQ(status.fates[0].id, good.disclosure.id);
  EXPECT_EQ(status.fates[1].id, id_of("indicator", 1));
  for (const auto& fate : status.fates) {
    EXPECT_FALSE(fate.failed);
    EXPECT_TRUE(fate.message.empty()) << fate.message;
  }
  const auto record = test::held(good.federation.b(), id_of("indicator", 1));
  EXPECT_EQ(record.bytes, good.records[0]);
  EXPECT_EQ(record.originator, "XA");
  EXPECT_EQ(record.received_from, "XA");
  EXPECT_EQ(record.source, good.disclosure.id);
  EXPECT_EQ(record.state, store::RecordState::Live);
  EXPECT_EQ(must(read_chain(record.chain)),
            (Chain{{"xa-xb-2024", "XA", good.disclosure.decided_at()}}));
  const auto receipt = receipt_of(good.federation.b(), good.disclosure.id);
  EXPECT_EQ(receipt.from, "XB");
  EXPECT_EQ(receipt.to, "XA");
  EXPECT_EQ(receipt.number, 1);
  ASSERT_EQ(receipt.results.size(), 2U);
  EXPECT_EQ(receipt.results[1].digest, good.disclosure.records[1].digest);
  EXPECT_EQ(receipt.results[1].result, "accepted");
  // Receipt grants nothing to anybody.
  const auto snapshot = must(good.federation.b().store().read());
  for (const auto* party : {"XA", "XB", "XC"}) {
    EXPECT_TRUE(must(snapshot->grants(party, {}, 10)).empty());
  }
}

TEST(Receive, RefusesWholeWhatIsNotAddressedSoOrNotSignedSo) {
  Good good;
  auto& f = good.federation;
  refused(f, "XC", good.envelope(), ErrorKind::Unauthenticated, "not paired");
  refused(f, "", good.envelope(), ErrorKind::Unauthenticated, "nobody");
  const auto with = [&](const std::function<void(Disclosure&)>& change) {
    auto altered = good.disclosure;
    change(altered);
    return envelope_with(f.a(), altered, good.records);
  };
  const auto verified = ErrorKind::NotVerified;
  refused(f, "XA", with([](auto& d) { d.from = "XC"; }), verified, "from");
  refused(f, "XA", with([](auto& d) { d.to = "XC"; }), verified, "to");
  refused(f, "XA", with([](auto& d) { d.to = "XA"; }), verified, "to the sender");
  refused(f, "XA", with([](auto& d) { d.mode = "operational"; }), verified, "mode");
  refused(f, "XA", with([](auto& d) { d.exercise = "other"; }), verified, "exercise");
  refused(f, "XA", with([](auto& d) { d.exercise = ""; }), verified, "no exercise");
  const auto stranger = trust::SigningKey::generate();
  refused(f, "XA", envelope_with(sign(good.disclosure, stranger).bytes, good.records), verified,
          "another key");
  refused(f, "XA", envelope_with(sign(good.disclosure, f.b().signing_key()).bytes, good.records),
          verified, "our own key");
  auto tree = must(json::parse(sign(good.disclosure, f.a().signing_key()).bytes));
  tree.object()->set("area", "csirt-response");
  refused(f, "XA", envelope_with(json::write(tree), good.records), verified, "altered");
  tree.object()->erase("signature");
  refused(f, "XA", envelope_with(json::write(tree), good.records), verified, "unsigned");
  EXPECT_TRUE(receive(f.b(), "XA", good.envelope()).has_value());
}

TEST(Receive, RefusesWholeWhatIsNoEnvelopeOfOneDisclosureAndItsRecords) {
  Good good;
  auto& f = good.federation;
  const auto& r = good.records;
  const auto signed_bytes = sign(good.disclosure, f.a().signing_key()).bytes;
  const auto verified = ErrorKind::NotVerified;
  refused(f, "XA", envelope_with(signed_bytes, {r[0]}), verified, "one missing");
  refused(f, "XA", envelope_with(signed_bytes, {}), verified, "all missing");
  refused(f, "XA", envelope_with(signed_bytes, {r[0], r[1], r[1]}), verified, "one more");
  refused(f, "XA", envelope_with(signed_bytes, {r[1], r[0]}), verified, "swapped");
  refused(f, "XA", envelope_with(signed_bytes, {r[0], r[0]}), verified, "one twice");
  refused(f, "XA", envelope_with(signed_bytes, {r[0], indicator(3)}), verified, "another");
  refused(f, "XA", envelope_with(signed_bytes, {r[0], test::replaced(r[1], "100.1", "100.2")}),
          verified, "an altered one");
  refused(f, "XA", envelope_with(signed_bytes, {r[0], "17"}), verified, "no object");
  const auto input = ErrorKind::InvalidInput;
  refused(f, "XA", "", input, "empty");
  refused(f, "XA", "{}", input, "no objects");
  refused(f, "XA", "[]", input, "a list");
  refused(f, "XA", R"({"objects":[]})", input, "no disclosure");
  refused(f, "XA", good.envelope() + "}", input, "more behind");
  refused(f, "XA", R"({"objects":[17]})", input, "a number");
  // Just the records, then just above what one disclosure may have.
  EXPECT_FALSE(receive(f.b(), "XA", envelope_with(r[0], {r[1]})).has_value());
  std::vector<std::string> many(disclosure_records_max + 1, r[0]);
  refused(f, "XA", envelope_with(signed_bytes, many), ErrorKind::TooLarge, "too many");
}

TEST(Receive, TheMostThatOneDisclosureHoldsIsTaken) {
  Federation f;
  std::vector<std::string> records;
  std::vector<DisclosedRecord> entries;
  for (std::size_t i = 0; i < disclosure_records_max; ++i) {
    records.push_back(indicator(i));
    entries.push_back(disclosed(records.back()));
  }
  const auto disclosure = disclosure_by(f.a(), "XB", entries);
  must(receive(f.b(), "XA", envelope_with(f.a(), disclosure, records)));
  EXPECT_EQ(test::stored(f.b()).records, static_cast<std::int64_t>(disclosure_records_max));
}

TEST(Receive, NumbersFollowEachOtherAndTheChainIsChecked) {
  Good good;
  auto& f = good.federation;
  const auto second = [&](std::int64_t number, const Digest& previous) {
    return disclosure_by(f.a(), "XB", {disclosed(indicator(3))}, number, previous);
  };
  const auto first_digest = sign(good.disclosure, f.a().signing_key()).digest;
  const auto conflict = ErrorKind::Conflict;
  refused(f, "XA", envelope_with(f.a(), second(2, first_digest), {indicator(3)}), conflict,
          "2 before 1");
  must(receive(f.b(), "XA", good.envelope()));
  refused(f, "XA", envelope_with(f.a(), second(3, first_digest), {indicator(3)}), conflict, "gap");
  refused(f, "XA", envelope_with(f.a(), second(2, sha256("x")), {indicator(3)}), conflict,
          "previous");
  auto other = disclosure_by(f.a(), "XB", {disclosed(indicator(3))});
  refused(f, "XA", envelope_with(f.a(), other, {indicator(3)}), conflict,
          "the same id and number with other content");
  other.id = id_of("comity-disclosure", 55);
  refused(f, "XA", envelope_with(f.a(), other, {indicator(3)}), conflict, "the same number");
  auto same_id = second(2, first_digest);
  same_id.id = good.disclosure.id;
  refused(f, "XA", envelope_with(f.a(), same_id, {indicator(3)}), conflict,
          "the same id under a new number");
  must(receive(f.b(), "XA", envelope_with(f.a(), second(2, first_digest), {indicator(3)})));
}

TEST(Receive, ARepeatIsAnsweredWithTheFirstAnswer) {
  Good good;
  auto& f = good.federation;
  const auto first = must(receive(f.b(), "XA", good.envelope()));
  const auto digest = sign(good.disclosure, f.a().signing_key()).digest;
  const auto next = disclosure_by(f.a(), "XB", {disclosed(indicator(3))}, 2, digest);
  must(receive(f.b(), "XA", envelope_with(f.a(), next, {indicator(3)})));
  // Later, and under another law.
  f.xb.clock.set(Instant{test::start_instant().micros + 60'000'000});
  test::change_law(f.b(), test::lapsed_register());
  const auto before = test::stored(f.b());
  const auto again = must(receive(f.b(), "XA", good.envelope()));
  EXPECT_EQ(json::write(taxii::to_json(again)), json::write(taxii::to_json(first)));
  EXPECT_EQ(test::stored(f.b()), before);
}

TEST(Receive, ARegisterOfItsOwnQuarantinesWhatItDoesNotRecognise) {
  for (const auto& [from, to] : std::vector<std::pair<std::string, std::string>>{
           {"provenance = \"X\"\nsays", ""}, {"id = \"a3\"", "id = \"a3-other\""}}) {
    Good good;
    auto files = test::register_files();
    auto& agreement = files[test::agreement_file];
    agreement = to.empty() ? test::replaced(agreement, "The parties may send", "Each may send")
                           : test::replaced(agreement, from, to);
    test::change_law(good.federation.b(), files);
    const auto status = must(receive(good.federation.b(), "XA", good.envelope()));
    EXPECT_FALSE(status.fates.at(1).failed);
    EXPECT_NE(status.fates.at(1).message.find("basis-not-recognised"), std::string::npos);
    const auto receipt = receipt_of(good.federation.b(), good.disclosure.id);
    for (const auto& fate : receipt.results) {
      EXPECT_EQ(fate.result, "quarantined");
      EXPECT_EQ(fate.reason, "basis-not-recognised");
    }
    const auto record = test::held(good.federation.b(), id_of("indicator", 1));
    EXPECT_EQ(record.state, store::RecordState::Quarantined);
    EXPECT_EQ(record.quarantine_reason, "basis-not-recognised");
  }
}

TEST(Receive, OneUnrecognisedClauseOfSeveralQuarantines) {
  Good good;
  good.disclosure.basis.push_back({"xa-xb-2024", "a99", "Art. 99", sha256("x")});
  must(receive(good.federation.b(), "XA", good.envelope()));
  EXPECT_EQ(receipt_of(good.federation.b(), good.disclosure.id).results.at(0).reason,
            "basis-not-recognised");
}

// A peer with another program may hold what breaks a must of STIX 2.1: it is told which.
TEST(Receive, ARejectionNamesThePathTheRuleTheSectionAndTheCheck) {
  Federation f;
  const std::vector<std::string> records = {indicator(1), indicator(2, R"(,"confidence":101)")};
  std::vector<DisclosedRecord> entries;
  for (const auto& bytes : records) entries.push_back(disclosed(bytes, "indicator", "clear"));
  const auto disclosure = disclosure_by(f.a(), "XB", entries);
  must(receive(f.b(), "XA", envelope_with(f.a(), disclosure, records)));
  const auto receipt = receipt_of(f.b(), disclosure.id);
  ASSERT_EQ(receipt.results.size(), 2U);
  EXPECT_EQ(receipt.results[0].result, "accepted");
  EXPECT_EQ(receipt.results[1].result, "rejected");
  EXPECT_EQ(receipt.results[1].reason,
            "$.confidence: found 101, expected 0 to 100 (STIX 2.1 section 2.10, range)");
}

TEST(Receive, WhatOurLawDoesNotPermitIsQuarantinedRecordByRecord) {
  Federation f;
  const auto sample = fmt::format(
      R"({{"type":"artifact","id":"{}","mime_type":"application/zip","payload_bin":"AA=="}})",
      id_of("artifact", 1));
  struct Case {
    std::string bytes, classes, tlp, result, kept;
  };
  const std::vector<Case> cases = {
      {indicator(1), "indicator", "clear", "accepted", "indicator"},
      // Our own class counts whatever the sender says.
      {sample, "indicator", "clear", "quarantined", "indicator,malware-sample"},
      {test::replaced(sample, "000000000001", "000000000002"), "", "clear", "quarantined",
       "malware-sample"},
      // What the sender adds counts, too.
      {indicator(2), "indicator,state-secret", "clear", "quarantined", "indicator,state-secret"},
      {indicator(3), "indicator,?", "clear", "quarantined", "indicator,?"},
      {indicator(4), "no-such-class", "clear", "quarantined", "indicator,?"},
      {indicator(5), "", "clear", "accepted", "indicator"},
      {indicator(6), "indicator", "red", "quarantined", "indicator"},
      {indicator(7), "indicator", "", "quarantined", "indicator"},
      {indicator(8), "indicator", "nonsense", "quarantined", "indicator"},
      {indicator(9, R"(,"description":")" + std::string(2001, 'a') + "\""), "indicator", "clear",
       "quarantined", "indicator"},
      {"{\"type\":\"indicator\"}", "indicator", "clear", "rejected", ""},
      {test::replaced(indicator(10), "2026-01-01T00:00:00.000Z", "yesterday"), "indicator", "clear",
       "rejected", ""},
  };
  std::vector<DisclosedRecord> entries;
  std::vector<std::string> records;
  for (const auto& item : cases) {
    entries.push_back(disclosed(item.bytes, item.classes, item.tlp));
    records.push_back(item.bytes);
  }
  const auto disclosure = disclosure_by(f.a(), "XB", entries);
  const auto status = must(receive(f.b(), "XA", envelope_with(f.a(), disclosure, records)));
  const auto receipt = receipt_of(f.b(), disclosure.id);
  ASSERT_EQ(receipt.results.size(), cases.size());
  const auto snapshot = must(f.b().store().read());
  std::vector<store::Record> held;
  must(snapshot->records_after(0, 100, false, [&](const store::Record& record) {
    held.push_back(record);
    return Status();
  }));
  ASSERT_EQ(held.size(), cases.size() - 2);
  // A failure names its object where that has a name.
  EXPECT_EQ(status.fates.at(cases.size() - 1).id, "");
  EXPECT_EQ(status.fates.at(cases.size()).id, id_of("indicator", 10));
  EXPECT_NE(status.fates.at(cases.size()).message.find("$.created"), std::string::npos);
  for (std::size_t i = 0; i < cases.size(); ++i) {
    EXPECT_EQ(receipt.results[i].result, cases[i].result)
        << i << " " << cases[i].classes << receipt.results[i].reason;
    EXPECT_EQ(receipt.results[i].reason.empty(), cases[i].result == "accepted") << i;
    EXPECT_EQ(status.fates.at(i + 1).failed, cases[i].result == "rejected") << i;
    if (i < held.size()) {
      EXPECT_EQ(held[i].classes, cases[i].kept) << i;
      EXPECT_EQ(held[i].state == store::RecordState::Live, cases[i].result == "accepted") << i;
    }
  }
}

TEST(Receive, RelationshipsTakeTheClassesOfWhatArrivesWithThem) {
  Federation f;
  const auto sample = fmt::format(
      R"({{"type":"artifact","id":"{}","mime_type":"application/zip","payload_bin":"AA=="}})",
      id_of("artifact", 1));
  const auto link = test::relationship(1, id_of("indicator", 1), id_of("artifact", 1));
  const auto disclosure = disclosure_by(
      f.a(), "XB",
      {disclosed(link, "indicator"), disclosed(indicator(1)), disclosed(sample, "malware-sample")});
  must(receive(f.b(), "XA", envelope_with(f.a(), disclosure, {link, indicator(1), sample})));
  EXPECT_EQ(test::held(f.b(), id_of("relationship", 1)).classes, "indicator,malware-sample");
  EXPECT_EQ(receipt_of(f.b(), disclosure.id).results.at(0).result, "quarantined");
}

TEST(Receive, CarriedRecordsAreTakenWithWhatNamesThemAndNotAlone) {
  Federation f;
  const auto author = object("identity", 1, R"(,"name":"n","identity_class":"organization")");
  const auto carrier = indicator(1, R"(,"created_by_ref":")" + id_of("identity", 1) + "\"");
  const auto together = disclosure_by(f.a(), "XB", {disclosed(author, ""), disclosed(carrier)});
  must(receive(f.b(), "XA", envelope_with(f.a(), together, {author, carrier})));
  EXPECT_EQ(receipt_of(f.b(), together.id).results.at(0).result, "accepted");
  const auto lone = object("identity", 2, R"(,"name":"n","identity_class":"organization")");
  const auto alone = disclosure_by(f.a(), "XB", {disclosed(lone, "")}, 2,
                                   sign(together, f.a().signing_key()).digest);
  must(receive(f.b(), "XA", envelope_with(f.a(), alone, {lone})));
  EXPECT_EQ(receipt_of(f.b(), alone.id).results.at(0).result, "quarantined")
      << "nothing in the disclosure names it";
}

TEST(Receive, APeersChainIsKeptAndLengthened) {
  Federation f;
  auto entry = disclosed(indicator(1));
  entry.originator = "XC";
  entry.chain = {{"xa-xb-2024", "XC"}};
  const auto disclosure = disclosure_by(f.a(), "XB", {entry});
  must(receive(f.b(), "XA", envelope_with(f.a(), disclosure, {indicator(1)})));
  const auto record = test::held(f.b(), id_of("indicator", 1));
  EXPECT_EQ(record.originator, "XC");
  EXPECT_EQ(must(read_chain(record.chain)),
            (Chain{{"xa-xb-2024", "XC"}, {"xa-xb-2024", "XA", disclosure.decided_at()}}));
  // Art. 6(1): what XC sent is not passed on without its consent.
  EXPECT_EQ(record.state, store::RecordState::Quarantined);
}

}  // namespace
}  // namespace comity::exchange
