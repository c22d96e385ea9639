// The slow oracle of the atlas, for tests only: the reference engine is asked cell by cell, in
// words; for how sure an instrument is, about a register in which it alone has clauses; and what is
// claimed is read from the register by the words of docs/formats/coverage.md. Shares nothing with
// what it is held against but the types.
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "atlas/cell.h"
#include "treaty/reference.h"
#include "treaty/test_model.h"

namespace comity::atlas::test {

using treaty::Model;
using treaty::VerdictKind;

inline const std::map<std::string, BasisLevel> level_words = {
    {"bilateral", BasisLevel::Bilateral}, {"multilateral", BasisLevel::Multilateral},
    {"regional", BasisLevel::Regional},   {"interregional", BasisLevel::Regional},
    {"global", BasisLevel::Global},       {"national", BasisLevel::Global}};

class Oracle {
 public:
  Oracle(const Model& model, const treaty::Verifications& own, treaty::Mode mode)
      : model_(model), own_(own), mode_(mode) {}

  Cell cell(int from, int to, int area, Instant at) const {
    const std::vector<VerdictKind> order = {VerdictKind::Permitted, VerdictKind::Needs,
                                            VerdictKind::Forbidden, VerdictKind::NoBasis};
    std::map<VerdictKind, std::vector<Cell>> found;
    for (const auto& words : questions(area)) {
      auto one = answer(from, to, words, at);
      found[one.verdict].push_back(one);
    }
    for (const auto kind : order) {
      auto& cells = found[kind];
      if (cells.empty()) continue;
      auto best = *std::min_element(cells.begin(), cells.end(), [](const Cell& a, const Cell& b) {
        return std::tuple(a.basis, a.state, a.supposed) < std::tuple(b.basis, b.state, b.supposed);
      });
      if (kind == VerdictKind::NoBasis) add_claim(from, to, area, at, best);
      return best;
    }
    CHECK(false);
    return {};
  }

  // Of all areas; that "content" is refused does not count.
  Cell best(int from, int to, Instant at) const {
    const std::vector<VerdictKind> order = {VerdictKind::Permitted, VerdictKind::Needs,
                                            VerdictKind::Forbidden, VerdictKind::NoBasis};
    Cell out;
    const auto place = [&](const Cell& one) {
      const auto kind = std::find(order.begin(), order.end(), one.verdict) - order.begin();
      return std::make_tuple(kind, one.basis, one.state, one.supposed, one.claimed);
    };
    const auto& areas = model_.vocabulary.areas.values;
    for (int area = 0; area < static_cast<int>(areas.size()); ++area) {
      const auto one = cell(from, to, area, at);
      const bool gate = areas[static_cast<std::size_t>(area)] == "content" &&
                        one.verdict == VerdictKind::Forbidden;
      if (!gate && place(one) < place(out)) out = one;
    }
    return out;
  }

 private:
  // The questions of an area, in words but for who asks whom and when.
  std::vector<treaty::Request> questions(int area) const {
    const auto& words = model_.vocabulary;
    treaty::Request standard;
    standard.area = words.areas.values[static_cast<std::size_t>(area)];
    standard.tlp = "amber";
    const auto at = static_cast<std::size_t>(area);
    if (words.area_purposes.empty() || words.area_purposes[at].purposes == 0) {
      standard.info = {"indicator"};
      standard.purpose = "warning";
      return {standard};
    }
    std::vector<treaty::Request> out;
    const auto& asked = words.area_purposes[at];
    for (std::size_t a = 0; a < words.actions.values.size(); ++a) {
      if ((asked.actions >> a & 1U) == 0) continue;
      for (std::size_t p = 0; p < words.purposes.values.size(); ++p) {
        if ((asked.purposes >> p & 1U) == 0) continue;
        auto one = standard;
        one.action = words.actions.values[a];
        one.purpose = words.purposes.values[p];
        if (!transfers(one.action)) {
          out.push_back(one);
          continue;
        }
        for (std::size_t k = 0; k < words.classes.values.size(); ++k) {
          if ((asked.classes >> k & 1U) == 0) continue;
          one.info = {words.classes.values[k]};
          out.push_back(one);
        }
      }
    }
    return out;
  }

  static bool transfers(const std::string& action) {
    return action == "share" || action == "onward" || action == "use" || action == "disclose" ||
           action == "preserve" || action == "notify";
  }

  treaty::Verdict ask(const Model& model, int from, int to, treaty::Request words,
                      Instant at) const {
    words.from = model.parties[static_cast<std::size_t>(from)].code;
    words.to = model.parties[static_cast<std::size_t>(to)].code;
    words.at = at;
    const auto resolved = treaty::resolve(model, words);
    CHECK(resolved.has_value());
    return treaty::decide_by_reference(model, own_, mode_, *resolved);
  }

  Cell answer(int from, int to, const treaty::Request& words, Instant at) const {
    const auto verdict = ask(model_, from, to, words, at);
    Cell out;
    out.verdict = verdict.kind;
    for (const auto& entry : verdict.basis) {
      const auto& paper =
          model_.instruments[static_cast<std::size_t>(*model_.instrument(entry.instrument))];
      const auto level = level_words.at(paper.levels.front().level);
      if (level > out.basis) continue;
      const auto [state, supposed] = state_of(paper, verdict, from, to, words, at);
      const bool closer = level < out.basis;
      if (closer || std::pair(state, supposed) < std::pair(out.state, out.supposed)) {
        out.state = state;
        out.supposed = supposed;
      }
      out.basis = level;
    }
    return out;
  }

  std::pair<BasisState, bool> state_of(const treaty::Instrument& paper,
                                       const treaty::Verdict& verdict, int from, int to,
                                       const treaty::Request& words, Instant at) const {
    const auto supposed = [](const std::string& id) { return id.rfind("supposed:", 0) == 0; };
    for (const auto& entry : paper.parties) {
      const bool of_pair = entry.party == from || entry.party == to;
      if (of_pair && supposed(entry.assumed)) return {BasisState::Assumed, true};
    }
    for (const auto& entry : verdict.basis) {
      if (entry.instrument != paper.id) continue;
      for (const auto& clause : paper.clauses) {
        if (clause.id == entry.clause && supposed(clause.assumed)) {
          return {BasisState::Assumed, true};
        }
      }
    }
    auto alone = model_;
    for (auto& other : alone.instruments) {
      if (other.id != paper.id) other.clauses.clear();
    }
    const auto own = ask(alone, from, to, words, at);
    auto out = BasisState::Verified;
    for (const auto& assumed : own.assumed) {
      if (assumed.id != "unverified" && assumed.id != "weak-date") {
        return {BasisState::Assumed, false};
      }
      out = BasisState::Unverified;
    }
    for (const auto& need : own.needs) {
      const bool of_instrument = need.kind == "verification" ||
                                 (need.kind == "fact" && need.what.find(' ') != std::string::npos);
      if (of_instrument) out = BasisState::Unverified;
    }
    return {out, false};
  }

  // Not known to be free of it: semantics 1, section 0.
  bool bound(std::size_t instrument, int party, Instant at) const {
    const auto& paper = model_.instruments[instrument];
    for (const auto& entry : paper.parties) {
      if (entry.party != party) continue;
      if (entry.status == treaty::Membership::NotParty) return false;
      if (entry.in_force && at < entry.in_force->earliest) return false;
      if (!entry.in_force && paper.signed_on && at < paper.signed_on->earliest) return false;
      if (entry.until && at >= entry.until->latest) return false;
      const auto of = [&](const auto& one) {
        return one.instrument == static_cast<int>(instrument) && one.party == party;
      };
      for (const auto& one : model_.denunciations) {
        if (of(one) && at >= one.effective) return false;
      }
      for (const auto& one : model_.suspensions) {
        if (of(one) && one.lasts(at)) return false;
      }
      return true;
    }
    return false;
  }

  bool speaks(const treaty::Clause& clause, int area) const {
    if (clause.verb == treaty::Verb::Advise || clause.verb == treaty::Verb::Define) return false;
    const auto& words = model_.vocabulary;
    const auto holds = [](const treaty::Names& names, treaty::Bits set, const std::string& word) {
      return (set >> static_cast<unsigned>(*names.index(word)) & 1U) != 0;
    };
    for (const auto& question : questions(area)) {
      const bool meets =
          holds(words.actions, clause.actions, question.action) &&
          (clause.areas == 0 || holds(words.areas, clause.areas, question.area)) &&
          (clause.purposes == 0 || holds(words.purposes, clause.purposes, question.purpose)) &&
          (clause.info == 0 || question.info.empty() ||
           holds(words.classes, clause.info, question.info.front()));
      if (meets) return true;
    }
    return false;
  }

  void add_claim(int from, int to, int area, Instant at, Cell& cell) const {
    for (std::size_t i = 0; i < model_.instruments.size(); ++i) {
      const auto& paper = model_.instruments[i];
      if (paper.binding != treaty::Binding::Binding || paper.levels.front().level == "national" ||
          !bound(i, from, at) || !bound(i, to, at)) {
        continue;
      }
      const bool claimed =
          std::any_of(paper.area_claims.begin(), paper.area_claims.end(),
                      [&](const auto& one) { return (one.areas >> area & 1U) != 0; });
      const bool spoken = std::any_of(paper.clauses.begin(), paper.clauses.end(),
                                      [&](const auto& one) { return speaks(one, area); });
      if (!claimed || spoken) continue;
      cell.state = BasisState::Claimed;
      cell.claimed = std::min(cell.claimed, level_words.at(paper.levels.front().level));
    }
  }

  const Model& model_;
  const treaty::Verifications& own_;
  const treaty::Mode mode_;
};

// In a register file an assumption fills exactly one gap; the random registers use four for all.
inline Model with_own_assumptions(Model model) {
  int number = 0;
  const auto renew = [&](std::string& id) {
    if (id.empty()) return;
    id += "-" + std::to_string(++number);
    model.assumptions.push_back({id, "reason of " + id});
  };
  for (auto& instrument : model.instruments) {
    for (auto& entry : instrument.parties) {
      renew(entry.assumed);
      if (entry.in_force) renew(entry.in_force->assumed);
    }
    for (auto& clause : instrument.clauses) renew(clause.assumed);
  }
  for (auto& one : model.arrangements) renew(one.assumed);
  for (auto& one : model.designations) renew(one.assumed);
  return model;
}

// Some instruments claim areas; some areas have questions of their own.
inline Model with_areas(Model model, std::uint64_t seed) {
  treaty::test::Dice dice(seed * 5 + 3);
  auto& words = model.vocabulary;
  const auto bits = [&](const treaty::Names& names, const std::vector<std::string>& of,
                        unsigned percent) {
    return treaty::test::bits(names, dice.some(of, percent));
  };
  const std::vector<std::string> areas = {
      "threat-information", "csirt-response", "evidence", "crime", "training", "content"};
  for (auto& instrument : model.instruments) {
    if (dice.chance(60)) {
      instrument.area_claims.push_back({bits(words.areas, areas, 40), "somebody", "S", ""});
    }
  }
  if (dice.chance(30)) return model;
  words.area_purposes.resize(words.areas.values.size());
  for (const auto& area : areas) {
    if (dice.chance(40)) continue;
    auto& asked = words.area_purposes[static_cast<std::size_t>(*words.areas.index(area))];
    asked.actions = bits(words.actions, {"share", "notify", "request", "consult"}, 35);
    asked.purposes = bits(words.purposes, treaty::test::pool::purposes, 50);
    asked.classes = bits(words.classes, {"indicator", "vulnerability", "traffic-data"}, 50);
  }
  return model;
}

inline std::string text(const Cell& cell) {
  return std::string(name(cell.basis)) + " " + name(cell.state) + " " + treaty::name(cell.verdict) +
         " " + name(cell.claimed) + (cell.supposed ? " supposed" : "");
}

}  // namespace comity::atlas::test
