// The analyser against a slow oracle: small random registers, every request over the dimensions of
// which their clauses speak, the reference interpreter.
#include "treaty/analysis.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <set>

#include "base/test_source_dir.h"
#include "base/test_support.h"
#include "json/write.h"
#include "treaty/overlay_analysis.h"
#include "treaty/provenance_check.h"
#include "treaty/reference.h"
#include "treaty/register.h"
#include "treaty/test_model.h"
#include "treaty/words.h"

namespace comity::treaty {
namespace {

using comity::test::must;
using test::Dice;
using test::TestRegister;

constexpr std::size_t themed_registers_in_full = 100;  // of each theme
constexpr std::uint64_t questions_of_a_test = 50'000'000;

// ---- the oracle --------------------------------------------------------------------------------

// What a small register is asked about: the values that its clauses may name, and one beyond.
struct Dimensions {
  std::string actions = "share request";
  std::vector<std::string> infos{"indicator", "vulnerability", "malware-sample", ""};
  std::vector<std::string> areas{""}, purposes{""};
  std::vector<Tlp> handlings{Tlp::Clear};
  std::vector<std::string> roles;  // every set of them, on both sides
  std::vector<std::string> facts;
  std::vector<RightsRecord> records{RightsRecord::Complete};
  std::vector<std::string> refusals;  // grounds, beside none
  std::size_t hops = 0;
  std::vector<std::string> received;             // when the last hop came, beside unknown
  std::vector<std::string> times{"2018-01-15"};  // none: all at which something changes
};

using Each = std::function<void(const ResolvedRequest&)>;

template <typename Value, typename F>
void each_of(const std::vector<Value>& values, std::size_t count, std::vector<Value>& chosen,
             const F& then) {
  if (chosen.size() == count) return then();
  for (const auto& value : values) {
    chosen.push_back(value);
    each_of(values, count, chosen, then);
    chosen.pop_back();
  }
}

std::vector<Bits> subsets(const Names& names, const std::vector<std::string>& of) {
  std::vector<Bits> out{0};
  for (const auto& one : of) {
    const auto before = out.size();
    for (std::size_t i = 0; i < before; ++i) out.push_back(out[i] | test::bits(names, one));
  }
  return out;
}

// At, before and behind everything that begins or ends.
std::vector<Instant> instants(const Model& model) {
  std::set<std::int64_t> edges{test::instant("2018-01-15").micros};
  const auto add = [&](std::int64_t edge) { edges.insert({edge - 1, edge, edge + 1}); };
  for (const auto& instrument : model.instruments) {
    if (instrument.id == "~") continue;
    if (instrument.signed_on) add(instrument.signed_on->earliest.micros);
    for (const auto& entry : instrument.parties) {
      for (const auto& date : {entry.in_force, entry.until}) {
        if (!date) continue;
        add(date->earliest.micros);
        add(date->latest.micros);
      }
    }
  }
  for (const auto& one : model.suspensions) {
    add(one.from.micros);
    if (one.until) add(one.until->micros);
  }
  for (const auto& one : model.denunciations) add(one.effective.micros);
  std::vector<Instant> out;
  for (const auto edge : edges) out.push_back({edge});
  return out;
}

class Enumeration {
 public:
  Enumeration(const Model& model, const Dimensions& over)
      : model_(model), over_(over), words_(model.vocabulary) {
    for (const auto& day : over.times) times_.push_back(test::instant(day));
    if (times_.empty()) times_ = instants(model);
    const auto sets = subsets(words_.roles, over.roles);
    roles_ = sets;
    for (const auto& fact : over.facts) facts_.push_back(*words_.fact(fact));
    refusals_.emplace_back();
    for (const auto& ground : over.refusals) {
      refusals_.push_back(words_.refusal_grounds.index(ground));
    }
    received_.emplace_back();
    for (const auto& day : over.received) received_.emplace_back(test::instant(day));
    for (int i = 0; i < static_cast<int>(model.instruments.size()); ++i) {
      for (int p = 0; p < static_cast<int>(model.parties.size()); ++p) hops_.push_back({i, p});
    }
  }

  void run(const Each& each) {
    request_.facts.assign(words_.facts.size(), FactValue::Unknown);
    request_.stated.assign(words_.facts.size(), true);
    const auto parties = static_cast<int>(model_.parties.size());
    for (const auto at : times_) {
      request_.at = at;
      for (request_.from = 0; request_.from < parties; ++request_.from) {
        for (request_.to = 0; request_.to < parties; ++request_.to) {
          if (request_.from != request_.to) acts(each);
        }
      }
    }
  }

 private:
  void acts(const Each& each) {
    const auto all = test::bits(words_.actions, over_.actions);
    for (std::size_t length = 0; length <= over_.hops; ++length) {
      std::vector<Hop> chain;
      each_of(hops_, length, chain, [&] {
        request_.chain = chain;
        for (int action = 0; action < 14; ++action) {
          request_.action = action;
          const bool onward = action == static_cast<int>(Action::Onward);
          if ((all & bit(action)) == 0 || (onward && length == 0)) continue;
          for (const auto& at : received_) {
            if (length == 0 && at) continue;
            if (length > 0) request_.chain.back().at = at;
            consents(each);
          }
        }
      });
    }
  }

  void consents(const Each& each) {
    std::set<int> originators;
    for (const auto& hop : request_.chain) originators.insert(hop.originator);
    const std::vector<Consent> values{Consent::Unknown, Consent::Granted, Consent::Refused};
    std::vector<Consent> chosen;
    each_of(values, originators.size(), chosen, [&] {
      request_.consents.clear();
      std::size_t next = 0;
      for (const int who : originators) request_.consents[{who, request_.to}] = chosen[next++];
      matters(each);
    });
  }

  void matters(const Each& each) {
    const bool transfer = (bit(request_.action) & transfer_actions) != 0;
    for (const auto& info : over_.infos) {
      if (info.empty() && transfer) continue;
      request_.info = test::bits(words_.classes, info);
      for (const auto& area : over_.areas) {
        request_.area = words_.areas.index(area);
        for (const auto& purpose : over_.purposes) {
          request_.purpose = words_.purposes.index(purpose);
          limits(each);
        }
      }
    }
  }

  void limits(const Each& each) {
    for (const auto tlp : over_.handlings) {
      request_.tlp = tlp;
      for (const auto from : roles_) {
        request_.from_roles = from;
        for (const auto to : roles_) {
          request_.to_roles = to;
          facts(each);
        }
      }
    }
  }

  void facts(const Each& each) {
    const std::vector<FactValue> values{FactValue::Unknown, FactValue::No, FactValue::Yes};
    std::vector<FactValue> chosen;
    each_of(values, facts_.size(), chosen, [&] {
      for (std::size_t i = 0; i < facts_.size(); ++i) {
        request_.facts[static_cast<std::size_t>(facts_[i])] = chosen[i];
      }
      for (const auto record : over_.records) {
        request_.rights_record = record;
        for (const auto& ground : refusals_) {
          request_.refusal_ground = ground;
          each(request_);
        }
      }
    });
  }

  const Model& model_;
  const Dimensions& over_;
  const Vocabulary& words_;
  std::vector<Instant> times_;
  std::vector<Bits> roles_;
  std::vector<int> facts_;
  std::vector<Hop> hops_;
  std::vector<std::optional<int>> refusals_;
  std::vector<std::optional<Instant>> received_;
  ResolvedRequest request_;
};

bool mentions(const Verdict& verdict, const std::string& paper, const std::string& clause) {
  bool found = false;
  const auto look = [&](const auto& list) {
    for (const auto& one : list) found = found || (one.instrument == paper && one.clause == clause);
  };
  look(verdict.basis);
  look(verdict.reasons);
  look(verdict.duties);
  look(verdict.advice);
  return found;
}

template <typename List>
bool has(const List& list, const std::string& paper, const std::string& clause) {
  return std::any_of(list.begin(), list.end(), [&](const auto& one) {
    return one.instrument == paper && one.clause == clause;
  });
}

// What is decided, without the mention of one clause: lines in an order of their own.
std::set<std::string> decided(const Verdict& verdict, const std::string& paper,
                              const std::string& clause) {
  std::set<std::string> out{std::string("is ") + name(verdict.kind)};
  for (const auto& one : verdict.basis) out.insert("under " + one.instrument);
  for (const auto& one : verdict.needs) {
    // The clause that asks stands behind "under" or a colon; facts name none.
    auto what = one.what;
    if (one.kind == "human" || one.kind == "arrangement")
      what = what.substr(0, what.find(" under "));
    if (one.kind == "consent") what = what.substr(0, what.find(':'));
    out.insert("needs " + one.kind + " " + what + " " + one.from);
  }
  for (const auto& one : verdict.reasons) {
    if (one.code == "class-not-covered" || (one.instrument == paper && one.clause == clause)) {
      continue;
    }
    out.insert(fmt::format("reason {} {} {} {}", one.code, one.instrument, one.clause, one.what));
  }
  for (const auto& one : verdict.duties) {
    out.insert(fmt::format("duty {} {} {} {}", one.clause, one.what, one.due, one.overdue));
  }
  for (const auto& one : verdict.advice) {
    out.insert(fmt::format("advice {} {} {}", one.instrument, one.clause, one.text));
  }
  for (const auto& one : verdict.asserts) out.insert("asserts " + one.what);
  return out;
}

// A model of some instruments and one of everybody without clauses, as the page on the analyser
// describes it.
Model only(const Model& whole, const std::vector<std::string>& ids) {
  Model out;
  out.vocabulary = whole.vocabulary;
  out.parties = whole.parties;
  std::vector<int> moved(whole.instruments.size(), -1);
  for (std::size_t i = 0; i < whole.instruments.size(); ++i) {
    if (std::find(ids.begin(), ids.end(), whole.instruments[i].id) == ids.end()) continue;
    moved[i] = static_cast<int>(out.instruments.size());
    out.instruments.push_back(whole.instruments[i]);
  }
  const auto take = [&](const auto& from, auto& to) {
    for (auto one : from) {
      one.instrument = moved[static_cast<std::size_t>(one.instrument)];
      if (one.instrument >= 0) to.push_back(one);
    }
  };
  take(whole.arrangements, out.arrangements);
  take(whole.designations, out.designations);
  take(whole.suspensions, out.suspensions);
  take(whole.denunciations, out.denunciations);
  Instrument blank;
  blank.id = "~";
  for (int party = 0; party < static_cast<int>(out.parties.size()); ++party) {
    PartyEntry entry;
    entry.party = party;
    entry.in_force = test::date("1900-01-01");
    blank.parties.push_back(entry);
  }
  out.instruments.push_back(blank);
  return out;
}

bool flat(const Clause& clause) {
  return clause.verb == Verb::Forbid && !clause.when && !clause.except_consent;
}
bool opens(const Clause& clause) {
  return clause.verb == Verb::Permit || clause.verb == Verb::Require ||
         clause.verb == Verb::Empower;
}

Model without(const Model& model, const std::function<bool(const Clause&)>& out) {
  auto changed = model;
  for (auto& instrument : changed.instruments) std::erase_if(instrument.clauses, out);
  return changed;
}

bool follows_upon(const ResolvedRequest& asked, Bits on) {
  const Bits passing = test::bits(test::vocabulary().actions, "share onward");
  if ((on & bit(asked.action)) != 0) return true;
  return !asked.chain.empty() && (passing & bit(asked.action)) != 0 && (passing & on) != 0;
}

using Findings = std::set<std::string>;
std::string finding(FindingKind kind, const std::string& paper, const std::string& clause,
                    const std::string& other = "") {
  return fmt::format("{} {} {} {}", name(kind), paper, clause, other);
}

struct Seen {
  bool acts = false, matters = false, arises = false;
  std::set<std::string> opposed;
};

void oracle_alone(const Model& whole, const Instrument& paper, const Dimensions& over,
                  Findings& out) {
  const auto model = only(whole, {paper.id});
  const auto own = test::verify_all(model);
  const auto mild = without(model, flat);
  std::vector<Model> less;
  for (const auto& clause : paper.clauses) {
    less.push_back(without(model, [&](const Clause& one) { return one.id == clause.id; }));
  }
  std::vector<Seen> seen(paper.clauses.size());
  Enumeration(model, over).run([&](const ResolvedRequest& asked) {
    const auto verdict = decide_by_reference(model, own, Mode::Operational, asked);
    const auto milder = decide_by_reference(mild, own, Mode::Operational, asked);
    for (std::size_t i = 0; i < seen.size(); ++i) {
      const auto& clause = paper.clauses[i];
      seen[i].acts = seen[i].acts || mentions(verdict, paper.id, clause.id);
      seen[i].arises = seen[i].arises ||
                       (follows_upon(asked, clause.on) && has(verdict.duties, paper.id, clause.id));
      if (!seen[i].matters) {
        const auto other = decide_by_reference(less[i], own, Mode::Operational, asked);
        seen[i].matters =
            decided(verdict, paper.id, clause.id) != decided(other, paper.id, clause.id);
      }
      if (!opens(clause) || !has(milder.basis, paper.id, clause.id)) continue;
      for (const auto& forbid : paper.clauses) {
        if (flat(forbid) && has(verdict.reasons, paper.id, forbid.id)) {
          seen[i].opposed.insert(forbid.id);
        }
      }
    }
  });
  for (std::size_t i = 0; i < seen.size(); ++i) {
    const auto& clause = paper.clauses[i];
    if (clause.verb == Verb::Define) continue;
    if (!seen[i].acts) {
      out.insert(finding(FindingKind::NeverMatches, paper.id, clause.id));
    } else if (!seen[i].matters) {
      out.insert(finding(FindingKind::Shadowed, paper.id, clause.id));
    } else if (clause.verb == Verb::Require && clause.on != 0 && !seen[i].arises) {
      out.insert(finding(FindingKind::UnreachableDuty, paper.id, clause.id));
    }
    for (const auto& forbid : seen[i].opposed) {
      out.insert(finding(FindingKind::Contradiction, paper.id, clause.id, forbid));
    }
  }
}

void oracle_pair(const Model& whole, const Dimensions& over, Findings& out) {
  for (const auto& a : whole.instruments) {
    for (const auto& b : whole.instruments) {
      if (a.id == b.id || a.binding != Binding::Binding || b.binding != Binding::Binding) continue;
      const auto model = only(whole, {a.id, b.id});
      const auto own = test::verify_all(model);
      Enumeration(model, over).run([&](const ResolvedRequest& asked) {
        const auto verdict = decide_by_reference(model, own, Mode::Operational, asked);
        for (const auto& ground : a.clauses) {
          if (!has(verdict.basis, a.id, ground.id)) continue;
          for (const auto& forbid : b.clauses) {
            if (forbid.verb == Verb::Forbid && forbid.scope == Scope::Basis &&
                has(verdict.reasons, b.id, forbid.id)) {
              out.insert(finding(FindingKind::Conflict, a.id, ground.id, b.id + " " + forbid.id));
            }
          }
        }
      });
    }
  }
}

Findings found(const Model& model) {
  Findings out;
  for (const auto& one : analyse(model, questions_of_a_test)) {
    std::string other;
    if (one.kind == FindingKind::Contradiction) other = one.others.at(0).clause;
    if (one.kind == FindingKind::Conflict) {
      other = one.others.at(0).instrument + " " + one.others.at(0).clause;
    }
    EXPECT_NE(one.kind, FindingKind::NotAnalysed) << one.at.instrument << " " << one.at.clause;
    out.insert(finding(one.kind, one.at.instrument, one.at.clause, other));
  }
  return out;
}

// ---- small registers ---------------------------------------------------------------------------

// A theme is a kind of small register: whose clauses speak of a few dimensions, all of which can be
// enumerated.
struct Theme {
  const char* name = "";
  Dimensions over;
  bool changing = false;  // memberships begin, end and are suspended
  bool sticks = false;    // forbids may stick to what was received
  std::size_t instruments = 1;
  std::vector<std::string> parties{"CN", "KZ", "RU"};
};

Clause& random_clause(Dice& dice, TestRegister& build, Instrument& paper, const Theme& theme) {
  const auto pick = [&](const std::vector<std::string>& values) {
    std::vector<std::string> named;
    for (const auto& value : values) {
      // The last class is named by no clause: it stands for what is beyond.
      if (!value.empty() && value != "malware-sample") named.push_back(value);
    }
    return named.empty() || dice.chance(50) ? std::string() : dice.some(named, 60);
  };
  std::vector<std::string> actions;
  for (std::size_t at = 0; at < theme.over.actions.size();) {
    const auto end = std::min(theme.over.actions.find(' ', at), theme.over.actions.size());
    actions.push_back(theme.over.actions.substr(at, end - at));
    at = end + 1;
  }
  const bool binding = paper.binding == Binding::Binding;
  const auto verb =
      !binding && dice.chance(60) ? Verb::Advise
      : dice.chance(45)           ? Verb::Permit
      : dice.chance(60)
          ? Verb::Forbid
          : dice.one<Verb>({Verb::Require, Verb::Require, Verb::Empower, Verb::Define});
  auto& clause = build.clause(paper, fmt::format("c{}", paper.clauses.size() + 1), verb,
                              dice.some(actions, 40), pick(theme.over.infos),
                              pick(theme.over.areas), pick(theme.over.purposes));
  if (dice.chance(20)) clause.from = build.listed({"CN"});
  if (dice.chance(20)) clause.to = build.listed({"CN", "RU"});
  if (dice.chance(12)) clause.to = TestRegister::third_parties();
  if (verb == Verb::Require && dice.chance(60)) {
    clause.on = test::bits(build.model().vocabulary.actions, dice.some(actions, 40));
  }
  if (verb == Verb::Forbid) {
    clause.scope = theme.sticks && dice.chance(60) ? Scope::Origin : Scope::Basis;
    clause.except_consent = theme.over.hops > 0 && dice.chance(50);
    if (clause.scope == Scope::Origin && dice.chance(30)) clause.survives = dice.chance(50);
    if (clause.scope == Scope::Origin && dice.chance(30)) clause.to = TestRegister::third_parties();
    if (clause.scope == Scope::Origin && clause.to.kind == SideKind::ThirdParties) {
      clause.history = dice.one<History>({History::Unstated, History::FromAccession, History::All});
    }
  }
  if (verb == Verb::Require && theme.changing && clause.to.kind != SideKind::ThirdParties &&
      dice.chance(40)) {
    clause.survives = true;
  }
  if (verb == Verb::Empower && !theme.over.refusals.empty()) {
    clause.actions |= bit(Action::Refuse);
    if (dice.chance(60)) {
      clause.grounds =
          test::bits(build.model().vocabulary.refusal_grounds, dice.some(theme.over.refusals, 50));
    }
  }
  return clause;
}

void add_limits(Dice& dice, TestRegister& build, Clause& clause, const Theme& theme) {
  if (!theme.over.facts.empty() && dice.chance(50)) {
    const auto fact = dice.one(theme.over.facts);
    if (clause.verb == Verb::Forbid) {
      clause.when = build.fact(fact);
    } else {
      clause.needs.push_back(build.need(fact));
    }
  }
  if (clause.verb != Verb::Forbid && dice.chance(15)) {
    clause.needs.push_back(
        build.need(dice.one<std::string>({"human", "four-eyes", "arrangement:list"})));
  }
  if (clause.verb != Verb::Forbid && theme.over.handlings.size() > 1 && dice.chance(40)) {
    clause.handling_max = dice.one<Tlp>({Tlp::Clear, Tlp::Green, Tlp::Amber, Tlp::AmberStrict});
  }
  if (theme.over.roles.empty()) return;
  std::vector<std::string> named(theme.over.roles.begin(), theme.over.roles.end() - 1);
  const auto& roles = build.model().vocabulary.roles;
  if (dice.chance(40)) clause.from.roles = test::bits(roles, dice.some(named, 50));
  if (dice.chance(40)) clause.to.roles = test::bits(roles, dice.some(named, 50));
  clause.to.designated = dice.chance(30);
}

void add_members(Dice& dice, TestRegister& build, Instrument& paper, const Theme& theme) {
  for (const auto& word : theme.parties) {
    if (!dice.chance(85)) continue;
    const auto code = word[0] == '!' ? word.substr(1) : word;
    if (!theme.changing) {
      build.entry(paper, code, theme.sticks && dice.chance(30) ? "2016-08-10" : "2010-01-01");
      continue;
    }
    auto& entry = build.entry(
        paper, code, dice.one<std::string>({"2012-03-01", "2012-03-01", "2016-08-10", "2015", ""}));
    if (dice.chance(25)) entry.until = test::date(dice.one<std::string>({"2014-01-01", "2021"}));
    if (dice.chance(10)) entry.status = Membership::Unknown;
    if (dice.chance(10)) entry.status = Membership::NotParty;
  }
}

Model random_small(std::uint64_t seed, const Theme& theme) {
  Dice dice(seed);
  TestRegister build(theme.parties);
  for (std::size_t i = 0; i < theme.instruments; ++i) {
    auto& paper =
        build.instrument(fmt::format("paper-{}", i), "bilateral",
                         dice.chance(theme.changing ? 75 : 90) ? Binding::Binding : Binding::Soft);
    if (theme.sticks) {
      paper.history = dice.one<History>({History::Unstated, History::FromAccession, History::All});
    }
    if (theme.changing && dice.chance(60)) {
      paper.signed_on = test::date(dice.one<std::string>({"2011-05-05", "2013", "2016-02"}));
    }
    // What is addressed to all states often names none of them.
    paper.addresses_all_states = paper.binding != Binding::Binding && dice.chance(60);
    if (!paper.addresses_all_states || dice.chance(30)) add_members(dice, build, paper, theme);
    const auto clauses = 2 + dice.below(4);
    for (std::size_t n = 0; n < clauses; ++n) {
      auto& clause = random_clause(dice, build, paper, theme);
      add_limits(dice, build, clause, theme);
      // Now and then the same once more: what is shadowed must be found.
      if (dice.chance(15)) {
        auto again = clause;
        again.id += "-again";
        paper.clauses.push_back(again);
      }
      // Or somebody reads it otherwise: more narrowly, or under a condition.
      if (dice.chance(15) && clause.verb != Verb::Define && clause.verb != Verb::Advise) {
        auto rival = clause;
        rival.id += "-rival";
        rival.reading_of = clause.id;
        rival.reading_by = "a rival";
        if (dice.chance(50)) rival.info = test::bits(test::vocabulary().classes, "indicator");
        if (dice.chance(30)) rival.from = build.listed({"RU"});
        if (dice.chance(30) && opens(rival)) rival.needs.push_back(build.need("four-eyes"));
        paper.clauses.push_back(rival);
      }
    }
    if (dice.chance(30)) build.arrangement(paper.id, "list", {"CN", "RU"});
    if (!theme.over.roles.empty() && dice.chance(60)) {
      build.designation(paper.id, "RU",
                        dice.one<std::string>({"national-csirt", "law-enforcement"}));
    }
    if (!theme.changing) continue;
    for (const auto& entry : paper.parties) {
      const auto& code = build.model().parties[static_cast<std::size_t>(entry.party)].code;
      if (dice.chance(15)) build.suspension(paper.id, code, "2017-01-01", "2018-02-01");
      if (dice.chance(15)) build.denunciation(paper.id, code, "2017-11-01", "2019-07-10");
    }
  }
  return std::move(build.model());
}

std::vector<Theme> themes() {
  Theme time;
  time.name = "time";
  time.changing = true;
  time.over.times.clear();
  time.parties.emplace_back("!SCO");
  time.over.actions = "share request notify";
  time.over.areas = {"", "threat-information", "crime"};

  Theme facts;
  facts.name = "facts";
  facts.parties = {"CN", "RU"};
  facts.over.actions = "share refuse";
  facts.over.infos = {"indicator",    "traffic-data",   "content-data",
                      "state-secret", "malware-sample", ""};
  facts.over.areas = {"", "evidence", "content", "crime"};
  facts.over.facts = {"court-order", "urgent"};
  facts.over.records = {RightsRecord::Absent, RightsRecord::Incomplete, RightsRecord::Complete};
  facts.over.refusals = {"national-law", "no-competence", "political-offence"};

  Theme origin;
  origin.name = "origin";
  origin.sticks = true;
  origin.over.actions = "share onward";
  origin.over.infos = {"indicator", "malware-sample"};
  origin.over.hops = 2;
  origin.over.times = {"2018-01-15", "2012-06-01", "2009-06-01"};
  origin.over.received = {"2009-01-01", "2012-01-01", "2017-01-01"};

  Theme limits;
  limits.name = "limits";
  limits.parties = {"CN", "RU"};
  limits.over.infos = {"indicator", "malware-sample", ""};
  limits.over.handlings = {Tlp::Clear, Tlp::Green, Tlp::Amber, Tlp::AmberStrict, Tlp::Red};
  limits.over.roles = {"national-csirt", "law-enforcement", "private-owner", "mfa"};

  Theme two;
  two.name = "two";
  two.instruments = 2;
  two.over.facts = {"urgent"};
  two.over.hops = 1;
  return {time, facts, origin, limits, two};
}

class SmallRegisters : public testing::TestWithParam<int> {};

TEST_P(SmallRegisters, AreFoundAsTheReferenceHasThem) {
  const auto theme = themes().at(static_cast<std::size_t>(GetParam()));
  const auto count = std::max<std::size_t>(1, themed_registers_in_full / comity::test::scale());
  std::set<std::string> kinds;
  for (std::uint64_t seed = 1; seed <= count; ++seed) {
    const auto model = random_small(seed * 5 + static_cast<std::uint64_t>(GetParam()), theme);
    Findings expected;
    for (const auto& paper : model.instruments) {
      oracle_alone(model, paper, theme.over, expected);
    }
    if (theme.instruments > 1) oracle_pair(model, theme.over, expected);
    EXPECT_EQ(found(model), expected) << theme.name << " " << seed;
    for (const auto& one : expected) kinds.insert(one.substr(0, one.find(' ')));
  }
  EXPECT_FALSE(kinds.empty()) << "nothing to find was ever among them";
}
INSTANTIATE_TEST_SUITE_P(Themes, SmallRegisters, testing::Range(0, 5), [](const auto& of) {
  return std::string(themes().at(static_cast<std::size_t>(of.param)).name);
});

// ---- one of each kind --------------------------------------------------------------------------

const Finding* of_kind(const std::vector<Finding>& findings, FindingKind kind,
                       const std::string& clause) {
  const auto it = std::find_if(findings.begin(), findings.end(), [&](const Finding& one) {
    return one.kind == kind && one.at.clause == clause;
  });
  return it == findings.end() ? nullptr : &*it;
}

TestRegister two_parties() {
  TestRegister build({"CN", "RU"});
  build.entries(build.instrument("paper-1"), {"CN", "RU"});
  return build;
}

TEST(Analysis, AGoodRegisterHasNoFindings) {
  auto build = two_parties();
  auto& paper = build.model().instruments[0];
  build.clause(paper, "c1", Verb::Permit, "share", "indicator", "threat-information", "warning");
  build.clause(paper, "c2", Verb::Forbid, "share", "indicator").when = build.fact("urgent");
  build.clause(paper, "c3", Verb::Define, "share");
  paper.provenance = "S";
  paper.levels = {{"bilateral", "test", "X"}};
  EXPECT_TRUE(analyse(build.model()).empty());
}

TEST(Analysis, SaysWhyAClauseNeverActs) {
  auto build = two_parties();
  auto& paper = build.model().instruments[0];
  build.clause(paper, "c1", Verb::Advise, "share");
  build.clause(paper, "c2", Verb::Permit, "");
  build.clause(paper, "c3", Verb::Permit, "share", "state-secret");
  build.clause(paper, "c4", Verb::Permit, "consult").from = build.listed({"CN"});
  paper.clauses.back().to = build.listed({"CN"});
  build.clause(paper, "c5", Verb::Permit, "assist");
  build.clause(paper, "c6", Verb::Forbid, "assist");
  auto& soft = build.instrument("paper-2", "global", Binding::Soft);
  build.entries(soft, {"CN", "RU"});
  build.clause(soft, "c7", Verb::Permit, "share");
  auto& apart = build.instrument("paper-3");
  build.entry(apart, "CN").until = test::date("2012-01-01");
  build.entry(apart, "RU", "2013-01-01");
  build.clause(apart, "c8", Verb::Permit, "share");
  const auto findings = analyse(build.model());
  const std::vector<std::pair<std::string, std::string>> expected = {
      {"c1", "finding.never-advice"},
      {"c2", "finding.never-no-action"},
      {"c3", "finding.never-parties-or-guards"},
      {"c4", "finding.never-parties-or-guards"},
      {"c5", "finding.never-forbidden"},
      {"c7", "finding.never-not-binding"},
      {"c8", "finding.never-dates"}};
  for (const auto& [clause, key] : expected) {
    const auto* one = of_kind(findings, FindingKind::NeverMatches, clause);
    ASSERT_NE(one, nullptr) << clause;
    EXPECT_EQ(one->said.key, key) << clause;
  }
  EXPECT_EQ(of_kind(findings, FindingKind::NeverMatches, "c6"), nullptr);
  EXPECT_EQ(of_kind(findings, FindingKind::NeverMatches, "c5")->others.at(0).clause, "c6");
  const auto* both = of_kind(findings, FindingKind::Contradiction, "c5");
  ASSERT_NE(both, nullptr);
  EXPECT_EQ(both->others.at(0).clause, "c6");
  ASSERT_TRUE(both->example.has_value());
  EXPECT_EQ(both->example->action, "assist");
}

// It advises them from the day on which it was signed, whether or not it lists them.
TEST(Analysis, WhatAddressesAllStatesNeedsNoList) {
  auto build = two_parties();
  auto& soft = build.instrument("paper-2", "global", Binding::Soft);
  soft.signed_on = test::date("2015-12-23");
  build.clause(soft, "c1", Verb::Advise, "share");
  EXPECT_NE(of_kind(analyse(build.model()), FindingKind::NeverMatches, "c1"), nullptr)
      << "without a list and without an addressee";
  build.model().instruments.back().addresses_all_states = true;
  EXPECT_EQ(of_kind(analyse(build.model()), FindingKind::NeverMatches, "c1"), nullptr);
}

TEST(Analysis, NamesWhatShadowsAClause) {
  auto build = two_parties();
  auto& paper = build.model().instruments[0];
  build.clause(paper, "c1", Verb::Permit, "share", "indicator vulnerability");
  build.clause(paper, "c2", Verb::Permit, "share", "indicator", "crime");
  build.clause(paper, "c3", Verb::Forbid, "share", "state-secret");
  const auto findings = analyse(build.model());
  EXPECT_EQ(of_kind(findings, FindingKind::Shadowed, "c1"), nullptr);
  const auto* narrow = of_kind(findings, FindingKind::Shadowed, "c2");
  ASSERT_NE(narrow, nullptr);
  EXPECT_EQ(narrow->others.at(0).clause, "c1");
  const auto* guarded = of_kind(findings, FindingKind::Shadowed, "c3");
  ASSERT_NE(guarded, nullptr);
  EXPECT_TRUE(guarded->others.at(0).instrument.empty());
  EXPECT_EQ(guarded->others.at(0).clause, "secrecy-guard");
}

TEST(Analysis, FindsDutiesThatNothingLeadsToAndConflicts) {
  auto build = two_parties();
  auto& paper = build.model().instruments[0];
  build.clause(paper, "c1", Verb::Permit, "share", "indicator");
  auto& tied = build.clause(paper, "c2", Verb::Require, "notify", "poc-data");
  tied.on = test::bits(build.model().vocabulary.actions, "assist");
  auto& led = build.clause(paper, "c3", Verb::Require, "report");
  led.on = test::bits(build.model().vocabulary.actions, "share");
  auto& second = build.instrument("paper-2");
  build.entries(second, {"CN", "RU"});
  build.clause(second, "c4", Verb::Forbid, "share", "indicator");
  const auto findings = analyse(build.model());
  EXPECT_NE(of_kind(findings, FindingKind::UnreachableDuty, "c2"), nullptr);
  EXPECT_EQ(of_kind(findings, FindingKind::UnreachableDuty, "c3"), nullptr);
  const auto* conflict = of_kind(findings, FindingKind::Conflict, "c1");
  ASSERT_NE(conflict, nullptr);
  EXPECT_EQ(conflict->others.at(0).clause, "c4");
  // Who asks the example is told both.
  ASSERT_TRUE(conflict->example.has_value());
  const auto asked = resolve(build.model(), *conflict->example);
  ASSERT_TRUE(asked.has_value());
  const auto verdict = decide_by_reference(build.model(), test::verify_all(build.model()),
                                           Mode::Operational, *asked);
  EXPECT_TRUE(has(verdict.basis, "paper-1", "c1"));
  EXPECT_TRUE(has(verdict.reasons, "paper-2", "c4"));
}

TEST(Analysis, GivesUpAtItsBoundAndSaysSo) {
  auto build = two_parties();
  auto& paper = build.model().instruments[0];
  // One question finds that it acts; that it changes nothing takes all of them.
  build.clause(paper, "c1", Verb::Permit, "share", "indicator");
  build.clause(paper, "c2", Verb::Permit, "share", "indicator");
  for (const std::uint64_t bound : {1U, 2U}) {
    const auto findings = analyse(build.model(), bound);
    EXPECT_NE(of_kind(findings, FindingKind::NotAnalysed, "c1"), nullptr) << bound;
    EXPECT_EQ(of_kind(findings, FindingKind::Shadowed, "c1"), nullptr) << bound;
  }
  EXPECT_NE(of_kind(analyse(build.model()), FindingKind::Shadowed, "c1"), nullptr);
}

TEST(Analysis, FindsFactsWithoutProvenanceAndMarksWithoutSource) {
  auto build = two_parties();
  auto& model = build.model();
  auto& paper = model.instruments[0];
  paper.provenance = "S";
  build.clause(paper, "c1", Verb::Permit, "share", "indicator").provenance = "";
  paper.parties[0].provenance = "F9 S";
  paper.in_force_on = test::date("2012-03-01", "F7");
  paper.source_errors = {{"S", "footnote 1", "one", "two", "F8"}};
  paper.reviews = {{"Art. 9", "", "", {}}};
  model.context.sources = {{"S", "a text"}, {"X", "made up"}};
  const auto gaps = provenance_gaps(model);
  const std::vector<std::pair<std::string, std::string>> expected = {
      {"paper-1 in_force", "F7"},
      {"paper-1 source_errors at footnote 1", "F8"},
      {"paper-1 reviews of Art. 9", ""},
      {"paper-1 party CN", "F9"},
      {"paper-1 clause c1", ""}};
  ASSERT_EQ(gaps.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_EQ(gaps[i].what, expected[i].first);
    EXPECT_EQ(gaps[i].mark, expected[i].second);
  }
  EXPECT_NE(of_kind(analyse(model), FindingKind::MissingProvenance, "c1"), nullptr);
  model.context.sources.clear();
  EXPECT_EQ(provenance_gaps(model).size(), 2U) << "those without any mark";
  build.overlay_rule("CN", "r1", "share").provenance = "";
  model.instruments[0].adopted_on = test::date("2020-01-01", "");
  const auto more = provenance_gaps(model);
  ASSERT_EQ(more.size(), 4U);
  EXPECT_EQ(more[0].what, "paper-1 adopted");
  EXPECT_EQ(more[3].what, "overlay-cn rule r1");
  EXPECT_NE(of_kind(analyse(model), FindingKind::MissingProvenance, "r1"), nullptr);
}

// ---- national overlays -------------------------------------------------------------------------

TEST(Analysis, FindsRulesOfAnOverlayThatChangeNothing) {
  auto build = two_parties();
  const auto& classes = build.model().vocabulary.classes;
  const auto logs = test::bits(classes, "log-personal log-nonpersonal");
  build.overlay_rule("CN", "r1", "share onward").info = logs;
  auto& narrower = build.overlay_rule("CN", "r2", "share");
  narrower.info = test::bits(classes, "log-personal");
  narrower.handling_min = Tlp::Amber;
  build.overlay_rule("CN", "r3", "share").to = build.listed({"CN"}).listed;
  build.overlay_rule("CN", "r4", "share disclose").info = test::bits(classes, "state-secret");
  // Without a class the guard does not stop it.
  build.overlay_rule("CN", "r5", "share consult").info = test::bits(classes, "state-secret");
  auto& demands = build.overlay_rule("CN", "r6", "notify");
  demands.forbids = false;
  demands.needs = {build.need("four-eyes"), build.need("court-order")};
  auto& demands_less = build.overlay_rule("CN", "r7", "notify");
  demands_less.forbids = false;
  demands_less.needs = {build.need("court-order")};
  auto& demands_other = build.overlay_rule("CN", "r8", "notify");
  demands_other.forbids = false;
  demands_other.needs = {build.need("human")};
  const auto findings = analyse(build.model());
  const auto others = [&](const char* rule) {
    const auto* one = of_kind(findings, FindingKind::Shadowed, rule);
    return one == nullptr ? std::string("none") : one->others.at(0).clause;
  };
  EXPECT_EQ(others("r1"), "none");
  EXPECT_EQ(others("r2"), "r1");
  EXPECT_EQ(others("r4"), "secrecy-guard");
  EXPECT_EQ(others("r5"), "none");
  EXPECT_EQ(others("r6"), "none");
  EXPECT_EQ(others("r7"), "r6");
  EXPECT_EQ(others("r8"), "none") << "any officer is not two";
  const auto* never = of_kind(findings, FindingKind::NeverMatches, "r3");
  ASSERT_NE(never, nullptr);
  EXPECT_EQ(never->at.instrument, "overlay-cn");
  EXPECT_EQ(never->said.key, "finding.never-recipient");
}

TEST(Analysis, SaysWhatOfATreatyTheOwnLawStops) {
  auto build = two_parties();
  auto& paper = build.model().instruments[0];
  const auto& words = build.model().vocabulary;
  build.clause(paper, "c1", Verb::Permit, "share", "indicator log-personal", "crime");
  build.clause(paper, "c2", Verb::Require, "assist");
  build.clause(paper, "c3", Verb::Permit, "share", "vulnerability");
  build.clause(paper, "c4", Verb::Permit, "notify").from = build.listed({"RU"});
  build.overlay_rule("CN", "r1", "share").info = test::bits(words.classes, "log-personal");
  auto& late = build.overlay_rule("CN", "r2", "assist notify");
  late.in_force = test::date("2020-01-01");
  late.areas = test::bits(words.areas, "crime");
  auto& handled = build.overlay_rule("CN", "r3", "share");
  handled.info = test::bits(words.classes, "vulnerability");
  handled.handling_min = Tlp::Red;
  auto& received = build.overlay_rule("CN", "r4", "onward");
  received.info = test::bits(words.classes, "indicator");
  auto& demand = build.overlay_rule("CN", "r5", "share");
  demand.forbids = false;
  demand.needs = {build.need("human")};
  auto alone = build.model();
  alone.overlays.clear();
  std::map<std::string, std::string> told;
  for (const auto& one : analyse(build.model())) {
    if (one.kind != FindingKind::Conflict) continue;
    const auto* main = one.said.args.find("main");
    told[one.at.clause + " " + one.others.at(0).clause] =
        main == nullptr ? one.said.key : std::string(main->text("key"));
    // Both laws, asked the example by the other engine, say so. What came under no instrument of
    // the register has none.
    if (!one.example) continue;
    const auto asked = resolve(build.model(), *one.example);
    ASSERT_TRUE(asked.has_value());
    const auto own = test::verify_all(build.model());
    EXPECT_TRUE(has(decide_by_reference(alone, own, Mode::Operational, *asked).basis, "paper-1",
                    one.at.clause));
    EXPECT_TRUE(has(decide_by_reference(build.model(), own, Mode::Operational, *asked).reasons,
                    "overlay-cn", one.others.at(0).clause));
  }
  EXPECT_EQ(told, (std::map<std::string, std::string>{{"c1 r1", "finding.overlay-conflict"},
                                                      {"c1 r4", "finding.overlay-conflict"},
                                                      {"c2 r2", "finding.overlay-breach"},
                                                      {"c3 r3", "finding.overlay-conflict"}}));
}

// A rule that is found idle changes nothing, whatever its party asks.
TEST(Analysis, AnIdleRuleChangesNoAnswer) {
  std::size_t idle = 0, met = 0;
  for (std::uint64_t seed = 0; seed < std::max<std::size_t>(60, 5000 / comity::test::scale());
       ++seed) {
    auto model = test::random_model(seed);
    Dice dice(seed);
    for (auto& overlay : model.overlays) {
      // The first rule once more, on less.
      auto narrow = overlay.rules.front();
      narrow.id = "narrow";
      if (narrow.info == 0) narrow.info = test::bits(model.vocabulary.classes, "indicator");
      if (dice.chance(40)) narrow.handling_min = Tlp::Red;
      if (dice.chance(40)) narrow.areas = test::bits(model.vocabulary.areas, "evidence");
      if (dice.chance(40)) narrow.needs.resize(std::min<std::size_t>(narrow.needs.size(), 1));
      overlay.rules.push_back(narrow);
    }
    const auto own = test::verify_all(model);
    for (std::size_t o = 0; o < model.overlays.size(); ++o) {
      const auto& overlay = model.overlays[o];
      for (const auto& one : idle_rules(model, overlay)) {
        ++idle;
        const auto& id = overlay.rules[one.rule].id;
        auto less = model;
        auto& rules = less.overlays[o].rules;
        rules.erase(rules.begin() + static_cast<std::ptrdiff_t>(one.rule));
        for (std::uint64_t i = 0; i < 60; ++i) {
          auto asked = test::random_request(model, seed * 1000 + i);
          asked.from = overlay.party;
          if (asked.to == asked.from) {
            asked.to = (asked.from + 1) % static_cast<int>(model.parties.size());
          }
          const auto as_is = decide_by_reference(model, own, Mode::Operational, asked);
          const auto but_for = decide_by_reference(less, own, Mode::Operational, asked);
          EXPECT_EQ(decided(as_is, overlay.id, id), decided(but_for, overlay.id, id)) << seed;
          met += mentions(as_is, overlay.id, id) ? 1U : 0U;
        }
      }
    }
  }
  EXPECT_GT(idle, 0U);
  EXPECT_GT(met, 0U) << "no idle rule was ever asked about";
}

TEST(Analysis, OfTheShippedRegisterIsSaidInBothLanguages) {
  const auto files = must(read_register(comity::test::source_path("register")));
  const auto messages = comity::test::source_path("register/messages");
  const auto loaded = load_register(files, std::nullopt);
  ASSERT_TRUE(loaded.has_value());
  const auto findings = analyse(**loaded);
  for (const char* language : {"en", "ar"}) {
    const auto words = must(Words::read(messages, language));
    std::set<std::string> sentences;
    for (const auto& one : findings) {
      EXPECT_TRUE(words.missing(to_json(one.said)).empty()) << one.said.key;
      EXPECT_TRUE(sentences.insert(words.text(**loaded, one.said)).second) << one.said.key;
    }
  }
  for (const auto& one : findings) {
    EXPECT_NE(one.kind, FindingKind::MissingProvenance) << json::write(to_json(one));
    EXPECT_NE(one.kind, FindingKind::NeverMatches) << json::write(to_json(one));
    EXPECT_NE(one.kind, FindingKind::NotAnalysed) << json::write(to_json(one));
    EXPECT_TRUE(one.at.clause.empty() || one.place.find(".toml:") != std::string::npos);
  }
}

}  // namespace
}  // namespace comity::treaty
