#include "exchange/withdrawal.h"

#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <mutex>
#include <thread>

#include "exchange/delivery.h"
#include "exchange/procedure.h"
#include "exchange/recall.h"
#include "exchange/receipts.h"
#include "exchange/receive.h"
#include "exchange/release.h"
#include "exchange/served.h"
#include "exchange/test_federation.h"
#include "exchange/verify.h"

namespace comity::exchange {
namespace {

using test::Federation;
using test::id_of;
using test::indicator;
using test::must;

// XB behind a wire that can be away, or lose the answers to what it takes in.
struct Peer {
  Federation federation;
  std::mutex mutex;
  bool away = true;
  bool deaf = false;  // takes posts in, and gives no receipt
  test::Wire wire{federation.b(), [this](const net::Request& request) { return hook(request); }};

  Peer() { test::pair_both(federation.a(), federation.b(), test::nowhere, wire.url()); }
  std::optional<net::Response> hook(const net::Request& request) {
    const std::lock_guard guard(mutex);
    if (away || (deaf && request.method == "GET")) {
      return taxii::answer_error(503, "away", "come back later");
    }
    return std::nullopt;
  }
  Node& a() { return federation.a(); }
  Node& b() { return federation.b(); }
  PartyRelease release_one(std::size_t number) {
    test::import_objects(a(), {indicator(number)});
    return must(release(a(), {id_of("indicator", number)}, {"XB"})).at(0);
  }
  void lapse() { test::change_law(a(), test::lapsed_register()); }
  void restore() { test::change_law(a(), test::register_files()); }
  std::vector<std::string> shown() {
    Views views(a());
    std::vector<std::string> out;
    for (const auto& item : must(views.objects({"XB"}, "records", {})).items) {
      out.emplace_back(item.bytes);
    }
    return out;
  }
  // The reason of the one withdrawal of a disclosure.
  std::string reason(const std::string& disclosure) {
    const auto snapshot = must(a().store().read());
    const auto row = must(withdrawal_of(*snapshot, disclosure));
    if (!row) return "none";
    return must(open_withdrawal(row->bytes, a().signing_key().public_key())).reason;
  }
  void withdraw_first() {
    const auto row = test::statements(a(), "comity-disclosure", store::Direction::Sent).at(0);
    must(withdraw(a(), row, test::disclosures_sent(a()).at(0)));
  }
  void expect_clean() {
    for (auto* node : {&a(), &b()}) {
      const auto found = must(verify(*node));
      EXPECT_TRUE(found.clean()) << (found.findings.empty() ? "" : found.findings[0]);
    }
  }
};

TEST(Withdrawal, TakesTheNumberSoThatLaterDisclosuresGoOn) {
  Peer peer;
  peer.release_one(1);
  peer.release_one(2);
  peer.lapse();
  peer.away = false;
  const auto sent = must(deliver(peer.a(), "XB"));
  ASSERT_EQ(sent.size(), 2U);
  for (const auto& item : sent) {
    EXPECT_TRUE(item.withdrawn && item.settled()) << item.error;
    EXPECT_FALSE(item.receipt);
  }
  EXPECT_EQ(test::stored(peer.b()).records, 0);
  peer.restore();
  EXPECT_TRUE(peer.shown().empty()) << "its grants have ended";
  EXPECT_TRUE(must(deliver(peer.a(), "XB")).empty());
  const auto again = peer.release_one(1);
  ASSERT_EQ(again.sent.size(), 1U);
  EXPECT_EQ(again.already, 0) << "it may be released again";
  EXPECT_EQ(again.sent[0].number, 3);
  EXPECT_TRUE(again.sent[0].receipt) << again.sent[0].error;
  EXPECT_EQ(peer.shown(), std::vector<std::string>{indicator(1)});
  const auto all = test::disclosures_sent(peer.a());
  const auto rows = test::statements(peer.a(), "comity-disclosure", store::Direction::Sent);
  EXPECT_EQ(all.at(2).previous, rows.at(1).digest) << "the chain goes through withdrawn ones";
  peer.expect_clean();
}

TEST(Withdrawal, OneReleaseWithdrawsAndDisclosesAnew) {
  Peer peer;
  peer.release_one(1);
  auto files = test::register_files();
  files[test::agreement_file] =
      test::replaced(files[test::agreement_file], "id = \"a3\"", "id = \"a3-new\"");
  test::change_law(peer.a(), files);
  test::change_law(peer.b(), files);
  peer.away = false;
  const auto again = must(release(peer.a(), {id_of("indicator", 1)}, {"XB"})).at(0);
  ASSERT_EQ(again.sent.size(), 2U);
  EXPECT_TRUE(again.sent[0].withdrawn);
  EXPECT_TRUE(again.sent[1].receipt) << again.sent[1].error;
  EXPECT_EQ(test::stored(peer.b()).records, 1);
  peer.expect_clean();
}

TEST(Withdrawal, WaitsUntilThePeerIsThere) {
  Peer peer;
  peer.release_one(1);
  peer.lapse();
  const auto refused = must(deliver(peer.a(), "XB")).at(0);
  EXPECT_FALSE(refused.settled());
  EXPECT_NE(refused.error.find("no longer permitted"), std::string::npos) << refused.error;
  EXPECT_TRUE(test::statements(peer.a(), withdrawal_kind, store::Direction::Sent).empty());
  peer.restore();
  peer.away = false;
  EXPECT_TRUE(must(deliver(peer.a(), "XB")).at(0).receipt) << "permitted again before it was lost";
  peer.expect_clean();
}

TEST(Withdrawal, WhatHadArrivedIsNotWithdrawn) {
  Peer peer;
  peer.away = false;
  peer.deaf = true;
  EXPECT_FALSE(peer.release_one(1).sent.at(0).receipt);
  ASSERT_EQ(test::stored(peer.b()).records, 1);
  peer.lapse();
  peer.deaf = false;
  const auto sent = must(deliver(peer.a(), "XB")).at(0);
  EXPECT_TRUE(sent.receipt) << sent.error;
  EXPECT_FALSE(sent.withdrawn);
  EXPECT_TRUE(test::statements(peer.a(), withdrawal_kind, store::Direction::Sent).empty());
  peer.expect_clean();
}

// The post of a disclosure may still be under way when its withdrawal is signed.
TEST(Withdrawal, LosesAgainstADisclosureThatArrivedMeanwhile) {
  Peer peer;
  peer.away = false;
  peer.deaf = true;
  peer.release_one(1);
  const auto row = test::statements(peer.a(), "comity-disclosure", store::Direction::Sent).at(0);
  const auto disclosure = test::disclosures_sent(peer.a()).at(0);
  must(withdraw(peer.a(), row, disclosure));
  EXPECT_TRUE(peer.shown().empty());
  peer.deaf = false;
  const auto before = test::stored(peer.b());
  const auto sent = must(deliver(peer.a(), "XB")).at(0);
  EXPECT_TRUE(sent.receipt) << sent.error;
  EXPECT_EQ(test::stored(peer.b()), before);
  EXPECT_EQ(peer.shown(), std::vector<std::string>{indicator(1)}) << "the grant stands";
  EXPECT_EQ(peer.release_one(1).already, 1) << "and nothing is disclosed twice";
  peer.expect_clean();
}

TEST(Withdrawal, IsSentAgainUntilItHasItsReceipt) {
  Peer peer;
  peer.release_one(1);
  peer.lapse();
  const auto row = test::statements(peer.a(), "comity-disclosure", store::Direction::Sent).at(0);
  must(withdraw(peer.a(), row, test::disclosures_sent(peer.a()).at(0)));
  peer.restore();
  EXPECT_FALSE(must(deliver(peer.a(), "XB")).at(0).settled());
  peer.away = false;
  peer.deaf = true;
  EXPECT_FALSE(must(deliver(peer.a(), "XB")).at(0).settled());
  peer.deaf = false;
  const auto before = test::stored(peer.b());
  EXPECT_TRUE(must(deliver(peer.a(), "XB")).at(0).withdrawn) << "signed is signed";
  EXPECT_EQ(test::stored(peer.b()), before) << "a repeat is answered as the first time";
  EXPECT_EQ(test::statements(peer.a(), withdrawal_kind, store::Direction::Sent).size(), 1U);
  peer.expect_clean();
}

TEST(Withdrawal, IsShownInProtocolInsteadOfTheDisclosure) {
  Peer peer;
  const auto id = peer.release_one(1).sent.at(0).disclosure;
  peer.lapse();
  peer.away = false;
  must(deliver(peer.a(), "XB"));
  Views views(peer.a());
  const auto page = must(views.objects({"XB"}, "protocol", {}));
  ASSERT_EQ(page.items.size(), 1U);
  const auto withdrawal =
      must(open_withdrawal(page.items[0].bytes, peer.a().signing_key().public_key()));
  EXPECT_EQ(withdrawal.disclosure, id);
  taxii::Query query;
  query.ids = {id};
  EXPECT_TRUE(must(views.objects({"XB"}, "protocol", query)).items.empty());
}

// What was read from the view, or may have been, was disclosed: it is never disclosed again.
TEST(Withdrawal, SaysSoWhenTheRecordsHadBeenRead) {
  Peer peer;
  const auto id = peer.release_one(1).sent.at(0).disclosure;
  EXPECT_EQ(peer.shown(), std::vector<std::string>{indicator(1)}) << "who only pulls gets it";
  peer.lapse();
  EXPECT_TRUE(peer.shown().empty());
  peer.away = false;
  const auto sent = must(deliver(peer.a(), "XB")).at(0);
  EXPECT_TRUE(sent.withdrawn && sent.served && sent.settled()) << sent.error;
  EXPECT_EQ(peer.reason(id), served_before);
  EXPECT_EQ(must(sent_standing(peer.a(), "XB")).at(0).state, SentState::Served);
  EXPECT_EQ(test::stored(peer.b()).records, 0) << "its records were not sent";
  EXPECT_TRUE(must(deliver(peer.a(), "XB")).empty()) << "its number is taken and answered";
  peer.restore();
  EXPECT_EQ(peer.release_one(1).already, 1) << "it was disclosed";
  EXPECT_EQ(test::disclosures_sent(peer.a()).size(), 1U) << "disclosed twice";
  EXPECT_EQ(peer.shown(), std::vector<std::string>{indicator(1)});
  EXPECT_TRUE(peer.release_one(2).sent.at(0).receipt) << "the chain goes on";
  peer.expect_clean();
}

TEST(Withdrawal, SaysSoWhenTheStatementHadBeenRead) {
  Peer peer;
  const auto id = peer.release_one(1).sent.at(0).disclosure;
  Views views(peer.a());
  taxii::Query query;
  query.ids = {id};
  EXPECT_EQ(must(views.objects({"XB"}, "protocol", query)).items.size(), 1U);
  peer.lapse();
  peer.away = false;
  EXPECT_TRUE(must(deliver(peer.a(), "XB")).at(0).served);
  EXPECT_EQ(must(views.objects({"XB"}, "protocol", {})).items.size(), 2U)
      << "the disclosure and what stands in its place";
  peer.expect_clean();
}

TEST(Withdrawal, ThatCameFirstLeavesNothingToRead) {
  Peer peer;
  const auto id = peer.release_one(1).sent.at(0).disclosure;
  peer.withdraw_first();
  EXPECT_TRUE(peer.shown().empty());
  EXPECT_EQ(peer.reason(id), no_longer_permitted);
  EXPECT_FALSE(must(served(*must(peer.a().store().read()), id)));
  const auto change = must(Change::begin(peer.a()));
  EXPECT_FALSE(must(mark_served(*change, "XB", {id}))) << "a page made before must not leave";
}

TEST(Withdrawal, MarksADisclosureOnce) {
  Peer peer;
  peer.release_one(1);
  const auto before = test::stored(peer.a()).leaves;
  peer.shown();
  EXPECT_EQ(test::stored(peer.a()).leaves, before + 1);
  peer.shown();
  EXPECT_EQ(test::stored(peer.a()).leaves, before + 1) << "a page costs no entry";
  peer.away = false;
  EXPECT_TRUE(must(deliver(peer.a(), "XB")).at(0).receipt) << "and is sent as always";
  peer.release_one(2);
  const auto answered = test::stored(peer.a()).leaves;
  peer.shown();
  EXPECT_EQ(test::stored(peer.a()).leaves, answered) << "what has its receipt needs no mark";
  peer.expect_clean();
}

// A reader and withdrawals at the same time: what left in a page is never said to be unserved.
TEST(Withdrawal, AndReadersNeverContradictEachOther) {
  Peer peer;
  constexpr std::size_t count = 24;
  for (std::size_t i = 0; i < count; ++i) peer.release_one(i);
  const auto rows = test::statements(peer.a(), "comity-disclosure", store::Direction::Sent);
  const auto disclosures = test::disclosures_sent(peer.a());
  ASSERT_EQ(rows.size(), count);
  std::set<std::string> read;
  std::atomic<std::size_t> asked = 0, done = 0;
  std::thread reader([&] {
    Views views(peer.a());
    for (std::size_t i = 0; i < count; ++i, ++asked) {
      // The withdrawal of what is asked for comes later for the first five, then before the page
      // or beside it.
      while (done + 5 < i + i % 2) std::this_thread::yield();
      taxii::Query query;
      query.ids = {id_of("indicator", i * 7 % count)};
      const auto page = views.objects({"XB"}, "records", query);
      if (page && !page->items.empty()) read.insert(query.ids.front());
    }
  });
  for (std::size_t i = 0; i < count; ++i) {
    while (asked < i) std::this_thread::yield();
    const auto at = (i + 5) * 7 % count;
    must(withdraw(peer.a(), rows.at(at), disclosures.at(at)));
    ++done;
  }
  reader.join();
  for (std::size_t i = 0; i < count; ++i) {
    EXPECT_EQ(peer.reason(rows.at(i).id) == served_before, read.contains(id_of("indicator", i)));
  }
  EXPECT_FALSE(read.empty());
  EXPECT_LT(read.size(), count);
  peer.expect_clean();
}

TEST(Withdrawal, ARecallReachesWhatWasOnlyRead) {
  Peer peer;
  peer.release_one(1);
  peer.shown();
  peer.lapse();
  peer.away = false;
  must(deliver(peer.a(), "XB"));
  peer.restore();
  must(recall(peer.a(), {{id_of("indicator", 1)}, {}, "false-positive", {}}));
  const auto told = must(send_statements(peer.a(), "XB")).at(0);
  EXPECT_TRUE(told.taken) << told.error;
  EXPECT_TRUE(peer.shown().empty());
}

TEST(Withdrawal, VerificationFindsAMarkThatWasChanged) {
  Peer peer;
  const auto id = peer.release_one(1).sent.at(0).disclosure;
  peer.shown();
  const auto findings = [&] { return must(verify(peer.a())).findings; };
  EXPECT_TRUE(findings().empty());
  {
    const auto transaction = must(peer.a().store().begin());
    must(transaction->set_meta("served:" + id, format_rfc3339(Instant{1}, 6)));
    must(transaction->commit());
  }
  ASSERT_EQ(findings().size(), 1U);
  EXPECT_NE(findings()[0].find("first served"), std::string::npos) << findings()[0];
}

// Refused: everything that is not the next link of the sender's chain, as it was signed.

TEST(Withdrawal, IsRefusedWhenItDoesNotFit) {
  Federation federation;
  auto& a = federation.a();
  auto& b = federation.b();
  Withdrawal truth;
  truth.id = id_of(withdrawal_kind, 1);
  truth.mode = "exercise";
  truth.exercise = a.exercise();
  truth.from = "XA";
  truth.to = "XB";
  truth.disclosure = id_of("comity-disclosure", 1);
  truth.disclosure_digest = sha256("withdrawn");
  truth.number = 1;
  truth.time = a.now();
  truth.reason = no_longer_permitted;
  const auto post = [&](const std::string& bytes, const std::string& sender = "XA") {
    return receive(b, sender, "{\"objects\":[" + bytes + "]}");
  };
  const auto before = test::stored(b);
  const auto refused = [&](const char* what, const std::function<void(Withdrawal&)>& change) {
    auto altered = truth;
    change(altered);
    const auto answer = post(sign(altered, a.signing_key()).bytes);
    EXPECT_FALSE(answer.has_value()) << what;
    EXPECT_EQ(test::stored(b), before) << what;
  };
  refused("from another", [](Withdrawal& w) { w.from = "XC"; });
  refused("for another", [](Withdrawal& w) { w.to = "XC"; });
  refused("mode", [](Withdrawal& w) { w.mode = "operational"; });
  refused("exercise", [](Withdrawal& w) { w.exercise = "other"; });
  refused("gap", [](Withdrawal& w) {
    w.number = 2;
    w.previous = sha256("x");
  });
  refused("number 0", [](Withdrawal& w) { w.number = 0; });
  refused("previous of the first", [](Withdrawal& w) { w.previous = sha256("x"); });
  refused("reason", [](Withdrawal& w) { w.reason = "because"; });
  refused("id", [](Withdrawal& w) { w.id = id_of("comity-disclosure", 1); });
  refused("disclosure", [](Withdrawal& w) { w.disclosure = id_of("indicator", 1); });
  const auto bytes = sign(truth, a.signing_key()).bytes;
  EXPECT_FALSE(post(sign(truth, b.signing_key()).bytes).has_value());
  EXPECT_FALSE(post(test::replaced(bytes, "\"number\":1", "\"number\":1,\"x\":1")).has_value());
  EXPECT_FALSE(post(bytes + "," + indicator(1)).has_value()) << "it comes alone";
  EXPECT_EQ(test::stored(b), before);
  ASSERT_TRUE(post(bytes).has_value());
  const auto after = test::stored(b);
  ASSERT_TRUE(post(bytes).has_value()) << "a repeat";
  EXPECT_EQ(test::stored(b), after);
  // Its number is used: another withdrawal, or the disclosure that comes late, is refused.
  auto other = truth;
  other.id = id_of(withdrawal_kind, 2);
  other.disclosure_digest = sha256("other");
  EXPECT_FALSE(post(sign(other, a.signing_key()).bytes).has_value());
  const auto late = test::disclosure_by(a, "XB", {test::disclosed(indicator(1))});
  EXPECT_FALSE(receive(b, "XA", test::envelope_with(a, late, {indicator(1)})).has_value());
  // The next one names the digest of the withdrawn disclosure, not of the withdrawal.
  const auto wrong = test::disclosure_by(a, "XB", {test::disclosed(indicator(1))}, 2,
                                         must(protocol_digest(bytes)));
  EXPECT_FALSE(receive(b, "XA", test::envelope_with(a, wrong, {indicator(1)})).has_value());
  const auto next =
      test::disclosure_by(a, "XB", {test::disclosed(indicator(1))}, 2, truth.disclosure_digest);
  EXPECT_TRUE(receive(b, "XA", test::envelope_with(a, next, {indicator(1)})).has_value());
  EXPECT_TRUE(must(verify(b)).clean());
}

}  // namespace
}  // namespace comity::exchange
