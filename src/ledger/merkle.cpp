#include "ledger/merkle.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>

namespace comity::ledger {
namespace {

// The prefix keeps leaves and inner nodes apart, so that a node cannot be shown as a leaf.
constexpr char leaf_prefix = 0;
constexpr char node_prefix = 1;

// Where a tree of `size` >= 2 leaves divides: the largest power of two below `size`.
std::size_t split_point(std::size_t size) { return std::bit_ceil(size) / 2; }

void add_inclusion(std::span<const Digest> leaves, std::uint64_t index, std::vector<Digest>& out) {
  if (leaves.size() == 1) return;
  const auto left = split_point(leaves.size());
  if (index < left) {
    add_inclusion(leaves.first(left), index, out);
    out.push_back(root(leaves.subspan(left)));
  } else {
    add_inclusion(leaves.subspan(left), index - left, out);
    out.push_back(root(leaves.first(left)));
  }
}

// SUBPROOF of RFC 9162 section 2.1.4.1. `known` says that the root of these leaves is one that the
// verifier holds already.
void add_consistency(std::span<const Digest> leaves, std::uint64_t old_size, bool known,
                     std::vector<Digest>& out) {
  if (old_size == leaves.size()) {
    if (!known) out.push_back(root(leaves));
    return;
  }
  const auto left = split_point(leaves.size());
  if (old_size <= left) {
    add_consistency(leaves.first(left), old_size, known, out);
    out.push_back(root(leaves.subspan(left)));
  } else {
    add_consistency(leaves.subspan(left), old_size - left, false, out);
    out.push_back(root(leaves.first(left)));
  }
}

tl::unexpected<Error> refused(std::string message) {
  return fail(ErrorKind::NotVerified, std::move(message));
}

tl::unexpected<Error> wrong_length(std::string_view kind, std::size_t found) {
  return refused(
      fmt::format("the {} proof has {} nodes, which is not the number that these sizes need; "
                  "ask the other side for the proof again",
                  kind, found));
}

Status same_root(std::string_view which, const Digest& computed, const Digest& expected) {
  if (computed == expected) return {};
  return refused(fmt::format("the proof leads to the {} {}, expected {}", which,
                             digest_text(computed), digest_text(expected)));
}

// A position on the way to the root: the number of our node in its row and that of the last node.
// A last node without a neighbour is its own parent, which is why rows are skipped.
struct Position {
  std::uint64_t node, last;

  bool joins_left() const { return (node & 1) != 0 || node == last; }
  void climb() {
    node >>= 1;
    last >>= 1;
  }
  void skip_rows_without_neighbour() {
    while ((node & 1) == 0 && node != 0) climb();
  }
};

}  // namespace

Digest leaf_hash(std::string_view data) {
  return Sha256().add({&leaf_prefix, 1}).add(data).finish();
}

Digest node_hash(const Digest& left, const Digest& right) {
  std::array<char, 65> bytes{node_prefix};
  std::copy(left.begin(), left.end(), bytes.begin() + 1);
  std::copy(right.begin(), right.end(), bytes.begin() + 33);
  return sha256({bytes.data(), bytes.size()});
}

Digest root(std::span<const Digest> leaves) {
  Frontier frontier;
  for (const auto& leaf : leaves) frontier.append(leaf);
  return frontier.root();
}

void Frontier::append(const Digest& leaf) {
  auto node = leaf;
  // Every one at the end of the binary size is a perfect subtree that the new leaf completes.
  for (auto rest = size_; (rest & 1) != 0; rest >>= 1) {
    node = node_hash(peaks_.back(), node);
    peaks_.pop_back();
  }
  peaks_.push_back(node);
  ++size_;
}

Digest Frontier::root() const {
  if (peaks_.empty()) return sha256({});
  auto node = peaks_.back();
  for (auto i = peaks_.size() - 1; i > 0; --i) node = node_hash(peaks_[i - 1], node);
  return node;
}

std::vector<Digest> inclusion_proof(std::span<const Digest> leaves, std::uint64_t index) {
  CHECK(index < leaves.size());
  std::vector<Digest> out;
  add_inclusion(leaves, index, out);
  return out;
}

Status verify_inclusion(const Digest& leaf, std::uint64_t index, std::uint64_t size,
                        std::span<const Digest> proof, const Digest& expected_root) {
  if (index >= size) {
    return refused(fmt::format("leaf {} is not in a tree of {} leaves", index, size));
  }
  Position at{index, size - 1};
  auto node = leaf;
  for (const auto& neighbour : proof) {
    if (at.last == 0) return wrong_length("inclusion", proof.size());
    if (at.joins_left()) {
      node = node_hash(neighbour, node);
      at.skip_rows_without_neighbour();
    } else {
      node = node_hash(node, neighbour);
    }
    at.climb();
  }
  if (at.last != 0) return wrong_length("inclusion", proof.size());
  return same_root("root", node, expected_root);
}

std::vector<Digest> consistency_proof(std::span<const Digest> leaves, std::uint64_t old_size) {
  CHECK(old_size <= leaves.size());
  std::vector<Digest> out;
  if (old_size > 0) add_consistency(leaves, old_size, true, out);
  return out;
}

Status verify_consistency(std::uint64_t old_size, std::uint64_t size, const Digest& old_root,
                          const Digest& new_root, std::span<const Digest> proof) {
  if (old_size > size) {
    return refused(fmt::format("a tree of {} leaves cannot be the beginning of one of {} leaves",
                               old_size, size));
  }
  if (old_size == 0 || old_size == size) {
    if (!proof.empty()) return wrong_length("consistency", proof.size());
    // RFC 9162 leaves the empty tree out: it is the beginning of every tree, but has one root only.
    if (old_size == 0) {
      TRY_STATUS(same_root("old root", sha256({}), old_root));
    }
    return old_size == size ? same_root("new root", old_root, new_root) : Status{};
  }
  if (proof.empty()) return wrong_length("consistency", 0);

  Position at{old_size - 1, size - 1};
  while ((at.node & 1) != 0) at.climb();
  // A perfect old tree is a node of the new one, and the verifier holds its root already.
  const bool perfect = std::has_single_bit(old_size);
  auto old_node = perfect ? old_root : proof.front();
  auto new_node = old_node;
  for (const auto& neighbour : perfect ? proof : proof.subspan(1)) {
    if (at.last == 0) return wrong_length("consistency", proof.size());
    if (at.joins_left()) {
      old_node = node_hash(neighbour, old_node);
      new_node = node_hash(neighbour, new_node);
      at.skip_rows_without_neighbour();
    } else {
      new_node = node_hash(new_node, neighbour);
    }
    at.climb();
  }
  if (at.last != 0) return wrong_length("consistency", proof.size());
  TRY_STATUS(same_root("old root", old_node, old_root));
  return same_root("new root", new_node, new_root);
}

}  // namespace comity::ledger
