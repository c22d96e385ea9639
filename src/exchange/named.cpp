#include "exchange/named.h"

#include <fmt/format.h>

#include "exchange/signers.h"
#include "treaty/party_names.h"

namespace comity::exchange {

Status check_not_own(const Node& node, const std::string& party) {
  if (party != node.party()) return {};
  return fail(ErrorKind::InvalidInput, fmt::format("{} is this node's own party", party));
}

Status check_other_party(const Node& node, const std::string& party) {
  TRY_STATUS(check_not_own(node, party));
  if (node.law()->model().party(party)) return {};
  return fail(ErrorKind::InvalidInput,
              fmt::format("'{}' is no party of the register{}; parties.toml lists them", party,
                          treaty::party_suggestion(node.law()->model(), party)));
}

Result<store::Peer> paired_peer(const Node& node, store::Snapshot& snapshot,
                                const std::string& party) {
  TRY_STATUS(check_not_own(node, party));
  TRY(auto peer, snapshot.peer(party));
  if (!peer || !peer->confirmed) return tl::unexpected(not_paired(snapshot, party));
  return *std::move(peer);
}

}  // namespace comity::exchange
