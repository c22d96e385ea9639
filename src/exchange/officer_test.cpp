#include "exchange/officer.h"

#include <gtest/gtest.h>

#include "exchange/test_officers.h"
#include "exchange/verify.h"
#include "json/parse.h"
#include "json/write.h"

namespace comity::exchange {
namespace {

using test::approval_of;
using test::must;
using test::officer_with;
using test::Operational;

// What a refusal must leave: the same ledger and the same officers.
template <typename T>
void expect_refused(Operational& one, const Result<T>& result, ErrorKind kind,
                    std::int64_t leaves_before) {
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().kind, kind) << result.error().text();
  EXPECT_EQ(test::stored(one.node()).leaves, leaves_before);
}

TEST(Officers, TheFirstTwoFoundTheListAndLaterOnesNeedTwoOthers) {
  Operational one(false);
  EXPECT_TRUE(one.officers().empty());
  must(add_officer(one.node(), officer_with(1, "One", "legal-adviser"), {}));
  must(add_officer(one.node(), officer_with(2, "Two", "administrator"), {}));
  const auto three = officer_with(3, "Three", "duty-officer");
  const auto leaves = test::stored(one.node()).leaves;
  expect_refused(one, add_officer(one.node(), three, {}), ErrorKind::NotPermitted, leaves);
  const auto by = [&](std::initializer_list<int> keys) {
    return approval_of(one.node(), "officer-add", act_arguments(three), keys);
  };
  expect_refused(one, add_officer(one.node(), three, by({1, 1})), ErrorKind::NotPermitted, leaves);
  expect_refused(one, add_officer(one.node(), three, by({1, 3})), ErrorKind::NotPermitted, leaves);
  expect_refused(one, add_officer(one.node(), three, by({1})), ErrorKind::NotPermitted, leaves);
  const auto other = officer_with(4, "Three", "duty-officer");
  expect_refused(one, add_officer(one.node(), other, by({1, 2})), ErrorKind::NotVerified, leaves);
  must(add_officer(one.node(), three, by({1, 2})));
  EXPECT_EQ(test::stored(one.node()).leaves, leaves + 1);
  const auto all = one.officers();
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[2].name, "Three");
  EXPECT_EQ(all[2].role, "duty-officer");
  EXPECT_EQ(all[2].key, trust::key_number(3).public_key());
  one.party.close();
  one.party.open();
  EXPECT_EQ(one.officers().size(), 3U);
  EXPECT_TRUE(must(verify(one.node())).clean());
}

TEST(Officers, NamesKeysAndRolesAreChecked) {
  Operational one;
  const auto leaves = test::stored(one.node()).leaves;
  const auto refused = [&](const NewOfficer& officer, ErrorKind kind) {
    const auto approval = approval_of(one.node(), "officer-add", act_arguments(officer), {1, 2});
    expect_refused(one, add_officer(one.node(), officer, approval), kind, leaves);
  };
  refused(officer_with(6, "Adviser One", "duty-officer"), ErrorKind::Conflict);
  refused(officer_with(1, "Somebody", "duty-officer"), ErrorKind::Conflict);
  for (const auto* role : {"", "Legal-Adviser", "legal adviser", "king"}) {
    refused(officer_with(6, "Somebody", role), ErrorKind::InvalidInput);
  }
  for (const auto& name : {std::string(), std::string(" a"), std::string("a "), std::string("a\"b"),
                           std::string("a\\b"), std::string("a\nb"), std::string("a\x7f"),
                           std::string(officer_name_bytes_max + 1, 'a')}) {
    refused(officer_with(6, name, "duty-officer"), ErrorKind::InvalidInput);
  }
  refused({"Somebody", "duty-officer", std::string(32, '\0')}, ErrorKind::InvalidInput);
  refused({"Somebody", "duty-officer", "short"}, ErrorKind::InvalidInput);
  EXPECT_EQ(test::enrol(one.node(), 6, std::string(officer_name_bytes_max, 'a'), "duty-officer")
                .name.size(),
            officer_name_bytes_max);
  EXPECT_EQ(test::enrol(one.node(), 7, "王 法律", "legal-adviser").name, "王 法律");
}

TEST(Officers, NoMoreThanTheBoundAreEnrolled) {
  Operational one;
  for (int key = 6; key <= static_cast<int>(officers_max); ++key) {
    test::enrol(one.node(), key, fmt::format("Officer {}", key), "duty-officer");
  }
  ASSERT_EQ(one.officers().size(), officers_max);
  const auto more = officer_with(1000, "One Too Many", "duty-officer");
  const auto approval = approval_of(one.node(), "officer-add", act_arguments(more), {1, 2});
  expect_refused(one, add_officer(one.node(), more, approval), ErrorKind::TooLarge,
                 test::stored(one.node()).leaves);
}

TEST(Officers, AnEndedOfficerIsNoneAndTheKeyStaysSpent) {
  Operational one;
  const auto two = one.officers().at(1);
  const auto ending = [&](std::initializer_list<int> keys) {
    return approval_of(one.node(), "officer-end", end_arguments(two), keys);
  };
  const auto leaves = test::stored(one.node()).leaves;
  expect_refused(one, end_officer(one.node(), two.name, {}), ErrorKind::NotPermitted, leaves);
  expect_refused(one, end_officer(one.node(), two.name, ending({1, 2})), ErrorKind::NotPermitted,
                 leaves);
  expect_refused(one, end_officer(one.node(), "Nobody", ending({1, 3})), ErrorKind::NotFound,
                 leaves);
  one.party.clock.set(Instant{one.party.clock.now().micros + 1});
  must(end_officer(one.node(), two.name, ending({1, 3})));
  const auto after = one.officers().at(1);
  ASSERT_TRUE(after.until.has_value());
  EXPECT_TRUE(enrolled_at(after, Instant{after.until->micros - 1}));
  EXPECT_FALSE(enrolled_at(after, *after.until));
  EXPECT_FALSE(enrolled_at(after, Instant{after.from.micros - 1}));
  // The name may be given again, the key may not.
  const auto again = officer_with(2, two.name, two.role);
  const auto left = test::stored(one.node()).leaves;
  expect_refused(one,
                 add_officer(one.node(), again,
                             approval_of(one.node(), "officer-add", act_arguments(again), {1, 3})),
                 ErrorKind::Conflict, left);
  // An ended officer signs nothing.
  const auto fresh = officer_with(9, two.name, two.role);
  expect_refused(one,
                 add_officer(one.node(), fresh,
                             approval_of(one.node(), "officer-add", act_arguments(fresh), {1, 2})),
                 ErrorKind::NotPermitted, left);
  must(add_officer(one.node(), fresh,
                   approval_of(one.node(), "officer-add", act_arguments(fresh), {1, 3})));
  EXPECT_TRUE(must(verify(one.node())).clean());
}

TEST(Officers, StatementsAreForNoPeer) {
  test::Federation two;
  test::enrol_all(two.a());
  const auto statement =
      test::statements(two.a(), "comity-officer", store::Direction::Sent).front();
  EXPECT_TRUE(statement.peer.empty());
  Views views(two.a());
  for (const auto* party : {"", "XB", "XA"}) {
    for (const auto& ids : {std::vector<std::string>{}, std::vector<std::string>{statement.id}}) {
      for (const auto& types :
           {std::vector<std::string>{}, std::vector<std::string>{"comity-officer"}}) {
        taxii::Query query;
        query.ids = ids;
        query.types = types;
        for (const auto* collection : {"protocol", "records"}) {
          const auto page = must(views.objects({party}, collection, query));
          EXPECT_TRUE(page.items.empty()) << party << " " << collection;
        }
      }
    }
  }
}

TEST(Officers, AChangedStatementIsFoundAndThenNobodyIsAnOfficer) {
  Operational one;
  const auto clean = must(verify(one.node()));
  ASSERT_TRUE(clean.clean());
  // A statement that the node's key never signed.
  auto forged = must(json::parse(
      test::statements(one.node(), "comity-officer", store::Direction::Sent).front().bytes));
  forged.object()->set("id", "comity-officer--00000000-0000-4000-8000-000000000001");
  forged.object()->set("name", "Forged");
  {
    const auto transaction = must(one.node().store().begin());
    store::ProtocolObject row;
    row.id = "comity-officer--00000000-0000-4000-8000-000000000001";
    row.kind = officer_kind;
    row.bytes = json::write(forged);
    row.digest = sha256(json::canonical(forged));
    must(transaction->append(row));
    must(transaction->commit());
  }
  const auto snapshot = must(one.node().store().read());
  const auto all = officers(one.node(), *snapshot);
  ASSERT_FALSE(all.has_value());
  EXPECT_EQ(all.error().kind, ErrorKind::Corrupt);
  EXPECT_NE(all.error().text().find(std::string(forged.text("id"))), std::string::npos);
  const auto found = must(verify(one.node()));
  EXPECT_FALSE(found.clean());
}

}  // namespace
}  // namespace comity::exchange
