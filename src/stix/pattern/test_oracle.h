// All bindings of a term, by trying every one: what STIX 2.1, sections 9.5 and 9.5.1, say, written
// down without any thought of time. Header only; tests alone include it.
#pragma once

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "stix/pattern/binding.h"

namespace comity::stix::pattern::test {

using Instance = std::pair<std::size_t, std::int64_t>;  // sighting, number
using Bound = std::set<Instance>;
using Bindings = std::set<Bound>;

class Oracle {
 public:
  explicit Oracle(const std::vector<Sighting>& sightings) : sightings_(sightings) {}

  Bindings all(const Term& term) const {
    switch (term.kind) {
      case Term::Kind::Simple:
        return simple(term);
      case Term::Kind::Or: {
        Bindings out;
        for (const auto& operand : term.operands) out.merge(all(operand));
        return out;
      }
      case Term::Kind::And: {
        Bindings out = {{}};
        for (const auto& operand : term.operands) out = joined(out, all(operand));
        return out;
      }
      case Term::Kind::FollowedBy:
        return followed(all(term.operands[0]), all(term.operands[1]));
      case Term::Kind::Repeats: {
        const auto once = all(term.operands[0]);
        Bindings out = {{}};
        for (std::int64_t time = 0; time < term.times; ++time) out = joined(out, once);
        return out;
      }
      default:
        break;
    }
    Bindings out;
    for (const auto& bound : all(term.operands[0])) {
      if (term.kind == Term::Kind::Within ? within(bound, term) : between(bound, term)) {
        out.insert(bound);
      }
    }
    return out;
  }

 private:
  Bindings simple(const Term& term) const {
    Bindings out;
    for (std::size_t at = 0; at < sightings_.size(); ++at) {
      for (std::int64_t number = 0; number < sightings_[at].number; ++number) {
        if (term.fitting.has(at)) out.insert(Bound{{at, number}});
      }
    }
    return out;
  }

  static bool disjoint(const Bound& a, const Bound& b) {
    return std::none_of(a.begin(), a.end(), [&](const Instance& one) { return b.contains(one); });
  }

  static Bindings joined(const Bindings& left, const Bindings& right) {
    Bindings out;
    for (const auto& a : left) {
      for (const auto& b : right) {
        if (!disjoint(a, b)) continue;
        auto both = a;
        both.insert(b.begin(), b.end());
        out.insert(std::move(both));
      }
    }
    return out;
  }

  Bindings followed(const Bindings& left, const Bindings& right) const {
    Bindings out;
    for (const auto& a : left) {
      for (const auto& b : right) {
        if (!disjoint(a, b)) continue;
        bool in_order = true;
        for (const auto& before : a) {
          for (const auto& behind : b) {
            in_order = in_order && sightings_[before.first].first <= sightings_[behind.first].last;
          }
        }
        if (!in_order) continue;
        auto both = a;
        both.insert(b.begin(), b.end());
        out.insert(std::move(both));
      }
    }
    return out;
  }

  // Whole seconds only.
  bool within(const Bound& bound, const Term& term) const {
    auto earliest = sightings_[bound.begin()->first].last;
    for (const auto& one : bound) earliest = std::min(earliest, sightings_[one.first].last);
    return std::all_of(bound.begin(), bound.end(), [&](const Instance& one) {
      return sightings_[one.first].first.seconds <= earliest.seconds + term.seconds.seconds;
    });
  }

  bool between(const Bound& bound, const Term& term) const {
    return term.start < term.stop &&
           std::all_of(bound.begin(), bound.end(), [&](const Instance& one) {
             const auto& sighting = sightings_[one.first];
             return sighting.first < term.stop && sighting.last >= term.start;
           });
  }

  const std::vector<Sighting>& sightings_;
};

}  // namespace comity::stix::pattern::test
