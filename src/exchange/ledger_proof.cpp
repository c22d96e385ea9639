#include "exchange/ledger_proof.h"

#include <fmt/format.h>

#include "exchange/member_reader.h"
#include "json/parse.h"
#include "json/write.h"
#include "ledger/merkle.h"

namespace comity::exchange {
namespace {

constexpr const char* inclusion_type = "comity-ledger-inclusion";
constexpr const char* consistency_type = "comity-ledger-consistency";
constexpr const char* published_key = "published_checkpoint";
constexpr std::size_t random_bytes = 32;

// The leaves of a ledger that is the one its checkpoint was signed for.
Result<std::vector<Digest>> sealed_leaves(const Node& node, store::Snapshot& snapshot) {
  std::vector<Digest> leaves;
  TRY_STATUS(snapshot.ledger(0, INT64_MAX, [&](const store::LedgerEntry& entry) -> Status {
    leaves.push_back(entry.leaf);
    return {};
  }));
  TRY(const auto note, snapshot.meta("checkpoint"));
  const auto sealed = open_own_checkpoint(node, note.value_or(""));
  if (!sealed || sealed->size != leaves.size() || sealed->root != ledger::root(leaves)) {
    return fail(ErrorKind::Corrupt,
                "the ledger is not the one that its checkpoint was signed for, so nothing is "
                "proved from it; comity verify says what differs",
                node.directory());
  }
  return leaves;
}

struct Tree {
  std::vector<Digest> leaves;  // those that the checkpoint covers
  std::string checkpoint;
};

// The ledger against which something is proved: of the first `size` leaves, else the published one.
Result<Tree> tree_of(const Node& node, store::Snapshot& snapshot,
                     std::optional<std::uint64_t> size) {
  Tree tree;
  TRY(tree.leaves, sealed_leaves(node, snapshot));
  if (!size) {
    TRY(const auto note, published_checkpoint(snapshot));
    if (!note) {
      return fail(ErrorKind::NotFound,
                  "no checkpoint was published yet: make one with comity ledger checkpoint "
                  "--publish, or say --size for a proof in the ledger as it stands");
    }
    TRY(const auto opened, open_own_checkpoint(node, *note));
    size = opened.size;
    tree.checkpoint = *note;
  }
  if (*size > tree.leaves.size()) {
    return fail(ErrorKind::NotFound, fmt::format("the ledger has {} leaves, asked for were {}",
                                                 tree.leaves.size(), *size));
  }
  tree.leaves.resize(*size);
  if (tree.checkpoint.empty()) {
    tree.checkpoint = signed_checkpoint(node, *size, ledger::root(tree.leaves));
  }
  return tree;
}

json::Object proof_frame(const char* type) {
  json::Object out;
  out.set("type", type);
  out.set("format", proof_format);
  return out;
}

json::Array path_json(const std::vector<Digest>& path) {
  json::Array out;
  for (const auto& node : path) out.emplace_back(digest_text(node));
  return out;
}

std::vector<Digest> read_path(MemberReader& reader) {
  std::vector<Digest> out;
  const auto& path = reader.list("path");
  if (path.size() > proof_path_max) {
    reader.wrong("path", fmt::format("expected at most {} nodes", proof_path_max));
    return out;
  }
  for (const auto& item : path) {
    const auto node = digest_from_text(item.string() == nullptr ? "" : *item.string());
    if (!node) {
      reader.wrong("path", "expected digests, sha256: and 64 hexadecimal digits each");
      return out;
    }
    out.push_back(*node);
  }
  return out;
}

std::uint64_t read_size(MemberReader& reader, const char* name) {
  const auto value = reader.number(name);
  if (value < 0) reader.wrong(name, "expected a number from 0");
  return static_cast<std::uint64_t>(value);
}

Result<ledger::Checkpoint> open_note(const LedgerOwner& owner, std::string_view note,
                                     const char* place) {
  auto opened =
      ledger::open_checkpoint(note, owner.origin, owner.public_key,
                              [&](std::string_view bytes, std::string_view signature) {
                                return trust::verify_signature(owner.public_key, bytes, signature);
                              });
  if (!opened) return tl::unexpected<Error>(std::move(opened.error()).at(place));
  return opened;
}

// The size stands beside the checkpoint for people; what counts is the signed one.
Status same_size(std::uint64_t stated, const ledger::Checkpoint& checkpoint, const char* place) {
  if (stated == checkpoint.size) return {};
  return fail(
      ErrorKind::NotVerified,
      fmt::format("{} leaves are stated, the checkpoint is signed for {}", stated, checkpoint.size),
      place);
}

// What was shown must be what the leaf is the hash of.
Status check_shown(const InclusionProof& proof) {
  if (proof.random.has_value() != proof.entry.has_value()) {
    return fail(ErrorKind::InvalidInput, "expected both entry and random, or neither", "$.entry");
  }
  if (!proof.entry) return {};
  if (proof.random->size() != random_bytes) {
    return fail(ErrorKind::InvalidInput, fmt::format("expected {} bytes", random_bytes),
                "$.random");
  }
  if (ledger::leaf_hash(*proof.random + *proof.entry) == proof.leaf) return {};
  return fail(ErrorKind::NotVerified, "the leaf is not the hash of these random bytes and entry",
              "$.entry");
}

Result<Proved> check_inclusion(const json::Value& value, const LedgerOwner& owner) {
  MemberReader reader(value, "$");
  reader.text("type");
  if (reader.number("format") != proof_format) {
    reader.wrong("format", fmt::format("expected {}", proof_format));
  }
  InclusionProof proof;
  proof.leaf = reader.digest("leaf");
  proof.index = read_size(reader, "index");
  proof.size = read_size(reader, "size");
  proof.path = read_path(reader);
  proof.checkpoint = reader.text("checkpoint");
  if (reader.has("entry")) proof.entry = reader.text("entry");
  if (reader.has("random")) {
    auto random = from_base64url(reader.text("random"));
    if (!random) reader.wrong("random", "expected base64url");
    proof.random = random.value_or("");
  }
  TRY_STATUS(reader.done());
  Proved out;
  TRY(out.checkpoint, open_note(owner, proof.checkpoint, "$.checkpoint"));
  TRY_STATUS(same_size(proof.size, out.checkpoint, "$.size"));
  TRY_STATUS(ledger::verify_inclusion(proof.leaf, proof.index, out.checkpoint.size, proof.path,
                                      out.checkpoint.root));
  TRY_STATUS(check_shown(proof));
  out.index = proof.index;
  out.leaf = proof.leaf;
  out.entry = proof.entry.value_or("");
  return out;
}

Result<Proved> check_consistency(const json::Value& value, const LedgerOwner& owner,
                                 std::string_view held) {
  MemberReader reader(value, "$");
  reader.text("type");
  if (reader.number("format") != proof_format) {
    reader.wrong("format", fmt::format("expected {}", proof_format));
  }
  ConsistencyProof proof;
  proof.old_size = read_size(reader, "old_size");
  proof.size = read_size(reader, "size");
  proof.path = read_path(reader);
  proof.old_checkpoint = reader.text("old_checkpoint");
  proof.checkpoint = reader.text("checkpoint");
  TRY_STATUS(reader.done());
  Proved out;
  TRY(out.old, open_note(owner, proof.old_checkpoint, "$.old_checkpoint"));
  TRY(out.checkpoint, open_note(owner, proof.checkpoint, "$.checkpoint"));
  TRY_STATUS(same_size(proof.old_size, *out.old, "$.old_size"));
  TRY_STATUS(same_size(proof.size, out.checkpoint, "$.size"));
  TRY_STATUS(ledger::verify_consistency(out.old->size, out.checkpoint.size, out.old->root,
                                        out.checkpoint.root, proof.path));
  if (held.empty()) return out;
  TRY(const auto mine, open_note(owner, held, "the checkpoint held"));
  if (mine.size != out.old->size || mine.root != out.old->root) {
    return fail(
        ErrorKind::NotVerified,
        fmt::format("the proof begins at {} leaves with root {}, the checkpoint held is of "
                    "{} with {}; ask for a proof that begins there",
                    out.old->size, digest_text(out.old->root), mine.size, digest_text(mine.root)),
        "$.old_checkpoint");
  }
  return out;
}

}  // namespace

json::Object to_json(const InclusionProof& proof) {
  auto out = proof_frame(inclusion_type);
  out.set("leaf", digest_text(proof.leaf));
  out.set("index", proof.index);
  out.set("size", proof.size);
  out.set("path", path_json(proof.path));
  out.set("checkpoint", proof.checkpoint);
  if (proof.random) out.set("random", base64url(*proof.random));
  if (proof.entry) out.set("entry", *proof.entry);
  return out;
}

json::Object to_json(const ConsistencyProof& proof) {
  auto out = proof_frame(consistency_type);
  out.set("old_size", proof.old_size);
  out.set("size", proof.size);
  out.set("path", path_json(proof.path));
  out.set("old_checkpoint", proof.old_checkpoint);
  out.set("checkpoint", proof.checkpoint);
  return out;
}

Result<std::string> publish_checkpoint(Node& node) {
  TRY(const auto change, Change::begin(node));
  TRY(auto note, publish_checkpoint(*change, node));
  TRY_STATUS(change->commit());
  return note;
}

Result<std::string> publish_checkpoint(Change& change, const Node& node) {
  TRY(const auto newest, published_checkpoint(change.store()));
  if (newest) {
    TRY(const auto opened, open_own_checkpoint(node, *newest));
    if (opened.size == change.ledger_size()) return *newest;
  }
  json::Object entry;
  entry.set("type", "padding");
  do {
    TRY_STATUS(change.enter("padding", entry));
  } while (change.ledger_size() % padded_leaves != 0);
  auto note = change.checkpoint();
  TRY_STATUS(change.store().set_meta(published_key, note));
  return note;
}

Status sign_published_anew(Change& change, const Node& node) {
  TRY(const auto newest, published_checkpoint(change.store()));
  if (!newest) return {};
  TRY(const auto opened, open_own_checkpoint(node, *newest));
  return change.store().set_meta(
      published_key, signed_checkpoint(node, change.signing_key(), opened.size, opened.root));
}

Result<std::optional<std::string>> published_checkpoint(store::Snapshot& snapshot) {
  return snapshot.meta(published_key);
}

Result<InclusionProof> prove_inclusion(const Node& node, std::uint64_t index,
                                       std::optional<std::uint64_t> size, bool with_entry) {
  TRY(const auto snapshot, node.store().read());
  TRY(const auto tree, tree_of(node, *snapshot, size));
  if (index >= tree.leaves.size()) {
    return fail(
        ErrorKind::NotFound,
        fmt::format("leaf {} is not among the {} leaves of this checkpoint, which begin with 0{}",
                    index, tree.leaves.size(),
                    size ? "" : "; comity ledger checkpoint --publish makes one that covers it"));
  }
  InclusionProof proof;
  proof.leaf = tree.leaves[index];
  proof.index = index;
  proof.size = tree.leaves.size();
  proof.path = ledger::inclusion_proof(tree.leaves, index);
  proof.checkpoint = tree.checkpoint;
  if (!with_entry) return proof;
  TRY_STATUS(snapshot->ledger(static_cast<std::int64_t>(index), 1,
                              [&](const store::LedgerEntry& entry) -> Status {
                                proof.random = entry.random;
                                proof.entry = entry.entry;
                                return {};
                              }));
  if (auto shown = check_shown(proof); !shown) {
    return fail(ErrorKind::Corrupt,
                "the entry is not the one that was entered; comity verify says more",
                fmt::format("ledger leaf {}", index));
  }
  return proof;
}

Result<ConsistencyProof> prove_consistency(const Node& node, std::uint64_t old_size,
                                           std::optional<std::uint64_t> size) {
  TRY(const auto snapshot, node.store().read());
  TRY(const auto tree, tree_of(node, *snapshot, size));
  if (old_size == 0 || old_size > tree.leaves.size()) {
    return fail(ErrorKind::InvalidInput,
                fmt::format("a ledger of {} leaves has no beginning of {}; expected 1 to {}",
                            tree.leaves.size(), old_size, tree.leaves.size()));
  }
  ConsistencyProof proof;
  proof.old_size = old_size;
  proof.size = tree.leaves.size();
  proof.path = ledger::consistency_proof(tree.leaves, old_size);
  proof.old_checkpoint =
      signed_checkpoint(node, old_size, ledger::root(std::span(tree.leaves).first(old_size)));
  proof.checkpoint = tree.checkpoint;
  return proof;
}

Result<Proved> check_proof(std::string_view text, const LedgerOwner& owner, std::string_view held) {
  if (text.size() > proof_bytes_max) {
    return fail(ErrorKind::TooLarge, fmt::format("a proof of {} bytes; at most {} are read",
                                                 text.size(), proof_bytes_max));
  }
  TRY(const auto value, json::parse(text));
  const auto type = value.text("type");
  if (type == consistency_type) return check_consistency(value, owner, held);
  if (type == inclusion_type && held.empty()) return check_inclusion(value, owner);
  if (type == inclusion_type) {
    return fail(ErrorKind::InvalidInput,
                "a checkpoint that is held is compared with a consistency proof; this one is of a "
                "leaf",
                "$.type");
  }
  return fail(ErrorKind::InvalidInput,
              fmt::format("expected {} or {}", inclusion_type, consistency_type), "$.type");
}

}  // namespace comity::exchange
