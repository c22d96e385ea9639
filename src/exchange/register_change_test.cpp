#include "exchange/register_change.h"

#include <gtest/gtest.h>

#include "exchange/law.h"
#include "exchange/test_officers.h"
#include "exchange/verification.h"
#include "exchange/verify.h"
#include "json/write.h"

namespace comity::exchange {
namespace {

using test::approval_of;
using test::must;
using test::Operational;

// The agreement under another id, with one more word in its title.
std::string second_agreement() {
  auto text = test::register_files().at(test::agreement_file);
  text = test::replaced(text, "id = \"xa-xb-2024\"", "id = \"xa-xb-2025\"");
  return test::replaced(text, "Agreement between", "Second agreement between");
}

TEST(RegisterChange, AnInstrumentIsAddedAndReplaced) {
  Operational one;
  const auto text = second_agreement();
  const auto proposal = must(propose_instrument(one.node(), text));
  EXPECT_EQ(proposal.added, std::vector<std::string>{"instruments/bilateral/xa-xb-2025.toml"});
  EXPECT_TRUE(proposal.changed.empty() && proposal.removed.empty());
  EXPECT_NE(proposal.digest, one.node().law()->model().digest);
  const auto refused = enter_instrument(one.node(), text);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().kind, ErrorKind::NotPermitted);
  const auto by = [&](const RegisterProposal& asked, std::initializer_list<int> keys) {
    return approval_of(one.node(), "enter", act_arguments(asked), keys);
  };
  EXPECT_FALSE(enter_instrument(one.node(), text, by(proposal, {1, 5})).has_value());
  must(enter_instrument(one.node(), text, by(proposal, {1, 3})));
  EXPECT_EQ(one.node().law()->model().digest, proposal.digest);
  EXPECT_TRUE(one.node().law()->model().instrument("xa-xb-2025").has_value());
  const auto changed = test::replaced(text, "Second agreement", "Another agreement");
  const auto again = must(propose_instrument(one.node(), changed));
  EXPECT_EQ(again.changed, std::vector<std::string>{"instruments/bilateral/xa-xb-2025.toml"});
  // Signed for another text.
  const auto other = must(
      propose_instrument(one.node(), test::replaced(text, "Second agreement", "Third agreement")));
  EXPECT_FALSE(enter_instrument(one.node(), changed, by(other, {1, 3})).has_value());
  must(enter_instrument(one.node(), changed, by(again, {1, 3})));
  EXPECT_TRUE(must(verify(one.node())).clean());
}

TEST(RegisterChange, WhatIsNoInstrumentOrChangesNothingIsRefused) {
  test::TemporaryDirectory directory;
  test::Party party(directory.file("XA"), "XA", 1);
  const auto before = party.node().law()->model().digest;
  const auto refused = [&](const std::string& text, ErrorKind kind) {
    const auto entered = enter_instrument(party.node(), text);
    ASSERT_FALSE(entered.has_value()) << text;
    EXPECT_EQ(entered.error().kind, kind) << entered.error().text();
    EXPECT_EQ(party.node().law()->model().digest, before);
  };
  const auto input = ErrorKind::InvalidInput;
  refused("", input);
  refused("[instrument]\nid = \"xa-xb-2025\"\n", input);
  refused(test::replaced(second_agreement(), "xa-xb-2025", "../../outside"), input);
  refused(test::replaced(second_agreement(), "xa-xb-2025", "a\\u002fb"), input);
  refused(test::replaced(second_agreement(), "\"bilateral\"", "\"../arrangements\""), input);
  refused(test::replaced(second_agreement(), "code = \"XB\"", "code = \"QQ\""), input);
  refused(test::register_files().at(test::agreement_file), ErrorKind::Conflict);
}

TEST(RegisterChange, AWholeRegisterReplacesInstrumentsAndKeepsWhatOfficersEntered) {
  Operational one;
  const NewVerification a3{"xa-xb-2024", "a3", "Gazette", "2026-11-20"};
  must(enter_verification(
      one.node(), a3,
      approval_of(one.node(), "verify", must(act_arguments(one.node(), a3)), {1, 2})));
  const NewArrangement kind{"xa-xb-2024", "format", "XB", ""};
  must(enter_arrangement(one.node(), kind,
                         approval_of(one.node(), "arrange", act_arguments(kind), {1, 2})));
  auto text = second_agreement();
  must(enter_instrument(
      one.node(), text,
      approval_of(one.node(), "enter", act_arguments(must(propose_instrument(one.node(), text))),
                  {1, 2})));
  // The proposal lacks the second agreement and brings a verification of somebody else.
  auto from = test::register_files();
  from[test::agreement_file] =
      test::replaced(from[test::agreement_file], "A party may decline", "Any party may decline");
  from[verification_file("xa-xb-2024", "a4")] = "{}";
  const auto proposal = must(propose_register(one.node(), from));
  EXPECT_EQ(proposal.added, std::vector<std::string>{});
  EXPECT_EQ(proposal.changed, std::vector<std::string>{test::agreement_file});
  EXPECT_EQ(proposal.removed, std::vector<std::string>{"instruments/bilateral/xa-xb-2025.toml"});
  must(accept_register(one.node(), from,
                       approval_of(one.node(), "accept", act_arguments(proposal), {2, 3})));
  const auto files = must(one.node().register_files());
  EXPECT_TRUE(files.contains(verification_file("xa-xb-2024", "a3")));
  EXPECT_FALSE(files.contains(verification_file("xa-xb-2024", "a4")));
  EXPECT_TRUE(files.contains("arrangements/xa-xb-2024-format-xa-xb.toml"));
  EXPECT_TRUE(must(verify(one.node())).clean());
  EXPECT_EQ(accept_register(one.node(), from).error().kind, ErrorKind::Conflict);
}

TEST(RegisterChange, APartOfARegisterOnlyAddsAndReplaces) {
  test::TemporaryDirectory directory;
  test::Party party(directory.file("XA"), "XA", 1);
  treaty::RegisterFiles part;
  part["instruments/bilateral/xa-xb-2025.toml"] = second_agreement();
  const auto taken = must(accept_register(party.node(), part));
  EXPECT_EQ(taken.added.size(), 1U);
  EXPECT_TRUE(taken.removed.empty());
  EXPECT_TRUE(party.node().law()->model().instrument("xa-xb-2024").has_value());
  part.clear();
  part["parties.toml"] = "[[party]]\ncode = \"XB\"\nname = \"B\"\nkind = \"invented\"\n";
  EXPECT_FALSE(accept_register(party.node(), part).has_value());
}

TEST(RegisterChange, ADesignationIsEnteredOnce) {
  Operational one;
  const auto enter = [&](const NewDesignation& asked, std::initializer_list<int> keys) {
    return enter_designation(one.node(), asked,
                             approval_of(one.node(), "designate", act_arguments(asked), keys));
  };
  const NewDesignation body{"xa-xb-2024", "XB", "XB-CERT", "", {}, ""};
  EXPECT_FALSE(enter_designation(one.node(), body).has_value());
  EXPECT_FALSE(enter(body, {4, 5}).has_value());
  EXPECT_EQ(must(enter(body, {1, 3})), "xa-xb-2024-xb-1");
  EXPECT_EQ(enter(body, {1, 3}).error().kind, ErrorKind::Conflict);
  const NewDesignation second{"xa-xb-2024",           "XB",        "Other", "national-csirt",
                              {"threat-information"}, "2026-11-01"};
  EXPECT_EQ(must(enter(second, {1, 3})), "xa-xb-2024-xb-2");
  EXPECT_EQ(one.node().law()->model().designations.size(), 2U);
  const auto refused = [&](const NewDesignation& asked) {
    const auto entered = enter(asked, {1, 3});
    ASSERT_FALSE(entered.has_value());
    EXPECT_EQ(entered.error().kind, ErrorKind::InvalidInput) << entered.error().text();
  };
  refused({"no-such", "XB", "Body", "", {}, ""});
  refused({"xa-xb-2024", "XC", "Body", "", {}, ""});
  refused({"xa-xb-2024", "XB", "", "", {}, ""});
  refused({"xa-xb-2024", "XB", "a\"\nprovenance = \"S", "", {}, ""});
  refused({"xa-xb-2024", "XB", std::string(body_bytes_max + 1, 'a'), "", {}, ""});
  refused({"xa-xb-2024", "XB", "Body", "king", {}, ""});
  refused({"xa-xb-2024", "XB", "Body", "a\"b", {}, ""});
  refused({"xa-xb-2024", "XB", "Body", "", {"nowhere"}, ""});
  refused({"xa-xb-2024", "XB", "Body", "", {}, "2026"});
  must(enter({"xa-xb-2024", "XB", std::string(body_bytes_max, 'a'), "", {}, ""}, {1, 3}));
}

}  // namespace
}  // namespace comity::exchange
