#include "exchange/receipts.h"

#include <gtest/gtest.h>

#include "exchange/delivery.h"
#include "exchange/release.h"
#include "exchange/test_federation.h"
#include "exchange/token.h"
#include "exchange/withdrawal.h"

namespace comity::exchange {
namespace {

using test::Federation;
using test::id_of;
using test::indicator;
using test::must;

void disclose(Node& node, std::size_t number) {
  test::import_objects(node, {indicator(number)});
  must(release(node, {id_of("indicator", number)}, {"XB"}));
}

TEST(Receipts, ShowReceiptMissingAndWithdrawn) {
  Federation federation;
  auto& a = federation.a();
  {
    test::Wire wire(federation.b());
    test::pair_both(a, federation.b(), test::nowhere, wire.url());
    disclose(a, 1);
  }
  disclose(a, 2);
  disclose(a, 3);
  const auto rows = test::statements(a, "comity-disclosure", store::Direction::Sent);
  must(withdraw(a, rows.at(1), test::disclosures_sent(a).at(1)));
  const auto all = must(sent_standing(a, ""));
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[0].state, SentState::Receipt);
  EXPECT_EQ(all[0].accepted, 1);
  EXPECT_EQ(all[0].quarantined + all[0].rejected, 0);
  EXPECT_EQ(all[1].state, SentState::Withdrawn);
  EXPECT_EQ(all[2].state, SentState::Missing);
  for (std::size_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ(all[i].number, static_cast<std::int64_t>(i) + 1);
    EXPECT_EQ(all[i].records, 1);
    EXPECT_EQ(all[i].disclosure, rows.at(i).id);
  }
  EXPECT_EQ(must(sent_standing(a, "XB")).size(), 3U);
  EXPECT_TRUE(must(sent_standing(a, "XC")).empty());
  const auto unknown = sent_standing(a, "QQ");
  ASSERT_FALSE(unknown.has_value());
  EXPECT_EQ(unknown.error().kind, ErrorKind::InvalidInput);
}

TEST(Receipts, WhatATokenReadIsCollectedAndNeverAReceipt) {
  Federation federation(false);
  auto& a = federation.a();
  NewToken terms;
  terms.name = "siem";
  terms.party = "XB";
  terms.collections = {"records"};
  must(make_token(a, terms));
  disclose(a, 1);
  EXPECT_EQ(must(sent_standing(a, "XB")).at(0).state, SentState::Waiting);
  Views views(a);
  must(views.objects({"XB", "siem"}, "records", {}));
  must(views.flush_reads(true));
  disclose(a, 2);
  const auto all = must(sent_standing(a, "XB"));
  EXPECT_EQ(all.at(0).state, SentState::Collected);
  EXPECT_EQ(all.at(0).collected, 1);
  EXPECT_EQ(all.at(1).state, SentState::Waiting);
  EXPECT_EQ(all.at(1).collected, 0);
}

}  // namespace
}  // namespace comity::exchange
