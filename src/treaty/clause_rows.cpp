#include "treaty/clause_rows.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

#include "treaty/refusal.h"
#include "treaty/request.h"

namespace comity::treaty {
namespace {

// Provenance may be several marks separated by blanks.
bool has_word(std::string_view text, std::string_view word) {
  while (!text.empty()) {
    const auto end = std::min(text.find(' '), text.size());
    if (text.substr(0, end) == word) return true;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return false;
}

MemberRow member_row(const Instrument& instrument, const PartyEntry& entry) {
  MemberRow row;
  row.party = entry.party;
  row.entry = &entry;
  row.not_party = entry.status == Membership::NotParty;
  row.status_unknown = entry.status == Membership::Unknown;
  row.ends_earliest = entry.until ? entry.until->earliest.micros : never;
  row.ends_latest = entry.until ? entry.until->latest.micros : never;
  if (entry.in_force) {
    row.sure_not_before = entry.in_force->earliest.micros;
    row.live_from = entry.in_force->latest.micros;
    row.weak = entry.in_force->assumed.empty() && entry.assumed.empty() &&
               (!entry.in_force->full || has_word(entry.in_force->provenance, "K:l"));
  } else {
    row.sure_not_before = instrument.signed_on ? instrument.signed_on->earliest.micros : always;
    row.live_from = never;
  }
  return row;
}

// Suspensions and denunciations come to the rows of the parties that declared them.
void add_law_changes(const Model& model, int index, std::vector<MemberRow>& members) {
  const auto row_of = [&](int party) {
    return std::find_if(members.begin(), members.end(),
                        [party](const MemberRow& row) { return row.party == party; });
  };
  for (const auto& suspension : model.suspensions) {
    if (suspension.instrument != index) continue;
    const auto row = row_of(suspension.party);
    if (row != members.end()) row->suspensions.push_back(&suspension);
  }
  for (const auto& denunciation : model.denunciations) {
    if (denunciation.instrument != index) continue;
    const auto row = row_of(denunciation.party);
    if (row == members.end()) continue;
    row->ends_latest = std::min(row->ends_latest, denunciation.effective.micros);
  }
}

// The number of each clause's passage, -1 where it stands alone, and how many readings each has.
std::vector<int> passages_of(const Instrument& instrument, std::vector<int>& sizes) {
  std::map<std::string_view, int> numbers;  // by the id of the clause that others read otherwise
  for (const auto& clause : instrument.clauses) {
    if (!clause.reading_of.empty()) numbers.emplace(clause.reading_of, 0);
  }
  for (auto& [id, number] : numbers) {
    number = static_cast<int>(sizes.size());
    sizes.push_back(0);
  }
  std::vector<int> out;
  for (const auto& clause : instrument.clauses) {
    const auto found =
        numbers.find(clause.reading_of.empty() ? clause.id : std::string_view(clause.reading_of));
    out.push_back(found == numbers.end() ? -1 : found->second);
    if (out.back() >= 0) ++sizes[static_cast<std::size_t>(out.back())];
  }
  return out;
}

ClauseRow clause_row(const Instrument& instrument, const Clause& clause, const Verifications& own) {
  ClauseRow row;
  row.actions = clause.actions;
  row.info = clause.info;
  row.areas = clause.areas;
  row.purposes = clause.purposes;
  row.from_roles = clause.from.roles;
  row.to_roles = clause.to.roles;
  row.on = clause.on;
  row.handling_max = clause.handling_max;
  row.from = clause.from.kind;
  row.to = clause.to.kind;
  row.refusal_grounds = clause.grounds;
  row.survives = clause.verb == Verb::Require && clause.survives.value_or(false);
  row.verified = own.holds(instrument.id, clause.digest);
  row.clause = &clause;
  return row;
}

InstrumentRows instrument_rows(const Model& model, int index, const Verifications& own) {
  InstrumentRows rows;
  const auto& instrument = model.instruments[static_cast<std::size_t>(index)];
  rows.instrument = &instrument;
  rows.index = index;
  for (const auto& entry : instrument.parties) {
    rows.members.push_back(member_row(instrument, entry));
  }
  std::sort(rows.members.begin(), rows.members.end(),
            [](const MemberRow& a, const MemberRow& b) { return a.party < b.party; });
  add_law_changes(model, index, rows.members);
  const auto passages = passages_of(instrument, rows.passages);
  for (std::size_t i = 0; i < instrument.clauses.size(); ++i) {
    const auto& clause = instrument.clauses[i];
    auto row = clause_row(instrument, clause, own);
    row.passage = passages[i];
    rows.some_survive = rows.some_survive || row.survives;
    if (row.passage >= 0) rows.readings.push_back(row);
    if (clause.verb == Verb::Permit || clause.verb == Verb::Require ||
        clause.verb == Verb::Empower) {
      rows.grounds.push_back(row);
    }
    if (clause.verb == Verb::Require) rows.duties.push_back(row);
    if (clause.verb == Verb::Advise) rows.advises.push_back(row);
    if (clause.verb == Verb::Forbid && clause.scope == Scope::Basis) {
      rows.basis_forbids.push_back(row);
    }
    if (clause.verb == Verb::Forbid && clause.scope == Scope::Origin) {
      rows.origin_forbids.push_back(row);
    }
  }
  for (const auto* list : {&rows.grounds, &rows.basis_forbids}) {
    for (const auto& row : *list) rows.acts |= row.actions;
  }
  for (const auto& designation : model.designations) {
    if (designation.instrument == index) rows.designations.push_back(&designation);
  }
  for (const auto& arrangement : model.arrangements) {
    if (arrangement.instrument == index) rows.arrangements.push_back(&arrangement);
  }
  return rows;
}

std::vector<OverlayRows> overlay_rows(const Model& model) {
  std::vector<OverlayRows> out;
  if (!model.overlays.empty()) out.resize(model.parties.size());
  for (const auto& overlay : model.overlays) {
    auto& of_party = out[static_cast<std::size_t>(overlay.party)];
    of_party.overlay = &overlay;
    for (const auto& rule : overlay.rules) {
      OverlayRow row;
      row.actions = rule.actions;
      row.info = rule.info;
      row.areas = rule.areas;
      row.purposes = rule.purposes;
      row.handling_min = rule.handling_min;
      if (rule.in_force) row.begins = rule.in_force->earliest.micros;
      if (rule.until) row.ends = rule.until->latest.micros;
      row.rule = &rule;
      of_party.rows.push_back(row);
    }
  }
  return out;
}

// A name that the loader guarantees to be in the vocabulary.
int known(const Names& names, std::string_view name) {
  const auto index = names.index(name);
  CHECK(index.has_value());
  return *index;
}

int known_fact(const Vocabulary& vocabulary, std::string_view name) {
  const auto index = vocabulary.fact(name);
  CHECK(index.has_value());
  return *index;
}

}  // namespace

CompiledRows compile_rows(std::shared_ptr<const Model> model, const Verifications& own, Mode mode) {
  CompiledRows rows;
  rows.mode = mode;
  rows.of_sender.resize(model->parties.size());
  for (int i = 0; i < static_cast<int>(model->instruments.size()); ++i) {
    rows.instruments.push_back(instrument_rows(*model, i, own));
    const auto& added = rows.instruments.back();
    // Without a clause there is nothing to find: many agreements are known by name and date alone.
    if (added.instrument->clauses.empty()) continue;
    if (added.instrument->binding == Binding::Binding) {
      if (added.some_survive) rows.surviving.push_back(i);
      for (const auto& member : added.members) {
        rows.of_sender[static_cast<std::size_t>(member.party)].push_back(i);
      }
    } else if (!added.advises.empty()) {
      rows.soft.push_back(i);
    }
  }
  for (std::size_t i = 0; i < model->parties.size(); ++i) {
    rows.everybody.set(i);
    if (model->parties[i].is_state()) rows.states.set(i);
  }
  rows.overlays = overlay_rows(*model);
  const auto& vocabulary = model->vocabulary;
  for (const auto ground : kept_refusal_grounds) {
    rows.kept_grounds |= bit(known(vocabulary.refusal_grounds, ground));
  }
  rows.content_data = known(vocabulary.classes, "content-data");
  rows.state_secret = known(vocabulary.classes, "state-secret");
  rows.traffic_data = known(vocabulary.classes, "traffic-data");
  rows.subscriber_data = known(vocabulary.classes, "subscriber-data");
  rows.area_content = known(vocabulary.areas, "content");
  rows.area_evidence = known(vocabulary.areas, "evidence");
  rows.private_owner = known(vocabulary.roles, "private-owner");
  rows.research = known(vocabulary.roles, "research");
  rows.court_order = known_fact(vocabulary, "court-order");
  rows.poc_data_notified = known_fact(vocabulary, "poc-data-notified");
  rows.model = std::move(model);
  return rows;
}

Standing standing_of(const Model& model, int instrument, int party, Instant at) {
  const auto& paper = model.instruments[static_cast<std::size_t>(instrument)];
  const auto* entry = paper.entry(party);
  if (entry == nullptr) return Standing::Not;
  std::vector<MemberRow> members{member_row(paper, *entry)};
  add_law_changes(model, instrument, members);
  return members.front().standing(at.micros);
}

}  // namespace comity::treaty
