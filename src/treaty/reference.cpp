#include "treaty/reference.h"

#include <algorithm>
#include <string_view>

#include "treaty/phrases.h"
#include "treaty/refusal.h"

namespace comity::treaty {
namespace {

enum class Standing { Not, Unknown, Live, Suspended };

// Whether the suspensions of the register are heeded.
enum class Reading { AsItStands, ButForSuspensions };

template <typename Entry>
void add_once(std::vector<Entry>& list, Entry entry) {
  if (std::find(list.begin(), list.end(), entry) == list.end()) list.push_back(std::move(entry));
}

template <typename Entry>
void add_all_once(std::vector<Entry>& list, const std::vector<Entry>& entries) {
  for (const auto& entry : entries) add_once(list, entry);
}

// What sections 2 (for one instrument), 4 and 5 find.
struct Findings {
  std::vector<NeedEntry> needs;
  std::vector<Reason> reasons;
  std::vector<Assertion> asserts;
  bool forbidden = false;
};

// Section 2: the answer of one instrument.
struct Outcome {
  const Instrument* instrument = nullptr;
  VerdictKind kind = VerdictKind::NoBasis;
  std::vector<const Clause*> grounds;
  std::vector<const Clause*> carrying;  // the grounds that hold under every reading
  std::vector<const Clause*> counted;   // the basis forbids that count
  std::vector<NeedEntry> needs;
  std::vector<Reason> reasons;
  std::vector<Assertion> asserts;
  std::vector<Duty> duties;
  bool all_verified = true;
};

class Decision {
 public:
  Decision(const Model& model, const Verifications& own, Mode mode, const ResolvedRequest& request)
      : model_(model), own_(own), mode_(mode), request_(request) {}

  Verdict run();

 private:
  // Section 0.
  Standing standing(const Instrument& instrument, int party,
                    Reading reading = Reading::AsItStands) const;
  bool denounced(const Instrument& instrument, int party) const;
  bool ended(const Instrument& instrument, int party) const;
  bool surely_ended(const Instrument& instrument, int party) const;
  Standing standing_but_for_end(const Instrument& instrument, int party) const;
  Standing standing_under(const Instrument& instrument, const Clause& clause, int party,
                          Reading reading = Reading::AsItStands) const;
  bool keeps_refusal_open() const;
  const Suspension* suspension(const Instrument& instrument, int party) const;
  bool weak(const Outcome& outcome, int party) const;
  Standing standing_for(const Outcome& outcome, int party) const;
  bool state(int party) const { return model_.parties[index(party)].is_state(); }
  bool onward() const;
  bool transfer() const { return (bit(request_.action) & transfer_actions) != 0; }
  bool acts_by(Bits actions) const;
  bool subject_matches(const Clause& clause) const;
  bool dimensions_match(const Clause& clause) const;
  bool side_matches(const Side& side, int party, Standing now, bool sender) const;
  bool parties_match(const Instrument& instrument, const Clause& clause,
                     Reading reading = Reading::AsItStands) const;
  bool classes_meet(const Clause& clause, Bits classes) const;
  FactValue fact(int number) const;
  FactValue fact(std::string_view id) const;
  Consent consent(int originator) const;
  bool holds_class(const char* id) const { return holds(model_.vocabulary.classes, id); }
  bool holds(const Names& names, const char* id) const;
  bool area_is(const char* id) const;
  bool recipient_role(const char* id) const;
  static std::size_t index(int number) { return static_cast<std::size_t>(number); }

  // Section 2.
  Outcome outcome(const Instrument& instrument) const;
  bool is_ground(const Instrument& instrument, const Clause& clause,
                 Reading reading = Reading::AsItStands) const;
  bool carries(const Instrument& instrument, const Clause& clause, Bits classes,
               Reading reading = Reading::AsItStands) const;
  bool covered(const Instrument& instrument, Bits classes,
               Reading reading = Reading::AsItStands) const;
  std::vector<Bits> classes_one_by_one() const;
  std::vector<Reason> not_covered(const Instrument& instrument, Bits classes) const;
  std::vector<Reason> suspensions(const Instrument& instrument) const;
  bool is_basis_forbid(const Instrument& instrument, const Clause& clause) const;
  enum class Weight { Nothing, Lifted, Open, Held };
  Weight weigh_forbid(const Instrument& instrument, const Clause& clause,
                      std::optional<int> originator, Findings& findings) const;
  void membership_needs(const Outcome& outcome, std::vector<NeedEntry>& needs) const;
  void ground_needs(const Instrument& instrument, const Clause& clause,
                    std::vector<NeedEntry>& needs) const;
  bool designation_demanded(const Clause& clause, bool sender) const;
  std::vector<const Designation*> designations(const Instrument& instrument, int party) const;
  void designation_need(const Instrument& instrument, int party, Bits roles,
                        std::vector<NeedEntry>& needs) const;
  std::vector<const Arrangement*> arrangements(const Instrument& instrument,
                                               const std::string& kind) const;
  void clause_need(const Instrument& instrument, const Clause& clause, const Need& need,
                   std::vector<NeedEntry>& needs) const;
  bool begun(const std::optional<DateFact>& date) const;
  bool verified(const Instrument& instrument, const Clause& clause) const;

  // Section 3.
  std::vector<const Outcome*> winners(const std::vector<Outcome>& outcomes, VerdictKind kind) const;

  // Sections 4 and 5.
  Findings sticking();
  void origin_forbid(std::size_t number, const Clause& clause, Findings& findings);
  enum class Fellow { Yes, No, Unknown, WhenReceived };
  Fellow fellow(std::size_t number, History history) const;
  int receiver(std::size_t number) const;
  void handling(Findings& findings) const;
  void handling_consent(int originator, Findings& findings) const;
  void handling_green(Findings& findings) const;
  Findings always() const;
  Findings overlay() const;
  bool overlay_matches(const OverlayRule& rule) const;

  // Section 6.
  std::vector<Duty> duties(const Outcome& outcome) const;
  bool triggered(const Instrument& instrument, const Clause& clause) const;
  void add_surviving_duties(const std::vector<const Outcome*>& winning, Verdict& verdict) const;
  Duty duty(const Instrument& instrument, const Clause& clause) const;
  void add_advice(const std::vector<Outcome>& outcomes, std::vector<Advice>& advice) const;
  bool addressed(const Instrument& instrument) const;
  void assumed_of(const Outcome& outcome, std::vector<Assumed>& assumed) const;
  void assumed_of_clause(const Instrument& instrument, const Clause& clause,
                         std::vector<Assumed>& assumed) const;
  void assumed_of_designation(const Instrument& instrument, int party, Bits roles,
                              std::vector<Assumed>& assumed) const;
  void assumed_of_arrangement(const Instrument& instrument, const std::string& kind,
                              std::vector<Assumed>& assumed) const;

  const Model& model_;
  const Verifications& own_;
  const Mode mode_;
  const ResolvedRequest& request_;
  // The origin forbids that held or were lifted by consent, for `assumed`.
  std::vector<std::pair<const Instrument*, const Clause*>> origin_clauses_;
};

// --- Section 0: words -------------------------------------------------------------------------

bool Decision::denounced(const Instrument& instrument, int party) const {
  return std::any_of(model_.denunciations.begin(), model_.denunciations.end(),
                     [&](const Denunciation& one) {
                       return &model_.instruments[index(one.instrument)] == &instrument &&
                              one.party == party && request_.at >= one.effective;
                     });
}

// Whether the party was bound, or may have been, and is so no more.
bool Decision::ended(const Instrument& instrument, int party) const {
  const auto* entry = instrument.entry(party);
  if (entry == nullptr || entry->status == Membership::NotParty) return false;
  const auto& begin = entry->in_force;
  if (begin && request_.at < begin->earliest) return false;
  if (!begin && instrument.signed_on && request_.at < instrument.signed_on->earliest) return false;
  return denounced(instrument, party) || (entry->until && request_.at >= entry->until->latest);
}

// How a party that has left would stand, had it not.
Standing Decision::standing_but_for_end(const Instrument& instrument, int party) const {
  const auto& entry = *instrument.entry(party);
  const bool sure =
      entry.status == Membership::Party && entry.in_force && request_.at >= entry.in_force->latest;
  return sure ? Standing::Live : Standing::Unknown;
}

// Whether it was bound for sure, and is so no more: what was doubtful ends nothing.
bool Decision::surely_ended(const Instrument& instrument, int party) const {
  return ended(instrument, party) && standing_but_for_end(instrument, party) == Standing::Live;
}

// A duty that survives binds whoever was bound.
Standing Decision::standing_under(const Instrument& instrument, const Clause& clause, int party,
                                  Reading reading) const {
  if (clause.verb == Verb::Require && clause.survives.value_or(false) && ended(instrument, party)) {
    return standing_but_for_end(instrument, party);
  }
  return standing(instrument, party, reading);
}

// The suspension by this party that lasts at t.
const Suspension* Decision::suspension(const Instrument& instrument, int party) const {
  for (const auto& one : model_.suspensions) {
    if (&model_.instruments[index(one.instrument)] != &instrument || one.party != party) continue;
    const bool begun = request_.at >= one.from;
    const bool ended = one.until && request_.at >= *one.until;
    if (begun && !ended) return &one;
  }
  return nullptr;
}

Standing Decision::standing(const Instrument& instrument, int party, Reading reading) const {
  const auto t = request_.at;
  const auto* entry = instrument.entry(party);
  if (entry == nullptr || entry->status == Membership::NotParty) return Standing::Not;
  const auto& begin = entry->in_force;
  const auto& end = entry->until;
  if (!begin && instrument.signed_on && t < instrument.signed_on->earliest) return Standing::Not;
  if (begin && t < begin->earliest) return Standing::Not;
  if (end && t >= end->latest) return Standing::Not;
  if (denounced(instrument, party)) return Standing::Not;
  if (reading == Reading::AsItStands && suspension(instrument, party) != nullptr) {
    return Standing::Suspended;
  }
  if (entry->status == Membership::Unknown || !begin) return Standing::Unknown;
  if (t < begin->latest) return Standing::Unknown;
  if (end && t >= end->earliest) return Standing::Unknown;
  return Standing::Live;
}

// The assumption an entry comes from; empty when it is a fact of the register.
std::string assumption_of(const PartyEntry& entry) {
  if (!entry.assumed.empty()) return entry.assumed;
  return entry.in_force ? entry.in_force->assumed : "";
}

// How a party stands in an instrument that is a basis by these grounds.
Standing Decision::standing_for(const Outcome& outcome, int party) const {
  auto found = standing(*outcome.instrument, party);
  for (const auto* ground : outcome.grounds) {
    if (found == Standing::Not) found = standing_under(*outcome.instrument, *ground, party);
  }
  return found;
}

bool Decision::weak(const Outcome& outcome, int party) const {
  const auto& instrument = *outcome.instrument;
  if (standing_for(outcome, party) != Standing::Live) return false;
  const auto& entry = *instrument.entry(party);
  if (!assumption_of(entry).empty()) return false;
  const auto words = " " + entry.in_force->provenance + " ";
  return !entry.in_force->full || words.find(" K:l ") != std::string::npos;
}

bool Decision::onward() const {
  const bool passes_on = request_.action == static_cast<int>(Action::Share) ||
                         request_.action == static_cast<int>(Action::Onward);
  return passes_on && !request_.chain.empty();
}

bool Decision::acts_by(Bits actions) const {
  if ((actions & bit(request_.action)) != 0) return true;
  return onward() && (actions & (bit(Action::Share) | bit(Action::Onward))) != 0;
}

// Areas and purposes.
bool Decision::subject_matches(const Clause& clause) const {
  const auto stated_holds = [](Bits stated, std::optional<int> value) {
    return stated == 0 || (value.has_value() && (stated & bit(*value)) != 0);
  };
  return stated_holds(clause.areas, request_.area) &&
         stated_holds(clause.purposes, request_.purpose);
}

bool Decision::dimensions_match(const Clause& clause) const {
  const auto roles_match = [](Bits stated, Bits named) {
    return stated == 0 || named == 0 || (named & ~stated) == 0;
  };
  if (clause.handling_max != Tlp::None && clause.handling_max < request_.tlp) return false;
  return subject_matches(clause) && roles_match(clause.from.roles, request_.from_roles) &&
         roles_match(clause.to.roles, request_.to_roles);
}

bool Decision::side_matches(const Side& side, int party, Standing now, bool sender) const {
  if (now == Standing::Suspended) return false;
  switch (side.kind) {
    case SideKind::Parties:
      return state(party) && now != Standing::Not;
    case SideKind::Listed:
      return side.listed.test(index(party)) && now != Standing::Not;
    case SideKind::ThirdParties:
      return !sender && state(party) && now != Standing::Live;
  }
  return false;
}

bool Decision::parties_match(const Instrument& instrument, const Clause& clause,
                             Reading reading) const {
  const auto sender = standing_under(instrument, clause, request_.from, reading);
  const auto recipient = standing_under(instrument, clause, request_.to, reading);
  return side_matches(clause.from, request_.from, sender, true) &&
         side_matches(clause.to, request_.to, recipient, false);
}

// `classes` empty: the request has none, and every class test passes.
bool Decision::classes_meet(const Clause& clause, Bits classes) const {
  return clause.info == 0 || classes == 0 || (clause.info & classes) != 0;
}

FactValue Decision::fact(int number) const {
  if (request_.stated[index(number)]) return request_.facts[index(number)];
  return model_.vocabulary.facts[index(number)].judgement ? FactValue::No : FactValue::Unknown;
}

FactValue Decision::fact(std::string_view id) const {
  const auto number = model_.vocabulary.fact(id);
  return number ? fact(*number) : FactValue::Unknown;
}

Consent Decision::consent(int originator) const {
  const auto found = request_.consents.find({originator, request_.to});
  return found == request_.consents.end() ? Consent::Unknown : found->second;
}

bool Decision::holds(const Names& names, const char* id) const {
  const auto number = names.index(id);
  return number && (request_.info & bit(*number)) != 0;
}

bool Decision::area_is(const char* id) const {
  const auto number = model_.vocabulary.areas.index(id);
  return number && request_.area == number;
}

bool Decision::recipient_role(const char* id) const {
  const auto number = model_.vocabulary.roles.index(id);
  return number && (request_.to_roles & bit(*number)) != 0;
}

// A refusal on one of these grounds meets no forbid.
bool Decision::keeps_refusal_open() const {
  if (request_.action != static_cast<int>(Action::Refuse) || !request_.refusal_ground) return false;
  const auto& ground = model_.vocabulary.refusal_grounds.values[index(*request_.refusal_ground)];
  return std::find(kept_refusal_grounds.begin(), kept_refusal_grounds.end(), ground) !=
         kept_refusal_grounds.end();
}

bool Decision::begun(const std::optional<DateFact>& date) const {
  return !date || request_.at >= date->latest;
}

// --- Section 7: verification ------------------------------------------------------------------

bool Decision::verified(const Instrument& instrument, const Clause& clause) const {
  return own_.holds(instrument.id, clause.digest);
}

// --- Section 2: each binding instrument -------------------------------------------------------

bool Decision::is_ground(const Instrument& instrument, const Clause& clause,
                         Reading reading) const {
  if (clause.verb != Verb::Permit && clause.verb != Verb::Require && clause.verb != Verb::Empower) {
    return false;
  }
  for (const auto& need : clause.needs) {
    if (need.kind == Need::Kind::Fact && fact(need.fact) == FactValue::No) return false;
  }
  const bool refuses = request_.action == static_cast<int>(Action::Refuse);
  const bool other_ground = refuses && clause.grounds != 0 && request_.refusal_ground &&
                            (clause.grounds & bit(*request_.refusal_ground)) == 0;
  if (other_ground && !keeps_refusal_open()) return false;
  return acts_by(clause.actions) && parties_match(instrument, clause, reading) &&
         dimensions_match(clause) && classes_meet(clause, request_.info);
}

// Whether two clauses are readings of one passage, or the same clause.
bool one_passage(const Clause& a, const Clause& b) {
  const auto passage = [](const Clause& clause) {
    return clause.reading_of.empty() ? clause.id : clause.reading_of;
  };
  return passage(a) == passage(b);
}

// Whether every reading of the passage in which this clause stands is a ground for one class.
bool Decision::carries(const Instrument& instrument, const Clause& clause, Bits classes,
                       Reading reading) const {
  return std::all_of(
      instrument.clauses.begin(), instrument.clauses.end(), [&](const Clause& other) {
        return !one_passage(clause, other) ||
               (is_ground(instrument, other, reading) && classes_meet(other, classes));
      });
}

bool Decision::covered(const Instrument& instrument, Bits classes, Reading reading) const {
  return std::any_of(
      instrument.clauses.begin(), instrument.clauses.end(),
      [&](const Clause& clause) { return carries(instrument, clause, classes, reading); });
}

// The classes of the request in the order of the vocabulary; the empty one where it has none.
std::vector<Bits> Decision::classes_one_by_one() const {
  if (request_.info == 0) return {0};
  std::vector<Bits> classes;
  for (int number = 0; number < 64; ++number) {
    if ((request_.info & bit(number)) != 0) classes.push_back(bit(number));
  }
  return classes;
}

// Why one class has no ground that holds under every reading.
std::vector<Reason> Decision::not_covered(const Instrument& instrument, Bits classes) const {
  std::vector<Reason> reasons;
  for (int number = 0; number < 64; ++number) {
    if (classes == bit(number)) {
      reasons.push_back(reason_not_covered(model_, instrument, number));
    }
  }
  const auto is_one = [&](const Clause& clause) {
    return is_ground(instrument, clause) && classes_meet(clause, classes);
  };
  for (const auto& clause : instrument.clauses) {
    if (is_one(clause)) continue;
    const bool rival = std::any_of(
        instrument.clauses.begin(), instrument.clauses.end(),
        [&](const Clause& other) { return one_passage(clause, other) && is_one(other); });
    if (rival) reasons.push_back(reason_reading(instrument, clause));
  }
  return reasons;
}

// Who has suspended the instrument, if it would cover every class but for that.
std::vector<Reason> Decision::suspensions(const Instrument& instrument) const {
  std::vector<Reason> reasons;
  for (const int party : {request_.from, request_.to}) {
    if (standing(instrument, party) != Standing::Suspended) continue;
    reasons.push_back(reason_suspended(model_, instrument, *suspension(instrument, party)));
  }
  if (reasons.empty()) return reasons;
  for (const auto one : classes_one_by_one()) {
    if (!covered(instrument, one, Reading::ButForSuspensions)) return {};
  }
  return reasons;
}

bool Decision::is_basis_forbid(const Instrument& instrument, const Clause& clause) const {
  if (keeps_refusal_open()) return false;
  return clause.verb == Verb::Forbid && clause.scope == Scope::Basis && acts_by(clause.actions) &&
         parties_match(instrument, clause) && dimensions_match(clause) &&
         classes_meet(clause, request_.info);
}

// A forbid that matches: its `when`, then its `except`. Without originator (an own record) consent
// is not asked for. Sections 2 and 4.
Decision::Weight Decision::weigh_forbid(const Instrument& instrument, const Clause& clause,
                                        std::optional<int> originator, Findings& findings) const {
  const auto when = clause.when ? fact(*clause.when) : FactValue::Yes;
  if (when == FactValue::No) {
    if (model_.vocabulary.facts[index(*clause.when)].judgement) {
      add_once(findings.asserts, assertion_entry(model_, instrument, clause, *clause.when));
    }
    return Weight::Nothing;
  }
  const auto granted = originator ? consent(*originator) : Consent::Granted;
  if (clause.except_consent && granted == Consent::Granted) return Weight::Lifted;
  const bool ask = clause.except_consent && granted == Consent::Unknown;
  if (when == FactValue::Unknown) {
    const auto& id = model_.vocabulary.facts[index(*clause.when)].id;
    add_once(findings.needs, need_fact(model_, id, request_.from));
  }
  if (ask) {
    add_once(findings.needs,
             need_consent(model_, *originator, request_.to, why_clause(instrument, clause)));
  }
  if (ask) return Weight::Held;
  if (when == FactValue::Unknown) return Weight::Open;
  const char* plain = clause.scope == Scope::Origin ? "origin-forbids" : "forbidden";
  add_once(findings.reasons,
           reason_forbid(model_, instrument, clause, clause.except_consent ? "refused" : plain));
  findings.forbidden = true;
  return Weight::Held;
}

Outcome Decision::outcome(const Instrument& instrument) const {
  Outcome result;
  result.instrument = &instrument;
  Findings forbids;
  for (const auto& clause : instrument.clauses) {
    if (is_ground(instrument, clause)) {
      result.grounds.push_back(&clause);
      result.all_verified = result.all_verified && verified(instrument, clause);
    } else if (is_basis_forbid(instrument, clause)) {
      std::optional<int> originator;
      if (!request_.chain.empty()) originator = request_.chain.front().originator;
      const auto before = forbids.reasons.size();
      weigh_forbid(instrument, clause, originator, forbids);
      if (forbids.reasons.size() != before) result.counted.push_back(&clause);
    }
  }
  result.asserts = forbids.asserts;
  if (forbids.forbidden) {
    result.kind = VerdictKind::Forbidden;
    result.reasons = forbids.reasons;
    return result;
  }
  bool complete = true;
  for (const auto one : classes_one_by_one()) {
    if (covered(instrument, one)) continue;
    complete = false;
    // Without any ground the instrument has nothing to do with the request and gives no reason.
    if (!result.grounds.empty()) add_all_once(result.reasons, not_covered(instrument, one));
  }
  if (!complete) {
    add_all_once(result.reasons, suspensions(instrument));
    return result;
  }
  for (const auto* ground : result.grounds) {
    for (const auto one : classes_one_by_one()) {
      if (!carries(instrument, *ground, one)) continue;
      result.carrying.push_back(ground);
      break;
    }
  }
  membership_needs(result, result.needs);
  for (const auto* ground : result.grounds) ground_needs(instrument, *ground, result.needs);
  add_all_once(result.needs, forbids.needs);
  result.kind = result.needs.empty() ? VerdictKind::Permitted : VerdictKind::Needs;
  result.duties = duties(result);
  return result;
}

void Decision::membership_needs(const Outcome& outcome, std::vector<NeedEntry>& needs) const {
  const auto& instrument = *outcome.instrument;
  const auto as_third = [](const Clause* ground) {
    return ground->to.kind == SideKind::ThirdParties;
  };
  const auto& grounds = outcome.grounds;
  const bool some_third = std::any_of(grounds.begin(), grounds.end(), as_third);
  const bool all_third = std::all_of(grounds.begin(), grounds.end(), as_third);
  const auto need = [&](int party) {
    const bool by_status = instrument.entry(party)->status == Membership::Unknown;
    add_once(needs,
             need_membership(model_, instrument, party, by_status ? "party-status" : "in-force"));
  };
  if (standing_for(outcome, request_.from) == Standing::Unknown) need(request_.from);
  if (standing_for(outcome, request_.to) == Standing::Unknown) {
    if (!all_third) need(request_.to);
    if (some_third && standing(instrument, request_.to) == Standing::Unknown) {
      add_once(needs, need_membership(model_, instrument, request_.to, "party-status"));
    }
  }
  if (mode_ != Mode::Operational) return;
  for (const int party : {request_.from, request_.to}) {
    if (weak(outcome, party)) {
      add_once(needs, need_membership(model_, instrument, party, "in-force"));
    }
  }
}

bool Decision::designation_demanded(const Clause& clause, bool sender) const {
  if (sender) return clause.from.designated;
  const bool one_body = request_.tlp == Tlp::AmberStrict || request_.tlp == Tlp::Red;
  return clause.to.designated || (transfer() && one_body);
}

// The entries of a party under an instrument that act at t in the area of the request.
std::vector<const Designation*> Decision::designations(const Instrument& instrument,
                                                       int party) const {
  std::vector<const Designation*> found;
  for (const auto& entry : model_.designations) {
    if (&model_.instruments[index(entry.instrument)] != &instrument || entry.party != party) {
      continue;
    }
    const bool in_area =
        entry.areas == 0 || (request_.area && (entry.areas & bit(*request_.area)) != 0);
    if (begun(entry.since) && in_area) found.push_back(&entry);
  }
  return found;
}

void Decision::designation_need(const Instrument& instrument, int party, Bits roles,
                                std::vector<NeedEntry>& needs) const {
  const auto entries = designations(instrument, party);
  if (roles == 0) {
    if (entries.empty() && mode_ == Mode::Operational) {
      add_once(needs, need_designation(model_, instrument, party));
    }
    return;
  }
  Bits held = 0;
  for (const auto* entry : entries) {
    if (entry->role) held |= bit(*entry->role);
  }
  if ((roles & ~held) != 0) add_once(needs, need_role(model_, instrument, party));
}

void Decision::ground_needs(const Instrument& instrument, const Clause& clause,
                            std::vector<NeedEntry>& needs) const {
  if (mode_ == Mode::Operational && !verified(instrument, clause)) {
    add_once(needs, need_verification(model_, instrument, clause, request_.from));
  }
  if (designation_demanded(clause, true)) {
    designation_need(instrument, request_.from, request_.from_roles, needs);
  }
  if (designation_demanded(clause, false)) {
    designation_need(instrument, request_.to, request_.to_roles, needs);
  }
  if (clause.from.roles != 0 && request_.from_roles == 0) {
    add_once(needs, need_role(model_, instrument, request_.from));
  }
  if (clause.to.roles != 0 && request_.to_roles == 0) {
    add_once(needs, need_role(model_, instrument, request_.to));
  }
  for (const auto& need : clause.needs) clause_need(instrument, clause, need, needs);
  const bool refuses = request_.action == static_cast<int>(Action::Refuse);
  if (refuses && clause.grounds != 0 && !request_.refusal_ground) {
    add_once(needs, need_fact(model_, "refusal-ground", request_.from));
  }
}

// The arrangements of a kind that hold both sides and act at t.
std::vector<const Arrangement*> Decision::arrangements(const Instrument& instrument,
                                                       const std::string& kind) const {
  std::vector<const Arrangement*> found;
  for (const auto& one : model_.arrangements) {
    if (&model_.instruments[index(one.instrument)] == &instrument && one.kind == kind &&
        one.parties.test(index(request_.from)) && one.parties.test(index(request_.to)) &&
        begun(one.in_force)) {
      found.push_back(&one);
    }
  }
  return found;
}

void Decision::clause_need(const Instrument& instrument, const Clause& clause, const Need& need,
                           std::vector<NeedEntry>& needs) const {
  switch (need.kind) {
    case Need::Kind::Arrangement:
      if (arrangements(instrument, need.name).empty()) {
        add_once(needs, need_arrangement(model_, instrument, clause, need.name, request_.from,
                                         request_.to));
      }
      return;
    case Need::Kind::Human:
      add_once(needs, need_human(model_, why_human(instrument, clause, need.name), request_.from));
      return;
    case Need::Kind::RightsRecord:
      if (request_.rights_record != RightsRecord::Complete) {
        add_once(needs, need_rights_record(model_, request_.from));
      }
      return;
    case Need::Kind::Fact:
      // A fact that is no has removed the ground already.
      if (fact(need.fact) == FactValue::Unknown) {
        const auto& id = model_.vocabulary.facts[index(need.fact)].id;
        add_once(needs, need_fact(model_, id, request_.from));
      }
      return;
  }
}

// --- Section 3: between instruments -----------------------------------------------------------

std::vector<const Outcome*> Decision::winners(const std::vector<Outcome>& outcomes,
                                              VerdictKind kind) const {
  std::vector<const Outcome*> winning;
  if (kind != VerdictKind::Permitted && kind != VerdictKind::Needs) return winning;
  for (const auto& outcome : outcomes) {
    if (outcome.kind == kind) winning.push_back(&outcome);
  }
  std::sort(winning.begin(), winning.end(), [](const Outcome* a, const Outcome* b) {
    if (a->all_verified != b->all_verified) return a->all_verified;
    if (a->duties.size() != b->duties.size()) return a->duties.size() > b->duties.size();
    const int level_a = a->instrument->level_rank();
    const int level_b = b->instrument->level_rank();
    if (level_a != level_b) return level_a < level_b;
    return a->instrument->id < b->instrument->id;
  });
  return winning;
}

VerdictKind first_found(const std::vector<Outcome>& outcomes) {
  for (const auto kind : {VerdictKind::Permitted, VerdictKind::Needs, VerdictKind::Forbidden}) {
    for (const auto& outcome : outcomes) {
      if (outcome.kind == kind) return kind;
    }
  }
  return VerdictKind::NoBasis;
}

// The reasons of the instruments, in order of id.
std::vector<Reason> reasons_between(const std::vector<Outcome>& outcomes, VerdictKind result) {
  std::vector<Reason> reasons;
  for (const auto& outcome : outcomes) {
    add_all_once(reasons, outcome.reasons);
    if (result != VerdictKind::Permitted || outcome.kind != VerdictKind::Needs) continue;
    for (const auto& need : outcome.needs) {
      add_once(reasons, reason_need(*outcome.instrument, need));
    }
  }
  return reasons;
}

// --- Section 4: what sticks to a received record ----------------------------------------------

Findings Decision::sticking() {
  Findings findings;
  if (keeps_refusal_open()) return findings;
  for (std::size_t number = 0; number < request_.chain.size(); ++number) {
    for (const auto& clause :
         model_.instruments[index(request_.chain[number].instrument)].clauses) {
      if (clause.verb == Verb::Forbid && clause.scope == Scope::Origin) {
        origin_forbid(number, clause, findings);
      }
    }
  }
  if (transfer()) handling(findings);
  return findings;
}

// Who received the record in this hop: the originator of the next, at last the sender.
int Decision::receiver(std::size_t number) const {
  const auto next = number + 1;
  return next < request_.chain.size() ? request_.chain[next].originator : request_.from;
}

// Whether the recipient is a fellow party for what came by this hop. Who acceded later is none.
Decision::Fellow Decision::fellow(std::size_t number, History history) const {
  const auto& hop = request_.chain[number];
  const auto& instrument = model_.instruments[index(hop.instrument)];
  const auto now = standing(instrument, request_.to);
  if (now == Standing::Unknown) return Fellow::Unknown;
  if (now != Standing::Live) return Fellow::No;
  if (history == History::All) return Fellow::Yes;
  // It is bound now, so its date is known.
  const auto& bound = *instrument.entry(request_.to)->in_force;
  if (hop.at) {
    const auto then = std::min(*hop.at, request_.at);
    if (then < bound.earliest) return Fellow::No;
    return then < bound.latest ? Fellow::Unknown : Fellow::Yes;
  }
  if (history == History::Unstated) return Fellow::Yes;
  // Nothing can have come before both sides of the hop were bound.
  for (const int party : {hop.originator, receiver(number)}) {
    const auto* entry = instrument.entry(party);
    if (entry == nullptr) continue;
    const auto& begin = entry->in_force ? entry->in_force : instrument.signed_on;
    if (begin && begin->earliest >= bound.latest) return Fellow::Yes;
  }
  return Fellow::WhenReceived;
}

void Decision::origin_forbid(std::size_t number, const Clause& clause, Findings& findings) {
  const auto& hop = request_.chain[number];
  const auto& instrument = model_.instruments[index(hop.instrument)];
  if (!acts_by(clause.actions) || !classes_meet(clause, request_.info) ||
      !subject_matches(clause) || request_.to == hop.originator) {
    return;
  }
  if (clause.to.kind == SideKind::Listed && !clause.to.listed.test(index(request_.to))) return;
  const bool outlives = clause.survives.value_or(true);
  if (!outlives &&
      (surely_ended(instrument, hop.originator) || surely_ended(instrument, receiver(number)))) {
    return;
  }
  if (clause.to.kind == SideKind::ThirdParties) {
    const auto history = clause.history == History::Unstated ? instrument.history : clause.history;
    const auto recipient = fellow(number, history);
    if (recipient == Fellow::Yes) return;
    if (recipient == Fellow::Unknown) {
      add_once(findings.needs, need_membership(model_, instrument, request_.to, "party-status"));
      return;
    }
    if (recipient == Fellow::WhenReceived) {
      add_once(findings.needs, need_received_at(model_, instrument, hop.originator, request_.from));
      return;
    }
  }
  const auto weight = weigh_forbid(instrument, clause, hop.originator, findings);
  if (weight == Weight::Held || weight == Weight::Lifted) {
    origin_clauses_.emplace_back(&instrument, &clause);
  }
}

// The Traffic Light Protocol.
void Decision::handling(Findings& findings) const {
  const auto tlp = request_.tlp;
  if (tlp == Tlp::None) add_once(findings.needs, need_fact(model_, "handling", request_.from));
  if (tlp == Tlp::Red) {
    add_once(findings.needs, need_human(model_, why_human_red(), request_.from));
  }
  const bool bodies_only = tlp == Tlp::Amber || tlp == Tlp::AmberStrict || tlp == Tlp::Red;
  if (bodies_only && (recipient_role("private-owner") || recipient_role("research"))) {
    add_once(findings.reasons, reason_tlp(tlp, why_tlp_role()));
    findings.forbidden = true;
  }
  if (!onward() || request_.to == request_.chain.front().originator) return;
  if (tlp == Tlp::AmberStrict || tlp == Tlp::Red) {
    add_once(findings.reasons, reason_tlp(tlp, why_tlp_onward()));
    findings.forbidden = true;
  }
  if (tlp == Tlp::Amber) handling_consent(request_.chain.front().originator, findings);
  if (tlp == Tlp::Green) handling_green(findings);
}

void Decision::handling_consent(int originator, Findings& findings) const {
  const auto given = consent(originator);
  if (given == Consent::Unknown) {
    add_once(findings.needs, need_consent(model_, originator, request_.to, why_tlp(request_.tlp)));
  }
  if (given == Consent::Refused) {
    add_once(findings.reasons, reason_tlp_refused(model_, originator, request_.to));
    findings.forbidden = true;
  }
}

void Decision::handling_green(Findings& findings) const {
  for (std::size_t number = 0; number < request_.chain.size(); ++number) {
    const auto& hop = request_.chain[number];
    const auto& instrument = model_.instruments[index(hop.instrument)];
    const auto recipient = fellow(number, instrument.history);
    if (recipient == Fellow::Unknown) {
      add_once(findings.needs, need_membership(model_, instrument, request_.to, "party-status"));
    }
    if (recipient == Fellow::WhenReceived) {
      add_once(findings.needs, need_received_at(model_, instrument, hop.originator, request_.from));
    }
    if (recipient == Fellow::No) handling_consent(hop.originator, findings);
  }
}

// --- Section 5: always ------------------------------------------------------------------------

Findings Decision::always() const {
  Findings findings;
  // To decline or to take a request back must be possible whatever it is about.
  if (request_.action == static_cast<int>(Action::Refuse) ||
      request_.action == static_cast<int>(Action::Withdraw)) {
    return findings;
  }
  const auto forbid = [&](const char* guard) {
    add_once(findings.reasons, reason_guard(guard));
    findings.forbidden = true;
  };
  if (holds_class("state-secret")) forbid("secrecy-guard");
  if (holds_class("traffic-data") || holds_class("subscriber-data")) {
    const auto order = fact("court-order");
    if (!area_is("evidence") || order == FactValue::No) forbid("evidence-guard");
    if (order == FactValue::Unknown) {
      add_once(findings.needs, need_fact(model_, "court-order", request_.from));
    }
  }
  if (holds_class("content-data") || area_is("content")) {
    switch (request_.rights_record) {
      case RightsRecord::Absent:
        forbid("content-gate");
        break;
      case RightsRecord::Incomplete:
        add_once(findings.needs, need_rights_record(model_, request_.from));
        break;
      case RightsRecord::Complete:
        add_once(findings.needs, need_human(model_, why_human_content(), request_.from));
        break;
    }
  }
  if (request_.attribution == FactValue::Yes) {
    add_once(findings.needs, need_human(model_, why_human_attribution(), request_.from));
  }
  return findings;
}

// The national overlay of the sender. What the request leaves open does not take it out of a rule.
bool Decision::overlay_matches(const OverlayRule& rule) const {
  const auto open_or_held = [](Bits stated, std::optional<int> value) {
    return stated == 0 || !value || (stated & bit(*value)) != 0;
  };
  if (rule.in_force && request_.at < rule.in_force->earliest) return false;
  if (rule.until && request_.at >= rule.until->latest) return false;
  if (!acts_by(rule.actions)) return false;
  if (rule.info != 0 && request_.info != 0 && (rule.info & request_.info) == 0) return false;
  if (!open_or_held(rule.areas, request_.area)) return false;
  if (!open_or_held(rule.purposes, request_.purpose)) return false;
  if (rule.to && !rule.to->test(index(request_.to))) return false;
  return request_.tlp == Tlp::None || request_.tlp >= rule.handling_min;
}

Findings Decision::overlay() const {
  Findings findings;
  const auto* own = model_.overlay(request_.from);
  if (own == nullptr || request_.action == static_cast<int>(Action::Refuse) ||
      request_.action == static_cast<int>(Action::Withdraw)) {
    return findings;
  }
  const auto forbid = [&](Reason reason) {
    add_once(findings.reasons, std::move(reason));
    findings.forbidden = true;
  };
  for (const auto& rule : own->rules) {
    if (!overlay_matches(rule)) continue;
    if (rule.forbids) forbid(reason_overlay(model_, *own, rule));
    for (const auto& need : rule.needs) {
      if (need.kind == Need::Kind::Human) {
        add_once(findings.needs,
                 need_human(model_, why_human(*own, rule, need.name), request_.from));
      } else if (need.kind == Need::Kind::RightsRecord) {
        if (request_.rights_record == RightsRecord::Complete) continue;
        add_once(findings.needs, need_rights_record(model_, request_.from));
      } else if (need.kind != Need::Kind::Fact) {
        continue;  // arrangements are not read in an overlay
      } else if (fact(need.fact) == FactValue::Unknown) {
        add_once(findings.needs, need_fact(model_, need.name, request_.from));
      } else if (fact(need.fact) == FactValue::No) {
        forbid(reason_overlay_lacks(model_, *own, rule, need.name));
      }
    }
  }
  return findings;
}

// --- Section 6: beside the verdict ------------------------------------------------------------

std::vector<Duty> Decision::duties(const Outcome& outcome) const {
  const auto& instrument = *outcome.instrument;
  std::vector<Duty> found;
  for (const auto& clause : instrument.clauses) {
    if (clause.verb != Verb::Require) continue;
    const bool ground =
        std::find(outcome.grounds.begin(), outcome.grounds.end(), &clause) != outcome.grounds.end();
    if (ground || triggered(instrument, clause)) found.push_back(duty(instrument, clause));
  }
  return found;
}

// Whether the action brings this duty with it.
bool Decision::triggered(const Instrument& instrument, const Clause& clause) const {
  return clause.verb == Verb::Require && acts_by(clause.on) && parties_match(instrument, clause) &&
         dimensions_match(clause) && classes_meet(clause, request_.info);
}

// The duties that outlive an instrument bind also where another one is the basis.
void Decision::add_surviving_duties(const std::vector<const Outcome*>& winning,
                                    Verdict& verdict) const {
  for (const auto& instrument : model_.instruments) {
    const bool basis = std::any_of(winning.begin(), winning.end(), [&](const Outcome* outcome) {
      return outcome->instrument == &instrument;
    });
    if (basis || instrument.binding != Binding::Binding) continue;
    if (!ended(instrument, request_.from) && !ended(instrument, request_.to)) continue;
    for (const auto& clause : instrument.clauses) {
      if (clause.survives.value_or(false) && triggered(instrument, clause)) {
        verdict.duties.push_back(duty(instrument, clause));
      }
    }
  }
}

Duty Decision::duty(const Instrument& instrument, const Clause& clause) const {
  constexpr std::int64_t day_micros = seconds_per_day * 1'000'000;
  const auto* sender = instrument.entry(request_.from);
  const auto* recipient = instrument.entry(request_.to);
  const bool dated = clause.within_days && sender != nullptr && recipient != nullptr &&
                     sender->in_force && sender->in_force->full && recipient->in_force &&
                     recipient->in_force->full;
  if (!dated) return duty_entry(model_, instrument, clause, std::nullopt, false);
  const auto later = std::max(sender->in_force->earliest, recipient->in_force->earliest);
  const auto due = later.seconds() / seconds_per_day + *clause.within_days;
  const bool late = request_.at.micros >= (due + 1) * day_micros;
  return duty_entry(model_, instrument, clause, due,
                    late && fact("poc-data-notified") != FactValue::Yes);
}

bool Decision::addressed(const Instrument& instrument) const {
  if (instrument.signed_on && request_.at < instrument.signed_on->earliest) return false;
  if (instrument.addresses_all_states) return state(request_.from) && state(request_.to);
  for (const int party : {request_.from, request_.to}) {
    const auto* entry = instrument.entry(party);
    if (entry == nullptr || entry->status == Membership::NotParty) return false;
  }
  return true;
}

void Decision::add_advice(const std::vector<Outcome>& outcomes, std::vector<Advice>& advice) const {
  for (const auto& instrument : model_.instruments) {
    if (instrument.binding == Binding::Binding || !addressed(instrument)) continue;
    for (const auto& clause : instrument.clauses) {
      if (clause.verb == Verb::Advise && acts_by(clause.actions) && subject_matches(clause) &&
          classes_meet(clause, request_.info)) {
        advice.push_back(advice_entry(instrument, clause));
      }
    }
  }
  for (const auto& outcome : outcomes) {
    for (const auto* clause : outcome.counted) {
      for (const auto& other : clause->see) {
        advice.push_back(advice_see(*outcome.instrument, *clause, other));
      }
    }
  }
}

void Decision::assumed_of_clause(const Instrument& instrument, const Clause& clause,
                                 std::vector<Assumed>& assumed) const {
  if (!clause.assumed.empty()) {
    add_once(assumed, assumed_entry(model_, clause.assumed));
  } else if (!verified(instrument, clause)) {
    add_once(assumed, assumed_unverified(instrument, clause));
  }
}

// The assumption on which entries of one fact rest: none when one of them is a fact of the
// register.
template <typename Entry>
std::string assumption_behind(const std::vector<const Entry*>& entries) {
  for (const auto* entry : entries) {
    if (entry->assumed.empty()) return "";
  }
  return entries.empty() ? "" : entries.front()->assumed;
}

void Decision::assumed_of_designation(const Instrument& instrument, int party, Bits roles,
                                      std::vector<Assumed>& assumed) const {
  const auto entries = designations(instrument, party);
  if (roles == 0 && entries.empty()) {
    add_once(assumed, assumed_designation(model_, instrument, party));
    return;
  }
  const auto add = [&](const std::vector<const Designation*>& candidates) {
    const auto id = assumption_behind(candidates);
    if (!id.empty()) add_once(assumed, assumed_entry(model_, id));
  };
  if (roles == 0) add(entries);
  for (int role = 0; role < 64; ++role) {
    if ((roles & bit(role)) == 0) continue;
    std::vector<const Designation*> of_role;
    for (const auto* entry : entries) {
      if (entry->role == role) of_role.push_back(entry);
    }
    add(of_role);
  }
}

void Decision::assumed_of_arrangement(const Instrument& instrument, const std::string& kind,
                                      std::vector<Assumed>& assumed) const {
  const auto id = assumption_behind(arrangements(instrument, kind));
  if (!id.empty()) add_once(assumed, assumed_entry(model_, id));
}

void Decision::assumed_of(const Outcome& outcome, std::vector<Assumed>& assumed) const {
  const auto& instrument = *outcome.instrument;
  const int sides[] = {request_.from, request_.to};
  for (const int party : sides) {
    const auto* entry = instrument.entry(party);
    const auto id = entry == nullptr ? "" : assumption_of(*entry);
    if (!id.empty()) add_once(assumed, assumed_entry(model_, id));
  }
  for (const int party : sides) {
    if (weak(outcome, party)) add_once(assumed, assumed_weak_date(model_, instrument, party));
  }
  for (const auto* ground : outcome.grounds) {
    assumed_of_clause(instrument, *ground, assumed);
    if (designation_demanded(*ground, true)) {
      assumed_of_designation(instrument, request_.from, request_.from_roles, assumed);
    }
    if (designation_demanded(*ground, false)) {
      assumed_of_designation(instrument, request_.to, request_.to_roles, assumed);
    }
    for (const auto& need : ground->needs) {
      if (need.kind == Need::Kind::Arrangement) {
        assumed_of_arrangement(instrument, need.name, assumed);
      }
    }
  }
}

// --- The whole --------------------------------------------------------------------------------

int strictness(VerdictKind kind) {
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

VerdictKind kind_of(const Findings& findings) {
  if (findings.forbidden) return VerdictKind::Forbidden;
  return findings.needs.empty() ? VerdictKind::Permitted : VerdictKind::Needs;
}

Verdict Decision::run() {
  std::vector<Outcome> outcomes;
  for (const auto& instrument : model_.instruments) {
    if (instrument.binding == Binding::Binding) outcomes.push_back(outcome(instrument));
  }
  const auto between = first_found(outcomes);
  const auto winning = winners(outcomes, between);
  const auto origin = sticking();
  const auto guards = always();
  const auto national = overlay();

  Verdict verdict;
  verdict.register_digest = model_.digest;
  verdict.kind = between;
  for (const auto* findings : {&origin, &guards, &national}) {
    const auto kind = kind_of(*findings);
    if (strictness(kind) > strictness(verdict.kind)) verdict.kind = kind;
  }
  verdict.reasons = reasons_between(outcomes, between);
  for (const auto* outcome : winning) add_all_once(verdict.asserts, outcome->asserts);
  add_all_once(verdict.asserts, origin.asserts);
  for (const auto* findings : {&origin, &guards, &national})
    add_all_once(verdict.reasons, findings->reasons);
  add_advice(outcomes, verdict.advice);
  if (verdict.kind == VerdictKind::Forbidden) return verdict;

  for (const auto* outcome : winning) add_all_once(verdict.needs, outcome->needs);
  for (const auto* findings : {&origin, &guards, &national})
    add_all_once(verdict.needs, findings->needs);
  if (verdict.kind == VerdictKind::NoBasis) return verdict;

  for (const auto* outcome : winning) {
    for (const auto* ground : outcome->carrying) {
      verdict.basis.push_back(
          basis_entry(*outcome->instrument, *ground, verified(*outcome->instrument, *ground)));
    }
    verdict.duties.insert(verdict.duties.end(), outcome->duties.begin(), outcome->duties.end());
    if (mode_ == Mode::Exercise) assumed_of(*outcome, verdict.assumed);
  }
  add_surviving_duties(winning, verdict);
  if (mode_ == Mode::Exercise) {
    for (const auto& [instrument, clause] : origin_clauses_) {
      assumed_of_clause(*instrument, *clause, verdict.assumed);
    }
  }
  return verdict;
}

}  // namespace

Verdict decide_by_reference(const Model& model, const Verifications& own, Mode mode,
                            const ResolvedRequest& request) {
  return Decision(model, own, mode, request).run();
}

}  // namespace comity::treaty
