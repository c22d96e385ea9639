#include "atlas/matrix.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <set>
#include <string>

#include "atlas/alike.h"
#include "atlas/coverage.h"
#include "atlas/test_oracle.h"
#include "base/test_source_dir.h"
#include "base/test_support.h"
#include "treaty/register.h"

namespace comity::atlas {
namespace {

using comity::test::must;
using treaty::Mode;
using treaty::Model;

constexpr std::uint64_t matrix_worlds = 40;

// More of the same kind: with few parties hardly any two stand alike. Two of them are made the same
// in all that is said of a party.
Model with_twins(Model model) {
  const auto pattern = *model.party("CN");
  for (const auto twin : {*model.party("IN"), *model.party("KZ")}) {
    const auto is_of_twin = [&](const auto& one) { return one.party == twin; };
    const auto as_pattern = [&](treaty::PartySet& set) {
      set.set(static_cast<std::size_t>(twin), set.test(static_cast<std::size_t>(pattern)));
    };
    for (auto& instrument : model.instruments) {
      auto& entries = instrument.parties;
      std::erase_if(entries, is_of_twin);
      if (const auto* found = instrument.entry(pattern)) {
        auto copy = *found;
        copy.party = twin;
        const auto later = [&](const auto& one) { return one.party > twin; };
        entries.insert(std::find_if(entries.begin(), entries.end(), later), copy);
      }
      for (auto& clause : instrument.clauses) {
        as_pattern(clause.from.listed);
        as_pattern(clause.to.listed);
      }
    }
    for (auto& one : model.arrangements) as_pattern(one.parties);
    std::erase_if(model.overlays, is_of_twin);
    for (auto& overlay : model.overlays) {
      for (auto& rule : overlay.rules) {
        if (rule.to) as_pattern(*rule.to);
      }
    }
    std::erase_if(model.designations, is_of_twin);
    std::erase_if(model.suspensions, is_of_twin);
    std::erase_if(model.denunciations, is_of_twin);
  }
  return model;
}

void expect_as_oracle(const Matrix& matrix, const test::Oracle& oracle, const std::string& where,
                      std::set<std::string>& seen) {
  const auto states = matrix.states(true);
  for (const int from : states) {
    for (const int to : states) {
      if (from == to) continue;
      for (int area = 0; area < matrix.areas(); ++area) {
        const auto found = test::text(matrix.cell(from, to, area));
        ASSERT_EQ(found, test::text(oracle.cell(from, to, area, matrix.at())))
            << where << " from " << from << " to " << to << " area " << area;
        seen.insert(found);
      }
    }
  }
}

TEST(Matrix, EveryCellIsWhatTheReferenceSays) {
  std::set<std::string> seen;
  bool shared = false;
  for (std::uint64_t seed = 0; seed < matrix_worlds; ++seed) {
    auto random = treaty::test::random_model(seed);
    if (seed % 3 == 0) random = with_twins(std::move(random));
    if (seed % 2 == 0) random = test::with_own_assumptions(std::move(random));
    const auto model = std::make_shared<const Model>(test::with_areas(std::move(random), seed));
    const auto own = treaty::test::random_verifications(*model, seed);
    // Assumptions that several gaps share say nothing of one instrument: outside exercises.
    const auto mode = seed % 2 == 0 ? treaty::test::random_mode(seed / 2) : Mode::Operational;
    const treaty::CompiledRegister law(model, own, mode);
    const auto at = treaty::test::instant(seed % 4 == 3 ? "2026-11-23" : "2018-01-15");
    const auto matrix = must(Matrix::of(law, at));
    shared = shared || matrix.kinds() < static_cast<int>(model->parties.size());
    expect_as_oracle(matrix, test::Oracle(*model, own, mode), std::to_string(seed), seen);
  }
  EXPECT_TRUE(shared) << "no two parties stood alike in any register";
  EXPECT_GT(seen.size(), 20U);
}

TEST(Matrix, RowsAreThoseOfTheCoverageOfOneParty) {
  const auto files = must(treaty::read_register(comity::test::source_path("register")));
  const auto loaded = treaty::load_register(files, "demo");
  CHECK(loaded);
  const treaty::CompiledRegister law(*loaded, {}, Mode::Exercise);
  const auto& model = law.model();
  const auto at = treaty::test::instant("2026-11-23");
  const auto matrix = must(Matrix::of(law, at));
  for (const char* code : {"RU", "FR", "KZ", "CN", "XA"}) {
    const auto party = *model.party(code);
    for (const auto area : {std::optional<int>(), model.vocabulary.areas.index("crime"),
                            model.vocabulary.areas.index("threat-information")}) {
      for (const auto& row : must(coverage(law, {party, at, area}))) {
        if (row.party == party) continue;
        const auto cell =
            area ? matrix.cell(party, row.party, *area) : matrix.best(party, row.party);
        EXPECT_EQ(cell.basis, row.basis);
        EXPECT_EQ(cell.state, row.state);
        EXPECT_EQ(cell.verdict, row.verdict);
      }
    }
  }
}

TEST(Matrix, OneAreaAloneHasTheCellsThatItHasAmongAll) {
  const auto at = treaty::test::instant("2018-01-15");
  bool any = false;
  for (std::uint64_t seed = 0; seed < matrix_worlds; ++seed) {
    const auto model =
        std::make_shared<const Model>(test::with_areas(treaty::test::random_model(seed), seed));
    const treaty::CompiledRegister law(model, treaty::test::verify_all(*model), Mode::Operational);
    const auto area = *model->vocabulary.areas.index("csirt-response");
    const auto all = must(Matrix::of(law, at)), one = must(Matrix::of(law, at, area));
    for (const int from : all.states(true)) {
      for (const int to : all.states(true)) {
        if (from == to) continue;
        ASSERT_EQ(one.cell(from, to, area), all.cell(from, to, area)) << seed;
        ASSERT_EQ(one.cell(from, to, area + 1), Cell()) << seed;
        any = any || all.cell(from, to, area).has_basis();
      }
    }
  }
  EXPECT_TRUE(any);
}

TEST(Matrix, InventedStatesAreThereWhenAskedFor) {
  treaty::test::TestRegister build({"CN", "RU", "!SCO", "XA"});
  const treaty::CompiledRegister law(std::make_shared<const Model>(build.model()), {},
                                     Mode::Exercise);
  const auto matrix = must(Matrix::of(law, treaty::test::instant("2026-11-23")));
  EXPECT_EQ(matrix.states(false), (std::vector<int>{build.party("CN"), build.party("RU")}));
  EXPECT_EQ(matrix.states(true),
            (std::vector<int>{build.party("CN"), build.party("RU"), build.party("XA")}));
}

// Each thing by which one party differs from its twin sets the two apart.
TEST(Alike, WhoeverDiffersInOneThingIsNotAlike) {
  const auto twins = [](const std::function<void(treaty::test::TestRegister&)>& change) {
    treaty::test::TestRegister build({"CN", "RU"});
    auto& paper = build.instrument("paper");
    build.entries(paper, {"CN", "RU"});
    build.clause(paper, "a1", treaty::Verb::Permit, "share", "indicator");
    auto& other = build.instrument("quiet");
    build.entries(other, {"CN", "RU"});
    change(build);
    const auto kinds = alike(build.model(), treaty::test::instant("2018-01-15"));
    return kinds[0] == kinds[1];
  };
  using Build = treaty::test::TestRegister;
  const auto entry = [](Build& build, std::size_t paper) -> treaty::PartyEntry& {
    return build.model().instruments[paper].parties[0];
  };
  EXPECT_TRUE(twins([](Build&) {}));
  EXPECT_FALSE(twins([&](Build& build) { entry(build, 0).status = treaty::Membership::Unknown; }));
  EXPECT_FALSE(twins([&](Build& build) { entry(build, 0).status = treaty::Membership::NotParty; }));
  EXPECT_FALSE(twins([&](Build& build) { entry(build, 0).in_force->provenance = "K:l"; }));
  EXPECT_FALSE(twins([&](Build& build) { entry(build, 0).assumed = "x"; }));
  EXPECT_FALSE(
      twins([&](Build& build) { build.model().instruments[0].clauses[0].to.listed.set(0); }));
  EXPECT_FALSE(twins([](Build& build) { build.designation("paper", "CN"); }));
  EXPECT_FALSE(twins([](Build& build) { build.arrangement("paper", "kind", {"CN"}); }));
  EXPECT_FALSE(twins([](Build& build) { build.suspension("paper", "CN", "2018-01-01"); }));
  // Under what has no clause it matters only whether one is bound.
  EXPECT_TRUE(twins([&](Build& build) { entry(build, 1).in_force->provenance = "K:l"; }));
  EXPECT_FALSE(twins([&](Build& build) { entry(build, 1).status = treaty::Membership::NotParty; }));
  // What comes later makes no difference yet.
  EXPECT_TRUE(twins([](Build& build) { build.designation("paper", "CN", "", "", "2019-01-01"); }));
}

}  // namespace
}  // namespace comity::atlas
