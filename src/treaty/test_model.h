// Small registers built in C++ for tests, and random ones for comparing the two engines. Only
// tests, fuzz targets and benchmarks include this.
#pragma once

#include <algorithm>
#include <initializer_list>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "treaty/model.h"
#include "treaty/overlay_file.h"
#include "treaty/refusal.h"
#include "treaty/request.h"
#include "treaty/verification.h"

namespace comity::treaty::test {

// Two that a register may close, then those that none may.
inline Names refusal_ground_names() {
  Names names{{"national-law", "no-competence"}};
  names.values.insert(names.values.end(), kept_refusal_grounds.begin(), kept_refusal_grounds.end());
  return names;
}

inline Vocabulary vocabulary() {
  Vocabulary words;
  words.actions.values = {"share",    "onward",   "use",      "request", "assist",
                          "mitigate", "preserve", "disclose", "notify",  "consult",
                          "ping",     "report",   "refuse",   "withdraw"};
  words.classes.values = {"poc-data",
                          "indicator",
                          "threat-description",
                          "malware-sample",
                          "vulnerability",
                          "incident-summary",
                          "incident-detail",
                          "log-nonpersonal",
                          "log-personal",
                          "subscriber-data",
                          "traffic-data",
                          "content-data",
                          "legislation",
                          "training",
                          "policy-paper",
                          "assessment-opinion",
                          "restricted-national",
                          "state-secret"};
  words.areas.values = {"contact-channels",
                        "joint-response",
                        "csirt-response",
                        "critical-infrastructure",
                        "threat-information",
                        "crime",
                        "terrorist-use",
                        "confidence-building",
                        "international-law",
                        "legislation-exchange",
                        "research",
                        "training",
                        "coordination",
                        "e-signature",
                        "internet-governance",
                        "evidence",
                        "content",
                        "territory",
                        "capacity",
                        "consultations",
                        "vulnerability-disclosure",
                        "exercises",
                        "crisis-communication",
                        "supply-chain"};
  words.purposes.values = {"defence-of-systems",
                           "warning",
                           "incident-response",
                           "criminal-investigation",
                           "evidence",
                           "cbm",
                           "norm-report",
                           "capacity",
                           "exercise"};
  words.roles.values = {"mfa",           "national-csirt",  "sector-csirt",
                        "ci-authority",  "law-enforcement", "judicial",
                        "intelligence",  "military",        "io-secretariat",
                        "private-owner", "research"};
  words.facts = {{"court-order", false},
                 {"dual-criminality", false},
                 {"poc-data-notified", false},
                 {"urgent", true},
                 {"prejudice-national-interest", true}};
  words.refusal_grounds = refusal_ground_names();
  return words;
}

// The bits of blank-separated names; a name outside the list is a defect of the test.
inline Bits bits(const Names& names, const std::string& words) {
  Bits set = 0;
  std::size_t start = 0;
  while (start < words.size()) {
    auto end = words.find(' ', start);
    if (end == std::string::npos) end = words.size();
    const auto index = names.index(words.substr(start, end - start));
    CHECK(index.has_value());
    set |= bit(*index);
    start = end + 1;
  }
  return set;
}

inline Instant instant(const std::string& text) {
  const auto value = parse_day_or_instant(text);
  CHECK(value.has_value());
  return *value;
}

// "2016-08-10", "2016-08" or "2016", as far as it is known.
inline DateFact date(const std::string& text, const std::string& provenance = "S") {
  DateFact fact;
  fact.written = text;
  fact.provenance = provenance;
  fact.full = text.size() == 10;
  const int year = std::stoi(text.substr(0, 4));
  const int month = text.size() >= 7 ? std::stoi(text.substr(5, 2)) : 0;
  const auto day = [](int y, int m) {
    return Instant::from_seconds(*days_from_date(y, m, 1) * 86400);
  };
  if (fact.full) {
    fact.earliest = fact.latest = instant(text);
  } else if (month != 0) {
    fact.earliest = day(year, month);
    fact.latest = month == 12 ? day(year + 1, 1) : day(year, month + 1);
  } else {
    fact.earliest = day(year, 1);
    fact.latest = day(year + 1, 1);
  }
  return fact;
}

// Builds a model by words. References it returns stay valid while fewer than 64 instruments, and 64
// clauses in one instrument, are added.
class TestRegister {
 public:
  // Organisations begin with "!": {"CN", "RU", "!SCO"}; XA…XZ are invented.
  explicit TestRegister(const std::vector<std::string>& codes) {
    model_.vocabulary = vocabulary();
    for (const auto& code : codes) {
      Party party;
      party.kind = code[0] == '!'   ? PartyKind::Organisation
                   : code[0] == 'X' ? PartyKind::Invented
                                    : PartyKind::State;
      party.code = party.name = code[0] == '!' ? code.substr(1) : code;
      model_.parties.push_back(party);
    }
    std::sort(model_.parties.begin(), model_.parties.end(),
              [](const Party& a, const Party& b) { return a.code < b.code; });
    model_.digest = sha256("test register");
    model_.instruments.reserve(64);
  }

  int party(const std::string& code) const {
    const auto index = model_.party(code);
    CHECK(index.has_value());
    return *index;
  }

  // Ids are added in ascending order, as a model has them.
  Instrument& instrument(const std::string& id, const std::string& level = "bilateral",
                         Binding binding = Binding::Binding) {
    CHECK(model_.instruments.size() < 64);
    CHECK(model_.instruments.empty() || model_.instruments.back().id < id);
    auto& added = model_.instruments.emplace_back();
    added.id = added.title = id;
    added.binding = binding;
    added.levels = {{level, "test", "X"}};
    added.provenance = "S";
    added.clauses.reserve(64);
    return added;
  }

  // `in_force` empty: not known.
  PartyEntry& entry(Instrument& instrument, const std::string& code,
                    const std::string& in_force = "2010-01-01",
                    const std::string& provenance = "S") const {
    PartyEntry entry;
    entry.party = party(code);
    entry.provenance = provenance;
    if (!in_force.empty()) entry.in_force = date(in_force, provenance);
    auto& list = instrument.parties;
    const auto place = std::lower_bound(
        list.begin(), list.end(), entry,
        [](const PartyEntry& a, const PartyEntry& b) { return a.party < b.party; });
    return *list.insert(place, entry);
  }

  void entries(Instrument& instrument, std::initializer_list<const char*> codes) const {
    for (const auto* code : codes) entry(instrument, code);
  }

  Clause& clause(Instrument& instrument, const std::string& id, Verb verb,
                 const std::string& actions, const std::string& info = "",
                 const std::string& areas = "", const std::string& purposes = "") const {
    CHECK(instrument.clauses.size() < 64);
    auto& added = instrument.clauses.emplace_back();
    const auto& words = model_.vocabulary;
    added.id = id;
    added.article = "Art. " + id.substr(1);
    added.verb = verb;
    added.actions = bits(words.actions, actions);
    added.info = bits(words.classes, info);
    added.areas = bits(words.areas, areas);
    added.purposes = bits(words.purposes, purposes);
    added.provenance = added.survives_provenance = "S";
    added.digest = sha256(instrument.id + " " + id);
    return added;
  }

  Side listed(std::initializer_list<const char*> codes) const {
    Side side;
    side.kind = SideKind::Listed;
    for (const auto* code : codes) side.listed.set(static_cast<std::size_t>(party(code)));
    return side;
  }
  static Side third_parties() {
    Side side;
    side.kind = SideKind::ThirdParties;
    return side;
  }

  Need need(const std::string& word) const {
    Need need;
    need.name = word;
    if (word.starts_with("arrangement:")) {
      need.kind = Need::Kind::Arrangement;
      need.name = word.substr(12);
    } else if (word == "human" || word == "four-eyes" || word == "release-officer") {
      need.kind = Need::Kind::Human;
    } else if (word == "rights-record") {
      need.kind = Need::Kind::RightsRecord;
    } else {
      need.kind = Need::Kind::Fact;
      need.fact = fact(word);
    }
    return need;
  }
  int fact(const std::string& id) const {
    const auto index = model_.vocabulary.fact(id);
    CHECK(index.has_value());
    return *index;
  }

  Arrangement& arrangement(const std::string& instrument, const std::string& kind,
                           std::initializer_list<const char*> codes,
                           const std::string& in_force = "") {
    Arrangement added;
    added.provenance = "X";
    added.id = instrument + "-" + kind + "-" + std::to_string(model_.arrangements.size());
    added.kind = kind;
    added.instrument = *model_.instrument(instrument);
    for (const auto* code : codes) added.parties.set(static_cast<std::size_t>(party(code)));
    if (!in_force.empty()) added.in_force = date(in_force);
    return model_.arrangements.emplace_back(added);
  }

  Designation& designation(const std::string& instrument, const std::string& code,
                           const std::string& role = "", const std::string& areas = "",
                           const std::string& since = "") {
    Designation added;
    added.provenance = "X";
    added.instrument = *model_.instrument(instrument);
    added.party = party(code);
    added.body = code + "-CERT";
    if (!role.empty()) added.role = model_.vocabulary.roles.index(role);
    added.areas = bits(model_.vocabulary.areas, areas);
    if (!since.empty()) added.since = date(since);
    return model_.designations.emplace_back(added);
  }

  // `until` empty: it goes on.
  Suspension& suspension(const std::string& instrument, const std::string& code,
                         const std::string& from, const std::string& until = "") {
    auto& added = model_.suspensions.emplace_back();
    added.id = "suspension-" + std::to_string(model_.suspensions.size());
    added.instrument = *model_.instrument(instrument);
    added.party = party(code);
    added.from = instant(from);
    if (!until.empty()) added.until = instant(until);
    added.provenance = "X";
    return added;
  }
  Denunciation& denunciation(const std::string& instrument, const std::string& code,
                             const std::string& notified, const std::string& effective) {
    auto& added = model_.denunciations.emplace_back();
    added.id = "denunciation-" + std::to_string(model_.denunciations.size());
    added.instrument = *model_.instrument(instrument);
    added.party = party(code);
    added.notified = instant(notified);
    added.effective = instant(effective);
    added.provenance = "X";
    return added;
  }

  // A rule of the overlay of a party, whose overlay begins with its first rule: a forbid of
  // everything, to be narrowed. The reference stays valid until the next rule of that party.
  OverlayRule& overlay_rule(const std::string& code, const std::string& id,
                            const std::string& actions) {
    const int of = party(code);
    auto& all = model_.overlays;
    auto it =
        std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.party == of; });
    if (it == all.end()) {
      it = all.insert(all.end(), Overlay{overlay_id(code), of, "law of " + code, "X", "", "", {}});
    }
    auto& added = it->rules.emplace_back();
    added.id = id;
    added.article = "s. " + id;
    added.actions = bits(model_.vocabulary.actions, actions);
    added.provenance = "X";
    return added;
  }

  void assumption(const std::string& id, const std::string& reason) {
    model_.assumptions.push_back({id, reason});
  }

  Model& model() { return model_; }

 private:
  Model model_;
};

// Every clause of the model as verified by the deciding party.
inline Verifications verify_all(const Model& model) {
  Verifications own;
  for (const auto& instrument : model.instruments) {
    for (const auto& clause : instrument.clauses)
      own.verified.insert({instrument.id, clause.digest});
  }
  return own;
}

// A seeded sequence of choices, the same on every platform.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : engine_(seed * 0x9e3779b97f4a7c15ULL + 1) {}
  std::size_t below(std::size_t bound) { return static_cast<std::size_t>(engine_() % bound); }
  bool chance(unsigned percent) { return engine_() % 100 < percent; }
  template <typename T>
  T one(const std::vector<T>& values) {
    return values[below(values.size())];
  }
  // Each value with the given chance, as blank-separated words; at least one.
  std::string some(const std::vector<std::string>& values, unsigned percent) {
    std::string words;
    for (const auto& value : values) {
      if (chance(percent)) words += (words.empty() ? "" : " ") + value;
    }
    return words.empty() ? one(values) : words;
  }

 private:
  std::mt19937_64 engine_;
};

// The few values from which random registers and requests draw, so that they often meet.
namespace pool {
inline const std::vector<std::string> parties{"BY", "CN", "IN", "KZ", "RU", "!SCO", "XA"};
inline const std::vector<std::string> classes{"indicator", "vulnerability", "incident-summary"};
inline const std::vector<std::string> guarded{"traffic-data", "subscriber-data", "content-data",
                                              "state-secret", "log-personal"};
inline const std::vector<std::string> areas{"threat-information", "csirt-response", "evidence"};
inline const std::vector<std::string> purposes{"warning", "incident-response"};
inline const std::vector<std::string> roles{"national-csirt", "law-enforcement", "private-owner",
                                            "research"};
inline const std::vector<std::string> actions{"share", "onward",  "notify",
                                              "use",   "request", "consult"};
inline const std::vector<std::string> levels{"bilateral", "multilateral", "regional",
                                             "interregional", "global"};
inline const std::vector<std::string> kinds{"format-and-protection", "contact-list"};
inline const std::vector<std::string> dates{"2012-03-01", "2014-06-15", "2016-08-10", "2018-12-31",
                                            "2015",       "2017-05",    "2020-02-29"};
inline const std::vector<std::string> grounds{"national-law", "no-competence", "political-offence",
                                              "religion"};
inline const std::vector<std::string> provenances{"S", "F8", "K:h", "K:m", "S", "X"};
}  // namespace pool

namespace detail {

inline void random_entries(Dice& dice, TestRegister& build, Instrument& instrument) {
  const bool wide = dice.chance(60);
  for (const auto& word : pool::parties) {
    const bool organisation = word[0] == '!';
    if (!dice.chance(organisation ? 40 : wide ? 97 : 70)) continue;
    const auto code = organisation ? word.substr(1) : word;
    auto& entry = build.entry(instrument, code, dice.chance(97) ? "2012-03-01" : "",
                              dice.chance(3) ? "K:l" : dice.one(pool::provenances));
    if (entry.in_force && dice.chance(25)) {
      entry.in_force = date(dice.one(pool::dates), entry.provenance);
    }
    if (entry.in_force && dice.chance(2)) entry.in_force->provenance = "F8 K:l";
    if (dice.chance(3)) entry.status = Membership::Unknown;
    if (dice.chance(4)) entry.status = Membership::NotParty;
    if (dice.chance(8))
      entry.until = date(dice.one<std::string>({"2021-01-01", "2022", "2019-07"}), "S");
    if (dice.chance(5)) {
      entry.assumed = "assume-party";
      if (entry.in_force) entry.in_force->assumed = "assume-party";
    }
  }
}

inline Side random_side(Dice& dice, const TestRegister& build, bool recipient) {
  Side side;
  if (dice.chance(10)) {
    side = build.listed({"CN", "RU", "SCO"});
    if (dice.chance(50)) side.listed.set(static_cast<std::size_t>(build.party("KZ")));
  } else if (recipient && dice.chance(6)) {
    side.kind = SideKind::ThirdParties;
  }
  if (dice.chance(7)) side.roles = bits(vocabulary().roles, dice.some(pool::roles, 50));
  side.designated = dice.chance(12);
  return side;
}

inline std::string random_info(Dice& dice) {
  if (dice.chance(55)) return "";
  auto info = dice.some(pool::classes, 75);
  if (dice.chance(20)) info += " " + dice.one(pool::guarded);
  return info;
}

inline void random_forbid(Dice& dice, const TestRegister& build, Clause& clause) {
  clause.scope = dice.chance(50) ? Scope::Basis : Scope::Origin;
  clause.except_consent = dice.chance(60);
  if (dice.chance(45)) {
    clause.when = build.fact(dice.one<std::string>(
        {"court-order", "urgent", "prejudice-national-interest", "prejudice-national-interest"}));
  }
  // A forbid of everything would leave few permits: most are narrow.
  if (clause.scope == Scope::Basis && clause.info == 0 && dice.chance(70)) {
    clause.info = bits(vocabulary().classes,
                       dice.one<std::string>({"vulnerability", "state-secret", "log-personal"}));
  }
  if (clause.scope == Scope::Origin && dice.chance(35)) {
    clause.to = TestRegister::third_parties();
    clause.history = dice.one<History>({History::Unstated, History::FromAccession, History::All});
  }
  if (clause.scope == Scope::Origin && dice.chance(30)) clause.survives = dice.chance(40);
  if (dice.chance(30)) clause.see = {"paper-one", "paper-two"};
  clause.from.designated = clause.to.designated = false;
}

inline void random_needs(Dice& dice, const TestRegister& build, Clause& clause) {
  if (!dice.chance(25)) return;
  const auto count = 1 + dice.below(2);
  for (std::size_t i = 0; i < count; ++i) {
    clause.needs.push_back(build.need(dice.one<std::string>(
        {"arrangement:format-and-protection", "arrangement:contact-list",
         "arrangement:format-and-protection", "human", "four-eyes", "release-officer",
         "rights-record", "dual-criminality", "dual-criminality", "urgent", "court-order"})));
  }
}

inline Verb random_verb(Dice& dice, bool binding) {
  const auto roll = dice.below(100);
  if (!binding && roll < 70) return Verb::Advise;
  if (roll < 56) return Verb::Permit;
  if (roll < 78) return Verb::Forbid;
  if (roll < 90) return Verb::Require;
  return roll < 96 ? Verb::Empower : Verb::Define;
}

// Makes the newest clause a rival reading of an earlier one: that one with a difference, or
// whatever it was.
inline void random_reading(Dice& dice, const TestRegister& build, Instrument& instrument) {
  std::vector<const Clause*> bases;
  for (const auto& one : instrument.clauses) {
    if (one.reading_of.empty() && &one != &instrument.clauses.back()) bases.push_back(&one);
  }
  if (bases.empty()) return;
  const auto& base = *dice.one(bases);
  auto& clause = instrument.clauses.back();
  if (dice.chance(70)) {
    auto made = base;
    made.id = clause.id;
    made.article = clause.article;
    made.digest = clause.digest;
    made.assumed = clause.assumed;
    switch (dice.below(6)) {
      case 0:
        made.info = bits(vocabulary().classes, dice.some(pool::classes, 60));
        break;
      case 1:
        made.areas = bits(vocabulary().areas, dice.some(pool::areas, 60));
        break;
      case 2:
        made.except_consent = made.verb == Verb::Forbid && !made.except_consent;
        break;
      case 3:
        made.to = random_side(dice, build, made.verb != Verb::Require);
        break;
      case 4:
        if (made.verb == Verb::Permit) made.needs = {build.need("four-eyes")};
        break;
      default:
        break;
    }
    clause = made;
  }
  clause.reading_of = base.id;
  clause.reading_by = "a rival";
}

inline void random_clause(Dice& dice, const TestRegister& build, Instrument& instrument,
                          std::size_t number) {
  const auto verb = random_verb(dice, instrument.binding == Binding::Binding);
  const auto actions = dice.chance(75) ? std::string("share") : dice.some(pool::actions, 40);
  auto& clause = build.clause(instrument, "c" + std::to_string(number), verb, actions,
                              random_info(dice), dice.chance(72) ? "" : dice.some(pool::areas, 70),
                              dice.chance(78) ? "" : dice.some(pool::purposes, 65));
  clause.from = random_side(dice, build, false);
  clause.to = random_side(dice, build, true);
  clause.status = dice.one<std::string>({"unverified", "checked-by-1", "verified-by-2"});
  if (dice.chance(8)) clause.assumed = "assume-clause";
  if (verb == Verb::Forbid) random_forbid(dice, build, clause);
  if (verb == Verb::Permit || verb == Verb::Require || verb == Verb::Empower) {
    random_needs(dice, build, clause);
  }
  if (verb == Verb::Advise) clause.note = "advice " + clause.id;
  if (verb == Verb::Require) {
    if (dice.chance(70)) clause.on = bits(vocabulary().actions, dice.some(pool::actions, 50));
    if (clause.on != 0 && dice.chance(50)) clause.on |= bit(Action::Share);
    if (dice.chance(50)) clause.within_days = static_cast<int>(dice.below(3000));
    clause.says = dice.chance(50) ? "do as agreed" : "";
    if (dice.chance(55) && clause.to.kind != SideKind::ThirdParties) {
      clause.survives = dice.chance(80);
    }
  }
  if (verb == Verb::Empower && dice.chance(50)) {
    clause.actions |= bit(Action::Refuse);
    if (dice.chance(60))
      clause.grounds = bits(vocabulary().refusal_grounds, dice.some(pool::grounds, 35));
  }
  const bool transfers = (clause.actions & ~transfer_actions) == 0;
  if (verb != Verb::Forbid && transfers && dice.chance(8)) {
    clause.handling_max = dice.one<Tlp>({Tlp::Clear, Tlp::Green, Tlp::Amber, Tlp::AmberStrict});
  }
  if (dice.chance(14)) random_reading(dice, build, instrument);
}

inline void random_dated_facts(Dice& dice, TestRegister& build) {
  for (auto& instrument : build.model().instruments) {
    for (const auto& kind : pool::kinds) {
      if (!dice.chance(70)) continue;
      auto& added =
          build.arrangement(instrument.id, kind, {}, dice.chance(40) ? dice.one(pool::dates) : "");
      for (std::size_t i = 0; i < pool::parties.size(); ++i) {
        if (dice.chance(75)) added.parties.set(i);
      }
      if (dice.chance(20)) added.assumed = "assume-arrangement";
    }
    for (const auto& word : pool::parties) {
      const auto count = dice.chance(70) ? 1 + dice.below(2) : 0;
      for (std::size_t i = 0; i < count; ++i) {
        auto& added = build.designation(
            instrument.id, word[0] == '!' ? word.substr(1) : word,
            dice.chance(60) ? dice.one<std::string>({"national-csirt", "law-enforcement"}) : "",
            dice.chance(30) ? dice.some(pool::areas, 60) : "",
            dice.chance(30) ? dice.one(pool::dates) : "");
        if (dice.chance(15)) added.assumed = "assume-designation";
      }
    }
  }
}

// Suspensions before, around and after the instants that questions are about, one or two in a row,
// and denunciations whose notice has run out or still runs.
inline void random_law_changes(Dice& dice, TestRegister& build) {
  const auto& model = build.model();
  for (const auto& instrument : model.instruments) {
    for (const auto& entry : instrument.parties) {
      const auto& code = model.parties[static_cast<std::size_t>(entry.party)].code;
      if (dice.chance(7)) {
        const auto from = dice.one<std::string>(
            {"2013-06-01", "2017-12-31T23:59:59Z", "2018-01-15", "2018-01-15T00:00:00.000001Z"});
        const auto until =
            dice.one<std::string>({"", "2018-01-15T00:00:00.000002Z", "2018-02-01", "2019-07-10"});
        build.suspension(instrument.id, code, from, until);
        if (!until.empty() && dice.chance(30)) build.suspension(instrument.id, code, until);
      }
      if (dice.chance(5)) {
        const auto effective = dice.one<std::string>(
            {"2018-01-14", "2018-01-15", "2018-01-15T00:00:00.000001Z", "2019-07-10"});
        build.denunciation(instrument.id, code, "2017-11-01", effective);
      }
    }
  }
}

// Everything that a rule can say of what it is about, most of it left open.
inline void random_overlay_rule(Dice& dice, const TestRegister& build, OverlayRule& rule) {
  const auto words = vocabulary();
  rule.info = bits(words.classes, random_info(dice));
  if (dice.chance(35)) rule.areas = bits(words.areas, dice.some(pool::areas, 50));
  if (dice.chance(35)) rule.purposes = bits(words.purposes, dice.some(pool::purposes, 50));
  if (dice.chance(30)) {
    rule.to.emplace();
    for (std::size_t i = 0; i < pool::parties.size(); ++i) {
      if (dice.chance(40)) rule.to->set(i);
    }
  }
  if (dice.chance(30)) rule.handling_min = dice.one<Tlp>({Tlp::Green, Tlp::Amber, Tlp::Red});
  if (dice.chance(30)) rule.in_force = date(dice.one(pool::dates));
  if (dice.chance(30)) {
    rule.until = date(dice.one<std::string>({"2018-01-15", "2018-01-16", "2018", "2019-07"}));
  }
  rule.forbids = dice.chance(45);
  if (rule.forbids) return;
  rule.needs = {
      build.need(dice.one<std::string>({"human", "four-eyes", "release-officer", "rights-record",
                                        "court-order", "urgent", "dual-criminality"}))};
  if (dice.chance(30)) rule.needs.push_back(build.need("dual-criminality"));
}

// In some registers some parties have an overlay of one to three rules: more would leave few
// permits.
inline void random_overlays(Dice& dice, TestRegister& build) {
  if (!dice.chance(30)) return;
  for (const auto& word : pool::parties) {
    if (!dice.chance(35)) continue;
    const auto count = 1 + dice.below(3);
    for (std::size_t i = 1; i <= count; ++i) {
      const auto actions = dice.chance(80) ? std::string("share") : dice.some(pool::actions, 40);
      random_overlay_rule(dice, build,
                          build.overlay_rule(word[0] == '!' ? word.substr(1) : word,
                                             "r" + std::to_string(i), actions));
    }
  }
}

}  // namespace detail

// A register in which every dimension of semantics 1 occurs.
inline Model random_model(std::uint64_t seed) {
  Dice dice(seed * 2 + 1);
  TestRegister build(pool::parties);
  for (const char* id :
       {"assume-arrangement", "assume-clause", "assume-designation", "assume-party"}) {
    build.assumption(id, std::string("reason of ") + id);
  }
  const auto count = 2 + dice.below(4);
  for (std::size_t i = 0; i < count; ++i) {
    const auto binding =
        dice.chance(82) ? Binding::Binding : dice.one<Binding>({Binding::Soft, Binding::Political});
    auto& instrument =
        build.instrument("paper-" + std::to_string(i), dice.one(pool::levels), binding);
    if (dice.chance(60))
      instrument.signed_on = date(dice.one<std::string>({"2011-05-05", "2013", "2016-02"}));
    instrument.history = dice.one<History>(
        {History::Unstated, History::Unstated, History::FromAccession, History::All});
    instrument.addresses_all_states = binding != Binding::Binding && dice.chance(50);
    detail::random_entries(dice, build, instrument);
    const auto clauses = 1 + dice.below(6);
    for (std::size_t n = 1; n <= clauses; ++n) detail::random_clause(dice, build, instrument, n);
  }
  detail::random_dated_facts(dice, build);
  detail::random_law_changes(dice, build);
  detail::random_overlays(dice, build);
  build.model().digest = sha256("random register " + std::to_string(seed));
  return std::move(build.model());
}

namespace detail {

inline Instant random_instant(Dice& dice, const Model& model) {
  if (dice.chance(75)) return instant("2018-01-15");
  if (dice.chance(40))
    return instant(dice.one<std::string>(
        {"2011-01-01", "2013-06-01", "2015-07-01", "2019-07-10", "2026-11-23"}));
  // At, just before and just after the instants at which something begins or ends.
  std::vector<Instant> edges;
  for (const auto& instrument : model.instruments) {
    if (instrument.signed_on) edges.push_back(instrument.signed_on->earliest);
    for (const auto& entry : instrument.parties) {
      for (const auto& fact : {entry.in_force, entry.until}) {
        if (fact) edges.insert(edges.end(), {fact->earliest, fact->latest});
      }
    }
  }
  for (const auto& one : model.suspensions) {
    edges.push_back(one.from);
    if (one.until) edges.push_back(*one.until);
  }
  for (const auto& one : model.denunciations) edges.push_back(one.effective);
  for (const auto& overlay : model.overlays) {
    for (const auto& rule : overlay.rules) {
      if (rule.in_force) edges.push_back(rule.in_force->earliest);
      if (rule.until) edges.push_back(rule.until->latest);
    }
  }
  if (edges.empty()) return instant("2018-01-15");
  auto edge = dice.one(edges);
  edge.micros += static_cast<std::int64_t>(dice.below(3)) - 1;
  return edge;
}

inline void random_facts(Dice& dice, const Model& model, ResolvedRequest& request) {
  request.facts.assign(model.vocabulary.facts.size(), FactValue::Unknown);
  request.stated.assign(model.vocabulary.facts.size(), false);
  for (std::size_t i = 0; i < request.facts.size(); ++i) {
    if (!dice.chance(55)) continue;
    request.stated[i] = true;
    request.facts[i] = dice.chance(15) ? FactValue::Unknown
                       : dice.chance(model.vocabulary.facts[i].judgement ? 30 : 75) ? FactValue::Yes
                                                                                    : FactValue::No;
  }
  request.rights_record = dice.one<RightsRecord>({RightsRecord::Complete, RightsRecord::Complete,
                                                  RightsRecord::Incomplete, RightsRecord::Absent});
}

inline void random_chain(Dice& dice, const Model& model, ResolvedRequest& request) {
  const auto hops = dice.chance(65) ? 0 : 1 + dice.below(3);
  for (std::size_t i = 0; i < hops; ++i) {
    const int originator =
        dice.chance(15) ? request.to : static_cast<int>(dice.below(model.parties.size()));
    Hop hop{static_cast<int>(dice.below(model.instruments.size())), originator};
    // Some long ago, before late accessions.
    if (dice.chance(50)) {
      hop.at = dice.chance(40) ? instant(dice.one<std::string>(
                                     {"2012-03-01", "2014-06-14", "2015-07-01", "2017-05-20"}))
                               : random_instant(dice, model);
    }
    request.chain.push_back(hop);
    const auto roll = dice.below(100);
    if (roll < 75) {
      request.consents[{originator, request.to}] = roll < 55   ? Consent::Granted
                                                   : roll < 67 ? Consent::Refused
                                                               : Consent::Unknown;
    }
  }
}

}  // namespace detail

// A valid request that often meets the clauses of a random_model.
inline ResolvedRequest random_request(const Model& model, std::uint64_t seed) {
  Dice dice(seed * 2);
  const auto& words = model.vocabulary;
  const auto party = [&] {
    return static_cast<int>(dice.chance(60)
                                ? dice.below(std::min<std::size_t>(5, model.parties.size()))
                                : dice.below(model.parties.size()));
  };
  ResolvedRequest request;
  request.from = party();
  do request.to = party();
  while (request.to == request.from);
  if (dice.chance(10))
    request.from_roles = bits(words.roles, dice.some({"national-csirt", "law-enforcement"}, 35));
  if (dice.chance(15)) request.to_roles = bits(words.roles, dice.some(pool::roles, 25));
  detail::random_chain(dice, model, request);
  const auto action = dice.chance(80) ? std::string("share") : dice.one(pool::actions);
  request.action = *words.actions.index(action);
  if (request.action == static_cast<int>(Action::Onward) && request.chain.empty())
    request.action = 0;
  if ((bit(request.action) & transfer_actions) != 0 || dice.chance(50)) {
    request.info = bits(words.classes,
                        dice.chance(75) ? dice.one(pool::classes) : dice.some(pool::classes, 60));
    if (dice.chance(9)) request.info |= bits(words.classes, dice.one(pool::guarded));
  }
  if (dice.chance(92))
    request.area =
        words.areas.index(dice.chance(3) ? std::string("content") : dice.one(pool::areas));
  if (dice.chance(92)) request.purpose = words.purposes.index(dice.one(pool::purposes));
  request.tlp = dice.chance(60) ? Tlp::Clear
                                : dice.one<Tlp>({Tlp::None, Tlp::Green, Tlp::Green, Tlp::Amber,
                                                 Tlp::Amber, Tlp::AmberStrict, Tlp::Red});
  request.at = detail::random_instant(dice, model);
  detail::random_facts(dice, model, request);
  if (dice.chance(6)) request.attribution = dice.one<FactValue>({FactValue::Yes, FactValue::No});
  if (dice.chance(4)) request.action = static_cast<int>(Action::Refuse);
  if (dice.chance(6)) {
    request.refusal_ground = words.refusal_grounds.index(dice.one(pool::grounds));
  }
  return request;
}

// Nothing, everything, or most clauses verified.
inline Verifications random_verifications(const Model& model, std::uint64_t seed) {
  Dice dice(seed * 3 + 7);
  if (dice.chance(6)) return {};
  auto own = verify_all(model);
  if (dice.chance(70)) return own;
  for (auto it = own.verified.begin(); it != own.verified.end();) {
    it = dice.chance(20) ? own.verified.erase(it) : std::next(it);
  }
  return own;
}

inline Mode random_mode(std::uint64_t seed) {
  return seed % 2 == 0 ? Mode::Exercise : Mode::Operational;
}

// The words that resolve to this request.
inline Request in_words(const Model& model, const ResolvedRequest& resolved) {
  const auto list = [](const Names& names, Bits set) {
    std::vector<std::string> values;
    for (std::size_t i = 0; i < names.values.size(); ++i) {
      if ((set & bit(static_cast<int>(i))) != 0) values.push_back(names.values[i]);
    }
    return values;
  };
  const auto code = [&](int index) { return model.parties[static_cast<std::size_t>(index)].code; };
  const auto& words = model.vocabulary;
  Request request;
  request.from = code(resolved.from);
  request.to = code(resolved.to);
  request.from_roles = list(words.roles, resolved.from_roles);
  request.to_roles = list(words.roles, resolved.to_roles);
  request.action = words.actions.values[static_cast<std::size_t>(resolved.action)];
  request.info = list(words.classes, resolved.info);
  if (resolved.area) request.area = words.areas.values[static_cast<std::size_t>(*resolved.area)];
  if (resolved.purpose)
    request.purpose = words.purposes.values[static_cast<std::size_t>(*resolved.purpose)];
  request.tlp = name(resolved.tlp);
  request.at = resolved.at;
  for (std::size_t i = 0; i < words.facts.size(); ++i) {
    const char* values[] = {"unknown", "no", "yes"};
    if (resolved.stated[i])
      request.facts.emplace_back(words.facts[i].id, values[static_cast<int>(resolved.facts[i])]);
  }
  const char* records[] = {"absent", "incomplete", "complete"};
  request.facts.emplace_back("rights-record", records[static_cast<int>(resolved.rights_record)]);
  const char* answers[] = {"unknown", "no", "yes"};
  request.facts.emplace_back("attribution", answers[static_cast<int>(resolved.attribution)]);
  if (resolved.refusal_ground) {
    request.facts.emplace_back(
        "refusal-ground",
        words.refusal_grounds.values[static_cast<std::size_t>(*resolved.refusal_ground)]);
  }
  const char* consents[] = {"unknown", "granted", "refused"};
  for (const auto& [pair, consent] : resolved.consents) {
    request.facts.emplace_back("consent:" + code(pair.first) + ":" + code(pair.second),
                               consents[static_cast<int>(consent)]);
  }
  for (const auto& hop : resolved.chain) {
    request.received_under.push_back(
        {model.instruments[static_cast<std::size_t>(hop.instrument)].id, code(hop.originator),
         hop.at});
  }
  return request;
}

}  // namespace comity::treaty::test
