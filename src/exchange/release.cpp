#include "exchange/release.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "exchange/delivery.h"
#include "exchange/record.h"
#include "exchange/selection.h"

namespace comity::exchange {
namespace {

int rank(treaty::VerdictKind kind) {
  switch (kind) {
    case treaty::VerdictKind::Permitted:
      return 0;
    case treaty::VerdictKind::Needs:
      return 1;
    case treaty::VerdictKind::NoBasis:
      return 2;
    case treaty::VerdictKind::Forbidden:
    case treaty::VerdictKind::InvalidRequest:
      return 3;
  }
  return 3;
}

// A record without class is asked about as part of what carries it, under its own handling.
RecordQuestion carried_question(const RecordQuestion& carrier, const RecordQuestion& carried) {
  auto question = carrier;
  question.tlp = carried.tlp;
  question.chain = carried.chain;
  question.quarantined = carried.quarantined;
  return question;
}

// Decides a selection for one party: every record, and every held record that it names.
class Judge {
 public:
  Judge(Node& node, store::Snapshot& snapshot, const Selection& selection, const std::string& party,
        Instant at)
      : snapshot_(snapshot),
        selection_(selection),
        decider_(node.law(), node.party(), party, at),
        verdicts_(selection.records.size(), nullptr) {}

  Status run() {
    const auto& records = selection_.records;
    for (std::size_t i = 0; i < records.size(); ++i) {
      if (!records[i].carried) verdicts_[i] = &decider_.verdict(records[i].question);
    }
    for (std::size_t i = 0; i < records.size(); ++i) {
      if (records[i].carried || verdicts_[i]->kind != treaty::VerdictKind::Permitted) continue;
      for (const auto& name : records[i].record.names) carry(name, i);
    }
    for (std::size_t i = 0; i < records.size(); ++i) {
      if (verdicts_[i] == nullptr) verdicts_[i] = &decider_.verdict(records[i].question);
    }
    for (std::size_t i = 0; i < records.size(); ++i) {
      if (verdicts_[i]->kind != treaty::VerdictKind::Permitted) continue;
      TRY(auto held_back, held_back_by(records[i].record));
      if (!held_back.empty()) because_[i] = std::move(held_back);
    }
    return {};
  }

  const treaty::Verdict& verdict(std::size_t index) const { return *verdicts_[index]; }
  // The named record that keeps record `index` back; empty: none does.
  std::string because(std::size_t index) const {
    const auto it = because_.find(index);
    return it == because_.end() ? std::string() : it->second;
  }
  bool may_go(std::size_t index) const {
    return verdicts_[index]->kind == treaty::VerdictKind::Permitted && !because_.contains(index);
  }

 private:
  void carry(const std::string& name, std::size_t carrier) {
    const auto at = selection_.position.find(name);
    if (at == selection_.position.end() || !selection_.records[at->second].carried) return;
    auto& verdict = verdicts_[at->second];
    if (verdict != nullptr && verdict->kind == treaty::VerdictKind::Permitted) return;
    verdict = &decider_.verdict(carried_question(selection_.records[carrier].question,
                                                 selection_.records[at->second].question));
    // What a carried record names without a class (its marking) is carried with it.
    if (verdict->kind != treaty::VerdictKind::Permitted) return;
    for (const auto& further : selection_.records[at->second].record.names) {
      carry(further, carrier);
    }
  }

  // A record goes only if every record that it names and this node holds may go too.
  Result<std::string> held_back_by(const store::Record& record) {
    for (const auto& name : record.names) {
      TRY(const bool permitted, name_permitted(name, record));
      if (!permitted) return name;
    }
    return std::string();
  }

  Result<bool> name_permitted(const std::string& name, const store::Record& by) {
    const auto at = selection_.position.find(name);
    if (at != selection_.position.end()) {
      return verdicts_[at->second]->kind == treaty::VerdictKind::Permitted;
    }
    const auto known = outside_.find(name);
    if (known != outside_.end()) return known->second;
    TRY(auto assertions, snapshot_.records_by_stix_id(name, false));
    const auto held = preferred(std::move(assertions));
    bool permitted = true;  // not held here: nothing is revealed but the id
    if (held && held->classes.empty()) {
      const auto question = carried_question(question_of(by), question_of(*held));
      return decider_.verdict(question).kind == treaty::VerdictKind::Permitted;
    }
    if (held) {
      permitted = decider_.verdict(question_of(*held)).kind == treaty::VerdictKind::Permitted;
    }
    outside_[name] = permitted;
    return permitted;
  }

  store::Snapshot& snapshot_;
  const Selection& selection_;
  Decider decider_;
  std::vector<const treaty::Verdict*> verdicts_;
  std::map<std::size_t, std::string> because_;
  std::unordered_map<std::string, bool> outside_;
};

// Records that go together: same ground, area and purpose.
struct Group {
  const treaty::Verdict* verdict = nullptr;
  std::string area, purpose;
  std::vector<std::int64_t> sequences;
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

// Enters one disclosure of at most disclosure_records_max records: signed, in the ledger, granted.
Result<std::string> disclose(Node& node, const std::string& party, const Group& group,
                             std::size_t first, std::size_t count) {
  TRY(const auto change, Change::begin(node));
  const auto law = node.law();
  Disclosure disclosure;
  disclosure.id = "comity-disclosure--" + uuid4(node.random());
  disclosure.mode = treaty::name(node.mode());
  disclosure.exercise = node.exercise();
  disclosure.from = node.party();
  disclosure.to = party;
  disclosure.time = change->at();
  disclosure.register_digest = law->model().digest;
  disclosure.area = group.area;
  disclosure.purpose = group.purpose;
  TRY(disclosure.basis, preferred_basis(law->model(), *group.verdict));
  disclosure.duties = group.verdict->duties;
  disclosure.asserts = group.verdict->asserts;
  disclosure.assumed = group.verdict->assumed;
  TRY(const auto last, change->store().last_disclosure(store::Direction::Sent, party));
  disclosure.number = last ? last->number + 1 : 1;
  if (last) disclosure.previous = last->digest;
  const std::vector<std::int64_t> sequences(
      group.sequences.begin() + static_cast<std::ptrdiff_t>(first),
      group.sequences.begin() + static_cast<std::ptrdiff_t>(first + count));
  for (const auto sequence : sequences) {
    TRY(const auto record, change->store().record(sequence));
    CHECK(record.has_value());
    TRY(auto chain, read_chain(record->chain));
    disclosure.records.push_back({record->digest, record->originator, record->classes, record->tlp,
                                  record->published, std::move(chain)});
  }
  const auto object = sign(disclosure, node.signing_key());
  store::ProtocolObject row;
  row.id = disclosure.id;
  row.kind = "comity-disclosure";
  row.direction = store::Direction::Sent;
  row.peer = party;
  row.number = disclosure.number;
  row.digest = object.digest;
  row.bytes = object.bytes;
  row.at = change->at();
  TRY_STATUS(change->store().append(row));
  TRY_STATUS(change->store().grant(party, sequences, disclosure.id, change->at()));
  json::Object entry;
  entry.set("type", "disclosure");
  entry.set("digest", digest_text(object.digest));
  entry.set("to", party);
  entry.set("number", disclosure.number);
  TRY_STATUS(change->enter("disclosure", entry));
  TRY_STATUS(change->commit());
  return disclosure.id;
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

Status check_parties(Node& node, store::Snapshot& snapshot,
                     const std::vector<std::string>& parties) {
  if (parties.empty()) {
    return fail(ErrorKind::InvalidInput,
                "no recipient named (--to XX,YY); nobody is never everybody");
  }
  std::set<std::string> seen;
  for (const auto& party : parties) {
    if (party == node.party()) {
      return fail(ErrorKind::InvalidInput, fmt::format("{} is this node's own party", party));
    }
    if (!node.law()->model().party(party)) {
      return fail(
          ErrorKind::InvalidInput,
          fmt::format("'{}' is no party of the register; comity treaty check lists problems, "
                      "register/parties.toml the parties",
                      party));
    }
    if (!seen.insert(party).second) {
      return fail(ErrorKind::InvalidInput, fmt::format("{} is named twice", party));
    }
    TRY(const auto peer, snapshot.peer(party));
    if (!peer || !peer->confirmed) {
      return fail(ErrorKind::Conflict,
                  fmt::format("{} is not paired with this node; exchange invitations first "
                              "(comity invite {}, comity pair FILE)",
                              party, party));
    }
  }
  return {};
}

// Decides, and makes disclosures of what may go and has not gone under the same ground before.
Result<PartyRelease> release_to(Node& node, const Selection& selection, const std::string& party) {
  PartyRelease out;
  out.party = party;
  out.selected = static_cast<std::int64_t>(selection.records.size());
  TRY(const auto snapshot, node.store().read());
  Judge judge(node, *snapshot, selection, party, node.now());
  TRY_STATUS(judge.run());
  std::map<std::tuple<std::string, std::string, std::string>, Group> groups;
  for (std::size_t i = 0; i < selection.records.size(); ++i) {
    const auto& record = selection.records[i].record;
    if (!judge.may_go(i)) {
      ++out.held_count;
      if (out.held.size() < held_listed_max) {
        out.held.push_back({record.stix_id, judge.verdict(i), judge.because(i)});
      }
      continue;
    }
    TRY(const bool granted, snapshot->granted(party, record.sequence));
    if (granted) {
      ++out.already;
      continue;
    }
    const auto& verdict = judge.verdict(i);
    auto& group = groups[{ground_of(verdict), record.area, record.purpose}];
    group.verdict = &verdict;
    group.area = record.area;
    group.purpose = record.purpose;
    group.sequences.push_back(record.sequence);
  }
  for (const auto& [key, group] : groups) {
    for (std::size_t first = 0; first < group.sequences.size(); first += disclosure_records_max) {
      const auto count = std::min(disclosure_records_max, group.sequences.size() - first);
      TRY_STATUS(disclose(node, party, group, first, count));
    }
  }
  TRY(out.sent, deliver(node, party));
  return out;
}

}  // namespace

Result<std::vector<PartyRelease>> release(Node& node, const std::vector<std::string>& ids,
                                          const std::vector<std::string>& parties) {
  TRY(auto snapshot, node.store().read());
  TRY_STATUS(check_parties(node, *snapshot, parties));
  TRY(const auto selection, select(*snapshot, ids));
  snapshot.reset();
  std::vector<PartyRelease> out;
  for (const auto& party : parties) {
    TRY(auto outcome, release_to(node, selection, party));
    out.push_back(std::move(outcome));
  }
  return out;
}

Result<std::vector<PartyPreview>> preview(Node& node, const std::vector<std::string>& ids) {
  TRY(const auto snapshot, node.store().read());
  TRY(const auto selection, select(*snapshot, ids));
  const auto at = node.now();
  std::vector<PartyPreview> out;
  for (const auto& party : node.law()->model().parties) {
    if (party.code == node.party()) continue;
    Judge judge(node, *snapshot, selection, party.code, at);
    TRY_STATUS(judge.run());
    std::size_t worst = 0;
    bool found = false;
    for (std::size_t i = 0; i < selection.records.size(); ++i) {
      // What is carried follows its carrier and says nothing of its own here.
      if (selection.records[i].carried && selection.records.size() > 1) continue;
      if (!found || rank(judge.verdict(i).kind) > rank(judge.verdict(worst).kind)) worst = i;
      found = true;
    }
    out.push_back({party.code, judge.verdict(worst), selection.records[worst].record.stix_id});
  }
  return out;
}

}  // namespace comity::exchange
