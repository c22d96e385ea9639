#include "atlas/suppose.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/test_support.h"
#include "treaty/clause_rows.h"
#include "treaty/compiled.h"
#include "treaty/test_model.h"
#include "treaty/test_register.h"

namespace comity::atlas {
namespace {

using comity::test::must;
using treaty::Standing;
using treaty::test::good_register;

constexpr const char* day = "2026-11-23";
constexpr const char* bilateral = "xa-xb-2024";

Instant supposed_at() { return treaty::test::instant(day); }

// Only what binds has a clause that acts.
std::string convention(const std::string& binding = "binding") {
  std::string out =
      "[instrument]\nid = \"conv-2025\"\ntitle.en = \"A convention\"\nform = \"convention\"\n"
      "category = \"interstate\"\nbinding = \"" +
      binding +
      "\"\nlevel_claims = [{ level = \"global\", by = \"test\", source = \"X\" }]\n"
      "provenance = \"X\"\nverification = \"unverified\"\n"
      "[[party]]\ncode = \"XA\"\nin_force = 2025-01-01\nprovenance = \"X\"\n"
      "verification = \"unverified\"\n";
  if (binding != "binding") return out;
  return out +
         "[[clause]]\nid = \"a1\"\narticle = \"Art. 1\"\nstatus = \"unverified\"\n"
         "provenance = \"X\"\nsays = \"They share.\"\nverb = \"permit\"\naction = \"share\"\n"
         "info = [\"indicator\"]\narea = [\"threat-information\"]\npurpose = [\"warning\"]\n";
}

treaty::RegisterFiles with_convention(const std::string& binding = "binding") {
  auto files = good_register();
  files["instruments/global/conv-2025.toml"] = convention(binding);
  return files;
}

Result<Supposed> supposed(const treaty::RegisterFiles& files, const Supposition& what) {
  return suppose(files, std::nullopt, what, supposed_at());
}

Supposition accession(const std::string& party, const std::string& instrument) {
  Supposition out;
  out.accede = {{party, instrument}};
  return out;
}

Supposition withdrawal(const std::string& party, const std::string& instrument) {
  Supposition out;
  out.withdraw = {{party, instrument}};
  return out;
}

Standing standing(const treaty::Model& model, const std::string& instrument,
                  const std::string& party) {
  return treaty::standing_of(model, *model.instrument(instrument), *model.party(party),
                             supposed_at());
}

void expect_refused(const Result<Supposed>& found, ErrorKind kind, const std::string& where,
                    const std::string& part) {
  ASSERT_FALSE(found.has_value());
  EXPECT_EQ(found.error().kind, kind);
  EXPECT_EQ(found.error().where, where);
  EXPECT_NE(found.error().message.find(part), std::string::npos) << found.error().text();
}

TEST(Suppose, WhoAccedesIsAPartyFromThatInstantAndMarked) {
  const auto found = must(supposed(with_convention(), accession("XC", "conv-2025")));
  ASSERT_NE(found.model, nullptr);
  EXPECT_EQ(standing(*found.model, "conv-2025", "XC"), Standing::Live);
  EXPECT_EQ(standing(*found.model, "conv-2025", "XA"), Standing::Live);
  EXPECT_EQ(standing(*found.model, "conv-2025", "XB"), Standing::Not);
  const auto& paper =
      found.model->instruments[static_cast<std::size_t>(*found.model->instrument("conv-2025"))];
  const auto& mark = paper.entry(*found.model->party("XC"))->assumed;
  EXPECT_TRUE(is_supposed(mark));
  ASSERT_NE(found.model->assumption(mark), nullptr);
  EXPECT_EQ(found.model->assumption(mark)->reason, "XC accedes to conv-2025.");
  EXPECT_FALSE(is_supposed(paper.entry(*found.model->party("XA"))->assumed));
  ASSERT_EQ(found.steps.size(), 1U);
  EXPECT_STREQ(name(found.steps[0].kind), "accede");
}

TEST(Suppose, WhoWithdrawsIsNoParty) {
  const auto found = must(supposed(good_register(), withdrawal("XB", bilateral)));
  EXPECT_EQ(standing(*found.model, bilateral, "XB"), Standing::Not);
  EXPECT_EQ(standing(*found.model, bilateral, "XA"), Standing::Live);
}

treaty::VerdictKind kind_of(const Supposed& supposed, const char* action) {
  const treaty::CompiledRegister law(supposed.model, {}, treaty::Mode::Exercise);
  treaty::Request asked;
  asked.from = "XA";
  asked.to = "XB";
  asked.action = action;
  asked.info = {"indicator"};
  asked.area = "threat-information";
  asked.purpose = "warning";
  asked.tlp = "clear";
  asked.at = supposed_at();
  return treaty::decide(law, asked).kind;
}

constexpr const char* xb_joins =
    "[[party]]\ncode = \"XB\"\nin_force = 2025-01-01\nprovenance = \"X\"\n"
    "verification = \"unverified\"\n";

// A duty that outlives the instrument stays between those who were bound.
TEST(Suppose, WhatSurvivesStaysWithWhoWithdraws) {
  auto files = good_register();
  files["instruments/global/conv-2025.toml"] =
      convention() + xb_joins +
      "[[clause]]\nid = \"a2\"\narticle = \"Art. 2\"\nstatus = \"unverified\"\n"
      "provenance = \"X\"\nsays = \"They keep.\"\nverb = \"require\"\naction = \"preserve\"\n"
      "survives = true\nsurvives_provenance = \"X\"\n";
  const auto found = must(supposed(files, withdrawal("XB", "conv-2025")));
  ASSERT_NE(found.model, nullptr);
  EXPECT_EQ(standing(*found.model, "conv-2025", "XB"), Standing::Not);
  EXPECT_NE(kind_of(found, "share"), treaty::VerdictKind::Permitted);
  EXPECT_EQ(kind_of(found, "preserve"), treaty::VerdictKind::Permitted);
}

TEST(Suppose, WhoAccedesAgainHasSuspendedNothing) {
  auto files = good_register();
  files["instruments/global/conv-2025.toml"] = convention() + xb_joins + "until = 2025-06-01\n";
  files["suspensions/xb.toml"] =
      "[[suspension]]\nid = \"s1\"\ninstrument = \"conv-2025\"\nparty = \"XB\"\n"
      "from = 2025-03-01T00:00:00Z\nprovenance = \"X\"\n";
  const auto found = must(supposed(files, accession("XB", "conv-2025")));
  ASSERT_NE(found.model, nullptr);
  EXPECT_EQ(standing(*found.model, "conv-2025", "XB"), Standing::Live);
}

// A text that the register has is replaced; what it holds is supposed, every part of it.
TEST(Suppose, AFileIsInForceAsItStandsAndAllOfItIsSupposed) {
  Supposition what;
  what.file = convention();
  for (const auto& files : {good_register(), with_convention("political")}) {
    const auto found = must(supposed(files, what));
    ASSERT_TRUE(found.problems.empty());
    const auto& paper =
        found.model->instruments[static_cast<std::size_t>(*found.model->instrument("conv-2025"))];
    EXPECT_EQ(paper.binding, treaty::Binding::Binding);
    for (const auto& entry : paper.parties) EXPECT_TRUE(is_supposed(entry.assumed));
    for (const auto& clause : paper.clauses) EXPECT_TRUE(is_supposed(clause.assumed));
    ASSERT_EQ(found.steps.size(), 1U);
    EXPECT_STREQ(name(found.steps[0].kind), "add");
    EXPECT_EQ(found.steps[0].instrument, "conv-2025");
  }
  // The end of a longer word is not its id.
  auto remarked = what;
  remarked.file = "# paid = \"not-1\", sublevel = \"regional\"\n" + convention();
  const auto same = must(supposed(good_register(), remarked));
  ASSERT_EQ(same.steps.size(), 1U);
  EXPECT_EQ(same.steps[0].instrument, "conv-2025");
  // Then one can accede to it.
  what.accede = {{"XB", "conv-2025"}};
  const auto found = must(supposed(good_register(), what));
  EXPECT_EQ(standing(*found.model, "conv-2025", "XB"), Standing::Live);
}

TEST(Suppose, ProblemsOfTheFileNameItsPlaces) {
  Supposition what;
  what.file = convention() + "colour = \"blue\"\n";
  what.file_name = "draft.toml";
  const auto found = must(supposed(good_register(), what));
  EXPECT_EQ(found.model, nullptr);
  ASSERT_EQ(found.problems.size(), 1U);
  EXPECT_EQ(found.problems[0].file, "draft.toml");
  EXPECT_EQ(found.problems[0].line,
            static_cast<int>(std::count(what.file.begin(), what.file.end(), '\n')));
  EXPECT_EQ(found.problems[0].column, 1);
  EXPECT_NE(found.problems[0].found.find("colour"), std::string::npos);
}

TEST(Suppose, WhatCannotBeSupposedIsSaidWithItsPlace) {
  const auto files = with_convention();
  const auto bad = ErrorKind::InvalidInput;
  expect_refused(supposed(files, {}), bad, "", "nothing is supposed");
  expect_refused(supposed(files, accession("ZZ", "conv-2025")), bad, "accede[0]", "'ZZ'");
  expect_refused(supposed(files, accession("UNION", "conv-2025")), bad, "accede[0]", "no state");
  expect_refused(supposed(files, accession("XC", "conv-2024")), bad, "accede[0]",
                 "did you mean 'conv-2025'?");
  expect_refused(supposed(files, accession("XA", "conv-2025")), bad, "accede[0]", "already");
  expect_refused(supposed(files, accession("XC", bilateral)), bad, "accede[0]", "bilateral");
  expect_refused(supposed(with_convention("political"), accession("XC", "conv-2025")), bad,
                 "accede[0]", "political");
  expect_refused(supposed(files, withdrawal("XC", "conv-2025")), bad, "withdraw[0]", "not bound");
  Supposition what;
  what.file = "just words";
  expect_refused(supposed(files, what), bad, "file", "no instrument file");
}

TEST(Suppose, BoundsAreTaken) {
  Supposition what;
  what.file = convention();
  what.file += "#" + std::string(supposed_file_bytes_max - what.file.size() - 1, 'x');
  EXPECT_NE(must(supposed(good_register(), what)).model, nullptr);
  what.file += "x";
  expect_refused(supposed(good_register(), what), ErrorKind::TooLarge, "file", "at most");
  Supposition many;
  many.accede.assign(supposed_steps_max, {"ZZ", "conv-2025"});
  expect_refused(supposed(good_register(), many), ErrorKind::InvalidInput, "accede[0]", "'ZZ'");
  many.accede.push_back({"ZZ", "conv-2025"});
  expect_refused(supposed(good_register(), many), ErrorKind::TooLarge, "accede", "at most 64");
}

TEST(Suppose, AMembershipIsAPartyAndAnInstrument) {
  const auto good = must(membership_from_text("KZ:coe-185", "--accede"));
  EXPECT_EQ(good.party, "KZ");
  EXPECT_EQ(good.instrument, "coe-185");
  for (const char* text : {"", "KZ", ":coe-185", "KZ:"}) {
    const auto found = membership_from_text(text, "--accede");
    ASSERT_FALSE(found.has_value()) << text;
    EXPECT_EQ(found.error().where, "--accede");
  }
}

}  // namespace
}  // namespace comity::atlas
