#include "exchange/signers.h"

#include "json/parse.h"

namespace comity::exchange {

Signers signers_of(const std::string& party, const Keyring& ring) {
  Signers out;
  out.party = party;
  out.vouched = ring.vouched;
  for (auto key = ring.keys.rbegin(); key != ring.keys.rend(); ++key) {
    if (key->record.use != "node") continue;
    if (!key->until && !key->revoked && !ring.root_revoked) {
      out.present = key->record.key;
      continue;
    }
    const auto ended = key->revoked ? *key->revoked : key->until ? *key->until : *ring.root_revoked;
    out.older.push_back(
        {key->record.key,
         fmt::format("number {}, which was {} at {}", key->record.number,
                     key->revoked || !key->until ? "revoked" : "replaced", format_rfc3339(ended))});
  }
  return out;
}

Result<Signers> signers_of(store::Snapshot& snapshot, const std::string& party) {
  TRY(const auto ring, keyring(snapshot, party));
  return signers_of(party, ring);
}

Result<Signers> signers_of_arrival(store::Snapshot& snapshot, const std::string& party,
                                   std::string_view bytes) {
  TRY(auto out, signers_of(snapshot, party));
  const auto value = json::parse(bytes);
  if (!value) return out;  // refused by whoever opens it
  TRY(const auto held, snapshot.protocol(value->text("id")));
  if (held && held->direction == store::Direction::Received && held->peer == party) {
    out.vouched.push_back(held->digest);
  }
  return out;
}

Status check_unchanged(store::Snapshot& snapshot, const Signers& signers, std::string_view bytes) {
  TRY(const auto now, signers_of_arrival(snapshot, signers.party, bytes));
  if (now.present == signers.present && now.older == signers.older) return {};
  return fail(ErrorKind::Unavailable,
              fmt::format("the keys of {} changed meanwhile; send it again", signers.party));
}

Signers own_signers(const Node& node) {
  Signers out;
  const auto& keys = node.keys();
  out.party = node.party();
  out.present = keys.signing.public_key();
  out.older_count = true;
  for (const auto& key : keys.node_keys) {
    if (key != out.present) out.older.push_back({key, "an older number"});
  }
  return out;
}

Result<std::string> party_of_certificate(store::Snapshot& snapshot, const Digest& certificate,
                                         Instant at) {
  TRY(const auto peers, snapshot.peers());
  for (const auto& peer : peers) {
    if (peer.confirmed && peer.certificate == certificate) return peer.party;
  }
  for (const auto& peer : peers) {
    if (!peer.confirmed) continue;
    TRY(const auto ring, keyring(snapshot, peer.party));
    if (takes_certificate(ring, certificate, at)) return peer.party;
  }
  return std::string();
}

Error not_paired(store::Snapshot& snapshot, const std::string& party) {
  const auto ring = keyring(snapshot, party);
  if (ring && ring->root_revoked) {
    return {ErrorKind::Conflict,
            fmt::format("the root key of {0} was revoked at {1}: nothing is sent to it or taken "
                        "from it until it is paired anew with another one (comity invite {0}, "
                        "comity pair FILE)",
                        party, format_rfc3339(*ring->root_revoked)),
            ""};
  }
  return {ErrorKind::Conflict,
          fmt::format("{0} is not paired with this node; exchange invitations first (comity "
                      "invite {0}, comity pair FILE)",
                      party),
          ""};
}

}  // namespace comity::exchange
