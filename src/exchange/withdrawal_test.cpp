#include "exchange/withdrawal.h"

#include <gtest/gtest.h>

#include <mutex>

#include "exchange/delivery.h"
#include "exchange/receive.h"
#include "exchange/release.h"
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
      out.push_back(item.bytes);
    }
    return out;
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
