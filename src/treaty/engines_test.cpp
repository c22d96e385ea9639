// The compiled engine against the reference on random registers and questions, and laws that every
// engine must keep whatever the register says.
//
// COMITY_SEED chooses another sequence, COMITY_SCALE how many pairs are compared: a million divided
// by it.
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <map>
#include <memory>
#include <numeric>
#include <random>

#include "treaty/compiled.h"
#include "treaty/reference.h"
#include "treaty/test_model.h"

namespace comity::treaty {
namespace {

constexpr std::uint64_t pairs_in_full = 1'000'000;
constexpr std::uint64_t scale_default = 50;
constexpr std::uint64_t seed_default = 20'261'123;
constexpr int shards = 10;
constexpr std::uint64_t questions_per_register = 10;
constexpr std::uint64_t law_registers = 300;

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  if (text == nullptr || *text == '\0') return otherwise;
  const auto value = std::strtoull(text, nullptr, 10);
  CHECK(value > 0);
  return value;
}

std::uint64_t base_seed() {
  static const auto seed = from_environment("COMITY_SEED", seed_default);
  return seed;
}

// A random register with a party's own findings, compiled.
struct World {
  std::uint64_t seed;
  std::shared_ptr<const Model> model;
  Verifications own;
  Mode mode;
  CompiledRegister compiled;

  explicit World(std::uint64_t number)
      : World(number, std::make_shared<const Model>(test::random_model(number))) {}
  World(std::uint64_t number, std::shared_ptr<const Model> changed)
      : seed(number),
        model(std::move(changed)),
        own(test::random_verifications(*model, number)),
        mode(test::random_mode(number)),
        compiled(model, own, mode) {}

  Verdict reference(const ResolvedRequest& request) const {
    return decide_by_reference(*model, own, mode, request);
  }
  std::string words(const ResolvedRequest& request) const {
    const auto asked = test::in_words(*model, request);
    std::string text = "register seed " + std::to_string(seed) + ", " + name(mode) +
                       " mode: " + asked.from + " to " + asked.to + ", " + asked.action + ", info";
    for (const auto& one : asked.info) text += " " + one;
    text += ", area " + asked.area + ", purpose " + asked.purpose + ", tlp " + asked.tlp + ", at " +
            format_rfc3339(asked.at, 6) + ", roles";
    for (const auto& one : asked.from_roles) text += " from:" + one;
    for (const auto& one : asked.to_roles) text += " to:" + one;
    for (const auto& [key, value] : asked.facts) text += ", " + key + "=" + value;
    for (const auto& [id, originator] : asked.received_under)
      text += ", under " + id + ":" + originator;
    return text;
  }
};

// The question of that number to a register. One in twenty declines, which random_request never
// does.
ResolvedRequest question(const World& world, std::uint64_t number) {
  const auto seed = world.seed * 1'000'003 + number;
  auto request = test::random_request(*world.model, seed);
  if (seed % 20 == 0) request.action = static_cast<int>(Action::Refuse);
  if (seed % 40 == 0) request.action = static_cast<int>(Action::Withdraw);
  return request;
}

int strictness(VerdictKind kind) {
  switch (kind) {
    case VerdictKind::Permitted:
      return 0;
    case VerdictKind::Needs:
      return 1;
    case VerdictKind::NoBasis:
      return 2;
    case VerdictKind::Forbidden:
      return 3;
    case VerdictKind::InvalidRequest:
      return 4;
  }
  return 4;
}

// Calls `law` with many registers and a question to each.
template <typename Law>
void for_all(std::uint64_t stream, Law law) {
  for (std::uint64_t i = 0; i < law_registers; ++i) {
    const World world(base_seed() + stream * 1'000'000'007 + i);
    for (std::uint64_t q = 0; q < questions_per_register; ++q) {
      law(world, question(world, q));
      if (testing::Test::HasFailure()) {
        std::cout << "COMITY_SEED=" << base_seed() << "\n";
        return;
      }
    }
  }
}

// --- The two engines ----------------------------------------------------------------------------

class EnginesTest : public testing::TestWithParam<int> {
 protected:
  // How often each verdict occurred: a comparison of nothing but refusals would prove little.
  std::map<VerdictKind, std::uint64_t> seen_;
  std::uint64_t suspended_ = 0;  // verdicts that name a suspension

  void compare(const World& world, const ResolvedRequest& request) {
    const auto reference = world.reference(request);
    const auto compiled = world.compiled.decide(request);
    ++seen_[reference.kind];
    const bool names_one =
        std::any_of(reference.reasons.begin(), reference.reasons.end(),
                    [](const Reason& reason) { return reason.code == "suspended"; });
    suspended_ += names_one ? 1 : 0;
    ASSERT_EQ(to_json(reference), to_json(compiled)) << world.words(request);
    ASSERT_EQ(reference, compiled) << world.words(request);
    ASSERT_EQ(world.compiled.kind(request), reference.kind) << world.words(request);
  }

  void compare_audience(const World& world, ResolvedRequest request) {
    const auto audience = world.compiled.decide_all(request);
    for (std::size_t to = 0; to < parties_max; ++to) {
      int sets = 0;
      for (const auto* set :
           {&audience.permitted, &audience.needs, &audience.forbidden, &audience.no_basis}) {
        sets += set->test(to) ? 1 : 0;
      }
      const bool asked = to < world.model->parties.size() && static_cast<int>(to) != request.from;
      ASSERT_EQ(sets, asked ? 1 : 0) << "party " << to << ": " << world.words(request);
      if (!asked) continue;
      request.to = static_cast<int>(to);
      const auto kind = world.compiled.kind(request);
      const auto& set = kind == VerdictKind::Permitted   ? audience.permitted
                        : kind == VerdictKind::Needs     ? audience.needs
                        : kind == VerdictKind::Forbidden ? audience.forbidden
                                                         : audience.no_basis;
      ASSERT_TRUE(set.test(to)) << world.words(request);
    }
  }
};

TEST_P(EnginesTest, AgreeOnRandomRegisters) {
  const auto scale = from_environment("COMITY_SCALE", scale_default);
  const auto pairs = std::max<std::uint64_t>(pairs_in_full / scale / shards, 1);
  const auto first = base_seed() + static_cast<std::uint64_t>(GetParam()) * 1'000'000'000;
  std::cout << "COMITY_SEED=" << base_seed() << ", " << pairs << " pairs\n";
  for (std::uint64_t done = 0; done < pairs;) {
    const World world(first + done);
    for (std::uint64_t q = 0; q < questions_per_register && done < pairs; ++q, ++done) {
      const auto request = question(world, q);
      ASSERT_NO_FATAL_FAILURE(compare(world, request));
      if (q == 0) {
        ASSERT_NO_FATAL_FAILURE(compare_audience(world, request));
      }
    }
  }
  if (pairs < 1000) return;
  EXPECT_GT(suspended_ * 100, pairs) << "hardly any verdict names a suspension";
  for (const auto kind :
       {VerdictKind::Permitted, VerdictKind::Needs, VerdictKind::NoBasis, VerdictKind::Forbidden}) {
    EXPECT_GT(seen_[kind] * 50, pairs) << "hardly any verdict is " << name(kind);
  }
}

INSTANTIATE_TEST_SUITE_P(Shard, EnginesTest, testing::Range(0, shards));

TEST(EnginesInWordsTest, WordsAndIndexesGetTheSameVerdict) {
  for_all(1, [](const World& world, const ResolvedRequest& request) {
    const auto asked = test::in_words(*world.model, request);
    ASSERT_EQ(to_json(decide(world.compiled, asked)), to_json(world.reference(request)))
        << world.words(request);
  });
}

TEST(EnginesInWordsTest, WhatCannotBeResolvedIsInvalid) {
  const World world(1);
  Request request = test::in_words(*world.model, test::random_request(*world.model, 1));
  request.to = "QQ";
  request.action = "remove";
  const auto verdict = decide(world.compiled, request);
  const auto resolved = resolve(*world.model, request);
  ASSERT_FALSE(resolved.has_value());
  EXPECT_EQ(verdict, invalid_request(*world.model, resolved.error()));
  EXPECT_EQ(verdict.reasons.size(), 2U);
}

// --- Laws ---------------------------------------------------------------------------------------

TEST(TreatyLawsTest, TheSameQuestionGetsTheSameBytes) {
  for_all(2, [](const World& world, const ResolvedRequest& request) {
    const World again(world.seed);
    const auto json = to_json(world.compiled.decide(request));
    ASSERT_EQ(json, to_json(world.compiled.decide(request)));
    ASSERT_EQ(json, to_json(again.compiled.decide(request)));
  });
}

// The same model with other ids, and so another order of instruments, and another order of clauses,
// arrangements and designations. `place` receives the new index of each instrument.
Model reordered(const Model& model, std::mt19937_64& random, std::vector<int>& place) {
  const auto count = model.instruments.size();
  std::vector<std::size_t> order(count);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::shuffle(order.begin(), order.end(), random);
  Model out = model;
  place.assign(count, 0);
  for (std::size_t i = 0; i < count; ++i) {
    place[order[i]] = static_cast<int>(i);
    out.instruments[i] = model.instruments[order[i]];
    out.instruments[i].id = model.instruments[i].id;
    std::shuffle(out.instruments[i].clauses.begin(), out.instruments[i].clauses.end(), random);
  }
  const auto move = [&](int& index) { index = place[static_cast<std::size_t>(index)]; };
  for (auto& one : out.arrangements) move(one.instrument);
  for (auto& one : out.designations) move(one.instrument);
  for (auto& one : out.suspensions) move(one.instrument);
  for (auto& one : out.denunciations) move(one.instrument);
  std::shuffle(out.arrangements.begin(), out.arrangements.end(), random);
  std::shuffle(out.designations.begin(), out.designations.end(), random);
  std::shuffle(out.suspensions.begin(), out.suspensions.end(), random);
  std::shuffle(out.denunciations.begin(), out.denunciations.end(), random);
  return out;
}

TEST(TreatyLawsTest, TheOrderOfTheRegisterDoesNotMatter) {
  std::mt19937_64 random(base_seed());
  for_all(3, [&](const World& world, ResolvedRequest request) {
    std::vector<int> place;
    const auto model = std::make_shared<const Model>(reordered(*world.model, random, place));
    // Verification is by id and digest: every clause is verified or none, as ids have moved.
    const bool none = world.own.verified.empty();
    const auto own = none ? Verifications{} : test::verify_all(*model);
    const auto before = CompiledRegister(
        world.model, none ? Verifications{} : test::verify_all(*world.model), world.mode);
    const auto kind = before.kind(request);
    const auto text = world.words(request);
    for (auto& hop : request.chain)
      hop.instrument = place[static_cast<std::size_t>(hop.instrument)];
    ASSERT_EQ(CompiledRegister(model, own, world.mode).kind(request), kind) << text;
    ASSERT_EQ(decide_by_reference(*model, own, world.mode, request).kind, kind) << text;
  });
}

TEST(TreatyLawsTest, TheOrderOfWordsInAQuestionDoesNotMatter) {
  std::mt19937_64 random(base_seed());
  for_all(4, [&](const World& world, const ResolvedRequest& request) {
    auto asked = test::in_words(*world.model, request);
    const auto json = to_json(decide(world.compiled, asked));
    for (auto* list : {&asked.info, &asked.from_roles, &asked.to_roles}) {
      std::shuffle(list->begin(), list->end(), random);
    }
    std::shuffle(asked.facts.begin(), asked.facts.end(), random);
    ASSERT_EQ(to_json(decide(world.compiled, asked)), json) << world.words(request);
  });
}

TEST(TreatyLawsTest, AnAddedForbidNeverOpensAnything) {
  std::uint64_t number = 0, stricter = 0;
  for_all(5, [&](const World& world, const ResolvedRequest& request) {
    test::Dice dice(base_seed() + ++number);
    test::TestRegister build(test::pool::parties);
    auto changed = *world.model;
    auto& instrument = changed.instruments[dice.below(changed.instruments.size())];
    auto& clause = instrument.clauses.emplace_back();
    clause.id = "added";
    clause.verb = Verb::Forbid;
    clause.actions = bit(request.action);
    clause.digest = sha256("added");
    if (dice.chance(50)) clause.info = request.info;
    test::detail::random_forbid(dice, build, clause);
    const CompiledRegister after(std::make_shared<const Model>(changed), world.own, world.mode);
    const auto before = world.compiled.kind(request);
    const auto then = after.kind(request);
    ASSERT_GE(strictness(then), strictness(before)) << world.words(request);
    ASSERT_EQ(decide_by_reference(changed, world.own, world.mode, request).kind, then);
    stricter += strictness(then) > strictness(before) ? 1 : 0;
  });
  EXPECT_GT(stricter, 50U) << "the added forbids hardly ever acted: the law was not tried";
}

// Changes every register, asks again and expects that nothing is permitted or nearly so.
template <typename Change>
void nothing_is_open_after(std::uint64_t stream, Change change) {
  std::uint64_t open_before = 0;
  for_all(stream, [&](const World& world, const ResolvedRequest& request) {
    open_before += strictness(world.compiled.kind(request)) < 2 ? 1 : 0;
    auto changed = *world.model;
    change(changed, request);
    const CompiledRegister after(std::make_shared<const Model>(changed), world.own, world.mode);
    const auto audience = after.decide_all(request);
    ASSERT_TRUE(audience.permitted.none()) << world.words(request);
    ASSERT_TRUE(audience.needs.none()) << world.words(request);
    ASSERT_GE(strictness(decide_by_reference(changed, world.own, world.mode, request).kind), 2);
  });
  EXPECT_GT(open_before, 100U) << "hardly anything was open before";
}

TEST(TreatyLawsTest, WithoutInstrumentsNobodyIsAnAudience) {
  nothing_is_open_after(6, [](Model& model, const ResolvedRequest&) {
    for (auto& one : model.instruments) one.clauses.clear();
  });
}

TEST(TreatyLawsTest, WithoutPartiesNobodyIsAnAudience) {
  nothing_is_open_after(7, [](Model& model, const ResolvedRequest&) {
    for (auto& one : model.instruments) one.parties.clear();
  });
}

TEST(TreatyLawsTest, WhatIsNotYetInForcePermitsNothing) {
  nothing_is_open_after(8, [](Model& model, const ResolvedRequest& request) {
    for (auto& instrument : model.instruments) {
      for (auto& entry : instrument.parties) {
        DateFact later;
        later.earliest = later.latest = Instant{request.at.micros + 1};
        entry.in_force = later;
      }
    }
  });
}

TEST(TreatyLawsTest, WhatHasEndedPermitsNothing) {
  nothing_is_open_after(9, [](Model& model, const ResolvedRequest& request) {
    for (auto& instrument : model.instruments) {
      for (auto& entry : instrument.parties) {
        DateFact now;
        now.earliest = now.latest = request.at;
        entry.until = now;
      }
    }
  });
}

TEST(TreatyLawsTest, WhatEverybodyHasDenouncedPermitsNothing) {
  nothing_is_open_after(15, [](Model& model, const ResolvedRequest& request) {
    model.denunciations.clear();
    for (int i = 0; i < static_cast<int>(model.instruments.size()); ++i) {
      for (const auto& entry : model.instruments[static_cast<std::size_t>(i)].parties) {
        model.denunciations.push_back({"all", i, entry.party, {}, request.at, "X"});
      }
    }
  });
}

// Adds a suspension by `party` of every instrument that lasts at the instant of the request.
Model with_suspensions(const Model& model, int party, const ResolvedRequest& request) {
  auto changed = model;
  std::erase_if(changed.suspensions, [&](const Suspension& one) { return one.party == party; });
  for (int i = 0; i < static_cast<int>(model.instruments.size()); ++i) {
    const Instant end{request.at.micros + 1};
    changed.suspensions.push_back({"all", i, party, request.at, end, "X"});
  }
  return changed;
}

TEST(TreatyLawsTest, WhoHasSuspendedEverythingNeitherSendsNorReceives) {
  nothing_is_open_after(16, [](Model& model, const ResolvedRequest& request) {
    model = with_suspensions(model, request.from, request);
  });
  for_all(17, [](const World& world, const ResolvedRequest& request) {
    auto changed = with_suspensions(*world.model, request.to, request);
    // Where it is no party, it stays the third state that some clauses speak of: not so here.
    for (auto& instrument : changed.instruments) {
      for (auto& clause : instrument.clauses) {
        if (clause.to.kind == SideKind::ThirdParties) clause.to.kind = SideKind::Parties;
      }
    }
    const CompiledRegister after(std::make_shared<const Model>(changed), world.own, world.mode);
    ASSERT_GE(strictness(after.kind(request)), 2) << world.words(request);
  });
}

TEST(TreatyLawsTest, ASuspensionOpensNothingAndEndsWithItsInstant) {
  std::uint64_t stopped = 0;
  for_all(18, [&](const World& world, ResolvedRequest request) {
    auto bare = *world.model;
    bare.suspensions.clear();
    auto changed = bare;
    const auto instrument = static_cast<int>(request.at.micros % 2);
    changed.suspensions.push_back(
        {"one", instrument, request.to, request.at, Instant{request.at.micros + 1}, "X"});
    const CompiledRegister without(std::make_shared<const Model>(bare), world.own, world.mode);
    const CompiledRegister with(std::make_shared<const Model>(changed), world.own, world.mode);
    const bool open_before = strictness(without.kind(request)) < 2;
    const bool open_then = strictness(with.kind(request)) < 2;
    ASSERT_TRUE(open_before || !open_then) << world.words(request);
    stopped += open_before && !open_then ? 1 : 0;
    // An instant before it begins and at the instant of its end the law is as without it.
    for (const int step : {-1, 2}) {
      request.at.micros += step;
      ASSERT_EQ(to_json(with.decide(request)), to_json(without.decide(request)));
    }
  });
  EXPECT_GT(stopped, 50U) << "the suspensions hardly ever acted: the law was not tried";
}

TEST(TreatyLawsTest, WhatDoesNotBindPermitsNothing) {
  nothing_is_open_after(10, [](Model& model, const ResolvedRequest&) {
    for (auto& one : model.instruments) one.binding = Binding::Soft;
  });
}

TEST(TreatyLawsTest, EveryPermitNamesAnArticle) {
  std::uint64_t permits = 0;
  for_all(11, [&](const World& world, const ResolvedRequest& request) {
    const auto verdict = world.compiled.decide(request);
    const bool open = strictness(verdict.kind) < 2;
    ASSERT_EQ(verdict.basis.empty(), !open) << world.words(request);
    for (const auto& entry : verdict.basis) ASSERT_FALSE(entry.article.empty());
    if (verdict.kind == VerdictKind::Permitted) {
      ++permits;
      ASSERT_TRUE(verdict.needs.empty());
    }
    ASSERT_FALSE(verdict.kind == VerdictKind::Needs && verdict.needs.empty());
    ASSERT_FALSE(verdict.kind == VerdictKind::Forbidden && verdict.reasons.empty());
  });
  EXPECT_GT(permits, 100U);
}

TEST(TreatyLawsTest, NothingUnverifiedPermitsInOperationalMode) {
  for_all(12, [](const World& world, const ResolvedRequest& request) {
    const CompiledRegister bare(world.model, {}, Mode::Operational);
    ASSERT_NE(bare.kind(request), VerdictKind::Permitted) << world.words(request);
  });
}

TEST(TreatyLawsTest, GuardedClassesNeverLeaveByThemselves) {
  const auto& classes = test::vocabulary().classes;
  const auto& areas = test::vocabulary().areas;
  for_all(13, [&](const World& world, ResolvedRequest request) {
    if (request.action == static_cast<int>(Action::Refuse) ||
        request.action == static_cast<int>(Action::Withdraw)) {
      return;
    }
    const auto kind_with = [&](const char* added) {
      auto asked = request;
      asked.info |= test::bits(classes, added);
      return world.compiled.kind(asked);
    };
    ASSERT_NE(kind_with("content-data"), VerdictKind::Permitted) << world.words(request);
    ASSERT_EQ(kind_with("state-secret"), VerdictKind::Forbidden) << world.words(request);
    for (const char* data : {"traffic-data", "subscriber-data"}) {
      const auto order = static_cast<std::size_t>(*world.model->vocabulary.fact("court-order"));
      const bool under_order = request.area == areas.index("evidence") && request.stated[order] &&
                               request.facts[order] == FactValue::Yes;
      ASSERT_TRUE(under_order || kind_with(data) != VerdictKind::Permitted) << world.words(request);
    }
    request.area = areas.index("content");
    ASSERT_NE(world.compiled.kind(request), VerdictKind::Permitted) << world.words(request);
    request.rights_record = RightsRecord::Absent;
    ASSERT_EQ(world.compiled.kind(request), VerdictKind::Forbidden) << world.words(request);
  });
}

TEST(TreatyLawsTest, NoGuardStandsInTheWayOfDeclining) {
  const auto& classes = test::vocabulary().classes;
  for_all(14, [&](const World& world, ResolvedRequest request) {
    for (const auto action : {Action::Refuse, Action::Withdraw}) {
      request.action = static_cast<int>(action);
      request.info = test::bits(classes, "content-data state-secret traffic-data");
      request.area = test::vocabulary().areas.index("content");
      for (const auto& reason : world.compiled.decide(request).reasons) {
        ASSERT_FALSE(reason.code.ends_with("-guard") || reason.code == "content-gate")
            << world.words(request);
      }
    }
  });
}

}  // namespace
}  // namespace comity::treaty
