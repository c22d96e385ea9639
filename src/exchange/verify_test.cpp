#include "exchange/verify.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "exchange/receive.h"
#include "exchange/release.h"
#include "exchange/test_federation.h"

namespace comity::exchange {
namespace {

using test::Federation;
using test::id_of;
using test::indicator;
using test::must;

constexpr std::uint64_t database_bytes_max = 64 * 1024 * 1024;

// XA has sent two disclosures to XB, which has answered both, and one that has no receipt yet.
struct OneTold {
  Federation federation;
  OneTold() {
    auto& a = federation.a();
    auto& b = federation.b();
    {
      test::Wire wire(b);
      test::pair_both(a, b, test::nowhere, wire.url());
      send(1);
      send(2);
    }
    test::pair_both(a, b, test::nowhere, test::nowhere);
    send(3);
  }
  void send(std::size_t number) {
    test::import_objects(federation.a(), {indicator(number)});
    must(release(federation.a(), {id_of("indicator", number)}, {"XB"}));
  }
};

bool says(const std::vector<std::string>& lines, const std::string& word) {
  return std::any_of(lines.begin(), lines.end(),
                     [&](const std::string& line) { return line.find(word) != std::string::npos; });
}

std::string joined(const Verification& found) {
  return fmt::format("{}", fmt::join(found.findings, "\n"));
}

TEST(Verify, AnUntouchedNodeHoldsOnBothSides) {
  OneTold told;
  const auto a = must(verify(told.federation.a()));
  EXPECT_TRUE(a.clean()) << joined(a);
  EXPECT_EQ(a.records, 3);
  EXPECT_EQ(a.sent, 3);
  EXPECT_EQ(a.redecided, 3);
  EXPECT_EQ(a.receipts, 2);
  EXPECT_EQ(a.receipts_missing, 1);
  EXPECT_EQ(a.received, 0);
  EXPECT_TRUE(says(a.notes, "number 3 to XB has no receipt yet"));
  EXPECT_EQ(a.leaves, test::stored(told.federation.a()).leaves);
  const auto b = must(verify(told.federation.b()));
  EXPECT_TRUE(b.clean()) << joined(b);
  EXPECT_EQ(b.records, 2);
  EXPECT_EQ(b.received, 2);
  EXPECT_EQ(b.received_redecided, 2);
  EXPECT_EQ(b.receipts, 2);
  EXPECT_EQ(b.sent, 0);
}

TEST(Verify, AFreshNodeHolds) {
  Federation federation(false);
  const auto found = must(verify(federation.a()));
  EXPECT_TRUE(found.clean()) << joined(found);
  EXPECT_EQ(found.leaves, 1);
}

TEST(Verify, WhatWasPermittedThenIsNoFindingWhenTheLawHasChanged) {
  OneTold told;
  test::change_law(told.federation.a(), test::lapsed_register());
  const auto found = must(verify(told.federation.a()));
  EXPECT_TRUE(found.clean()) << joined(found);
  EXPECT_EQ(found.redecided, 3);
  EXPECT_TRUE(says(found.notes, "not permitted as known today"));
}

TEST(Verify, ADisclosureUnderAForeignRegisterIsSignedAndNotRedecided) {
  Federation federation;
  auto disclosure = test::disclosure_by(federation.a(), "XB", {test::disclosed(indicator(1))});
  disclosure.register_digest = sha256("another register");
  must(receive(federation.b(), "XA",
               test::envelope_with(federation.a(), disclosure, {indicator(1)})));
  const auto found = must(verify(federation.b()));
  EXPECT_TRUE(found.clean()) << joined(found);
  EXPECT_EQ(found.received_not_redecided, 1);
}

// A node that signs what its law does not permit is found by its own ledger.
TEST(Verify, AnOwnDisclosureThatWasNeverPermittedIsFound) {
  Federation federation;
  auto& a = federation.a();
  test::import_objects(a, {indicator(1)});
  const auto record = test::held(a, id_of("indicator", 1));
  const auto keep = [&](const Disclosure& disclosure, const std::string& kind) {
    const auto signed_object = sign(disclosure, a.signing_key());
    store::ProtocolObject row;
    row.id = disclosure.id;
    row.kind = "comity-disclosure";
    row.peer = "XB";
    row.number = disclosure.number;
    row.digest = signed_object.digest;
    row.bytes = signed_object.bytes;
    const auto change = must(Change::begin(a));
    row.at = change->at();
    must(change->store().append(row));
    must(change->store().grant("XB", {record.sequence}, row.id, row.at));
    json::Object entry;
    entry.set("type", kind);
    entry.set("digest", digest_text(signed_object.digest));
    must(change->enter(kind, entry));
    must(change->commit());
    return signed_object.digest;
  };
  const auto first =
      keep(test::disclosure_by(a, "XB", {test::disclosed(record.bytes, "malware-sample")}),
           "disclosure");
  auto found = must(verify(a));
  EXPECT_EQ(found.finding_count, 1) << joined(found);
  EXPECT_TRUE(says(found.findings, "no-basis")) << joined(found);
  // One that no leaf speaks of, and one that does not follow.
  keep(test::disclosure_by(a, "XB", {test::disclosed(record.bytes)}, 2, first), "note");
  found = must(verify(a));
  EXPECT_EQ(found.finding_count, 2) << joined(found);
  EXPECT_TRUE(says(found.findings, "stands in no ledger leaf")) << joined(found);
  keep(test::disclosure_by(a, "XB", {test::disclosed(record.bytes)}, 4, first), "disclosure");
  found = must(verify(a));
  EXPECT_TRUE(says(found.findings, "does not follow")) << joined(found);
  // One about a record that is not held.
  keep(test::disclosure_by(a, "XB", {test::disclosed(indicator(77))}, 5, first), "disclosure");
  EXPECT_TRUE(says(must(verify(a)).findings, "is not held"));
}

// Bytes of the closed database, altered one at a time.
class Tampering {
 public:
  explicit Tampering(test::Party& party) : party_(party) {
    party_.close();
    whole_ = must(read_file(path(), database_bytes_max));
  }
  ~Tampering() {
    party_.close();
    write(whole_);
  }
  // How many bytes were altered, each by itself.
  std::size_t altered() const { return altered_; }
  // Every place in the file where `text` stands; a page that SQLite no longer uses may hold a copy.
  std::vector<std::size_t> places(const std::string& text) const {
    std::vector<std::size_t> out;
    for (auto at = whole_.find(text); at != std::string::npos; at = whole_.find(text, at + 1)) {
      out.push_back(at);
    }
    return out;
  }
  // What verification finds when byte `offset` of `text` is another.
  std::string find_with(const std::string& text, std::size_t offset) {
    auto altered = whole_;
    for (const auto at : places(text)) {
      altered[at + offset] = static_cast<char>(altered[at + offset] ^ 1);
    }
    party_.close();
    write(altered);
    try {
      party_.open();
    } catch (const std::runtime_error& error) {
      return std::string("cannot open: ") + error.what();
    }
    const auto found = verify(party_.node());
    return found ? joined(*found) : "cannot read: " + found.error().text();
  }
  void check(const std::string& what, const std::string& text, const std::string& expected) {
    ASSERT_FALSE(places(text).empty()) << what << " is not in one piece in the file";
    // Bytes shared out by the scale, from another start for every text.
    // Each alteration opens and verifies a whole store, so the full count is every sixth byte.
    const auto step = std::min<std::size_t>(text.size(), std::max<std::size_t>(6, test::scale()));
    for (std::size_t at = text.size() % 7 % step; at < text.size(); at += step) {
      ++altered_;
      const auto found = find_with(text, at);
      EXPECT_NE(found.find(expected), std::string::npos)
          << what << " with byte " << at << " altered: '" << found << "'";
    }
  }

 private:
  std::string path() const { return party_.directory() + "/store.db"; }
  void write(const std::string& bytes) {
    std::filesystem::remove(path() + "-wal");
    std::filesystem::remove(path() + "-shm");
    must(write_file(path(), bytes, 0600));
  }
  test::Party& party_;
  std::string whole_;
  std::size_t altered_ = 0;
};

TEST(Verify, EveryAlteredByteOfALeafIsFoundAndLocated) {
  OneTold told;
  std::vector<store::LedgerEntry> entries;
  {
    const auto snapshot = must(told.federation.a().store().read());
    must(snapshot->ledger(0, INT64_MAX, [&](const store::LedgerEntry& entry) {
      entries.push_back(entry);
      return Status();
    }));
  }
  Tampering tampering(told.federation.xa);
  for (const auto& entry : entries) {
    const auto leaf = fmt::format("ledger leaf {} ", entry.index);
    tampering.check(leaf + "entry", entry.entry, leaf);
    tampering.check(leaf + "random", entry.random, leaf);
    tampering.check(leaf + "hash", std::string(view(entry.leaf)), leaf);
  }
}

TEST(Verify, EveryAlteredByteOfARecordIsFoundAndLocated) {
  OneTold told;
  const auto sent = test::held(told.federation.a(), id_of("indicator", 1));
  const auto received = test::held(told.federation.b(), id_of("indicator", 2));
  {
    Tampering tampering(told.federation.xa);
    tampering.check("an own record", sent.bytes, "record 1 ");
    tampering.check("its digest", std::string(view(sent.digest)), "record 1 ");
  }
  Tampering tampering(told.federation.xb);
  tampering.check("a received record", received.bytes, "record 2 ");
}

TEST(Verify, EveryAlteredByteOfAStatementIsFoundAndLocated) {
  constexpr std::size_t altered_full = 1000;  // at least, of a full count
  OneTold told;
  std::size_t altered = 0;
  for (const bool at_a : {true, false}) {
    auto& party = at_a ? told.federation.xa : told.federation.xb;
    std::vector<store::ProtocolObject> rows;
    for (const auto direction : {store::Direction::Sent, store::Direction::Received}) {
      for (const auto* kind : {"comity-disclosure", "comity-receipt"}) {
        for (auto& row : test::statements(party.node(), kind, direction)) rows.push_back(row);
      }
    }
    EXPECT_EQ(rows.size(), at_a ? 5U : 4U);
    Tampering tampering(party);
    // The last bytes of an object are its members from "semantics" on and fit into one page.
    for (const auto& row : rows) tampering.check(row.id, row.bytes, row.id);
    altered += tampering.altered();
  }
  EXPECT_GE(altered, altered_full / test::scale());
}

TEST(Verify, EveryAlteredByteOfTheCheckpointIsFound) {
  OneTold told;
  std::string note;
  {
    const auto snapshot = must(told.federation.a().store().read());
    note = *must(snapshot->meta("checkpoint"));
  }
  Tampering tampering(told.federation.xa);
  tampering.check("the checkpoint", note, "checkpoint");
}

// An older database in the place of the present one: at least the sealed size is the old one's, so
// what it lacks is what the peer has receipts for. Cutting the ledger alone is found at once.
TEST(Verify, ACheckpointOfAnotherLedgerIsFound) {
  OneTold told;
  auto& a = told.federation.a();
  {
    const auto transaction = must(a.store().begin());
    store::LedgerEntry entry;
    entry.kind = "note";
    entry.entry = "{}";
    entry.random = std::string(32, 'r');
    entry.leaf = ledger::leaf_hash(entry.random + entry.entry);
    must(transaction->append(entry));
    must(transaction->commit());
  }
  const auto found = must(verify(a));
  EXPECT_TRUE(says(found.findings, "checkpoint: signed for")) << joined(found);
  {
    const auto transaction = must(a.store().begin());
    must(transaction->set_meta("checkpoint", "nonsense"));
    must(transaction->commit());
  }
  EXPECT_TRUE(says(must(verify(a)).findings, "checkpoint"));
}

}  // namespace
}  // namespace comity::exchange
