#include "exchange/receive.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "exchange/circumstances.h"
#include "exchange/class_graph.h"
#include "exchange/decision.h"
#include "exchange/group_commit.h"
#include "exchange/procedure.h"
#include "exchange/protocol.h"
#include "exchange/record.h"
#include "exchange/signers.h"
#include "exchange/withdrawal.h"
#include "json/parse.h"
#include "json/write.h"
#include "stix/admission.h"
#include "stix/marking.h"

namespace comity::exchange {
namespace {

struct Arrival {
  std::string disclosure_bytes;
  std::vector<std::string_view> records;
};

Result<Arrival> open_envelope(std::string_view envelope) {
  Arrival arrival;
  const auto read =
      json::split(envelope, "objects", [&](std::string_view element, std::size_t index) {
        if (index == 0) {
          arrival.disclosure_bytes = std::string(element);
        } else if (arrival.records.size() >= disclosure_records_max) {
          return Status(
              fail(ErrorKind::TooLarge,
                   fmt::format("more than {} records in one disclosure", disclosure_records_max)));
        } else {
          arrival.records.push_back(element);
        }
        return Status();
      });
  if (!read) return tl::unexpected<Error>(read.error());
  if (arrival.disclosure_bytes.empty()) {
    return fail(ErrorKind::InvalidInput, "an empty envelope; expected a disclosure and its records",
                "$.objects");
  }
  return arrival;
}

// A disclosure never comes alone, and a procedural message never with anything else.
bool is_lone_statement(const Arrival& arrival) {
  if (!arrival.records.empty()) return false;
  const auto value = json::parse(arrival.disclosure_bytes);
  return value && is_statement_type(value->text("type"));
}

Status check_addressed(const Node& node, const Disclosure& disclosure, const std::string& sender) {
  if (disclosure.from != sender) {
    return fail(
        ErrorKind::NotVerified,
        fmt::format("the disclosure is from {}, the connection is {}'s", disclosure.from, sender),
        "$.from");
  }
  if (disclosure.to != node.party()) {
    return fail(
        ErrorKind::NotVerified,
        fmt::format("the disclosure is for {}, this node is {}'s", disclosure.to, node.party()),
        "$.to");
  }
  if (disclosure.mode != treaty::name(node.mode()) || disclosure.exercise != node.exercise()) {
    return fail(
        ErrorKind::NotVerified,
        fmt::format("the disclosure is of mode {} {}, this node of {} {}; exercise and real "
                    "traffic never mix",
                    disclosure.mode, disclosure.exercise, treaty::name(node.mode()),
                    node.exercise()),
        "$.mode");
  }
  return {};
}

// Objects are read once: for their digest now and for their record afterwards.
struct ReadRecord {
  Result<stix::Object> object = fail(ErrorKind::InvalidInput, "not read");
  std::string id;  // also of one that is rejected, when it has one; else empty
};

// Names the records of a disclosure in sum by what arrived.
Result<std::vector<ReadRecord>> read_records(Disclosure& disclosure, const Arrival& arrival) {
  if (arrival.records.size() != disclosure.records.size()) {
    return fail(ErrorKind::NotVerified,
                fmt::format("{} records arrived, {} were disclosed", arrival.records.size(),
                            disclosure.records.size()),
                "$.objects");
  }
  std::vector<ReadRecord> out(arrival.records.size());
  std::vector<Digest> digests;
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i].object = stix::admit_object(arrival.records[i]);
    Digest digest{};
    if (out[i].object) {
      digest = out[i].object->digest;
      out[i].id = out[i].object->id;
    } else {
      TRY(digest, protocol_digest(arrival.records[i]));
      const auto value = json::parse(arrival.records[i]);
      if (value && stix::is_identifier(value->text("id"))) out[i].id = value->text("id");
    }
    digests.push_back(digest);
    if (disclosure.named && digest != disclosure.records[i].digest) {
      return fail(ErrorKind::NotVerified, "this record is not the one that was disclosed",
                  fmt::format("$.objects[{}]", i + 1));
    }
  }
  const auto named = name_records(disclosure, digests);
  if (!named) return fail(ErrorKind::NotVerified, named.error().message, "$.objects");
  return out;
}

// Whether our own register holds every clause of the basis, row for row.
bool recognised(const treaty::Model& model, const Disclosure& disclosure) {
  for (const auto& basis : disclosure.basis) {
    const auto index = model.instrument(basis.instrument);
    if (!index) return false;
    const auto* clause = model.instruments[static_cast<std::size_t>(*index)].clause(basis.clause);
    if (clause == nullptr || clause->digest != basis.digest) return false;
  }
  return true;
}

// Decides one arrived record by our own law; empty: accepted.
class Gate {
 public:
  Gate(const Node& node, const Disclosure& disclosure, std::map<std::string, std::string> consents,
       Instant at)
      : law_(node.law()),
        disclosure_(disclosure),
        consents_(std::move(consents)),
        recognised_(recognised(law_->model(), disclosure)),
        at_(at),
        decider_(law_, disclosure.from, disclosure.to, at) {}

  const treaty::CompiledRegister& law() const { return *law_; }
  Instant at() const { return at_; }

  std::string quarantine_reason(RecordQuestion question, const std::string& originator) {
    question.consents = consents_;
    if (!recognised_) return "basis-not-recognised";
    if (!law_->model().party(originator)) return "originator-not-known";
    const auto& verdict = decider_.verdict(question);
    // Only its own may a state give where no agreement speaks of it, what is carried too.
    if (disclosure_.at_discretion && (originator != disclosure_.from || question.chain != "[]")) {
      return "basis-not-recognised";
    }
    if (question.classes.empty()) return {};  // carried; settled by what names it: may_carry()
    if (!may_be_given(question, verdict)) {
      return fmt::format("not-permitted-here: {}", treaty::name(verdict.kind));
    }
    if (disclosure_.at_discretion) return {};  // though our register may even know an agreement
    for (const auto& basis : disclosure_.basis) {
      for (const auto& entry : verdict.basis) {
        if (entry.instrument == basis.instrument && entry.clause == basis.clause) return {};
      }
    }
    return "basis-not-recognised";
  }

  // Whether a record without class may come as part of this carrier, under its own handling.
  bool may_carry(const RecordQuestion& carrier, RecordQuestion carried) {
    carried.consents = consents_;
    const auto question = carried_question(carrier_question(carrier), carried);
    const auto& verdict = decider_.verdict(question);
    return may_be_given(question, verdict) ||
           (disclosure_.at_discretion && may_go_at_discretion(question, verdict));
  }

 private:
  bool may_be_given(const RecordQuestion& question, const treaty::Verdict& verdict) const {
    if (verdict.kind == treaty::VerdictKind::Permitted) return true;
    if (disclosure_.at_discretion) {
      return verdict.needs.empty() && may_go_at_discretion(question, verdict);
    }
    // Whom the law asks to look are officers of the sender, and it has signed that they did.
    return disclosure_.four_eyes && waits_for_officers(verdict, disclosure_.from);
  }

  std::shared_ptr<const treaty::CompiledRegister> law_;
  const Disclosure& disclosure_;
  std::map<std::string, std::string> consents_;  // as the sender states them
  bool recognised_;
  Instant at_;
  Decider decider_;
};

// Our own classes of the object and those that the sender stated: a sender may only add.
std::string united_classes(stix::Classes classes, const DisclosedRecord& disclosed,
                           const treaty::Vocabulary& vocabulary) {
  for (const auto& name : split_classes(disclosed.classes)) {
    if (name == "?") {
      classes.unknown = true;
    } else {
      classes.names.insert(name);
    }
  }
  return write_classes(classes, vocabulary);
}

// What records name: from this arrival, or from what is held. What is neither cannot be looked at
// here: then the sender's signed statement of the classes counts alone.
class ArrivedObjects {
 public:
  ArrivedObjects(const std::vector<ReadRecord>& records, const treaty::Model& model,
                 store::Snapshot& snapshot)
      : snapshot_(snapshot),
        graph_(
            model.classification, ids_,
            [this](const std::string& id) { return stored_classes(snapshot_, id); }, false,
            ClassGraph::Adds::Every) {
    for (const auto& record : records) {
      if (!record.object) continue;
      objects_.emplace(record.object->id, &*record.object);
      CHECK(graph_.add(*record.object).has_value());
    }
    graph_.resolve();
  }
  // An object of this arrival or of the store; null when it is neither.
  const json::Value* value(const std::string& id) {
    const auto it = objects_.find(id);
    if (it != objects_.end()) return &it->second->value;
    auto& kept = stored_[id];
    if (auto held = snapshot_.records_by_stix_id(id, true);
        kept.is_null() && held && !held->empty()) {
      if (auto value = json::parse(held->back().bytes)) kept = *std::move(value);
    }
    return kept.is_null() ? nullptr : &kept;
  }
  stix::Classes classes(const std::string& id) const {
    return graph_.find(id).value_or(stix::Classes{});
  }

 private:
  // Each id has its quotes and a comma: what one envelope names fits into the tables.
  static_assert(taxii::envelope_bytes_max / 3 < stix::table_ids_max);
  static_assert(taxii::envelope_bytes_max / 3 < class_edges_max);

  store::Snapshot& snapshot_;
  stix::IdTable ids_;
  ClassGraph graph_;
  std::map<std::string, const stix::Object*> objects_;
  std::map<std::string, json::Value> stored_;
};

// What the sender states, or what the object itself states if that is stricter. Material that the
// sender signs to be public is as public as it says.
std::string stricter_handling(const stix::Object& object, const DisclosedRecord& disclosed,
                              ArrivedObjects& named) {
  if (!disclosed.published.empty()) return disclosed.tlp;
  const auto own = stix::handling(object, [&](const std::string& id) { return named.value(id); });
  const auto stated = stix::tlp_from_text(disclosed.tlp);
  return own && stated && *own > *stated ? stix::name(*own) : disclosed.tlp;
}

// One record of an arrival on its way into the store.
struct Judged {
  std::optional<store::Record> record;  // none: rejected
  RecordQuestion question;              // as it was sent
  RecordFate fate;
};

void quarantine(Judged& judged, const std::string& reason) {
  judged.record->state = store::RecordState::Quarantined;
  judged.record->quarantine_reason = reason;
  judged.fate.result = "quarantined";
  judged.fate.reason = reason;
}

Judged judge(Gate& gate, const Disclosure& disclosure, std::size_t index, const ReadRecord& read,
             std::string_view bytes, ArrivedObjects& named) {
  const auto& disclosed = disclosure.records[index];
  Judged out;
  out.fate = {disclosed.digest, "accepted", ""};
  if (!read.object) {
    out.fate.result = "rejected";
    out.fate.reason = read.object.error().text();
    return out;
  }
  auto record = record_from(*read.object, bytes);
  record.originator = disclosed.originator;
  record.received_from = disclosure.from;
  record.source = disclosure.id;
  record.classes =
      united_classes(named.classes(record.stix_id), disclosed, gate.law().model().vocabulary);
  record.area = disclosure.area;
  record.purpose = disclosure.purpose;
  record.tlp = stricter_handling(*read.object, disclosed, named);
  record.published = disclosed.published;
  record.chain = write_chain(disclosed.chain);
  // The record is judged as it was sent; what we keep has this hop in its chain.
  out.question = question_of(record);
  const auto reason = gate.quarantine_reason(out.question, record.originator);
  auto chain = disclosed.chain;
  chain.push_back({disclosure.at_discretion ? std::string(national_discretion)
                                            : disclosure.basis.front().instrument,
                   disclosure.from, std::min(disclosure.decided_at(), gate.at())});
  record.chain = write_chain(chain);
  record.assertion_id = assertion_id(record);
  out.record = std::move(record);
  if (!reason.empty()) quarantine(out, reason);
  return out;
}

// What has no class of its own is taken with an accepted record that names it, directly or through
// another such record, and that may carry it; and not alone.
void quarantine_uncarried(Gate& gate, std::vector<Judged>& arrived) {
  std::map<std::string, std::size_t> carried;
  std::vector<std::pair<std::size_t, std::size_t>> open;  // record, carrier
  for (std::size_t i = 0; i < arrived.size(); ++i) {
    if (!arrived[i].record || arrived[i].fate.result != "accepted") continue;
    if (arrived[i].record->classes.empty()) {
      carried.emplace(arrived[i].record->stix_id, i);
    } else {
      open.emplace_back(i, i);
    }
  }
  std::set<std::size_t> named;
  while (!open.empty()) {
    const auto [from, carrier] = open.back();
    open.pop_back();
    for (const auto& name : arrived[from].record->names) {
      const auto at = carried.find(name);
      if (at == carried.end()) continue;
      named.insert(at->second);
      if (!gate.may_carry(arrived[carrier].question, arrived[at->second].question)) continue;
      open.emplace_back(at->second, carrier);
      carried.erase(at);
    }
  }
  for (const auto& [id, index] : carried) {
    quarantine(arrived[index],
               named.contains(index) ? "not-permitted-here: carried" : "carried-by-nothing");
  }
}

// Judges all records of an arrival, then keeps them; their fates in the order of the disclosure.
Result<std::vector<RecordFate>> keep_records(Change& change, Gate& gate,
                                             const Disclosure& disclosure, const Arrival& arrival,
                                             const std::vector<ReadRecord>& records) {
  ArrivedObjects named(records, gate.law().model(), change.store());
  std::vector<Judged> judged;
  judged.reserve(records.size());
  for (std::size_t i = 0; i < records.size(); ++i) {
    judged.push_back(judge(gate, disclosure, i, records[i], arrival.records[i], named));
  }
  quarantine_uncarried(gate, judged);
  std::vector<RecordFate> results;
  results.reserve(judged.size());
  for (auto& item : judged) {
    if (item.record) TRY_STATUS(change.keep(*std::move(item.record)));
    results.push_back(std::move(item.fate));
  }
  return results;
}

Receipt receipt_for(const Node& node, const Disclosure& disclosure, const Digest& digest,
                    Instant at, std::vector<RecordFate> results) {
  Receipt receipt;
  receipt.id = receipt_id(disclosure.id);
  receipt.mode = treaty::name(node.mode());
  receipt.from = node.party();
  receipt.to = disclosure.from;
  receipt.disclosure = disclosure.id;
  receipt.disclosure_digest = digest;
  receipt.number = disclosure.number;
  receipt.time = at;
  receipt.register_digest = node.law()->model().digest;
  receipt.results = std::move(results);
  if (receipt.results.size() > listed_rows_max) receipt.root = rows_root(disclosure.records);
  return receipt;
}

Status keep_statements(Change& change, const Node& node, const Disclosure& disclosure,
                       const Arrival& arrival, const Digest& digest, const Receipt& receipt) {
  store::ProtocolObject row;
  row.id = disclosure.id;
  row.kind = disclosure_kind;
  row.direction = store::Direction::Received;
  row.peer = disclosure.from;
  row.number = disclosure.number;
  row.digest = digest;
  row.bytes = arrival.disclosure_bytes;
  row.at = change.at();
  TRY_STATUS(change.store().append(row));
  const auto object = sign(receipt, node.signing_key());
  row.id = receipt.id;
  row.kind = receipt_kind;
  row.direction = store::Direction::Sent;
  row.number = 0;
  row.digest = object.digest;
  row.bytes = object.bytes;
  row.about = disclosure.id;
  TRY_STATUS(change.store().append(row));
  json::Object entry;
  entry.set("type", "arrival");
  entry.set("digest", digest_text(digest));
  entry.set("from", disclosure.from);
  entry.set("number", disclosure.number);
  change.bind_kept(entry);
  TRY_STATUS(change.enter("arrival", entry));
  entry = json::Object();
  entry.set("type", "receipt");
  entry.set("digest", digest_text(object.digest));
  entry.set("to", disclosure.from);
  entry.set("disclosure_digest", digest_text(digest));
  return change.enter("receipt", entry);
}

taxii::SubmissionStatus status_of(const Disclosure& disclosure, const Receipt& receipt,
                                  const std::vector<ReadRecord>& records) {
  taxii::SubmissionStatus status;
  status.id = disclosure.id.substr(disclosure.id.find("--") + 2);
  status.requested = receipt.time;
  status.fates.push_back({disclosure.id, format_rfc3339(disclosure.time, 6), "", false});
  for (std::size_t i = 0; i < receipt.results.size(); ++i) {
    const auto& fate = receipt.results[i];
    taxii::Fate out;
    out.id = records[i].id;
    if (records[i].object) {
      const auto& value = records[i].object->value;
      out.version = value.text(value.find("modified") != nullptr ? "modified" : "created");
    }
    out.failed = fate.result == "rejected";
    if (!fate.reason.empty()) out.message = fate.result + ": " + fate.reason;
    status.fates.push_back(std::move(out));
  }
  return status;
}

// A repeat: the same disclosure is answered as before; anything else under its number is refused.
Result<std::optional<taxii::SubmissionStatus>> repeat(Node& node, store::Snapshot& snapshot,
                                                      const Disclosure& disclosure,
                                                      const Digest& digest,
                                                      const std::vector<ReadRecord>& records) {
  TRY(const auto last, snapshot.last_disclosure(store::Direction::Received, disclosure.from));
  const std::int64_t highest = last ? last->number : 0;
  if (disclosure.number == highest + 1) {
    std::optional<Digest> link;
    if (last) {
      TRY(link, link_digest(*last));
    }
    if (disclosure.previous != link) {
      return fail(ErrorKind::Conflict,
                  "does not follow the last disclosure that arrived here; the chains of sender and "
                  "recipient disagree, compare them by another channel",
                  "$.previous");
    }
    return std::optional<taxii::SubmissionStatus>();
  }
  if (disclosure.number > highest + 1) {
    return fail(ErrorKind::Conflict,
                fmt::format("number {} arrived, expected {}: send what lies between first",
                            disclosure.number, highest + 1),
                "$.number");
  }
  TRY(const auto known, snapshot.protocol(disclosure.id));
  if (!known || known->digest != digest) {
    return fail(
        ErrorKind::Conflict,
        fmt::format("number {} was used for another disclosure; this one is refused as a replay",
                    disclosure.number),
        "$.number");
  }
  TRY(const auto bytes, snapshot.protocol(receipt_id(disclosure.id)));
  if (!bytes) return fail(ErrorKind::Corrupt, "a disclosure without receipt", disclosure.id);
  TRY(const auto receipt, open_by(own_signers(node), bytes->bytes, open_receipt));
  return std::optional(status_of(disclosure, receipt, records));
}

Result<Signers> arrival_signers(Node& node, const std::string& sender, std::string_view bytes) {
  TRY(const auto snapshot, node.store().read());
  return signers_of_arrival(*snapshot, sender, bytes);
}

// Decides and stores what arrived, within a change: records, statements, receipt and status. What
// arrived before is answered as it was, and changes nothing.
Result<taxii::SubmissionStatus> admit(Node& node, Change& change, const Disclosure& disclosure,
                                      const Arrival& arrival,
                                      const std::vector<ReadRecord>& records,
                                      const Digest& digest) {
  TRY(auto repeated, repeat(node, change.store(), disclosure, digest, records));
  if (repeated) return *std::move(repeated);
  // An exercise has one clock that only goes forward: the one that is ahead shows it.
  const auto asked = std::max(change.treaty_at(), disclosure.decided_at());
  TRY(auto consents, stated_consents(change.store(), node.party(), disclosure));
  Gate gate(node, disclosure, std::move(consents),
            disclosure.treaty_time ? asked : change.treaty_at());
  TRY(auto results, keep_records(change, gate, disclosure, arrival, records));
  const auto receipt = receipt_for(node, disclosure, digest, change.at(), std::move(results));
  TRY_STATUS(keep_statements(change, node, disclosure, arrival, digest, receipt));
  auto status = status_of(disclosure, receipt, records);
  // Kept as it was answered, so that the status resource says the same later.
  TRY_STATUS(change.store().set_meta(status_key(disclosure.from, status.id),
                                     json::write(taxii::to_json(status))));
  return status;
}

}  // namespace

std::string status_key(const std::string& sender, std::string_view id) {
  return fmt::format("status:{}:{}", sender, id);
}

Result<taxii::SubmissionStatus> receive(Node& node, const std::string& sender,
                                        std::string_view envelope) {
  std::optional<store::Peer> peer;
  {
    TRY(const auto snapshot, node.store().read());
    TRY(peer, snapshot->peer(sender));
    if (!peer || !peer->confirmed) {
      return fail(ErrorKind::Unauthenticated, not_paired(*snapshot, sender).message);
    }
  }
  TRY(const auto arrival, open_envelope(envelope));
  TRY(const auto signers, arrival_signers(node, sender, arrival.disclosure_bytes));
  if (arrival.records.empty() && is_withdrawal(arrival.disclosure_bytes)) {
    return receive_withdrawal(node, signers, arrival.disclosure_bytes);
  }
  if (is_lone_statement(arrival)) return hear(node, *peer, arrival.disclosure_bytes);
  auto opened = open_by(signers, arrival.disclosure_bytes, open_disclosure);
  if (!opened) return tl::unexpected<Error>(std::move(opened.error()).at("$.objects[0]"));
  auto& disclosure = *opened;
  TRY_STATUS(check_addressed(node, disclosure, sender));
  TRY(const auto records, read_records(disclosure, arrival));
  TRY(const auto digest, protocol_digest(arrival.disclosure_bytes));
  std::optional<taxii::SubmissionStatus> status;
  TRY_STATUS(node.admissions().run(envelope.size(), [&](Change& change) -> Status {
    change.leave_views();
    TRY_STATUS(check_unchanged(change.store(), signers, arrival.disclosure_bytes));
    TRY(status, admit(node, change, disclosure, arrival, records, digest));
    return {};
  }));
  return *std::move(status);
}

}  // namespace comity::exchange
