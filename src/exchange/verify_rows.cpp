#include "exchange/verify_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "exchange/ledger_proof.h"
#include "exchange/peer_ledger.h"
#include "exchange/protocol.h"
#include "exchange/record.h"
#include "exchange/verify_grants.h"
#include "json/parse.h"
#include "json/write.h"
#include "stix/object.h"

namespace comity::exchange {
namespace {

class RowCheck {
 public:
  RowCheck(const Node& node, store::Snapshot& snapshot,
           const std::function<void(std::string)>& finding)
      : node_(node), snapshot_(snapshot), finding_(finding) {}

  Result<RowsFound> run() {
    TRY_STATUS(ledger());
    TRY_STATUS(records());
    check_batches();
    TRY_STATUS(statements());
    TRY_STATUS(grants());
    TRY_STATUS(peers());
    TRY_STATUS(rings());
    TRY_STATUS(peer_ledgers());
    TRY_STATUS(registers());
    return std::move(out_);
  }

 private:
  // Records that one ledger entry binds, as it names them.
  struct Batch {
    std::int64_t leaf = 0, first = 0, count = 0;
    std::string root;
  };
  // By an entry of its own, after it had arrived: with that reason now, with the other before.
  struct LaterQuarantine {
    std::string reason;
    std::optional<std::string> was;  // nothing: it had arrived live
  };
  struct HeldRecord {
    Digest digest{}, leaf{}, computed{};
    std::string stix_id;
  };
  template <typename... Arguments>
  void finding(fmt::format_string<Arguments...> text, Arguments&&... arguments) {
    finding_(fmt::format(text, std::forward<Arguments>(arguments)...));
  }

  Status ledger();
  void entry_of(const store::LedgerEntry& row);
  void note_entry(const store::LedgerEntry& row, const json::Value& entry);
  Status checkpoints(const ledger::Frontier& frontier);
  Status records();
  void record(const store::Record& row);
  Status values_of(const store::Record& row);
  void check_batches();
  void check_batch(const Batch& batch, std::set<std::int64_t>& bound);
  Status statements();
  void statement(const store::ProtocolObject& row);
  void granted_by(const store::ProtocolObject& row, const json::Value& value);
  void entered_by(const store::ProtocolObject& row);
  void addresses(const store::ProtocolObject& row, const json::Value& value);
  Status grants();
  Status peers();
  void peer(const store::Peer& row);
  Status rings();
  Status peer_ledgers();
  Status registers();

  const Node& node_;
  store::Snapshot& snapshot_;
  const std::function<void(std::string)>& finding_;
  RowsFound out_;
  std::vector<Batch> batches_;
  std::map<std::int64_t, HeldRecord> records_;
  std::map<std::int64_t, LaterQuarantine> later_quarantined_;
  std::set<std::string> mentioned_;   // digests in entries
  std::set<std::string> statements_;  // digests of those that are held
  GrantCheck grants_{finding_};
  // Disclosures of this node in sum, without bytes, and how many records each names.
  std::vector<std::pair<store::ProtocolObject, std::size_t>> in_sum_;
  std::map<std::string, json::Value> paired_, invited_;  // newest entry for a party
  std::map<std::string, std::string> peer_ledgers_;      // digest of what is kept, by party
  std::map<std::string, json::Value> rings_;             // newest that changed its keys
  std::set<std::string> registers_;
  store::SearchBacklog backlog_;
  std::int64_t occurrences_ = 0;  // that the index of values must have
  std::optional<ledger::Checkpoint> published_;
  std::optional<Digest> published_root_;  // of the leaves that it covers
};

Status RowCheck::ledger() {
  TRY(const auto note, published_checkpoint(snapshot_));
  if (note) {
    auto opened = open_own_checkpoint(node_, *note);
    if (!opened) finding("published checkpoint: {}", opened.error().text());
    if (opened) published_ = *opened;
  }
  ledger::Frontier frontier;
  TRY_STATUS(snapshot_.ledger(0, INT64_MAX, [&](const store::LedgerEntry& row) -> Status {
    if (static_cast<std::uint64_t>(row.index) != frontier.size()) {
      finding("ledger leaf {}: expected leaf {}", row.index, frontier.size());
    }
    if (ledger::leaf_hash(row.random + row.entry) != row.leaf) {
      finding("ledger leaf {} ({}): entry or random bytes are not those that were entered",
              row.index, row.kind);
    }
    entry_of(row);
    frontier.append(row.leaf);
    if (published_ && frontier.size() == published_->size) published_root_ = frontier.root();
    return {};
  }));
  out_.leaves = static_cast<std::int64_t>(frontier.size());
  return checkpoints(frontier);
}

Status RowCheck::checkpoints(const ledger::Frontier& frontier) {
  if (published_ && published_root_ != published_->root) {
    finding(
        "published checkpoint: signed for {} leaves with root {}, which is not what the ledger "
        "has there",
        published_->size, digest_text(published_->root));
  }
  TRY(const auto note, snapshot_.meta("checkpoint"));
  if (!note) {
    finding("the ledger has no checkpoint");
    return {};
  }
  const auto opened = open_own_checkpoint(node_, *note);
  if (!opened) {
    finding("checkpoint: {}", opened.error().text());
  } else if (opened->size != frontier.size() || opened->root != frontier.root()) {
    finding("checkpoint: signed for {} leaves with root {}, the ledger has {} with root {}",
            opened->size, digest_text(opened->root), frontier.size(), digest_text(frontier.root()));
  }
  return {};
}

// The entry itself says where it stands, of which kind it is and when it was entered.
void RowCheck::entry_of(const store::LedgerEntry& row) {
  const auto value = json::parse(row.entry);
  if (!value) {
    finding("ledger leaf {}: the entry cannot be read: {}", row.index, value.error().text());
    return;
  }
  const auto* entered = value->find("entered");
  const auto* index = entered == nullptr ? nullptr : entered->find("index");
  if (index == nullptr || index->integer() == nullptr || *index->integer() != row.index) {
    finding("ledger leaf {} ({}): its entry was not entered here", row.index, row.kind);
  } else if (entered->text("kind") != row.kind ||
             entered->text("at") != format_rfc3339(row.at, 6)) {
    finding("ledger leaf {} ({}): kind or instant is not what was entered", row.index, row.kind);
  }
  note_entry(row, *value);
}

void RowCheck::note_entry(const store::LedgerEntry& row, const json::Value& entry) {
  const auto whole = [&](const char* name) {
    const auto* member = entry.find(name);
    return member == nullptr || member->integer() == nullptr ? std::optional<std::int64_t>()
                                                             : *member->integer();
  };
  // The kind is that of the entry and not of the row, which may have been altered.
  const auto* entered = entry.find("entered");
  const std::string kind(entered == nullptr ? std::string_view(row.kind) : entered->text("kind"));
  const auto first = whole("first"), count = whole("count");
  if ((kind == "import" || kind == "arrival") && first && count) {
    batches_.push_back({row.index, *first, *count, std::string(entry.text("root"))});
  }
  grants_.entry(row, kind, entry);
  const auto type = entry.text("type");
  if (kind == "disclosure" || kind == "arrival" || kind == "receipt" || kind == "withdrawal" ||
      (kind == "statement" && type == "statement")) {
    out_.entered[std::string(entry.text("digest"))] = {row.index, kind, row.at};
  }
  if (entry.find("keys") != nullptr) {
    const std::string party(entry.text("party"));
    rings_[party] = entry;
    if (auto key = from_base64url(entry.text("node_key"))) {
      out_.key_turns[party].push_back({row.index, *std::move(key)});
    }
  }
  if (type == "paired") paired_[std::string(entry.text("party"))] = entry;
  if (kind == "peer-ledger") {
    peer_ledgers_[std::string(entry.text("party"))] = entry.text("state");
  }
  if (type == "invitation") invited_[std::string(entry.text("to"))] = entry;
  for (const auto* name : {"register", "register_before"}) {
    if (entry.find(name) != nullptr) registers_.emplace(entry.text(name));
  }
  if (entry.object() == nullptr) return;
  for (const auto& [name, member] : *entry.object()) {
    if (member.string() != nullptr) mentioned_.insert(*member.string());
  }
  const auto* quarantined = entry.find("quarantined");
  if (quarantined == nullptr || quarantined->array() == nullptr) return;
  for (const auto& item : *quarantined->array()) {
    const auto* sequence = item.find("sequence");
    if (sequence == nullptr || sequence->integer() == nullptr) continue;
    const auto* was = item.find("was");
    // The first entry says how it had arrived, the last why it is set apart.
    const auto later = later_quarantined_.try_emplace(*sequence->integer()).first;
    if (later->second.reason.empty() && was != nullptr && was->string() != nullptr) {
      later->second.was = *was->string();
    }
    later->second.reason = item.text("reason");
  }
}

// What a record must hash to: one that was quarantined after it had arrived did arrive live, or
// with another reason.
Digest leaf_at_arrival(const store::Record& row, const std::string* later_reason,
                       const std::optional<std::string>& was) {
  if (later_reason == nullptr || row.state != store::RecordState::Quarantined ||
      row.quarantine_reason != *later_reason) {
    return record_leaf(row);
  }
  auto arrived = row;
  if (!was) arrived.state = store::RecordState::Live;
  arrived.quarantine_reason = was.value_or(std::string());
  return record_leaf(arrived);
}

void RowCheck::record(const store::Record& row) {
  ++out_.records;
  const auto later = later_quarantined_.find(row.sequence);
  const auto* reason = later == later_quarantined_.end() ? nullptr : &later->second.reason;
  const auto was = reason == nullptr ? std::nullopt : later->second.was;
  HeldRecord held{row.digest, row.leaf, leaf_at_arrival(row, reason, was), row.stix_id};
  const auto object = stix::read_object(row.bytes);
  if (!object) {
    finding("record {} ({}): {}", row.sequence, row.stix_id, object.error().text());
  } else if (object->digest != row.digest || object->id != row.stix_id) {
    finding("record {} ({}): its bytes are not those that were stored", row.sequence, row.stix_id);
  } else if (held.computed != row.leaf || (reason != nullptr && row.quarantine_reason != *reason)) {
    finding("record {} ({}): its bytes, or what was recorded with them, are not what was entered",
            row.sequence, row.stix_id);
  } else if (label_of(*object) != row.label) {
    finding("record {} ({}): the label by which it is found is not that of its bytes", row.sequence,
            row.stix_id);
  } else {
    out_.held.insert(row.digest);
  }
  records_.emplace(row.sequence, std::move(held));
}

// Every value of a record is in the index by which it is found. Of records that it does not cover
// yet nothing is said.
Status RowCheck::values_of(const store::Record& row) {
  if (row.sequence <= backlog_.values) return {};
  const auto object = stix::read_object(row.bytes);
  if (!object) return {};
  for (const auto& key : value_keys(*object)) {
    ++occurrences_;
    TRY(const bool indexed, snapshot_.has_value(key, row.sequence));
    if (indexed) continue;
    finding("record {} ({}): is not found by its {}; comity search --rebuild makes the index anew",
            row.sequence, row.stix_id, key.kind);
    return {};
  }
  return {};
}

Status RowCheck::records() {
  TRY(backlog_, snapshot_.search_backlog());
  TRY_STATUS(snapshot_.records_after(0, INT64_MAX, true, [&](const store::Record& row) -> Status {
    record(row);
    return values_of(row);
  }));
  if (backlog_.values > 0) return {};
  TRY(const auto indexed, snapshot_.occurrence_count());
  if (indexed > occurrences_) {
    finding(
        "the index of values has {} occurrences that no record has; comity search --rebuild "
        "makes it anew",
        indexed - occurrences_);
  }
  return {};
}

void RowCheck::check_batch(const Batch& batch, std::set<std::int64_t>& bound) {
  std::vector<Digest> stored, computed;
  for (std::int64_t i = 0; i < batch.count; ++i) {
    const auto sequence = batch.first + i;
    const auto row = records_.find(sequence);
    if (row == records_.end()) {
      finding("record {}: was entered by ledger leaf {} and is gone", sequence, batch.leaf);
      if (records_.empty() || sequence > records_.rbegin()->first) return;
      continue;
    }
    stored.push_back(row->second.leaf);
    computed.push_back(row->second.computed);
    if (!bound.insert(sequence).second) {
      finding("record {}: is entered twice, also by ledger leaf {}", sequence, batch.leaf);
    }
  }
  // When the rows or their leaves agree with the entry, what differs was found record by record.
  if (static_cast<std::int64_t>(stored.size()) == batch.count &&
      digest_text(ledger::root(stored)) != batch.root &&
      digest_text(ledger::root(computed)) != batch.root) {
    finding("records {} to {}: at least one is not what ledger leaf {} entered", batch.first,
            batch.first + batch.count - 1, batch.leaf);
  }
}

// Every record is bound by exactly one entry, and every entry's records are there as they were.
void RowCheck::check_batches() {
  std::set<std::int64_t> bound;
  for (const auto& batch : batches_) check_batch(batch, bound);
  for (const auto& [sequence, row] : records_) {
    if (!bound.contains(sequence)) finding("record {}: stands in no ledger leaf", sequence);
  }
}

// Disclosures are numbered by what they say; a receipt has the number of what it answers, and no
// place of its own in the order.
bool right_number(const store::ProtocolObject& row, const json::Value& value) {
  if (row.kind == receipt_kind) return row.number == 0;
  const auto* number = value.find("number");
  const bool same =
      number != nullptr && number->integer() != nullptr && *number->integer() == row.number;
  return same || (row.number == 0 && row.kind != disclosure_kind);
}

bool right_about(const store::ProtocolObject& row, const json::Value& value) {
  if (row.kind == receipt_kind) return value.text("disclosure") == row.about;
  if (row.kind == disclosure_kind) return row.about.empty();
  return row.bytes.find(row.about) != std::string::npos;
}

// Who it is from and to, as the row has it and as the statement says.
void RowCheck::addresses(const store::ProtocolObject& row, const json::Value& value) {
  const auto from = value.text("from"), to = addressee_of(value);
  if (from.empty() || to.empty()) return;
  const bool sent = row.direction == store::Direction::Sent;
  if ((sent ? from : to) != node_.party() || (sent ? to : from) != row.peer) {
    finding("{}: is from {} to {}, which is not what its row says", row.id, from, to);
  }
}

void RowCheck::statement(const store::ProtocolObject& row) {
  const auto value = json::parse(row.bytes);
  if (!value) {
    finding("{}: cannot be read: {}", row.id, value.error().text());
    return;
  }
  statements_.insert(digest_text(row.digest));
  if (sha256(json::canonical(*value)) != row.digest || value->text("id") != row.id ||
      value->text("type") != row.kind) {
    finding("{}: its bytes, kind or digest are not those that were entered", row.id);
  }
  addresses(row, *value);
  if (!right_number(row, *value)) finding("{}: has not the number {}", row.id, row.number);
  if (!right_about(row, *value)) finding("{}: is not about '{}'", row.id, row.about);
  if (row.kind == disclosure_kind && row.direction == store::Direction::Sent) {
    granted_by(row, *value);
  }
  entered_by(row);
}

void RowCheck::granted_by(const store::ProtocolObject& row, const json::Value& value) {
  const auto* sum = value.find("record_set");
  if (const auto* count = sum == nullptr ? nullptr : sum->find("count");
      count != nullptr && count->integer() != nullptr) {
    auto without_bytes = row;
    without_bytes.bytes.clear();
    const auto records = std::clamp<std::int64_t>(*count->integer(), 0, disclosure_records_max);
    in_sum_.emplace_back(std::move(without_bytes), static_cast<std::size_t>(records));
    return;
  }
  std::vector<Digest> digests;
  const auto* records = value.find("records");
  if (records != nullptr && records->array() != nullptr) {
    for (const auto& item : *records->array()) {
      digests.push_back(digest_from_text(item.text("digest")).value_or(Digest{}));
    }
  }
  grants_.disclosure(row, std::move(digests));
}

// The leaf that entered it, which must be there.
void RowCheck::entered_by(const store::ProtocolObject& row) {
  const auto digest = digest_text(row.digest);
  const auto entered = out_.entered.find(digest);
  if (entered == out_.entered.end()) {
    // Disclosures and receipts are looked at one by one elsewhere.
    if (row.kind != disclosure_kind && row.kind != receipt_kind && !mentioned_.contains(digest)) {
      finding("{}: stands in no ledger leaf", row.id);
    }
    return;
  }
  if (entered->second.at != row.at) {
    finding("{}: was entered by ledger leaf {} at another instant", row.id, entered->second.leaf);
  }
}

Status RowCheck::statements() {
  TRY_STATUS(snapshot_.every_protocol([&](const store::ProtocolObject& row) -> Status {
    statement(row);
    return {};
  }));
  for (const auto& [digest, entered] : out_.entered) {
    if (!statements_.contains(digest)) {
      finding("ledger leaf {} ({}): the statement that it entered is gone", entered.leaf,
              entered.kind);
    }
  }
  return {};
}

Status RowCheck::grants() {
  // Of these, the root that was signed is looked at with the statement itself.
  for (const auto& [row, records] : in_sum_) {
    TRY(auto digests, snapshot_.digests_by_disclosure(row.peer, row.id));
    digests.resize(records);
    grants_.disclosure(row, std::move(digests));
  }
  return grants_.run(snapshot_, [this](std::int64_t sequence) {
    const auto record = records_.find(sequence);
    return record == records_.end() ? std::nullopt : std::optional(record->second.digest);
  });
}

void RowCheck::peer(const store::Peer& row) {
  const auto found = paired_.find(row.party);
  if (found == paired_.end()) {
    finding("peer {}: no ledger leaf says that it was paired", row.party);
    return;
  }
  // The invitation is that of the pairing; keys may have come since.
  const auto& entry = found->second;
  const auto& keys = rings_[row.party];
  const auto invitation = json::parse(row.invitation);
  const bool same = row.confirmed == (keys.text("type") != "root-revoked") &&
                    keys.text("node_key") == base64url(row.node_key) &&
                    keys.text("certificate") == digest_text(row.certificate) &&
                    entry.text("invitation") == digest_text(sha256(row.invitation)) && invitation &&
                    invitation->text("endpoint") == row.endpoint;
  if (!same) finding("peer {}: its keys or its place are not those that were paired", row.party);
}

Status RowCheck::peers() {
  TRY(const auto rows, snapshot_.peers());
  std::set<std::string> seen;
  for (const auto& row : rows) {
    seen.insert(row.party);
    peer(row);
  }
  for (const auto& [party, entry] : paired_) {
    if (!seen.contains(party)) finding("peer {}: was paired and is gone", party);
  }
  for (const auto& [party, entry] : invited_) {
    TRY(const auto text, snapshot_.meta("invitation:" + party));
    if (!text || entry.text("digest") != digest_text(sha256(*text))) {
      finding("invitation for {}: is not the one that was written", party);
    }
  }
  return {};
}

// What is kept of everybody's keys, our own too.
Status RowCheck::rings() {
  for (const auto& [party, entry] : rings_) {
    TRY(const auto text, snapshot_.meta(keyring_key(party)));
    if (!text || digest_text(sha256(*text)) != entry.text("keys")) {
      finding("keys of {}: what is kept of them is not what was entered", party);
    }
  }
  return {};
}

// What peers have shown of their ledgers, and what of it does not fit together.
Status RowCheck::peer_ledgers() {
  for (const auto& [party, state] : peer_ledgers_) {
    TRY(const auto text, snapshot_.meta(peer_ledger_key(party)));
    if (!text || digest_text(sha256(*text)) != state) {
      finding("ledger of {}: what is kept of it is not what was entered", party);
      continue;
    }
    TRY(const auto known, peer_ledger(snapshot_, party));
    for (const auto& alarm : known.alarms) finding("ledger of {}: {}", party, alarm.text);
  }
  return {};
}

Status RowCheck::registers() {
  const std::optional<std::string> exercise =
      node_.mode() == treaty::Mode::Exercise ? std::optional(node_.exercise()) : std::nullopt;
  for (const auto& word : registers_) {
    const auto digest = digest_from_text(word);
    if (!digest) {
      finding("register {}: is no digest", word);
      continue;
    }
    TRY(const auto text, snapshot_.register_files(*digest));
    const auto files =
        text ? read_register_files(*text)
             : Result<treaty::RegisterFiles>(fail(ErrorKind::NotFound, "is not kept any more"));
    if (!files) {
      finding("register {}: {}", word, files.error().text());
    } else if (treaty::register_digest(*files, exercise) != *digest) {
      finding("register {}: its files are not those that were entered", word);
    }
  }
  return {};
}

}  // namespace

Result<RowsFound> check_rows(const Node& node, store::Snapshot& snapshot,
                             const std::function<void(std::string)>& finding) {
  return RowCheck(node, snapshot, finding).run();
}

}  // namespace comity::exchange
