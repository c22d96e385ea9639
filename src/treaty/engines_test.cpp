// The compiled engine against the reference on random registers and questions, and laws that every
// engine must keep whatever the register says.
//
// COMITY_SEED chooses another sequence, COMITY_SCALE how many pairs are compared: a million divided
// by it.
#include <gtest/gtest.h>

#include <iostream>
#include <map>
#include <memory>
#include <numeric>
#include <random>
#include <set>

#include "base/test_support.h"
#include "treaty/clause_rows.h"
#include "treaty/refusal.h"
#include "treaty/test_worlds.h"

namespace comity::treaty {
namespace {

using test::base_seed;
using test::for_all;
using test::question;
using test::strictness;
using test::World;

constexpr std::uint64_t pairs_in_full = 1'000'000;
constexpr std::uint64_t pairs_telling = 20'000;  // in so many, every value occurs often
constexpr int shards = 10;

// --- The two engines ----------------------------------------------------------------------------

// How often each value of each dimension was asked about.
class Asked {
 public:
  void count(const Model& model, const ResolvedRequest& request) {
    const auto& words = model.vocabulary;
    const auto each = [&](const char* dimension, const Names& names, Bits set) {
      for (std::size_t i = 0; i < names.values.size(); ++i) {
        if ((set & bit(static_cast<int>(i))) != 0) ++seen_[dimension][names.values[i]];
      }
    };
    const auto one = [&](const char* dimension, const Names& names, std::optional<int> value) {
      each(dimension, names, value ? bit(*value) : 0);
      if (!value) ++seen_[dimension]["none"];
    };
    one("action", words.actions, request.action);
    each("class", words.classes, request.info);
    one("area", words.areas, request.area);
    one("purpose", words.purposes, request.purpose);
    each("role of the sender", words.roles, request.from_roles);
    each("role of the recipient", words.roles, request.to_roles);
    ++seen_["tlp"][name(request.tlp)];
    ++seen_["hops"][std::to_string(request.chain.size())];
    ++seen_["rights-record"][std::to_string(static_cast<int>(request.rights_record))];
    for (std::size_t i = 0; i < words.facts.size(); ++i) {
      const auto value = request.stated[i] ? static_cast<int>(request.facts[i]) : -1;
      ++seen_["fact " + words.facts[i].id][std::to_string(value)];
    }
    ++seen_["attribution"][std::to_string(static_cast<int>(request.attribution))];
    one("refusal-ground", words.refusal_grounds, request.refusal_ground);
    for (const auto& hop : request.chain) ++seen_["hop"][hop.at ? "dated" : "undated"];
    for (const auto& [pair, consent] : request.consents) {
      ++seen_["consent"][std::to_string(static_cast<int>(consent))];
    }
  }

  void expect_every_value(std::uint64_t pairs) {
    const auto words = test::vocabulary();
    const std::map<std::string, std::size_t> expected = {
        {"action", words.actions.values.size()},
        {"class", words.classes.values.size()},
        {"area", words.areas.values.size() + 1},
        {"purpose", words.purposes.values.size() + 1},
        {"role of the sender", words.roles.values.size()},
        {"role of the recipient", words.roles.values.size()},
        {"tlp", 6},
        {"hops", 4},
        {"rights-record", 3},
        {"attribution", 3},
        {"refusal-ground", words.refusal_grounds.values.size() + 1},
        {"hop", 2},
        {"consent", 3}};
    for (const auto& [dimension, values] : expected) {
      EXPECT_EQ(seen_[dimension].size(), values) << dimension;
    }
    for (const auto& fact : words.facts) EXPECT_EQ(seen_["fact " + fact.id].size(), 4U) << fact.id;
    for (const auto& [dimension, values] : seen_) {
      for (const auto& [value, times] : values) {
        EXPECT_GT(times * 2000, pairs) << dimension << " " << value;
      }
    }
  }

 private:
  std::map<std::string, std::map<std::string, std::uint64_t>> seen_;
};

// The parts of the law that show in a verdict: a comparison that hardly ever meets one of them
// would tell nothing about it.
const std::set<std::string> telling_parts = {"reading",     "overlay-forbids",  "overlay-needs",
                                             "received-at", "refusal-ground",   "attribution",
                                             "suspended",   "surviving-ground", "surviving-duty"};

std::set<std::string> parts_of(const Model& model, const ResolvedRequest& request,
                               const Verdict& verdict) {
  std::set<std::string> out;
  for (const auto& reason : verdict.reasons) out.insert(reason.code);
  for (const auto& need : verdict.needs) {
    if (need.what.find(" under overlay-") != std::string::npos) out.insert("overlay-needs");
    if (need.what.starts_with("received-at")) out.insert("received-at");
    if (need.what == "refusal-ground") out.insert("refusal-ground");
    if (need.what.starts_with("an attribution")) out.insert("attribution");
  }
  std::set<std::string> basis;
  for (const auto& entry : verdict.basis) {
    basis.insert(entry.instrument);
    const auto index = *model.instrument(entry.instrument);
    const auto left = [&](int party) {
      return standing_of(model, index, party, request.at) == Standing::Not;
    };
    const auto& clause = *model.instruments[static_cast<std::size_t>(index)].clause(entry.clause);
    if (clause.survives == true && (left(request.from) || left(request.to))) {
      out.insert("surviving-ground");
    }
  }
  for (const auto& duty : verdict.duties) {
    if (!basis.contains(duty.instrument)) out.insert("surviving-duty");
  }
  return out;
}

class EnginesTest : public testing::TestWithParam<int> {
 protected:
  // How often each verdict occurred: a comparison of nothing but refusals would prove little.
  std::map<VerdictKind, std::uint64_t> seen_;
  std::map<std::string, std::uint64_t> parts_;  // verdicts in which a part of the law shows
  Asked asked_;

  void compare(const World& world, const ResolvedRequest& request) {
    const auto reference = world.reference(request);
    const auto compiled = world.compiled.decide(request);
    ++seen_[reference.kind];
    for (const auto& part : parts_of(*world.model, request, reference)) ++parts_[part];
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
  const auto pairs = std::max<std::uint64_t>(pairs_in_full / comity::test::scale() / shards, 1);
  const auto first = base_seed() + static_cast<std::uint64_t>(GetParam()) * 1'000'000'000;
  std::cout << "COMITY_SEED=" << base_seed() << ", " << pairs << " pairs\n";
  for (std::uint64_t done = 0; done < pairs;) {
    const World world(first + done);
    for (std::uint64_t q = 0; q < test::questions_per_register && done < pairs; ++q, ++done) {
      const auto request = question(world, q);
      asked_.count(*world.model, request);
      ASSERT_NO_FATAL_FAILURE(compare(world, request));
      if (q == 0) {
        ASSERT_NO_FATAL_FAILURE(compare_audience(world, request));
      }
    }
  }
  if (pairs < 1000) return;
  EXPECT_GT(parts_["suspended"] * 100, pairs) << "hardly any verdict names a suspension";
  if (pairs >= pairs_telling) {
    asked_.expect_every_value(pairs);
    for (const auto& part : telling_parts) {
      EXPECT_GT(parts_[part] * 5000, pairs) << "hardly any verdict shows " << part;
    }
  }
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
  EXPECT_GT(stricter, 0U) << "the added forbids hardly ever acted: the law was not tried";
}

// The registers in which every passage has one of its readings and no other.
std::vector<Model> with_one_reading_each(const Model& model) {
  constexpr std::size_t choices_max = 64;
  std::map<std::pair<std::string, std::string>, std::vector<std::string>> passages;
  for (const auto& instrument : model.instruments) {
    for (const auto& clause : instrument.clauses) {
      const auto& base = clause.reading_of.empty() ? clause.id : clause.reading_of;
      passages[{instrument.id, base}].push_back(clause.id);
    }
  }
  std::vector<Model> out{model};
  for (const auto& entry : passages) {
    const auto& passage = entry.first;
    const auto& readings = entry.second;
    if (readings.size() == 1 || out.size() * readings.size() > choices_max) continue;
    std::vector<Model> next;
    for (const auto& one : out) {
      for (const auto& chosen : readings) {
        auto& added = next.emplace_back(one);
        auto& clauses =
            added.instruments[static_cast<std::size_t>(*added.instrument(passage.first))].clauses;
        std::erase_if(clauses, [&](const Clause& clause) {
          const auto& base = clause.reading_of.empty() ? clause.id : clause.reading_of;
          return base == passage.second && clause.id != chosen;
        });
        for (auto& clause : clauses) {
          if (clause.id == chosen) clause.reading_of.clear();
        }
      }
    }
    out = std::move(next);
  }
  return out;
}

TEST(TreatyLawsTest, OfRivalReadingsTheStrictestCounts) {
  std::uint64_t disputed = 0;
  for_all(20, [&](const World& world, const ResolvedRequest& request) {
    int strictest = 0, mildest = 9;
    for (const auto& one : with_one_reading_each(*world.model)) {
      const auto kind = decide_by_reference(one, world.own, world.mode, request).kind;
      strictest = std::max(strictest, strictness(kind));
      mildest = std::min(mildest, strictness(kind));
    }
    disputed += strictest > mildest ? 1 : 0;
    ASSERT_EQ(strictness(world.reference(request).kind), strictest) << world.words(request);
  });
  EXPECT_GT(disputed, 0U) << "the readings hardly ever differed: the law was not tried";
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
  EXPECT_GT(open_before, 0U) << "hardly anything was open before";
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

// At the instant of the request every instrument ends for every party.
void end_all(Model& model, const ResolvedRequest& request) {
  for (auto& instrument : model.instruments) {
    for (auto& entry : instrument.parties) {
      DateFact now;
      now.earliest = now.latest = request.at;
      entry.until = now;
    }
  }
}
void denounce_all(Model& model, const ResolvedRequest& request) {
  model.denunciations.clear();
  for (int i = 0; i < static_cast<int>(model.instruments.size()); ++i) {
    for (const auto& entry : model.instruments[static_cast<std::size_t>(i)].parties) {
      model.denunciations.push_back({"all", i, entry.party, {}, request.at, "X"});
    }
  }
}
void let_nothing_survive(Model& model) {
  for (auto& instrument : model.instruments) {
    for (auto& clause : instrument.clauses) clause.survives.reset();
  }
}

TEST(TreatyLawsTest, WhatHasEndedPermitsNothing) {
  nothing_is_open_after(9, [](Model& model, const ResolvedRequest& request) {
    let_nothing_survive(model);
    end_all(model, request);
  });
}

TEST(TreatyLawsTest, WhatEverybodyHasDenouncedPermitsNothing) {
  nothing_is_open_after(15, [](Model& model, const ResolvedRequest& request) {
    let_nothing_survive(model);
    denounce_all(model, request);
  });
}

// Of what has ended, only duties that survive are a basis, and those are no more open than before.
TEST(TreatyLawsTest, OnlyDutiesThatSurviveOutliveTheirInstrument) {
  std::uint64_t open = 0, listed = 0;
  for_all(21, [&](const World& world, const ResolvedRequest& request) {
    auto ended = *world.model;
    if (request.at.micros % 2 == 0) {
      end_all(ended, request);
    } else {
      denounce_all(ended, request);
    }
    const CompiledRegister after(std::make_shared<const Model>(ended), world.own, world.mode);
    const auto verdict = after.decide(request);
    ASSERT_EQ(verdict, decide_by_reference(ended, world.own, world.mode, request));
    for (const auto& entry : verdict.basis) {
      const auto index = static_cast<std::size_t>(*ended.instrument(entry.instrument));
      const auto& clause = *ended.instruments[index].clause(entry.clause);
      ASSERT_TRUE(clause.verb == Verb::Require && clause.survives == true)
          << entry.instrument << " " << entry.clause << ": " << world.words(request);
    }
    open += verdict.basis.empty() ? 0 : 1;
    listed += verdict.duties.empty() ? 0 : 1;
  });
  EXPECT_GT(open, 0U) << "hardly any duty survived: the law was not tried";
  EXPECT_GT(listed, 0U);
}

// A lock holds after the end as before it, unless it says that it ends.
TEST(TreatyLawsTest, LocksOutliveTheirInstrument) {
  const auto locks = [](const Verdict& verdict) {
    std::vector<std::string> out;
    for (const auto& reason : verdict.reasons) {
      if (reason.code == "origin-forbids") out.push_back(reason.instrument + " " + reason.clause);
    }
    return out;
  };
  std::uint64_t held = 0, freed = 0;
  for_all(22, [&](const World& world, const ResolvedRequest& request) {
    auto before = *world.model;
    before.suspensions.clear();
    before.denunciations.clear();
    for (auto& instrument : before.instruments) {
      for (auto& entry : instrument.parties) entry.until.reset();
      // Who is a third party changes with the end; here only the lock itself is looked at.
      for (auto& clause : instrument.clauses) {
        if (clause.scope != Scope::Origin) continue;
        clause.to.kind = SideKind::Parties;
        clause.when.reset();
        clause.except_consent = false;
        clause.survives.reset();
        if (clause.id.back() % 2 == 0) clause.survives = false;
      }
    }
    auto ended = before;
    end_all(ended, request);
    const auto then = locks(decide_by_reference(before, world.own, world.mode, request));
    const auto now = locks(decide_by_reference(ended, world.own, world.mode, request));
    for (const auto& lock : then) {
      const auto blank = lock.find(' ');
      const auto& instrument =
          ended.instruments[static_cast<std::size_t>(*ended.instrument(lock.substr(0, blank)))];
      const bool ends = instrument.clause(lock.substr(blank + 1))->survives == false;
      const bool still = std::find(now.begin(), now.end(), lock) != now.end();
      ASSERT_TRUE(still || ends) << lock << ": " << world.words(request);
      held += still ? 1 : 0;
      freed += still ? 0 : 1;
    }
  });
  EXPECT_GT(held, 0U);
  EXPECT_GT(freed, 0U);
}

// What is known of when a record came makes nothing milder, and nothing at all where everybody
// shares the history.
TEST(TreatyLawsTest, InstantsOfHopsOpenNothing) {
  std::uint64_t stricter = 0, asked = 0;
  for_all(23, [&](const World& world, ResolvedRequest request) {
    // The recipient acceded late, and some of the record came before.
    const auto with = [&](History history) {
      auto model = *world.model;
      for (auto& instrument : model.instruments) {
        instrument.history = history;
        for (auto& clause : instrument.clauses) clause.history = history;
        for (auto& entry : instrument.parties) {
          if (entry.party == request.to && entry.in_force) {
            entry.in_force = test::date("2016-08-10");
          }
        }
      }
      return model;
    };
    const auto plain = with(History::Unstated), shared = with(History::All),
               asks = with(History::FromAccession);
    if (!request.chain.empty()) request.chain.back().at = test::instant("2015-07-01");
    auto undated = request;
    for (auto& hop : undated.chain) hop.at.reset();
    const auto answer = [&](const Model& model, const ResolvedRequest& asking) {
      return decide_by_reference(model, world.own, world.mode, asking);
    };
    const auto dated = answer(plain, request);
    const auto then = answer(plain, undated);
    ASSERT_GE(strictness(dated.kind), strictness(then.kind)) << world.words(request);
    stricter += dated.kind == then.kind ? 0 : 1;
    ASSERT_EQ(answer(shared, request), answer(shared, undated)) << world.words(request);
    ASSERT_EQ(answer(shared, undated), then) << world.words(request);
    // Only a register that says so asks for an instant.
    for (const auto& need : then.needs) ASSERT_FALSE(need.what.starts_with("received-at"));
    for (const auto& need : answer(asks, undated).needs) {
      asked += need.what.starts_with("received-at") ? 1 : 0;
    }
    const CompiledRegister law(std::make_shared<const Model>(asks), world.own, world.mode);
    ASSERT_EQ(law.decide(undated), answer(asks, undated)) << world.words(request);
    ASSERT_EQ(law.decide(request), answer(asks, request)) << world.words(request);
  });
  EXPECT_GT(stricter, 0U) << "nobody acceded later: the law was not tried";
  EXPECT_GT(asked, 0U);
}

// --- Consent, hop by hop ------------------------------------------------------------------------

TEST(TreatyLawsTest, ConsentForOneRecipientIsNoneForAnother) {
  for_all(24, [](const World& world, const ResolvedRequest& request) {
    auto more = request;
    const auto parties = static_cast<int>(world.model->parties.size());
    for (const auto& hop : request.chain) {
      for (int party = 0; party < parties; ++party) {
        if (party != request.to) more.consents[{hop.originator, party}] = Consent::Granted;
      }
    }
    ASSERT_EQ(world.reference(more), world.reference(request)) << world.words(request);
    ASSERT_EQ(world.compiled.decide(more), world.compiled.decide(request));
  });
}

TEST(TreatyLawsTest, EveryHopKeepsItsClausesAndItsConsent) {
  std::uint64_t tried = 0;
  for_all(25, [&](const World& world, ResolvedRequest request) {
    request.refusal_ground.reset();  // some of them meet no forbid
    for (std::size_t number = 0; number < request.chain.size(); ++number) {
      const auto& hop = request.chain[number];
      if (hop.originator == request.to) continue;
      auto model = *world.model;
      auto& clause =
          model.instruments[static_cast<std::size_t>(hop.instrument)].clauses.emplace_back();
      clause.id = "added";
      clause.verb = Verb::Forbid;
      clause.scope = Scope::Origin;
      clause.actions = bit(request.action);
      clause.except_consent = true;
      clause.digest = sha256("added");
      const CompiledRegister law(std::make_shared<const Model>(model), world.own, world.mode);
      const auto with = [&](Consent consent) {
        auto asked = request;
        asked.consents[{hop.originator, request.to}] = consent;
        return asked;
      };
      ASSERT_GE(strictness(law.kind(with(Consent::Unknown))), 1) << world.words(request);
      ASSERT_EQ(law.kind(with(Consent::Refused)), VerdictKind::Forbidden) << world.words(request);
      const auto granted = with(Consent::Granted);
      bool other_hop = false;  // under the same instrument, from somebody else
      for (const auto& other : request.chain) {
        other_hop =
            other_hop || (other.instrument == hop.instrument && other.originator != hop.originator);
      }
      if (other_hop) continue;
      ++tried;
      ASSERT_EQ(law.kind(granted), world.compiled.kind(granted)) << world.words(request);
    }
  });
  EXPECT_GT(tried, 0U);
}

TEST(TreatyLawsTest, AnotherHopOpensNothing) {
  for_all(26, [](const World& world, const ResolvedRequest& request) {
    if (request.chain.empty()) return;
    auto shorter = request;
    shorter.chain.pop_back();
    // Without a hop the action is another one, and so is who received the last of them.
    if (shorter.chain.empty()) return;
    auto model = *world.model;
    for (auto& instrument : model.instruments) {
      instrument.history = History::Unstated;
      for (auto& clause : instrument.clauses) {
        clause.history = History::Unstated;
        if (clause.verb == Verb::Forbid) clause.survives.reset();
      }
    }
    const auto kind = [&](const ResolvedRequest& asked) {
      return decide_by_reference(model, world.own, world.mode, asked).kind;
    };
    ASSERT_GE(strictness(kind(request)), strictness(kind(shorter))) << world.words(request);
  });
}

// --- Refusal and attribution --------------------------------------------------------------------

// Every register and clause, however changed, leaves these grounds to choose and forbids none.
TEST(TreatyLawsTest, NoRegisterClosesTheKeptGroundsOfRefusal) {
  const auto words = test::vocabulary();
  for (const auto ground : kept_refusal_grounds) {
    // Whatever a clause names: each of the 2^10 sets of grounds of this vocabulary.
    const auto sets = Bits{1} << words.refusal_grounds.values.size();
    for (Bits named = 0; named < sets; ++named) {
      Clause clause;
      clause.grounds = named;
      const auto offered = refusal_grounds(words, clause);
      ASSERT_NE(std::find(offered.begin(), offered.end(), ground), offered.end());
      ASSERT_EQ(std::count(offered.begin(), offered.end(), ground), 1);
    }
  }
  std::uint64_t closed = 0;
  for_all(27, [&](const World& world, ResolvedRequest request) {
    request.action = static_cast<int>(Action::Refuse);
    auto model = *world.model;
    for (auto& instrument : model.instruments) {
      auto& clause = instrument.clauses.emplace_back();
      clause.id = "added";
      clause.verb = Verb::Forbid;
      clause.scope = request.at.micros % 2 == 0 ? Scope::Basis : Scope::Origin;
      clause.actions = bit(Action::Refuse);
      clause.digest = sha256("added");
    }
    const CompiledRegister law(std::make_shared<const Model>(model), world.own, world.mode);
    request.refusal_ground.reset();
    closed += law.kind(request) == VerdictKind::Forbidden ? 1 : 0;
    for (const auto ground : kept_refusal_grounds) {
      request.refusal_ground = words.refusal_grounds.index(ground);
      ASSERT_TRUE(request.refusal_ground.has_value());
      ASSERT_NE(law.kind(request), VerdictKind::Forbidden) << ground << world.words(request);
      ASSERT_EQ(law.decide(request), decide_by_reference(model, world.own, world.mode, request));
    }
  });
  EXPECT_GT(closed, 0U) << "the added forbids hardly ever acted: the law was not tried";
}

// Under no register does an attribution leave by itself.
TEST(TreatyLawsTest, AttributionsNeverLeaveByThemselves) {
  std::uint64_t held = 0;
  for_all(28, [&](const World& world, ResolvedRequest request) {
    request.attribution = FactValue::No;
    const auto plain = world.compiled.decide(request);
    request.attribution = FactValue::Yes;
    const auto marked = world.compiled.decide(request);
    if (request.action == static_cast<int>(Action::Refuse) ||
        request.action == static_cast<int>(Action::Withdraw)) {
      ASSERT_EQ(marked, plain) << world.words(request);
      return;
    }
    ASSERT_NE(marked.kind, VerdictKind::Permitted) << world.words(request);
    ASSERT_GE(strictness(marked.kind), strictness(plain.kind)) << world.words(request);
    held += plain.kind == VerdictKind::Permitted ? 1 : 0;
  });
  EXPECT_GT(held, 0U);
}

// What is for the persons in the room is no freer than what is for one organisation, and never goes
// without one of them.
TEST(TreatyLawsTest, RedIsNoFreerThanAmberStrict) {
  std::uint64_t onward = 0;
  for_all(29, [&](const World& world, ResolvedRequest request) {
    request.tlp = Tlp::AmberStrict;
    const auto strict = world.compiled.decide(request);
    request.tlp = Tlp::Red;
    const auto red = world.compiled.decide(request);
    ASSERT_EQ(red, world.reference(request)) << world.words(request);
    ASSERT_GE(strictness(red.kind), strictness(strict.kind)) << world.words(request);
    onward += !request.chain.empty() && red.kind == VerdictKind::Forbidden ? 1 : 0;
  });
  EXPECT_GT(onward, 0U);
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

// What has ended before cannot be suspended: duties that survive it are left aside.
TEST(TreatyLawsTest, WhoHasSuspendedEverythingNeitherSendsNorReceives) {
  nothing_is_open_after(16, [](Model& model, const ResolvedRequest& request) {
    let_nothing_survive(model);
    model = with_suspensions(model, request.from, request);
  });
  for_all(17, [](const World& world, const ResolvedRequest& request) {
    auto changed = with_suspensions(*world.model, request.to, request);
    let_nothing_survive(changed);
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
  EXPECT_GT(stopped, 0U) << "the suspensions hardly ever acted: the law was not tried";
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
  EXPECT_GT(permits, 0U);
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
