#include "exchange/receipt_counts.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/test_support.h"
#include "exchange/protocol.h"

namespace comity::exchange {
namespace {

using comity::test::must;

// A receipt of `count` records, of which the n-th was quarantined for one of `reasons` reasons.
store::ProtocolObject receipt(const trust::SigningKey& key, std::size_t count, std::size_t reasons,
                              std::string_view seed) {
  Receipt made;
  made.id = "comity-receipt--11111111-1111-4111-8111-111111111111";
  made.mode = "exercise";
  made.from = "XB";
  made.to = "XA";
  made.disclosure = "comity-disclosure--11111111-1111-4111-8111-111111111111";
  made.number = 1;
  made.time = Instant::from_seconds(1'700'000'000);
  for (std::size_t n = 0; n < count; ++n) {
    RecordFate fate{sha256(fmt::format("{} {}", seed, n)), "accepted", ""};
    if (n < reasons) fate = {fate.digest, "quarantined", fmt::format("{} reason {}", seed, n)};
    made.results.push_back(std::move(fate));
  }
  store::ProtocolObject out;
  out.bytes = sign(made, key).bytes;
  return out;
}

Signers signers(const trust::SigningKey& key) {
  Signers out;
  out.party = "XB";
  out.present = key.public_key();
  return out;
}

TEST(ReceiptCounts, AreThoseOfTheReceiptEachTimeTheyAreAskedFor) {
  const auto key = trust::SigningKey::generate();
  const auto row = receipt(key, 5, 2, "twice");
  const ReceiptCounts expected = {3, 2, 0, {"twice reason 0", "twice reason 1"}};
  EXPECT_EQ(must(receipt_counts(row, signers(key))), expected);
  EXPECT_EQ(must(receipt_counts(row, signers(key))), expected);
  EXPECT_EQ(expected.records(), 5);
}

TEST(ReceiptCounts, OneThatTheKeyDidNotSignCountsForNothing) {
  const auto key = trust::SigningKey::generate(), other = trust::SigningKey::generate();
  auto row = receipt(key, 2, 0, "other");
  const auto refused = receipt_counts(row, signers(other));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::NotVerified);
  EXPECT_EQ(must(receipt_counts(row, signers(key))).accepted, 2) << "a refusal is not kept";
  // Another text under the digest of a known one is not taken for it.
  row.digest = sha256(row.bytes);
  row.bytes = receipt(other, 3, 0, "other").bytes;
  EXPECT_FALSE(receipt_counts(row, signers(key)));
}

// More than is kept: what was forgotten is worked out again.
TEST(ReceiptCounts, BeyondTheBoundTheyBeginAnew) {
  const auto key = trust::SigningKey::generate();
  const auto row = [&](std::size_t n) {
    return receipt(key, 1000, 1000, fmt::format("{:0300}", n));
  };
  std::size_t before = 0, begun_anew = 0;
  // Each has more than 300,000 bytes of reasons.
  for (std::size_t n = 0; n <= receipt_counts_bytes_max / 300'000 + 1; ++n) {
    EXPECT_EQ(must(receipt_counts(row(n), signers(key))).quarantined, 1000);
    const auto kept = receipt_counts_bytes();
    EXPECT_LE(kept, receipt_counts_bytes_max);
    begun_anew += kept < before ? 1U : 0U;
    before = kept;
  }
  EXPECT_EQ(begun_anew, 1U);
  EXPECT_EQ(must(receipt_counts(row(0), signers(key))).reasons.size(), 1000U);
}

}  // namespace
}  // namespace comity::exchange
