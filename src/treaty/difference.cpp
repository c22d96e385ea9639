#include "treaty/difference.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <tuple>

namespace comity::treaty {
namespace {

int distance(VerdictKind kind) {
  switch (kind) {
    case VerdictKind::Permitted:
      return 0;
    case VerdictKind::Needs:
      return 1;
    case VerdictKind::NoBasis:
      return 2;
    case VerdictKind::Forbidden:
    case VerdictKind::InvalidRequest:
      return 3;
  }
  return 3;
}

// The words of two registers, each with its index in both.
class Words {
 public:
  Words(const std::vector<std::string>& before, const std::vector<std::string>& after) {
    std::set<std::string> all(before.begin(), before.end());
    all.insert(after.begin(), after.end());
    texts_.assign(all.begin(), all.end());
    const auto find = [](const std::vector<std::string>& list, const std::string& text) {
      const auto it = std::find(list.begin(), list.end(), text);
      return it == list.end() ? std::optional<int>() : static_cast<int>(it - list.begin());
    };
    for (const auto& text : texts_) {
      indexes_.push_back({find(before, text), find(after, text)});
    }
  }

  std::size_t size() const { return texts_.size(); }
  const std::string& text(std::size_t number) const { return texts_[number]; }
  std::optional<int> index(std::size_t number, std::size_t side) const {
    return indexes_[number][side];
  }

 private:
  std::vector<std::string> texts_;
  std::vector<std::array<std::optional<int>, 2>> indexes_;
};

std::vector<std::string> codes(const Model& model) {
  std::vector<std::string> out;
  for (const auto& party : model.parties) out.push_back(party.code);
  return out;
}

bool open(VerdictKind kind) { return distance(kind) < distance(VerdictKind::NoBasis); }

bool differ(std::optional<VerdictKind> before, std::optional<VerdictKind> after) {
  if (before && after) return *before != *after;
  return open(before.value_or(VerdictKind::NoBasis)) || open(after.value_or(VerdictKind::NoBasis));
}

class Comparison {
 public:
  Comparison(const CompiledRegister& before, const CompiledRegister& after, Instant at,
             std::size_t kept)
      : laws_{&before, &after},
        at_(at),
        kept_(kept),
        parties_(codes(before.model()), codes(after.model())),
        classes_(before.model().vocabulary.classes.values, after.model().vocabulary.classes.values),
        areas_(before.model().vocabulary.areas.values, after.model().vocabulary.areas.values) {}

  Difference run() {
    for (std::size_t from = 0; from < parties_.size(); ++from) {
      compare_sender(from);
    }
    return std::move(out_);
  }

 private:
  struct Cell {
    std::size_t to, info, area;
    VerdictKind before, after;
  };

  // A clause that may decide about what a sender shares, and about whom. Where none of either
  // register does, there is no basis under both, and what the guards of the engine forbid is the
  // same under every register: such cells are not asked about.
  struct Reach {
    Bits areas = 0, info = 0;  // 0: all
    PartySet to;
    bool holds(int topic, int matter) const {
      return (areas == 0 || (areas & bit(topic)) != 0) && (info == 0 || (info & bit(matter)) != 0);
    }
  };

  std::vector<Reach> reaches(std::size_t side, std::size_t from) const {
    std::vector<Reach> out;
    const auto party = parties_.index(from, side);
    if (!party) return out;
    const auto& model = laws_[side]->model();
    const auto warning = model.vocabulary.purposes.index("warning");
    for (const auto& instrument : model.instruments) {
      if (instrument.binding != Binding::Binding || instrument.entry(*party) == nullptr) continue;
      PartySet entries;
      for (const auto& entry : instrument.parties) {
        entries.set(static_cast<std::size_t>(entry.party));
      }
      for (const auto& clause : instrument.clauses) {
        const bool shares = (clause.actions & bit(Action::Share)) != 0;
        const bool fits =
            clause.purposes == 0 || (warning && (clause.purposes & bit(*warning)) != 0);
        if (!shares || !fits) continue;
        const bool third = clause.to.kind == SideKind::ThirdParties;
        out.push_back({clause.areas, clause.info, third ? PartySet().set() : entries});
      }
    }
    return out;
  }

  // Nothing where the register does not know one of the words.
  std::optional<ResolvedRequest> question(std::size_t side, std::size_t from, std::size_t info,
                                          std::size_t area) const {
    const auto sender = parties_.index(from, side);
    const auto matter = classes_.index(info, side);
    const auto topic = areas_.index(area, side);
    if (!sender || !matter || !topic) return std::nullopt;
    const auto& words = laws_[side]->model().vocabulary;
    ResolvedRequest request;
    request.from = *sender;
    request.action = static_cast<int>(Action::Share);
    request.info = bit(*matter);
    request.area = topic;
    request.purpose = words.purposes.index("warning");
    request.tlp = Tlp::Green;
    request.at = at_;
    request.facts.assign(words.facts.size(), FactValue::Unknown);
    request.stated.assign(words.facts.size(), false);
    return request;
  }

  std::optional<VerdictKind> kind(std::size_t side, std::optional<ResolvedRequest>& asked,
                                  std::size_t to) const {
    const auto recipient = parties_.index(to, side);
    if (!asked || !recipient) return std::nullopt;
    asked->to = *recipient;
    return laws_[side]->kind(*asked);
  }

  // Those about whom some clause may decide, by side.
  using Touched = std::array<PartySet, 2>;
  Touched touched(const std::array<std::vector<Reach>, 2>& reach, std::size_t info,
                  std::size_t area) const {
    Touched out;
    for (std::size_t side = 0; side < out.size(); ++side) {
      const auto matter = classes_.index(info, side);
      const auto topic = areas_.index(area, side);
      if (!matter || !topic) continue;
      for (const auto& one : reach[side]) {
        if (one.holds(*topic, *matter)) out[side] |= one.to;
      }
    }
    return out;
  }
  bool touches(const Touched& touched, std::size_t to) const {
    for (std::size_t side = 0; side < touched.size(); ++side) {
      const auto party = parties_.index(to, side);
      if (party && touched[side].test(static_cast<std::size_t>(*party))) return true;
    }
    return false;
  }

  void compare_sender(std::size_t from) {
    const std::array<std::vector<Reach>, 2> reach = {reaches(0, from), reaches(1, from)};
    if (reach[0].empty() && reach[1].empty()) return;
    std::vector<Cell> cells;
    for (std::size_t info = 0; info < classes_.size(); ++info) {
      for (std::size_t area = 0; area < areas_.size(); ++area) {
        const auto asked = touched(reach, info, area);
        if (asked[0].none() && asked[1].none()) continue;
        auto before = question(0, from, info, area);
        auto after = question(1, from, info, area);
        for (std::size_t to = 0; to < parties_.size(); ++to) {
          if (to == from || !touches(asked, to)) continue;
          const auto then = kind(0, before, to);
          const auto now = kind(1, after, to);
          if (!differ(then, now)) continue;
          cells.push_back({to, info, area, then.value_or(VerdictKind::NoBasis),
                           now.value_or(VerdictKind::NoBasis)});
        }
      }
    }
    std::sort(cells.begin(), cells.end(), [](const Cell& a, const Cell& b) {
      return std::tie(a.to, a.info, a.area) < std::tie(b.to, b.info, b.area);
    });
    for (const auto& cell : cells) add(from, cell);
  }

  void add(std::size_t from, const Cell& cell) {
    ++(distance(cell.after) < distance(cell.before) ? out_.gained : out_.lost);
    if (out_.cells.size() == kept_) return;
    out_.cells.push_back({parties_.text(from), parties_.text(cell.to), classes_.text(cell.info),
                          areas_.text(cell.area), cell.before, cell.after});
  }

  std::array<const CompiledRegister*, 2> laws_;
  Instant at_;
  std::size_t kept_;
  Words parties_, classes_, areas_;
  Difference out_;
};

}  // namespace

bool ChangedCell::gained() const { return distance(after) < distance(before); }

Difference difference(const CompiledRegister& before, const CompiledRegister& after, Instant at,
                      std::size_t kept) {
  return Comparison(before, after, at, kept).run();
}

}  // namespace comity::treaty
