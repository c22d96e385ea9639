// Answers for all recipients: the same as asking for each, also when they were kept, at every
// instant at which something begins or ends, and from many threads.
#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "base/test_support.h"
#include "treaty/audience_memo.h"
#include "treaty/epoch.h"
#include "treaty/test_worlds.h"

namespace comity::treaty {
namespace {

using test::base_seed;
using test::World;

constexpr std::uint64_t audience_registers_in_full = 2000;
constexpr std::uint64_t questions = 200;  // to each register: their instants lie in many epochs

bool same(const Audience& a, const Audience& b) {
  return a.permitted == b.permitted && a.needs == b.needs && a.forbidden == b.forbidden &&
         a.no_basis == b.no_basis;
}

// By asking for each party.
Audience one_by_one(const World& world, ResolvedRequest request) {
  Audience audience;
  for (int to = 0; to < static_cast<int>(world.model->parties.size()); ++to) {
    if (to == request.from) continue;
    request.to = to;
    const auto kind = decide_by_reference(*world.model, world.own, world.mode, request).kind;
    auto& set = kind == VerdictKind::Permitted   ? audience.permitted
                : kind == VerdictKind::Needs     ? audience.needs
                : kind == VerdictKind::Forbidden ? audience.forbidden
                                                 : audience.no_basis;
    set.set(static_cast<std::size_t>(to));
  }
  return audience;
}

// Parties that nothing tells apart must exist, or groups were never tried: some hundred more.
Model with_many_parties(Model model) {
  for (int i = 0; i < 100; ++i) {
    Party party;
    party.code = party.name = "Y" + std::to_string(100 + i);
    party.kind = i % 3 == 0 ? PartyKind::Organisation : PartyKind::State;
    model.parties.push_back(party);
  }
  return model;
}

TEST(AudienceTest, IsWhatAskingForEachPartyFinds) {
  const auto registers =
      std::max<std::uint64_t>(audience_registers_in_full / comity::test::scale(), 10);
  std::uint64_t permitted = 0;
  for (std::uint64_t i = 0; i < registers; ++i) {
    const auto seed = base_seed() + 77'000'000'000 + i;
    auto model = test::random_model(seed);
    if (i % 20 == 0) model = with_many_parties(std::move(model));
    const World world(seed, std::make_shared<const Model>(std::move(model)));
    const auto count = i % 20 == 0 ? questions / 20 : questions;
    for (std::uint64_t q = 0; q < count; ++q) {
      const auto request = test::question(world, q);
      const auto expected = one_by_one(world, request);
      permitted += expected.permitted.any() ? 1 : 0;
      ASSERT_TRUE(same(world.compiled.decide_all(request), expected)) << world.words(request);
      // Now it may have been kept.
      ASSERT_TRUE(same(world.compiled.decide_all(request), expected)) << world.words(request);
    }
  }
  EXPECT_GT(permitted * 20, registers * 10);
}

// A question that no other is equal to.
ResolvedRequest numbered(const World& world, std::size_t number) {
  auto request = test::random_request(*world.model, 1);
  request.chain.clear();
  request.consents.clear();
  request.info = number + 1;
  return request;
}

TEST(AudienceTest, MoreQuestionsThanAreKeptAreAnswered) {
  const World world(base_seed());
  std::vector<Audience> first;
  for (std::size_t i = 0; i < 2 * audiences_kept_max; ++i) {
    first.push_back(world.compiled.decide_all(numbered(world, i)));
  }
  for (std::size_t i = 0; i < 2 * audiences_kept_max; i += 37) {
    const auto request = numbered(world, i);
    ASSERT_TRUE(same(world.compiled.decide_all(request), first[i]));
    ASSERT_TRUE(same(one_by_one(world, request), first[i]));
  }
}

TEST(AudienceTest, MoreInstantsThanAreKeptAreAnswered) {
  auto model = test::random_model(base_seed());
  // A membership that begins anew in each of more months than epochs are kept.
  auto& instrument = model.instruments.front();
  for (std::size_t i = 0; i <= epochs_kept_max + 2; ++i) {
    const Instant from{test::instant("2018-01-15").micros + static_cast<std::int64_t>(i) * 2};
    model.suspensions.push_back(
        {"each", 0, instrument.parties.front().party, from, Instant{from.micros + 1}, "X"});
  }
  const World world(base_seed(), std::make_shared<const Model>(std::move(model)));
  for (int round = 0; round < 2; ++round) {
    for (std::size_t i = 0; i < 2 * epochs_kept_max + 6; ++i) {
      auto request = numbered(world, 0);
      request.at = Instant{test::instant("2018-01-15").micros + static_cast<std::int64_t>(i)};
      ASSERT_TRUE(same(world.compiled.decide_all(request), one_by_one(world, request))) << i;
    }
  }
}

TEST(AudienceTest, ManyThreadsGetTheSame) {
  constexpr std::size_t threads = 4, asked = 300;
  const World world(base_seed() + 3);
  std::vector<ResolvedRequest> requests;
  std::vector<Audience> expected;
  for (std::size_t i = 0; i < asked; ++i) {
    requests.push_back(test::question(world, i % 100));
    expected.push_back(one_by_one(world, requests.back()));
  }
  std::vector<std::size_t> wrong(threads, 0);
  std::vector<std::thread> running;
  for (std::size_t t = 0; t < threads; ++t) {
    running.emplace_back([&, t] {
      for (std::size_t i = 0; i < asked; ++i) {
        const auto at = (i * (2 * t + 1)) % asked;
        wrong[t] += same(world.compiled.decide_all(requests[at]), expected[at]) ? 0 : 1;
      }
    });
  }
  for (auto& one : running) one.join();
  EXPECT_EQ(wrong, std::vector<std::size_t>(threads, 0));
}

TEST(AudienceKeyTest, EveryMemberOfTheQuestionCounts) {
  const World world(base_seed());
  const auto request = numbered(world, 0);
  const auto key = audience_key(request, 5);
  ASSERT_TRUE(key.has_value());
  EXPECT_EQ(audience_key(request, 5), key);
  EXPECT_NE(audience_key(request, 6), key) << "the instant";
  const auto changed = [&](auto change) {
    auto other = request;
    change(other);
    return audience_key(other, 5);
  };
  EXPECT_EQ(changed([](auto& r) { r.to = (r.to + 1) % 7; }), key) << "the recipient plays no part";
  EXPECT_NE(changed([](auto& r) { r.from = (r.from + 1) % 7; }), key);
  EXPECT_NE(changed([](auto& r) { r.from_roles ^= 1; }), key);
  EXPECT_NE(changed([](auto& r) { r.to_roles ^= 1; }), key);
  EXPECT_NE(changed([](auto& r) { r.action ^= 1; }), key);
  EXPECT_NE(changed([](auto& r) { r.info ^= 2; }), key);
  EXPECT_NE(changed([](auto& r) { r.area = r.area ? *r.area + 1 : 0; }), key);
  EXPECT_NE(changed([](auto& r) { r.purpose = r.purpose ? *r.purpose + 1 : 0; }), key);
  EXPECT_NE(changed([](auto& r) { r.tlp = r.tlp == Tlp::Red ? Tlp::None : Tlp::Red; }), key);
  for (const auto record :
       {RightsRecord::Absent, RightsRecord::Incomplete, RightsRecord::Complete}) {
    if (record == request.rights_record) continue;
    EXPECT_NE(changed([&](auto& r) { r.rights_record = record; }), key);
  }
  EXPECT_NE(
      changed([](auto& r) { r.refusal_ground = r.refusal_ground ? *r.refusal_ground + 1 : 0; }),
      key);
  for (const auto value : {FactValue::Unknown, FactValue::No, FactValue::Yes}) {
    if (value == request.attribution) continue;
    EXPECT_NE(changed([&](auto& r) { r.attribution = value; }), key);
  }
  for (std::size_t i = 0; i < request.facts.size(); ++i) {
    EXPECT_NE(changed([&](auto& r) { r.stated[i] = !r.stated[i]; }), key) << i;
    for (const auto value : {FactValue::Unknown, FactValue::No, FactValue::Yes}) {
      if (value == request.facts[i]) continue;
      EXPECT_NE(changed([&](auto& r) { r.facts[i] = value; }), key) << i;
    }
  }
}

TEST(AudienceKeyTest, WhatDependsOnConsentIsNotKept) {
  const World world(base_seed());
  auto request = numbered(world, 0);
  request.chain.push_back({0, 1});
  EXPECT_FALSE(audience_key(request, 0).has_value());
  request.chain.clear();
  request.consents[{1, 2}] = Consent::Granted;
  EXPECT_FALSE(audience_key(request, 0).has_value());
}

TEST(AudienceKeyTest, FactsUpToTheBoundAreInTheKey) {
  const World world(base_seed());
  auto request = numbered(world, 0);
  request.facts.assign(facts_in_key_max, FactValue::Unknown);
  request.stated.assign(facts_in_key_max, false);
  const auto key = audience_key(request, 0);
  ASSERT_TRUE(key.has_value());
  for (std::size_t i = 0; i < facts_in_key_max; ++i) {
    auto other = request;
    other.facts[i] = FactValue::Yes;
    EXPECT_NE(audience_key(other, 0), key) << i;
    other = request;
    other.stated[i] = true;
    EXPECT_NE(audience_key(other, 0), key) << i;
  }
  request.facts.push_back(FactValue::Unknown);
  request.stated.push_back(false);
  EXPECT_FALSE(audience_key(request, 0).has_value()) << "one more than the bound";
}

}  // namespace
}  // namespace comity::treaty
