// What is wrong with a node, in words for the person who runs it: links to peers, the clock, keys,
// the disk, the store, peers that are behind, feeds that are not read, outposts that hold something
// up, and ledgers that do not fit together.
//
// Reads only, and works beside a process that serves the same directory. What leaves the node is a
// request for a peer's list of collections, and for an outpost's description of its own.
#pragma once

#include <string>
#include <vector>

#include "base/file.h"
#include "exchange/node.h"

namespace comity::exchange {

constexpr std::int64_t key_warning_days = 30;
constexpr std::int64_t receipt_due_s = 3600;
// Below this a store of some million records may not have room for one more import.
constexpr std::uint64_t free_bytes_min = std::uint64_t{1} << 30;

struct Ailment {
  std::string area;  // link, clock, key, disk, store, peer, ledger, feed, outpost
  std::string what, why, remedy;
};

// Examines the node in a data directory; empty when nothing is wrong. A store or key that keeps the
// node from being opened is an ailment too. NotFound when there is no node.
Result<std::vector<Ailment>> examine(const std::string& directory, const Clock& clock,
                                     Random& random);

// The same of a node that is open already.
Result<std::vector<Ailment>> examine(const Node& node);

// The parts, each of which looks at one thing.
void examine_disk(const std::string& directory, const DiskState& disk, std::vector<Ailment>& out);
Status examine_clock(const Node& node, std::vector<Ailment>& out);
void examine_keys(const Node& node, std::vector<Ailment>& out);
// Keys of peers that run out or have no root any more, and peers that do not know ours.
Status examine_known_keys(const Node& node, std::vector<Ailment>& out);
Status examine_peers(const Node& node, std::vector<Ailment>& out);
Status examine_ledgers(const Node& node, std::vector<Ailment>& out);
Status examine_links(const Node& node, std::vector<Ailment>& out);

}  // namespace comity::exchange
