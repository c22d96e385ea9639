#include "exchange/pairing.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "exchange/key_notice.h"
#include "exchange/named.h"
#include "exchange/peer_ledger.h"
#include "trust/pairing.h"

namespace comity::exchange {
namespace {

std::string invitation_key(const std::string& party) { return "invitation:" + party; }

// The ring of a peer once its invitation is taken: what was known of it stays as its past.
Result<Keyring> ring_after(store::Snapshot& snapshot, const trust::Invitation& theirs, Instant at) {
  TRY(auto ring, keyring(snapshot, theirs.party));
  if (std::find(ring.revoked_roots.begin(), ring.revoked_roots.end(), theirs.root_key) !=
      ring.revoked_roots.end()) {
    return fail(ErrorKind::NotVerified,
                fmt::format("the root of this invitation was revoked; ask {} for one with its new "
                            "root",
                            theirs.party),
                "$.root_key");
  }
  ring.set_root(theirs.root_key, at);
  for (const auto* text : {&theirs.node_record, &theirs.tls_record, &theirs.seal_record}) {
    TRY(const auto record, trust::read_key_record(*text));
    const auto* present = ring.present(record.use);
    if (present != nullptr && present->text == *text) continue;
    if (record.number <= ring.highest(record.use)) {
      return fail(
          ErrorKind::NotVerified,
          fmt::format("{} key number {} of {}: number {} is known, and only a higher one is "
                      "taken; ask for a new invitation",
                      record.use, record.number, theirs.party, ring.highest(record.use)),
          fmt::format("$.{}_record", record.use));
    }
    ring.add(record, *text, at);
  }
  return ring;
}

// What the peer cannot know from our invitation: keys that came after it, and what was signed by
// keys before it and is still to arrive.
Status tell_what_it_lacks(Change& change, Node& node, const std::string& party,
                          const std::string& invitation) {
  TRY(const auto ring, keyring(change.store(), node.party()));
  TRY(const auto given, trust::read_invitation(invitation, node.now()));
  TRY(const bool owes, owes_by_older_key(node, change.store(), party));
  const std::array<std::pair<const char*, const std::string*>, 3> records = {
      {{"node", &given.node_record}, {"tls", &given.tls_record}, {"seal", &given.seal_record}}};
  const bool newer = std::any_of(records.begin(), records.end(), [&](const auto& record) {
    const auto* key = ring.present(record.first);
    return key == nullptr || key->text != *record.second;
  });
  if (newer && given.root_key != ring.root) {
    return fail(ErrorKind::Conflict,
                fmt::format("the root of this node was renewed since it invited {0}: invite it "
                            "again (comity invite {0})",
                            party));
  }
  return newer || owes ? say_key_notice(change, node, ring, party) : Status();
}

}  // namespace

Result<std::string> invite(Node& node, const std::string& party, const std::string& endpoint) {
  TRY_STATUS(check_other_party(node, party));
  trust::Invitation invitation;
  invitation.party = node.party();
  invitation.mode = treaty::name(node.mode());
  invitation.invited = party;
  invitation.endpoint = endpoint;
  const auto& keys = node.keys();
  invitation.root_key = keys.root;
  invitation.node_record = keys.node_record;
  invitation.tls_record = keys.tls_record;
  invitation.seal_record = keys.seal_record;
  auto text = trust::write_invitation(invitation);
  // What the other side will check is checked here first.
  TRY(const auto checked, trust::read_invitation(text, node.now()));
  CHECK(checked.party == node.party());
  TRY(const auto change, Change::begin(node));
  TRY_STATUS(change->store().set_meta(invitation_key(party), text));
  json::Object entry;
  entry.set("type", "invitation");
  entry.set("to", party);
  entry.set("digest", digest_text(sha256(text)));
  TRY_STATUS(change->enter("peer", entry));
  TRY_STATUS(change->commit());
  return text;
}

Result<Pairing> pair(Node& node, const std::string& invitation, bool confirmed) {
  TRY(const auto theirs, trust::read_invitation(invitation, node.now()));
  if (theirs.invited != node.party()) {
    return fail(ErrorKind::InvalidInput, fmt::format("this invitation is for {}, this node is {}'s",
                                                     theirs.invited, node.party()));
  }
  if (theirs.party == node.party() || !node.law()->model().party(theirs.party)) {
    return fail(ErrorKind::InvalidInput,
                fmt::format("'{}' is no other party of the register", theirs.party));
  }
  if (theirs.mode != treaty::name(node.mode())) {
    return fail(ErrorKind::InvalidInput,
                fmt::format("this invitation is of mode {}, this node of {}; they never mix",
                            theirs.mode, treaty::name(node.mode())));
  }
  TRY(const auto pinned, trust::pinned_peer(theirs, node.now()));
  std::optional<std::string> ours;
  {
    TRY(const auto snapshot, node.store().read());
    TRY(ours, snapshot->meta(invitation_key(theirs.party)));
  }
  if (!ours) {
    return fail(
        ErrorKind::Conflict,
        fmt::format("invite {0} first (comity invite {0}): the digits are of both invitations",
                    theirs.party));
  }
  Pairing out;
  out.party = theirs.party;
  out.endpoint = theirs.endpoint;
  TRY(out.digits, trust::comparison_digits(*ours, invitation));
  if (!confirmed) return out;
  TRY(const auto change, Change::begin(node));
  TRY(const auto ring, ring_after(change->store(), theirs, change->at()));
  store::Peer peer;
  peer.party = theirs.party;
  peer.endpoint = pinned.endpoint;
  peer.invitation = invitation;
  peer.certificate = pinned.certificate;
  peer.node_key = pinned.node_key;
  peer.confirmed = true;
  TRY_STATUS(change->store().put(peer));
  const auto ring_text = write_keyring(ring);
  TRY_STATUS(change->store().set_meta(keyring_key(theirs.party), ring_text));
  TRY_STATUS(forget_peer_ledger(*change, peer.party));
  json::Object entry;
  entry.set("type", "paired");
  entry.set("party", theirs.party);
  entry.set("node_key", base64url(pinned.node_key));
  entry.set("certificate", digest_text(pinned.certificate));
  entry.set("invitation", digest_text(sha256(invitation)));
  entry.set("keys", digest_text(sha256(ring_text)));
  TRY_STATUS(change->enter("peer", entry));
  TRY_STATUS(tell_what_it_lacks(*change, node, theirs.party, *ours));
  TRY_STATUS(change->commit());
  out.confirmed = true;
  return out;
}

}  // namespace comity::exchange
