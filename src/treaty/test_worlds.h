// Random registers with questions to them, for what must hold of every register. Only tests include
// this. COMITY_SEED chooses another sequence.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>
#include <utility>

#include "treaty/compiled.h"
#include "treaty/reference.h"
#include "treaty/test_model.h"

namespace comity::treaty::test {

constexpr std::uint64_t seed_default = 20'261'123;
constexpr std::uint64_t questions_per_register = 10;
constexpr std::uint64_t law_registers = 300;

inline std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  if (text == nullptr || *text == '\0') return otherwise;
  const auto value = std::strtoull(text, nullptr, 10);
  CHECK(value > 0);
  return value;
}

inline std::uint64_t base_seed() {
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
      : World(number, std::make_shared<const Model>(random_model(number))) {}
  World(std::uint64_t number, std::shared_ptr<const Model> changed)
      : seed(number),
        model(std::move(changed)),
        own(random_verifications(*model, number)),
        mode(random_mode(number)),
        compiled(model, own, mode) {}

  Verdict reference(const ResolvedRequest& request) const {
    return decide_by_reference(*model, own, mode, request);
  }
  std::string words(const ResolvedRequest& request) const {
    const auto asked = in_words(*model, request);
    std::string text = "register seed " + std::to_string(seed) + ", " + name(mode) +
                       " mode: " + asked.from + " to " + asked.to + ", " + asked.action + ", info";
    for (const auto& one : asked.info) text += " " + one;
    text += ", area " + asked.area + ", purpose " + asked.purpose + ", tlp " + asked.tlp + ", at " +
            format_rfc3339(asked.at, 6) + ", roles";
    for (const auto& one : asked.from_roles) text += " from:" + one;
    for (const auto& one : asked.to_roles) text += " to:" + one;
    for (const auto& [key, value] : asked.facts) text += ", " + key + "=" + value;
    for (const auto& [id, originator, at] : asked.received_under) {
      text += ", under " + id + ":" + originator;
      if (at) text += "@" + format_rfc3339(*at, 6);
    }
    return text;
  }
};

// Any value of a vocabulary, beside the few that random_request draws from.
inline void ask_anything(const Vocabulary& words, Dice& dice, ResolvedRequest& request) {
  const auto any = [&](const Names& names) {
    return static_cast<int>(dice.below(names.values.size()));
  };
  const auto action = any(words.actions);
  const bool onward_without_chain =
      action == static_cast<int>(Action::Onward) && request.chain.empty();
  if (!onward_without_chain && dice.chance(40)) request.action = action;
  if (dice.chance(50)) request.info |= bit(any(words.classes));
  if ((bit(request.action) & transfer_actions) != 0 && request.info == 0) {
    request.info = bit(any(words.classes));
  }
  if (dice.chance(40)) request.area = any(words.areas);
  if (dice.chance(40)) request.purpose = any(words.purposes);
  if (dice.chance(30)) request.from_roles = bit(any(words.roles));
  if (dice.chance(30)) request.to_roles |= bit(any(words.roles));
  if (dice.chance(20)) request.refusal_ground = any(words.refusal_grounds);
}

// The question of that number to a register. One in twenty declines, which random_request does
// seldom, and one in seven holds words of the whole vocabulary.
inline ResolvedRequest question(const World& world, std::uint64_t number) {
  const auto seed = world.seed * 1'000'003 + number;
  auto request = random_request(*world.model, seed);
  Dice dice(seed + 5);
  if (seed % 7 == 0) ask_anything(world.model->vocabulary, dice, request);
  if (seed % 20 == 0) request.action = static_cast<int>(Action::Refuse);
  if (seed % 40 == 0) request.action = static_cast<int>(Action::Withdraw);
  return request;
}

inline int strictness(VerdictKind kind) {
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

}  // namespace comity::treaty::test
