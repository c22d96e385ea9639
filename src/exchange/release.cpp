#include "exchange/release.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "exchange/circumstances.h"
#include "exchange/clock_guard.h"
#include "exchange/delivery.h"
#include "exchange/dependency_order.h"
#include "exchange/named.h"
#include "exchange/outpost.h"
#include "exchange/protocol.h"
#include "exchange/record.h"
#include "exchange/selection.h"
#include "exchange/signers.h"
#include "exchange/withdrawal.h"
#include "json/texts.h"
#include "json/write.h"

namespace comity::exchange {
namespace {

// Whether a record may go: by law alone, or as two officers of `party` let it go.
bool may_go(const RecordQuestion& question, const treaty::Verdict& verdict,
            const std::string& party, std::optional<ByOfficers> how) {
  if (how == ByOfficers::Discretion && may_go_at_discretion(question, verdict)) return true;
  if (how == ByOfficers::FourEyes && waits_for_officers(verdict, party)) return true;
  return verdict.kind == treaty::VerdictKind::Permitted;
}

// Decides a selection for one party: every record, every held record that it names, and what
// carries what.
class Judge {
 public:
  // Indexes of a record with a class and, before it, of the records without that it takes along:
  // what is named before what names it.
  using Unit = std::vector<std::size_t>;

  Judge(Node& node, store::Snapshot& snapshot, const Selection& selection, const std::string& party,
        Instant at, std::shared_ptr<const treaty::CompiledRegister> law = nullptr,
        std::shared_ptr<AnswerBook> answers = nullptr, std::optional<ByOfficers> how = {})
      : snapshot_(snapshot),
        selection_(selection),
        law_(law ? std::move(law) : node.law()),
        decider_(law_, node.party(), party, at),
        circumstances_(snapshot, party, std::move(answers)),
        party_(node.party()),
        recipient_(party),
        at_(at),
        how_(how),
        verdicts_(selection.records.size(), nullptr) {}

  Status run() {
    const auto& records = selection_.records;
    questions_.reserve(records.size());
    for (const auto& item : records) {
      TRY(auto question, completed(item.question, item.record));
      questions_.push_back(std::move(question));
    }
    for (std::size_t i = 0; i < records.size(); ++i) {
      if (records[i].carried) continue;
      verdicts_[i] = &decider_.verdict(questions_[i]);
      TRY_STATUS(place_of(alone, i));
    }
    // Places are added while they are gone through: carried records, as part of what carries them.
    for (std::size_t at = 0; at < places_.size(); ++at) {
      if (places_[at].goes) TRY_STATUS(look_at_names(at));
    }
    for (std::size_t i = 0; i < records.size(); ++i) {
      if (verdicts_[i] == nullptr) verdicts_[i] = &decider_.verdict(questions_[i]);
    }
    pass_on_holding_back();
    make_units();
    return {};
  }

  const std::shared_ptr<const treaty::CompiledRegister>& law() const { return law_; }
  const treaty::Verdict& verdict(std::size_t index) const { return *verdicts_[index]; }
  // The named record that keeps record `index` back; empty: none does.
  std::string because(std::size_t index) const {
    const auto it = because_.find(index);
    return it == because_.end() ? std::string() : it->second;
  }
  // The consents on which record `index` goes.
  Result<std::vector<ConsentUsed>> consents(std::size_t index) {
    return circumstances_.all_consents(questions_[index], selection_.records[index].record.digest,
                                       {at_, {}});
  }
  // Whether it takes more along than one disclosure holds.
  bool too_large(std::size_t index) const { return too_large_.contains(index); }
  // What may go, in the order of dependency_order.h; every index at most once.
  const std::vector<Unit>& units() const { return units_; }

 private:
  static constexpr std::size_t alone = SIZE_MAX;

  // A record by itself, or a carried one as part of what carries it: under which question of a
  // carrier. What carries it goes only if all that it takes along, through one another, may go
  // under its own classes, area and purpose: what goes with another is no reason.
  struct Place {
    std::size_t carrier = alone, record = 0;
    bool goes = false;
    std::vector<std::size_t> users = {};  // places that go only if this one does
  };

  // The place of a record; made, and decided, when it is first asked for.
  Result<std::size_t> place_of(std::size_t carrier, std::size_t record) {
    const auto [at, fresh] = place_index_.emplace(std::pair(carrier, record), places_.size());
    if (!fresh) return at->second;
    const auto& held = selection_.records[record].record;
    if (carrier == alone) {
      TRY(const bool went, went_by_officers(*verdicts_[record], held));
      places_.push_back({carrier, record, went || may_go(questions_[record], *verdicts_[record])});
      return at->second;
    }
    const auto question = carried_question(carriers_[carrier], questions_[record]);
    const auto* verdict = &decider_.verdict(question);
    auto& shown = verdicts_[record];
    if (shown == nullptr || shown->kind != treaty::VerdictKind::Permitted) shown = verdict;
    TRY(const bool went, went_by_officers(*verdict, held));
    places_.push_back({carrier, record, went || may_go(question, *verdict)});
    return at->second;
  }

  bool may_go(const RecordQuestion& question, const treaty::Verdict& verdict) const {
    return exchange::may_go(question, verdict, party_, how_);
  }

  // What of a record is asked about those that it carries; those that agree in it are one carrier.
  std::size_t carrier_of(std::size_t record) {
    auto question = carrier_question(questions_[record]);
    const auto [at, fresh] = carrier_index_.emplace(question, carriers_.size());
    if (fresh) carriers_.push_back(std::move(question));
    return at->second;
  }

  // Whether what waits for two officers went by two, so that its name tells the recipient nothing.
  Result<bool> went_by_officers(const treaty::Verdict& verdict, const store::Record& record) {
    if (!waits_for_officers(verdict, party_)) return false;
    if (!withdrawn_) {
      TRY(withdrawn_, withdrawn_from(snapshot_, recipient_));
    }
    return granted(snapshot_, recipient_, record, *withdrawn_);
  }

  // A record goes only if every record that it names and this node holds may go too.
  Status look_at_names(std::size_t place) {
    const auto record = places_[place].record;
    const auto carrier =
        places_[place].carrier == alone ? carrier_of(record) : places_[place].carrier;
    for (const auto& name : selection_.records[record].record.names) {
      const auto at = selection_.position.find(name);
      if (at != selection_.position.end()) {
        TRY(const auto named,
            place_of(selection_.records[at->second].carried ? carrier : alone, at->second));
        places_[named].users.push_back(place);
        continue;
      }
      TRY(const bool may, outside_permitted(name, carrier));
      if (may) continue;
      places_[place].goes = false;
      because_.emplace(record, name);
      return {};
    }
    return {};
  }

  Result<bool> outside_permitted(const std::string& name, std::size_t carrier) {
    const auto known = outside_.find(name);
    if (known != outside_.end()) return known->second;
    TRY(auto assertions, snapshot_.records_by_stix_id(name, false));
    const auto held = preferred(assertions);
    // Of what is not held here nothing is revealed but the id.
    if (!held) return outside_[name] = true;
    TRY(auto asked, held_question(snapshot_, *held));
    TRY(const auto question, completed(std::move(asked), *held));
    if (held->classes.empty()) {
      return outside_may_go(carried_question(carriers_[carrier], question), *held);
    }
    TRY(const bool may, outside_may_go(question, *held));
    return outside_[name] = may;
  }

  // By law alone, or as it went: what is not selected no officer lets go now.
  Result<bool> outside_may_go(const RecordQuestion& question, const store::Record& record) {
    const auto& verdict = decider_.verdict(question);
    if (verdict.kind == treaty::VerdictKind::Permitted) return true;
    return went_by_officers(verdict, record);
  }

  // The question with the consents and recalls that concern this record and party.
  Result<RecordQuestion> completed(RecordQuestion question, const store::Record& record) {
    TRY_STATUS(circumstances_.complete(question, record.digest, {at_, {}}));
    return question;
  }

  // Who names a record that does not go does not go either, and so on.
  void pass_on_holding_back() {
    std::vector<std::size_t> blocked;
    for (std::size_t i = 0; i < places_.size(); ++i) {
      if (!places_[i].goes) blocked.push_back(i);
    }
    while (!blocked.empty()) {
      const auto from = blocked.back();
      blocked.pop_back();
      for (const auto user : places_[from].users) {
        if (!places_[user].goes) continue;
        places_[user].goes = false;
        because_.emplace(places_[user].record,
                         selection_.records[places_[from].record].record.stix_id);
        blocked.push_back(user);
      }
    }
  }

  void make_units() {
    const auto levels = dependency_levels(selection_);
    const auto before = [&](std::size_t a, std::size_t b) {
      return std::pair(levels[a], a) < std::pair(levels[b], b);
    };
    std::vector<std::size_t> carriers;
    for (std::size_t i = 0; i < selection_.records.size(); ++i) {
      if (selection_.records[i].carried || !places_[place_index_.at({alone, i})].goes) continue;
      carriers.push_back(i);
    }
    std::sort(carriers.begin(), carriers.end(), before);
    std::vector<bool> taken(selection_.records.size(), false);
    for (const auto carrier : carriers) {
      Unit unit;
      take_along(carrier, taken, unit);
      // What belongs together goes in one disclosure or not at all.
      if (unit.size() + 1 > disclosure_records_max) {
        too_large_.insert(carrier);
        continue;
      }
      std::sort(unit.begin(), unit.end(), before);
      unit.push_back(carrier);
      units_.push_back(std::move(unit));
    }
  }

  // The carried records that `index` names, directly or through one another. What another unit
  // has taken it has taken with all that it names.
  void take_along(std::size_t index, std::vector<bool>& taken, Unit& unit) const {
    std::vector<std::size_t> open = {index};
    while (!open.empty()) {
      const auto from = open.back();
      open.pop_back();
      for (const auto& name : selection_.records[from].record.names) {
        const auto at = selection_.position.find(name);
        if (at == selection_.position.end()) continue;
        const auto named = at->second;
        if (!selection_.records[named].carried || taken[named]) continue;
        taken[named] = true;
        unit.push_back(named);
        open.push_back(named);
      }
    }
  }

  store::Snapshot& snapshot_;
  const Selection& selection_;
  std::shared_ptr<const treaty::CompiledRegister> law_;
  Decider decider_;
  Circumstances circumstances_;
  std::string party_;  // our own
  std::string recipient_;
  std::optional<std::set<std::string>> withdrawn_;  // disclosures to it
  Instant at_;
  std::optional<ByOfficers> how_;          // two officers let it go
  std::vector<RecordQuestion> questions_;  // of the selection, completed
  std::vector<const treaty::Verdict*> verdicts_;
  std::vector<Place> places_;
  std::map<std::pair<std::size_t, std::size_t>, std::size_t> place_index_;  // carrier, record
  std::vector<RecordQuestion> carriers_;
  std::map<RecordQuestion, std::size_t> carrier_index_;
  std::map<std::size_t, std::string> because_;
  std::unordered_map<std::string, bool> outside_;
  std::vector<Unit> units_;
  std::set<std::size_t> too_large_;
};

// Records that go together: same ground, area and purpose.
struct Group {
  std::shared_ptr<const treaty::CompiledRegister> law;  // by which it was decided
  const treaty::Verdict* verdict = nullptr;
  std::string area, purpose;
  std::vector<ConsentUsed> consents;
  // What may not be separated stands together: a carrier and what it carries.
  std::vector<std::vector<std::int64_t>> units;
  std::vector<std::size_t> records;  // the same, as indexes of the selection
  std::size_t place = 0;             // in the order in which the groups were begun
  // By two officers: what they approved, and how. Null: an agreement permits it.
  std::optional<ByOfficers> how = {};
  const json::Object* arguments = nullptr;
  const std::optional<Approval>* approval = nullptr;
};

// The clauses of the preferred basis: those of the first instrument that the verdict names.
Result<std::vector<BasisClause>> preferred_basis(const treaty::Model& model,
                                                 const treaty::Verdict& verdict) {
  std::vector<BasisClause> out;
  for (const auto& entry : verdict.basis) {
    if (entry.instrument != verdict.basis.front().instrument) break;
    const auto instrument = model.instrument(entry.instrument);
    CHECK(instrument.has_value());
    const auto* clause =
        model.instruments[static_cast<std::size_t>(*instrument)].clause(entry.clause);
    CHECK(clause != nullptr);
    out.push_back({entry.instrument, entry.clause, entry.article, clause->digest});
  }
  return out;
}

// Names in `disclosure` the consents on which its records go, and uses up those that hold once.
// What the group was decided on must still hold.
Status use_consents(Change& change, const Group& group, const std::vector<store::Record>& records,
                    Disclosure& disclosure) {
  Circumstances circumstances(change.store(), disclosure.to);
  const auto use = [&](const AssertionQuestion& question, const Digest& digest) -> Status {
    TRY(const auto used,
        circumstances.consents(question, digest, {change.treaty_at(), disclosure.id}));
    for (const auto& consent : used) {
      if (std::find(disclosure.consents.begin(), disclosure.consents.end(), consent) ==
          disclosure.consents.end()) {
        disclosure.consents.push_back(consent);
      }
      if (!consent.once) continue;
      TRY_STATUS(change.store().set_meta(consent_spent_key(consent.id, digest), disclosure.id));
    }
    return {};
  };
  for (const auto& record : records) {
    TRY(const auto question, held_question(change.store(), record));
    TRY_STATUS(use(question, record.digest));
    for (const auto& before : question.given_before) {
      TRY_STATUS(use(before.question, before.digest));
    }
  }
  for (const auto& consent : group.consents) {
    if (std::find(disclosure.consents.begin(), disclosure.consents.end(), consent) ==
        disclosure.consents.end()) {
      return fail(ErrorKind::Conflict, "a consent ended while this was decided; release again",
                  consent.id);
    }
  }
  return {};
}

// What records of one disclosure must have in common: the preferred basis and all that goes with
// it.
std::string ground_of(const treaty::Verdict& verdict) {
  std::string out;
  for (const auto& entry : verdict.basis) {
    if (entry.instrument != verdict.basis.front().instrument) break;
    out += entry.instrument + " " + entry.clause + "\n";
  }
  for (const auto& duty : verdict.duties)
    out += duty.instrument + " " + duty.clause + duty.due + "\n";
  for (const auto& item : verdict.asserts) out += item.instrument + " " + item.what + "\n";
  for (const auto& item : verdict.assumed) out += item.id + " " + item.reason + "\n";
  return out;
}

// Between the decision and the change that rests on it the law may have changed, or its day.
Status still_decided(Change& change, Node& node, const std::string& party, const Group& group,
                     const std::vector<store::Record>& records) {
  bool same = node.law() == group.law;
  Decider decider(group.law, node.party(), party, change.treaty_at());
  Circumstances circumstances(change.store(), party);
  for (const auto& record : records) {
    if (record.classes.empty()) continue;  // goes with what carries it
    TRY(auto question, held_question(change.store(), record));
    TRY_STATUS(circumstances.complete(question, record.digest, {change.treaty_at(), {}}));
    const auto& verdict = decider.verdict(question);
    const bool may =
        may_go(question, verdict, node.party(), group.how) &&
        (group.how != ByOfficers::Discretion || verdict.kind != treaty::VerdictKind::Permitted);
    same = same && may && ground_of(verdict) == ground_of(*group.verdict);
  }
  if (same) return {};
  return fail(ErrorKind::Conflict,
              "the law or a consent changed while this was decided; release again", party);
}

std::string_view act_of(ByOfficers how) {
  return how == ByOfficers::Discretion ? discretion_act : four_eyes_act;
}

// Enters one disclosure: signed, in the ledger, granted.
Status disclose(Node& node, const std::string& party, const Group& group,
                const std::vector<std::int64_t>& sequences) {
  TRY(const auto change, Change::begin(node));
  const auto& law = group.law;
  Disclosure disclosure;
  disclosure.id = "comity-disclosure--" + uuid4(node.random());
  disclosure.mode = treaty::name(node.mode());
  disclosure.exercise = node.exercise();
  disclosure.from = node.party();
  disclosure.to = party;
  disclosure.time = change->at();
  if (change->treaty_at() != change->at()) disclosure.treaty_time = change->treaty_at();
  disclosure.register_digest = law->model().digest;
  disclosure.area = group.area;
  disclosure.purpose = group.purpose;
  disclosure.at_discretion = group.how == ByOfficers::Discretion;
  disclosure.four_eyes = group.how == ByOfficers::FourEyes;
  if (!disclosure.at_discretion) {
    TRY(disclosure.basis, preferred_basis(law->model(), *group.verdict));
  }
  disclosure.duties = group.verdict->duties;
  disclosure.asserts = group.verdict->asserts;
  disclosure.assumed = group.verdict->assumed;
  TRY(const auto last, change->store().last_disclosure(store::Direction::Sent, party));
  disclosure.number = last ? last->number + 1 : 1;
  if (last) disclosure.previous = last->digest;
  std::vector<store::Record> records;
  for (const auto sequence : sequences) {
    TRY(auto record, change->store().record(sequence));
    CHECK(record.has_value());
    record->bytes.clear();
    TRY(auto chain, read_chain(record->chain));
    disclosure.records.push_back({record->digest, record->originator, record->classes, record->tlp,
                                  record->published, std::move(chain)});
    records.push_back(*std::move(record));
  }
  TRY(const auto peer, change->store().peer(party));
  disclosure.listed = !peer || !peer->confirmed;
  TRY_STATUS(still_decided(*change, node, party, group, records));
  TRY_STATUS(use_consents(*change, group, records, disclosure));
  const auto object = sign(disclosure, node.signing_key());
  store::ProtocolObject row;
  row.id = disclosure.id;
  row.kind = disclosure_kind;
  row.direction = store::Direction::Sent;
  row.peer = party;
  row.number = disclosure.number;
  row.digest = object.digest;
  row.bytes = object.bytes;
  row.at = change->at();
  TRY_STATUS(change->store().append(row));
  TRY(const auto granted, change->store().grant(party, sequences, disclosure.id, change->at()));
  json::Object entry;
  if (group.how) {
    TRY_STATUS(approve(node, *change, act_of(*group.how), *group.arguments, *group.approval,
                       ApprovalNeed::Always, entry));
    if (disclosure.at_discretion) entry.set("ground", national_discretion);
  }
  entry.set("type", "disclosure");
  entry.set("digest", digest_text(object.digest));
  entry.set("to", party);
  entry.set("number", disclosure.number);
  entry.set("granted", format_rfc3339(granted, 6));
  entry.set("count", static_cast<std::int64_t>(sequences.size()));
  TRY_STATUS(change->enter("disclosure", entry));
  return change->commit();
}

// Cuts a group into disclosures that a recipient takes in one post.
Status disclose_all(Node& node, store::Snapshot& snapshot, const std::string& party,
                    const Group& group) {
  std::vector<std::int64_t> batch;
  std::size_t batch_bytes = 0;
  for (const auto& unit : group.units) {
    std::size_t unit_bytes = 0;
    for (const auto sequence : unit) {
      TRY(const auto record, snapshot.record(sequence));
      CHECK(record.has_value());
      unit_bytes += record->bytes.size();
    }
    if (!batch.empty() && (batch.size() + unit.size() > disclosure_records_max ||
                           batch_bytes + unit_bytes > disclosure_bytes_max)) {
      TRY_STATUS(disclose(node, party, group, batch));
      batch.clear();
      batch_bytes = 0;
    }
    batch.insert(batch.end(), unit.begin(), unit.end());
    batch_bytes += unit_bytes;
  }
  return batch.empty() ? Status() : disclose(node, party, group, batch);
}

using Groups = std::map<std::tuple<std::string, std::string, std::string>, Group>;

// Sorts what may go and has not gone before into groups; `goes` marks what is theirs or went
// already.
Result<Groups> group_units(Judge& judge, const Selection& selection, store::Snapshot& snapshot,
                           PartyRelease& out, std::vector<bool>& goes) {
  Groups groups;
  TRY(const auto withdrawn, withdrawn_from(snapshot, out.party));
  for (const auto& unit : judge.units()) {
    const auto& carrier = selection.records[unit.back()].record;
    TRY(const bool carrier_granted, granted(snapshot, out.party, carrier, withdrawn));
    std::vector<std::int64_t> sequences;
    std::vector<std::size_t> fresh;
    for (const auto index : unit) {
      const auto& record = selection.records[index].record;
      TRY(const bool has_it, granted(snapshot, out.party, record, withdrawn));
      // What is carried goes with its carrier or not at all.
      if (!has_it && carrier_granted) continue;
      goes[index] = true;
      if (has_it) {
        ++out.already;
      } else {
        sequences.push_back(record.sequence);
        fresh.push_back(index);
      }
    }
    if (sequences.empty()) continue;
    const auto& verdict = judge.verdict(unit.back());
    TRY(auto consents, judge.consents(unit.back()));
    auto ground = ground_of(verdict);
    for (const auto& consent : consents) ground += consent.id + "\n";
    const auto place = groups.size();
    const auto [at, made] = groups.try_emplace({std::move(ground), carrier.area, carrier.purpose});
    auto& group = at->second;
    if (made) group.place = place;
    group.records.insert(group.records.end(), fresh.begin(), fresh.end());
    group.law = judge.law();
    group.verdict = &verdict;
    group.consents = std::move(consents);
    group.area = carrier.area;
    group.purpose = carrier.purpose;
    group.units.push_back(std::move(sequences));
  }
  return groups;
}

// The groups in the order in which they go: what others name before those, as far as groups can be
// set apart.
std::vector<const Group*> in_order(const Groups& groups, const Selection& selection) {
  std::vector<const Group*> begun(groups.size());
  std::vector<std::size_t> group_of(selection.records.size(), SIZE_MAX);
  for (const auto& [key, group] : groups) {
    begun[group.place] = &group;
    for (const auto index : group.records) group_of[index] = group.place;
  }
  std::vector<std::set<std::size_t>> needs(groups.size());
  for (const auto* group : begun) {
    for (const auto index : group->records) {
      for (const auto& name : selection.records[index].record.names) {
        const auto at = selection.position.find(name);
        if (at == selection.position.end() || group_of[at->second] == SIZE_MAX) continue;
        needs[group->place].insert(group_of[at->second]);
      }
    }
  }
  std::vector<const Group*> out;
  for (const auto place : dependency_order(needs)) out.push_back(begun[place]);
  return out;
}

// Takes back from what goes all that has not gone before.
void keep_back(const Selection& selection, const Groups& groups, std::vector<bool>& goes) {
  std::set<std::int64_t> fresh;
  for (const auto& [key, group] : groups) {
    for (const auto& unit : group.units) fresh.insert(unit.begin(), unit.end());
  }
  for (std::size_t i = 0; i < selection.records.size(); ++i) {
    if (fresh.contains(selection.records[i].record.sequence)) goes[i] = false;
  }
}

// The same verdict of what takes along more than one disclosure holds.
treaty::Verdict needing_room(treaty::Verdict verdict, const Node& node) {
  verdict.kind = treaty::VerdictKind::Needs;
  verdict.needs.push_back({"fact",
                           fmt::format("a record that takes along no more than {}, itself included",
                                       disclosure_records_max),
                           node.party()});
  return verdict;
}

// The same verdict while the time cannot be trusted, for the reason `why`.
treaty::Verdict needing_time(treaty::Verdict verdict, const Node& node, const std::string& why) {
  verdict.kind = treaty::VerdictKind::Needs;
  verdict.needs.push_back({"fact", "time: " + why, node.party()});
  return verdict;
}

// Lists what does not go. With a problem of the clock, what would be disclosed now is among it.
void list_held(const Node& node, const Selection& selection, const Judge& judge,
               const std::vector<bool>& goes, const std::string& clock, PartyRelease& out) {
  for (std::size_t i = 0; i < selection.records.size(); ++i) {
    if (goes[i]) continue;
    ++out.held_count;
    if (out.held.size() >= held_listed_max) continue;
    auto verdict = judge.verdict(i);
    if (!clock.empty() && verdict.kind == treaty::VerdictKind::Permitted) {
      verdict = needing_time(std::move(verdict), node, clock);
    }
    if (judge.too_large(i)) verdict = needing_room(std::move(verdict), node);
    out.held.push_back({selection.records[i].record.stix_id, std::move(verdict), judge.because(i)});
  }
}

// Decides, and makes disclosures of what may go and has not gone before. Conflict when the law or a
// consent changed between the two.
Result<PartyRelease> decide_and_disclose(Node& node, const Selection& selection,
                                         const std::string& party) {
  PartyRelease out;
  out.party = party;
  out.selected = static_cast<std::int64_t>(selection.records.size());
  TRY(const auto snapshot, node.store().read());
  Judge judge(node, *snapshot, selection, party, node.treaty_now());
  TRY_STATUS(judge.run());
  std::vector<bool> goes(selection.records.size(), false);
  TRY(const auto groups, group_units(judge, selection, *snapshot, out, goes));
  TRY(const auto clock, clock_problem(node, *snapshot));
  if (!clock.empty()) keep_back(selection, groups, goes);
  list_held(node, selection, judge, goes, clock, out);
  if (!clock.empty()) return out;
  for (const auto* group : in_order(groups, selection)) {
    TRY_STATUS(disclose_all(node, *snapshot, party, *group));
  }
  return out;
}

// The same, decided again when what it rests on changed meanwhile.
Result<PartyRelease> disclose_to(Node& node, const Selection& selection, const std::string& party) {
  const auto alone = node.disclosing().take(party);
  for (int again = 0;; ++again) {
    auto out = decide_and_disclose(node, selection, party);
    if (out || out.error().kind != ErrorKind::Conflict || again == decided_again_max) return out;
  }
}

// The one group of what two officers let go, and its records in one sequence: an approval is good
// for one disclosure. Nothing when all of it went before.
Result<std::vector<std::int64_t>> only_disclosure(store::Snapshot& snapshot, const Groups& groups,
                                                  ByOfficers how) {
  std::vector<std::int64_t> out;
  std::size_t bytes = 0;
  for (const auto& [key, group] : groups) {
    if (how == ByOfficers::Discretion && group.verdict->kind == treaty::VerdictKind::Permitted) {
      return fail(ErrorKind::NotPermitted,
                  fmt::format("{} permits some of what is named here; release that under it, "
                              "without national discretion",
                              group.verdict->basis.front().instrument));
    }
    for (const auto& unit : group.units) {
      for (const auto sequence : unit) {
        TRY(const auto record, snapshot.record(sequence));
        CHECK(record.has_value());
        bytes += record->bytes.size();
        out.push_back(sequence);
      }
    }
  }
  if (groups.size() > 1) {
    return fail(ErrorKind::InvalidInput,
                "these records are of more than one area, purpose or basis; let each go by itself");
  }
  if (out.size() > disclosure_records_max || bytes > disclosure_bytes_max) {
    return fail(ErrorKind::TooLarge,
                fmt::format("{} records of {} bytes; one disclosure takes at most {} of {}",
                            out.size(), bytes, disclosure_records_max, disclosure_bytes_max));
  }
  return out;
}

// What two officers sign: of the records those that the party has not had before.
Result<json::Object> arguments_of(store::Snapshot& snapshot, const Selection& selection,
                                  const OfficersOrder& order) {
  TRY(const auto withdrawn, withdrawn_from(snapshot, order.party));
  std::vector<std::string> records;
  for (const auto& item : selection.records) {
    const auto& record = item.record;
    TRY(const bool has_it, granted(snapshot, order.party, record, withdrawn));
    if (has_it) continue;
    records.push_back(approved_row({record.digest, record.originator, record.chain, record.classes,
                                    record.tlp, record.published, record.area, record.purpose}));
  }
  json::Object out;
  out.set("ids", json::array_of(order.ids));
  out.set("to", order.party);
  if (order.how == ByOfficers::Discretion) out.set("ground", order.ground);
  out.set("records", records_digest(std::move(records)));
  return out;
}

Status check_order(const Node& node, store::Snapshot& snapshot, const OfficersOrder& order) {
  if (order.how == ByOfficers::Discretion &&
      !is_plain_text(order.ground, discretion_ground_bytes_max)) {
    return fail(ErrorKind::InvalidInput,
                fmt::format("no ground of 1 to {} bytes without line breaks, quotes and "
                            "backslashes; say why this party gets it",
                            discretion_ground_bytes_max),
                "--discretion");
  }
  TRY_STATUS(check_other_party(node, order.party));
  const auto peer = paired_peer(node, snapshot, order.party);
  return peer ? Status() : tl::unexpected<Error>(peer.error());
}

// Whether something of what goes needs the two officers who let it go.
bool any_waits(const Judge& judge, const Selection& selection,
               const std::vector<std::int64_t>& sequences) {
  for (std::size_t i = 0; i < selection.records.size(); ++i) {
    if (judge.verdict(i).kind == treaty::VerdictKind::Permitted) continue;
    const auto sequence = selection.records[i].record.sequence;
    if (std::find(sequences.begin(), sequences.end(), sequence) != sequences.end()) return true;
  }
  return false;
}

// Decides, and makes one disclosure when all of it may go.
Result<PartyRelease> disclose_by_officers(Node& node, const OfficersOrder& order,
                                          const std::optional<Approval>& approval) {
  const auto alone = node.disclosing().take(order.party);
  TRY(const auto snapshot, node.store().read());
  TRY_STATUS(check_order(node, *snapshot, order));
  TRY(const auto selection, select(*snapshot, order.ids));
  TRY(const auto arguments, arguments_of(*snapshot, selection, order));
  PartyRelease out;
  out.party = order.party;
  out.selected = static_cast<std::int64_t>(selection.records.size());
  Judge judge(node, *snapshot, selection, order.party, node.treaty_now(), nullptr, nullptr,
              order.how);
  TRY_STATUS(judge.run());
  std::vector<bool> goes(selection.records.size(), false);
  TRY(auto groups, group_units(judge, selection, *snapshot, out, goes));
  list_held(node, selection, judge, goes, "", out);
  if (out.held_count > 0) return out;
  TRY(const auto sequences, only_disclosure(*snapshot, groups, order.how));
  if (sequences.empty()) return out;
  if (order.how == ByOfficers::FourEyes && !any_waits(judge, selection, sequences)) {
    return fail(ErrorKind::NotPermitted,
                "nothing that is named here waits for two officers; release it without them");
  }
  auto& group = groups.begin()->second;
  group.how = order.how;
  group.arguments = &arguments;
  group.approval = &approval;
  TRY_STATUS(disclose(node, order.party, group, sequences));
  return out;
}

// What waits goes first: it may have to be withdrawn, and then goes again with what is new.
Result<PartyRelease> release_to(Node& node, const Selection& selection, const std::string& party) {
  TRY(auto before, deliver(node, party));
  if (!before.empty() && before.front().by_token) before.clear();
  const bool stuck = !before.empty() && !before.back().settled();
  TRY(auto out, disclose_to(node, selection, party));
  out.sent = std::move(before);
  if (stuck) return out;
  TRY(auto after, deliver(node, party));
  for (auto& item : after) out.sent.push_back(std::move(item));
  return out;
}

// The worst verdict of a selection, for one party.
Result<PartyPreview> preview_for(Judge& judge, const Node& node, const Selection& selection,
                                 const std::string& party, const std::string& clock) {
  TRY_STATUS(judge.run());
  const auto& records = selection.records;
  std::size_t worst = 0;
  bool found = false;
  for (std::size_t i = 0; i < records.size(); ++i) {
    // What is carried follows its carrier and says nothing of its own here.
    if (records[i].carried && records.size() > 1) continue;
    if (!found || strictness(judge.verdict(i).kind) > strictness(judge.verdict(worst).kind))
      worst = i;
    found = true;
  }
  PartyPreview out;
  out.party = party;
  out.verdict = judge.verdict(worst);
  for (std::size_t i = 0; i < records.size(); ++i) {
    if (out.verdict.kind != treaty::VerdictKind::Permitted || judge.because(i).empty()) continue;
    // Every record may go by itself, but one names something that may not.
    worst = i;
    out.because = judge.because(i);
    out.verdict.kind = treaty::VerdictKind::Needs;
    out.verdict.needs.push_back(
        {"fact", "leave for " + judge.because(i) + ", which it names", node.party()});
  }
  for (std::size_t i = 0; i < records.size() && out.because.empty(); ++i) {
    if (out.verdict.kind != treaty::VerdictKind::Permitted || !judge.too_large(i)) continue;
    worst = i;
    out.verdict = needing_room(std::move(out.verdict), node);
  }
  if (out.verdict.kind == treaty::VerdictKind::Permitted && !clock.empty()) {
    out.verdict = needing_time(std::move(out.verdict), node, clock);
    out.by_clock = true;
  }
  out.stix_id = records[worst].record.stix_id;
  out.record = records[worst].record.assertion_id;
  return out;
}

// The same for each of these parties, by one law; for all of its parties when none is named.
Result<std::vector<PartyPreview>> preview_all(
    Node& node, store::Snapshot& snapshot, const Selection& selection,
    const std::shared_ptr<const treaty::CompiledRegister>& law, std::vector<std::string> parties,
    Instant at, const std::string& clock) {
  if (parties.empty()) {
    for (const auto& party : law->model().parties) {
      if (party.code != node.party()) parties.push_back(party.code);
    }
  }
  const auto answers = std::make_shared<AnswerBook>(snapshot);
  std::vector<PartyPreview> out;
  for (const auto& party : parties) {
    Judge judge(node, snapshot, selection, party, at, law, answers);
    TRY(auto row, preview_for(judge, node, selection, party, clock));
    out.push_back(std::move(row));
  }
  return out;
}

}  // namespace

Result<std::vector<PartyRelease>> release(Node& node, const std::vector<std::string>& ids,
                                          const std::vector<std::string>& parties) {
  TRY_STATUS(ask_clocks_again(node));
  TRY(auto snapshot, node.store().read());
  TRY_STATUS(check_recipients(node, *snapshot, parties));
  TRY(const auto selection, select(*snapshot, ids));
  snapshot.reset();
  std::vector<PartyRelease> out;
  for (const auto& party : parties) {
    TRY(auto outcome, release_to(node, selection, party));
    out.push_back(std::move(outcome));
  }
  return out;
}

std::string approved_row(const ApprovedRecord& record) {
  json::Array row;
  for (const auto& text : {digest_text(record.digest), record.originator, record.chain,
                           record.classes, record.tlp, record.published}) {
    row.emplace_back(text);
  }
  if (!record.classes.empty()) {
    row.emplace_back(record.area);
    row.emplace_back(record.purpose);
  }
  return json::canonical(row);
}

std::string records_digest(std::vector<std::string> rows) {
  std::sort(rows.begin(), rows.end());
  Sha256 sum;
  for (const auto& row : rows) sum.add(row).add("\n");
  return digest_text(sum.finish());
}

Result<json::Object> officers_arguments(const Node& node, const OfficersOrder& order) {
  TRY(const auto snapshot, node.store().read());
  TRY_STATUS(check_order(node, *snapshot, order));
  TRY(const auto selection, select(*snapshot, order.ids));
  return arguments_of(*snapshot, selection, order);
}

Result<PartyRelease> release_by_officers(Node& node, const OfficersOrder& order,
                                         const std::optional<Approval>& approval) {
  TRY_STATUS(ask_clocks_again(node));
  TRY_STATUS(check_clock(node));
  TRY(auto out, disclose_by_officers(node, order, approval));
  if (out.held_count > 0) return out;
  auto sent = deliver(node, order.party);
  if (!sent) {
    return tl::unexpected<Error>(
        std::move(sent.error()).at("what two officers let go is entered, and goes later"));
  }
  out.sent = *std::move(sent);
  return out;
}

Status disclose_covered(Node& node, const std::vector<std::string>& ids, const std::string& party,
                        const std::function<bool(const store::Record&)>& covers) {
  Selection selection;
  {
    TRY(const auto snapshot, node.store().read());
    TRY(auto whole, select(*snapshot, ids));
    // A container brings its contents, which the rule need not speak of.
    for (auto& item : whole.records) {
      if (!item.carried && !covers(item.record)) continue;
      selection.position[item.record.stix_id] = selection.records.size();
      selection.records.push_back(std::move(item));
    }
  }
  TRY_STATUS(disclose_to(node, selection, party));
  return {};
}

Status check_recipients(Node& node, store::Snapshot& snapshot,
                        const std::vector<std::string>& parties) {
  if (parties.empty()) {
    return fail(ErrorKind::InvalidInput,
                "no recipient named (--to XX,YY); nobody is never everybody");
  }
  std::set<std::string> seen;
  for (const auto& party : parties) {
    TRY_STATUS(check_other_party(node, party));
    if (!seen.insert(party).second) {
      return fail(ErrorKind::InvalidInput, fmt::format("{} is named twice", party));
    }
    TRY(const auto peer, snapshot.peer(party));
    TRY(const bool reached, reached_without_node(snapshot, party, node.now()));
    if (peer && !peer->confirmed && !reached) return tl::unexpected(not_paired(snapshot, party));
    if (!peer && !reached) {
      return fail(ErrorKind::Conflict,
                  fmt::format("{} is not paired with this node; exchange invitations first "
                              "(comity invite {}, comity pair FILE), or make a token with which "
                              "it collects (comity token new), or enter its TAXII server (comity "
                              "outpost add)",
                              party, party));
    }
  }
  return {};
}

Result<std::vector<PartyPreview>> preview(Node& node, const std::vector<std::string>& ids,
                                          const std::vector<std::string>& parties) {
  TRY(const auto snapshot, node.store().read());
  TRY(const auto selection, select(*snapshot, ids));
  TRY(const auto clock, clock_problem(node, *snapshot));
  return preview_all(node, *snapshot, selection, node.law(), parties, node.treaty_now(), clock);
}

Result<std::vector<PartyPreview>> preview_record(
    Node& node, store::Snapshot& snapshot, const store::Record& record, std::optional<Instant> at,
    const std::shared_ptr<const treaty::CompiledRegister>& law) {
  TRY(const auto selection, select_assertion(snapshot, record));
  std::string clock;
  if (!at) {
    TRY(clock, clock_problem(node, snapshot));
  }
  return preview_all(node, snapshot, selection, law, {}, at.value_or(node.treaty_now()), clock);
}

}  // namespace comity::exchange
