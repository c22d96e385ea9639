#include "stix/pattern/binding.h"

#include <gtest/gtest.h>

#include <chrono>
#include <random>

#include "base/test_support.h"
#include "stix/pattern/test_oracle.h"

namespace comity::stix::pattern {
namespace {

using comity::test::must;

class RandomTerms {
 public:
  explicit RandomTerms(std::mt19937_64& random) : random_(random) {}

  std::vector<Sighting> sightings() {
    std::vector<Sighting> out(below(6));
    for (auto& one : out) {
      one.first.seconds = below(7);
      one.last.seconds = one.first.seconds + (below(3) == 0 ? below(4) : 0);
      one.number = below(4) == 0 ? 2 : 1;
    }
    return out;
  }

  // With at most so many simple expressions, counted with their repetitions.
  Term term(std::size_t sightings, std::int64_t simple_max, int depth) {
    Term out;
    if (depth > 0 && below(5) != 0) out.kind = static_cast<Term::Kind>(below(7));
    switch (out.kind) {
      case Term::Kind::Simple:
        out.fitting = Sightings(sightings);
        for (std::size_t at = 0; at < sightings; ++at) {
          if (below(3) != 0) out.fitting.add(at);
        }
        return out;
      case Term::Kind::And:
      case Term::Kind::Or:
      case Term::Kind::FollowedBy:
        if (simple_max < 2) return term(sightings, simple_max, 0);
        out.operands.push_back(term(sightings, simple_max / 2, depth - 1));
        out.operands.push_back(term(sightings, simple_max - simple_max / 2, depth - 1));
        return out;
      case Term::Kind::Repeats:
        out.times = 1 + below(simple_max);
        out.operands.push_back(term(sightings, simple_max / out.times, depth - 1));
        return out;
      default:
        break;
    }
    out.seconds.seconds = below(4);
    out.start.seconds = below(7);
    out.stop.seconds = below(8);
    out.operands.push_back(term(sightings, simple_max, depth - 1));
    return out;
  }

 private:
  std::int64_t below(std::int64_t end) {
    return static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(end));
  }

  std::mt19937_64& random_;
};

TEST(PatternBinding, AsEveryBindingTried) {
  std::mt19937_64 random(comity::test::seed());
  RandomTerms terms(random);
  const auto rounds = 20'000 / comity::test::scale() + 300;
  std::size_t yes = 0;
  for (std::size_t round = 0; round < rounds; ++round) {
    const auto sightings = terms.sightings();
    const auto term = terms.term(sightings.size(), 4, 5);
    const auto expected = !test::Oracle(sightings).all(term).empty();
    ASSERT_EQ(must(can_bind(term, sightings)), expected) << "round " << round;
    yes += expected ? 1U : 0U;
  }
  EXPECT_GT(yes, rounds / 10);
  EXPECT_LT(yes, rounds - rounds / 10);
}

Term simple(std::size_t size) {
  Term out;
  out.fitting = Sightings(size);
  for (std::size_t at = 0; at < size; ++at) out.fitting.add(at);
  return out;
}

Term over(Term::Kind kind, std::vector<Term> operands) {
  Term out;
  out.kind = kind;
  out.operands = std::move(operands);
  return out;
}

std::vector<Sighting> each_second(std::size_t count) {
  std::vector<Sighting> out(count);
  for (std::size_t at = 0; at < count; ++at) {
    out[at].first.seconds = out[at].last.seconds = static_cast<std::int64_t>(at);
  }
  return out;
}

// What trying every binding would take longer than the universe for.
TEST(PatternBinding, TwentyObservationsEndSoon) {
  const auto begin = std::chrono::steady_clock::now();
  const auto world = each_second(20);
  const auto any = simple(20);
  EXPECT_FALSE(must(can_bind(over(Term::Kind::And, std::vector<Term>(21, any)), world)));
  EXPECT_TRUE(must(can_bind(over(Term::Kind::And, std::vector<Term>(20, any)), world)));

  auto repeated = over(Term::Kind::Repeats, {over(Term::Kind::Or, {any, any})});
  repeated.times = 21;
  EXPECT_FALSE(must(can_bind(repeated, world)));
  repeated.times = 20;
  EXPECT_TRUE(must(can_bind(repeated, world)));

  auto chain = any;
  for (int count = 1; count < 20; ++count) chain = over(Term::Kind::FollowedBy, {chain, any});
  EXPECT_TRUE(must(can_bind(chain, world)));
  auto window = over(Term::Kind::Within, {chain});
  window.seconds.seconds = 19;
  EXPECT_TRUE(must(can_bind(window, world)));
  window.seconds.seconds = 18;
  EXPECT_FALSE(must(can_bind(window, world)));

  auto pairs =
      over(Term::Kind::Repeats, {over(Term::Kind::Within, {over(Term::Kind::And, {any, any})})});
  pairs.operands[0].seconds.seconds = 1;
  pairs.times = 10;
  EXPECT_TRUE(must(can_bind(pairs, world)));
  pairs.times = 11;
  EXPECT_FALSE(must(can_bind(pairs, world)));
  // Generous: the machine may be busy with other things, and sanitizers take their time.
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20));
}

TEST(PatternBinding, GreatNumbers) {
  auto world = each_second(2);
  world[0].number = number_observed_max;
  world[1].number = number_observed_max;
  auto repeated = over(Term::Kind::Repeats, {simple(2)});
  repeated.times = 2 * number_observed_max;
  EXPECT_TRUE(must(can_bind(repeated, world)));
  ++repeated.times;
  EXPECT_FALSE(must(can_bind(repeated, world)));
  auto more = over(Term::Kind::Repeats, {repeated});
  more.times = INT64_MAX;
  EXPECT_FALSE(must(can_bind(more, world)));
}

TEST(PatternBinding, WhatIsTooCostlyIsAnError) {
  // Each pair needs a choice of its own, and there are enough instances for all.
  auto world = each_second(4);
  for (auto& one : world) one.number = number_observed_max;
  auto pairs = over(Term::Kind::Repeats, {over(Term::Kind::FollowedBy, {simple(4), simple(4)})});
  pairs.times = static_cast<std::int64_t>(binding_choices_max);
  EXPECT_TRUE(must(can_bind(pairs, world)));
  ++pairs.times;
  const auto found = can_bind(pairs, world);
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().kind, ErrorKind::TooLarge);
}

TEST(PatternBinding, StepsAreBounded) {
  // No two of them are within a second, which is seen only when every window was tried.
  const auto apart = [](std::size_t count) {
    auto world = each_second(count);
    for (auto& one : world) one.first.seconds = one.last.seconds *= 10;
    auto window = over(Term::Kind::Within, {over(Term::Kind::And, {simple(count), simple(count)})});
    window.seconds.seconds = 1;
    return can_bind(window, world);
  };
  EXPECT_FALSE(must(apart(2'000)));
  const auto costly = apart(30'000);
  ASSERT_FALSE(costly);
  EXPECT_EQ(costly.error().kind, ErrorKind::TooLarge);
}

TEST(PatternBinding, NothingBindsNothing) {
  EXPECT_FALSE(must(can_bind(simple(0), {})));
  EXPECT_FALSE(must(can_bind(over(Term::Kind::FollowedBy, {simple(0), simple(0)}), {})));
}

}  // namespace
}  // namespace comity::stix::pattern
