// The register as rows of masks and instants: what the compiled engine walks through.
// Built once a model, then only read; rows point into the model, which they keep alive.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <vector>

#include "treaty/model.h"
#include "treaty/verification.h"

namespace comity::treaty {

enum class Standing : std::uint8_t { Not, Unknown, Live, Suspended };

// A membership as four instants; absent ends lie at the ends of time.
struct MemberRow {
  int party = 0;
  bool not_party = false;
  bool status_unknown = false;
  bool weak = false;
  std::int64_t sure_not_before = 0;  // t < this: Not
  std::int64_t live_from = 0;        // t >= this: Live, unless it has ended
  std::int64_t ends_earliest = 0;    // t >= this: no longer surely Live
  std::int64_t ends_latest = 0;      // t >= this: Not; a denunciation is the latest end
  const PartyEntry* entry = nullptr;
  std::vector<const Suspension*> suspensions;

  // The one that lasts at t, if any.
  const Suspension* suspension(std::int64_t t) const {
    const auto it = std::find_if(suspensions.begin(), suspensions.end(),
                                 [t](const auto* one) { return one->lasts(Instant{t}); });
    return it == suspensions.end() ? nullptr : *it;
  }
  Standing standing(std::int64_t t) const {
    const auto bound = but_for_suspensions(t);
    return bound == Standing::Not || suspension(t) == nullptr ? bound : Standing::Suspended;
  }
  // Was bound, or may have been, and is so no more.
  bool ended(std::int64_t t) const {
    return !not_party && t >= sure_not_before && t >= ends_latest;
  }
  // For one that has ended: how it would stand, had it not.
  Standing but_for_end(std::int64_t t) const {
    return !status_unknown && t >= live_from ? Standing::Live : Standing::Unknown;
  }
  Standing but_for_suspensions(std::int64_t t) const {
    if (not_party || t < sure_not_before || t >= ends_latest) return Standing::Not;
    if (status_unknown) return Standing::Unknown;
    return t >= live_from && t < ends_earliest ? Standing::Live : Standing::Unknown;
  }
};

constexpr std::int64_t never = INT64_MAX;
constexpr std::int64_t always = INT64_MIN;

// Of designations and arrangements; a partly known date has surely come at its latest instant.
inline bool live_since(const std::optional<DateFact>& date, std::int64_t t) {
  return !date || t >= date->latest.micros;
}

struct ClauseRow {
  Bits actions = 0, info = 0, areas = 0, purposes = 0, from_roles = 0, to_roles = 0, on = 0;
  Tlp handling_max = Tlp::None;
  SideKind from = SideKind::Parties, to = SideKind::Parties;
  Bits refusal_grounds = 0;
  bool survives = false;  // a duty that outlives the instrument
  bool verified = false;
  int passage = -1;  // of those with several readings; -1: the clause stands alone
  const Clause* clause = nullptr;
};

struct InstrumentRows {
  const Instrument* instrument = nullptr;
  int index = 0;
  std::vector<MemberRow> members;  // sorted by party
  std::vector<ClauseRow> grounds, basis_forbids, origin_forbids, duties, advises;
  std::vector<ClauseRow> readings;  // the clauses of passages with several, whatever their verb
  std::vector<int> passages;        // how many readings each of these has
  bool some_survive = false;
  Bits acts = 0;  // the actions of its grounds and basis forbids
  std::vector<const Designation*> designations;
  std::vector<const Arrangement*> arrangements;

  const MemberRow* member(int party) const {
    const auto it = std::lower_bound(members.begin(), members.end(), party,
                                     [](const MemberRow& row, int p) { return row.party < p; });
    return it != members.end() && it->party == party ? &*it : nullptr;
  }
  Standing standing(int party, std::int64_t t) const {
    const auto* row = member(party);
    return row == nullptr ? Standing::Not : row->standing(t);
  }
  bool ended(int party, std::int64_t t) const {
    const auto* row = member(party);
    return row != nullptr && row->ended(t);
  }
  // The same of one that was bound for sure.
  bool surely_ended(int party, std::int64_t t) const {
    const auto* row = member(party);
    return row != nullptr && row->ended(t) && row->but_for_end(t) == Standing::Live;
  }
};

// A rule of a national overlay.
struct OverlayRow {
  Bits actions = 0, info = 0, areas = 0, purposes = 0;
  Tlp handling_min = Tlp::None;
  std::int64_t begins = always, ends = never;
  const OverlayRule* rule = nullptr;
};

// What a party's own law narrows in what it sends.
struct OverlayRows {
  const Overlay* overlay = nullptr;  // null: the party has none
  std::vector<OverlayRow> rows;
};

// A model compiled for one deciding party and mode.
struct CompiledRows {
  std::shared_ptr<const Model> model;
  Mode mode = Mode::Operational;
  std::vector<InstrumentRows> instruments;  // by instrument index
  std::vector<std::vector<int>>
      of_sender;          // by party: binding instruments with clauses in which it has an entry
  std::vector<int> soft;  // instruments that only advise, by id
  PartySet states, everybody;
  Bits kept_grounds = 0;              // of refusal, which nothing closes
  std::vector<int> surviving;         // binding instruments with a duty that outlives them, by id
  std::vector<OverlayRows> overlays;  // by party; empty when nobody has one
  // The values that the guards and TLP speak of.
  int content_data = 0, state_secret = 0, traffic_data = 0, subscriber_data = 0;
  int area_content = 0, area_evidence = 0, private_owner = 0, research = 0;
  int court_order = 0, poc_data_notified = 0;

  // The rules of the overlay of a party; null when it has none.
  const OverlayRows* overlay_of(int party) const {
    if (overlays.empty()) return nullptr;
    const auto& of_party = overlays[static_cast<std::size_t>(party)];
    return of_party.overlay == nullptr ? nullptr : &of_party;
  }
};

CompiledRows compile_rows(std::shared_ptr<const Model> model, const Verifications& own, Mode mode);

// How one party stands to one instrument at an instant, by their indexes.
Standing standing_of(const Model& model, int instrument, int party, Instant at);

}  // namespace comity::treaty
