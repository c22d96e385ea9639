#include "atlas/gaps.h"

#include <gtest/gtest.h>

#include <bitset>
#include <memory>
#include <string>

#include "atlas/test_oracle.h"
#include "base/test_support.h"

namespace comity::atlas {
namespace {

using comity::test::must;
using treaty::Mode;
using treaty::Model;

// Four states and five instruments: a bilateral one, a regional one that is only claimed, and
// conventions of which both, one or none of two are parties.
struct GapsWorld {
  treaty::test::TestRegister build{{"CN", "FR", "KZ", "RU"}};

  GapsWorld() {
    agreement("a-global", "global", {"CN", "FR"}, "threat-information csirt-response");
    agreement("b-empty", "global", {"KZ"}, "evidence");
    agreement("c-pair", "bilateral", {"CN", "RU"}, "threat-information");
    auto& claimed = agreement("d-claimed", "regional", {"KZ", "RU"}, "");
    claimed.area_claims.push_back(
        {treaty::test::bits(build.model().vocabulary.areas, "training research"), "somebody", "F1",
         ""});
    auto& rule = agreement("e-rule", "regional", {"KZ", "RU"}, "crime");
    rule.form = "directive";
  }

  treaty::Instrument& agreement(const std::string& id, const std::string& level,
                                std::initializer_list<const char*> parties,
                                const std::string& areas) {
    auto& paper = build.instrument(id, level);
    paper.form = "convention";
    build.entries(paper, parties);
    if (!areas.empty()) {
      build.clause(paper, "a1", treaty::Verb::Permit, "share", "indicator", areas, "warning");
    }
    return paper;
  }

  Gap gap(const char* of, const char* with) {
    const treaty::CompiledRegister law(std::make_shared<const Model>(build.model()), {},
                                       Mode::Exercise);
    const auto at = treaty::test::instant("2026-11-23");
    for (auto& one : must(gaps(law, build.party(of), at)).rows) {
      if (one.party == build.party(with)) return one;
    }
    CHECK(false);
    return {};
  }

  std::string areas(const Gap& gap, BasisState state) {
    return build.model().vocabulary.areas.joined(gap.areas[static_cast<std::size_t>(state)], " ");
  }

  // "read d-claimed training research; …", in their order.
  std::string steps(const Gap& gap) {
    std::string out;
    for (const auto& step : gap.nearest) {
      const auto& model = build.model();
      out += std::string(name(step.kind)) + " " +
             model.instruments[static_cast<std::size_t>(step.instrument)].id +
             (step.operative ? " " : " claimed ") + model.vocabulary.areas.joined(step.areas, " ") +
             "; ";
    }
    return out;
  }
};

TEST(Gaps, EachAreaStandsUnderItsState) {
  GapsWorld world;
  const auto pair = world.gap("CN", "RU");
  EXPECT_EQ(world.areas(pair, BasisState::Unverified), "threat-information");
  EXPECT_EQ(world.areas(pair, BasisState::Claimed), "");
  EXPECT_NE(world.areas(pair, BasisState::None).find("csirt-response"), std::string::npos);
  const auto claimed = world.gap("RU", "KZ");
  EXPECT_EQ(world.areas(claimed, BasisState::Claimed), "research training");
  EXPECT_EQ(world.areas(claimed, BasisState::Unverified), "crime");
  ASSERT_EQ(claimed.claims.size(), 1U);
  EXPECT_EQ(claimed.claims[0].by, "somebody");
  // What is refused to everybody is no gap that an agreement could close.
  EXPECT_EQ(world.areas(pair, BasisState::None).find("content"), std::string::npos);
}

TEST(Gaps, TheNearestStepComesFirst) {
  GapsWorld world;
  // Both are bound by what is only claimed; then what one of the two could join, then both.
  EXPECT_EQ(world.steps(world.gap("RU", "KZ")),
            "read d-claimed claimed research training; party-joins b-empty evidence; "
            "both-join a-global csirt-response threat-information; ");
  // The same from the other side.
  EXPECT_EQ(world.steps(world.gap("KZ", "RU")),
            "read d-claimed claimed research training; other-joins b-empty evidence; "
            "both-join a-global csirt-response threat-information; ");
  // No third party joins what two have agreed, nor a rule that an organisation gives its members;
  // a regional claim comes behind what has clauses.
  EXPECT_EQ(world.steps(world.gap("FR", "RU")),
            "party-joins d-claimed claimed research training; other-joins a-global csirt-response "
            "threat-information; both-join b-empty evidence; ");
}

// Who has suspended an instrument is bound by it all the same, and has nothing to join.
TEST(Gaps, WhatIsSuspendedIsNoStep) {
  GapsWorld world;
  world.build.suspension("a-global", "CN", "2026-01-01");
  const auto gap = world.gap("CN", "FR");
  EXPECT_NE(world.areas(gap, BasisState::None).find("threat-information"), std::string::npos);
  EXPECT_EQ(world.steps(gap).find("a-global"), std::string::npos) << world.steps(gap);
  EXPECT_NE(world.steps(gap).find("both-join b-empty"), std::string::npos) << world.steps(gap);
}

TEST(Gaps, AreThoseOfTheReference) {
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    const auto model = std::make_shared<const Model>(
        test::with_areas(test::with_own_assumptions(treaty::test::random_model(seed)), seed));
    const auto own = treaty::test::random_verifications(*model, seed);
    const auto mode = treaty::test::random_mode(seed);
    const treaty::CompiledRegister law(model, own, mode);
    const test::Oracle oracle(*model, own, mode);
    const auto at = treaty::test::instant("2018-01-15");
    const auto party = *model->party("RU");
    const auto found = must(gaps(law, party, at));
    std::array<std::int64_t, basis_state_count> cells{};
    for (const auto& row : found.rows) {
      for (int area = 0; area < static_cast<int>(model->vocabulary.areas.values.size()); ++area) {
        const auto cell = oracle.cell(party, row.party, area, at);
        const bool gate = cell.verdict == treaty::VerdictKind::Forbidden;
        for (std::size_t state = 0; state < basis_state_count; ++state) {
          const bool expected = !gate && state == static_cast<std::size_t>(cell.state);
          EXPECT_EQ((row.areas[state] >> area & 1U) != 0, expected) << seed << " " << area;
          cells[state] += expected ? 1 : 0;
        }
      }
      EXPECT_LE(row.nearest.size(), gap_steps_max);
      const auto open = row.areas[static_cast<std::size_t>(BasisState::None)] |
                        row.areas[static_cast<std::size_t>(BasisState::Claimed)];
      for (const auto& step : row.nearest) EXPECT_EQ(step.areas & ~open, 0U) << seed;
    }
    EXPECT_EQ(found.cells, cells);
  }
}

}  // namespace
}  // namespace comity::atlas
