// The national overlay of a node's party: entered, heeded, taken out.
#include <gtest/gtest.h>

#include "exchange/law_history.h"
#include "exchange/register_change.h"
#include "exchange/release.h"
#include "exchange/test_officers.h"
#include "exchange/verify.h"

namespace comity::exchange {
namespace {

using test::approval_of;
using test::must;
using test::Operational;

constexpr const char* overlay_file = "overlays/xa.toml";

std::string overlay_of(const std::string& party, const std::string& verb = "forbid") {
  return fmt::format(
             "# The law of {0}.\n[overlay]\nparty = \"{0}\"\ntitle.en = \"Data act\"\nprovenance = "
             "\"X\"\n[[rule]]\nid = \"no-indicators\"\narticle = \"s. 4\"\nprovenance = "
             "\"X\"\nverb "
             "= \"{1}\"\naction = [\"share\", \"onward\"]\ninfo = [\"indicator\"]\n",
             party, verb) +
         (verb == "require" ? "needs = [\"four-eyes\"]\n" : "");
}

treaty::Verdict verdict_of(Node& node, const std::string& to) {
  for (const auto& row : must(preview(node, {test::id_of("indicator", 1)}))) {
    if (row.party == to) return row.verdict;
  }
  throw std::runtime_error("no row for " + to);
}

TEST(NodeOverlay, TwoOfficersEnterItAndTakeItOut) {
  Operational one;
  auto& node = one.node();
  const auto before = node.law()->model().digest;
  const auto proposal = must(propose_instrument(node, overlay_of("XA")));
  EXPECT_EQ(proposal.added, std::vector<std::string>{overlay_file});
  EXPECT_EQ(enter_instrument(node, overlay_of("XA")).error().kind, ErrorKind::NotPermitted);
  const auto by = [&](const RegisterProposal& asked, std::initializer_list<int> keys) {
    return approval_of(node, "enter", act_arguments(asked), keys);
  };
  // A duty officer may stop sharing under an agreement, but makes no law.
  EXPECT_FALSE(enter_instrument(node, overlay_of("XA"), by(proposal, {1, 4})).has_value());
  must(enter_instrument(node, overlay_of("XA"), by(proposal, {1, 3})));
  ASSERT_EQ(node.law()->model().overlays.size(), 1U);
  const auto replaced = must(propose_instrument(node, overlay_of("XA", "require")));
  EXPECT_EQ(replaced.changed, std::vector<std::string>{overlay_file});
  must(enter_instrument(node, overlay_of("XA", "require"), by(replaced, {2, 3})));
  EXPECT_FALSE(node.law()->model().overlays.at(0).rules.at(0).forbids);
  one.party.close();
  one.party.open();
  auto& again = one.node();
  EXPECT_EQ(again.law()->model().overlays.size(), 1U);
  EXPECT_EQ(drop_overlay(again).error().kind, ErrorKind::NotPermitted);
  const auto without = must(propose_without_overlay(again));
  EXPECT_EQ(without.removed, std::vector<std::string>{overlay_file});
  must(drop_overlay(again, approval_of(again, "enter", act_arguments(without), {1, 2})));
  EXPECT_TRUE(again.law()->model().overlays.empty());
  EXPECT_EQ(again.law()->model().digest, before);
  EXPECT_EQ(drop_overlay(again).error().kind, ErrorKind::Conflict);
  EXPECT_TRUE(must(verify(again)).clean());
  const auto snapshot = must(again.store().read());
  const auto history = must(law_history(*snapshot));
  ASSERT_EQ(history.size(), 4U);
  EXPECT_EQ(history[0].what, "node-created");
  EXPECT_EQ(history[1].what, "enter");
  EXPECT_EQ(history[1].digest, proposal.digest);
  EXPECT_EQ(history[3].digest, before);
}

TEST(NodeOverlay, NarrowsWhatThisNodeSendsAndNothingElse) {
  test::Federation federation;
  auto& a = federation.a();
  test::import_objects(a, {test::indicator(1)});
  test::import_objects(federation.b(), {test::indicator(1)});
  EXPECT_EQ(verdict_of(a, "XB").kind, treaty::VerdictKind::Permitted);
  must(enter_instrument(a, overlay_of("XA")));
  const auto forbidden = verdict_of(a, "XB");
  EXPECT_EQ(forbidden.kind, treaty::VerdictKind::Forbidden);
  ASSERT_FALSE(forbidden.reasons.empty());
  EXPECT_EQ(forbidden.reasons.back().code, "overlay-forbids");
  EXPECT_EQ(forbidden.reasons.back().instrument, "overlay-xa");
  EXPECT_EQ(forbidden.reasons.back().clause, "no-indicators");
  const auto done = release(a, {test::id_of("indicator", 1)}, {"XB"});
  EXPECT_TRUE(test::disclosures_sent(a).empty()) << done.has_value();
  EXPECT_EQ(verdict_of(federation.b(), "XA").kind, treaty::VerdictKind::Permitted);
  must(enter_instrument(a, overlay_of("XA", "require")));
  const auto needs = verdict_of(a, "XB");
  EXPECT_EQ(needs.kind, treaty::VerdictKind::Needs);
  ASSERT_FALSE(needs.needs.empty());
  EXPECT_EQ(needs.needs.back().what, "four-eyes under overlay-xa no-indicators (s. 4)");
  must(drop_overlay(a));
  EXPECT_EQ(verdict_of(a, "XB").kind, treaty::VerdictKind::Permitted);
}

// What waits to be sent is decided again; what was disclosed before the law began stays permitted.
TEST(NodeOverlay, ActsOnWhatWaitsAndFromItsDayOn) {
  test::Federation federation;
  auto& a = federation.a();
  test::import_objects(a, {test::indicator(1)});
  must(release(a, {test::id_of("indicator", 1)}, {"XB"}));
  const auto sent = test::disclosures_sent(a).at(0);
  must(still_permitted(a, sent));
  must(enter_instrument(a, overlay_of("XA") + "in_force = 2026-11-24\n"));
  must(still_permitted(a, sent));
  federation.xa.clock.set(must(parse_rfc3339("2026-11-24T00:00:00Z")));
  const auto refused = still_permitted(a, sent);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().kind, ErrorKind::NotPermitted);
  EXPECT_EQ(must(verify(a)).not_permitted_today_count, 0);
  // A rule without a day was always law, also when the disclosure was made.
  must(enter_instrument(a, overlay_of("XA")));
  const auto found = must(verify(a));
  EXPECT_TRUE(found.clean());
  ASSERT_EQ(found.not_permitted_today.size(), 1U);
  EXPECT_NE(found.not_permitted_today[0].why.find("forbidden"), std::string::npos);
}

TEST(NodeOverlay, AnothersIsNeverTaken) {
  test::TemporaryDirectory directory;
  test::Party party(directory.file("XA"), "XA", 1);
  auto& node = party.node();
  const auto foreign = enter_instrument(node, overlay_of("XB"));
  ASSERT_FALSE(foreign.has_value());
  EXPECT_EQ(foreign.error().kind, ErrorKind::InvalidInput);
  EXPECT_NE(foreign.error().message.find("national overlay of 'XB'"), std::string::npos);
  // A comment does not make it ours.
  EXPECT_FALSE(enter_instrument(node, "# party = \"XA\"\n" + overlay_of("XB")).has_value());
  treaty::RegisterFiles from;
  from["overlays/xb.toml"] = overlay_of("XB");
  EXPECT_EQ(accept_register(node, from).error().kind, ErrorKind::Conflict);
  from[overlay_file] = overlay_of("XA");
  EXPECT_EQ(must(accept_register(node, from)).added, std::vector<std::string>{overlay_file});
  // A whole register of others leaves it where it is.
  auto whole = test::register_files();
  whole[test::agreement_file] =
      test::replaced(whole[test::agreement_file], "A party may decline", "Any party may decline");
  must(accept_register(node, whole));
  EXPECT_EQ(node.law()->model().overlays.size(), 1U);
  EXPECT_THROW(test::Party(directory.file("XC"), "XC", 2,
                           [](NewNode& options) {
                             options.register_files["overlays/xb.toml"] = overlay_of("XB");
                           }),
               std::exception);
}

TEST(NodeOverlay, OneThatWouldWidenIsRefusedWithItsPlace) {
  test::TemporaryDirectory directory;
  test::Party party(directory.file("XA"), "XA", 1);
  const auto refused = enter_instrument(party.node(), overlay_of("XA", "permit"));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().kind, ErrorKind::InvalidInput);
  EXPECT_NE(refused.error().text().find("overlays/xa.toml:10:8: the verb 'permit'"),
            std::string::npos)
      << refused.error().text();
  EXPECT_TRUE(party.node().law()->model().overlays.empty());
}

}  // namespace
}  // namespace comity::exchange
