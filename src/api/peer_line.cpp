#include "api/peer_line.h"

#include <algorithm>

#include "exchange/doctor.h"
#include "exchange/keyring.h"
#include "exchange/protocol.h"

namespace comity::api {
namespace {

Result<std::optional<std::int64_t>> key_days_left(store::Snapshot& snapshot,
                                                  const std::string& party, Instant now) {
  TRY(const auto ring, exchange::keyring(snapshot, party));
  std::optional<std::int64_t> out;
  for (const auto* use : {"node", "tls", "seal"}) {
    const auto* key = ring.present(use);
    if (key == nullptr) continue;
    const auto left = key->record.not_after.seconds() - now.seconds();
    const auto days = std::max<std::int64_t>(left, 0) / seconds_per_day;
    out = out ? std::min(*out, days) : days;
  }
  return out;
}

const char* state_of(const store::Peer& peer, const PeerLine& line, Instant now) {
  if (!peer.confirmed) return "unknown";
  if (line.missing_since) {
    const auto due = Instant::from_seconds(line.missing_since->seconds() + exchange::receipt_due_s);
    if (now > due) return line.last_seen && *line.last_seen > due ? "behind" : "unreachable";
  }
  return line.last_seen ? "ok" : "unknown";
}

}  // namespace

Result<std::vector<PeerLine>> peer_lines(const exchange::Node& node, store::Snapshot& snapshot) {
  std::vector<PeerLine> out;
  const auto now = node.now();
  TRY(const auto peers, snapshot.peers());
  for (const auto& peer : peers) {
    PeerLine line;
    line.party = peer.party;
    if (peer.confirmed) {
      TRY(const auto missing, snapshot.unanswered(exchange::disclosure_kind, store::Direction::Sent,
                                                  peer.party, receipts_missing_max));
      line.receipts_missing = static_cast<std::int64_t>(missing.size());
      if (!missing.empty()) line.missing_since = missing.front().at;
    }
    TRY(line.last_seen, snapshot.last_received(peer.party));
    TRY(line.key_days_left, key_days_left(snapshot, peer.party, now));
    line.state = state_of(peer, line, now);
    out.push_back(std::move(line));
  }
  return out;
}

json::Object to_json(const PeerLine& line) {
  json::Object out;
  out.set("party", line.party);
  out.set("state", line.state);
  out.set("receipts_missing", line.receipts_missing);
  out.set("last_seen",
          line.last_seen ? json::Value(format_rfc3339(*line.last_seen, 6)) : json::Value());
  out.set("key_days_left", line.key_days_left ? json::Value(*line.key_days_left) : json::Value());
  return out;
}

}  // namespace comity::api
