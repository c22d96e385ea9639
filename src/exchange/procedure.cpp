#include "exchange/procedure.h"

#include <fmt/format.h>

#include <algorithm>

#include "exchange/checkpoint_exchange.h"
#include "exchange/clock_guard.h"
#include "exchange/consent.h"
#include "exchange/key_notice.h"
#include "exchange/named.h"
#include "exchange/outpost.h"
#include "exchange/outpost_delivery.h"
#include "exchange/outpost_state.h"
#include "exchange/recall.h"
#include "exchange/receive.h"
#include "exchange/signers.h"
#include "json/parse.h"
#include "json/write.h"
#include "taxii/client.h"

namespace comity::exchange {
namespace {

constexpr const char* taken_word = "taken";

std::string waiting_key(const std::string& party) { return "statements-waiting:" + party; }
std::string fate_key(const std::string& id) { return "statement-fate:" + id; }

bool is_notice(const std::string& id) { return id.starts_with("comity-key-notice--"); }

Result<std::vector<std::string>> waiting_for(store::Snapshot& snapshot, const std::string& party) {
  std::vector<std::string> out;
  TRY(const auto kept, snapshot.meta(waiting_key(party)));
  if (!kept) return out;
  TRY(const auto value, json::parse(*kept));
  if (value.array() == nullptr) {
    return fail(ErrorKind::Corrupt, "the list of waiting statements is no list", party);
  }
  for (const auto& item : *value.array()) {
    if (item.string() != nullptr) out.push_back(*item.string());
  }
  return out;
}

Status set_waiting(store::Transaction& transaction, const std::string& party,
                   const std::vector<std::string>& ids) {
  json::Array out;
  for (const auto& id : ids) out.emplace_back(id);
  return transaction.set_meta(waiting_key(party), json::write(out));
}

Status enter_statement(Change& change, const char* what, const std::string& type,
                       const Digest& digest, const char* side, const std::string& party) {
  json::Object entry;
  entry.set("type", what);
  entry.set("statement", type);
  entry.set("digest", digest_text(digest));
  entry.set(side, party);
  return change.enter("statement", entry);
}

Status check_addressed(const Node& node, const Statement& statement, const std::string& sender) {
  if (statement.from != sender) {
    return fail(
        ErrorKind::NotVerified,
        fmt::format("the statement is from {}, the connection is {}'s", statement.from, sender),
        "$.from");
  }
  if (statement.to != node.party()) {
    return fail(
        ErrorKind::NotVerified,
        fmt::format("the statement is for {}, this node is {}'s", statement.to, node.party()),
        "$.to");
  }
  if (statement.mode != treaty::name(node.mode()) || statement.exercise != node.exercise()) {
    return fail(
        ErrorKind::NotVerified,
        fmt::format("the statement is of mode {} {}, this node of {} {}; exercise and real "
                    "traffic never mix",
                    statement.mode, statement.exercise, treaty::name(node.mode()), node.exercise()),
        "$.mode");
  }
  return {};
}

taxii::SubmissionStatus status_of(const Statement& statement, Instant heard) {
  taxii::SubmissionStatus status;
  status.id = statement.id.substr(statement.id.find("--") + 2);
  status.requested = heard;
  status.fates.push_back({statement.id, format_rfc3339(statement.time, 6), "", false});
  return status;
}

// Whether the peer has answered for good; anything else may be better at the next attempt.
bool is_refusal(ErrorKind kind) {
  return kind != ErrorKind::Unavailable && kind != ErrorKind::Unauthenticated &&
         kind != ErrorKind::Corrupt;
}

// The statement waits no longer.
Status settle(Node& node, const store::ProtocolObject& row, const std::string& fate) {
  TRY(const auto change, Change::begin(node));
  TRY(auto waiting, waiting_for(change->store(), row.peer));
  const auto at = std::find(waiting.begin(), waiting.end(), row.id);
  if (at == waiting.end()) return {};  // another thread was faster
  waiting.erase(at);
  TRY_STATUS(set_waiting(change->store(), row.peer, waiting));
  TRY_STATUS(change->store().set_meta(fate_key(row.id), fate));
  TRY_STATUS(enter_statement(*change, fate == taken_word ? "statement-taken" : "statement-refused",
                             row.kind, row.digest, "to", row.peer));
  return change->commit();
}

// A notice of keys brings the key by which it is signed, and is asked for its root where it is
// taken; `signers` of anything else are looked at again in the change.
Result<Statement> open_heard(store::Snapshot& snapshot, const std::string& sender,
                             std::string_view bytes, Signers& signers) {
  TRY(const auto ring, keyring(snapshot, sender));
  TRY(const auto value, json::parse(bytes));
  if (is_notice(std::string(value.text("type")) + "--")) return open_key_notice(ring, bytes);
  TRY(signers, signers_of_arrival(snapshot, sender, bytes));
  return open_by(signers, bytes, open_statement);
}

// A peer that knows only our other certificate does not know who asks; of new keys it may hear all
// the same, because a notice holds by our root whichever way it comes.
Result<taxii::SubmissionStatus> post_notice(Node& node, taxii::Endpoint endpoint,
                                            const std::string& envelope) {
  const auto& other = node.keys().other_tls;
  if (!other) return fail(ErrorKind::Unauthenticated, "the peer does not know our certificate");
  endpoint.certificate_pem = other->certificate_pem;
  endpoint.key_pem = other->key_pem;
  return taxii::Client(std::move(endpoint)).post("inbox", envelope);
}

// A party without node hears what is taken back from it, by its server and from officers.
Status check_may_hear(Node& node, store::Snapshot& snapshot, const std::string& party,
                      const StatementBody& body) {
  const auto paired = paired_peer(node, snapshot, party);
  if (paired) return {};
  TRY(const auto others, parties_of_outposts(snapshot));
  const bool has_server = std::find(others.begin(), others.end(), party) != others.end();
  if (has_server && std::holds_alternative<Recall>(body)) return {};
  return tl::unexpected<Error>(paired.error());
}

struct Waiting {
  store::Peer peer;
  std::vector<store::ProtocolObject> rows;
};

Result<Waiting> read_waiting(Node& node, const std::string& party) {
  Waiting out;
  TRY(const auto snapshot, node.store().read());
  TRY(const auto ids, waiting_for(*snapshot, party));
  for (const auto& id : ids) {
    TRY(auto row, snapshot->protocol(id));
    if (!row) return fail(ErrorKind::Corrupt, "a statement that waits is not held", id);
    out.rows.push_back(*std::move(row));
  }
  if (out.rows.empty()) return out;
  TRY(out.peer, paired_peer(node, *snapshot, party));
  return out;
}

}  // namespace

Result<Kept> say(Change& change, Node& node, const std::string& party, StatementBody body,
                 const std::string& about) {
  TRY_STATUS(check_may_hear(node, change.store(), party, body));
  TRY(auto waiting, waiting_for(change.store(), party));
  const bool notice = std::holds_alternative<KeyNotice>(body);
  if (waiting.size() >= statements_waiting_max && !notice) {
    return fail(
        ErrorKind::Conflict,
        fmt::format("{} statements wait for {} already; reach it first", waiting.size(), party));
  }
  Kept out;
  auto& statement = out.statement;
  statement.body = std::move(body);
  statement.id = std::string(statement_type(statement.body)) + "--" + uuid4(node.random());
  statement.mode = treaty::name(node.mode());
  statement.exercise = node.exercise();
  statement.from = node.party();
  statement.to = party;
  statement.time = change.at();
  const auto object = sign(statement, change.signing_key());
  out.digest = object.digest;
  store::ProtocolObject row;
  row.id = statement.id;
  row.kind = statement_type(statement.body);
  row.direction = store::Direction::Sent;
  row.peer = party;
  row.digest = object.digest;
  row.bytes = object.bytes;
  row.about = about;
  row.at = change.at();
  TRY_STATUS(change.store().append(row));
  // Later statements are by a key of which the notice tells.
  waiting.insert(
      notice ? std::find_if_not(waiting.begin(), waiting.end(), is_notice) : waiting.end(), row.id);
  TRY_STATUS(set_waiting(change.store(), party, waiting));
  TRY_STATUS(enter_statement(change, "statement", row.kind, row.digest, "to", party));
  return out;
}

Result<taxii::SubmissionStatus> hear(Node& node, const store::Peer& sender,
                                     std::string_view bytes) {
  Signers signers;
  TRY(auto snapshot, node.store().read());
  auto opened = open_heard(*snapshot, sender.party, bytes, signers);
  snapshot.reset();
  if (!opened) return tl::unexpected<Error>(std::move(opened.error()).at("$.objects[0]"));
  Kept heard;
  heard.statement = *std::move(opened);
  const auto& statement = heard.statement;
  TRY_STATUS(check_addressed(node, statement, sender.party));
  TRY(const auto value, json::parse(bytes));
  store::ProtocolObject row;
  row.bytes = json::canonical(value);
  heard.digest = sha256(row.bytes);
  heard.bytes = row.bytes;
  TRY(const auto change, Change::begin(node));
  if (!signers.party.empty()) TRY_STATUS(check_unchanged(change->store(), signers, bytes));
  TRY(const auto known, change->store().protocol(statement.id));
  if (known) {
    if (known->digest == heard.digest && known->direction == store::Direction::Received &&
        known->peer == sender.party) {
      return status_of(statement, known->at);
    }
    return fail(ErrorKind::Conflict,
                "this id was used for another statement; this one is refused as a replay", "$.id");
  }
  TRY(row.about, std::visit([&](const auto& body) { return take(*change, node, heard, body); },
                            statement.body));
  row.id = statement.id;
  row.kind = statement_type(statement.body);
  row.direction = store::Direction::Received;
  row.peer = sender.party;
  row.digest = heard.digest;
  row.at = change->at();
  TRY_STATUS(change->store().append(row));
  TRY_STATUS(enter_statement(*change, "statement", row.kind, row.digest, "from", sender.party));
  auto status = status_of(statement, row.at);
  TRY_STATUS(change->store().set_meta(status_key(sender.party, status.id),
                                      json::write(taxii::to_json(status))));
  TRY_STATUS(change->commit());
  return status;
}

Result<std::vector<Told>> send_statements(Node& node, const std::string& party) {
  std::vector<Told> out;
  std::optional<Outpost> outpost;
  {
    TRY(const auto snapshot, node.store().read());
    TRY(outpost, outpost_of(*snapshot, party));
  }
  if (outpost) return tell_outpost(node, *outpost);
  TRY(const auto waiting, read_waiting(node, party));
  if (waiting.rows.empty()) return out;
  TRY(const auto endpoint, timed_endpoint_of(node, waiting.peer));
  taxii::Client client(endpoint);
  for (const auto& row : waiting.rows) {
    Told told{row.id, row.kind, party, false, false, {}};
    const auto envelope = "{\"objects\":[" + row.bytes + "]}";
    auto posted = client.post("inbox", envelope);
    const bool answered = client.answered();
    if (!posted && posted.error().kind == ErrorKind::Unauthenticated && is_notice(row.id)) {
      posted = post_notice(node, endpoint, envelope);
    }
    if (posted) {
      told.taken = true;
      TRY_STATUS(settle(node, row, taken_word));
    } else {
      told.error = posted.error().text();
      told.waits = !answered || !is_refusal(posted.error().kind);
      if (!told.waits) TRY_STATUS(settle(node, row, "refused: " + posted.error().message));
    }
    out.push_back(std::move(told));
    if (out.back().waits) break;
  }
  return out;
}

Status settle_at_outpost(Node& node, const store::ProtocolObject& row, const std::string& outpost,
                         const std::string& fate) {
  TRY(const auto change, Change::begin(node));
  TRY(auto waiting, waiting_for(change->store(), row.peer));
  const auto at = std::find(waiting.begin(), waiting.end(), row.id);
  if (at == waiting.end()) return {};  // another thread was faster
  waiting.erase(at);
  TRY_STATUS(set_waiting(change->store(), row.peer, waiting));
  TRY_STATUS(change->store().set_meta(fate_key(row.id), fate));
  json::Object entry;
  entry.set("type", statement_acknowledged_type);
  entry.set("outpost", outpost);
  entry.set("to", row.peer);
  entry.set("statement_digest", digest_text(row.digest));
  entry.set("taken", fate == fate_at_outpost);
  TRY_STATUS(change->enter(acknowledgement_kind, entry));
  return change->commit();
}

Result<std::vector<Told>> send_statements(Node& node) {
  std::vector<std::string> parties;
  {
    TRY(const auto snapshot, node.store().read());
    TRY(parties, awaited_parties(*snapshot));
  }
  std::vector<Told> out;
  for (const auto& party : parties) {
    TRY(auto told, send_statements(node, party));
    std::move(told.begin(), told.end(), std::back_inserter(out));
  }
  return out;
}

Result<std::vector<std::string>> waiting_statements(store::Snapshot& snapshot,
                                                    const std::string& party) {
  return waiting_for(snapshot, party);
}

Result<std::vector<std::string>> awaited_parties(store::Snapshot& snapshot) {
  std::vector<std::string> out;
  TRY(const auto peers, snapshot.peers());
  for (const auto& peer : peers) {
    if (!peer.confirmed) continue;
    TRY(const auto waiting, waiting_for(snapshot, peer.party));
    if (!waiting.empty()) out.push_back(peer.party);
  }
  TRY(const auto others, parties_of_outposts(snapshot));
  for (const auto& party : others) {
    TRY(const auto outpost, outpost_of(snapshot, party));
    TRY(const auto waiting, waiting_for(snapshot, party));
    if (outpost && !waiting.empty()) out.push_back(party);
  }
  return out;
}

Result<std::string> fate_of(store::Snapshot& snapshot, const std::string& id) {
  TRY(auto fate, snapshot.meta(fate_key(id)));
  return fate ? *std::move(fate) : std::string("waiting");
}

Result<Kept> kept_statement(store::Snapshot& snapshot, const std::string& id, std::string_view type,
                            store::Direction direction) {
  TRY(const auto row, snapshot.protocol(id));
  if (!row || row->kind != type || row->direction != direction) {
    return fail(ErrorKind::NotFound, fmt::format("there is no {} with this id here", type), id);
  }
  Kept out;
  TRY(out.statement, read_statement(row->bytes));
  out.digest = row->digest;
  return out;
}

}  // namespace comity::exchange
