// Whose signature counts for a party: its present node key, and older ones for what still counts.
//
// A signature counts as made when the ledger of whoever checks it first saw it. So what arrives
// signed by a key that was replaced or revoked is refused, whatever date it bears, unless its
// sender's newest notice names it by its digest. Reasons: docs/adr/0012-keys-of-their-time.md.
// Values; pure functions.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "exchange/keyring.h"
#include "exchange/node.h"
#include "exchange/protocol.h"

namespace comity::exchange {

struct OlderKey {
  std::string key;  // raw public key
  std::string why;  // "number 1, which was replaced at 2026-…"
  bool operator==(const OlderKey&) const = default;
};

struct Signers {
  std::string party;
  std::string present;  // raw public key
  std::vector<OlderKey> older;
  std::vector<Digest> vouched;  // statements by older keys that count all the same
  bool older_count = false;     // whatever they signed: what this node itself has made and kept
  bool operator==(const Signers&) const = default;
};

Signers signers_of(const std::string& party, const Keyring& ring);
Result<Signers> signers_of(store::Snapshot& snapshot, const std::string& party);
// Who may sign these bytes, which arrive from a peer: what is held with the same bytes already was
// signed at its time, whichever key it was.
Result<Signers> signers_of_arrival(store::Snapshot& snapshot, const std::string& party,
                                   std::string_view bytes);
// Unavailable when they are not the same any more in the change that is to enter the bytes: what
// the ledger enters after a notice of keys counts by that notice.
Status check_unchanged(store::Snapshot& snapshot, const Signers& signers, std::string_view bytes);
// For what this node itself has signed and kept.
Signers own_signers(const Node& node);

// Opens a statement by `open(bytes, public_key)` with the key whose signature counts. NotVerified
// names an older key that signed it.
template <typename Open>
auto open_by(const Signers& signers, std::string_view bytes, Open open)
    -> decltype(open(bytes, std::string_view())) {
  auto opened = open(bytes, std::string_view(signers.present));
  if (opened || opened.error().kind != ErrorKind::NotVerified) return opened;
  for (const auto& older : signers.older) {
    auto by_older = open(bytes, std::string_view(older.key));
    if (!by_older) continue;
    if (signers.older_count) return by_older;
    const auto digest = protocol_digest(bytes);
    if (digest && std::find(signers.vouched.begin(), signers.vouched.end(), *digest) !=
                      signers.vouched.end()) {
      return by_older;
    }
    return fail(ErrorKind::NotVerified,
                fmt::format("signed by the node key of {} with {}; what it signed counts only if "
                            "it arrived before, or if the notice of the new key names it",
                            signers.party, older.why),
                "$.signature");
  }
  return opened;
}

// The peer whose certificate this is at an instant; empty: nobody's.
Result<std::string> party_of_certificate(store::Snapshot& snapshot, const Digest& certificate,
                                         Instant at);

// Why nothing is sent to a party that is no confirmed peer, or taken from it: it is not paired, or
// its root was revoked.
Error not_paired(store::Snapshot& snapshot, const std::string& party);

}  // namespace comity::exchange
