#include "exchange/delivery.h"

#include <gtest/gtest.h>

#include <mutex>

#include "exchange/test_federation.h"
#include "exchange/verify.h"
#include "json/parse.h"

namespace comity::exchange {
namespace {

using test::Federation;
using test::id_of;
using test::indicator;
using test::must;

// XB's node behind a wire that remembers what is posted and may lie about receipts.
struct Lying {
  Federation federation;
  std::mutex mutex;
  std::vector<std::string> posted;
  // Gives the bytes that are answered in place of the receipt; unset: the truth.
  std::function<std::string(const std::string& disclosure)> lie;
  bool drop_posts = false;
  test::Wire wire{federation.b(), [this](const net::Request& request) { return hook(request); }};

  Lying() { test::pair_both(federation.a(), federation.b(), test::nowhere, wire.url()); }

  std::optional<net::Response> hook(const net::Request& request) {
    const std::lock_guard guard(mutex);
    if (request.method == "POST") {
      posted.push_back(request.body);
      if (drop_posts) return taxii::answer_error(503, "away", "come back later");
      return std::nullopt;
    }
    const auto at = request.path.find("comity-receipt--");
    if (!lie || at == std::string::npos) return std::nullopt;
    auto id = "comity-disclosure--" + request.path.substr(at + 16, 36);
    return taxii::answer_page({{{lie(id), test::start_instant()}}, false, ""});
  }
};

PartyRelease send_one(Node& node, std::size_t number) {
  test::import_objects(node, {indicator(number), indicator(number + 1000)});
  return must(
             release(node, {id_of("indicator", number), id_of("indicator", number + 1000)}, {"XB"}))
      .at(0);
}

TEST(Delivery, GoesEndToEndAndKeepsTheReceipt) {
  Lying peer;
  const auto outcome = send_one(peer.federation.a(), 1);
  ASSERT_EQ(outcome.sent.size(), 1U);
  EXPECT_TRUE(outcome.sent[0].receipt) << outcome.sent[0].error;
  EXPECT_EQ(outcome.sent[0].accepted, 2);
  EXPECT_TRUE(outcome.sent[0].error.empty());
  const auto kept =
      test::statements(peer.federation.a(), "comity-receipt", store::Direction::Received);
  const auto given =
      test::statements(peer.federation.b(), "comity-receipt", store::Direction::Sent);
  ASSERT_EQ(kept.size(), 1U);
  EXPECT_EQ(kept[0].bytes, given.at(0).bytes);
  EXPECT_EQ(kept[0].about, outcome.sent[0].disclosure);
  EXPECT_TRUE(must(deliver(peer.federation.a(), "XB")).empty());
  EXPECT_EQ(peer.posted.size(), 1U);
}

TEST(Delivery, ARetrySendsTheSameBytesAndGetsTheFirstReceipt) {
  Lying peer;
  peer.drop_posts = true;
  EXPECT_FALSE(send_one(peer.federation.a(), 1).sent.at(0).receipt);
  peer.drop_posts = false;
  peer.lie = [](const std::string&) { return std::string("{}"); };  // the answer is lost
  peer.federation.xa.clock.set(Instant{test::start_instant().micros + 1'000'000});
  EXPECT_FALSE(must(deliver(peer.federation.a(), "XB")).at(0).receipt);
  const auto first =
      test::statements(peer.federation.b(), "comity-receipt", store::Direction::Sent).at(0);
  peer.lie = {};
  peer.federation.xb.clock.set(Instant{test::start_instant().micros + 9'000'000});
  const auto before = test::stored(peer.federation.b());
  EXPECT_TRUE(must(deliver(peer.federation.a(), "XB")).at(0).receipt);
  ASSERT_EQ(peer.posted.size(), 3U);
  EXPECT_EQ(peer.posted[0], peer.posted[1]);
  EXPECT_EQ(peer.posted[1], peer.posted[2]);
  EXPECT_EQ(test::stored(peer.federation.b()), before);
  EXPECT_EQ(test::statements(peer.federation.a(), "comity-receipt", store::Direction::Received)
                .at(0)
                .bytes,
            first.bytes);
}

TEST(Delivery, NumbersGoInOrderAndTheFirstFailureEndsTheAttempt) {
  Lying peer;
  peer.drop_posts = true;
  send_one(peer.federation.a(), 1);
  const auto second = send_one(peer.federation.a(), 2);
  ASSERT_EQ(second.sent.size(), 1U);  // number 1 failed, number 2 was not tried
  EXPECT_EQ(second.sent[0].number, 1);
  peer.drop_posts = false;
  const auto sent = must(deliver(peer.federation.a(), "XB"));
  ASSERT_EQ(sent.size(), 2U);
  EXPECT_EQ(sent[0].number, 1);
  EXPECT_EQ(sent[1].number, 2);
  EXPECT_TRUE(sent[0].receipt && sent[1].receipt) << sent[0].error << sent[1].error;
}

TEST(Delivery, AReceiptThatDoesNotAnswerTheDisclosureIsNotKept) {
  Lying peer;
  auto& a = peer.federation.a();
  auto& b = peer.federation.b();
  const auto stranger = trust::SigningKey::generate();
  peer.drop_posts = true;
  send_one(a, 1);
  peer.drop_posts = false;
  peer.lie = [](const std::string&) { return std::string("{}"); };
  must(deliver(a, "XB"));
  const auto row = test::statements(b, "comity-receipt", store::Direction::Sent).at(0);
  const auto truth = must(open_receipt(row.bytes, b.signing_key().public_key()));
  ASSERT_EQ(truth.results.size(), 2U);
  std::vector<std::pair<std::string, std::function<void(Receipt&)>>> lies;
  const auto lie = [&](const char* name, std::function<void(Receipt&)> change) {
    lies.emplace_back(name, std::move(change));
  };
  lie("other disclosure", [](Receipt& r) {
    r.disclosure = id_of("comity-disclosure", 77);
    r.id = receipt_id(r.disclosure);
  });
  lie("other digest", [](Receipt& r) { r.disclosure_digest[0] ^= 1; });
  lie("other sender", [](Receipt& r) { r.from = "XC"; });
  lie("other recipient", [](Receipt& r) { r.to = "XC"; });
  lie("turned round", [](Receipt& r) { std::swap(r.from, r.to); });
  lie("other mode", [](Receipt& r) { r.mode = "operational"; });
  lie("other number", [](Receipt& r) { ++r.number; });
  lie("one result less", [](Receipt& r) { r.results.pop_back(); });
  lie("no result", [](Receipt& r) { r.results.clear(); });
  lie("one result more", [](Receipt& r) { r.results.push_back(r.results[0]); });
  lie("results swapped", [](Receipt& r) { std::swap(r.results[0], r.results[1]); });
  lie("result of another record", [](Receipt& r) { r.results[1].digest[31] ^= 1; });
  const auto before = test::stored(a);
  for (const auto& [name, change] : lies) {
    auto altered = truth;
    change(altered);
    peer.lie = [&](const std::string&) { return sign(altered, b.signing_key()).bytes; };
    const auto sent = must(deliver(a, "XB")).at(0);
    EXPECT_FALSE(sent.receipt) << name;
    EXPECT_FALSE(sent.error.empty()) << name;
    EXPECT_EQ(test::stored(a), before) << name;
  }
  for (const auto& bytes :
       {sign(truth, stranger).bytes, sign(truth, a.signing_key()).bytes, std::string("{}"),
        std::string("17"), row.bytes.substr(0, row.bytes.size() - 1),
        test::replaced(row.bytes, "accepted", "rejected"),
        test::statements(a, "comity-disclosure", store::Direction::Sent).at(0).bytes}) {
    peer.lie = [&](const std::string&) { return bytes; };
    EXPECT_FALSE(must(deliver(a, "XB")).at(0).receipt) << bytes;
    EXPECT_EQ(test::stored(a), before) << bytes;
  }
  peer.lie = {};
  EXPECT_TRUE(must(deliver(a, "XB")).at(0).receipt);
}

TEST(Delivery, IsDecidedAgainBeforeSending) {
  Lying peer;
  peer.drop_posts = true;
  send_one(peer.federation.a(), 1);
  peer.drop_posts = false;
  const auto posted = peer.posted.size();
  test::change_law(peer.federation.a(), test::lapsed_register());
  const auto refused = must(deliver(peer.federation.a(), "XB")).at(0);
  EXPECT_FALSE(refused.receipt);
  EXPECT_TRUE(refused.withdrawn) << refused.error;
  ASSERT_EQ(peer.posted.size(), posted + 1);
  EXPECT_EQ(peer.posted.back().find("indicator"), std::string::npos) << "the withdrawal alone";
  EXPECT_EQ(test::stored(peer.federation.b()).records, 0);
  test::change_law(peer.federation.a(), test::register_files());
  EXPECT_TRUE(must(deliver(peer.federation.a(), "XB")).empty()) << "it stays withdrawn";
}

// A disclosure names its clauses; permitted under others is not permitted as it was signed.
TEST(Delivery, IsStillPermittedOnlyUnderTheClausesItNames) {
  Federation federation;
  send_one(federation.a(), 1);
  const auto disclosure = test::disclosures_sent(federation.a()).at(0);
  EXPECT_TRUE(still_permitted(federation.a(), disclosure).has_value());
  auto files = test::register_files();
  files[test::agreement_file] =
      test::replaced(files[test::agreement_file], "id = \"a3\"", "id = \"a3-new\"");
  test::change_law(federation.a(), files);
  const auto status = still_permitted(federation.a(), disclosure);
  ASSERT_FALSE(status.has_value());
  EXPECT_EQ(status.error().kind, ErrorKind::NotPermitted);
}

TEST(Delivery, AWrongCertificateIsNotSpokenTo) {
  Federation federation;
  test::TemporaryDirectory directory;
  test::Party stranger(directory.file("s"), "XB", 9);
  test::Wire wire(stranger.node());
  test::pair_both(federation.a(), federation.b(), test::nowhere, wire.url());
  const auto outcome = send_one(federation.a(), 1);
  EXPECT_FALSE(outcome.sent.at(0).receipt);
  EXPECT_NE(outcome.sent.at(0).error.find("certificate"), std::string::npos)
      << outcome.sent.at(0).error;
  EXPECT_EQ(test::stored(stranger.node()).records, 0);
}

}  // namespace
}  // namespace comity::exchange
