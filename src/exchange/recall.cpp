#include "exchange/recall.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "exchange/decision.h"
#include "exchange/kept_rows.h"
#include "exchange/named.h"
#include "exchange/outpost.h"
#include "exchange/protocol.h"
#include "exchange/withdrawal.h"

namespace comity::exchange {
namespace {

constexpr const char* recall_type = "comity-recall";
constexpr const char* confirmation_type = "comity-recall-confirmation";

// What of a node's records one party has by its disclosures.
struct Given {
  std::vector<Digest> records;
  std::set<std::string> disclosures;
};

// What was called back from a party already.
Result<std::set<Digest>> recalled_from(store::Snapshot& snapshot, const std::string& party) {
  std::set<Digest> out;
  TRY(const auto rows, snapshot.protocols(recall_type, store::Direction::Sent, party));
  for (const auto& row : rows) {
    TRY(const auto statement, read_statement(row.bytes));
    const auto& body = std::get<Recall>(statement.body);
    out.insert(body.records.begin(), body.records.end());
  }
  return out;
}

// Adds those of `records` that were granted to a party and are not recalled from it.
Status add_given(store::Snapshot& snapshot, const std::string& party,
                 const std::vector<store::Record>& records, const std::set<Digest>& recalled,
                 Given& out) {
  TRY(const auto withdrawn, withdrawn_from(snapshot, party));
  for (const auto& record : records) {
    if (recalled.contains(record.digest)) continue;
    TRY(const bool has_it, granted(snapshot, party, record, withdrawn));
    if (!has_it) continue;
    TRY(const auto grants, snapshot.grants_of(party, record.stix_id));
    for (const auto& grant : grants) {
      if (grant.sequence != record.sequence || withdrawn.contains(grant.disclosure)) continue;
      out.disclosures.insert(grant.disclosure);
    }
    if (std::find(out.records.begin(), out.records.end(), record.digest) == out.records.end()) {
      out.records.push_back(record.digest);
    }
  }
  return {};
}

// Says the recall of what a party has, in as many statements as its bounds need.
Result<std::vector<Recalled>> say_recall(Change& change, Node& node, const std::string& party,
                                         const Given& given, const Recall& like,
                                         const std::string& about) {
  std::vector<Recalled> out;
  TRY(const auto peer, change.store().peer(party));
  const bool by_hand = !peer || !peer->confirmed;
  for (std::size_t first = 0; first < given.records.size(); first += statement_records_max) {
    const auto count = std::min(statement_records_max, given.records.size() - first);
    Recall body;
    body.records.assign(given.records.begin() + static_cast<std::ptrdiff_t>(first),
                        given.records.begin() + static_cast<std::ptrdiff_t>(first + count));
    // More disclosures than one statement may name are left out: the recipient knows by the
    // records whom it has them from.
    for (const auto& id : given.disclosures) {
      if (body.disclosures.size() < statement_disclosures_max) body.disclosures.push_back(id);
    }
    body.reason = like.reason;
    body.replaced_by = like.replaced_by;
    body.passes_on = about;
    TRY(const auto said, say(change, node, party, std::move(body), about));
    out.push_back({said.statement.id, party, count, by_hand});
  }
  return out;
}

// Who can be told: paired parties, and those whose server has or had an outpost of this node.
Result<std::vector<std::string>> recallable_parties(store::Snapshot& snapshot) {
  std::vector<std::string> out;
  TRY(const auto peers, snapshot.peers());
  for (const auto& peer : peers) {
    if (peer.confirmed) out.push_back(peer.party);
  }
  TRY(auto others, parties_of_outposts(snapshot));
  std::move(others.begin(), others.end(), std::back_inserter(out));
  return out;
}

// The records that a recall may speak of: those that came from its sender, or that have it in their
// chain. A copy from elsewhere is another assertion and stays.
bool is_from(const store::Record& record, const std::string& sender) {
  if (record.received_from.empty()) return false;
  if (record.received_from == sender || record.originator == sender) return true;
  const auto chain = read_chain(record.chain);
  return chain && std::any_of(chain->begin(), chain->end(),
                              [&](const auto& hop) { return hop.originator == sender; });
}

Result<std::vector<store::Record>> copies_of(store::Snapshot& snapshot,
                                             const std::vector<Digest>& digests,
                                             const std::string& sender) {
  std::vector<store::Record> out;
  for (const auto& digest : std::set<Digest>(digests.begin(), digests.end())) {
    TRY(auto held, snapshot.records_by_digest(digest));
    for (auto& record : held) {
      if (is_from(record, sender)) out.push_back(std::move(record));
    }
  }
  std::sort(out.begin(), out.end(),
            [](const store::Record& a, const store::Record& b) { return a.sequence < b.sequence; });
  return out;
}

tl::unexpected<Error> not_known(const char* member, const char* what) {
  return fail(ErrorKind::NotVerified, what, fmt::format("$.objects[0]:$.body.{}", member));
}

// Whether the sender may recall this here: each record came from it, through its disclosures or
// through others. The answer is the same for what is not held and for what is another's.
Status check_right(store::Snapshot& snapshot, const std::string& sender, const Recall& body,
                   const std::vector<store::Record>& copies) {
  std::set<Digest> known;
  for (const auto& record : copies) known.insert(record.digest);
  for (const auto& id : body.disclosures) {
    TRY(const auto withdrawal, withdrawal_of(snapshot, id));
    if (withdrawal && withdrawal->peer == sender && is_of_served(*withdrawal) &&
        withdrawal->direction == store::Direction::Received) {
      // Read from the sender's view and never sent: this node was not told what it named.
      known.insert(body.records.begin(), body.records.end());
      continue;
    }
    TRY(const auto row, snapshot.protocol(id));
    if (!row || row->kind != disclosure_kind || row->peer != sender ||
        row->direction != store::Direction::Received) {
      return not_known("disclosures", "names what the sender has not disclosed here");
    }
    TRY(auto disclosure, read_disclosure(row->bytes));
    TRY_STATUS(name_kept_records(snapshot, *row, disclosure));
    for (const auto& record : disclosure.records) known.insert(record.digest);
  }
  for (const auto& digest : body.records) {
    if (!known.contains(digest)) {
      return not_known("records", "names what did not come from the sender");
    }
  }
  return {};
}

// Quarantines the copies that are live still, with one entry.
Status quarantine(Change& change, const std::vector<store::Record>& copies,
                  const std::string& reason) {
  std::vector<std::int64_t> live;
  for (const auto& record : copies) {
    if (record.state == store::RecordState::Live) live.push_back(record.sequence);
  }
  if (live.empty()) return {};
  json::Object entry;
  entry.set("type", "recalled");
  TRY_STATUS(change.quarantine(live, reason, entry));
  return change.enter("state", entry);
}

// The newest confirmation of a recall of ours.
Result<std::optional<RecallConfirmation>> confirmation_of(store::Snapshot& snapshot,
                                                          const std::string& recall) {
  std::optional<RecallConfirmation> out;
  TRY(const auto rows, snapshot.protocols_about(recall));
  for (const auto& row : rows) {
    if (row.kind != confirmation_type) continue;
    TRY(const auto statement, read_statement(row.bytes));
    out = std::get<RecallConfirmation>(statement.body);
  }
  return out;
}

// How many of the recalls that pass on `recall` are not confirmed yet; `arriving` is the newest
// confirmation of one of them, which is not kept yet.
Result<std::int64_t> awaited(store::Snapshot& snapshot, const std::string& recall,
                             const RecallConfirmation& arriving) {
  std::int64_t out = 0;
  TRY(const auto rows, snapshot.protocols_about(recall));
  for (const auto& row : rows) {
    if (row.kind != recall_type) continue;
    TRY(auto confirmed, confirmation_of(snapshot, row.id));
    if (row.id == arriving.recall) confirmed = arriving;
    if (!confirmed || confirmed->awaiting > 0) ++out;
  }
  return out;
}

}  // namespace

Result<std::vector<Recalled>> recall(Node& node, const RecallOrder& order) {
  if (!is_recall_reason(order.reason)) {
    return fail(
        ErrorKind::InvalidInput,
        fmt::format("'{}' is no reason; expected one of {}", order.reason, recall_reasons()),
        "--reason");
  }
  if (order.ids.empty()) return fail(ErrorKind::InvalidInput, "expected the id of a record");
  TRY(const auto change, Change::begin(node));
  auto& store = change->store();
  std::vector<store::Record> records;
  for (const auto& id : order.ids) {
    TRY(auto versions, store.records_by_stix_id(id, false));
    if (versions.empty()) return fail(ErrorKind::NotFound, "is not held by this node", id);
    for (auto& record : versions) {
      if (record.digest != order.replaced_by) records.push_back(std::move(record));
    }
  }
  TRY(const auto everyone, recallable_parties(store));
  std::vector<Recalled> out;
  for (const auto& party : order.parties.empty() ? everyone : order.parties) {
    TRY(const auto recalled, recalled_from(store, party));
    Given given;
    TRY_STATUS(add_given(store, party, records, recalled, given));
    if (given.records.empty()) {
      if (order.parties.empty()) continue;
      const auto& all = everyone;
      if (std::find(all.begin(), all.end(), party) == all.end()) {
        TRY_STATUS(paired_peer(node, store, party));
      }
      return fail(ErrorKind::Conflict,
                  fmt::format("{} has nothing of it from this node that is not recalled", party));
    }
    Recall like;
    like.reason = order.reason;
    like.replaced_by = order.replaced_by;
    TRY(auto said, say_recall(*change, node, party, given, like, {}));
    std::move(said.begin(), said.end(), std::back_inserter(out));
  }
  if (out.empty()) {
    return fail(ErrorKind::Conflict,
                "nobody has anything of it from this node that is not recalled");
  }
  TRY_STATUS(change->commit());
  return out;
}

Result<std::string> take(Change& change, Node& node, const Kept& heard, const Recall& body) {
  auto& store = change.store();
  const auto& sender = heard.statement.from;
  TRY(const auto copies, copies_of(store, body.records, sender));
  TRY_STATUS(check_right(store, sender, body, copies));
  TRY_STATUS(quarantine(change, copies, std::string(recalled_by) + sender));
  RecallConfirmation confirmation;
  confirmation.recall = heard.statement.id;
  confirmation.recall_digest = heard.digest;
  confirmation.copies = static_cast<std::int64_t>(copies.size());
  TRY(const auto everyone, recallable_parties(store));
  for (const auto& party : everyone) {
    if (party == sender) continue;
    TRY(const auto recalled, recalled_from(store, party));
    Given given;
    TRY_STATUS(add_given(store, party, copies, recalled, given));
    TRY(const auto said, say_recall(change, node, party, given, body, heard.statement.id));
    confirmation.passed_on += static_cast<std::int64_t>(said.size());
  }
  confirmation.awaiting = confirmation.passed_on;
  TRY_STATUS(say(change, node, sender, confirmation, heard.statement.id));
  return std::string();
}

Result<std::string> take(Change& change, Node& node, const Kept& heard,
                         const RecallConfirmation& body) {
  auto& store = change.store();
  const auto ours = kept_statement(store, body.recall, recall_type, store::Direction::Sent);
  if (!ours || ours->statement.to != heard.statement.from || ours->digest != body.recall_digest) {
    return not_known("recall", "this node has recalled nothing of the kind from the sender");
  }
  TRY(const auto before, confirmation_of(store, body.recall));
  if (before && before->awaiting <= body.awaiting) {
    return fail(ErrorKind::Conflict, "says nothing new", "$.objects[0]:$.body.awaiting");
  }
  TRY(const auto row, store.protocol(body.recall));
  if (row->about.empty() || body.awaiting > 0) return body.recall;
  // Who recalled it from us learns that one more of those we gave it to has confirmed.
  TRY(const auto upstream,
      kept_statement(store, row->about, recall_type, store::Direction::Received));
  RecallConfirmation further;
  further.recall = row->about;
  further.recall_digest = upstream.digest;
  const auto& records = std::get<Recall>(upstream.statement.body).records;
  TRY(const auto copies, copies_of(store, records, upstream.statement.from));
  further.copies = static_cast<std::int64_t>(copies.size());
  TRY(const auto about, store.protocols_about(row->about));
  further.passed_on = std::count_if(about.begin(), about.end(),
                                    [](const auto& one) { return one.kind == recall_type; });
  TRY(further.awaiting, awaited(store, row->about, body));
  TRY_STATUS(say(change, node, upstream.statement.from, further, row->about));
  return body.recall;
}

Result<std::vector<RecallRow>> recalls(Node& node) {
  TRY(const auto snapshot, node.store().read());
  std::vector<RecallRow> out;
  for (const auto direction : {store::Direction::Sent, store::Direction::Received}) {
    TRY(const auto rows, snapshot->protocols(recall_type, direction, ""));
    for (const auto& row : rows) {
      TRY(const auto statement, read_statement(row.bytes));
      const auto& body = std::get<Recall>(statement.body);
      RecallRow entry;
      entry.recall = row.id;
      entry.ours = direction == store::Direction::Sent;
      entry.party = row.peer;
      entry.passes_on = entry.ours ? row.about : std::string();
      entry.reason = body.reason;
      entry.records = body.records;
      entry.replaced_by = body.replaced_by;
      if (entry.ours) {
        TRY(entry.told, fate_of(*snapshot, row.id));
      }
      TRY(const auto confirmed, confirmation_of(*snapshot, row.id));
      if (confirmed) {
        entry.copies = confirmed->copies;
        entry.passed_on = confirmed->passed_on;
        entry.awaiting = confirmed->awaiting;
      }
      entry.state = entry.told.starts_with("refused")  ? "refused"
                    : confirmed && entry.awaiting == 0 ? "confirmed"
                                                       : "awaiting";
      out.push_back(std::move(entry));
    }
  }
  return out;
}

}  // namespace comity::exchange
