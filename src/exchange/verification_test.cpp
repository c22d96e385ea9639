#include "exchange/verification.h"

#include <gtest/gtest.h>

#include "exchange/release.h"
#include "exchange/test_officers.h"
#include "exchange/verify.h"
#include "json/write.h"

namespace comity::exchange {
namespace {

using test::approval_of;
using test::must;
using test::Operational;

const NewVerification a3{"xa-xb-2024", "a3", "Gazette of A, 12/2024, p. 3", "2026-11-20"};

treaty::VerdictKind verdict_of(Node& node) {
  for (const auto& row : must(preview(node, {test::id_of("indicator", 1)}))) {
    if (row.party == "XB") return row.verdict.kind;
  }
  throw std::runtime_error("no row for XB");
}

Approval by(Node& node, const NewVerification& verification, std::initializer_list<int> keys) {
  return approval_of(node, "verify", must(act_arguments(node, verification)), keys);
}

std::vector<ClauseVerification> all_of(Node& node) {
  const auto snapshot = must(node.store().read());
  return clause_verifications(node, *snapshot, must(node.register_files()));
}

TEST(Verifications, TwoLegalAdvisersMakeAnOperationalNodePermit) {
  Operational one;
  test::import_objects(one.node(), {test::indicator(1)});
  EXPECT_EQ(verdict_of(one.node()), treaty::VerdictKind::Needs);
  const auto before = one.node().law()->model().digest;
  must(enter_verification(one.node(), a3, by(one.node(), a3, {1, 2})));
  EXPECT_NE(one.node().law()->model().digest, before);
  EXPECT_EQ(verdict_of(one.node()), treaty::VerdictKind::Permitted);
  const auto found = all_of(one.node());
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].officers, (std::vector<std::string>{"Adviser One", "Adviser Two"}));
  EXPECT_EQ(found[0].source, a3.source);
  EXPECT_EQ(found[0].date, a3.date);
  one.party.close();
  one.party.open();
  EXPECT_EQ(verdict_of(one.node()), treaty::VerdictKind::Permitted);
  EXPECT_TRUE(must(verify(one.node())).clean());
  // The register of before still has nothing verified.
  const auto then = must(one.node().law_of(before));
  EXPECT_EQ(then->model().digest, before);
}

TEST(Verifications, OthersThanTwoLegalAdvisersDoNot) {
  Operational one;
  test::import_objects(one.node(), {test::indicator(1)});
  const auto refused = [&](const std::optional<Approval>& approval) {
    const auto before = test::stored(one.node());
    const auto entered = enter_verification(one.node(), a3, approval);
    ASSERT_FALSE(entered.has_value());
    EXPECT_EQ(entered.error().kind, ErrorKind::NotPermitted) << entered.error().text();
    EXPECT_EQ(test::stored(one.node()), before);
    EXPECT_EQ(verdict_of(one.node()), treaty::VerdictKind::Needs);
  };
  refused(std::nullopt);
  refused(by(one.node(), a3, {1, 1}));
  for (const int other : {3, 4, 5}) {
    refused(by(one.node(), a3, {1, other}));
    refused(by(one.node(), a3, {other, 2}));
  }
}

TEST(Verifications, OneChangedCharacterOfTheRowVoidsIt) {
  Operational one;
  test::import_objects(one.node(), {test::indicator(1)});
  must(enter_verification(one.node(), a3, by(one.node(), a3, {1, 2})));
  const auto good = must(one.node().register_files());
  const auto changed = [&](const std::string& from, const std::string& to) {
    auto files = good;
    files[test::agreement_file] = test::replaced(files[test::agreement_file], from, to);
    test::change_law(one.node(), files);
    return verdict_of(one.node());
  };
  EXPECT_EQ(changed("to warn and to respond.", "to warn and to respond!"),
            treaty::VerdictKind::Needs);
  EXPECT_EQ(changed("article = \"Art. 3\"", "article = \"Art. 3 \""), treaty::VerdictKind::Needs);
  // Another row may change.
  EXPECT_EQ(changed("A party may decline a request", "A party may refuse a request"),
            treaty::VerdictKind::Permitted);
  test::change_law(one.node(), good);
  EXPECT_EQ(verdict_of(one.node()), treaty::VerdictKind::Permitted);
}

TEST(Verifications, AForgedFileCountsForNothing) {
  Operational one;
  test::import_objects(one.node(), {test::indicator(1)});
  auto files = must(one.node().register_files());
  const auto path = verification_file("xa-xb-2024", "a3");
  const auto with = [&](const std::string& at, const std::string& text) {
    auto changed = files;
    changed[at] = text;
    test::change_law(one.node(), changed);
    return verdict_of(one.node());
  };
  const auto text = [&](const Approval& approval) { return json::write(to_json(approval)); };
  // Keys of nobody, one adviser twice, an administrator, an act of another node.
  EXPECT_EQ(with(path, text(by(one.node(), a3, {21, 22}))), treaty::VerdictKind::Needs);
  EXPECT_EQ(with(path, text(by(one.node(), a3, {1, 1}))), treaty::VerdictKind::Needs);
  EXPECT_EQ(with(path, text(by(one.node(), a3, {1, 5}))), treaty::VerdictKind::Needs);
  auto other = act_for(one.node(), "verify", must(act_arguments(one.node(), a3)));
  other.party = "XB";
  EXPECT_EQ(with(path, text(approval_of(other, {1, 2}))), treaty::VerdictKind::Needs);
  other.party = "XA";
  other.name = "arrange";
  EXPECT_EQ(with(path, text(approval_of(other, {1, 2}))), treaty::VerdictKind::Needs);
  EXPECT_EQ(with(path, ""), treaty::VerdictKind::Needs);
  EXPECT_EQ(with(path, "{}"), treaty::VerdictKind::Needs);
  EXPECT_EQ(with(verification_file("xa-xb-2024", "a4"), text(by(one.node(), a3, {1, 2}))),
            treaty::VerdictKind::Needs);
  EXPECT_FALSE(must(verify(one.node())).clean());
  // The same by two advisers under its own name holds.
  EXPECT_EQ(with(path, text(by(one.node(), a3, {1, 2}))), treaty::VerdictKind::Permitted);
}

TEST(Verifications, WhatWasSignedWhileEnrolledStays) {
  Operational one;
  test::import_objects(one.node(), {test::indicator(1)});
  must(enter_verification(one.node(), a3, by(one.node(), a3, {1, 2})));
  one.party.clock.set(Instant{one.party.clock.now().micros + 1'000'000});
  const auto two = one.officers().at(1);
  must(end_officer(one.node(), two.name,
                   approval_of(one.node(), "officer-end", end_arguments(two), {1, 3})));
  one.party.close();
  one.party.open();
  EXPECT_EQ(verdict_of(one.node()), treaty::VerdictKind::Permitted);
  EXPECT_TRUE(must(verify(one.node())).clean());
  // What an adviser signs after the end is nothing, whoever puts it into the register.
  auto files = must(one.node().register_files());
  files[verification_file("xa-xb-2024", "a3")] = json::write(to_json(by(one.node(), a3, {1, 2})));
  test::change_law(one.node(), files);
  EXPECT_EQ(verdict_of(one.node()), treaty::VerdictKind::Needs);
}

TEST(Verifications, WhatCannotBeVerifiedIsRefused) {
  Operational one;
  const auto refused = [&](const NewVerification& verification) {
    const auto arguments = act_arguments(one.node(), verification);
    ASSERT_FALSE(arguments.has_value());
    EXPECT_EQ(arguments.error().kind, ErrorKind::InvalidInput) << arguments.error().text();
  };
  refused({"no-such", "a3", "Gazette", "2026-11-20"});
  refused({"xa-xb-2024", "a99", "Gazette", "2026-11-20"});
  refused({"xa-xb-2024", "", "Gazette", "2026-11-20"});
  refused({"xa-xb-2024", "a3", "", "2026-11-20"});
  refused({"xa-xb-2024", "a3", "a \"quoted\" text", "2026-11-20"});
  refused({"xa-xb-2024", "a3", std::string(verification_source_bytes_max + 1, 'a'), "2026-11-20"});
  for (const auto* day : {"", "2026", "2026-02-30", "2026-11-20T00:00:00Z", "yesterday"}) {
    refused({"xa-xb-2024", "a3", "Gazette", day});
  }
  const NewVerification longest{"xa-xb-2024", "a3", std::string(verification_source_bytes_max, 'a'),
                                "2026-11-23"};
  must(enter_verification(one.node(), longest, by(one.node(), longest, {1, 2})));
  const NewVerification tomorrow{"xa-xb-2024", "a3", "Gazette", "2026-11-24"};
  EXPECT_FALSE(enter_verification(one.node(), tomorrow, by(one.node(), tomorrow, {1, 2})));
}

TEST(Verifications, AnotherMustBeSignedAfterTheRegisterChanged) {
  Operational one;
  const NewVerification a5{"xa-xb-2024", "a5", "Gazette", "2026-11-20"};
  const auto early = by(one.node(), a5, {1, 2});
  must(enter_verification(one.node(), a3, by(one.node(), a3, {1, 2})));
  EXPECT_FALSE(enter_verification(one.node(), a5, early).has_value());
  must(enter_verification(one.node(), a5, by(one.node(), a5, {2, 1})));
  EXPECT_EQ(all_of(one.node()).size(), 2U);
}

}  // namespace
}  // namespace comity::exchange
