// Laws that hold of every register and question, each named after its sentence. Those about order,
// added forbids, force, suspension and articles are in engines_test.cpp.
#include <gtest/gtest.h>

#include <array>
#include <set>
#include <utility>
#include <vector>

#include "treaty/test_worlds.h"

namespace comity::treaty {
namespace {

using test::base_seed;
using test::for_all;
using test::strictness;
using test::World;

constexpr std::uint64_t streams = 1000;  // beside those of engines_test.cpp

CompiledRegister compiled(const World& world, Model changed) {
  return {std::make_shared<const Model>(std::move(changed)), world.own, world.mode};
}

// The kind that both engines give.
VerdictKind kind_by_both(const World& world, const Model& model, const ResolvedRequest& request) {
  const auto kind = compiled(world, model).kind(request);
  EXPECT_EQ(decide_by_reference(model, world.own, world.mode, request).kind, kind)
      << world.words(request);
  return kind;
}

TEST(TreatyLaw, AnEmptyAudienceIsNobody) {
  std::uint64_t open_before = 0;
  for_all(streams + 1, [&](const World& world, const ResolvedRequest& request) {
    auto changed = *world.model;
    for (auto& instrument : changed.instruments) {
      for (auto& clause : instrument.clauses) {
        clause.to.kind = SideKind::Listed;
        clause.to.listed.reset();
      }
    }
    open_before += strictness(world.compiled.kind(request)) < 2 ? 1 : 0;
    const auto audience = compiled(world, changed).decide_all(request);
    ASSERT_TRUE(audience.permitted.none() && audience.needs.none()) << world.words(request);
    ASSERT_GE(strictness(kind_by_both(world, changed, request)), 2) << world.words(request);
  });
  EXPECT_GT(open_before, 0U);
}

TEST(TreatyLaw, WhateverDoesNotBindIsNeverABasis) {
  std::uint64_t number = 0, advised = 0;
  for_all(streams + 2, [&](const World& world, const ResolvedRequest& request) {
    constexpr std::array others = {Binding::Political,  Binding::Soft,
                                   Binding::Draft,      Binding::OrganisationalRule,
                                   Binding::Historical, Binding::National};
    auto changed = *world.model;
    for (auto& one : changed.instruments) one.binding = others[number++ % others.size()];
    const auto verdict = decide_by_reference(changed, world.own, world.mode, request);
    ASSERT_EQ(compiled(world, changed).decide(request), verdict) << world.words(request);
    ASSERT_TRUE(verdict.basis.empty() && verdict.duties.empty()) << world.words(request);
    ASSERT_GE(strictness(verdict.kind), 2) << world.words(request);
    advised += verdict.advice.empty() ? 0 : 1;
  });
  EXPECT_GT(advised, 0U) << "they never advised either";
}

// The register in which every instrument but one has lost what permits and what forbids within it.
Model with_one_basis(const Model& model, std::size_t kept) {
  auto out = model;
  for (std::size_t i = 0; i < out.instruments.size(); ++i) {
    if (i == kept) continue;
    std::erase_if(out.instruments[i].clauses, [](const Clause& clause) {
      return clause.verb != Verb::Advise &&
             !(clause.verb == Verb::Forbid && clause.scope == Scope::Origin);
    });
  }
  return out;
}

TEST(TreatyLaw, BetweenBasesTheLeastStrictWins) {
  std::uint64_t differed = 0;
  for_all(streams + 3, [&](const World& world, const ResolvedRequest& request) {
    std::set<VerdictKind> alone;
    for (std::size_t i = 0; i < world.model->instruments.size(); ++i) {
      alone.insert(kind_by_both(world, with_one_basis(*world.model, i), request));
    }
    auto expected = VerdictKind::NoBasis;
    for (const auto kind : {VerdictKind::Permitted, VerdictKind::Needs, VerdictKind::Forbidden}) {
      if (!alone.contains(kind)) continue;
      expected = kind;
      break;
    }
    differed += alone.size() > 1 ? 1 : 0;
    ASSERT_EQ(world.compiled.kind(request), expected) << world.words(request);
  });
  EXPECT_GT(differed, 0U) << "the bases hardly ever differed";
}

// The kind while something is unknown, and what it becomes by each of the answers.
using Kinds = std::pair<VerdictKind, std::vector<VerdictKind>>;

// What is permitted while something is unknown must be permitted whatever it turns out to be.
void unknown_never_permits(const World& world, const ResolvedRequest& request, const Kinds& kinds,
                           std::uint64_t& closed) {
  const auto& [unknown, known] = kinds;
  for (const auto kind : known) {
    if (unknown == VerdictKind::Permitted) {
      ASSERT_EQ(kind, VerdictKind::Permitted) << world.words(request);
    }
    closed += kind == VerdictKind::Permitted && unknown != VerdictKind::Permitted ? 1 : 0;
  }
}

TEST(TreatyLaw, AnUnknownFactNeverPermits) {
  std::uint64_t closed = 0;
  for_all(streams + 4, [&](const World& world, const ResolvedRequest& request) {
    for (std::size_t i = 0; i < request.facts.size(); ++i) {
      const auto with = [&](FactValue value) {
        auto asked = request;
        asked.stated[i] = true;
        asked.facts[i] = value;
        return kind_by_both(world, *world.model, asked);
      };
      const Kinds kinds{with(FactValue::Unknown), {with(FactValue::Yes), with(FactValue::No)}};
      ASSERT_NO_FATAL_FAILURE(unknown_never_permits(world, request, kinds, closed));
    }
  });
  EXPECT_GT(closed, 0U) << "hardly any fact mattered";
}

TEST(TreatyLaw, AnUnknownConsentNeverPermits) {
  std::uint64_t closed = 0;
  for_all(streams + 5, [&](const World& world, const ResolvedRequest& request) {
    for (const auto& hop : request.chain) {
      const auto with = [&](Consent value) {
        auto asked = request;
        asked.consents[{hop.originator, request.to}] = value;
        return kind_by_both(world, *world.model, asked);
      };
      const Kinds kinds{with(Consent::Unknown), {with(Consent::Granted), with(Consent::Refused)}};
      ASSERT_NO_FATAL_FAILURE(unknown_never_permits(world, request, kinds, closed));
    }
  });
  EXPECT_GT(closed, 0U) << "hardly any consent mattered";
}

TEST(TreatyLaw, AnUnknownMembershipNeverPermits) {
  std::uint64_t closed = 0;
  for_all(streams + 6, [&](const World& world, const ResolvedRequest& request) {
    for (std::size_t i = 0; i < world.model->instruments.size(); ++i) {
      for (const int party : {request.from, request.to}) {
        if (world.model->instruments[i].entry(party) == nullptr) continue;
        const auto with = [&](Membership status) {
          auto changed = *world.model;
          for (auto& entry : changed.instruments[i].parties) {
            if (entry.party == party) entry.status = status;
          }
          return kind_by_both(world, changed, request);
        };
        const Kinds kinds{with(Membership::Unknown),
                          {with(Membership::Party), with(Membership::NotParty)}};
        ASSERT_NO_FATAL_FAILURE(unknown_never_permits(world, request, kinds, closed));
      }
    }
  });
  EXPECT_GT(closed, 0U) << "hardly any membership mattered";
}

TEST(TreatyLaw, ExerciseDataNeverLeavesExerciseMode) {
  std::uint64_t rested = 0;
  for_all(streams + 7, [&](const World& world, const ResolvedRequest& request) {
    const CompiledRegister exercise(world.model, world.own, Mode::Exercise);
    const CompiledRegister operational(world.model, world.own, Mode::Operational);
    const auto played = exercise.decide(request);
    const auto real = operational.decide(request);
    rested += played.assumed.empty() ? 0 : 1;
    ASSERT_TRUE(real.assumed.empty()) << world.words(request);
    ASSERT_GE(strictness(real.kind), strictness(played.kind)) << world.words(request);
    if (real.kind != VerdictKind::Permitted) return;
    for (const auto& basis : real.basis) {
      ASSERT_EQ(basis.status, "verified-by-2") << world.words(request);
    }
  });
  EXPECT_GT(rested, 0U) << "exercises hardly ever assumed anything";
}

// Settled question 1: several classes in one release need one basis for all.
TEST(TreatyLaw, AnotherClassNeverOpensARelease) {
  std::uint64_t stricter = 0;
  for_all(streams + 8, [&](const World& world, const ResolvedRequest& request) {
    if (request.info == 0) return;
    const auto before = kind_by_both(world, *world.model, request);
    const auto& classes = world.model->vocabulary.classes.values;
    for (std::size_t i = 0; i < classes.size(); ++i) {
      auto asked = request;
      asked.info |= bit(static_cast<int>(i));
      const auto then = world.compiled.kind(asked);
      ASSERT_GE(strictness(then), strictness(before)) << classes[i] << ": " << world.words(request);
      stricter += strictness(then) > strictness(before) ? 1 : 0;
    }
  });
  EXPECT_GT(stricter, 0U);
}

// Settled question 5: one consent never covers the next recipient.
TEST(TreatyLaw, AConsentCoversItsRecipientAndNobodyElse) {
  std::uint64_t mattered = 0;
  for_all(streams + 9, [&](const World& world, const ResolvedRequest& request) {
    const auto kind = kind_by_both(world, *world.model, request);
    for (const auto& hop : request.chain) {
      for (int other = 0; other < static_cast<int>(world.model->parties.size()); ++other) {
        auto asked = request;
        asked.consents[{hop.originator, other}] = Consent::Granted;
        const auto then = kind_by_both(world, *world.model, asked);
        if (other == request.to) {
          mattered += then != kind ? 1 : 0;
        } else {
          ASSERT_EQ(then, kind) << world.words(request);
        }
      }
    }
  });
  EXPECT_GT(mattered, 0U) << "hardly any consent mattered";
}

// Settled question 10.
TEST(TreatyLaw, RedNeverGoesByItself) {
  std::uint64_t open_before = 0;
  for_all(streams + 11, [&](const World& world, ResolvedRequest request) {
    if ((bit(request.action) & transfer_actions) == 0) return;
    open_before += world.compiled.kind(request) == VerdictKind::Permitted ? 1 : 0;
    request.tlp = Tlp::Red;
    ASSERT_NE(kind_by_both(world, *world.model, request), VerdictKind::Permitted)
        << world.words(request);
  });
  EXPECT_GT(open_before, 0U);
}

// Urgency shortens clocks and opens nothing that is guarded.
TEST(TreatyLaw, UrgencyOpensNoGuard) {
  const auto words = test::vocabulary();
  const auto urgent = static_cast<std::size_t>(*words.fact("urgent"));
  const auto order = static_cast<std::size_t>(*words.fact("court-order"));
  for_all(streams + 12, [&](const World& world, ResolvedRequest request) {
    if (request.action == static_cast<int>(Action::Refuse) ||
        request.action == static_cast<int>(Action::Withdraw)) {
      return;
    }
    request.stated[urgent] = true;
    request.facts[urgent] = FactValue::Yes;
    const auto kind_with = [&](const char* guarded) {
      auto asked = request;
      asked.info |= test::bits(words.classes, guarded);
      return kind_by_both(world, *world.model, asked);
    };
    ASSERT_NE(kind_with("content-data"), VerdictKind::Permitted) << world.words(request);
    ASSERT_EQ(kind_with("state-secret"), VerdictKind::Forbidden) << world.words(request);
    const bool ordered = request.area == words.areas.index("evidence") && request.stated[order] &&
                         request.facts[order] == FactValue::Yes;
    for (const char* guarded : {"traffic-data", "subscriber-data"}) {
      ASSERT_TRUE(ordered || kind_with(guarded) != VerdictKind::Permitted) << world.words(request);
    }
  });
}

}  // namespace
}  // namespace comity::treaty
