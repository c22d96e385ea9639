// Every question of semantics 1 to a small register, in a fixed order, and the part of them that a
// run asks. Only tests include this.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/test_support.h"
#include "treaty/test_worlds.h"

namespace comity::treaty::test {

inline const Vocabulary& words() {
  static const auto value = vocabulary();
  return value;
}

// The values of each dimension that are asked for; an absent area or purpose is a value, too.
struct Question {
  int action = 0;
  Bits info = 0;
  std::optional<int> area, purpose;
  Tlp tlp = Tlp::Clear;
  Bits from_roles = 0, to_roles = 0;
  RightsRecord rights_record = RightsRecord::Absent;
  std::optional<FactValue> court_order, urgent;  // absent: not stated
};

struct Dimensions {
  int action = 0;
  std::vector<Bits> infos;
  std::vector<std::optional<int>> areas, purposes;
  std::vector<Tlp> tlps;
  std::vector<std::pair<Bits, Bits>> roles;  // of the sender, of the recipient
  std::vector<RightsRecord> rights_records;
  std::vector<std::optional<FactValue>> court_orders, urgencies;

  static Dimensions all(int action, std::vector<Bits> infos);
  // Only values at which a clause or rule acts, and of each dimension one at which it does not.
  template <typename Row>
  void meet(const Row& row);
};

inline std::vector<std::optional<int>> any_or_none(const Names& names) {
  std::vector<std::optional<int>> out{std::nullopt};
  for (std::size_t i = 0; i < names.values.size(); ++i) out.emplace_back(static_cast<int>(i));
  return out;
}

inline Dimensions Dimensions::all(int action, std::vector<Bits> infos) {
  Dimensions out;
  out.action = action;
  out.infos = std::move(infos);
  out.areas = any_or_none(words().areas);
  out.purposes = any_or_none(words().purposes);
  out.tlps = {Tlp::None, Tlp::Clear, Tlp::Green, Tlp::Amber, Tlp::AmberStrict, Tlp::Red};
  out.roles = {{0, 0}};
  for (std::size_t i = 0; i < words().roles.values.size(); ++i) {
    const auto role = bit(static_cast<int>(i));
    out.roles.emplace_back(role, role);
  }
  out.rights_records = {RightsRecord::Absent, RightsRecord::Incomplete, RightsRecord::Complete};
  out.court_orders = {std::nullopt};
  out.urgencies = {std::nullopt, FactValue::Yes};
  return out;
}

template <typename Row>
void Dimensions::meet(const Row& row) {
  const auto few = [](Bits stated, const Names& names, std::vector<std::optional<int>>& values) {
    values = {std::nullopt};
    std::optional<int> in, out;
    for (std::size_t i = 0; i < names.values.size(); ++i) {
      const auto index = static_cast<int>(i);
      ((stated & bit(index)) != 0 ? in : out) = index;
    }
    if (in) values.push_back(in);
    if (out) values.push_back(out);
  };
  few(row.areas, words().areas, areas);
  few(row.purposes, words().purposes, purposes);
  std::vector<std::optional<int>> classes;
  few(row.info, words().classes, classes);
  infos = {bits(words().classes, "vulnerability")};  // half_open asks for a person there
  for (const auto& one : classes) {
    if (!one) continue;
    infos.push_back(bit(*one));
    infos.push_back(infos.front() | bit(*one));
  }
  roles = {{0, 0}};
  rights_records = {RightsRecord::Complete};
  urgencies = {std::nullopt};
  tlps = {Tlp::Clear, Tlp::Amber};
}

// Each class alone, and each beside the given ones.
inline std::vector<Bits> class_sets_with(Bits with) {
  std::vector<Bits> out;
  for (std::size_t i = 0; i < words().classes.values.size(); ++i) {
    out.push_back(bit(static_cast<int>(i)));
    if ((with & out.back()) == 0 && with != 0) out.push_back(with | bit(static_cast<int>(i)));
  }
  return out;
}

// Calls `each` with every question of the dimensions.
template <typename Each>
void for_each_of(const Dimensions& d, Each each) {
  Question q;
  q.action = d.action;
  for (const auto info : d.infos) {
    q.info = info;
    for (const auto& area : d.areas) {
      q.area = area;
      for (const auto& purpose : d.purposes) {
        q.purpose = purpose;
        for (const auto tlp : d.tlps) {
          q.tlp = tlp;
          for (const auto& [from_roles, to_roles] : d.roles) {
            q.from_roles = from_roles;
            q.to_roles = to_roles;
            for (const auto record : d.rights_records) {
              q.rights_record = record;
              for (const auto& order : d.court_orders) {
                q.court_order = order;
                for (const auto& urgent : d.urgencies) {
                  q.urgent = urgent;
                  each(q);
                  if (testing::Test::HasFailure()) return;
                }
              }
            }
          }
        }
      }
    }
  }
}

// Whether a run of this scale asks question `number`: spread evenly, and another part with another
// seed.
inline bool asked_now(std::uint64_t number) {
  const auto scale = comity::test::scale();
  auto mixed = (number + base_seed()) * 0x9e3779b97f4a7c15ULL;
  mixed ^= mixed >> 31;
  return mixed * 0xbf58476d1ce4e5b9ULL % scale == 0;
}

// Calls `each` with every question of the dimensions, or with the part that this run asks.
template <typename Each>
void for_every(const Dimensions& dimensions, Each each) {
  std::uint64_t number = 0;
  for_each_of(dimensions, [&](const Question& asked) {
    if (asked_now(++number)) each(asked);
  });
}

// An agreement that permits everything to everybody: what is closed in it, the engine closes.
inline Model wide_open() {
  TestRegister build({"XA", "XB", "XC"});
  auto& open = build.instrument("open");
  build.entries(open, {"XA", "XB", "XC"});
  std::string actions;
  for (const auto& action : words().actions.values)
    actions += (actions.empty() ? "" : " ") + action;
  build.clause(open, "a1", Verb::Permit, actions);
  build.clause(open, "a2", Verb::Empower, actions);
  for (const char* code : {"XA", "XB"}) {
    build.designation("open", code);
    for (const auto& role : words().roles.values) build.designation("open", code, role);
  }
  return std::move(build.model());
}

// The same with permits that a person has to complete: a rule can still narrow it in two steps.
inline Model half_open() {
  auto model = wide_open();
  auto human = model.instruments.front().clauses.front();
  human.id = "a3";
  human.info = bits(words().classes, "vulnerability");
  human.digest = sha256("a3");
  human.needs.push_back({Need::Kind::Human, "human", -1});
  model.instruments.front().clauses.push_back(human);
  return model;
}

// Forbids of every scope, class, area and purpose, each stated or not, with and without exception.
template <typename Each>
void for_every_forbid(int action, Each each) {
  std::uint64_t number = 0;
  const auto classes = any_or_none(words().classes);
  const auto areas = any_or_none(words().areas);
  const auto purposes = any_or_none(words().purposes);
  const auto set = [](const std::optional<int>& value) { return value ? bit(*value) : Bits{0}; };
  for (const auto& info : classes) {
    for (const auto& area : areas) {
      for (const auto& purpose : purposes) {
        for (const int shape : {0, 1, 2, 3}) {
          if (!asked_now(++number)) continue;
          Clause forbid;
          forbid.id = "added";
          forbid.article = "Art. 9";
          forbid.verb = Verb::Forbid;
          forbid.digest = sha256("added");
          forbid.actions = bit(action);
          forbid.info = set(info);
          forbid.areas = set(area);
          forbid.purposes = set(purpose);
          forbid.scope = (shape & 1) != 0 ? Scope::Origin : Scope::Basis;
          forbid.except_consent = (shape & 2) != 0;
          each(forbid);
          if (testing::Test::HasFailure()) return;
        }
      }
    }
  }
}

// Rules of a national overlay on one action: forbids, from some handling on or at any, and demands
// for a person and for a fact; of every class, area and purpose, each stated or not.
template <typename Each>
void for_every_overlay_rule(int action, Each each) {
  std::uint64_t number = 0;
  const auto set = [](const std::optional<int>& value) { return value ? bit(*value) : Bits{0}; };
  for (const auto& info : any_or_none(words().classes)) {
    for (const auto& area : any_or_none(words().areas)) {
      for (const auto& purpose : any_or_none(words().purposes)) {
        for (const int shape : {0, 1, 2, 3}) {
          if (!asked_now(++number)) continue;
          OverlayRule rule;
          rule.id = "r1";
          rule.article = "s. 1";
          rule.actions = bit(action);
          rule.info = set(info);
          rule.areas = set(area);
          rule.purposes = set(purpose);
          rule.forbids = shape < 2;
          if (shape == 1) rule.handling_min = Tlp::Amber;
          if (shape == 2) rule.needs.push_back({Need::Kind::Human, "four-eyes", -1});
          if (shape == 3) {
            rule.needs.push_back(
                {Need::Kind::Fact, "court-order", words().fact("court-order").value_or(-1)});
          }
          each(rule);
          if (testing::Test::HasFailure()) return;
        }
      }
    }
  }
}

// A register with its clauses verified, asked by both engines.
class Law {
 public:
  Law(Model model, Mode mode)
      : model_(std::make_shared<const Model>(std::move(model))),
        own_(verify_all(*model_)),
        mode_(mode),
        compiled_(model_, own_, mode) {}

  const Model& model() const { return *model_; }

  ResolvedRequest request(const Question& asked) const {
    ResolvedRequest out;
    out.from = 0;
    out.to = 1;
    out.action = asked.action;
    out.info = asked.info;
    out.area = asked.area;
    out.purpose = asked.purpose;
    out.tlp = asked.tlp;
    out.from_roles = asked.from_roles;
    out.to_roles = asked.to_roles;
    out.rights_record = asked.rights_record;
    out.at = at_;
    out.facts.assign(words().facts.size(), FactValue::Unknown);
    out.stated.assign(words().facts.size(), false);
    state(out, court_order_, asked.court_order);
    state(out, urgent_, asked.urgent);
    // What is passed on came from a third state that is a party, too.
    if (asked.action == static_cast<int>(Action::Onward)) {
      out.chain.push_back({0, 2});
      out.consents[{2, 1}] = Consent::Granted;
    }
    return out;
  }

  VerdictKind compiled(const ResolvedRequest& request) const { return compiled_.kind(request); }
  // Of both engines.
  VerdictKind kind(const ResolvedRequest& request) const {
    const auto kind = compiled_.kind(request);
    EXPECT_EQ(decide_by_reference(*model_, own_, mode_, request).kind, kind) << text(request);
    return kind;
  }
  std::string text(const ResolvedRequest& request) const {
    const auto asked = in_words(*model_, request);
    std::string out = std::string(name(mode_)) + " " + asked.action + ", info";
    for (const auto& one : asked.info) out += " " + one;
    out += ", area " + asked.area + ", purpose " + asked.purpose + ", tlp " + asked.tlp;
    for (const auto& one : asked.from_roles) out += ", from " + one;
    for (const auto& one : asked.to_roles) out += ", to " + one;
    for (const auto& [key, value] : asked.facts) out += ", " + key + "=" + value;
    return out;
  }

 private:
  static void state(ResolvedRequest& out, std::size_t fact, std::optional<FactValue> value) {
    if (!value) return;
    out.stated[fact] = true;
    out.facts[fact] = *value;
  }

  std::shared_ptr<const Model> model_;
  Verifications own_;
  Mode mode_;
  CompiledRegister compiled_;
  Instant at_ = instant("2018-01-15");
  std::size_t court_order_ = static_cast<std::size_t>(*words().fact("court-order"));
  std::size_t urgent_ = static_cast<std::size_t>(*words().fact("urgent"));
};

}  // namespace comity::treaty::test
