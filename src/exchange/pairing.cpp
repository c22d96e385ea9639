#include "exchange/pairing.h"

#include <fmt/format.h>

#include "exchange/peer_ledger.h"
#include "trust/pairing.h"

namespace comity::exchange {
namespace {

std::string invitation_key(const std::string& party) { return "invitation:" + party; }

}  // namespace

Result<std::string> invite(Node& node, const std::string& party, const std::string& endpoint) {
  if (party == node.party()) {
    return fail(ErrorKind::InvalidInput, fmt::format("{} is this node's own party", party));
  }
  if (!node.law()->model().party(party)) {
    return fail(ErrorKind::InvalidInput, fmt::format("'{}' is no party of the register", party));
  }
  trust::Invitation invitation;
  invitation.party = node.party();
  invitation.mode = treaty::name(node.mode());
  invitation.invited = party;
  invitation.endpoint = endpoint;
  invitation.root_key = node.root_public_key();
  invitation.node_record = node.node_record();
  invitation.tls_record = node.tls_record();
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
  store::Peer peer;
  peer.party = theirs.party;
  peer.endpoint = pinned.endpoint;
  peer.invitation = invitation;
  peer.certificate = pinned.certificate;
  peer.node_key = pinned.node_key;
  peer.confirmed = true;
  TRY(const auto change, Change::begin(node));
  TRY_STATUS(change->store().put(peer));
  TRY_STATUS(forget_peer_ledger(*change, peer.party));
  json::Object entry;
  entry.set("type", "paired");
  entry.set("party", theirs.party);
  entry.set("node_key", base64url(pinned.node_key));
  entry.set("certificate", digest_text(pinned.certificate));
  entry.set("invitation", digest_text(sha256(invitation)));
  TRY_STATUS(change->enter("peer", entry));
  TRY_STATUS(change->commit());
  out.confirmed = true;
  return out;
}

}  // namespace comity::exchange
