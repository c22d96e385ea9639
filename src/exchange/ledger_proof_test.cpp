#include "exchange/ledger_proof.h"

#include <gtest/gtest.h>

#include <set>

#include "exchange/test_federation.h"
#include "json/parse.h"
#include "json/write.h"
#include "ledger/merkle.h"

namespace comity::exchange {
namespace {

using test::Federation;
using test::indicator;
using test::must;

LedgerOwner owner_of(const Node& node) {
  return {checkpoint_origin(node), node.signing_key().public_key()};
}

// A node with some entries and two published checkpoints.
struct Ledger {
  Federation federation{false};
  Ledger() {
    grow(3);
    must(publish_checkpoint(node()));
    grow(2);
    must(publish_checkpoint(node()));
  }
  Node& node() { return federation.a(); }
  void grow(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) test::import_objects(node(), {indicator(++number_)});
  }
  std::uint64_t size() {
    return static_cast<std::uint64_t>(must(must(node().store().read())->ledger_size()));
  }
  Result<Proved> check(const std::string& text, const std::string& held = "") {
    return check_proof(text, owner_of(node()), held);
  }

 private:
  std::size_t number_ = 0;
};

template <typename Proof>
std::string file_of(const Proof& proof) {
  return json::write(to_json(proof));
}

TEST(LedgerProof, EveryLeafOfAPublishedLedgerIsProved) {
  Ledger ledger;
  ASSERT_EQ(ledger.size(), 2 * padded_leaves);
  const auto step = std::max<std::size_t>(1, test::scale() / 10);
  for (std::uint64_t index = 0; index < ledger.size(); index += step) {
    const auto proof = must(prove_inclusion(ledger.node(), index, {}, index % 2 == 0));
    const auto proved = ledger.check(file_of(proof));
    ASSERT_TRUE(proved) << index << ": " << proved.error().text();
    EXPECT_EQ(proved->index, index);
    EXPECT_EQ(proved->checkpoint.size, 2 * padded_leaves);
    EXPECT_EQ(proved->leaf, proof.leaf);
    EXPECT_EQ(proved->entry.empty(), index % 2 != 0);
  }
}

TEST(LedgerProof, AnyBeginningIsProvedToBeOne) {
  Ledger ledger;
  const auto step = std::max<std::size_t>(1, test::scale() / 2);
  for (std::uint64_t size = 1; size <= ledger.size(); size += step) {
    for (const auto old_size : {std::uint64_t{1}, (size + 1) / 2, size}) {
      const auto proof = must(prove_consistency(ledger.node(), old_size, size));
      const auto proved = ledger.check(file_of(proof), proof.old_checkpoint);
      ASSERT_TRUE(proved) << old_size << " of " << size << ": " << proved.error().text();
      EXPECT_EQ(proved->old->size, old_size);
      EXPECT_EQ(proved->checkpoint.size, size);
    }
  }
}

TEST(LedgerProof, ThePublishedTreeIsFilledAndTheCommitsAreNot) {
  Federation federation(false);
  auto& node = federation.a();
  const auto size_of = [&] {
    return static_cast<std::uint64_t>(must(must(node.store().read())->ledger_size()));
  };
  const auto before = size_of();
  EXPECT_LT(before, padded_leaves);
  const auto none = prove_inclusion(node, 0, {}, false);
  ASSERT_FALSE(none);
  EXPECT_NE(none.error().message.find("--publish"), std::string::npos);
  const auto first = must(publish_checkpoint(node));
  EXPECT_EQ(must(open_own_checkpoint(node, first)).size, padded_leaves);
  EXPECT_EQ(size_of(), padded_leaves);
  // Again without a change in between: the same one, and nothing grows.
  EXPECT_EQ(must(publish_checkpoint(node)), first);
  EXPECT_EQ(size_of(), padded_leaves);
  // A commit is not padded, and is not in the published ledger.
  test::import_objects(node, {indicator(1)});
  EXPECT_EQ(size_of(), padded_leaves + 1);
  EXPECT_EQ(*must(published_checkpoint(*must(node.store().read()))), first);
  EXPECT_FALSE(prove_inclusion(node, padded_leaves, {}, false));
  EXPECT_TRUE(prove_inclusion(node, padded_leaves, padded_leaves + 1, false));
  // One change behind a full tree is followed by 255 leaves of padding, no two alike.
  must(publish_checkpoint(node));
  EXPECT_EQ(size_of(), 2 * padded_leaves);
  std::set<Digest> leaves;
  must(must(node.store().read())->ledger(0, INT64_MAX, [&](const store::LedgerEntry& entry) {
    leaves.insert(entry.leaf);
    return Status();
  }));
  EXPECT_EQ(leaves.size(), 2 * padded_leaves);
}

TEST(LedgerProof, WhatIsNotThereIsRefused) {
  Ledger ledger;
  const auto size = ledger.size();
  EXPECT_EQ(prove_inclusion(ledger.node(), size, {}, false).error().kind, ErrorKind::NotFound);
  EXPECT_EQ(prove_inclusion(ledger.node(), UINT64_MAX, {}, false).error().kind,
            ErrorKind::NotFound);
  EXPECT_EQ(prove_inclusion(ledger.node(), 0, size + 1, false).error().kind, ErrorKind::NotFound);
  EXPECT_EQ(prove_inclusion(ledger.node(), 0, 0, false).error().kind, ErrorKind::NotFound);
  EXPECT_EQ(prove_consistency(ledger.node(), 0, size).error().kind, ErrorKind::InvalidInput);
  EXPECT_EQ(prove_consistency(ledger.node(), size, size - 1).error().kind, ErrorKind::InvalidInput);
  EXPECT_EQ(prove_consistency(ledger.node(), 1, size + 1).error().kind, ErrorKind::NotFound);
}

// A ledger that was changed behind the node's back gives no proof, and nothing is entered on top.
TEST(LedgerProof, NothingIsProvedFromOrBuiltOnAChangedLedger) {
  Ledger ledger;
  {
    const auto transaction = must(ledger.node().store().begin());
    store::LedgerEntry entry;
    entry.kind = "note";
    entry.entry = "{}";
    entry.random = std::string(32, 'r');
    entry.leaf = ledger::leaf_hash(entry.random + entry.entry);
    must(transaction->append(entry));
    must(transaction->commit());
  }
  const auto proof = prove_inclusion(ledger.node(), 0, {}, false);
  ASSERT_FALSE(proof);
  EXPECT_EQ(proof.error().kind, ErrorKind::Corrupt);
  ledger.federation.xa.close();
  ledger.federation.xa.open();
  const auto change = Change::begin(ledger.node());
  ASSERT_FALSE(change);
  EXPECT_EQ(change.error().kind, ErrorKind::Corrupt);
}

TEST(LedgerProof, AHeldCheckpointMustBeTheOneItBeginsWith) {
  Ledger ledger;
  const auto proof = file_of(must(prove_consistency(ledger.node(), padded_leaves, {})));
  const auto other = must(prove_consistency(ledger.node(), padded_leaves + 1, {})).old_checkpoint;
  EXPECT_TRUE(ledger.check(proof));
  const auto status = ledger.check(proof, other);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().kind, ErrorKind::NotVerified);
  EXPECT_FALSE(ledger.check(proof, "no checkpoint"));
  const auto leaf = file_of(must(prove_inclusion(ledger.node(), 1, {}, false)));
  EXPECT_FALSE(ledger.check(leaf, other));
}

// A change of the members of a proof; the name says what is wrong with it.
struct Mutation {
  const char* name;
  std::function<void(json::Object&)> apply;
};

void set(json::Object& proof, const char* name, json::Value value) {
  proof.set(name, std::move(value));
}
json::Array& path(json::Object& proof) { return *proof.find("path")->array(); }
std::int64_t number(const json::Object& proof, const char* name) {
  return *proof.find(name)->integer();
}
void change_text(json::Object& proof, const char* name, const std::string& from,
                 const std::string& to) {
  set(proof, name, test::replaced(*proof.find(name)->string(), from, to));
}

// Of what both kinds of proof have.
std::vector<Mutation> common_mutations(const std::string& foreign_note) {
  const auto other = digest_text(ledger::leaf_hash("other"));
  return {
      {"no type", [](auto& p) { p.erase("type"); }},
      {"type that is a number", [](auto& p) { set(p, "type", 1); }},
      {"type of a receipt", [](auto& p) { set(p, "type", "comity-receipt"); }},
      {"no format", [](auto& p) { p.erase("format"); }},
      {"format 0", [](auto& p) { set(p, "format", 0); }},
      {"format 2", [](auto& p) { set(p, "format", 2); }},
      {"format as text", [](auto& p) { set(p, "format", "1"); }},
      {"an unknown member", [](auto& p) { set(p, "more", 1); }},
      {"no size", [](auto& p) { p.erase("size"); }},
      {"negative size", [](auto& p) { set(p, "size", -1); }},
      {"size 0", [](auto& p) { set(p, "size", 0); }},
      {"size one more", [](auto& p) { set(p, "size", number(p, "size") + 1); }},
      {"size one less", [](auto& p) { set(p, "size", number(p, "size") - 1); }},
      {"size as text", [](auto& p) { set(p, "size", "512"); }},
      {"no path", [](auto& p) { p.erase("path"); }},
      {"path that is an object", [](auto& p) { set(p, "path", json::Object()); }},
      {"empty path", [](auto& p) { set(p, "path", json::Array()); }},
      {"path without its first node", [](auto& p) { path(p).erase(path(p).begin()); }},
      {"path without its last node", [](auto& p) { path(p).pop_back(); }},
      {"path with a node more", [other](auto& p) { path(p).emplace_back(other); }},
      {"path with a node in front",
       [other](auto& p) { path(p).insert(path(p).begin(), json::Value(other)); }},
      {"path reversed", [](auto& p) { std::reverse(path(p).begin(), path(p).end()); }},
      {"another first node", [other](auto& p) { path(p).front() = json::Value(other); }},
      {"another last node", [other](auto& p) { path(p).back() = json::Value(other); }},
      {"a node that is a number", [](auto& p) { path(p).front() = json::Value(1); }},
      {"a node that is null", [](auto& p) { path(p).front() = json::Value(); }},
      {"a node without its prefix",
       [](auto& p) { path(p).front() = json::Value(path(p).front().string()->substr(7)); }},
      {"a node cut short",
       [](auto& p) { path(p).front() = json::Value(path(p).front().string()->substr(0, 70)); }},
      {"a node in capitals",
       [other](auto& p) { path(p).front() = json::Value("sha256:" + std::string(64, 'A')); }},
      {"129 nodes",
       [other](auto& p) {
         while (path(p).size() <= proof_path_max) path(p).emplace_back(other);
       }},
      {"no checkpoint", [](auto& p) { p.erase("checkpoint"); }},
      {"checkpoint that is null", [](auto& p) { set(p, "checkpoint", nullptr); }},
      {"empty checkpoint", [](auto& p) { set(p, "checkpoint", ""); }},
      {"checkpoint of another size",
       [](auto& p) { change_text(p, "checkpoint", "\n512\n", "\n513\n"); }},
      {"checkpoint of another origin",
       [](auto& p) { change_text(p, "checkpoint", "comity/XA", "comity/XB"); }},
      {"checkpoint of another mode",
       [](auto& p) { change_text(p, "checkpoint", "/exercise\n", "/operational\n"); }},
      {"checkpoint without signature",
       [](auto& p) {
         const auto text = *p.find("checkpoint")->string();
         set(p, "checkpoint", text.substr(0, text.find("\n\n") + 2));
       }},
      {"checkpoint by another node",
       [foreign_note](auto& p) { set(p, "checkpoint", foreign_note); }},
      {"checkpoint with CR LF",
       [](auto& p) { change_text(p, "checkpoint", "\n512\n", "\r\n512\r\n"); }},
  };
}

std::vector<Mutation> inclusion_mutations() {
  return {
      {"no leaf", [](auto& p) { p.erase("leaf"); }},
      {"another leaf", [](auto& p) { set(p, "leaf", digest_text(ledger::leaf_hash("other"))); }},
      {"leaf that is no digest", [](auto& p) { set(p, "leaf", "leaf"); }},
      {"leaf of the neighbour", [](auto& p) { std::swap(*p.find("leaf"), path(p).front()); }},
      {"no index", [](auto& p) { p.erase("index"); }},
      {"negative index", [](auto& p) { set(p, "index", -1); }},
      {"index as text", [](auto& p) { set(p, "index", "3"); }},
      {"index with a fraction", [](auto& p) { set(p, "index", 3.5); }},
      {"index of the next leaf", [](auto& p) { set(p, "index", number(p, "index") + 1); }},
      {"index of the leaf before", [](auto& p) { set(p, "index", number(p, "index") - 1); }},
      {"index equals size", [](auto& p) { set(p, "index", number(p, "size")); }},
      {"largest index", [](auto& p) { set(p, "index", 9007199254740991); }},
      {"entry without random", [](auto& p) { p.erase("random"); }},
      {"random without entry", [](auto& p) { p.erase("entry"); }},
      {"another entry", [](auto& p) { set(p, "entry", "{}"); }},
      {"entry with a blank behind",
       [](auto& p) { set(p, "entry", *p.find("entry")->string() + " "); }},
      {"empty entry", [](auto& p) { set(p, "entry", ""); }},
      {"entry that is an object", [](auto& p) { set(p, "entry", json::Object()); }},
      {"other random bytes", [](auto& p) { set(p, "random", base64url(std::string(32, 'r'))); }},
      {"31 random bytes", [](auto& p) { set(p, "random", base64url(std::string(31, 'r'))); }},
      {"33 random bytes", [](auto& p) { set(p, "random", base64url(std::string(33, 'r'))); }},
      {"a byte moved from entry to random",
       [](auto& p) {
         const auto entry = *p.find("entry")->string();
         const auto random = *from_base64url(*p.find("random")->string());
         set(p, "random", base64url(random + entry[0]));
         set(p, "entry", entry.substr(1));
       }},
      {"random that is no base64url", [](auto& p) { set(p, "random", "+++="); }},
      {"type of the other kind", [](auto& p) { set(p, "type", "comity-ledger-consistency"); }},
  };
}

std::vector<Mutation> consistency_mutations(const std::string& foreign_note) {
  return {
      {"no old size", [](auto& p) { p.erase("old_size"); }},
      {"old size 0", [](auto& p) { set(p, "old_size", 0); }},
      {"negative old size", [](auto& p) { set(p, "old_size", -5); }},
      {"old size one more", [](auto& p) { set(p, "old_size", number(p, "old_size") + 1); }},
      {"sizes exchanged", [](auto& p) { std::swap(*p.find("old_size"), *p.find("size")); }},
      {"no old checkpoint", [](auto& p) { p.erase("old_checkpoint"); }},
      {"old checkpoint by another node",
       [foreign_note](auto& p) { set(p, "old_checkpoint", foreign_note); }},
      {"old checkpoint of another size",
       [](auto& p) { change_text(p, "old_checkpoint", "\n5\n", "\n6\n"); }},
      {"checkpoints exchanged",
       [](auto& p) { std::swap(*p.find("old_checkpoint"), *p.find("checkpoint")); }},
      {"checkpoints and sizes exchanged",
       [](auto& p) {
         std::swap(*p.find("old_checkpoint"), *p.find("checkpoint"));
         std::swap(*p.find("old_size"), *p.find("size"));
       }},
      {"the new checkpoint twice",
       [](auto& p) {
         set(p, "old_checkpoint", *p.find("checkpoint"));
         set(p, "old_size", *p.find("size"));
       }},
      {"the old checkpoint twice",
       [](auto& p) {
         set(p, "checkpoint", *p.find("old_checkpoint"));
         set(p, "size", *p.find("old_size"));
       }},
      {"a leaf beside it", [](auto& p) { set(p, "leaf", digest_text(Digest{})); }},
      {"type of the other kind", [](auto& p) { set(p, "type", "comity-ledger-inclusion"); }},
  };
}

TEST(LedgerProof, EveryNegativeVectorIsRefused) {
  Ledger ledger;
  const auto foreign = must(publish_checkpoint(ledger.federation.b()));
  const auto inclusion = to_json(must(prove_inclusion(ledger.node(), 3, {}, true)));
  const auto consistency = to_json(must(prove_consistency(ledger.node(), 5, {})));
  std::set<std::string> names;
  const auto refuse = [&](const std::string& kind, const json::Object& good,
                          const std::vector<Mutation>& mutations) {
    ASSERT_TRUE(ledger.check(json::write(good)));
    for (const auto& mutation : mutations) {
      auto bad = good;
      mutation.apply(bad);
      ASSERT_FALSE(bad == good) << kind << mutation.name << " changes nothing";
      const auto checked = ledger.check(json::write(bad));
      ASSERT_FALSE(checked) << kind << mutation.name;
      EXPECT_TRUE(checked.error().kind == ErrorKind::NotVerified ||
                  checked.error().kind == ErrorKind::InvalidInput)
          << kind << mutation.name << ": " << checked.error().text();
      EXPECT_TRUE(names.insert(kind + mutation.name).second) << mutation.name << " stands twice";
    }
  };
  refuse("inclusion, ", inclusion, common_mutations(foreign));
  refuse("inclusion, ", inclusion, inclusion_mutations());
  refuse("consistency, ", consistency, common_mutations(foreign));
  refuse("consistency, ", consistency, consistency_mutations(foreign));
  EXPECT_GE(names.size(), 100U);
}

TEST(LedgerProof, AnotherOwnerIsRefusedAndTheFileIsBounded) {
  Ledger ledger;
  auto text = file_of(must(prove_inclusion(ledger.node(), 3, {}, false)));
  auto owner = owner_of(ledger.node());
  owner.public_key = ledger.federation.b().signing_key().public_key();
  EXPECT_EQ(check_proof(text, owner, "").error().kind, ErrorKind::NotVerified);
  owner = owner_of(ledger.node());
  owner.origin = "comity/XA/operational";
  EXPECT_EQ(check_proof(text, owner, "").error().kind, ErrorKind::NotVerified);
  text.resize(proof_bytes_max, ' ');
  EXPECT_TRUE(ledger.check(text));
  EXPECT_EQ(ledger.check(text + " ").error().kind, ErrorKind::TooLarge);
  EXPECT_FALSE(ledger.check(""));
  EXPECT_FALSE(ledger.check("[]"));
}

}  // namespace
}  // namespace comity::exchange
