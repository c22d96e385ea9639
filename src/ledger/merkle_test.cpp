#include "ledger/merkle.h"

#include <gtest/gtest.h>
// rapidcheck's header for GoogleTest needs GoogleTest's before it.
#include <rapidcheck/gtest.h>

#include <functional>
#include <set>
#include <string>

namespace comity::ledger {
namespace {

std::vector<Digest> some_leaves(std::size_t count) {
  std::vector<Digest> out;
  for (std::size_t i = 0; i < count; ++i) out.push_back(leaf_hash("entry " + std::to_string(i)));
  return out;
}

std::span<const Digest> first(const std::vector<Digest>& leaves, std::size_t count) {
  return std::span(leaves).first(count);
}

// The definition of RFC 9162 section 2.1.1 once more, slow and with nothing of the code under test.
Digest slow_root(std::span<const Digest> leaves) {
  if (leaves.empty()) return sha256("");
  if (leaves.size() == 1) return leaves.front();
  std::size_t left = 1;
  while (left * 2 < leaves.size()) left *= 2;
  const auto a = slow_root(leaves.first(left));
  const auto b = slow_root(leaves.subspan(left));
  return sha256(std::string(1, '\x01') + std::string(view(a)) + std::string(view(b)));
}

// The path of RFC 9162 section 2.1.3.1, by the definition.
std::vector<Digest> slow_path(std::span<const Digest> leaves, std::size_t index) {
  if (leaves.size() == 1) return {};
  std::size_t left = 1;
  while (left * 2 < leaves.size()) left *= 2;
  const bool in_left = index < left;
  const auto near = in_left ? leaves.first(left) : leaves.subspan(left);
  const auto far = in_left ? leaves.subspan(left) : leaves.first(left);
  auto path = slow_path(near, in_left ? index : index - left);
  path.push_back(slow_root(far));
  return path;
}

// On which side each node of the path stands.
std::string sides_of(std::size_t size, std::size_t index) {
  if (size == 1) return {};
  std::size_t left = 1;
  while (left * 2 < size) left *= 2;
  return index < left ? sides_of(left, index) + 'r' : sides_of(size - left, index - left) + 'l';
}

TEST(Merkle, KnownRootsOfCertificateTransparency) {
  const std::vector<std::string> data = {"",
                                         "00",
                                         "10",
                                         "2021",
                                         "3031",
                                         "40414243",
                                         "5051525354555657",
                                         "606162636465666768696a6b6c6d6e6f"};
  const std::vector<std::string> roots = {
      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
      "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
      "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
      "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
      "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
      "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
      "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
      "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};
  std::vector<Digest> leaves;
  EXPECT_EQ(hex(root(leaves)), roots[0]);
  for (std::size_t i = 0; i < data.size(); ++i) {
    leaves.push_back(leaf_hash(*from_hex(data[i])));
    EXPECT_EQ(hex(root(leaves)), roots[i + 1]) << i + 1 << " leaves";
  }
}

TEST(Merkle, KnownInclusionProofs) {
  // certificate-transparency's vectors over the same eight leaves.
  std::vector<Digest> leaves;
  for (const auto* data : {"", "00", "10", "2021", "3031", "40414243", "5051525354555657",
                           "606162636465666768696a6b6c6d6e6f"}) {
    leaves.push_back(leaf_hash(*from_hex(data)));
  }
  const auto proof = inclusion_proof(leaves, 0);
  ASSERT_EQ(proof.size(), 3U);
  EXPECT_EQ(hex(proof[0]), "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7");
  EXPECT_EQ(hex(proof[1]), "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e");
  EXPECT_EQ(hex(proof[2]), "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4");
}

TEST(Merkle, FrontierAndRootFollowTheDefinition) {
  const auto leaves = some_leaves(300);
  Frontier frontier;
  for (std::size_t size = 0; size <= leaves.size(); ++size) {
    const auto expected = slow_root(first(leaves, size));
    ASSERT_EQ(frontier.root(), expected) << size;
    ASSERT_EQ(root(first(leaves, size)), expected) << size;
    ASSERT_EQ(frontier.size(), size);
    if (size < leaves.size()) frontier.append(leaves[size]);
  }
}

TEST(Merkle, EveryInclusionProofUpTo64LeavesVerifies) {
  const auto leaves = some_leaves(64);
  for (std::size_t size = 1; size <= leaves.size(); ++size) {
    const auto tree = first(leaves, size);
    const auto expected_root = slow_root(tree);
    for (std::size_t index = 0; index < size; ++index) {
      const auto proof = inclusion_proof(tree, index);
      ASSERT_EQ(proof, slow_path(tree, index)) << index << " of " << size;
      const auto status = verify_inclusion(leaves[index], index, size, proof, expected_root);
      ASSERT_TRUE(status) << index << " of " << size << ": " << status.error().text();
    }
  }
}

TEST(Merkle, EveryConsistencyProofUpTo64LeavesVerifies) {
  const auto leaves = some_leaves(64);
  for (std::size_t size = 0; size <= leaves.size(); ++size) {
    for (std::size_t old_size = 0; old_size <= size; ++old_size) {
      const auto proof = consistency_proof(first(leaves, size), old_size);
      const auto status = verify_consistency(old_size, size, slow_root(first(leaves, old_size)),
                                             slow_root(first(leaves, size)), proof);
      ASSERT_TRUE(status) << old_size << " in " << size << ": " << status.error().text();
    }
  }
}

TEST(Merkle, AnotherPastIsNeverConsistent) {
  const auto leaves = some_leaves(64);
  for (std::size_t size = 1; size <= leaves.size(); ++size) {
    for (std::size_t old_size = 1; old_size <= size; ++old_size) {
      auto rewritten = leaves;
      rewritten[old_size / 2] = leaf_hash("rewritten");
      const auto now = slow_root(first(rewritten, size));
      const auto before = slow_root(first(leaves, old_size));
      for (const auto& told : {leaves, rewritten}) {
        const auto proof = consistency_proof(first(told, size), old_size);
        ASSERT_FALSE(verify_consistency(old_size, size, before, now, proof))
            << old_size << " in " << size;
      }
    }
  }
}

// One proof with everything that goes into its verification.
struct Inclusion {
  Digest leaf;
  std::uint64_t index, size;
  std::vector<Digest> proof;
  Digest expected_root;

  Status verify() const { return verify_inclusion(leaf, index, size, proof, expected_root); }
};

struct Consistency {
  std::uint64_t old_size, size;
  Digest old_root, new_root;
  std::vector<Digest> proof;

  Status verify() const { return verify_consistency(old_size, size, old_root, new_root, proof); }
};

// A mutation gives false where it would change nothing.
template <typename Proof>
struct Mutation {
  std::string name;
  std::function<bool(Proof&)> apply;
};

template <typename Proof>
std::vector<Mutation<Proof>> proof_mutations() {
  using Nodes = std::vector<Digest>;
  const auto on_nodes = [](std::string name, std::size_t needed, auto change) {
    return Mutation<Proof>{std::move(name), [needed, change](Proof& proof) {
                             if (proof.proof.size() < needed) return false;
                             const auto before = proof.proof;
                             change(proof.proof);
                             return proof.proof != before;
                           }};
  };
  const Digest other = leaf_hash("other");
  return {
      on_nodes("flip first bit of first node", 1, [](Nodes& n) { n.front()[0] ^= 0x80; }),
      on_nodes("flip last bit of first node", 1, [](Nodes& n) { n.front()[31] ^= 1; }),
      on_nodes("flip a bit of last node", 1, [](Nodes& n) { n.back()[15] ^= 4; }),
      on_nodes("flip a bit of middle node", 3, [](Nodes& n) { n[n.size() / 2][7] ^= 2; }),
      on_nodes("drop first node", 1, [](Nodes& n) { n.erase(n.begin()); }),
      on_nodes("drop last node", 1, [](Nodes& n) { n.pop_back(); }),
      on_nodes("drop middle node", 3, [](Nodes& n) { n.erase(n.begin() + 1); }),
      on_nodes("drop all nodes", 1, [](Nodes& n) { n.clear(); }),
      on_nodes("add node in front", 0, [other](Nodes& n) { n.insert(n.begin(), other); }),
      on_nodes("add node at end", 0, [other](Nodes& n) { n.push_back(other); }),
      on_nodes("add zero node at end", 0, [](Nodes& n) { n.push_back(Digest{}); }),
      on_nodes("repeat first node", 1, [](Nodes& n) { n.insert(n.begin(), Digest(n.front())); }),
      on_nodes("repeat last node", 1, [](Nodes& n) { n.push_back(Digest(n.back())); }),
      on_nodes("swap first and last", 2, [](Nodes& n) { std::swap(n.front(), n.back()); }),
      on_nodes("swap first two", 2, [](Nodes& n) { std::swap(n[0], n[1]); }),
      on_nodes("reverse", 2, [](Nodes& n) { std::reverse(n.begin(), n.end()); }),
      on_nodes("rotate", 2, [](Nodes& n) { std::rotate(n.begin(), n.begin() + 1, n.end()); }),
      on_nodes("replace first node", 1, [other](Nodes& n) { n.front() = other; }),
      on_nodes("replace last node", 1, [other](Nodes& n) { n.back() = other; }),
      on_nodes("all nodes zero", 1, [](Nodes& n) { n.assign(n.size(), Digest{}); }),
      on_nodes("64 nodes more", 0, [other](Nodes& n) { n.insert(n.end(), 64, other); }),
  };
}

std::vector<Mutation<Inclusion>> inclusion_mutations() {
  auto out = proof_mutations<Inclusion>();
  const auto add = [&out](std::string name, std::function<bool(Inclusion&)> apply) {
    out.push_back({std::move(name), std::move(apply)});
  };
  add("another leaf", [](Inclusion& p) { return p.leaf = leaf_hash("x"), true; });
  add("flip a bit of the leaf", [](Inclusion& p) { return p.leaf[0] ^= 1, true; });
  add("flip a bit of the root", [](Inclusion& p) { return p.expected_root[31] ^= 1, true; });
  add("root of nothing", [](Inclusion& p) { return p.expected_root = sha256(""), true; });
  add("index of the next leaf", [](Inclusion& p) { return ++p.index, true; });
  add("index of the leaf before", [](Inclusion& p) { return p.index > 0 && p.index-- > 0; });
  add("index of the neighbour", [](Inclusion& p) { return p.index ^= 1, true; });
  add("index equals size", [](Inclusion& p) { return p.index = p.size, true; });
  add("largest index", [](Inclusion& p) { return p.index = UINT64_MAX, true; });
  add("size 0", [](Inclusion& p) { return p.size = 0, true; });
  add("size equals index", [](Inclusion& p) { return p.size = p.index, true; });
  add("size doubled", [](Inclusion& p) { return p.size *= 2, true; });
  add("largest size", [](Inclusion& p) { return p.size = UINT64_MAX, true; });
  add("a node shown as leaf", [](Inclusion& p) {
    if (p.proof.empty() || p.index % 2 != 0 || p.index + 1 == p.size) return false;
    p.leaf = node_hash(p.leaf, p.proof.front());
    return true;
  });
  return out;
}

std::vector<Mutation<Consistency>> consistency_mutations() {
  auto out = proof_mutations<Consistency>();
  const auto add = [&out](std::string name, std::function<bool(Consistency&)> apply) {
    out.push_back({std::move(name), std::move(apply)});
  };
  add("flip a bit of the old root", [](Consistency& p) { return p.old_root[0] ^= 1, true; });
  add("flip a bit of the new root", [](Consistency& p) { return p.new_root[0] ^= 1, true; });
  add("roots exchanged", [](Consistency& p) {
    std::swap(p.old_root, p.new_root);
    return p.old_root != p.new_root;
  });
  add("old root for both", [](Consistency& p) {
    const bool changes = p.new_root != p.old_root;
    return p.new_root = p.old_root, changes;
  });
  add("new root for both", [](Consistency& p) {
    const bool changes = p.new_root != p.old_root;
    return p.old_root = p.new_root, changes;
  });
  add("old size one more", [](Consistency& p) { return ++p.old_size, true; });
  add("old size one less", [](Consistency& p) { return p.old_size > 0 && p.old_size-- > 0; });
  add("old size 0", [](Consistency& p) { return p.old_size > 0 && (p.old_size = 0, true); });
  add("old size beyond size", [](Consistency& p) { return p.old_size = p.size + 1, true; });
  add("sizes exchanged", [](Consistency& p) {
    std::swap(p.old_size, p.size);
    return p.old_size != p.size;
  });
  add("size 0", [](Consistency& p) { return p.size > 0 && (p.size = 0, true); });
  add("size doubled", [](Consistency& p) { return p.old_size > 0 && (p.size *= 2, true); });
  add("largest size", [](Consistency& p) { return p.old_size > 0 && (p.size = UINT64_MAX, true); });
  return out;
}

TEST(Merkle, MutatedInclusionProofsAreRefused) {
  const auto leaves = some_leaves(64);
  std::set<std::string> vectors;
  for (const std::size_t size : {1U, 2U, 3U, 5U, 6U, 7U, 8U, 11U, 16U, 33U, 64U}) {
    for (std::size_t index = 0; index < size; ++index) {
      const auto tree = first(leaves, size);
      const Inclusion good{leaves[index], index, size, inclusion_proof(tree, index), root(tree)};
      ASSERT_TRUE(good.verify());
      for (const auto& mutation : inclusion_mutations()) {
        auto bad = good;
        if (!mutation.apply(bad)) continue;
        const auto status = bad.verify();
        ASSERT_FALSE(status) << mutation.name << ", leaf " << index << " of " << size;
        EXPECT_EQ(status.error().kind, ErrorKind::NotVerified);
        vectors.insert(mutation.name + std::to_string(size) + "/" + std::to_string(index));
      }
    }
  }
  EXPECT_GE(vectors.size(), 1000U);
}

TEST(Merkle, MutatedConsistencyProofsAreRefused) {
  const auto leaves = some_leaves(64);
  std::set<std::string> vectors;
  for (const std::size_t size : {1U, 2U, 3U, 5U, 6U, 7U, 8U, 11U, 16U, 33U, 64U}) {
    for (std::size_t old_size = 0; old_size <= size; ++old_size) {
      const auto tree = first(leaves, size);
      const Consistency good{old_size, size, root(tree.first(old_size)), root(tree),
                             consistency_proof(tree, old_size)};
      ASSERT_TRUE(good.verify());
      for (const auto& mutation : consistency_mutations()) {
        // The empty tree is the beginning of every tree, so the new root is not looked at.
        if (old_size == 0 && mutation.name == "flip a bit of the new root") continue;
        if (old_size == 0 && mutation.name == "old root for both") continue;
        auto bad = good;
        if (!mutation.apply(bad)) continue;
        const auto status = bad.verify();
        ASSERT_FALSE(status) << mutation.name << ", " << old_size << " in " << size;
        EXPECT_EQ(status.error().kind, ErrorKind::NotVerified);
        vectors.insert(mutation.name + std::to_string(size) + "/" + std::to_string(old_size));
      }
    }
  }
  EXPECT_GE(vectors.size(), 1000U);
}

TEST(Merkle, AWrongPlaceIsRefusedWheneverItHasAnotherPath) {
  const auto leaves = some_leaves(24);
  for (std::size_t size = 1; size <= leaves.size(); ++size) {
    for (std::size_t index = 0; index < size; ++index) {
      const auto tree = first(leaves, size);
      const auto proof = inclusion_proof(tree, index);
      for (std::size_t told_size = 1; told_size <= leaves.size(); ++told_size) {
        for (std::size_t told = 0; told < told_size; ++told) {
          // A path does not hold the sizes by itself: leaf 0 has one path in trees of 3 and of 4
          // leaves. The signed checkpoint binds size and root.
          const bool same_path = sides_of(told_size, told) == sides_of(size, index);
          ASSERT_EQ(verify_inclusion(leaves[index], told, told_size, proof, root(tree)).has_value(),
                    same_path)
              << index << " of " << size << " as " << told << " of " << told_size;
        }
        if (told_size != size && index < told_size) {
          ASSERT_FALSE(verify_inclusion(leaves[index], index, told_size, proof,
                                        root(first(leaves, told_size))))
              << "the checkpoint of another size must not take this proof";
        }
      }
    }
  }
}

RC_GTEST_PROP(MerkleLaw, ProofsOfAnyTreeVerifyAndForeignLeavesDoNot, ()) {
  const auto data = *rc::gen::nonEmpty<std::vector<std::string>>();
  std::vector<Digest> leaves;
  for (const auto& entry : data) leaves.push_back(leaf_hash(entry));
  const auto index = *rc::gen::inRange<std::size_t>(0, leaves.size());
  const auto old_size = *rc::gen::inRange<std::size_t>(0, leaves.size() + 1);
  const auto whole = slow_root(leaves);
  const auto proof = inclusion_proof(leaves, index);
  RC_ASSERT(verify_inclusion(leaves[index], index, leaves.size(), proof, whole).has_value());
  const auto foreign = leaf_hash(data[index] + "x");
  RC_ASSERT(!verify_inclusion(foreign, index, leaves.size(), proof, whole));
  RC_ASSERT(verify_consistency(old_size, leaves.size(), slow_root(first(leaves, old_size)), whole,
                               consistency_proof(leaves, old_size))
                .has_value());
}

TEST(Merkle, SaysWhatWasComputedAndExpected) {
  const auto leaves = some_leaves(2);
  const auto status = verify_inclusion(leaves[0], 0, 2, inclusion_proof(leaves, 0), Digest{});
  ASSERT_FALSE(status);
  EXPECT_NE(status.error().message.find(digest_text(root(leaves))), std::string::npos);
  EXPECT_NE(status.error().message.find(digest_text(Digest{})), std::string::npos);
}

TEST(MerkleDeathTest, ProofsOfWhatIsNotThereAreDefects) {
  const auto leaves = some_leaves(2);
  EXPECT_DEATH(inclusion_proof(leaves, 2), "index < leaves");
  EXPECT_DEATH(consistency_proof(leaves, 3), "old_size <= leaves");
}

}  // namespace
}  // namespace comity::ledger
