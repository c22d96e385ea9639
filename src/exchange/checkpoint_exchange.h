// Checkpoints on their way between nodes: a node shows its own to its peers, passes on those that
// others marked public, and asks where two do not fit together. Form: docs/formats/ledger.md.
//
// What a peer shows is weighed against what is held of its ledger (peer_ledger.h). Where a proof is
// missing the peer is asked, and only what it has signed itself counts against it: two roots for
// one size, or an answer that shows less than what was asked about. A node that is asked about a
// checkpoint that it has signed and cannot prove warns its own officers. Functions may be called
// from any thread; those without Change while none is open.
#pragma once

#include <string>
#include <vector>

#include "exchange/node.h"
#include "exchange/peer_ledger.h"
#include "exchange/procedure.h"

namespace comity::exchange {

// A serving node publishes once a day, at 02:00 UTC, whether or not anything happened.
constexpr std::int64_t checkpoint_second_of_day = 2 * 3600;

// Whether whoever gets this node's checkpoints may pass them on; it may not until it is said.
Result<bool> checkpoints_public(store::Snapshot& snapshot);
Status set_checkpoints_public(Change& change, bool is_public);

// Shows the newest published checkpoint to every peer, with a proof from the one that the peer has
// taken before. Nobody is shown one while another waits for it. With `again` it is shown only to
// those that have been shown one before, also when it is the same: a database can be put back only
// while no process serves it, and who holds a newer one then says so.
Status show_checkpoint(Node& node, bool again);

// Publishes and shows when the time of the day has come since it was done last. The first time
// that a node serves nothing is published, only the day is kept.
Status publish_when_due(Node& node);

// Says to `party` which public checkpoints are held that it was not told of, if any; not when it is
// not paired. Before each delivery to it.
Status pass_checkpoints(Node& node, const std::string& party);

Result<std::string> take(Change& change, Node& node, const Kept& heard,
                         const CheckpointShown& body);
Result<std::string> take(Change& change, Node& node, const Kept& heard,
                         const CheckpointsPassed& body);
Result<std::string> take(Change& change, Node& node, const Kept& heard,
                         const CheckpointQuestion& body);

}  // namespace comity::exchange
