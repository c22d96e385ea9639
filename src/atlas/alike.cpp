#include "atlas/alike.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <string>

#include "treaty/clause_rows.h"

namespace comity::atlas {
namespace {

using treaty::Model;

// What is said of each party, in an order that is the same for all, as text.
class Portraits {
 public:
  Portraits(const Model& model, Instant at) : model_(model), at_(at), of_(model.parties.size()) {}

  std::vector<std::string> draw() {
    for (std::size_t i = 0; i < of_.size(); ++i) say(i, "{}", model_.parties[i].is_state());
    for (std::size_t i = 0; i < model_.instruments.size(); ++i) instrument(static_cast<int>(i));
    for (std::size_t i = 0; i < model_.designations.size(); ++i) designation(i);
    for (std::size_t i = 0; i < model_.arrangements.size(); ++i) {
      each_of(model_.arrangements[i].parties, [&](std::size_t party) { say(party, " a{}", i); });
    }
    for (std::size_t i = 0; i < model_.overlays.size(); ++i) overlay(i);
    return std::move(of_);
  }

 private:
  template <typename... Args>
  void say(std::size_t party, fmt::format_string<const Args&...> form, const Args&... args) {
    fmt::format_to(std::back_inserter(of_[party]), form, args...);
  }
  template <typename Each>
  void each_of(const treaty::PartySet& set, Each each) const {
    for (std::size_t i = 0; i < of_.size(); ++i) {
      if (set.test(i)) each(i);
    }
  }

  static bool outlived(const treaty::Instrument& paper) {
    return std::any_of(paper.clauses.begin(), paper.clauses.end(),
                       [](const treaty::Clause& clause) { return clause.survives == true; });
  }

  // Who has an overlay asks by a law of its own, and a rule may tell recipients apart.
  void overlay(std::size_t index) {
    const auto& one = model_.overlays[index];
    say(static_cast<std::size_t>(one.party), " o{}", index);
    for (std::size_t k = 0; k < one.rules.size(); ++k) {
      if (!one.rules[k].to) continue;
      each_of(*one.rules[k].to, [&](std::size_t party) { say(party, " n{}.{}", index, k); });
    }
  }

  // What is not binding is never a basis. Where nothing can be done under an instrument, it only
  // matters whether one is bound.
  void instrument(int index) {
    const auto& paper = model_.instruments[static_cast<std::size_t>(index)];
    if (paper.binding != treaty::Binding::Binding) return;
    for (const auto& entry : paper.parties) {
      const auto standing = treaty::standing_of(model_, index, entry.party, at_);
      const auto party = static_cast<std::size_t>(entry.party);
      if (standing == treaty::Standing::Not) {
        // Of what has ended a duty may have stayed: such a party is like no other.
        if (outlived(paper)) say(party, " e{}.{}", index, party);
        continue;
      }
      if (paper.clauses.empty()) {
        if (standing != treaty::Standing::Suspended) say(party, " b{}", index);
        continue;
      }
      say(party, " m{}:{}{}:{}", index, static_cast<int>(standing), static_cast<int>(entry.status),
          entry.assumed);
      if (!entry.in_force) continue;
      say(party, ":{}:{}:{}", entry.in_force->full, entry.in_force->provenance,
          entry.in_force->assumed);
    }
    for (std::size_t k = 0; k < paper.clauses.size(); ++k) {
      const auto& clause = paper.clauses[k];
      each_of(clause.from.listed, [&](std::size_t party) { say(party, " f{}.{}", index, k); });
      each_of(clause.to.listed, [&](std::size_t party) { say(party, " t{}.{}", index, k); });
    }
  }

  void designation(std::size_t index) {
    const auto& one = model_.designations[index];
    if (one.since && at_ < one.since->latest) return;
    say(static_cast<std::size_t>(one.party), " d{}:{}:{}:{}", one.instrument, one.role.value_or(-1),
        one.areas, one.assumed);
  }

  const Model& model_;
  const Instant at_;
  std::vector<std::string> of_;  // by party
};

}  // namespace

std::vector<int> alike(const Model& model, Instant at) {
  std::map<std::string, int> numbers;
  std::vector<int> out;
  for (auto& portrait : Portraits(model, at).draw()) {
    const auto next = static_cast<int>(numbers.size());
    out.push_back(numbers.emplace(std::move(portrait), next).first->second);
  }
  return out;
}

}  // namespace comity::atlas
