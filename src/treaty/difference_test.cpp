#include "treaty/difference.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "base/test_support.h"
#include "treaty/reference.h"
#include "treaty/test_model.h"

namespace comity::treaty {
namespace {

const Instant now = test::instant("2026-11-24");

CompiledRegister compiled(const Model& model, Mode mode = Mode::Exercise) {
  return {std::make_shared<const Model>(model), {}, mode};
}

// Three parties of one agreement on two classes in two areas; IN is no party of it.
Model agreement() {
  test::TestRegister build({"CN", "IN", "KZ", "RU"});
  auto& paper = build.instrument("paper");
  build.entries(paper, {"CN", "KZ", "RU"});
  build.clause(paper, "c1", Verb::Permit, "share", "indicator vulnerability",
               "threat-information csirt-response");
  return std::move(build.model());
}

DateFact later() { return test::date("2030-01-01"); }

TEST(Difference, TheSameLawHasNone) {
  const auto law = compiled(agreement());
  const auto found = difference(law, law, now);
  EXPECT_EQ(found.changed(), 0U);
  EXPECT_TRUE(found.cells.empty());
}

TEST(Difference, TheDateOfOnePartyChangesItsCellsAndNoOther) {
  const auto before = agreement();
  auto after = before;
  for (auto& entry : after.instruments[0].parties) {
    if (entry.party == *after.party("KZ")) entry.in_force = later();
  }
  std::vector<ChangedCell> expected;
  for (const auto& [from, to] : std::vector<std::pair<std::string, std::string>>{
           {"CN", "KZ"}, {"KZ", "CN"}, {"KZ", "RU"}, {"RU", "KZ"}}) {
    for (const char* info : {"indicator", "vulnerability"}) {
      for (const char* area : {"csirt-response", "threat-information"}) {
        expected.push_back({from, to, info, area, VerdictKind::Permitted, VerdictKind::NoBasis});
      }
    }
  }
  const auto lost = difference(compiled(before), compiled(after), now);
  EXPECT_EQ(lost.cells, expected);
  EXPECT_EQ(lost.lost, 16U);
  EXPECT_EQ(lost.gained, 0U);
  const auto gained = difference(compiled(after), compiled(before), now);
  EXPECT_EQ(gained.gained, 16U);
  EXPECT_EQ(gained.lost, 0U);
  ASSERT_EQ(gained.cells.size(), 16U);
  EXPECT_TRUE(gained.cells[0].gained());
  EXPECT_FALSE(lost.cells[0].gained());
  EXPECT_EQ(difference(compiled(before), compiled(after), test::instant("2030-01-01")).changed(),
            0U)
      << "then both are in force";
  const auto unverified =
      difference(compiled(before, Mode::Operational), compiled(after, Mode::Operational), now);
  ASSERT_EQ(unverified.cells.size(), 16U);
  EXPECT_EQ(unverified.cells[0].before, VerdictKind::Needs);
}

TEST(Difference, ASuspensionLosesItsCellsWhileItLasts) {
  const auto before = agreement();
  auto after = before;
  after.suspensions.push_back({"s", 0, *after.party("KZ"), now, Instant{now.micros + 1}, "X"});
  EXPECT_EQ(difference(compiled(before), compiled(after), now).lost, 16U);
  EXPECT_EQ(difference(compiled(before), compiled(after), {now.micros - 1}).changed(), 0U);
  EXPECT_EQ(difference(compiled(before), compiled(after), {now.micros + 1}).changed(), 0U);
}

TEST(Difference, CellsBeyondTheLimitAreCounted) {
  const auto before = agreement();
  auto after = before;
  after.instruments[0].clauses.clear();
  const auto whole = difference(compiled(before), compiled(after), now);
  ASSERT_EQ(whole.lost, 24U);
  for (const std::size_t kept : {0U, 1U, 23U, 24U, 25U}) {
    const auto found = difference(compiled(before), compiled(after), now, kept);
    EXPECT_EQ(found.lost, 24U);
    ASSERT_EQ(found.cells.size(), std::min<std::size_t>(kept, 24));
    EXPECT_TRUE(std::equal(found.cells.begin(), found.cells.end(), whole.cells.begin()));
  }
}

// Adds a party that sorts before all others, so that every index differs.
Model with_a_party(const Model& model, bool bound) {
  auto out = model;
  out.parties.insert(out.parties.begin(), {"AA", "AA", PartyKind::State, ""});
  auto& entries = out.instruments[0].parties;
  for (auto& entry : entries) ++entry.party;
  if (bound) {
    auto entry = entries[0];
    entry.party = 0;
    entries.insert(entries.begin(), entry);
  }
  return out;
}

TEST(Difference, WordsThatOneRegisterDoesNotKnow) {
  const auto before = agreement();
  EXPECT_EQ(difference(compiled(before), compiled(with_a_party(before, false)), now).changed(), 0U)
      << "what the guards forbid to a party that was not there is no change";
  const auto joined = difference(compiled(before), compiled(with_a_party(before, true)), now);
  EXPECT_EQ(joined.gained, 24U) << "to and from three parties";
  EXPECT_EQ(joined.lost, 0U);
  auto fewer = before;
  auto& areas = fewer.vocabulary.areas.values;
  CHECK(areas[4] == "threat-information");
  areas[4] = "early-warning";
  const auto renamed = difference(compiled(before), compiled(fewer), now);
  EXPECT_EQ(renamed.gained, 12U);
  EXPECT_EQ(renamed.lost, 12U);
}

// Every cell, one question at a time, by the other engine.
std::vector<ChangedCell> slowly(const Model& before, const Model& after, Mode mode) {
  std::vector<ChangedCell> out;
  auto classes = before.vocabulary.classes.values;
  auto areas = before.vocabulary.areas.values;
  std::sort(classes.begin(), classes.end());
  std::sort(areas.begin(), areas.end());
  for (const auto& from : before.parties) {
    for (const auto& to : before.parties) {
      if (from.code == to.code) continue;
      for (const auto& info : classes) {
        for (const auto& area : areas) {
          Request request;
          request.from = from.code;
          request.to = to.code;
          request.info = {info};
          request.area = area;
          request.purpose = "warning";
          request.tlp = "green";
          request.at = test::instant("2018-01-15");
          const auto kind = [&](const Model& model) {
            return decide_by_reference(model, {}, mode, *resolve(model, request)).kind;
          };
          const auto then = kind(before), that = kind(after);
          if (then != that) out.push_back({from.code, to.code, info, area, then, that});
        }
      }
    }
  }
  return out;
}

TEST(Difference, IsWhatAskingEveryQuestionFinds) {
  const char* seed = std::getenv("COMITY_SEED");
  const auto base = seed == nullptr ? 1 : std::strtoull(seed, nullptr, 10);
  const auto count = std::max<std::size_t>(100 / comity::test::scale(), 2);
  std::size_t changed = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const auto before = test::random_model(base + 2 * i);
    const auto after = test::random_model(base + 2 * i + 1);
    const auto mode = i % 2 == 0 ? Mode::Exercise : Mode::Operational;
    const auto expected = slowly(before, after, mode);
    const auto found = difference(compiled(before, mode), compiled(after, mode),
                                  test::instant("2018-01-15"), expected.size() + 1);
    ASSERT_EQ(found.cells, expected) << "COMITY_SEED=" << base << ", pair " << i;
    changed += expected.size();
  }
  EXPECT_GT(changed, 0U);
}

}  // namespace
}  // namespace comity::treaty
