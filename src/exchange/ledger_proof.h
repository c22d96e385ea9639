// What this node proves from its ledger, and the checkpoints that it gives to others. Form:
// docs/formats/ledger.md.
//
// The checkpoint of each commit tells how many leaves there are, and is for the node itself. One
// for others is "published": padding leaves are entered first, until the tree has a multiple of
// `padded_leaves`. Making proofs only reads, also beside a process that serves; memory grows with
// the ledger by 32 bytes a leaf. Checking proofs needs no node.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "exchange/node.h"

namespace comity::exchange {

constexpr std::uint64_t padded_leaves = 256;         // published trees have a multiple of this
constexpr std::size_t proof_bytes_max = 256 * 1024;  // of a proof file that is checked
constexpr std::size_t proof_path_max = 128;          // nodes; sizes below 2^63 need fewer
constexpr std::int64_t proof_format = 1;

// That a leaf stands at a place of the ledger that a checkpoint covers (RFC 9162 section 2.1.3).
struct InclusionProof {
  Digest leaf{};
  std::uint64_t index = 0, size = 0;
  std::vector<Digest> path;
  std::string checkpoint;  // signed note
  // What the leaf is the hash of, when it is shown: 32 random bytes and the canonical entry.
  std::optional<std::string> random, entry;
};

// That the ledger of an old checkpoint is the beginning of that of a new one (section 2.1.4).
struct ConsistencyProof {
  std::uint64_t old_size = 0, size = 0;
  std::vector<Digest> path;
  std::string old_checkpoint, checkpoint;
};

json::Object to_json(const InclusionProof& proof);
json::Object to_json(const ConsistencyProof& proof);

// Signs the published checkpoint with the key of this change, which has replaced the one by which
// it was signed: peers that know the new key alone must be able to check it.
Status sign_published_anew(Change& change, const Node& node);

// Enters padding and keeps a checkpoint over the filled tree; gives it. When nothing was entered
// since the last one was published, that one.
Result<std::string> publish_checkpoint(Node& node);
// The same as part of a change; nothing may be entered in it afterwards that it should cover.
Result<std::string> publish_checkpoint(Change& change, const Node& node);
// The newest published checkpoint; none before the first.
Result<std::optional<std::string>> published_checkpoint(store::Snapshot& snapshot);

// Against the newest published checkpoint, or, with `size`, the ledger of the first so many leaves.
// NotFound when the leaf or that ledger is not there; Corrupt when the ledger is not the one that
// was signed for: nothing is proved from it.
Result<InclusionProof> prove_inclusion(const Node& node, std::uint64_t index,
                                       std::optional<std::uint64_t> size, bool with_entry);
// From the ledger of the first `old_size` leaves, at least 1, to one as above.
Result<ConsistencyProof> prove_consistency(const Node& node, std::uint64_t old_size,
                                           std::optional<std::uint64_t> size);

// Whose ledger a proof must be of.
struct LedgerOwner {
  std::string origin;      // "comity/CN/exercise"
  std::string public_key;  // raw, of the node
};

// What a proof that holds says.
struct Proved {
  ledger::Checkpoint checkpoint;
  std::optional<ledger::Checkpoint> old;  // of a consistency proof
  std::uint64_t index = 0;                // of an inclusion proof, as the leaf
  Digest leaf{};
  std::string entry;  // empty: not shown
};

// Reads a proof file and checks all of it: form, signatures, sizes, path, and the entry when it is
// shown. `held` is a checkpoint that the reader has from another time, or empty: the old one of a
// consistency proof must be the same. InvalidInput, TooLarge, or NotVerified.
Result<Proved> check_proof(std::string_view text, const LedgerOwner& owner, std::string_view held);

}  // namespace comity::exchange
