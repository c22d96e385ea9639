#include "treaty/compiled.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "treaty/audience_memo.h"
#include "treaty/clause_rows.h"
#include "treaty/epoch.h"
#include "treaty/phrases.h"

namespace comity::treaty {
namespace {

template <typename T>
void add_once(std::vector<T>& list, T value) {
  if (std::find(list.begin(), list.end(), value) == list.end()) list.push_back(std::move(value));
}

bool holds_both(const PartySet& set, int a, int b) {
  return set.test(static_cast<std::size_t>(a)) && set.test(static_cast<std::size_t>(b));
}

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

bool bound(Standing standing) {
  return standing == Standing::Live || standing == Standing::Unknown;
}

// What one instrument says to one request.
struct Finding {
  const InstrumentRows* rows = nullptr;
  VerdictKind outcome = VerdictKind::NoBasis;
  std::vector<const ClauseRow*> grounds;
  std::vector<NeedEntry> needs;
  std::vector<std::pair<const ClauseRow*, const char*>> forbids;  // with the code of the reason
  std::vector<const ClauseRow*> judged_no;
  std::vector<Assumed> assumed;  // by grounds: their clauses, designations, arrangements
  std::vector<Bits> common;      // by passage: the classes for which every reading is a ground
  Bits uncovered = 0;            // classes without ground while others have one
  std::vector<Duty> duties;
  std::vector<const Suspension*> suspensions;  // without which the instrument would cover all

  // As new, but with the memory it has.
  void begin(const InstrumentRows& instrument_rows) {
    rows = &instrument_rows;
    outcome = VerdictKind::NoBasis;
    grounds.clear();
    needs.clear();
    forbids.clear();
    judged_no.clear();
    assumed.clear();
    common.clear();
    uncovered = 0;
    duties.clear();
    suspensions.clear();
  }

  bool all_verified() const {
    return std::all_of(grounds.begin(), grounds.end(),
                       [](const auto* row) { return row->verified; });
  }
  // Whether a ground holds under every reading of its passage.
  bool carries(const ClauseRow& row) const {
    return row.passage < 0 || common[static_cast<std::size_t>(row.passage)] != 0;
  }
};

// One evaluation of one request. Without words only the kind is worked out: needs and reasons are
// counted as empty entries and the sentences are never built.
class Evaluation {
 public:
  Evaluation(const CompiledRows& compiled, const ResolvedRequest& request, int to, bool words)
      : rows_(compiled),
        model_(*compiled.model),
        request_(request),
        to_(to),
        words_(words),
        exercise_(compiled.mode == Mode::Exercise),
        onward_(!request.chain.empty() &&
                (bit(request.action) & (bit(Action::Share) | bit(Action::Onward))) != 0),
        transfer_((bit(request.action) & transfer_actions) != 0),
        acts_(onward_ ? bit(Action::Share) | bit(Action::Onward) : bit(request.action)),
        area_(request.area ? bit(*request.area) : 0),
        purpose_(request.purpose ? bit(*request.purpose) : 0),
        refuses_(request.action == static_cast<int>(Action::Refuse)),
        ground_(refuses_ && request.refusal_ground ? bit(*request.refusal_ground) : 0),
        unclosable_((ground_ & compiled.kept_grounds) != 0),
        t_(request.at.micros) {}

  Verdict run();
  // The kind for every party, by groups; for a record that was not received only.
  Audience audience(const Epoch& epoch);

 private:
  // Tests of one row, all of them mask operations.
  bool acts(const ClauseRow& row) const { return (row.actions & acts_) != 0; }
  bool topic(const ClauseRow& row) const {
    return (row.areas == 0 || (row.areas & area_) != 0) &&
           (row.purposes == 0 || (row.purposes & purpose_) != 0);
  }
  static bool roles_fit(Bits stated, Bits asked) { return stated == 0 || (asked & ~stated) == 0; }
  bool dimensions(const ClauseRow& row) const {
    return topic(row) && (row.handling_max == Tlp::None || request_.tlp <= row.handling_max) &&
           roles_fit(row.from_roles, request_.from_roles) &&
           roles_fit(row.to_roles, request_.to_roles);
  }
  bool meets_classes(const ClauseRow& row) const {
    return row.info == 0 || request_.info == 0 || (row.info & request_.info) != 0;
  }
  // The classes of the request; one bit that stands for none where it has none.
  Bits asked() const { return request_.info == 0 ? Bits{1} : request_.info; }
  Bits asked_of(const ClauseRow& row) const {
    return row.info == 0 || request_.info == 0 ? asked() : row.info & request_.info;
  }
  bool side(SideKind kind, const PartySet& listed, int party, Standing standing) const;
  bool parties(const ClauseRow& row) const {
    return row.from != SideKind::ThirdParties &&
           side(row.from, row.clause->from.listed, request_.from,
                row.survives ? from_surviving_ : from_standing_) &&
           side(row.to, row.clause->to.listed, to_, row.survives ? to_surviving_ : to_standing_);
  }
  // Whether the refusal names a ground that the clause does not have.
  bool other_ground(const ClauseRow& row) const {
    return row.refusal_grounds != 0 && ground_ != 0 && (row.refusal_grounds & ground_) == 0 &&
           !unclosable_;
  }
  FactValue fact(int index) const { return request_.facts[static_cast<std::size_t>(index)]; }
  bool judgement(int index) const {
    return model_.vocabulary.facts[static_cast<std::size_t>(index)].judgement;
  }
  // The value that counts: an unstated judgement of the sender is "no".
  FactValue taken(int index) const {
    const bool stated = request_.stated[static_cast<std::size_t>(index)];
    return judgement(index) && !stated ? FactValue::No : fact(index);
  }
  Consent consent(int originator) const {
    const auto it = request_.consents.find({originator, to_});
    return it == request_.consents.end() ? Consent::Unknown : it->second;
  }
  template <typename Make>
  void need(std::vector<NeedEntry>& needs, Make make) const {
    if (words_) {
      add_once(needs, make());
    } else if (needs.empty()) {
      needs.emplace_back();
    }
  }
  void need_of_fact(std::vector<NeedEntry>& needs, int index) const {
    need(needs, [&] {
      return need_fact(model_, model_.vocabulary.facts[static_cast<std::size_t>(index)].id,
                       request_.from);
    });
  }
  template <typename Make>
  void reason(Make make) {
    if (words_) add_once(verdict_.reasons, make());
  }

  // Section 2.
  void find(const InstrumentRows& rows, Finding& finding);
  bool touches(const InstrumentRows& rows) const;
  void stand(const InstrumentRows& rows);
  Standing surviving(const InstrumentRows& rows, int party, Standing standing) const;
  Standing standing_in(const Finding& finding, int party) const;
  bool collect_grounds(Finding& finding) const;
  void but_for_suspensions(Finding& finding);
  void basis_forbids(Finding& finding) const;
  void membership_needs(Finding& finding) const;
  void ground_needs(Finding& finding, const ClauseRow& row) const;
  const Designation* designated(const Finding& finding, int party, std::optional<int> role) const;
  void designation(Finding& finding, int party, Bits roles) const;
  void arrangement(Finding& finding, const Clause& clause, const std::string& kind) const;

  // Sections 3 to 6.
  VerdictKind between(std::vector<Finding>& findings);
  void reasons_of(const Finding& finding, VerdictKind result);
  void reading_reasons(const Finding& finding, Bits one);
  void origin_layer();
  enum class Fellow { Yes, No, Unknown, WhenReceived };
  int receiver(std::size_t hop) const {
    return hop + 1 < request_.chain.size() ? request_.chain[hop + 1].originator : request_.from;
  }
  Fellow fellow(std::size_t hop, History history) const;
  void need_fellow(std::size_t hop, Fellow fellow);
  void origin_forbid(std::size_t number, const ClauseRow& row);
  void tlp_layer();
  void tlp_consent(int originator);
  void always_layer();
  void later_layers();
  void overlay_layer();
  bool overlay_acts(const OverlayRow& row) const;
  void overlay_needs(const Overlay& overlay, const OverlayRow& row);
  void forbid_result() { forbidden_ = true; }
  std::vector<Duty> duties(const InstrumentRows& rows, const Finding& finding) const;
  Duty duty_of(const InstrumentRows& rows, const ClauseRow& row) const;
  bool triggered(const ClauseRow& row) const {
    return (row.on & acts_) != 0 && parties(row) && dimensions(row) && meets_classes(row);
  }
  void surviving_duties(const std::vector<Finding>& winning);
  std::optional<std::int64_t> due_day(const InstrumentRows& rows, const Clause& clause) const;
  void advise();
  void see_advice(const std::vector<Finding>& findings);
  void assume(const Finding& finding);
  void assume_clause(const Instrument& instrument, const ClauseRow& row,
                     std::vector<Assumed>& list) const;

  const CompiledRows& rows_;
  const Model& model_;
  const ResolvedRequest& request_;
  int to_;
  const bool words_, exercise_, onward_, transfer_;
  const Bits acts_, area_, purpose_;
  const bool refuses_;
  const Bits ground_;      // of the refusal; 0: none
  const bool unclosable_;  // a refusal on a ground that no forbid meets
  const std::int64_t t_;

  Standing from_standing_ = Standing::Not,
           to_standing_ = Standing::Not;  // of the instrument at hand
  // The same for duties that outlive it.
  Standing from_surviving_ = Standing::Not, to_surviving_ = Standing::Not;
  Verdict verdict_;
  std::vector<NeedEntry> later_needs_;  // of sections 4 and 5
  std::vector<Assumed> origin_assumed_;
  bool forbidden_ = false;  // by section 4 or 5
};

bool Evaluation::side(SideKind kind, const PartySet& listed, int party, Standing standing) const {
  switch (kind) {
    case SideKind::Parties:
      return bound(standing) && rows_.states.test(static_cast<std::size_t>(party));
    case SideKind::Listed:
      return bound(standing) && listed.test(static_cast<std::size_t>(party));
    case SideKind::ThirdParties:
      return (standing == Standing::Not || standing == Standing::Unknown) &&
             rows_.states.test(static_cast<std::size_t>(party));
  }
  return false;
}

// True when every class has a ground that holds under every reading.
bool Evaluation::collect_grounds(Finding& finding) const {
  Bits covered = 0;
  const auto& sizes = finding.rows->passages;
  finding.common.assign(sizes.size(), asked());
  auto left = sizes;  // readings of each passage that are no ground yet
  for (const auto& row : finding.rows->grounds) {
    if (!acts(row) || !dimensions(row) || !meets_classes(row) || !parties(row)) continue;
    const auto& needs = row.clause->needs;
    const bool excluded = std::any_of(needs.begin(), needs.end(), [&](const Need& item) {
      return item.kind == Need::Kind::Fact && taken(item.fact) == FactValue::No;
    });
    if (excluded || other_ground(row)) continue;
    finding.grounds.push_back(&row);
    if (row.passage < 0) {
      covered |= asked_of(row);
    } else {
      finding.common[static_cast<std::size_t>(row.passage)] &= asked_of(row);
      --left[static_cast<std::size_t>(row.passage)];
    }
  }
  for (std::size_t i = 0; i < left.size(); ++i) {
    if (left[i] != 0) finding.common[i] = 0;
    covered |= finding.common[i];
  }
  finding.uncovered = asked() & ~covered;
  return finding.uncovered == 0;
}

void Evaluation::basis_forbids(Finding& finding) const {
  if (unclosable_) return;
  for (const auto& row : finding.rows->basis_forbids) {
    if (!acts(row) || !dimensions(row) || !meets_classes(row) || !parties(row)) continue;
    const auto& clause = *row.clause;
    if (clause.when && taken(*clause.when) == FactValue::No) {
      if (judgement(*clause.when)) finding.judged_no.push_back(&row);
      continue;
    }
    const bool fact_unknown = clause.when && taken(*clause.when) == FactValue::Unknown;
    const bool own_record = request_.chain.empty();
    const auto given = own_record ? Consent::Granted : consent(request_.chain.front().originator);
    if (clause.except_consent && given == Consent::Granted) continue;
    if (fact_unknown) need_of_fact(finding.needs, *clause.when);
    if (clause.except_consent && given == Consent::Unknown) {
      need(finding.needs, [&] {
        return need_consent(model_, request_.chain.front().originator, to_,
                            why_clause(*finding.rows->instrument, clause));
      });
    } else if (!fact_unknown) {
      finding.forbids.emplace_back(&row, clause.except_consent ? "refused" : "forbidden");
    }
  }
}

void Evaluation::membership_needs(Finding& finding) const {
  const auto& instrument = *finding.rows->instrument;
  const auto unknown = [&](int party, bool as_party, bool as_third) {
    const auto* row = finding.rows->member(party);
    if (row->status_unknown) {
      need(finding.needs,
           [&] { return need_membership(model_, instrument, party, "party-status"); });
      return;
    }
    if (as_party) {
      need(finding.needs, [&] { return need_membership(model_, instrument, party, "in-force"); });
    }
    if (as_third) {
      need(finding.needs,
           [&] { return need_membership(model_, instrument, party, "party-status"); });
    }
  };
  if (standing_in(finding, request_.from) == Standing::Unknown) {
    unknown(request_.from, true, false);
  }
  if (standing_in(finding, to_) == Standing::Unknown) {
    bool as_party = false, as_third = false;
    for (const auto* row : finding.grounds) {
      (row->to == SideKind::ThirdParties ? as_third : as_party) = true;
    }
    unknown(to_, as_party, as_third && to_standing_ == Standing::Unknown);
  }
  if (exercise_) return;
  for (const int party : {request_.from, to_}) {
    const auto* row = finding.rows->member(party);
    if (row != nullptr && row->weak && standing_in(finding, party) == Standing::Live) {
      need(finding.needs, [&] { return need_membership(model_, instrument, party, "in-force"); });
    }
  }
}

// The entry to rest on: one of the register before one that is assumed, then the first.
const Designation* Evaluation::designated(const Finding& finding, int party,
                                          std::optional<int> role) const {
  const Designation* found = nullptr;
  for (const auto* entry : finding.rows->designations) {
    if (entry->party != party || !live_since(entry->since, t_)) continue;
    if (entry->areas != 0 && (entry->areas & area_) == 0) continue;
    if (role && entry->role != role) continue;
    if (entry->assumed.empty()) return entry;
    if (found == nullptr) found = entry;
  }
  return found;
}

void Evaluation::designation(Finding& finding, int party, Bits roles) const {
  const auto& instrument = *finding.rows->instrument;
  const auto rest_on = [&](const Designation& entry) {
    if (words_ && !entry.assumed.empty()) {
      add_once(finding.assumed, assumed_entry(model_, entry.assumed));
    }
  };
  if (roles == 0) {
    const auto* entry = designated(finding, party, std::nullopt);
    if (entry != nullptr) {
      rest_on(*entry);
    } else if (exercise_) {
      if (words_) add_once(finding.assumed, assumed_designation(model_, instrument, party));
    } else {
      need(finding.needs, [&] { return need_designation(model_, instrument, party); });
    }
    return;
  }
  bool missing = false;
  for (int role = 0; role < 64; ++role) {
    if ((roles & bit(role)) == 0) continue;
    const auto* entry = designated(finding, party, role);
    if (entry == nullptr) {
      missing = true;
    } else {
      rest_on(*entry);
    }
  }
  if (missing) need(finding.needs, [&] { return need_role(model_, instrument, party); });
}

void Evaluation::arrangement(Finding& finding, const Clause& clause,
                             const std::string& kind) const {
  const Arrangement* found = nullptr;
  for (const auto* entry : finding.rows->arrangements) {
    if (entry->kind != kind || !holds_both(entry->parties, request_.from, to_) ||
        !live_since(entry->in_force, t_)) {
      continue;
    }
    if (found == nullptr || (!found->assumed.empty() && entry->assumed.empty())) found = entry;
  }
  if (found == nullptr) {
    need(finding.needs, [&] {
      return need_arrangement(model_, *finding.rows->instrument, clause, kind, request_.from, to_);
    });
  } else if (words_ && !found->assumed.empty()) {
    add_once(finding.assumed, assumed_entry(model_, found->assumed));
  }
}

void Evaluation::ground_needs(Finding& finding, const ClauseRow& row) const {
  const auto& instrument = *finding.rows->instrument;
  const auto& clause = *row.clause;
  if (words_ && exercise_) assume_clause(instrument, row, finding.assumed);
  if (!exercise_ && !row.verified) {
    need(finding.needs,
         [&] { return need_verification(model_, instrument, clause, request_.from); });
  }
  if (clause.from.designated) designation(finding, request_.from, request_.from_roles);
  const bool one_body = request_.tlp == Tlp::AmberStrict || request_.tlp == Tlp::Red;
  if (clause.to.designated || (transfer_ && one_body)) {
    designation(finding, to_, request_.to_roles);
  }
  if (row.from_roles != 0 && request_.from_roles == 0) {
    need(finding.needs, [&] { return need_role(model_, instrument, request_.from); });
  }
  if (row.to_roles != 0 && request_.to_roles == 0) {
    need(finding.needs, [&] { return need_role(model_, instrument, to_); });
  }
  for (const auto& item : clause.needs) {
    switch (item.kind) {
      case Need::Kind::Arrangement:
        arrangement(finding, clause, item.name);
        break;
      case Need::Kind::Human:
        need(finding.needs, [&] {
          return need_human(model_, why_human(instrument, clause, item.name), request_.from);
        });
        break;
      case Need::Kind::RightsRecord:
        if (request_.rights_record != RightsRecord::Complete) {
          need(finding.needs, [&] { return need_rights_record(model_, request_.from); });
        }
        break;
      case Need::Kind::Fact:
        if (taken(item.fact) == FactValue::Unknown) need_of_fact(finding.needs, item.fact);
        break;
    }
  }
  if (refuses_ && row.refusal_grounds != 0 && ground_ == 0) {
    need(finding.needs, [&] { return need_fact(model_, "refusal-ground", request_.from); });
  }
}

// What is suspended carries nothing. Which suspensions stand in the way is said where the
// instrument would cover the request without them.
void Evaluation::but_for_suspensions(Finding& finding) {
  if (!words_) return;
  const auto& rows = *finding.rows;
  const auto without = [&](int party) {
    const auto* row = rows.member(party);
    return row == nullptr ? Standing::Not : row->but_for_suspensions(t_);
  };
  const auto from = std::exchange(from_standing_, without(request_.from));
  const auto to = std::exchange(to_standing_, without(to_));
  from_surviving_ = surviving(rows, request_.from, from_standing_);
  to_surviving_ = surviving(rows, to_, to_standing_);
  Finding otherwise;
  otherwise.rows = &rows;
  if (!collect_grounds(otherwise)) return;
  if (from == Standing::Suspended) {
    finding.suspensions.push_back(rows.member(request_.from)->suspension(t_));
  }
  if (to == Standing::Suspended) finding.suspensions.push_back(rows.member(to_)->suspension(t_));
}

Standing Evaluation::surviving(const InstrumentRows& rows, int party, Standing standing) const {
  if (standing != Standing::Not || !rows.some_survive) return standing;
  const auto* row = rows.member(party);
  return row != nullptr && row->ended(t_) ? row->but_for_end(t_) : standing;
}

// How a party stands in an instrument that is a basis by the grounds found.
Standing Evaluation::standing_in(const Finding& finding, int party) const {
  const auto standing = finding.rows->standing(party, t_);
  const bool outlived = std::any_of(finding.grounds.begin(), finding.grounds.end(),
                                    [](const auto* row) { return row->survives; });
  return outlived ? surviving(*finding.rows, party, standing) : standing;
}

// Takes the standings of both sides in an instrument.
void Evaluation::stand(const InstrumentRows& rows) {
  from_standing_ = rows.standing(request_.from, t_);
  to_standing_ = rows.standing(to_, t_);
  from_surviving_ = surviving(rows, request_.from, from_standing_);
  to_surviving_ = surviving(rows, to_, to_standing_);
}

void Evaluation::find(const InstrumentRows& rows, Finding& finding) {
  finding.begin(rows);
  stand(rows);
  if (from_standing_ == Standing::Not && from_surviving_ == Standing::Not) return;
  if (from_standing_ == Standing::Suspended || to_standing_ == Standing::Suspended) {
    but_for_suspensions(finding);
    return;
  }
  const bool covered = collect_grounds(finding);
  std::vector<NeedEntry> forbid_needs;
  basis_forbids(finding);
  if (!finding.needs.empty()) std::swap(forbid_needs, finding.needs);
  if (!finding.forbids.empty()) {
    finding.outcome = VerdictKind::Forbidden;
    return;
  }
  if (!covered) return;
  membership_needs(finding);
  for (const auto* row : finding.grounds) ground_needs(finding, *row);
  for (auto& item : forbid_needs) need(finding.needs, [&] { return item; });
  finding.outcome = finding.needs.empty() ? VerdictKind::Permitted : VerdictKind::Needs;
}

// Whether some clause could say something, whoever the recipient is.
bool Evaluation::touches(const InstrumentRows& rows) const {
  if ((rows.acts & acts_) == 0) return false;
  const auto touched = [&](const ClauseRow& row) {
    return acts(row) && topic(row) && meets_classes(row);
  };
  return std::any_of(rows.grounds.begin(), rows.grounds.end(), touched) ||
         std::any_of(rows.basis_forbids.begin(), rows.basis_forbids.end(), touched);
}

void Evaluation::reasons_of(const Finding& finding, VerdictKind result) {
  const auto& instrument = *finding.rows->instrument;
  for (const auto* suspension : finding.suspensions) {
    reason([&] { return reason_suspended(model_, instrument, *suspension); });
  }
  if (finding.outcome == VerdictKind::Forbidden) {
    for (const auto& forbid : finding.forbids) {
      reason(
          [&] { return reason_forbid(model_, instrument, *forbid.first->clause, forbid.second); });
    }
  } else if (finding.outcome == VerdictKind::Needs && result == VerdictKind::Permitted) {
    for (const auto& item : finding.needs) reason([&] { return reason_need(instrument, item); });
  } else if (finding.outcome == VerdictKind::NoBasis && !finding.grounds.empty()) {
    if (request_.info == 0) {
      reading_reasons(finding, asked());
      return;
    }
    for (int k = 0; k < 64; ++k) {
      if ((finding.uncovered & bit(k)) == 0) continue;
      reason([&] { return reason_not_covered(model_, instrument, k); });
      reading_reasons(finding, bit(k));
    }
  }
}

// The readings that are no ground for a class while another reading of their passage is one.
void Evaluation::reading_reasons(const Finding& finding, Bits one) {
  const auto grounds_it = [&](const auto* row) { return (asked_of(*row) & one) != 0; };
  for (const auto& row : finding.rows->readings) {
    const auto& grounds = finding.grounds;
    const bool itself = std::any_of(grounds.begin(), grounds.end(), [&](const auto* ground) {
      return ground->clause == row.clause && grounds_it(ground);
    });
    const bool rival = std::any_of(grounds.begin(), grounds.end(), [&](const auto* ground) {
      return ground->passage == row.passage && grounds_it(ground);
    });
    if (itself || !rival) continue;
    reason([&] { return reason_reading(*finding.rows->instrument, *row.clause); });
  }
}

// Section 3. Leaves the winning instruments in `findings`, in their order.
VerdictKind Evaluation::between(std::vector<Finding>& findings) {
  auto result = VerdictKind::NoBasis;
  for (const auto candidate :
       {VerdictKind::Permitted, VerdictKind::Needs, VerdictKind::Forbidden}) {
    if (std::any_of(findings.begin(), findings.end(),
                    [&](const Finding& f) { return f.outcome == candidate; })) {
      result = candidate;
      break;
    }
  }
  if (!words_) return result;
  for (const auto& finding : findings) reasons_of(finding, result);
  see_advice(findings);
  if (result != VerdictKind::Permitted && result != VerdictKind::Needs) {
    findings.clear();
    return result;
  }
  std::erase_if(findings, [&](const Finding& f) { return f.outcome != result; });
  for (auto& finding : findings) {
    stand(*finding.rows);
    finding.duties = duties(*finding.rows, finding);
  }
  std::stable_sort(findings.begin(), findings.end(), [](const Finding& a, const Finding& b) {
    const auto key = [](const Finding& f) {
      return std::tuple(!f.all_verified(), -static_cast<std::int64_t>(f.duties.size()),
                        f.rows->instrument->level_rank(), std::string_view(f.rows->instrument->id));
    };
    return key(a) < key(b);
  });
  for (const auto& finding : findings) {
    const auto& instrument = *finding.rows->instrument;
    for (const auto* row : finding.grounds) {
      if (!finding.carries(*row)) continue;
      verdict_.basis.push_back(basis_entry(instrument, *row->clause, row->verified));
    }
    if (result == VerdictKind::Needs) {
      for (const auto& item : finding.needs) add_once(verdict_.needs, item);
    }
    for (const auto& duty : finding.duties) verdict_.duties.push_back(duty);
    for (const auto* row : finding.judged_no) {
      add_once(verdict_.asserts,
               assertion_entry(model_, instrument, *row->clause, *row->clause->when));
    }
  }
  return result;
}

// Section 4.
// Whether the recipient is a fellow party for what came by this hop, also if that was long ago.
Evaluation::Fellow Evaluation::fellow(std::size_t number, History history) const {
  const auto& hop = request_.chain[number];
  const auto& rows = rows_.instruments[static_cast<std::size_t>(hop.instrument)];
  const auto* row = rows.member(to_);
  const auto of = [](Standing standing) {
    return standing == Standing::Live      ? Fellow::Yes
           : standing == Standing::Unknown ? Fellow::Unknown
                                           : Fellow::No;
  };
  const auto now = of(row == nullptr ? Standing::Not : row->standing(t_));
  if (now != Fellow::Yes || history == History::All) return now;
  if (hop.at) return of(row->but_for_suspensions(std::min(hop.at->micros, t_)));
  if (history == History::Unstated) return now;
  for (const int party : {hop.originator, receiver(number)}) {
    const auto* side = rows.member(party);
    if (side != nullptr && side->sure_not_before >= row->live_from) return now;
  }
  return Fellow::WhenReceived;
}

void Evaluation::need_fellow(std::size_t number, Fellow fellow) {
  const auto& hop = request_.chain[number];
  const auto& instrument = model_.instruments[static_cast<std::size_t>(hop.instrument)];
  need(later_needs_, [&] {
    return fellow == Fellow::Unknown
               ? need_membership(model_, instrument, to_, "party-status")
               : need_received_at(model_, instrument, hop.originator, request_.from);
  });
}

void Evaluation::origin_forbid(std::size_t number, const ClauseRow& row) {
  const auto& hop = request_.chain[number];
  const auto& rows = rows_.instruments[static_cast<std::size_t>(hop.instrument)];
  const auto& instrument = *rows.instrument;
  const auto& clause = *row.clause;
  if (!acts(row) || !meets_classes(row) || !topic(row) || to_ == hop.originator) return;
  if (clause.survives && !*clause.survives &&
      (rows.surely_ended(hop.originator, t_) || rows.surely_ended(receiver(number), t_))) {
    return;
  }
  if (row.to == SideKind::ThirdParties) {
    const auto history = clause.history == History::Unstated ? instrument.history : clause.history;
    const auto recipient = fellow(number, history);
    if (recipient == Fellow::Yes) return;
    if (recipient != Fellow::No) {
      need_fellow(number, recipient);
      return;
    }
  }
  if (row.to == SideKind::Listed && !clause.to.listed.test(static_cast<std::size_t>(to_))) return;
  if (clause.when && taken(*clause.when) == FactValue::No) {
    if (words_ && judgement(*clause.when)) {
      add_once(verdict_.asserts, assertion_entry(model_, instrument, clause, *clause.when));
    }
    return;
  }
  const bool fact_unknown = clause.when && taken(*clause.when) == FactValue::Unknown;
  const auto given = consent(hop.originator);
  const bool lifted = clause.except_consent && given == Consent::Granted;
  if (!lifted && fact_unknown) need_of_fact(later_needs_, *clause.when);
  const bool asked = clause.except_consent && given == Consent::Unknown;
  if (words_ && exercise_ && (lifted || asked || !fact_unknown)) {
    assume_clause(instrument, row, origin_assumed_);
  }
  if (lifted) return;
  if (asked) {
    need(later_needs_,
         [&] { return need_consent(model_, hop.originator, to_, why_clause(instrument, clause)); });
  } else if (!fact_unknown) {
    forbid_result();
    reason([&] {
      return reason_forbid(model_, instrument, clause,
                           clause.except_consent ? "refused" : "origin-forbids");
    });
  }
}

void Evaluation::tlp_consent(int originator) {
  const auto given = consent(originator);
  if (given == Consent::Refused) {
    forbid_result();
    reason([&] { return reason_tlp_refused(model_, originator, to_); });
  } else if (given == Consent::Unknown) {
    need(later_needs_,
         [&] { return need_consent(model_, originator, to_, why_tlp(request_.tlp)); });
  }
}

void Evaluation::tlp_layer() {
  if (!transfer_) return;
  const auto tlp = request_.tlp;
  if (tlp == Tlp::None) {
    need(later_needs_, [&] { return need_fact(model_, "handling", request_.from); });
    return;
  }
  if (tlp == Tlp::Red) {
    need(later_needs_, [&] { return need_human(model_, why_human_red(), request_.from); });
  }
  const bool back = onward_ && to_ == request_.chain.front().originator;
  if (tlp == Tlp::Amber || tlp == Tlp::AmberStrict || tlp == Tlp::Red) {
    const Bits outside = bit(rows_.private_owner) | bit(rows_.research);
    if ((request_.to_roles & outside) != 0) {
      forbid_result();
      reason([&] { return reason_tlp(tlp, why_tlp_role()); });
    }
  }
  if (!onward_ || back) return;
  if (tlp == Tlp::AmberStrict || tlp == Tlp::Red) {
    forbid_result();
    reason([&] { return reason_tlp(tlp, why_tlp_onward()); });
  } else if (tlp == Tlp::Amber) {
    tlp_consent(request_.chain.front().originator);
  } else if (tlp == Tlp::Green) {
    for (std::size_t number = 0; number < request_.chain.size(); ++number) {
      const auto& hop = request_.chain[number];
      const auto recipient =
          fellow(number, model_.instruments[static_cast<std::size_t>(hop.instrument)].history);
      if (recipient == Fellow::No) {
        tlp_consent(hop.originator);
      } else if (recipient != Fellow::Yes) {
        need_fellow(number, recipient);
      }
    }
  }
}

void Evaluation::origin_layer() {
  if (unclosable_) return;
  for (std::size_t number = 0; number < request_.chain.size(); ++number) {
    const auto instrument = static_cast<std::size_t>(request_.chain[number].instrument);
    for (const auto& row : rows_.instruments[instrument].origin_forbids) {
      origin_forbid(number, row);
    }
  }
  tlp_layer();
}

// Section 5.
void Evaluation::always_layer() {
  // Declining stays open, whatever the request holds.
  constexpr Bits declining = bit(Action::Refuse) | bit(Action::Withdraw);
  if ((bit(request_.action) & declining) != 0) return;
  if ((request_.info & bit(rows_.state_secret)) != 0) {
    forbid_result();
    reason([&] { return reason_guard("secrecy-guard"); });
  }
  if ((request_.info & (bit(rows_.traffic_data) | bit(rows_.subscriber_data))) != 0) {
    const auto order = taken(rows_.court_order);
    if (area_ != bit(rows_.area_evidence) || order == FactValue::No) {
      forbid_result();
      reason([&] { return reason_guard("evidence-guard"); });
    } else if (order == FactValue::Unknown) {
      need(later_needs_, [&] { return need_fact(model_, "court-order", request_.from); });
    }
  }
  if ((request_.info & bit(rows_.content_data)) != 0 || area_ == bit(rows_.area_content)) {
    switch (request_.rights_record) {
      case RightsRecord::Absent:
        forbid_result();
        reason([&] { return reason_guard("content-gate"); });
        break;
      case RightsRecord::Incomplete:
        need(later_needs_, [&] { return need_rights_record(model_, request_.from); });
        break;
      case RightsRecord::Complete:
        need(later_needs_, [&] { return need_human(model_, why_human_content(), request_.from); });
        break;
    }
  }
  if (request_.attribution == FactValue::Yes) {
    need(later_needs_, [&] { return need_human(model_, why_human_attribution(), request_.from); });
  }
}

// A value that the request does not state is as good as any.
bool Evaluation::overlay_acts(const OverlayRow& row) const {
  return (row.actions & acts_) != 0 && t_ >= row.begins && t_ < row.ends &&
         (row.info == 0 || request_.info == 0 || (row.info & request_.info) != 0) &&
         (row.areas == 0 || area_ == 0 || (row.areas & area_) != 0) &&
         (row.purposes == 0 || purpose_ == 0 || (row.purposes & purpose_) != 0) &&
         (request_.tlp == Tlp::None || request_.tlp >= row.handling_min) &&
         (!row.rule->to || row.rule->to->test(static_cast<std::size_t>(to_)));
}

void Evaluation::overlay_needs(const Overlay& overlay, const OverlayRow& row) {
  for (const auto& item : row.rule->needs) {
    switch (item.kind) {
      case Need::Kind::Arrangement:  // not read in an overlay
        break;
      case Need::Kind::Human:
        need(later_needs_, [&] {
          return need_human(model_, why_human(overlay, *row.rule, item.name), request_.from);
        });
        break;
      case Need::Kind::RightsRecord:
        if (request_.rights_record != RightsRecord::Complete) {
          need(later_needs_, [&] { return need_rights_record(model_, request_.from); });
        }
        break;
      case Need::Kind::Fact:
        if (taken(item.fact) == FactValue::Unknown) need_of_fact(later_needs_, item.fact);
        if (taken(item.fact) != FactValue::No) break;
        forbid_result();
        reason([&] { return reason_overlay_lacks(model_, overlay, *row.rule, item.name); });
        break;
    }
  }
}

// The last layer: the sender's own law.
void Evaluation::overlay_layer() {
  const auto* own = rows_.overlay_of(request_.from);
  constexpr Bits declining = bit(Action::Refuse) | bit(Action::Withdraw);
  if (own == nullptr || (bit(request_.action) & declining) != 0) return;
  for (const auto& row : own->rows) {
    if (!overlay_acts(row)) continue;
    if (row.rule->forbids) {
      forbid_result();
      reason([&] { return reason_overlay(model_, *own->overlay, *row.rule); });
    }
    overlay_needs(*own->overlay, row);
  }
}

// Section 6.
std::optional<std::int64_t> Evaluation::due_day(const InstrumentRows& rows,
                                                const Clause& clause) const {
  if (!clause.within_days) return std::nullopt;
  std::int64_t later = always;
  for (const int party : {request_.from, to_}) {
    const auto* row = rows.member(party);
    if (row == nullptr || !row->entry->in_force || !row->entry->in_force->full) return std::nullopt;
    later = std::max(later, row->entry->in_force->earliest.seconds());
  }
  return later / seconds_per_day + *clause.within_days;
}

std::vector<Duty> Evaluation::duties(const InstrumentRows& rows, const Finding& finding) const {
  std::vector<Duty> out;
  for (const auto& row : rows.duties) {
    const bool is_ground = std::any_of(finding.grounds.begin(), finding.grounds.end(),
                                       [&](const auto* g) { return g->clause == row.clause; });
    if (is_ground || triggered(row)) out.push_back(duty_of(rows, row));
  }
  return out;
}

Duty Evaluation::duty_of(const InstrumentRows& rows, const ClauseRow& row) const {
  const auto due = due_day(rows, *row.clause);
  const bool overdue = due && request_.at.seconds() >= (*due + 1) * seconds_per_day &&
                       taken(rows_.poc_data_notified) != FactValue::Yes;
  return duty_entry(model_, *rows.instrument, *row.clause, due, overdue);
}

// What outlives an instrument binds also where another one is the basis.
void Evaluation::surviving_duties(const std::vector<Finding>& winning) {
  for (const int index : rows_.surviving) {
    const auto& rows = rows_.instruments[static_cast<std::size_t>(index)];
    const bool basis = std::any_of(winning.begin(), winning.end(),
                                   [&](const Finding& f) { return f.rows == &rows; });
    if (basis || (!rows.ended(request_.from, t_) && !rows.ended(to_, t_))) continue;
    stand(rows);
    for (const auto& row : rows.duties) {
      if (row.survives && triggered(row)) verdict_.duties.push_back(duty_of(rows, row));
    }
  }
}

void Evaluation::advise() {
  std::vector<Advice> soft;
  const bool both_states = holds_both(rows_.states, request_.from, to_);
  for (const int index : rows_.soft) {
    const auto& rows = rows_.instruments[static_cast<std::size_t>(index)];
    const auto& instrument = *rows.instrument;
    if (instrument.signed_on && t_ < instrument.signed_on->earliest.micros) continue;
    if (instrument.addresses_all_states) {
      if (!both_states) continue;
    } else {
      const auto* from = rows.member(request_.from);
      const auto* to = rows.member(to_);
      if (from == nullptr || to == nullptr || from->not_party || to->not_party) continue;
    }
    for (const auto& row : rows.advises) {
      if (acts(row) && topic(row) && meets_classes(row)) {
        soft.push_back(advice_entry(instrument, *row.clause));
      }
    }
  }
  // What forbids point to follows what soft instruments advise.
  for (auto& item : verdict_.advice) soft.push_back(std::move(item));
  verdict_.advice = std::move(soft);
}

void Evaluation::see_advice(const std::vector<Finding>& findings) {
  for (const auto& finding : findings) {
    if (finding.outcome != VerdictKind::Forbidden) continue;
    for (const auto& [row, code] : finding.forbids) {
      for (const auto& other : row->clause->see) {
        verdict_.advice.push_back(advice_see(*finding.rows->instrument, *row->clause, other));
      }
    }
  }
}

void Evaluation::assume_clause(const Instrument& instrument, const ClauseRow& row,
                               std::vector<Assumed>& list) const {
  if (!row.clause->assumed.empty()) {
    add_once(list, assumed_entry(model_, row.clause->assumed));
  } else if (!row.verified) {
    add_once(list, assumed_unverified(instrument, *row.clause));
  }
}

void Evaluation::assume(const Finding& finding) {
  auto& list = verdict_.assumed;
  const auto& rows = *finding.rows;
  for (const int party : {request_.from, to_}) {
    const auto* row = rows.member(party);
    if (row == nullptr) continue;
    const auto& date = row->entry->in_force;
    const auto& id = !row->entry->assumed.empty() || !date ? row->entry->assumed : date->assumed;
    if (!id.empty()) add_once(list, assumed_entry(model_, id));
  }
  for (const int party : {request_.from, to_}) {
    const auto* row = rows.member(party);
    if (row != nullptr && row->weak && standing_in(finding, party) == Standing::Live) {
      add_once(list, assumed_weak_date(model_, *rows.instrument, party));
    }
  }
  for (const auto& item : finding.assumed) add_once(list, item);
}

// What applies to the result of the instruments. Where nothing sticks to the record and the sender
// has no overlay, these layers must not look at the recipient: `audience` asks them once for all.
void Evaluation::later_layers() {
  origin_layer();
  always_layer();
  overlay_layer();
}

Audience Evaluation::audience(const Epoch& epoch) {
  thread_local Finding finding;  // its memory serves the next question, too
  PartySet permitted, needs, forbidden;
  for (const int index : rows_.of_sender[static_cast<std::size_t>(request_.from)]) {
    const auto& rows = rows_.instruments[static_cast<std::size_t>(index)];
    if (!touches(rows)) continue;
    for (const auto& group : epoch.groups[static_cast<std::size_t>(index)]) {
      to_ = group.first;
      find(rows, finding);
      if (finding.outcome == VerdictKind::Permitted) permitted |= group.parties;
      if (finding.outcome == VerdictKind::Needs) needs |= group.parties;
      if (finding.outcome == VerdictKind::Forbidden) forbidden |= group.parties;
    }
  }
  later_layers();
  auto others = rows_.everybody;
  others.reset(static_cast<std::size_t>(request_.from));
  Audience audience;
  if (forbidden_) {
    audience.forbidden = others;
    return audience;
  }
  if (!later_needs_.empty()) needs |= std::exchange(permitted, PartySet{});
  audience.permitted = permitted & others;
  audience.needs = needs & others & ~permitted;
  audience.forbidden = forbidden & others & ~(permitted | needs);
  audience.no_basis = others & ~(permitted | needs | forbidden);
  return audience;
}

Verdict Evaluation::run() {
  const auto& of_sender = rows_.of_sender[static_cast<std::size_t>(request_.from)];
  std::vector<Finding> findings(of_sender.size());
  for (std::size_t i = 0; i < of_sender.size(); ++i) {
    find(rows_.instruments[static_cast<std::size_t>(of_sender[i])], findings[i]);
  }
  auto result = between(findings);
  later_layers();
  if (!later_needs_.empty() && strictness(result) < strictness(VerdictKind::Needs)) {
    result = VerdictKind::Needs;
  }
  if (forbidden_) result = VerdictKind::Forbidden;
  verdict_.kind = result;
  if (!words_) return std::move(verdict_);
  for (auto& item : later_needs_) add_once(verdict_.needs, std::move(item));
  advise();
  if (result == VerdictKind::Forbidden) {
    verdict_.basis.clear();
    verdict_.needs.clear();
    verdict_.duties.clear();
  } else if (result != VerdictKind::NoBasis) {
    surviving_duties(findings);
  }
  if (exercise_ && strictness(result) < strictness(VerdictKind::NoBasis)) {
    for (const auto& finding : findings) assume(finding);
    for (auto& item : origin_assumed_) add_once(verdict_.assumed, std::move(item));
  }
  verdict_.register_digest = model_.digest;
  return std::move(verdict_);
}

}  // namespace

struct CompiledRegister::Rows {
  explicit Rows(CompiledRows rows) : compiled(std::move(rows)), epochs(compiled) {}

  CompiledRows compiled;
  Epochs epochs;
  AudienceMemo memo;
};

CompiledRegister::CompiledRegister(std::shared_ptr<const Model> model, const Verifications& own,
                                   Mode mode)
    : rows_(std::make_unique<Rows>(compile_rows(std::move(model), own, mode))) {}
CompiledRegister::~CompiledRegister() = default;
CompiledRegister::CompiledRegister(CompiledRegister&&) noexcept = default;

const Model& CompiledRegister::model() const { return *rows_->compiled.model; }
Mode CompiledRegister::mode() const { return rows_->compiled.mode; }

Stretch CompiledRegister::stretch(Instant at) const {
  const auto [from, until] = rows_->epochs.span(at.micros);
  Stretch out{{from}, {until}};
  constexpr std::int64_t micros_per_day = seconds_per_day * 1'000'000;
  const auto day = at.micros - (at.micros % micros_per_day + micros_per_day) % micros_per_day;
  out.cut({day}, at);
  out.cut({day + micros_per_day}, at);
  // Also those that no row carries: what is asked of them elsewhere must not change either.
  for (const auto& one : model().suspensions) {
    out.cut(one.from, at);
    if (one.until) out.cut(*one.until, at);
  }
  for (const auto& one : model().denunciations) {
    out.cut(one.notified, at);
    out.cut(one.effective, at);
  }
  return out;
}

Verdict CompiledRegister::decide(const ResolvedRequest& request) const {
  return Evaluation(rows_->compiled, request, request.to, true).run();
}

VerdictKind CompiledRegister::kind(const ResolvedRequest& request) const {
  return Evaluation(rows_->compiled, request, request.to, false).run().kind;
}

Audience CompiledRegister::decide_all(const ResolvedRequest& request) const {
  // What sticks to a received record, consent, and the sender's own law tell recipients apart one
  // by one.
  if (!request.chain.empty() || !request.consents.empty() ||
      rows_->compiled.overlay_of(request.from) != nullptr) {
    return decide_one_by_one(request);
  }
  const auto t = request.at.micros;
  const auto key = audience_key(request, rows_->epochs.number(t));
  Audience audience;
  if (key && rows_->memo.find(*key, audience)) return audience;
  const auto epoch = rows_->epochs.at(t);
  audience = Evaluation(rows_->compiled, request, request.from, false).audience(*epoch);
  if (key) rows_->memo.keep(*key, audience);
  return audience;
}

Audience CompiledRegister::decide_one_by_one(const ResolvedRequest& request) const {
  Audience audience;
  const auto count = static_cast<int>(model().parties.size());
  for (int to = 0; to < count; ++to) {
    if (to == request.from) continue;
    const auto at = static_cast<std::size_t>(to);
    switch (Evaluation(rows_->compiled, request, to, false).run().kind) {
      case VerdictKind::Permitted:
        audience.permitted.set(at);
        break;
      case VerdictKind::Needs:
        audience.needs.set(at);
        break;
      case VerdictKind::Forbidden:
        audience.forbidden.set(at);
        break;
      case VerdictKind::NoBasis:
      case VerdictKind::InvalidRequest:
        audience.no_basis.set(at);
        break;
    }
  }
  return audience;
}

Verdict decide(const CompiledRegister& compiled, const Request& request) {
  const auto resolved = resolve(compiled.model(), request);
  if (resolved) return compiled.decide(*resolved);
  Verdict verdict;
  verdict.kind = VerdictKind::InvalidRequest;
  verdict.reasons = resolved.error();
  verdict.register_digest = compiled.model().digest;
  return verdict;
}

}  // namespace comity::treaty
