#include "treaty/difference.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <set>

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
               "threat-information csirt-response", "warning");
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
        expected.push_back({from, to, "share", info, area, "warning", VerdictKind::Permitted,
                            VerdictKind::NoBasis});
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
  Party first;
  first.code = first.name = "AA";
  out.parties.insert(out.parties.begin(), first);
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

// Whatever a register can say of what a party does of itself: another action, with or without a
// class, another purpose.
TEST(Difference, EveryActionClassAndPurposeIsAskedAbout) {
  const auto before = agreement();
  const auto with = [&](Verb verb, const char* actions, const char* info, const char* purposes) {
    test::TestRegister build({"CN", "IN", "KZ", "RU"});
    build.model() = before;
    auto& paper = build.model().instruments[0];
    paper.clauses.reserve(8);
    auto& added = build.clause(paper, "c2", verb, actions, info, "crime", purposes);
    added.from = build.listed({"CN"});
    added.to = build.listed({"RU"});
    return std::move(build.model());
  };
  const auto told = [&](const Model& after) {
    std::set<std::string> out;
    for (const auto& cell : difference(compiled(before), compiled(after), now).cells) {
      EXPECT_EQ(cell.from + cell.to + cell.area, "CNRUcrime");
      EXPECT_TRUE(cell.gained());
      out.insert(cell.action + " " + cell.info + " " + cell.purpose);
    }
    return out;
  };
  using Cells = std::set<std::string>;
  EXPECT_EQ(told(with(Verb::Permit, "preserve disclose", "traffic-data indicator", "evidence")),
            (Cells{"preserve indicator evidence", "disclose indicator evidence"}))
      << "traffic data in this area are forbidden before and after";
  EXPECT_EQ(told(with(Verb::Permit, "request", "", "evidence warning")),
            (Cells{"request  evidence", "request  warning"}));
  EXPECT_EQ(told(with(Verb::Require, "assist", "indicator", "warning")),
            (Cells{"assist  warning", "assist indicator warning"}))
      << "the class is named for this action, so it is asked about, too";
  EXPECT_EQ(told(with(Verb::Require, "notify", "poc-data", "cbm")), (Cells{"notify poc-data cbm"}));
  EXPECT_EQ(told(with(Verb::Empower, "refuse withdraw", "", "warning")), Cells{})
      << "to decline is always open";
}

// ---- against every question --------------------------------------------------------------------

// What the test looks at, of the many words: those that random registers use, the guarded ones, and
// one beyond.
const std::set<std::string> looked_areas{"threat-information", "csirt-response", "evidence",
                                         "content", "contact-channels"};
const std::set<std::string> looked_classes{"",
                                           "poc-data",
                                           "indicator",
                                           "vulnerability",
                                           "incident-summary",
                                           "content-data",
                                           "traffic-data",
                                           "subscriber-data",
                                           "state-secret",
                                           "log-personal"};
const std::vector<std::string> looked_actions{"share",    "request",  "assist", "mitigate",
                                              "preserve", "disclose", "notify", "consult",
                                              "ping",     "report"};

bool transfers(const std::string& action) {
  return action == "share" || action == "preserve" || action == "disclose" || action == "notify";
}

// A class of which some clause speaks where it speaks of the action, too.
bool named(const Model& model, const std::string& action, const std::string& info) {
  const auto about = [&](Bits actions, Bits classes) {
    return (actions & test::bits(model.vocabulary.actions, action)) != 0 &&
           (classes & test::bits(model.vocabulary.classes, info)) != 0;
  };
  bool out = false;
  for (const auto& instrument : model.instruments) {
    for (const auto& clause : instrument.clauses) out = out || about(clause.actions, clause.info);
  }
  for (const auto& overlay : model.overlays) {
    for (const auto& rule : overlay.rules) out = out || about(rule.actions, rule.info);
  }
  return out;
}

// The classes of an action, in the order of a difference.
std::vector<std::string> infos(const Model& before, const Model& after, const std::string& action) {
  std::vector<std::string> out;
  for (const auto& info : looked_classes) {
    const bool asked = info.empty() ? !transfers(action)
                                    : transfers(action) || named(before, action, info) ||
                                          named(after, action, info);
    if (asked) out.push_back(info);
  }
  return out;
}

// Every cell of these words, one question at a time, by the other engine.
std::vector<ChangedCell> slowly(const Model& before, const Model& after, Mode mode) {
  std::vector<ChangedCell> out;
  std::vector<ChangedCell> asked;  // but for who asks whom
  for (const auto& action : looked_actions) {
    for (const auto& info : infos(before, after, action)) {
      for (const char* purpose : {"defence-of-systems", "incident-response", "warning"}) {
        for (const auto& area : looked_areas)
          asked.push_back(
              {"", "", action, info, area, purpose, VerdictKind::NoBasis, VerdictKind::NoBasis});
      }
    }
  }
  for (const auto& from : before.parties) {
    for (const auto& to : before.parties) {
      if (from.code == to.code) continue;
      for (auto cell : asked) {
        Request request;
        request.from = cell.from = from.code;
        request.to = cell.to = to.code;
        request.action = cell.action;
        if (!cell.info.empty()) request.info = {cell.info};
        request.area = cell.area;
        request.purpose = cell.purpose;
        request.tlp = "green";
        request.at = test::instant("2018-01-15");
        const auto kind = [&](const Model& model) {
          return decide_by_reference(model, {}, mode, *resolve(model, request)).kind;
        };
        cell.before = kind(before);
        cell.after = kind(after);
        if (cell.before != cell.after) out.push_back(cell);
      }
    }
  }
  return out;
}

// With fewer words: those behind the last one that random registers use would only be many.
Model shorter(Model model) {
  model.vocabulary.areas.values.resize(17);
  model.vocabulary.purposes.values.resize(3);
  return model;
}

TEST(Difference, IsWhatAskingEveryQuestionFinds) {
  const char* seed = std::getenv("COMITY_SEED");
  const auto base = seed == nullptr ? 1 : std::strtoull(seed, nullptr, 10);
  constexpr std::size_t pairs_in_full = 100;
  const auto count = std::max<std::size_t>(pairs_in_full / comity::test::scale(), 2);
  std::set<std::string> actions;
  const auto tried = [&] {
    return actions.contains("share") && actions.contains("request") && actions.contains("notify");
  };
  for (std::size_t i = 0; comity::test::draws_again(i, count, pairs_in_full, tried()); ++i) {
    const auto before = shorter(test::random_model(base + 2 * i));
    const auto after = shorter(test::random_model(base + 2 * i + 1));
    const auto mode = i % 2 == 0 ? Mode::Exercise : Mode::Operational;
    const auto expected = slowly(before, after, mode);
    auto found = difference(compiled(before, mode), compiled(after, mode),
                            test::instant("2018-01-15"), SIZE_MAX);
    EXPECT_EQ(found.cells.size(), found.changed());
    std::erase_if(found.cells, [](const ChangedCell& cell) {
      return !looked_areas.contains(cell.area) || !looked_classes.contains(cell.info);
    });
    ASSERT_EQ(found.cells, expected) << "COMITY_SEED=" << base << ", pair " << i;
    for (const auto& cell : expected) actions.insert(cell.action);
  }
  EXPECT_TRUE(tried()) << "a kind of action never changed";
}

}  // namespace
}  // namespace comity::treaty
