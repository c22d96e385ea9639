#include "treaty/analysis.h"

#include <algorithm>
#include <array>
#include <set>
#include <tuple>

#include "treaty/cases.h"
#include "treaty/overlay_analysis.h"
#include "treaty/phrases.h"
#include "treaty/provenance_check.h"

namespace comity::treaty {
namespace {

using Citation = std::pair<std::string, std::string>;  // instrument, clause; "", code: a guard

bool is_ground(const Clause& clause) {
  return clause.verb == Verb::Permit || clause.verb == Verb::Require ||
         clause.verb == Verb::Empower;
}
// Without an exception that a fact or a consent opens.
bool is_flat_forbid(const Clause& clause) {
  return clause.verb == Verb::Forbid && !clause.when && !clause.except_consent;
}

// Advice of what binds, and what binds nobody. What sticks to a record does so whatever the
// instrument under which it was received.
bool out_of_place(const Instrument& paper, const Clause& clause) {
  if (clause.verb == Verb::Forbid && clause.scope == Scope::Origin) return false;
  return (paper.binding == Binding::Binding) == (clause.verb == Verb::Advise);
}

// The clauses that are readings of one passage: a reading acts also where it does not fit, for what
// one reading closes no other opens.
std::vector<const Clause*> passage_of(const Instrument& paper, const Clause& clause) {
  const auto key = [](const Clause& one) {
    return one.reading_of.empty() ? one.id : one.reading_of;
  };
  std::vector<const Clause*> out{&clause};
  for (const auto& one : paper.clauses) {
    if (&one != &clause && key(one) == key(clause)) out.push_back(&one);
  }
  return out;
}

template <typename Entry>
bool cites(const std::vector<Entry>& entries, const Citation& who) {
  return std::any_of(entries.begin(), entries.end(), [&](const Entry& one) {
    return one.instrument == who.first && one.clause == who.second;
  });
}
bool names(const Verdict& verdict, const Citation& who) {
  return cites(verdict.basis, who) || cites(verdict.reasons, who) || cites(verdict.duties, who) ||
         cites(verdict.advice, who);
}

// A need without the clause that asks for it: who else asks for the same is no difference.
std::string bare(const NeedEntry& need) {
  auto what = need.what;
  const char* cut = need.kind == "consent" ? ": " : need.kind == "fact" ? nullptr : " under ";
  if (cut != nullptr) what = what.substr(0, what.find(cut));
  return need.kind + "|" + what + "|" + need.from;
}

// What a verdict says, but for the mention of one clause.
struct Bearing {
  VerdictKind kind = VerdictKind::NoBasis;
  std::set<std::string> basis, needs, asserts;
  std::set<std::tuple<std::string, std::string, std::string, std::string>> reasons;
  std::vector<Duty> duties;
  std::vector<Advice> advice;
  bool operator==(const Bearing&) const = default;
};
Bearing bearing(const Verdict& verdict, const Citation& but) {
  Bearing out;
  out.kind = verdict.kind;
  for (const auto& one : verdict.basis) out.basis.insert(one.instrument);
  for (const auto& one : verdict.needs) out.needs.insert(bare(one));
  for (const auto& one : verdict.asserts) out.asserts.insert(one.what);
  for (const auto& one : verdict.reasons) {
    // That one class of several is not covered says nothing that the single class does not.
    if (one.code == "class-not-covered") continue;
    if (one.instrument == but.first && one.clause == but.second) continue;
    out.reasons.insert({one.code, one.instrument, one.clause, one.what});
  }
  out.duties = verdict.duties;
  out.advice = verdict.advice;
  return out;
}

// Whom a verdict owes what it says to.
std::set<Citation> authors(const Verdict& verdict) {
  std::set<Citation> out;
  for (const auto& one : verdict.basis) out.insert({one.instrument, one.clause});
  for (const auto& one : verdict.reasons) {
    if (!one.clause.empty()) out.insert({one.instrument, one.clause});
    if (one.code.ends_with("-guard") || one.code.ends_with("-gate")) out.insert({"", one.code});
  }
  return out;
}

Request in_words(const Model& model, const ResolvedRequest& asked) {
  const auto& words = model.vocabulary;
  const auto listed = [](const Names& names, Bits set) {
    std::vector<std::string> out;
    for (std::size_t i = 0; i < names.values.size(); ++i) {
      if ((set & bit(static_cast<int>(i))) != 0) out.push_back(names.values[i]);
    }
    return out;
  };
  const auto of = [](const Names& names, std::optional<int> index) {
    return index ? names.values[static_cast<std::size_t>(*index)] : std::string();
  };
  Request out;
  out.from = model.parties[static_cast<std::size_t>(asked.from)].code;
  out.to = model.parties[static_cast<std::size_t>(asked.to)].code;
  out.from_roles = listed(words.roles, asked.from_roles);
  out.to_roles = listed(words.roles, asked.to_roles);
  out.action = of(words.actions, asked.action);
  out.info = listed(words.classes, asked.info);
  out.area = of(words.areas, asked.area);
  out.purpose = of(words.purposes, asked.purpose);
  out.tlp = name(asked.tlp);
  out.at = asked.at;
  for (std::size_t i = 0; i < words.facts.size(); ++i) {
    constexpr std::array values = {"unknown", "no", "yes"};
    if (asked.stated[i]) {
      out.facts.emplace_back(words.facts[i].id, values[static_cast<std::size_t>(asked.facts[i])]);
    }
  }
  constexpr std::array records = {"absent", "incomplete", "complete"};
  out.facts.emplace_back("rights-record", records[static_cast<std::size_t>(asked.rights_record)]);
  if (asked.refusal_ground) {
    out.facts.emplace_back("refusal-ground", of(words.refusal_grounds, asked.refusal_ground));
  }
  const auto code = [&](int party) { return model.parties[static_cast<std::size_t>(party)].code; };
  for (const auto& [who, answer] : asked.consents) {
    constexpr std::array answers = {"unknown", "granted", "refused"};
    out.facts.emplace_back("consent:" + code(who.first) + ":" + code(who.second),
                           answers[static_cast<std::size_t>(answer)]);
  }
  return out;
}

// What several clauses may have a say about, one after the other.
class Regions {
 public:
  Regions(const Scene& scene, const std::vector<const Clause*>& clauses) {
    for (const auto* clause : clauses) {
      regions_.emplace_back(scene, std::vector<const Clause*>{clause});
    }
  }
  bool any(std::uint64_t& questions,
           const std::function<bool(const ResolvedRequest&)>& holds) const {
    return std::any_of(regions_.begin(), regions_.end(),
                       [&](const Region& one) { return one.any(questions, holds); });
  }
  bool complete() const {
    return std::all_of(regions_.begin(), regions_.end(),
                       [](const Region& one) { return one.complete(); });
  }

 private:
  std::vector<Region> regions_;
};

class Analysis {
 public:
  Analysis(const Model& model, std::uint64_t questions_max)
      : model_(model), questions_max_(questions_max) {}

  std::vector<Finding> run() {
    for (int i = 0; i < static_cast<int>(model_.instruments.size()); ++i) {
      if (!model_.instruments[static_cast<std::size_t>(i)].clauses.empty()) alone(i);
    }
    for (int a = 0; a < static_cast<int>(model_.instruments.size()); ++a) {
      for (int b = 0; b < static_cast<int>(model_.instruments.size()); ++b) {
        if (a != b) conflicts(a, b);
      }
    }
    for (const auto& overlay : model_.overlays) of_overlay(overlay);
    for (const auto& gap : provenance_gaps(model_)) add_gap(gap);
    std::stable_sort(out_.begin(), out_.end(), [this](const Finding& a, const Finding& b) {
      const auto key = [this](const Finding& one) {
        return std::tuple(one.at.instrument, order(one.at), one.kind);
      };
      return key(a) < key(b);
    });
    return std::move(out_);
  }

 private:
  // One instrument.
  void alone(int index);
  void clause_alone(const Scene& scene, const CompiledRegister& law, const Instrument& paper,
                    const Clause& clause);
  void never(const Scene& scene, const Instrument& paper, const Clause& clause);
  bool shadowed(const Scene& scene, const CompiledRegister& law, const Instrument& paper,
                const Clause& clause);
  void duty(const Scene& scene, const CompiledRegister& law, const Instrument& paper,
            const Clause& clause);
  void contradictions(const Scene& scene, const CompiledRegister& law, const Instrument& paper);
  // Two.
  void conflicts(int a, int b);
  static bool may_conflict(const Instrument& a, const Instrument& b);
  // A national overlay: its rules, and what of the instruments it stops.
  void of_overlay(const Overlay& overlay);
  void idle(const Overlay& overlay);
  void stops(const Overlay& overlay, int index);
  void add_gap(const ProvenanceGap& gap);

  // Where the clause stands in its file; the instrument itself comes first.
  std::ptrdiff_t order(const BasisEntry& at) const {
    const auto index = model_.instrument(at.instrument);
    if (!index || at.clause.empty()) return -1;
    const auto& clauses = model_.instruments[static_cast<std::size_t>(*index)].clauses;
    return std::find_if(clauses.begin(), clauses.end(),
                        [&](const Clause& one) { return one.id == at.clause; }) -
           clauses.begin();
  }
  static BasisEntry entry(const Instrument& paper, const Clause& clause) {
    return {paper.id, clause.id, clause.article, clause.status};
  }
  static BasisEntry entry(const Overlay& overlay, const OverlayRule& rule) {
    return {overlay.id, rule.id, rule.article, ""};
  }
  BasisEntry entry(const Citation& who) const;
  static json::Value places(const std::vector<BasisEntry>& entries, bool with_instrument);
  Finding& add(FindingKind kind, const Instrument& paper, const Clause& clause,
               std::string_view key);
  void add_example(Finding& finding, const Scene& scene, const ResolvedRequest& asked);
  // True when nothing was found and not everything was asked: then that is said.
  bool gave_up(bool complete, std::uint64_t left, const Instrument& paper, const Clause& clause);

  const Model& model_;
  const std::uint64_t questions_max_;
  std::vector<Finding> out_;
};

BasisEntry Analysis::entry(const Citation& who) const {
  if (who.first.empty()) return {"", who.second, "", ""};
  const auto index = model_.instrument(who.first);
  const auto& paper = model_.instruments[static_cast<std::size_t>(*index)];
  const auto* clause = paper.clause(who.second);
  return clause == nullptr ? BasisEntry{who.first, who.second, "", ""} : entry(paper, *clause);
}

json::Value Analysis::places(const std::vector<BasisEntry>& entries, bool with_instrument) {
  json::Array items;
  for (const auto& one : entries) {
    if (one.instrument.empty()) {
      items.push_back(to_json(word_phrase("reason-code", one.clause)));
    } else if (with_instrument) {
      items.push_back(to_json(phrase(
          "finding.place-of",
          {{"instrument", one.instrument}, {"clause", one.clause}, {"article", one.article}})));
    } else {
      items.push_back(
          to_json(phrase("finding.place", {{"clause", one.clause}, {"article", one.article}})));
    }
  }
  json::Object out;
  out.set("list", "and");
  out.set("items", std::move(items));
  return out;
}

Finding& Analysis::add(FindingKind kind, const Instrument& paper, const Clause& clause,
                       std::string_view key) {
  auto& added = out_.emplace_back();
  added.kind = kind;
  added.at = entry(paper, clause);
  added.place = clause.place;
  added.said =
      phrase(key, {{"instrument", paper.id}, {"clause", clause.id}, {"article", clause.article}});
  return added;
}

void Analysis::add_example(Finding& finding, const Scene& scene, const ResolvedRequest& asked) {
  finding.example = in_words(scene.model(), asked);
  for (const auto& hop : asked.chain) {
    const auto& code = scene.model().parties[static_cast<std::size_t>(hop.originator)].code;
    // What was received under no instrument of the register cannot be said in a question.
    if (hop.instrument == scene.elsewhere()) {
      finding.example.reset();
      return;
    }
    finding.example->received_under.push_back(
        {scene.model().instruments[static_cast<std::size_t>(hop.instrument)].id, code, hop.at});
  }
  const auto word = [](std::string_view group, const std::string& of) {
    return to_json(word_phrase(group, of));
  };
  const auto& example = *finding.example;
  finding.said = phrase("finding.example",
                        {{"main", to_json(finding.said)},
                         {"action", word("action", example.action)},
                         {"info", example.info.empty() ? to_json(phrase("side.information"))
                                                       : word("class", example.info.front())},
                         {"from", word("party", example.from)},
                         {"to", word("party", example.to)},
                         {"day", instant_text(example.at)}});
}

bool Analysis::gave_up(bool complete, std::uint64_t left, const Instrument& paper,
                       const Clause& clause) {
  if (left > 0 && complete) return false;
  const bool said = std::any_of(out_.begin(), out_.end(), [&](const Finding& one) {
    return one.kind == FindingKind::NotAnalysed && one.at == entry(paper, clause);
  });
  if (said) return true;
  auto& added = add(FindingKind::NotAnalysed, paper, clause, "finding.not-analysed");
  added.said.args.set("questions", questions_max_);
  return true;
}

// ---- one instrument ----------------------------------------------------------------------------

void Analysis::alone(int index) {
  const Scene scene(model_, {index});
  const auto& paper = scene.model().instruments.front();
  const auto law = scene.law([](int, const Clause&) { return false; });
  for (const auto& clause : paper.clauses) {
    // A definition decides nothing, and is not meant to.
    if (clause.verb != Verb::Define) clause_alone(scene, law, paper, clause);
  }
  if (paper.binding == Binding::Binding) contradictions(scene, law, paper);
}

void Analysis::clause_alone(const Scene& scene, const CompiledRegister& law,
                            const Instrument& paper, const Clause& clause) {
  if (out_of_place(paper, clause)) {
    never(scene, paper, clause);
    return;
  }
  const Regions regions(scene, passage_of(paper, clause));
  const Citation who{paper.id, clause.id};
  auto questions = questions_max_;
  const bool acts = regions.any(
      questions, [&](const ResolvedRequest& asked) { return names(law.decide(asked), who); });
  if (!acts) {
    if (!gave_up(regions.complete(), questions, paper, clause)) never(scene, paper, clause);
    return;
  }
  if (!shadowed(scene, law, paper, clause) && clause.verb == Verb::Require && clause.on != 0) {
    duty(scene, law, paper, clause);
  }
}

// Says why it never acts, from the plainest cause to the least plain one.
void Analysis::never(const Scene& scene, const Instrument& paper, const Clause& clause) {
  const auto say = [&](std::string_view key) -> Finding& {
    return add(FindingKind::NeverMatches, paper, clause, key);
  };
  if (out_of_place(paper, clause)) {
    say(clause.verb == Verb::Advise ? "finding.never-advice" : "finding.never-not-binding");
    return;
  }
  if (clause.actions == 0 && clause.on == 0) {
    say("finding.never-no-action");
    return;
  }
  const auto acts = [&](const Scene& in, const Clause& one) {
    const auto law = in.law([&](int, const Clause& other) { return other.id != one.id; });
    auto questions = questions_max_;
    return Region(in, {&one}).any(questions, [&](const ResolvedRequest& asked) {
      return names(law.decide(asked), {paper.id, one.id});
    });
  };
  if (acts(scene, clause)) {
    auto& added = say("finding.never-forbidden");
    for (const auto& other : paper.clauses) {
      if (is_flat_forbid(other) && overlap(other, clause)) {
        added.others.push_back(entry(paper, other));
      }
    }
    for (const auto* rival : passage_of(paper, clause)) {
      if (rival != &clause) added.others.push_back(entry(paper, *rival));
    }
    added.said.args.set("others", places(added.others, false));
    return;
  }
  // The same instrument with all its parties bound at all times.
  Model dated = scene.model();
  dated.instruments.pop_back();
  dated.suspensions.clear();
  dated.denunciations.clear();
  dated.instruments.front().signed_on.reset();
  for (auto& member : dated.instruments.front().parties) {
    member.status = Membership::Party;
    member.until.reset();
    member.in_force = DateFact{Instant{0}, Instant{0}, "", true, "S", ""};
  }
  const Scene always(dated, {0});
  const auto* same = always.model().instruments.front().clause(clause.id);
  say(acts(always, *same) ? "finding.never-dates" : "finding.never-parties-or-guards");
}

bool Analysis::shadowed(const Scene& scene, const CompiledRegister& law, const Instrument& paper,
                        const Clause& clause) {
  const Citation who{paper.id, clause.id};
  const auto without = scene.law([&](int, const Clause& other) { return other.id == clause.id; });
  const Regions regions(scene, passage_of(paper, clause));
  auto questions = questions_max_;
  std::set<Citation> every, some;
  bool first = true;
  const bool matters = regions.any(questions, [&](const ResolvedRequest& asked) {
    const auto as_is = law.decide(asked), but_for = without.decide(asked);
    if (bearing(as_is, who) != bearing(but_for, who)) return true;
    if (!names(as_is, who)) return false;
    const auto said_by = authors(but_for);
    some.insert(said_by.begin(), said_by.end());
    if (first) every = said_by;
    first = false;
    std::erase_if(every, [&](const Citation& one) { return !said_by.contains(one); });
    return false;
  });
  if (matters) return false;
  if (gave_up(regions.complete(), questions, paper, clause)) return true;
  auto& added = add(FindingKind::Shadowed, paper, clause,
                    every.empty() ? "finding.shadowed-by-several" : "finding.shadowed");
  for (const auto& one : every.empty() ? some : every) added.others.push_back(entry(one));
  if (!every.empty() || !some.empty()) {
    added.said.args.set("others", places(added.others, false));
  } else {
    added.said.key = "finding.shadowed-alone";
  }
  return true;
}

// Whether what it follows upon can ever happen under the instrument.
void Analysis::duty(const Scene& scene, const CompiledRegister& law, const Instrument& paper,
                    const Clause& clause) {
  const Region region(scene, {&clause}, clause.on);
  auto questions = questions_max_;
  constexpr Bits passing_on = bit(Action::Share) | bit(Action::Onward);
  const bool arises = region.any(questions, [&](const ResolvedRequest& asked) {
    const auto action = bit(asked.action);
    const bool onward = !asked.chain.empty() && (action & passing_on) != 0;
    const bool follows = (action & clause.on) != 0 || (onward && (clause.on & passing_on) != 0);
    return follows && cites(law.decide(asked).duties, {paper.id, clause.id});
  });
  if (arises || gave_up(region.complete(), questions, paper, clause)) return;
  auto& added = add(FindingKind::UnreachableDuty, paper, clause, "finding.unreachable-duty");
  added.said.args.set("actions", words_value("action", model_.vocabulary.actions, clause.on, "or"));
}

void Analysis::contradictions(const Scene& scene, const CompiledRegister& law,
                              const Instrument& paper) {
  const auto mild = scene.law([](int, const Clause& one) { return is_flat_forbid(one); });
  for (const auto& ground : paper.clauses) {
    for (const auto& forbid : paper.clauses) {
      if (!is_ground(ground) || !is_flat_forbid(forbid) || !overlap(ground, forbid)) continue;
      const Region region(scene, {&ground, &forbid});
      auto questions = questions_max_;
      ResolvedRequest example;
      const bool both = region.any(questions, [&](const ResolvedRequest& asked) {
        example = asked;
        return cites(mild.decide(asked).basis, {paper.id, ground.id}) &&
               cites(law.decide(asked).reasons, {paper.id, forbid.id});
      });
      if (!both) {
        gave_up(region.complete(), questions, paper, ground);
        continue;
      }
      auto& added = add(FindingKind::Contradiction, paper, ground, "finding.contradiction");
      added.others = {entry(paper, forbid)};
      added.said.args.set("others", places(added.others, false));
      add_example(added, scene, example);
    }
  }
}

// ---- two instruments ---------------------------------------------------------------------------

bool Analysis::may_conflict(const Instrument& a, const Instrument& b) {
  if (a.binding != Binding::Binding || b.binding != Binding::Binding) return false;
  const auto common = std::count_if(a.parties.begin(), a.parties.end(),
                                    [&](const auto& one) { return b.entry(one.party) != nullptr; });
  const auto third_of = [](const Instrument& one) {
    return std::any_of(one.clauses.begin(), one.clauses.end(), [](const Clause& clause) {
      return clause.to.kind == SideKind::ThirdParties;
    });
  };
  const bool third = third_of(a) || third_of(b);
  return common >= 2 || (common == 1 && third);
}

// What a permits and b forbids. The law lets a carry it all the same, and shows b beside it.
void Analysis::conflicts(int a, int b) {
  const auto& first = model_.instruments[static_cast<std::size_t>(a)];
  const auto& second = model_.instruments[static_cast<std::size_t>(b)];
  if (!may_conflict(first, second)) return;
  std::vector<std::pair<const Clause*, const Clause*>> pairs;
  for (const auto& ground : first.clauses) {
    for (const auto& forbid : second.clauses) {
      if (is_ground(ground) && forbid.verb == Verb::Forbid && forbid.scope == Scope::Basis &&
          overlap(ground, forbid)) {
        pairs.emplace_back(&ground, &forbid);
      }
    }
  }
  if (pairs.empty()) return;
  const Scene scene(model_, {std::min(a, b), std::max(a, b)});
  const auto law = scene.law([](int, const Clause&) { return false; });
  const auto& papers = scene.model().instruments;
  for (const auto& pair : pairs) {
    const auto* const ground = pair.first;
    const auto* const forbid = pair.second;
    const auto& one = papers[a < b ? 0 : 1];
    const auto& other = papers[a < b ? 1 : 0];
    const Region region(scene, {one.clause(ground->id), other.clause(forbid->id)});
    auto questions = questions_max_;
    ResolvedRequest example;
    const bool both = region.any(questions, [&](const ResolvedRequest& asked) {
      example = asked;
      const auto verdict = law.decide(asked);
      return cites(verdict.basis, {one.id, ground->id}) &&
             cites(verdict.reasons, {other.id, forbid->id});
    });
    if (!both) {
      gave_up(region.complete(), questions, one, *ground);
      continue;
    }
    auto& added = add(FindingKind::Conflict, one, *ground, "finding.conflict");
    added.others = {entry(other, *forbid)};
    added.said.args.set("others", places(added.others, true));
    add_example(added, scene, example);
  }
}

// ---- a national overlay ------------------------------------------------------------------------

void Analysis::of_overlay(const Overlay& overlay) {
  idle(overlay);
  for (int i = 0; i < static_cast<int>(model_.instruments.size()); ++i) {
    const auto& paper = model_.instruments[static_cast<std::size_t>(i)];
    if (paper.binding == Binding::Binding && paper.entry(overlay.party) != nullptr) {
      stops(overlay, i);
    }
  }
}

void Analysis::idle(const Overlay& overlay) {
  for (const auto& one : idle_rules(model_, overlay)) {
    const auto& rule = overlay.rules[one.rule];
    const bool never = one.why == IdleRule::Why::NoRecipient;
    auto& added = out_.emplace_back();
    added.kind = never ? FindingKind::NeverMatches : FindingKind::Shadowed;
    added.at = entry(overlay, rule);
    added.place = rule.place;
    added.said =
        phrase(never ? "finding.never-recipient" : "finding.shadowed",
               {{"instrument", overlay.id}, {"clause", rule.id}, {"article", rule.article}});
    if (never) continue;
    added.others = {one.why == IdleRule::Why::Guarded ? entry(Citation{"", "secrecy-guard"})
                                                      : entry(overlay, overlay.rules[one.by])};
    added.said.args.set("others", places(added.others, false));
  }
}

// What an instrument lets the party do, or demands of it, and its own law forbids.
void Analysis::stops(const Overlay& overlay, int index) {
  const Scene scene(model_, {index}, &overlay);
  const auto& paper = scene.model().instruments.front();
  const auto law = scene.law([](int, const Clause&) { return false; });
  const auto mild = scene.law_without_overlay();
  for (const auto& rule : overlay.rules) {
    if (!rule.forbids) continue;
    const auto words = rule_as_clause(scene.model(), overlay, rule);
    for (const auto& ground : paper.clauses) {
      if (!is_ground(ground) || !overlap(ground, words)) continue;
      const Region region(scene, {&ground, &words});
      auto questions = questions_max_;
      ResolvedRequest example;
      const bool both = region.any(questions, [&](const ResolvedRequest& asked) {
        example = asked;
        return cites(mild.decide(asked).basis, {paper.id, ground.id}) &&
               cites(law.decide(asked).reasons, {overlay.id, rule.id});
      });
      if (!both) {
        gave_up(region.complete(), questions, paper, ground);
        continue;
      }
      auto& added =
          add(FindingKind::Conflict, paper, ground,
              ground.verb == Verb::Require ? "finding.overlay-breach" : "finding.overlay-conflict");
      added.others = {entry(overlay, rule)};
      added.said.args.set("others", places(added.others, true));
      const auto& code = model_.parties[static_cast<std::size_t>(overlay.party)].code;
      added.said.args.set("party", to_json(word_phrase("party", code)));
      add_example(added, scene, example);
    }
  }
}

void Analysis::add_gap(const ProvenanceGap& gap) {
  auto& added = out_.emplace_back();
  added.kind = FindingKind::MissingProvenance;
  added.at = {gap.instrument, gap.clause, "", ""};
  added.place = gap.place;
  added.said = gap.mark.empty()
                   ? phrase("finding.no-provenance", {{"what", gap.what}})
                   : phrase("finding.no-source", {{"what", gap.what}, {"mark", gap.mark}});
}

json::Object question_json(const Request& asked) {
  json::Object out;
  const auto side = [](const std::string& code, const std::vector<std::string>& roles) {
    auto text = code;
    for (std::size_t i = 0; i < roles.size(); ++i) text += (i == 0 ? ":" : "+") + roles[i];
    return text;
  };
  const auto set = [&](const char* key, const std::string& value) {
    if (!value.empty()) out.set(key, value);
  };
  set("from", side(asked.from, asked.from_roles));
  set("to", side(asked.to, asked.to_roles));
  set("action", asked.action);
  json::Array info, chain;
  json::Object facts;
  for (const auto& [fact, value] : asked.facts) facts.set(fact, value);
  for (const auto& one : asked.info) info.emplace_back(one);
  if (!info.empty()) out.set("info", std::move(info));
  set("area", asked.area);
  set("purpose", asked.purpose);
  set("tlp", asked.tlp);
  set("at", instant_text(asked.at));
  if (!facts.empty()) out.set("facts", std::move(facts));
  for (const auto& hop : asked.received_under) {
    chain.emplace_back(hop.instrument + ":" + hop.originator +
                       (hop.at ? "@" + instant_text(*hop.at) : std::string()));
  }
  if (!chain.empty()) out.set("received_under", std::move(chain));
  return out;
}

}  // namespace

const char* name(FindingKind kind) {
  constexpr std::array names = {"never-matches",    "shadowed", "contradiction",
                                "unreachable-duty", "conflict", "missing-provenance",
                                "not-analysed"};
  return names[static_cast<std::size_t>(kind)];
}

std::vector<Finding> analyse(const Model& model, std::uint64_t questions_max) {
  return Analysis(model, questions_max).run();
}

json::Object to_json(const Finding& finding) {
  json::Object out;
  out.set("kind", name(finding.kind));
  const auto place = [](const BasisEntry& one, json::Object& into) {
    if (!one.instrument.empty()) into.set("instrument", one.instrument);
    if (!one.clause.empty()) into.set(one.instrument.empty() ? "guard" : "clause", one.clause);
    if (!one.article.empty()) into.set("article", one.article);
  };
  place(finding.at, out);
  if (!finding.others.empty()) {
    json::Array others;
    for (const auto& one : finding.others) {
      json::Object row;
      place(one, row);
      others.push_back(std::move(row));
    }
    out.set("others", std::move(others));
  }
  if (finding.example) out.set("example", question_json(*finding.example));
  if (!finding.place.empty()) out.set("place", finding.place);
  return out;
}

}  // namespace comity::treaty
