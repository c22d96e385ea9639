// How a peer learns of new keys: the notice, and the files that officers hand over.
//
// A notice is a procedural message (docs/formats/procedure.md). It holds the records of the
// sender's present keys, signed by its root, and is signed itself by the node key that it brings;
// so it holds by the pinned root alone, whichever way it came. Functions may be called from any
// thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "exchange/node.h"
#include "exchange/procedure.h"
#include "taxii/client.h"

namespace comity::exchange {

// How far the beginning of a record may lie ahead of the clock of who takes it.
constexpr std::int64_t record_ahead_s_max = 3600;

// Says the keys of `ring`, which is this node's own from this change on, to a peer. Conflict when
// more statements wait for it than a notice can name.
Status say_key_notice(Change& change, Node& node, const Keyring& ring, const std::string& party);
// Says that the node's root is revoked.
Status say_root_revocation(Change& change, Node& node, const std::string& party,
                           const std::string& revocation);

// Whether something made by an older key still waits for the party, or has to be fetched by it.
Result<bool> owes_by_older_key(Node& node, store::Snapshot& snapshot, const std::string& party);

// A notice as it arrives, by the node key that it brings under the root of `ring`.
Result<Statement> open_key_notice(const Keyring& ring, std::string_view bytes);
// What hear() has checked; the id of what it is about.
Result<std::string> take(Change& change, Node& node, const Kept& heard, const KeyNotice& body);

// The newest notice to a party, to be handed over as a file. NotFound when there is none.
Result<std::string> newest_notice(Node& node, const std::string& party);

struct TakenFile {
  std::string party;
  bool root_revoked = false;
};
// Takes a notice or the revocation of a root from a file.
Result<TakenFile> take_key_file(Node& node, std::string_view text);

// Where a peer is reached and what its certificate may be, with our present identity. Nothing ends
// its requests early.
Result<taxii::Endpoint> endpoint_of(const Node& node, const store::Peer& peer);

}  // namespace comity::exchange
