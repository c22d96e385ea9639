#include "exchange/key_notice.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "exchange/delivery.h"
#include "exchange/named.h"
#include "exchange/protocol.h"
#include "exchange/signers.h"
#include "exchange/withdrawal.h"
#include "json/parse.h"
#include "json/write.h"
#include "trust/revocation.h"

namespace comity::exchange {
namespace {

constexpr const char* notice_kind = "comity-key-notice";
constexpr std::array<const char*, 3> uses = {"node", "tls", "seal"};  // the order of records

// Everything that this node has signed and the party may still have to be given: disclosures
// without receipt and their withdrawals, statements that wait, and the receipt of what came last.
// Whoever sends in order has fetched the receipts before that one.
Result<std::set<Digest>> owed(store::Snapshot& snapshot, const std::string& party) {
  std::set<Digest> out;
  TRY(const auto rows, snapshot.protocols(disclosure_kind, store::Direction::Sent, party));
  for (auto row = rows.rbegin(); row != rows.rend(); ++row) {
    TRY(const bool answered, is_answered(snapshot, row->id));
    if (answered) break;  // receipts come in order
    out.insert(row->digest);
    TRY(const auto withdrawal, withdrawal_of(snapshot, row->id));
    if (withdrawal) out.insert(withdrawal->digest);
  }
  TRY(const auto waiting, waiting_statements(snapshot, party));
  for (const auto& id : waiting) {
    TRY(const auto row, snapshot.protocol(id));
    if (row && row->kind != notice_kind) out.insert(row->digest);
  }
  TRY(const auto last, snapshot.last_disclosure(store::Direction::Received, party));
  if (!last) return out;
  TRY(const auto receipt, snapshot.protocol(receipt_id(last->id)));
  if (receipt) out.insert(receipt->digest);
  return out;
}

tl::unexpected<Error> not_verified(std::string message) {
  return fail(ErrorKind::NotVerified, std::move(message), "$.body.records");
}

// The records of a notice as the root of the sender signed them, one for each use.
Result<std::vector<trust::KeyRecord>> open_records(const KeyNotice& body, const Keyring& ring) {
  std::vector<trust::KeyRecord> out;
  for (std::size_t i = 0; i < body.records.size(); ++i) {
    auto record = trust::open_key_record(body.records[i], ring.root);
    if (!record) {
      return tl::unexpected<Error>(
          std::move(record.error()).at(fmt::format("$.body.records[{}]", i)));
    }
    if (record->use != uses.at(i)) {
      return not_verified(fmt::format("found use {}, expected {}", record->use, uses.at(i)));
    }
    out.push_back(*std::move(record));
  }
  return out;
}

// Whether a record may be taken after what is known; nothing is changed. True: it is a new one.
Result<bool> is_newer(const Node& node, const Keyring& ring, const std::string& party,
                      const trust::KeyRecord& record, const std::string& text) {
  if (record.party != party || record.mode != treaty::name(node.mode())) {
    return not_verified(fmt::format("a record of {} {}, expected {} {}", record.party, record.mode,
                                    party, treaty::name(node.mode())));
  }
  const auto known = ring.highest(record.use);
  const auto* present = ring.present(record.use);
  if (present != nullptr && present->text == text) return false;
  if (record.number <= known) {
    return fail(ErrorKind::Conflict,
                fmt::format("{} key number {} of {}: number {} is known, and only a higher one is "
                            "taken",
                            record.use, record.number, party, known),
                "$.body.records");
  }
  const auto now = node.now();
  if (record.not_before.seconds() > now.seconds() + record_ahead_s_max || now >= record.not_after) {
    return not_verified(fmt::format("the record holds from {} until {}, now is {}",
                                    format_rfc3339(record.not_before),
                                    format_rfc3339(record.not_after), format_rfc3339(now)));
  }
  if (record.use == "node" && record.key == ring.root) {
    return not_verified("the node key is the root key; they must be two");
  }
  return true;
}

// The ring after the notice.
Result<Keyring> after_notice(const Node& node, const Keyring& before, const std::string& party,
                             const KeyNotice& body, Instant at) {
  auto ring = before;
  TRY(const auto records, open_records(body, before));
  for (std::size_t i = 0; i < records.size(); ++i) {
    TRY(const bool newer, is_newer(node, before, party, records[i], body.records[i]));
    if (newer) ring.add(records[i], body.records[i], at);
  }
  for (const auto& text : body.revocations) {
    auto revocation = trust::open_key_revocation(text, before.root);
    if (!revocation) {
      return tl::unexpected<Error>(std::move(revocation.error()).at("$.body.revocations"));
    }
    if (revocation->party != party || revocation->mode != treaty::name(node.mode())) {
      return not_verified("a revocation of another party or mode");
    }
    const auto* present = ring.present(revocation->use);
    if (present != nullptr && present->record.number <= revocation->number) {
      return not_verified(fmt::format("{} key number {} is revoked and no newer one is given",
                                      revocation->use, revocation->number));
    }
    ring.revoke(revocation->use, revocation->number, at, text);
  }
  ring.vouched = body.vouched;
  return ring;
}

// Keeps the ring of a peer and enters it.
Status keep_ring(Change& change, const std::string& party, const Keyring& ring, const char* type) {
  TRY(auto peer, change.store().peer(party));
  CHECK(peer.has_value());
  const auto* node_key = ring.present("node");
  const auto* tls = ring.present("tls");
  CHECK(node_key != nullptr && tls != nullptr);
  peer->node_key = node_key->record.key;
  TRY(peer->certificate, digest_from_bytes(tls->record.key));
  peer->confirmed = !ring.root_revoked;
  TRY_STATUS(change.store().put(*peer));
  const auto text = write_keyring(ring);
  TRY_STATUS(change.store().set_meta(keyring_key(party), text));
  json::Object entry;
  entry.set("type", type);
  entry.set("party", party);
  entry.set("node_key", base64url(peer->node_key));
  entry.set("certificate", digest_text(peer->certificate));
  entry.set("keys", digest_text(sha256(text)));
  return change.enter("key", entry);
}

Status end_root(Change& change, Node& node, const std::string& party, const std::string& text) {
  TRY(const auto revocation, trust::open_root_revocation(text));
  TRY(auto ring, keyring(change.store(), party));
  if (revocation.party != party || revocation.mode != treaty::name(node.mode()) ||
      revocation.root != ring.root) {
    return fail(ErrorKind::NotVerified,
                fmt::format("this revokes root {} of {} ({}), which is not the one that is pinned",
                            trust::key_id(revocation.root), revocation.party, revocation.mode));
  }
  if (ring.root_revoked) return fail(ErrorKind::Conflict, "this root is revoked already");
  ring.end_root(change.at());
  return keep_ring(change, party, ring, "root-revoked");
}

}  // namespace

Result<bool> owes_by_older_key(Node& node, store::Snapshot& snapshot, const std::string& party) {
  if (node.keys().node_keys.size() < 2) return false;
  TRY(const auto digests, owed(snapshot, party));
  return !digests.empty();
}

Status say_key_notice(Change& change, Node& node, const Keyring& ring, const std::string& party) {
  KeyNotice body;
  for (const auto* use : uses) {
    const auto* key = ring.present(use);
    CHECK(key != nullptr);
    body.records.push_back(key->text);
  }
  for (auto key = ring.keys.rbegin();
       key != ring.keys.rend() && body.revocations.size() < notice_revocations_max; ++key) {
    if (!key->former && !key->revocation.empty()) body.revocations.push_back(key->revocation);
  }
  TRY(const auto digests, owed(change.store(), party));
  if (digests.size() > notice_vouched_max) {
    return fail(ErrorKind::Conflict,
                fmt::format("{} statements wait for {}, and a notice names at most {}; reach it "
                            "first, or pair anew with it",
                            digests.size(), party, notice_vouched_max));
  }
  body.vouched.assign(digests.begin(), digests.end());
  TRY_STATUS(say(change, node, party, std::move(body)));
  return {};
}

Status say_root_revocation(Change& change, Node& node, const std::string& party,
                           const std::string& revocation) {
  KeyNotice body;
  body.root_revocation = revocation;
  TRY_STATUS(say(change, node, party, std::move(body)));
  return {};
}

Result<Statement> open_key_notice(const Keyring& ring, std::string_view bytes) {
  TRY(const auto statement, read_statement(bytes));
  const auto* body = std::get_if<KeyNotice>(&statement.body);
  if (body == nullptr) return fail(ErrorKind::InvalidInput, "expected a notice of keys", "$.type");
  // The end of a root needs no other witness: it is signed by that root.
  if (!body->root_revocation.empty()) {
    return open_by(signers_of(statement.from, ring), bytes, open_statement);
  }
  TRY(const auto records, open_records(*body, ring));
  return open_statement(bytes, records.front().key);
}

Result<std::string> take(Change& change, Node& node, const Kept& heard, const KeyNotice& body) {
  const auto& party = heard.statement.from;
  if (!body.root_revocation.empty()) {
    TRY_STATUS(end_root(change, node, party, body.root_revocation));
    return std::string();
  }
  TRY(const auto before, keyring(change.store(), party));
  TRY(const auto ring, after_notice(node, before, party, body, change.at()));
  if (write_keyring(ring) == write_keyring(before)) {
    return fail(ErrorKind::Conflict, "this notice says nothing new", "$.body");
  }
  TRY_STATUS(keep_ring(change, party, ring, "peer-keys"));
  return std::string();
}

Result<std::string> newest_notice(Node& node, const std::string& party) {
  TRY(const auto snapshot, node.store().read());
  TRY(const auto rows, snapshot->protocols(notice_kind, store::Direction::Sent, party));
  if (!rows.empty()) return rows.back().bytes;
  TRY(const auto peer, paired_peer(node, *snapshot, party));
  return fail(ErrorKind::NotFound,
              fmt::format("nothing was said to {0} about keys since it was paired: it knows those "
                          "of the invitation, and there is nothing to hand over",
                          peer.party));
}

Result<TakenFile> take_key_file(Node& node, std::string_view text) {
  if (text.size() > statement_bytes_max) {
    return fail(ErrorKind::TooLarge, fmt::format("a file of {} bytes; at most {} are read",
                                                 text.size(), statement_bytes_max));
  }
  TRY(const auto value, json::parse(text));
  TakenFile out;
  const auto* body = value.find("body");
  out.root_revoked = value.text("type") == "comity-root-revocation" ||
                     (body != nullptr && body->find("root_revocation") != nullptr);
  out.party = value.text(value.text("type") == notice_kind ? "from" : "party");
  store::Peer peer;
  {
    TRY(const auto snapshot, node.store().read());
    TRY(peer, paired_peer(node, *snapshot, out.party));
  }
  if (value.text("type") == notice_kind) {
    TRY_STATUS(hear(node, peer, text));
    return out;
  }
  TRY(const auto change, Change::begin(node));
  TRY_STATUS(end_root(*change, node, out.party, json::canonical(value)));
  TRY_STATUS(change->commit());
  return out;
}

Result<taxii::Endpoint> endpoint_of(const Node& node, const store::Peer& peer) {
  TRY(const auto snapshot, node.store().read());
  TRY(const auto ring, keyring(*snapshot, peer.party));
  const auto& tls = node.tls();
  return taxii::Endpoint{peer.endpoint,
                         peer.certificate,
                         tls.certificate_pem,
                         tls.key_pem,
                         node.allowed_networks(),
                         nullptr,
                         former_certificate(ring, node.now())};
}

}  // namespace comity::exchange
