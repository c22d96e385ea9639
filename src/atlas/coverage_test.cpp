#include "atlas/coverage.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <set>
#include <string>

#include "atlas/test_oracle.h"
#include "base/test_source_dir.h"
#include "base/test_support.h"
#include "treaty/register.h"

namespace comity::atlas {
namespace {

using comity::test::must;
using test::Oracle;
using treaty::Mode;
using treaty::Model;
using treaty::Verifications;

constexpr std::uint64_t coverage_worlds = 60;

Cell cell_of(const CoverageRow& row) {
  const auto claimed = row.claims.empty() ? BasisLevel::None : row.claims.front().level;
  return {row.basis, row.state, row.verdict, claimed, row.supposed};
}

void expect_as_oracle(const treaty::CompiledRegister& law, const Oracle& oracle,
                      const CoverageQuestion& question, const std::string& where) {
  for (const auto& row : must(coverage(law, question))) {
    if (row.party == question.party) {
      EXPECT_EQ(row.basis, BasisLevel::Own) << where;
      continue;
    }
    const auto expected = question.area
                              ? oracle.cell(question.party, row.party, *question.area, question.at)
                              : oracle.best(question.party, row.party, question.at);
    EXPECT_EQ(test::text(cell_of(row)), test::text(expected)) << where << " to " << row.party;
  }
}

TEST(Coverage, IsWhatTheReferenceSaysOfEveryPartyAndArea) {
  std::set<std::string> seen;
  for (std::uint64_t seed = 0; seed < coverage_worlds; ++seed) {
    const auto model = std::make_shared<const Model>(
        test::with_areas(test::with_own_assumptions(treaty::test::random_model(seed)), seed));
    const auto own = treaty::test::random_verifications(*model, seed);
    const auto mode = treaty::test::random_mode(seed);
    const treaty::CompiledRegister law(model, own, mode);
    const Oracle oracle(*model, own, mode);
    for (const char* day : {"2013-06-01", "2018-01-15", "2026-11-23"}) {
      const auto at = treaty::test::instant(day);
      const auto party = static_cast<int>(seed % model->parties.size());
      for (const auto area : {std::optional<int>(), model->vocabulary.areas.index("content"),
                              model->vocabulary.areas.index("csirt-response")}) {
        const CoverageQuestion question{party, at, area};
        expect_as_oracle(law, oracle, question, std::to_string(seed) + " " + day);
        for (const auto& row : must(coverage(law, question))) {
          seen.insert(name(row.basis));
          seen.insert(name(row.state));
          seen.insert(treaty::name(row.verdict));
        }
      }
    }
  }
  EXPECT_EQ(seen, (std::set<std::string>{"own", "bilateral", "multilateral", "regional", "global",
                                         "none", "verified", "unverified", "assumed", "claimed",
                                         "permitted", "needs", "forbidden", "no-basis"}));
}

// What stands behind a row is the basis of one of the areas, its level first.
TEST(Coverage, NamesTheClausesOfItsLevelFirst) {
  for (std::uint64_t seed = 0; seed < coverage_worlds; ++seed) {
    const auto model = std::make_shared<const Model>(treaty::test::random_model(seed));
    const auto own = treaty::test::verify_all(*model);
    const treaty::CompiledRegister law(model, own, Mode::Operational);
    for (const auto& row :
         must(coverage(law, {0, treaty::test::instant("2018-01-15"), std::nullopt}))) {
      if (row.basis == BasisLevel::Own || row.basis == BasisLevel::None) {
        EXPECT_TRUE(row.instruments.empty());
        continue;
      }
      ASSERT_FALSE(row.instruments.empty());
      std::vector<BasisLevel> levels;
      for (const auto& entry : row.instruments) {
        const auto& paper =
            model->instruments[static_cast<std::size_t>(*model->instrument(entry.instrument))];
        levels.push_back(test::level_words.at(paper.levels.front().level));
      }
      EXPECT_EQ(levels.front(), row.basis);
      EXPECT_EQ(*std::min_element(levels.begin(), levels.end()), row.basis);
      const auto end = std::find_if(levels.begin(), levels.end(),
                                    [&](BasisLevel level) { return level != row.basis; });
      EXPECT_EQ(std::count(end, levels.end(), row.basis), 0);
    }
  }
}

struct Shipped {
  std::shared_ptr<const Model> model;
  Verifications own;
  std::unique_ptr<treaty::CompiledRegister> law;

  Shipped() {
    const auto files = must(treaty::read_register(comity::test::source_path("register")));
    auto loaded = treaty::load_register(files, "demo");
    CHECK(loaded);
    model = *loaded;
    law = std::make_unique<treaty::CompiledRegister>(model, own, Mode::Exercise);
  }
};

TEST(Coverage, OfTheShippedRegisterIsThatOfTheReference) {
  const Shipped shipped;
  const Oracle oracle(*shipped.model, shipped.own, Mode::Exercise);
  const auto at = treaty::test::instant("2026-11-23");
  for (const char* area : {"threat-information", "crime"}) {
    const auto index = shipped.model->vocabulary.areas.index(area);
    for (const char* code : {"RU", "FR", "XA"}) {
      expect_as_oracle(*shipped.law, oracle, {*shipped.model->party(code), at, index}, code);
    }
  }
}

// What the convention on cybercrime gives its parties shows in its areas, and in no other.
TEST(Coverage, PartiesOfTheBudapestConventionHaveItInItsAreas) {
  const Shipped shipped;
  const auto& model = *shipped.model;
  const auto at = treaty::test::instant("2026-11-23");
  const auto& paper = model.instruments[static_cast<std::size_t>(*model.instrument("coe-185"))];
  std::size_t parties = 0;
  for (const auto& entry : paper.parties) {
    parties += entry.status == treaty::Membership::Party ? 1U : 0U;
  }
  EXPECT_EQ(parties, 81U);
  for (const char* area : {"crime", "evidence"}) {
    std::size_t with = 0;
    for (const auto& row : must(coverage(
             *shipped.law, {*model.party("FR"), at, model.vocabulary.areas.index(area)}))) {
      with += row.basis == BasisLevel::Global ? 1U : 0U;
      for (const auto& entry : row.instruments) EXPECT_EQ(entry.instrument, "coe-185");
    }
    EXPECT_EQ(with, parties - 1) << area;
  }
  for (const auto& row : must(coverage(
           *shipped.law, {*model.party("FR"), at, model.vocabulary.areas.index("research")}))) {
    EXPECT_NE(row.basis, BasisLevel::Global);
  }
}

TEST(Coverage, WhatIsOnlyClaimedIsNoBasisAndNamesWhoClaims) {
  treaty::test::TestRegister build({"CN", "KZ", "RU"});
  auto& paper = build.instrument("paper", "regional");
  build.entries(paper, {"CN", "RU"});
  build.clause(paper, "a1", treaty::Verb::Permit, "share", "indicator", "csirt-response");
  const auto areas = build.model().vocabulary.areas;
  paper.area_claims.push_back(
      {treaty::test::bits(areas, "csirt-response training"), "somebody", "F1", ""});
  const treaty::CompiledRegister law(std::make_shared<const Model>(build.model()), {},
                                     Mode::Exercise);
  const auto at = treaty::test::instant("2026-11-23");
  const auto row = [&](const char* to, const char* area) {
    for (auto& one :
         must(coverage(law, {build.party("CN"), at, law.model().vocabulary.areas.index(area)}))) {
      if (one.party == build.party(to)) return one;
    }
    CHECK(false);
    return CoverageRow{};
  };
  EXPECT_EQ(row("RU", "csirt-response").state, BasisState::Unverified);
  const auto claimed = row("RU", "training");
  EXPECT_EQ(claimed.state, BasisState::Claimed);
  EXPECT_EQ(claimed.basis, BasisLevel::None);
  EXPECT_EQ(claimed.verdict, treaty::VerdictKind::NoBasis);
  ASSERT_EQ(claimed.claims.size(), 1U);
  EXPECT_EQ(claimed.claims[0].by, "somebody");
  EXPECT_EQ(claimed.claims[0].provenance, "F1");
  EXPECT_EQ(claimed.claims[0].level, BasisLevel::Regional);
  EXPECT_EQ(claimed.claims[0].areas, treaty::test::bits(areas, "training"));
  EXPECT_EQ(row("RU", "research").state, BasisState::None);
  EXPECT_EQ(row("KZ", "training").state, BasisState::None);
}

// "Content" is refused to everybody; where nothing was agreed there is no basis all the same.
TEST(Coverage, WithoutAnAreaNothingAgreedIsNoBasisAndNotForbidden) {
  const Shipped shipped;
  CoverageQuestion question{*shipped.model->party("CN"), treaty::test::instant("2026-11-23"), {}};
  const auto verdicts = [&] {
    std::set<std::string> out;
    for (const auto& row : must(coverage(*shipped.law, question))) {
      if (row.basis == BasisLevel::None) out.insert(treaty::name(row.verdict));
    }
    return out;
  };
  EXPECT_EQ(verdicts(), (std::set<std::string>{"no-basis"}));
  question.area = shipped.model->vocabulary.areas.index("content");
  EXPECT_EQ(verdicts(), (std::set<std::string>{"forbidden"}));
}

TEST(Coverage, RegisterWithoutTheWordsOfTheQuestionIsSaidSo) {
  treaty::test::TestRegister build({"CN", "RU"});
  auto& classes = build.model().vocabulary.classes.values;
  std::replace(classes.begin(), classes.end(), std::string("indicator"), std::string("sign"));
  const treaty::CompiledRegister law(std::make_shared<const Model>(build.model()), {},
                                     Mode::Exercise);
  const auto found = coverage(law, {0, treaty::test::instant("2026-11-23"), std::nullopt});
  ASSERT_FALSE(found.has_value());
  EXPECT_EQ(found.error().kind, ErrorKind::InvalidInput);
  EXPECT_NE(found.error().message.find("'indicator'"), std::string::npos) << found.error().text();
}

TEST(Coverage, InventedStatesAreLeftOutUnlessOneAsks) {
  treaty::test::TestRegister build({"CN", "RU", "!SCO", "XA", "XB"});
  build.model().parties[1].kind = treaty::PartyKind::Entity;  // RU, for this test
  const treaty::CompiledRegister law(std::make_shared<const Model>(build.model()), {},
                                     Mode::Exercise);
  const auto codes = [&](const char* asks) {
    std::string out;
    for (const auto& row : must(coverage(
             law, {build.party(asks), treaty::test::instant("2026-11-23"), std::nullopt}))) {
      out += law.model().parties[static_cast<std::size_t>(row.party)].code + " ";
    }
    return out;
  };
  EXPECT_EQ(codes("CN"), "CN ");
  EXPECT_EQ(codes("XA"), "CN XA XB ");
  EXPECT_EQ(codes("RU"), "CN RU ");
}

}  // namespace
}  // namespace comity::atlas
