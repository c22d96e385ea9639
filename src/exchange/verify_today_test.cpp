// What was permitted as known then, seen with what is known today.
#include <gtest/gtest.h>

#include <algorithm>

#include "exchange/law.h"
#include "exchange/register_change.h"
#include "exchange/release.h"
#include "exchange/test_officers.h"
#include "exchange/verification.h"
#include "exchange/verify.h"
#include "json/parse.h"
#include "json/write.h"
#include "trust/jws.h"

namespace comity::exchange {
namespace {

using test::must;

// XA has disclosed one indicator to XB, which cannot be reached.
struct Disclosed {
  test::Federation federation;
  Disclosed() {
    test::import_objects(node(), {test::indicator(1)});
    must(release(node(), {test::id_of("indicator", 1)}, {"XB"}));
  }
  Node& node() { return federation.a(); }
  std::string id() { return test::disclosures_sent(node()).at(0).id; }
  void take(const treaty::RegisterFiles& files, const std::string& at) {
    federation.xa.clock.set(must(parse_rfc3339(at)));
    must(accept_register(node(), {{test::agreement_file, files.at(test::agreement_file)}}));
  }
  // The same register with other words in it, which change no decision.
  treaty::RegisterFiles reworded(treaty::RegisterFiles files, const std::string& words) {
    auto& text = files[test::agreement_file];
    text = test::replaced(text, "A party may decline", words);
    return files;
  }
  Verification verified() {
    auto found = must(verify(node()));
    EXPECT_TRUE(found.clean()) << found.findings.at(0);
    EXPECT_EQ(found.redecided, 1);
    return found;
  }
};

TEST(VerifyToday, NothingIsToldWhileNothingWasCorrected) {
  Disclosed one;
  one.take(one.reworded(test::register_files(), "Any party may decline"), "2026-11-24T00:00:00Z");
  const auto found = one.verified();
  EXPECT_EQ(found.not_permitted_today_count, 0);
  EXPECT_TRUE(found.not_permitted_today.empty());
}

TEST(VerifyToday, ACorrectionOfThePastIsToldWithItsDate) {
  Disclosed one;
  one.take(one.reworded(test::register_files(), "Any party may decline"), "2026-11-24T00:00:00Z");
  one.take(test::lapsed_register(), "2026-11-25T12:00:00Z");
  const auto corrected = one.node().law()->model().digest;
  one.take(one.reworded(test::lapsed_register(), "No party must accept"), "2026-11-26T00:00:00Z");
  const auto found = one.verified();
  EXPECT_EQ(found.not_permitted_today_count, 1);
  ASSERT_EQ(found.not_permitted_today.size(), 1U);
  const auto& told = found.not_permitted_today[0];
  EXPECT_EQ(told.disclosure, one.id());
  EXPECT_EQ(told.to, "XB");
  EXPECT_EQ(told.number, 1);
  EXPECT_NE(told.why.find("no-basis"), std::string::npos) << told.why;
  ASSERT_TRUE(told.since.has_value());
  EXPECT_EQ(format_rfc3339(told.since->at), "2026-11-25T12:00:00Z");
  EXPECT_EQ(told.since->digest, corrected);
  EXPECT_EQ(told.since->what, "accept");
  const auto line = fmt::format("{}: permitted as known; not permitted as known today", one.id());
  EXPECT_TRUE(std::any_of(found.notes.begin(), found.notes.end(), [&](const std::string& note) {
    return note.starts_with(line) &&
           note.ends_with("since the register was changed at 2026-11-25T12:00:00Z (accept)");
  }));
}

TEST(VerifyToday, ACorrectionThatWasTakenBackCountsFromWhenItCameAgain) {
  Disclosed one;
  one.take(test::lapsed_register(), "2026-11-24T00:00:00Z");
  one.take(test::register_files(), "2026-11-25T00:00:00Z");
  EXPECT_EQ(one.verified().not_permitted_today_count, 0);
  one.take(one.reworded(test::lapsed_register(), "No party must accept"), "2026-11-26T00:00:00Z");
  one.take(test::lapsed_register(), "2026-11-27T00:00:00Z");
  const auto found = one.verified();
  ASSERT_EQ(found.not_permitted_today.size(), 1U);
  ASSERT_TRUE(found.not_permitted_today[0].since.has_value());
  EXPECT_EQ(format_rfc3339(found.not_permitted_today[0].since->at), "2026-11-26T00:00:00Z");
}

// A suspension acts from its instant on: it corrects nothing of the past.
TEST(VerifyToday, WhatChangesOnlyFromNowOnIsNoCorrection) {
  Disclosed one;
  one.federation.xa.clock.set(must(parse_rfc3339("2026-11-24T00:00:00Z")));
  must(suspend(one.node(), {"xa-xb-2024", "XA"}));
  EXPECT_EQ(one.verified().not_permitted_today_count, 0);
}

TEST(VerifyToday, OnlySoManyAreListedAndAllAreCounted) {
  test::Federation federation;
  auto& node = federation.a();
  const auto count = findings_listed_max + 1;
  for (std::size_t i = 1; i <= count; ++i) {
    test::import_objects(node, {test::indicator(i)});
    must(release(node, {test::id_of("indicator", i)}, {"XB"}));
  }
  must(accept_register(node,
                       {{test::agreement_file, test::lapsed_register().at(test::agreement_file)}}));
  const auto found = must(verify(node));
  EXPECT_TRUE(found.clean());
  EXPECT_EQ(found.not_permitted_today_count, static_cast<std::int64_t>(count));
  EXPECT_EQ(found.not_permitted_today.size(), findings_listed_max);
}

// Each register that was held lies under its digest, with its verifications and facts.
TEST(VerifyToday, MoreRegistersThanAreKeptCompiledAreAllKept) {
  Disclosed one;
  std::vector<Digest> held{one.node().law()->model().digest};
  for (std::size_t i = 0; i <= past_laws_max; ++i) {
    one.take(one.reworded(test::register_files(), fmt::format("Party {} may decline", i)),
             "2026-11-24T00:00:00Z");
    held.push_back(one.node().law()->model().digest);
  }
  for (const auto& digest : held) {
    EXPECT_EQ(must(one.node().law_of(digest))->model().digest, digest);
  }
  EXPECT_EQ(one.node().law_of(sha256("never held")).error().kind, ErrorKind::NotFound);
  EXPECT_EQ(one.verified().not_permitted_today_count, 0);
}

TEST(LawHistory, HasEveryChangeOfTheRegisterInItsOrder) {
  test::Operational one;
  const auto at_first = one.node().law()->model().digest;
  const NewVerification a3{"xa-xb-2024", "a3", "Gazette", "2026-11-20"};
  must(enter_verification(
      one.node(), a3,
      test::approval_of(one.node(), "verify", must(act_arguments(one.node(), a3)), {1, 2})));
  const auto verified = one.node().law()->model().digest;
  const NewSuspension asked{"xa-xb-2024", "XA"};
  const auto id = must(suspend(
      one.node(), asked, test::approval_of(one.node(), "suspend", act_arguments(asked), {1, 2})));
  const auto snapshot = must(one.node().store().read());
  const auto history = must(law_history(*snapshot));
  ASSERT_EQ(history.size(), 3U);
  EXPECT_EQ(history[0].digest, at_first);
  EXPECT_EQ(history[1].digest, verified);
  EXPECT_EQ(history[1].what, "verification");
  EXPECT_EQ(history[2].digest, one.node().law()->model().digest);
  EXPECT_EQ(history[2].what, "suspend " + id);
  EXPECT_LT(history[0].leaf, history[1].leaf);
  EXPECT_LT(history[1].leaf, history[2].leaf);
}

TEST(VerifyToday, ASemanticsNumberThatThisProgramDoesNotKnowIsSaidSo) {
  Disclosed one;
  const auto rows = test::statements(one.node(), "comity-disclosure", store::Direction::Sent);
  auto object = *must(json::parse(rows.at(0).bytes)).object();
  object.set("semantics", treaty::semantics_number + 1);
  object.erase("signature");
  trust::sign_object(object, one.node().signing_key());
  const auto opened =
      open_disclosure(json::canonical(object), one.node().signing_key().public_key());
  ASSERT_FALSE(opened.has_value());
  EXPECT_NE(opened.error().text().find(
                "decided by semantics 2, and this program knows 1 alone; it takes one that knows 2 "
                "to decide it again"),
            std::string::npos)
      << opened.error().text();
}

}  // namespace
}  // namespace comity::exchange
