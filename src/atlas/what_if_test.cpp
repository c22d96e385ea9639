#include "atlas/what_if.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <set>
#include <string>

#include "atlas/suppose.h"
#include "atlas/test_oracle.h"
#include "base/test_source_dir.h"
#include "base/test_support.h"
#include "treaty/register.h"

namespace comity::atlas {
namespace {

using comity::test::must;
using treaty::Mode;
using treaty::Model;

std::uint64_t of(const WhatIf::Counts& counts, CellChange change) {
  return counts[static_cast<std::size_t>(change)];
}

TEST(CellChange, HasACaseForEachPairOfCells) {
  const Cell none, claimed{BasisLevel::None, BasisState::Claimed, treaty::VerdictKind::NoBasis,
                           BasisLevel::Global, false};
  const Cell global{BasisLevel::Global, BasisState::Unverified, treaty::VerdictKind::Needs,
                    BasisLevel::None, false};
  EXPECT_EQ(change_of(none, none), std::nullopt);
  EXPECT_EQ(change_of(claimed, claimed), std::nullopt);
  EXPECT_EQ(change_of(global, global), std::nullopt);
  EXPECT_EQ(change_of(none, global), CellChange::Gained);
  EXPECT_EQ(change_of(claimed, global), CellChange::Gained);
  EXPECT_EQ(change_of(global, none), CellChange::Lost);
  EXPECT_EQ(change_of(global, claimed), CellChange::Lost);
  EXPECT_EQ(change_of(none, claimed), CellChange::Claimed);
  EXPECT_EQ(change_of(claimed, none), CellChange::Unclaimed);
  auto other = global;
  other.basis = BasisLevel::Regional;
  EXPECT_EQ(change_of(global, other), CellChange::Changed);
  other = global;
  other.state = BasisState::Verified;
  EXPECT_EQ(change_of(global, other), CellChange::Changed);
  other = global;
  other.verdict = treaty::VerdictKind::Permitted;
  EXPECT_EQ(change_of(global, other), CellChange::Changed);
}

// Random registers before and after one party joined or left one instrument.
struct WhatIfWorld {
  std::shared_ptr<const Model> model, supposed;
  treaty::Verifications own;
  Mode mode;
  Instant at;
  int party = 0;

  explicit WhatIfWorld(std::uint64_t seed) {
    treaty::test::Dice dice(seed * 11 + 1);
    model = std::make_shared<const Model>(
        test::with_areas(test::with_own_assumptions(treaty::test::random_model(seed)), seed));
    own = treaty::test::random_verifications(*model, seed);
    mode = treaty::test::random_mode(seed);
    at = treaty::test::instant("2018-01-15");
    auto changed = *model;
    changed.assumptions.push_back({"supposed:1", "for this test"});
    auto& paper = changed.instruments[dice.below(changed.instruments.size())];
    party = *changed.party(dice.one<std::string>({"CN", "KZ", "RU", "BY"}));
    std::erase_if(paper.parties, [&](const auto& one) { return one.party == party; });
    std::erase_if(changed.suspensions, [&](const auto& one) { return one.party == party; });
    std::erase_if(changed.denunciations, [&](const auto& one) { return one.party == party; });
    if (dice.chance(60)) {
      treaty::PartyEntry entry;
      entry.party = party;
      entry.in_force = treaty::DateFact{at, at, "", true, "X", "supposed:1"};
      entry.provenance = "X";
      entry.assumed = "supposed:1";
      paper.parties.insert(std::find_if(paper.parties.begin(), paper.parties.end(),
                                        [&](const auto& one) { return one.party > party; }),
                           entry);
    }
    supposed = std::make_shared<const Model>(std::move(changed));
  }
};

TEST(WhatIf, CellsAreThoseOfTheReferenceAndConcernTheOneWhoJoinedOrLeft) {
  WhatIf::Counts seen{};
  bool rests = false;
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    const WhatIfWorld world(seed);
    const treaty::CompiledRegister before(world.model, world.own, world.mode);
    const treaty::CompiledRegister after(world.supposed, world.own, world.mode);
    const auto now = must(Matrix::of(before, world.at)), then = must(Matrix::of(after, world.at));
    const auto found = what_if(now, then, std::nullopt, true);
    const test::Oracle was(*world.model, world.own, world.mode),
        is(*world.supposed, world.own, world.mode);
    WhatIf::Counts counts{};
    for (const int from : now.states(true)) {
      for (const int to : now.states(true)) {
        for (int area = 0; area < now.areas() && from != to; ++area) {
          const auto change =
              change_of(was.cell(from, to, area, world.at), is.cell(from, to, area, world.at));
          if (change) ++counts[static_cast<std::size_t>(*change)];
        }
      }
    }
    EXPECT_EQ(found.all, counts) << seed;
    for (const auto& cell : found.cells) {
      EXPECT_TRUE(cell.from == world.party || cell.to == world.party) << seed;
      rests = rests || cell.after.supposed;
      if (cell.after.supposed) {
        EXPECT_EQ(cell.after.state, BasisState::Assumed) << seed;
      }
    }
    for (std::size_t i = 0; i < seen.size(); ++i) seen[i] += found.all[i];
    // The way back.
    const auto back = what_if(then, now, std::nullopt, true);
    EXPECT_EQ(of(back.all, CellChange::Lost), of(found.all, CellChange::Gained));
    EXPECT_EQ(of(back.all, CellChange::Gained), of(found.all, CellChange::Lost));
    EXPECT_EQ(back.pairs, found.pairs);
  }
  for (const auto count : seen) EXPECT_GT(count, 0U) << "a kind of change never came";
  EXPECT_TRUE(rests);
}

TEST(WhatIf, OfOnePartyKeepsItsRowsAndCountsTheRest) {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    const WhatIfWorld world(seed);
    const treaty::CompiledRegister before(world.model, world.own, world.mode);
    const treaty::CompiledRegister after(world.supposed, world.own, world.mode);
    const auto now = must(Matrix::of(before, world.at)), then = must(Matrix::of(after, world.at));
    const auto all = what_if(now, then, std::nullopt, true);
    const auto own = what_if(now, then, world.party, true, 3);
    EXPECT_EQ(own.all, all.all);
    std::uint64_t count = 0;
    for (const auto& cell : all.cells) count += cell.from == world.party ? 1U : 0U;
    EXPECT_EQ(own.cells.size() + own.more, count);
    EXPECT_EQ(own.cells.size(), std::min<std::uint64_t>(count, 3));
    for (const auto& cell : own.cells) EXPECT_EQ(cell.from, world.party);
  }
}

// The convention on cybercrime without one of its parties, and with one more, in the shipped
// register: the pairs are those with each of its other parties.
TEST(WhatIf, OneMorePartyOfAConventionIsOneMorePairWithEachOfItsParties) {
  const auto files = must(treaty::read_register(comity::test::source_path("register")));
  const auto at = treaty::test::instant("2026-11-23");
  const auto exercise = std::optional<std::string>("demo");
  const auto loaded = treaty::load_register(files, exercise);
  CHECK(loaded);
  const treaty::CompiledRegister before(*loaded, {}, Mode::Exercise);
  const auto now = must(Matrix::of(before, at));
  const auto pairs = [&](bool join, const char* code) {
    Supposition what;
    (join ? what.accede : what.withdraw).push_back({code, "coe-185"});
    const auto supposed = must(suppose(files, exercise, what, at));
    const treaty::CompiledRegister after(supposed.model, {}, Mode::Exercise);
    const auto then = must(Matrix::of(after, at));
    return what_if(now, then, std::nullopt, false);
  };
  const auto joined = pairs(true, "KE");
  EXPECT_EQ(joined.pairs, 81U);
  EXPECT_GT(of(joined.all, CellChange::Gained), 2 * 81U);
  EXPECT_EQ(of(joined.all, CellChange::Lost), 0U);
  for (const auto& cell : joined.cells) EXPECT_TRUE(cell.after.supposed);
  const auto left = pairs(false, "FR");
  EXPECT_EQ(left.pairs, 80U);
  EXPECT_EQ(of(left.all, CellChange::Gained), 0U);
}

}  // namespace
}  // namespace comity::atlas
