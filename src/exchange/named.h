// Whom an officer names by a code: another party, or a peer. What is wrong with the name is said
// in the same words wherever it was typed.
//
// Pure functions of a node's law and store.
#pragma once

#include <string>

#include "exchange/node.h"

namespace comity::exchange {

// InvalidInput when a party that was named as somebody else is this node's own …
Status check_not_own(const Node& node, const std::string& party);
// … or that, or no party of its register.
Status check_other_party(const Node& node, const std::string& party);

// The confirmed peer of this name. InvalidInput when it is this node's own party; Conflict when it
// is not paired, or its root was revoked.
Result<store::Peer> paired_peer(const Node& node, store::Snapshot& snapshot,
                                const std::string& party);

}  // namespace comity::exchange
