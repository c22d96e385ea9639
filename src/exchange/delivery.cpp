#include "exchange/delivery.h"

#include <fmt/format.h>

#include "exchange/checkpoint_exchange.h"
#include "exchange/clock_guard.h"
#include "exchange/kept_rows.h"
#include "exchange/key_notice.h"
#include "exchange/outpost.h"
#include "exchange/outpost_delivery.h"
#include "exchange/procedure.h"
#include "exchange/protocol.h"
#include "exchange/read_log.h"
#include "exchange/receipt_counts.h"
#include "exchange/signers.h"
#include "exchange/token.h"
#include "exchange/verify.h"
#include "exchange/withdrawal.h"
#include "taxii/client.h"

namespace comity::exchange {
namespace {

struct Pending {
  store::ProtocolObject object;
  Disclosure disclosure;
  std::optional<store::ProtocolObject> withdrawal;  // which goes in its place
};

// How it stands with a sent disclosure; whether it, or its withdrawal, has its receipt.
struct Fate {
  bool answered = false;
  std::optional<store::ProtocolObject> withdrawal;
};

Result<Fate> fate_of_sent(store::Snapshot& snapshot, const std::string& disclosure) {
  Fate fate;
  TRY(const auto receipt, snapshot.protocol(receipt_id(disclosure)));
  TRY(fate.withdrawal, withdrawal_of(snapshot, disclosure));
  fate.answered = receipt.has_value();
  if (fate.withdrawal && !fate.answered) {
    TRY(const auto confirmed, snapshot.protocol(receipt_id(fate.withdrawal->id)));
    fate.answered = confirmed.has_value();
  }
  return fate;
}

Result<std::vector<Pending>> pending_for(Node& node, const std::string& party) {
  TRY(const auto snapshot, node.store().read());
  TRY(const auto rows, snapshot->protocols(disclosure_kind, store::Direction::Sent, party));
  std::vector<Pending> out;
  for (const auto& row : rows) {
    TRY(auto fate, fate_of_sent(*snapshot, row.id));
    if (fate.answered) continue;
    TRY(auto disclosure, open_by(own_signers(node), row.bytes, open_disclosure));
    TRY_STATUS(name_kept_records(*snapshot, row, disclosure));
    out.push_back({row, std::move(disclosure), std::move(fate.withdrawal)});
  }
  return out;
}

// The envelope: the disclosure, then its records byte for byte in the order of their digests.
Result<std::string> envelope_of(Node& node, const Pending& pending) {
  TRY(const auto snapshot, node.store().read());
  TRY(const auto granted, snapshot->grants_by_disclosure(pending.disclosure.to, pending.object.id));
  if (granted.size() != pending.disclosure.records.size()) {
    return fail(ErrorKind::Corrupt, "a disclosure and its grants disagree", pending.object.id);
  }
  std::string out = "{\"objects\":[" + pending.object.bytes;
  for (const auto& item : granted) {
    out += ',';
    out += item.bytes;
  }
  return out + "]}";
}

Result<Signers> signers_of_peer(Node& node, const std::string& party) {
  TRY(const auto snapshot, node.store().read());
  return signers_of(*snapshot, party);
}

// The receipt must answer `object`: the disclosure with all its records, or its withdrawal, which
// names none.
Status keep_receipt(Node& node, const store::Peer& peer, const Disclosure& disclosure,
                    const store::ProtocolObject& object, const std::string& bytes, Sent& sent) {
  TRY(const auto signers, signers_of_peer(node, peer.party));
  TRY(const auto receipt, open_by(signers, bytes, open_receipt));
  const bool of_withdrawal = object.id != disclosure.id;
  if (receipt.disclosure != object.id || receipt.disclosure_digest != object.digest ||
      receipt.from != disclosure.to || receipt.to != disclosure.from ||
      receipt.mode != disclosure.mode || receipt.number != disclosure.number ||
      receipt.results.size() != (of_withdrawal ? 0 : disclosure.records.size())) {
    return fail(ErrorKind::NotVerified, "the receipt does not answer this disclosure", receipt.id);
  }
  if (!of_withdrawal) TRY_STATUS(check_results(receipt, disclosure));
  auto counts = counts_of(receipt);
  sent.accepted = counts.accepted;
  sent.quarantined = counts.quarantined;
  sent.rejected = counts.rejected;
  sent.reasons = std::move(counts.reasons);
  TRY(const auto digest, protocol_digest(bytes));
  TRY(const auto change, Change::begin(node));
  TRY_STATUS(check_unchanged(change->store(), signers, bytes));
  store::ProtocolObject row;
  row.id = receipt.id;
  row.kind = receipt_kind;
  row.direction = store::Direction::Received;
  row.peer = peer.party;
  row.digest = digest;
  row.bytes = bytes;
  row.about = object.id;
  row.at = change->at();
  TRY_STATUS(change->store().append(row));
  json::Object entry;
  entry.set("type", "receipt");
  entry.set("digest", digest_text(digest));
  entry.set("from", peer.party);
  entry.set("disclosure_digest", digest_text(object.digest));
  TRY_STATUS(change->enter("receipt", entry));
  TRY_STATUS(change->commit());
  (object.id == disclosure.id ? sent.receipt : sent.withdrawn) = true;
  sent.served = sent.withdrawn && is_of_served(object);
  return {};
}

Status send_withdrawal(Node& node, const store::Peer& peer, taxii::Client& client,
                       const Pending& pending, const store::ProtocolObject& withdrawal,
                       Sent& sent) {
  auto posted = client.post("inbox", "{\"objects\":[" + withdrawal.bytes + "]}");
  if (!posted) return tl::unexpected<Error>(std::move(posted.error()));
  const auto bytes = client.object("protocol", receipt_id(withdrawal.id));
  if (bytes) return keep_receipt(node, peer, pending.disclosure, withdrawal, *bytes, sent);
  if (bytes.error().kind != ErrorKind::NotFound) return tl::unexpected<Error>(bytes.error());
  // The disclosure had arrived before: then its own receipt is the answer.
  TRY(const auto first, client.object("protocol", receipt_id(pending.disclosure.id)));
  return keep_receipt(node, peer, pending.disclosure, pending.object, first, sent);
}

// A disclosure that is not permitted any more is withdrawn, but not before the peer is there and
// has no receipt for it: it may have arrived at an attempt whose answer was lost.
Status withdraw_and_send(Node& node, const store::Peer& peer, taxii::Client& client,
                         const Pending& pending, const Error& why, Sent& sent) {
  const auto arrived = client.object("protocol", receipt_id(pending.disclosure.id));
  if (arrived) {
    return keep_receipt(node, peer, pending.disclosure, pending.object, *arrived, sent);
  }
  if (arrived.error().kind != ErrorKind::NotFound) return tl::unexpected<Error>(why);
  TRY(const auto withdrawal, withdraw(node, pending.object, pending.disclosure));
  return send_withdrawal(node, peer, client, pending, withdrawal, sent);
}

Status send_one(Node& node, const store::Peer& peer, taxii::Client& client, const Pending& pending,
                Sent& sent) {
  if (pending.withdrawal) {
    return send_withdrawal(node, peer, client, pending, *pending.withdrawal, sent);
  }
  TRY_STATUS(check_clock(node));
  const auto permitted = still_permitted(node, pending.disclosure);
  if (!permitted && permitted.error().kind == ErrorKind::NotPermitted) {
    return withdraw_and_send(node, peer, client, pending, permitted.error(), sent);
  }
  TRY_STATUS(permitted);
  TRY(auto envelope, envelope_of(node, pending));
  auto posted = client.post("inbox", std::move(envelope));
  if (!posted) return tl::unexpected<Error>(std::move(posted.error()));
  TRY(const auto bytes, client.object("protocol", receipt_id(pending.disclosure.id)));
  return keep_receipt(node, peer, pending.disclosure, pending.object, bytes, sent);
}

Sent unsent(const Pending& item) {
  Sent sent;
  sent.disclosure = item.disclosure.id;
  sent.number = item.disclosure.number;
  sent.basis = item.disclosure.basis;
  sent.at_discretion = item.disclosure.at_discretion;
  sent.four_eyes = item.disclosure.four_eyes;
  sent.assumed = item.disclosure.assumed;
  sent.records = static_cast<std::int64_t>(item.disclosure.records.size());
  return sent;
}

// Of a party without node: what lies ready for its tokens and was not collected whole.
Result<std::vector<Sent>> to_be_collected(store::Snapshot& snapshot,
                                          const std::vector<Pending>& pending,
                                          const std::string& party) {
  TRY(const auto reads, reads_of(snapshot, party));
  std::vector<Sent> out;
  for (const auto& item : pending) {
    auto sent = unsent(item);
    sent.by_token = true;
    TRY(sent.collected, collected_of(snapshot, party, item.disclosure.id, reads));
    if (sent.collected < sent.records) out.push_back(std::move(sent));
  }
  return out;
}

}  // namespace

Result<bool> is_answered(store::Snapshot& snapshot, const std::string& disclosure) {
  TRY(const auto fate, fate_of_sent(snapshot, disclosure));
  return fate.answered;
}

Result<bool> anything_pending(store::Snapshot& snapshot, const std::string& party) {
  TRY(const auto last, snapshot.last_disclosure(store::Direction::Sent, party));
  if (!last) return false;
  TRY(const bool answered, is_answered(snapshot, last->id));
  return !answered;
}

Result<std::vector<Sent>> deliver(Node& node, const std::string& party) {
  const auto alone = node.delivering().take(party);
  std::optional<Outpost> outpost;
  {
    TRY(const auto snapshot, node.store().read());
    TRY(outpost, outpost_of(*snapshot, party));
  }
  if (outpost) return deliver_to_outpost(node, *outpost);
  std::vector<Sent> out;
  // What this node has said goes first: a consent withdrawn, a record recalled. Whoever cannot be
  // told gets no disclosures either; the first of them says why.
  TRY_STATUS(pass_checkpoints(node, party));
  TRY(const auto told, send_statements(node, party));
  TRY(const auto pending, pending_for(node, party));
  if (pending.empty()) return out;
  store::Peer peer;
  {
    TRY(const auto snapshot, node.store().read());
    TRY(auto found, snapshot->peer(party));
    if (!found || !found->confirmed) {
      TRY(const bool collects, has_token(*snapshot, party, node.now()));
      if (collects) return to_be_collected(*snapshot, pending, party);
      return tl::unexpected(not_paired(*snapshot, party));
    }
    peer = *std::move(found);
  }
  TRY(auto endpoint, timed_endpoint_of(node, peer));
  taxii::Client client(std::move(endpoint));
  for (const auto& item : pending) {
    auto sent = unsent(item);
    const auto status = told.empty() || !told.back().waits
                            ? send_one(node, peer, client, item, sent)
                            : Status(fail(ErrorKind::Unavailable, told.back().error));
    if (!status) sent.error = status.error().text();
    out.push_back(std::move(sent));
    if (!status) break;
  }
  return out;
}

}  // namespace comity::exchange
