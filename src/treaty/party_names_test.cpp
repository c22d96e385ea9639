#include "treaty/party_names.h"

#include <gtest/gtest.h>

#include "base/test_support.h"
#include "treaty/request.h"
#include "treaty/test_register.h"

namespace comity::treaty {
namespace {

using test::good_register;

const std::string beta = "name = \"Beta\"\n";

// The good register, its party XB with these lines more.
RegisterFiles with_lines(const std::string& lines) {
  auto files = good_register();
  auto& text = files["parties.toml"];
  text.insert(text.find(beta) + beta.size(), lines);
  return files;
}

RegisterFiles with_aliases(const std::string& aliases) {
  return with_lines("aliases = [" + aliases + "]\nprovenance = \"K:h\"\n");
}

// The only problem of a register, as it is printed.
std::string problem(const RegisterFiles& files) {
  const auto model = load_register(files, std::nullopt);
  if (model) return "none";
  EXPECT_EQ(model.error().size(), 1U);
  const auto& one = model.error().front();
  return std::to_string(one.line) + ": " + one.found + "; " + one.expected + "; " + one.suggestion;
}

TEST(PartyNames, AreCodeNameAndAliasesWhateverTheirCapitals) {
  const auto model = test::loaded(with_aliases("\"Bee\", \"Land of Bees\""));
  for (const auto* name : {"XB", "xb", "Beta", "beta", "BETA", "Bee", "bee", " land of bees "}) {
    EXPECT_EQ(code_of_name(model->parties, name), "XB") << name;
  }
  for (const auto* name : {"", " ", "XBX", "Bet", "Land  of Bees", "XQ"}) {
    EXPECT_EQ(code_of_name(model->parties, name), "") << name;
  }
  EXPECT_EQ(party_suggestion(*model, "bee"), "; did you mean 'XB'?");
  EXPECT_EQ(party_suggestion(*model, "wasp"), "");
  EXPECT_EQ(party_suggestion(*model, "XB"), "") << "that is what was written";
}

TEST(PartyNames, OfAPartyAreReadWithTheirProvenance) {
  const auto model = test::loaded(with_aliases("\"Bee\""));
  const auto& party = model->parties[static_cast<std::size_t>(*model->party("XB"))];
  EXPECT_EQ(party.aliases, std::vector<std::string>{"Bee"});
  EXPECT_EQ(party.provenance, "K:h");
  const auto bare = test::loaded(good_register());
  EXPECT_EQ(bare->parties[static_cast<std::size_t>(*bare->party("XB"))].provenance, "");
}

TEST(PartyNames, NeedAProvenance) {
  EXPECT_EQ(problem(with_lines("aliases = [\"Bee\"]\n")),
            "1: [[party]] has no 'provenance'; this key; ");
  EXPECT_EQ(problem(with_lines("provenance = \"K:h\"\n")), "none");
}

TEST(PartyNames, OfOnePartyAreOfNoOther) {
  for (const auto& [alias, owner] : {std::pair("XA", "XA"), std::pair("alpha", "XA"),
                                     std::pair("the union", "UNION"), std::pair("xc", "XC")}) {
    EXPECT_EQ(problem(with_aliases("\"" + std::string(alias) + "\"")),
              "4: " + std::string(owner) + " goes by '" + alias +
                  "' as well; an alias that no other party has as code, name or alias; ");
  }
  // Its own name and code are no others.
  EXPECT_EQ(problem(with_aliases("\"XB\", \"beta\"")), "none");
  auto files = with_aliases("\"Bee\"");
  files["parties.toml"] +=
      "[[party]]\ncode = \"XD\"\nname = \"Delta\"\nkind = \"invented\"\naliases = [\"bee\"]\n"
      "provenance = \"X\"\n";
  EXPECT_NE(problem(files).find("XB goes by 'bee' as well"), std::string::npos);
}

TEST(PartyNames, InAFileAreNotTakenForCodes) {
  auto files = with_aliases("\"Bee\"");
  auto& text = files["designations/xa.toml"];
  const std::string party = "party = \"XB\"";
  const auto at = text.find("party = \"");
  ASSERT_NE(at, text.npos);
  text.replace(at, party.size(), "party = \"bee\"");
  const auto said = problem(files);
  EXPECT_NE(said.find("'party' is 'bee'; the code of a party, as parties.toml has it; XB"),
            std::string::npos)
      << said;
}

TEST(PartyNames, InARequestAreAnsweredWithTheCode) {
  const auto model = test::loaded(with_aliases("\"Bee\""));
  Request request;
  request.from = "bee";
  request.to = "XA";
  request.info = {"indicator"};
  const auto what = [&] { return resolve(*model, request, false).error().at(0).what; };
  EXPECT_EQ(what(), "the sender 'bee' is no party of this register; did you mean 'XB'?");
  request.from = "Gamma";
  EXPECT_EQ(what(), "the sender 'Gamma' is no party of this register; did you mean 'XC'?");
  request.from = "wasp";
  EXPECT_EQ(what(), "the sender 'wasp' is no party of this register");
  request.from = "UNIOM";
  EXPECT_EQ(what(), "the sender 'UNIOM' is no party of this register; did you mean 'UNION'?");
}

}  // namespace
}  // namespace comity::treaty
