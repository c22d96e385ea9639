// The Merkle tree of RFC 9162 section 2.1 (hashing as RFC 6962): pure functions over leaf hashes.
// A tree is its leaf hashes in order; nothing here stores or signs.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace comity::ledger {

// SHA-256(0x00 ‖ data), RFC 9162 section 2.1.1.
Digest leaf_hash(std::string_view data);
// SHA-256(0x01 ‖ left ‖ right).
Digest node_hash(const Digest& left, const Digest& right);
// The root of a tree with these leaves; of none: SHA-256 of nothing.
Digest root(std::span<const Digest> leaves);

// Roots of the perfect subtrees from the left: enough to append and to know the root, in
// logarithmic space (a "compact range").
class Frontier {
 public:
  void append(const Digest& leaf);
  std::uint64_t size() const { return size_; }
  Digest root() const;

 private:
  std::uint64_t size_ = 0;
  std::vector<Digest> peaks_;
};

// RFC 9162 section 2.1.3: the path for leaf `index` in the tree of all `leaves`; index < size.
std::vector<Digest> inclusion_proof(std::span<const Digest> leaves, std::uint64_t index);
// NotVerified, with what was expected and what was computed, unless the proof holds.
Status verify_inclusion(const Digest& leaf, std::uint64_t index, std::uint64_t size,
                        std::span<const Digest> proof, const Digest& expected_root);

// RFC 9162 section 2.1.4: that the first `old_size` leaves are a prefix; old_size <= size.
std::vector<Digest> consistency_proof(std::span<const Digest> leaves, std::uint64_t old_size);
Status verify_consistency(std::uint64_t old_size, std::uint64_t size, const Digest& old_root,
                          const Digest& new_root, std::span<const Digest> proof);

}  // namespace comity::ledger
