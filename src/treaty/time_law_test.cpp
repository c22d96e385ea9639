// How law changes in time, as laws over random registers in both engines: by days that begin at
// 00:00 UTC, at the instant of a suspension or its end, when a notice has run out; and only for the
// party that acts.
//
// COMITY_SEED chooses another sequence of registers.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <memory>

#include "base/test_support.h"
#include "treaty/clause_rows.h"
#include "treaty/compiled.h"
#include "treaty/reference.h"
#include "treaty/test_model.h"

namespace comity::treaty {
namespace {

constexpr std::uint64_t registers = 300, questions = 10;
constexpr std::int64_t day_micros = seconds_per_day * 1'000'000;

// One register with one party's findings; both engines must give its answers.
struct LawInTime {
  std::shared_ptr<const Model> model;
  Verifications own;
  Mode mode;
  CompiledRegister compiled;

  LawInTime(Model of, Verifications verified, Mode in)
      : model(std::make_shared<const Model>(std::move(of))),
        own(std::move(verified)),
        mode(in),
        compiled(model, own, mode) {}

  Verdict at(ResolvedRequest request, Instant instant) const {
    request.at = instant;
    auto verdict = compiled.decide(request);
    EXPECT_EQ(to_json(verdict), to_json(decide_by_reference(*model, own, mode, request)));
    return verdict;
  }
};

// `law` gets a register, the request and dice, for many of each.
template <typename Check>
void for_all(std::uint64_t stream, Check check) {
  for (std::uint64_t i = 0; i < registers; ++i) {
    const auto seed = comity::test::seed() + stream * 1'000'000'007 + i;
    const auto model = test::random_model(seed);
    const auto own = test::random_verifications(model, seed);
    test::Dice dice(seed);
    for (std::uint64_t q = 0; q < questions; ++q) {
      check(model, own, test::random_mode(seed), test::random_request(model, seed * 1'009 + q),
            dice);
      if (testing::Test::HasFailure()) {
        std::cout << "COMITY_SEED=" << comity::test::seed() << ", register " << seed
                  << ", question " << q << "\n";
        return;
      }
    }
  }
}

int instrument_of(test::Dice& dice, const Model& model) {
  return static_cast<int>(dice.below(model.instruments.size()));
}

bool open(const Verdict& verdict) {
  return verdict.kind == VerdictKind::Permitted || verdict.kind == VerdictKind::Needs;
}

TEST(TimeLaws, WithinADayOnlyASuspensionOrTheEndOfANoticeChangesAnything) {
  std::uint64_t quiet = 0, overnight = 0;
  for_all(31, [&](const Model& model, const Verifications& own, Mode mode,
                  const ResolvedRequest& request, test::Dice& dice) {
    const LawInTime law(model, own, mode);
    const auto midnight =
        request.at.micros - (request.at.micros % day_micros + day_micros) % day_micros;
    auto first = midnight + static_cast<std::int64_t>(dice.below(day_micros));
    auto second = midnight + static_cast<std::int64_t>(dice.below(day_micros));
    if (dice.chance(30)) first = midnight;
    if (dice.chance(30)) second = midnight + day_micros - 1;
    if (second < first) std::swap(first, second);
    const auto between = [&](Instant instant) {
      return instant.micros > first && instant.micros <= second;
    };
    const bool acted = std::any_of(model.suspensions.begin(), model.suspensions.end(),
                                   [&](const Suspension& one) {
                                     return between(one.from) || (one.until && between(*one.until));
                                   }) ||
                       std::any_of(model.denunciations.begin(), model.denunciations.end(),
                                   [&](const Denunciation& one) { return between(one.effective); });
    const auto before = to_json(law.at(request, {midnight - 1}));
    overnight += before != to_json(law.at(request, {midnight})) ? 1 : 0;
    if (acted) return;
    ++quiet;
    ASSERT_EQ(to_json(law.at(request, {first})), to_json(law.at(request, {second})));
  });
  EXPECT_GT(quiet, registers * questions / 2);
  EXPECT_GT(overnight, 0U) << "hardly anything changed at midnight: the law was not tried";
}

TEST(TimeLaws, WithinAStretchAQuestionHasOneAnswer) {
  std::uint64_t short_ones = 0, changed = 0;
  for_all(32, [&](const Model& model, const Verifications& own, Mode mode,
                  const ResolvedRequest& request, test::Dice& dice) {
    const LawInTime law(model, own, mode);
    const auto stretch = law.compiled.stretch(request.at);
    ASSERT_TRUE(stretch.holds(request.at));
    ASSERT_FALSE(stretch.holds(stretch.until));
    const auto length = stretch.until.micros - stretch.from.micros;
    ASSERT_LE(length, day_micros);
    short_ones += length < day_micros ? 1 : 0;
    const auto answer = to_json(law.at(request, request.at));
    const auto within = stretch.from.micros +
                        static_cast<std::int64_t>(dice.below(static_cast<std::uint64_t>(length)));
    for (const auto instant : {stretch.from.micros, stretch.until.micros - 1, within}) {
      ASSERT_EQ(answer, to_json(law.at(request, {instant})));
      const auto same = law.compiled.stretch({instant});
      ASSERT_EQ(same.from, stretch.from);
      ASSERT_EQ(same.until, stretch.until);
    }
    changed += answer != to_json(law.at(request, stretch.until)) ? 1 : 0;
  });
  EXPECT_GT(short_ones, 0U);
  EXPECT_GT(changed, 0U) << "hardly anything changed at an end: the law was not tried";
}

TEST(TimeLaws, APartyIsBoundFromTheFirstInstantOfItsDay) {
  std::uint64_t opened = 0;
  for_all(32, [&](Model model, const Verifications& own, Mode mode, const ResolvedRequest& request,
                  test::Dice& dice) {
    model.suspensions.clear();
    model.denunciations.clear();
    auto& instrument = model.instruments[static_cast<std::size_t>(instrument_of(dice, model))];
    const auto begin = test::date("2018-01-15");
    for (auto& entry : instrument.parties) {
      entry.in_force = begin;
      entry.until.reset();
      entry.status = Membership::Party;
    }
    // Every other one has ended, so that this one alone tells.
    for (auto& other : model.instruments) {
      if (&other != &instrument) other.clauses.clear();
    }
    const LawInTime law(model, own, mode);
    ASSERT_FALSE(open(law.at(request, {begin.earliest.micros - 1})));
    opened += open(law.at(request, begin.earliest)) ? 1 : 0;
  });
  EXPECT_GT(opened, 0U);
}

TEST(TimeLaws, UntilItsNoticeHasRunOutADenunciationChangesNothingAndThenItIsAnEnd) {
  std::uint64_t ended = 0;
  for_all(33, [&](Model model, const Verifications& own, Mode mode, const ResolvedRequest& request,
                  test::Dice& dice) {
    model.denunciations.clear();
    const auto index = instrument_of(dice, model);
    const int party = dice.chance(50) ? request.from : request.to;
    const auto effective = request.at;
    auto denounced = model;
    denounced.denunciations.push_back({"one", index, party, {}, effective, "X"});
    auto over = model;
    for (auto& entry : over.instruments[static_cast<std::size_t>(index)].parties) {
      if (entry.party != party) continue;
      DateFact end;
      end.earliest = end.latest = effective;
      entry.until = end;
    }
    const LawInTime with(denounced, own, mode), without(model, own, mode), ending(over, own, mode);
    const Instant before{effective.micros - 1};
    ASSERT_EQ(to_json(with.at(request, before)), to_json(without.at(request, before)));
    for (const auto after : {effective, Instant{effective.micros + 400 * day_micros}}) {
      const auto then = with.at(request, after);
      ASSERT_EQ(then.kind, ending.at(request, after).kind);
      ended += then.kind != without.at(request, after).kind ? 1 : 0;
    }
  });
  EXPECT_GT(ended, 0U) << "hardly any denunciation acted: the law was not tried";
}

// Suspended twice with a time between: inside it is suspended, before, between and after it is as
// if nothing had been declared.
TEST(TimeLaws, WhatIsResumedIsAsItWas) {
  std::uint64_t stopped = 0;
  for_all(34, [&](Model model, const Verifications& own, Mode mode, const ResolvedRequest& request,
                  test::Dice& dice) {
    model.suspensions.clear();
    const auto index = instrument_of(dice, model);
    const int party = dice.chance(50) ? request.from : request.to;
    const auto at = [&](std::int64_t step) { return Instant{request.at.micros + step}; };
    auto changed = model;
    changed.suspensions.push_back({"first", index, party, at(0), at(10), "X"});
    changed.suspensions.push_back({"second", index, party, at(20), at(30), "X"});
    const LawInTime with(changed, own, mode), without(model, own, mode);
    for (const std::int64_t step : {-1, 10, 19, 30}) {
      ASSERT_EQ(to_json(with.at(request, at(step))), to_json(without.at(request, at(step))))
          << "step " << step;
    }
    for (const std::int64_t step : {0, 9, 20, 29}) {
      const auto then = with.at(request, at(step));
      // Who is no party has nothing to suspend, and may be the third state that a clause speaks of.
      if (standing_of(changed, index, party, at(step)) != Standing::Suspended) continue;
      for (const auto& ground : then.basis) {
        ASSERT_NE(ground.instrument, model.instruments[static_cast<std::size_t>(index)].id)
            << "step " << step;
      }
      stopped += open(without.at(request, at(step))) && !open(then) ? 1 : 0;
    }
  });
  EXPECT_GT(stopped, 0U) << "hardly any suspension acted: the law was not tried";
}

TEST(TimeLaws, WhatAThirdPartyDeclaresConcernsTheTwoOthersNot) {
  for_all(35, [&](const Model& model, const Verifications& own, Mode mode,
                  const ResolvedRequest& request, test::Dice& dice) {
    const auto party = static_cast<int>(dice.below(model.parties.size()));
    if (party == request.from || party == request.to) return;
    // By whom a record came is no stranger to it: what it denounces may end a lock.
    const bool in_chain = std::any_of(request.chain.begin(), request.chain.end(),
                                      [&](const Hop& hop) { return hop.originator == party; });
    if (in_chain) return;
    auto changed = model;
    std::erase_if(changed.suspensions, [&](const Suspension& one) { return one.party == party; });
    std::erase_if(changed.denunciations,
                  [&](const Denunciation& one) { return one.party == party; });
    const auto cleared = changed;
    for (int i = 0; i < static_cast<int>(model.instruments.size()); ++i) {
      if (dice.chance(50)) {
        changed.suspensions.push_back({"s", i, party, request.at, std::nullopt, "X"});
      } else {
        changed.denunciations.push_back({"d", i, party, {}, request.at, "X"});
      }
    }
    const auto without = to_json(LawInTime(cleared, own, mode).at(request, request.at));
    ASSERT_EQ(to_json(LawInTime(changed, own, mode).at(request, request.at)), without);
    ASSERT_EQ(to_json(LawInTime(model, own, mode).at(request, request.at)), without);
  });
}

}  // namespace
}  // namespace comity::treaty
