#include "treaty/difference.h"

#include <algorithm>
#include <array>
#include <compare>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <utility>

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

// What the engine tells apart by itself, whatever the clauses say.
constexpr std::array<std::string_view, 4> guarded_classes = {"content-data", "state-secret",
                                                             "traffic-data", "subscriber-data"};
constexpr std::array<std::string_view, 2> guarded_areas = {"content", "evidence"};

constexpr std::size_t sides = 2;  // before, after
template <typename T>
using Both = std::array<T, sides>;

bool holds(Bits stated, int value) { return stated == 0 || (stated & bit(value)) != 0; }

// A question but for who asks whom: numbers of words, nothing for no class.
struct Matter {
  int action = 0;
  std::optional<std::size_t> info;
  std::size_t purpose = 0, area = 0;
  auto operator<=>(const Matter&) const = default;
};

class Comparison {
 public:
  Comparison(const CompiledRegister& before, const CompiledRegister& after, Instant at,
             std::size_t kept)
      : laws_{&before, &after},
        at_(at),
        kept_(kept),
        parties_(codes(before.model()), codes(after.model())),
        classes_(before.model().vocabulary.classes.values, after.model().vocabulary.classes.values),
        areas_(before.model().vocabulary.areas.values, after.model().vocabulary.areas.values),
        purposes_(before.model().vocabulary.purposes.values,
                  after.model().vocabulary.purposes.values) {
    number_kinds();
    for (int action = 0; action < action_count; ++action) {
      if ((own_actions & bit(action)) != 0) infos_.emplace(action, infos_of(action));
    }
  }

  Difference run() {
    for (std::size_t from = 0; from < parties_.size(); ++from) {
      compare_sender(from);
    }
    return std::move(out_);
  }

 private:
  static constexpr int action_count = static_cast<int>(Action::Withdraw) + 1;

  struct Answer {
    std::size_t to;
    VerdictKind before, after;
  };
  struct Cell {
    std::size_t to;
    Matter matter;
    VerdictKind before, after;
  };

  // A clause, or a rule of its overlay, that may decide about what a sender does, and toward whom.
  // Where none of either register does, there is no basis under both, and what the guards of the
  // engine forbid is the same under every register: such cells are not asked about.
  struct Reach {
    Bits actions = 0;
    Bits info = 0, areas = 0, purposes = 0;  // 0: all
    PartySet to;
  };

  // ---- what there is to ask --------------------------------------------------------------------

  // Words that every clause treats alike differ only by these numbers: whether both registers know
  // them, what the guards of the engine and the designations say of them.
  void number_kinds() {
    class_kinds_ = kinds_of(classes_, [](std::size_t, const std::string& name) {
      return std::find(guarded_classes.begin(), guarded_classes.end(), name) ==
                     guarded_classes.end()
                 ? std::string()
                 : name;
    });
    area_kinds_ = kinds_of(areas_, [&](std::size_t number, const std::string& name) {
      const bool guarded =
          std::find(guarded_areas.begin(), guarded_areas.end(), name) != guarded_areas.end();
      auto kind = guarded ? name : std::string();
      for (std::size_t side = 0; side < sides; ++side) {
        const auto area = areas_.index(number, side);
        for (const auto& one : laws_[side]->model().designations) {
          kind += area && holds(one.areas, *area) ? '1' : '0';
        }
      }
      return kind;
    });
    purpose_kinds_ =
        kinds_of(purposes_, [](std::size_t, const std::string&) { return std::string(); });
  }

  template <typename Of>
  static std::string kinds_of(const Words& words, const Of& of) {
    std::map<std::string, char> numbers;
    std::string out;
    for (std::size_t i = 0; i < words.size(); ++i) {
      auto kind = of(i, words.text(i));
      for (std::size_t side = 0; side < sides; ++side) kind += words.index(i, side) ? '+' : '-';
      // Two vocabularies of at most 64 words each.
      const auto next = static_cast<char>(numbers.size());
      out += numbers.emplace(std::move(kind), next).first->second;
    }
    return out;
  }

  // The classes for which an action is asked about.
  std::vector<std::optional<std::size_t>> infos_of(int action) const {
    std::vector<std::optional<std::size_t>> out;
    const bool transfers = (transfer_actions & bit(action)) != 0;
    if (!transfers) out.emplace_back();
    for (std::size_t info = 0; info < classes_.size(); ++info) {
      if (transfers || named(action, info)) out.emplace_back(info);
    }
    return out;
  }

  // Whether a clause or a rule of an overlay names the class for the action.
  bool named(int action, std::size_t info) const {
    for (std::size_t side = 0; side < sides; ++side) {
      const auto index = classes_.index(info, side);
      if (!index) continue;
      const auto names = [&](const auto& row) {
        return (row.actions & bit(action)) != 0 && (row.info & bit(*index)) != 0;
      };
      const auto& model = laws_[side]->model();
      for (const auto& instrument : model.instruments) {
        const auto& clauses = instrument.clauses;
        if (std::any_of(clauses.begin(), clauses.end(), names)) return true;
      }
      for (const auto& overlay : model.overlays) {
        if (std::any_of(overlay.rules.begin(), overlay.rules.end(), names)) return true;
      }
    }
    return false;
  }

  // ---- who may decide --------------------------------------------------------------------------

  std::vector<Reach> reaches(std::size_t side, std::size_t from) const {
    std::vector<Reach> out;
    const auto party = parties_.index(from, side);
    if (!party) return out;
    const auto& model = laws_[side]->model();
    for (const auto& instrument : model.instruments) {
      if (instrument.binding != Binding::Binding || instrument.entry(*party) == nullptr) continue;
      PartySet entries;
      for (const auto& entry : instrument.parties) {
        entries.set(static_cast<std::size_t>(entry.party));
      }
      for (const auto& clause : instrument.clauses) {
        const bool third = clause.to.kind == SideKind::ThirdParties;
        out.push_back({clause.actions, clause.info, clause.areas, clause.purposes,
                       third ? ~PartySet() : entries});
      }
    }
    if (const auto* overlay = model.overlay(*party)) {
      for (const auto& rule : overlay->rules) {
        out.push_back(
            {rule.actions, rule.info, rule.areas, rule.purposes, rule.to.value_or(~PartySet())});
      }
    }
    return out;
  }

  bool reaches_matter(const Reach& one, const Matter& matter, std::size_t side) const {
    const auto area = areas_.index(matter.area, side);
    const auto purpose = purposes_.index(matter.purpose, side);
    if (!area || !purpose || !holds(one.areas, *area) || !holds(one.purposes, *purpose)) {
      return false;
    }
    if (!matter.info) return true;  // every class test passes
    const auto info = classes_.index(*matter.info, side);
    return info && holds(one.info, *info);
  }

  using Reaches = Both<std::vector<const Reach*>>;

  // Everything on which the answers about a matter can depend, under both laws; empty where nobody
  // may decide.
  std::string signature(const Reaches& reach, const Matter& matter) const {
    std::string out{area_kinds_[matter.area], purpose_kinds_[matter.purpose],
                    matter.info ? class_kinds_[*matter.info] : static_cast<char>(-1)};
    bool any = false;
    for (std::size_t side = 0; side < sides; ++side) {
      for (const auto* one : reach[side]) {
        const bool decides = reaches_matter(*one, matter, side);
        any = any || decides;
        out += decides ? '1' : '0';
      }
    }
    return any ? out : std::string();
  }

  // ---- asking ----------------------------------------------------------------------------------

  // Nothing where the register does not know one of the words.
  std::optional<ResolvedRequest> question(std::size_t side, std::size_t from,
                                          const Matter& matter) const {
    const auto sender = parties_.index(from, side);
    const auto area = areas_.index(matter.area, side);
    const auto purpose = purposes_.index(matter.purpose, side);
    const auto info = matter.info ? classes_.index(*matter.info, side) : std::optional<int>();
    if (!sender || !area || !purpose || (matter.info && !info)) return std::nullopt;
    const auto& words = laws_[side]->model().vocabulary;
    ResolvedRequest request;
    request.from = *sender;
    request.action = matter.action;
    request.info = info ? bit(*info) : 0;
    request.area = area;
    request.purpose = purpose;
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

  // Whether somebody may decide about a recipient.
  bool touches(const Both<PartySet>& touched, std::size_t to) const {
    for (std::size_t side = 0; side < sides; ++side) {
      const auto party = parties_.index(to, side);
      if (party && touched[side].test(static_cast<std::size_t>(*party))) return true;
    }
    return false;
  }

  std::vector<Answer> changed(std::size_t from, const Reaches& reach, const Matter& matter) const {
    Both<PartySet> touched;
    for (std::size_t side = 0; side < sides; ++side) {
      for (const auto* one : reach[side]) {
        if (reaches_matter(*one, matter, side)) touched[side] |= one->to;
      }
    }
    auto before = question(0, from, matter), after = question(1, from, matter);
    std::vector<Answer> out;
    for (std::size_t to = 0; to < parties_.size(); ++to) {
      if (to == from || !touches(touched, to)) continue;
      const auto then = kind(0, before, to), now = kind(1, after, to);
      if (!differ(then, now)) continue;
      out.push_back({to, then.value_or(VerdictKind::NoBasis), now.value_or(VerdictKind::NoBasis)});
    }
    return out;
  }

  void compare_sender(std::size_t from) {
    const Both<std::vector<Reach>> all = {reaches(0, from), reaches(1, from)};
    std::vector<Cell> cells;
    for (const auto& [action, infos] : infos_) {
      Reaches acting;
      for (std::size_t side = 0; side < sides; ++side) {
        for (const auto& one : all[side]) {
          if ((one.actions & bit(action)) != 0) acting[side].push_back(&one);
        }
      }
      if (acting[0].empty() && acting[1].empty()) continue;
      compare_action(from, action, acting, cells);
    }
    std::sort(cells.begin(), cells.end(), [](const Cell& a, const Cell& b) {
      return std::tie(a.to, a.matter) < std::tie(b.to, b.matter);
    });
    for (const auto& cell : cells) add(from, cell);
  }

  // Matters about which the same clauses decide have the same answers.
  void compare_action(std::size_t from, int action, const Reaches& acting,
                      std::vector<Cell>& cells) const {
    std::unordered_map<std::string, std::vector<Answer>> known;
    for (const auto& info : infos_.at(action)) {
      for (std::size_t purpose = 0; purpose < purposes_.size(); ++purpose) {
        for (std::size_t area = 0; area < areas_.size(); ++area) {
          const Matter matter{action, info, purpose, area};
          auto key = signature(acting, matter);
          if (key.empty()) continue;
          const auto [held, added] = known.emplace(std::move(key), std::vector<Answer>());
          if (added) held->second = changed(from, acting, matter);
          for (const auto& one : held->second) {
            cells.push_back({one.to, matter, one.before, one.after});
          }
        }
      }
    }
  }

  void add(std::size_t from, const Cell& cell) {
    ++(distance(cell.after) < distance(cell.before) ? out_.gained : out_.lost);
    if (out_.cells.size() == kept_) return;
    const auto& matter = cell.matter;
    const auto& actions = laws_[0]->model().vocabulary.actions.values;  // the same in all registers
    out_.cells.push_back({parties_.text(from), parties_.text(cell.to),
                          actions[static_cast<std::size_t>(matter.action)],
                          matter.info ? classes_.text(*matter.info) : std::string(),
                          areas_.text(matter.area), purposes_.text(matter.purpose), cell.before,
                          cell.after});
  }

  Both<const CompiledRegister*> laws_;
  Instant at_;
  std::size_t kept_;
  Words parties_, classes_, areas_, purposes_;
  std::string class_kinds_, area_kinds_, purpose_kinds_;          // by number of the word
  std::map<int, std::vector<std::optional<std::size_t>>> infos_;  // by action
  Difference out_;
};

}  // namespace

bool ChangedCell::gained() const { return distance(after) < distance(before); }

Difference difference(const CompiledRegister& before, const CompiledRegister& after, Instant at,
                      std::size_t kept) {
  return Comparison(before, after, at, kept).run();
}

}  // namespace comity::treaty
