#include "treaty/cases.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "treaty/clause_rows.h"
#include "treaty/refusal.h"

namespace comity::treaty {
namespace {

constexpr Bits passing_on = bit(Action::Share) | bit(Action::Onward);

// What a clause acts on, when what was received is passed on, too.
Bits acting(const Clause& clause) {
  const Bits named = clause.actions | clause.on;
  return (named & passing_on) == 0 ? named : named | passing_on;
}

bool meet(Bits a, Bits b) { return a == 0 || b == 0 || (a & b) != 0; }

Bits named_bits(const Names& names, std::initializer_list<const char*> words) {
  Bits out = 0;
  for (const auto* word : words) {
    if (const auto index = names.index(word)) out |= bit(*index);
  }
  return out;
}

// One value for each group of `candidates` that the sets treat alike, in the order of the list.
std::vector<int> representatives(std::size_t count, Bits candidates,
                                 const std::vector<Bits>& sets) {
  std::set<std::vector<bool>> seen;
  std::vector<int> out;
  for (int value = 0; value < static_cast<int>(count); ++value) {
    if ((candidates & bit(value)) == 0) continue;
    std::vector<bool> in;
    for (const auto set : sets) in.push_back((set & bit(value)) != 0);
    if (seen.insert(std::move(in)).second) out.push_back(value);
  }
  return out;
}

Bits all_of(const Names& names) {
  return names.values.size() >= 64 ? ~Bits{0} : bit(static_cast<int>(names.values.size())) - 1;
}

// An instrument under which everybody may have received anything.
Instrument blank_instrument(const Model& whole) {
  Instrument out;
  out.id = "~";  // behind every id of a register
  DateFact always;
  always.earliest = always.latest = Instant{INT64_MIN};
  for (int party = 0; party < static_cast<int>(whole.parties.size()); ++party) {
    PartyEntry entry;
    entry.party = party;
    entry.in_force = always;
    out.parties.push_back(std::move(entry));
  }
  return out;
}

// Whether a party can ever be on that side, whatever its standing.
bool may_stand(const Model& model, const Side& side, int party) {
  const auto index = static_cast<std::size_t>(party);
  return side.kind == SideKind::Listed ? side.listed.test(index) : model.parties[index].is_state();
}

// Whether the day of signature tells what an instrument is to a party: where it is not bound from a
// day of its own, and where it is advised, which needs no entry if all states are addressed.
bool waits_for_signing(const Instrument& instrument, const PartyEntry* entry) {
  if (entry == nullptr) return instrument.addresses_all_states;
  return !entry->in_force || instrument.binding != Binding::Binding;
}

}  // namespace

bool overlap(const Clause& a, const Clause& b) {
  // A request that names no class meets every class.
  const Bits both = acting(a) & acting(b);
  const bool classes = (both & ~transfer_actions) != 0 || meet(a.info, b.info);
  return both != 0 && classes && meet(a.areas, b.areas) && meet(a.purposes, b.purposes);
}

Clause rule_as_clause(const Model& model, const Overlay& overlay, const OverlayRule& rule) {
  Clause out;
  out.id = rule.id;
  out.verb = Verb::Forbid;
  out.actions = rule.actions;
  out.info = rule.info;
  out.areas = rule.areas;
  out.purposes = rule.purposes;
  out.handling_max = rule.handling_min;
  out.from.kind = out.to.kind = SideKind::Listed;
  out.from.listed.set(static_cast<std::size_t>(overlay.party));
  for (std::size_t i = 0; i < model.parties.size(); ++i) {
    if (!rule.to || rule.to->test(i)) out.to.listed.set(i);
  }
  return out;
}

// ---- scene -------------------------------------------------------------------------------------

Scene::Scene(const Model& whole, const std::vector<int>& instruments, const Overlay* national)
    : model_(std::make_shared<Model>()) {
  model_->vocabulary = whole.vocabulary;
  model_->parties = whole.parties;
  model_->assumptions = whole.assumptions;
  for (const int index : instruments) {
    model_->instruments.push_back(whole.instruments[static_cast<std::size_t>(index)]);
  }
  elsewhere_ = static_cast<int>(model_->instruments.size());
  model_->instruments.push_back(blank_instrument(whole));
  if (national != nullptr) model_->overlays.push_back(*national);
  add_facts(whole, instruments);
  collect_instants();
  meet();
}

// Dated facts of the instruments, with their new indexes.
void Scene::add_facts(const Model& whole, const std::vector<int>& instruments) {
  const auto take = [&](const auto& from, auto& to) {
    for (const auto& one : from) {
      const auto at = std::find(instruments.begin(), instruments.end(), one.instrument);
      if (at == instruments.end()) continue;
      to.push_back(one);
      to.back().instrument = static_cast<int>(at - instruments.begin());
    }
  };
  take(whole.arrangements, model_->arrangements);
  take(whole.designations, model_->designations);
  take(whole.suspensions, model_->suspensions);
  take(whole.denunciations, model_->denunciations);
}

CompiledRegister Scene::law(const std::function<bool(int instrument, const Clause&)>& out) const {
  auto model = std::make_shared<Model>(*model_);
  for (int i = 0; i < static_cast<int>(model->instruments.size()); ++i) {
    auto& instrument = model->instruments[static_cast<std::size_t>(i)];
    std::erase_if(instrument.clauses, [&](const Clause& clause) { return out(i, clause); });
  }
  return compiled(std::move(model));
}

CompiledRegister Scene::law_without_overlay() const {
  auto model = std::make_shared<Model>(*model_);
  model->overlays.clear();
  return compiled(std::move(model));
}

// Every clause as verified.
CompiledRegister Scene::compiled(std::shared_ptr<const Model> model) const {
  Verifications own;
  for (const auto& instrument : model->instruments) {
    for (const auto& clause : instrument.clauses) {
      own.verified.insert({instrument.id, clause.digest});
    }
  }
  return {std::move(model), own, Mode::Operational};
}

// Every instant at which something begins or ends, and one before them all.
void Scene::collect_instants() {
  std::set<std::int64_t> edges;
  const auto dated = [&](const std::optional<DateFact>& date) {
    if (date) edges.insert({date->earliest.micros, date->latest.micros});
  };
  for (const auto& instrument : model_->instruments) {
    if (&instrument == &model_->instruments.back()) continue;
    dated(instrument.signed_on);
    for (const auto& entry : instrument.parties) {
      dated(entry.in_force);
      dated(entry.until);
    }
  }
  for (const auto& one : model_->arrangements) dated(one.in_force);
  for (const auto& one : model_->designations) dated(one.since);
  for (const auto& one : model_->suspensions) {
    edges.insert(one.from.micros);
    if (one.until) edges.insert(one.until->micros);
  }
  for (const auto& one : model_->denunciations) {
    edges.insert({one.notified.micros, one.effective.micros});
  }
  for (const auto& overlay : model_->overlays) {
    for (const auto& rule : overlay.rules) {
      dated(rule.in_force);
      dated(rule.until);
    }
  }
  instants_ = {Instant{edges.empty() ? 0 : *edges.begin() - 1}};
  for (const auto edge : edges) instants_.push_back(Instant{edge});
}

std::vector<Instant> Scene::receptions(int party, Instant at) const {
  std::set<std::string> seen;
  std::vector<Instant> out;
  for (const auto one : instants_) {
    if (one <= at && seen.insert(kind_of(party, one)).second) out.push_back(one);
  }
  return out;
}

// What the clauses and the dated facts can tell of a party at an instant.
std::string Scene::kind_of(int party, Instant at) const {
  const auto index = static_cast<std::size_t>(party);
  std::string out = model_->parties[index].is_state() ? "s" : "-";
  for (int i = 0; i < elsewhere_; ++i) {
    const auto& instrument = model_->instruments[static_cast<std::size_t>(i)];
    const auto* entry = instrument.entry(party);
    out += fmt::format("|{}", static_cast<int>(standing_of(*model_, i, party, at)));
    if (entry != nullptr) {
      out += fmt::format(",{}", static_cast<int>(entry->status));
      // Who has left may have been bound before: what survives asks for that.
      for (const auto& date : {entry->in_force, entry->until}) {
        if (date) out += fmt::format(":{}{}", at >= date->earliest, at >= date->latest);
      }
      if (entry->in_force) {
        const bool weak =
            !entry->in_force->full || entry->in_force->provenance.find("K:l") != std::string::npos;
        out += weak ? 'w' : 'd';
        if (!entry->assumed.empty() || !entry->in_force->assumed.empty()) out += 'a';
      }
    }
    if (instrument.signed_on && waits_for_signing(instrument, entry)) {
      out += at >= instrument.signed_on->earliest ? 's' : 'b';
    }
    for (const auto& clause : instrument.clauses) {
      for (const auto* side : {&clause.from, &clause.to}) {
        if (side->kind == SideKind::Listed) out += side->listed.test(index) ? '1' : '0';
      }
    }
  }
  const auto begun = [&](const std::optional<DateFact>& date) {
    return !date || at >= date->latest;
  };
  for (const auto& one : model_->denunciations) {
    if (one.party == party) out += at >= one.effective ? 'e' : 'n';
  }
  for (const auto& one : model_->arrangements) {
    out += one.parties.test(index) && begun(one.in_force) ? '1' : '0';
  }
  for (const auto& one : model_->designations) {
    if (one.party != party || !begun(one.since)) continue;
    out += fmt::format("|d{},{},{}", one.instrument, one.role.value_or(-1), one.areas);
  }
  return out + overlay_kind_of(party, at);
}

// Whose rules they are and which of them act, and whom they name as recipient.
std::string Scene::overlay_kind_of(int party, Instant at) const {
  std::string out;
  for (const auto& overlay : model_->overlays) {
    out += overlay.party == party ? "|o" : "|-";
    for (const auto& rule : overlay.rules) {
      const bool begun = !rule.in_force || at >= rule.in_force->earliest;
      const bool over = rule.until && at >= rule.until->latest;
      if (overlay.party == party) out += begun && !over ? '1' : '0';
      if (rule.to) out += rule.to->test(static_cast<std::size_t>(party)) ? 't' : '-';
    }
  }
  return out;
}

void Scene::meet() {
  std::set<std::pair<std::string, std::string>> seen;
  std::vector<std::pair<int, Encounter>> found;
  const auto parties = static_cast<int>(model_->parties.size());
  for (const auto at : instants_) {
    // Two of a kind are enough: they can meet each other.
    std::map<std::string, std::vector<int>> kinds;
    for (int party = 0; party < parties; ++party) {
      auto& of_kind = kinds[kind_of(party, at)];
      if (of_kind.size() < 2) of_kind.push_back(party);
    }
    const auto bound = [&](int party) {
      int out = 0;
      for (int i = 0; i < elsewhere_; ++i) {
        const auto standing = standing_of(*model_, i, party, at);
        out += standing == Standing::Live ? 2 : standing == Standing::Not ? 0 : 1;
      }
      return out;
    };
    for (const auto& [sender, from] : kinds) {
      for (const auto& [recipient, to] : kinds) {
        const int second = sender == recipient ? (to.size() < 2 ? -1 : to[1]) : to[0];
        if (second < 0 || !seen.insert({sender, recipient}).second) continue;
        found.push_back({-bound(from[0]) - bound(second), {from[0], second, at}});
      }
    }
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  for (const auto& [order, one] : found) encounters_.push_back(one);
}

// ---- region ------------------------------------------------------------------------------------

Region::Region(const Scene& scene, const std::vector<const Clause*>& focus, Bits actions)
    : scene_(scene), focus_(focus), parties_(scene.model().parties.size()) {
  acting_ = all_of(scene.model().vocabulary.actions);
  for (const auto* clause : focus_) acting_ &= acting(*clause);
  if (actions != 0) acting_ &= (actions & passing_on) == 0 ? actions : actions | passing_on;
  for (const auto& instrument : scene.model().instruments) {
    for (const auto& clause : instrument.clauses) {
      if (in_play(clause)) in_play_.push_back(&clause);
    }
  }
  // A rule of an overlay is no clause of the scene.
  for (const auto* one : focus_) {
    if (std::find(in_play_.begin(), in_play_.end(), one) == in_play_.end()) {
      in_play_.push_back(one);
    }
  }
  facts_in_all_ = static_cast<int>(scene.model().vocabulary.facts.size());
  for (const auto& one : scene.encounters()) {
    const bool stands = std::all_of(focus_.begin(), focus_.end(), [&](const Clause* clause) {
      // What sticks to a record, and advice, look at senders in other ways.
      const bool sender = clause->verb == Verb::Advise || clause->scope == Scope::Origin ||
                          may_stand(scene.model(), clause->from, one.from);
      return sender && (clause->verb == Verb::Advise || clause->scope == Scope::Origin ||
                        may_stand(scene.model(), clause->to, one.to));
    });
    if (stands) encounters_.push_back(one);
  }
  choose_acts(scene);
  choose_matters(scene);
  choose_limits(scene);
  choose_refusals(scene);
}

bool Region::in_play(const Clause& clause) const {
  return std::all_of(focus_.begin(), focus_.end(),
                     [&](const Clause* one) { return one == &clause || overlap(*one, clause); });
}

void Region::choose_acts(const Scene& scene) {
  // Of the instruments that can make something stick; and whether being passed on matters at all.
  std::vector<int> sticky;
  bool onward = std::any_of(focus_.begin(), focus_.end(), [](const Clause* one) {
    return ((one->actions | one->on) & bit(Action::Onward)) != 0;
  });
  for (int i = 0; i < scene.elsewhere(); ++i) {
    for (const auto& clause : scene.model().instruments[static_cast<std::size_t>(i)].clauses) {
      if (std::find(in_play_.begin(), in_play_.end(), &clause) == in_play_.end()) continue;
      onward = onward || ((clause.actions | clause.on) & bit(Action::Onward)) != 0;
      consents_ = consents_ || clause.except_consent;
      const bool sticks = clause.verb == Verb::Forbid && clause.scope != Scope::Basis;
      histories_ = histories_ || (sticks && clause.to.kind == SideKind::ThirdParties);
      if (sticks && (sticky.empty() || sticky.back() != i)) sticky.push_back(i);
    }
  }
  const bool received = consents_ || !sticky.empty();
  const int other = scene.elsewhere();
  for (int action = 0; action < static_cast<int>(scene.model().vocabulary.actions.values.size());
       ++action) {
    if ((acting_ & bit(action)) == 0) continue;
    const bool passes = (bit(action) & passing_on) != 0;
    if (action != static_cast<int>(Action::Onward)) acts_.push_back({action, {}});
    if (!received && !(onward && passes)) continue;
    acts_.push_back({action, {{other, 1}}});
    acts_.push_back({action, {{other, 0}}});
    for (const int i : sticky) {
      acts_.push_back({action, {{i, 1}}});
      acts_.push_back({action, {{other, 1}, {i, 2}}});
      acts_.push_back({action, {{other, 0}, {i, 1}}});
    }
  }
}

void Region::choose_matters(const Scene& scene) {
  const auto& words = scene.model().vocabulary;
  std::vector<Bits> infos, areas, purposes;
  Bits info = all_of(words.classes), area = all_of(words.areas), purpose = all_of(words.purposes);
  for (const auto* clause : in_play_) {
    infos.push_back(clause->info);
    areas.push_back(clause->areas);
    purposes.push_back(clause->purposes);
  }
  bool no_area = true, no_purpose = true;
  for (const auto* clause : focus_) {
    if (clause->info != 0) info &= clause->info;
    if (clause->areas != 0) area &= clause->areas;
    if (clause->purposes != 0) purpose &= clause->purposes;
    no_area = no_area && clause->areas == 0;
    no_purpose = no_purpose && clause->purposes == 0;
  }
  for (const auto* one : {"content-data", "state-secret"}) {
    infos.push_back(named_bits(words.classes, {one}));
  }
  infos.push_back(named_bits(words.classes, {"traffic-data", "subscriber-data"}));
  for (const auto* one : {"content", "evidence"}) areas.push_back(named_bits(words.areas, {one}));
  for (const auto& one : scene.model().designations) areas.push_back(one.areas);
  for (const int one : representatives(words.classes.values.size(), info, infos)) {
    infos_.push_back(bit(one));
  }
  infos_.push_back(0);  // for actions that need no class
  if (no_area) areas_.push_back(std::nullopt);
  for (const int one : representatives(words.areas.values.size(), area, areas)) {
    areas_.emplace_back(one);
  }
  if (no_purpose) purposes_.push_back(std::nullopt);
  for (const int one : representatives(words.purposes.values.size(), purpose, purposes)) {
    purposes_.emplace_back(one);
  }
}

void Region::choose_limits(const Scene& scene) {
  const auto& words = scene.model().vocabulary;
  std::set<int> facts;
  bool ceilings = false, records = false;
  for (const auto* clause : in_play_) {
    ceilings = ceilings || clause->handling_max != Tlp::None;
    if (clause->when) facts.insert(*clause->when);
    for (const auto& need : clause->needs) {
      if (need.kind == Need::Kind::Fact) facts.insert(need.fact);
      records = records || need.kind == Need::Kind::RightsRecord;
    }
  }
  const auto guarded = named_bits(words.classes, {"traffic-data", "subscriber-data"});
  const auto content = named_bits(words.classes, {"content-data"});
  const auto content_area = words.areas.index("content");
  for (const auto info : infos_) {
    if (const auto order = words.fact("court-order"); order && (info & guarded) != 0) {
      facts.insert(*order);
    }
    records = records || (info & content) != 0;
  }
  records = records ||
            (content_area && std::find(areas_.begin(), areas_.end(), content_area) != areas_.end());
  facts_.assign(facts.begin(), facts.end());
  records_ = {RightsRecord::Complete};
  if (records) records_.insert(records_.end(), {RightsRecord::Incomplete, RightsRecord::Absent});
  handlings_ = {Tlp::Clear};
  if (ceilings) {
    handlings_ = {Tlp::Clear, Tlp::Green, Tlp::Amber, Tlp::AmberStrict, Tlp::Red};
    consents_ = true;  // passing on under such a marking asks for it
  }
  from_roles_ = role_sets(scene, true);
  to_roles_ = role_sets(scene, false);
}

// Grounds that a refusal may name: none, and of those that nobody closes and the others one that
// each clause treats alike.
void Region::choose_refusals(const Scene& scene) {
  const auto& words = scene.model().vocabulary.refusal_grounds;
  std::vector<Bits> sets;
  for (const auto* clause : in_play_) {
    if (clause->grounds != 0) sets.push_back(clause->grounds);
  }
  Bits kept = 0;
  for (const auto ground : kept_refusal_grounds) {
    if (const auto index = words.index(ground)) kept |= bit(*index);
  }
  sets.push_back(kept);
  refusals_ = {std::nullopt};
  for (const int one : representatives(words.values.size(), all_of(words), sets)) {
    refusals_.emplace_back(one);
  }
}

// The sets of roles that a request may name for a side.
std::vector<Bits> Region::role_sets(const Scene& scene, bool sender) {
  const auto& words = scene.model().vocabulary.roles;
  std::vector<Bits> sets;
  for (const auto* clause : in_play_) {
    const auto roles = sender ? clause->from.roles : clause->to.roles;
    if (roles != 0) sets.push_back(roles);
  }
  if (sets.empty()) return {0};
  for (const auto& one : scene.model().designations) {
    if (one.role) sets.push_back(bit(*one.role));
  }
  if (!sender) sets.push_back(named_bits(words, {"private-owner", "research"}));
  // A request that names another role than the clause does is none of its.
  Bits named = all_of(words);
  for (const auto* clause : focus_) {
    const auto roles = sender ? clause->from.roles : clause->to.roles;
    const bool looks = clause->verb != Verb::Advise && clause->scope == Scope::Basis;
    if (looks && roles != 0) named &= roles;
  }
  const auto groups = representatives(words.values.size(), named, sets);
  std::vector<Bits> out{0};
  if (groups.size() > role_groups_max) {
    complete_ = false;
    Bits all = 0;
    for (const int role : groups) all |= bit(role);
    for (const int role : groups) out.push_back(bit(role));
    out.push_back(all);
    return out;
  }
  for (const int role : groups) {
    const auto before = out.size();
    for (std::size_t i = 0; i < before; ++i) out.push_back(out[i] | bit(role));
  }
  return out;
}

// Sets the action and where the record came from; false where there are too few parties for it.
bool Region::apply(ResolvedRequest& request, const Act& act) const {
  request.action = act.action;
  request.chain.clear();
  for (const auto& [instrument, who] : act.hops) {
    int originator = request.to;
    if (who != 0) {
      // Others than the two who meet, where there are some; else the sender itself.
      std::vector<int> others;
      for (int party = 0; party < static_cast<int>(parties_) && others.size() < 2; ++party) {
        if (party != request.from && party != request.to) others.push_back(party);
      }
      others.push_back(request.from);
      if (others.size() < static_cast<std::size_t>(who)) return false;
      originator = others[static_cast<std::size_t>(who) - 1];
    }
    request.chain.push_back({instrument, originator});
  }
  return true;
}

template <typename F>
bool Region::each_matter(ResolvedRequest& request, const F& next) const {
  const bool transfer = (bit(request.action) & transfer_actions) != 0;
  for (const auto info : infos_) {
    if (info == 0 && transfer) continue;
    request.info = info;
    for (const auto& area : areas_) {
      request.area = area;
      for (const auto& purpose : purposes_) {
        request.purpose = purpose;
        for (const auto tlp : handlings_) {
          request.tlp = tlp;
          for (const auto from : from_roles_) {
            request.from_roles = from;
            for (const auto to : to_roles_) {
              request.to_roles = to;
              if (next()) return true;
            }
          }
        }
      }
    }
  }
  return false;
}

template <typename F>
bool Region::each_fact(ResolvedRequest& request, const F& next) const {
  constexpr std::array values = {FactValue::Yes, FactValue::No, FactValue::Unknown};
  std::vector<std::size_t> at(facts_.size(), 0);
  while (true) {
    for (std::size_t i = 0; i < facts_.size(); ++i) {
      request.facts[static_cast<std::size_t>(facts_[i])] = values[at[i]];
    }
    for (const auto record : records_) {
      request.rights_record = record;
      if (next()) return true;
    }
    std::size_t digit = 0;
    while (digit < at.size() && ++at[digit] == values.size()) at[digit++] = 0;
    if (digit == at.size()) return false;
  }
}

// When the record came, for as far as a later accession could matter.
template <typename F>
bool Region::each_reception(ResolvedRequest& request, const F& next) const {
  if (!histories_ || request.chain.empty()) return next();
  auto& last = request.chain.back();
  last.at.reset();
  if (next()) return true;
  for (const auto at : scene_.receptions(request.to, request.at)) {
    last.at = at;
    if (next()) return true;
  }
  return false;
}

template <typename F>
bool Region::each_consent(ResolvedRequest& request, const Act& act, const F& next) const {
  constexpr std::array values = {Consent::Granted, Consent::Refused, Consent::Unknown};
  const std::size_t hops = consents_ ? act.hops.size() : 0;
  std::vector<std::size_t> at(hops, 0);
  request.consents.clear();
  while (true) {
    for (std::size_t i = 0; i < hops; ++i) {
      request.consents[{request.chain[i].originator, request.to}] = values[at[i]];
    }
    if (next()) return true;
    std::size_t digit = 0;
    while (digit < hops && ++at[digit] == values.size()) at[digit++] = 0;
    if (digit == hops) return false;
  }
}

bool Region::any(std::uint64_t& questions,
                 const std::function<bool(const ResolvedRequest&)>& holds) const {
  ResolvedRequest request;
  request.facts.assign(static_cast<std::size_t>(facts_in_all_), FactValue::Unknown);
  request.stated.assign(static_cast<std::size_t>(facts_in_all_), false);
  for (const int fact : facts_) request.stated[static_cast<std::size_t>(fact)] = true;
  // Ends the search when it found one, or when no question is left.
  const auto ask = [&] {
    if (questions == 0) return true;
    --questions;
    return holds(request);
  };
  for (const auto& one : encounters_) {
    request.from = one.from;
    request.to = one.to;
    request.at = one.at;
    for (const auto& act : acts_) {
      if (!apply(request, act)) continue;
      const bool refuses = act.action == static_cast<int>(Action::Refuse);
      const auto grounded = [&] {
        if (!refuses) return ask();
        return std::any_of(refusals_.begin(), refusals_.end(), [&](const auto& ground) {
          request.refusal_ground = ground;
          return ask();
        });
      };
      request.refusal_ground.reset();
      const bool found = each_reception(request, [&] {
        return each_matter(request, [&] {
          return each_fact(request, [&] { return each_consent(request, act, grounded); });
        });
      });
      if (found) return questions > 0 || holds(request);
    }
  }
  return false;
}

}  // namespace comity::treaty
