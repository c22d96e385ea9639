#include "exchange/checkpoint_exchange.h"

#include <fmt/format.h>

#include <optional>

#include "exchange/clock_guard.h"
#include "exchange/ledger_proof.h"
#include "exchange/signers.h"
#include "json/parse.h"
#include "json/write.h"

namespace comity::exchange {
namespace {

constexpr std::string_view public_key = "checkpoints-public";
constexpr std::string_view public_word = "yes";
constexpr std::string_view day_key = "checkpoint-day";
// Of the statements that one message passes on; the rest goes with the next.
constexpr std::size_t passed_bytes_max = statement_bytes_max / 2;

Result<json::Object> kept_object(store::Snapshot& snapshot, const std::string& key) {
  TRY(const auto text, snapshot.meta(key));
  if (!text) return json::Object();
  TRY(const auto value, json::parse(*text));
  if (value.object() == nullptr) return fail(ErrorKind::Corrupt, "expected an object", key);
  return *value.object();
}

// What a peer was shown last.
struct Said {
  std::string id;  // of the statement; empty: nothing yet
  std::uint64_t size = 0;
  bool is_public = false;
};

Result<Said> said_to(store::Snapshot& snapshot, const std::string& party) {
  TRY(const auto kept, kept_object(snapshot, checkpoint_said_key(party)));
  const json::Value value(kept);
  Said out;
  out.id = value.text("id");
  out.is_public = value.text("public") == public_word;
  const auto* size = value.find("size");
  if (size != nullptr && size->integer() != nullptr) {
    out.size = static_cast<std::uint64_t>(*size->integer());
  }
  return out;
}

Status keep_said(Change& change, const std::string& party, const Said& said) {
  json::Object out;
  out.set("id", said.id);
  out.set("size", said.size);
  if (said.is_public) out.set("public", public_word);
  return change.store().set_meta(checkpoint_said_key(party), json::write(out));
}

// A checkpoint of this node on its way to one party.
struct OnTheWay {
  CheckpointShown body;
  std::uint64_t size = 0;
};

void add_proof(CheckpointShown& body, const ConsistencyProof& proof) {
  body.checkpoint = proof.checkpoint;
  body.old_checkpoint = proof.old_checkpoint;
  body.path = proof.path;
}

// What is to be shown to `party` now; nothing when it has it or another one waits for it.
Result<std::optional<OnTheWay>> due_to(const Node& node, store::Snapshot& snapshot,
                                       const std::string& party, bool again) {
  std::optional<OnTheWay> none;
  TRY(const auto note, published_checkpoint(snapshot));
  TRY(const auto said, said_to(snapshot, party));
  if (!note || (again && said.id.empty())) return none;
  OnTheWay out;
  TRY(const auto published, open_own_checkpoint(node, *note));
  out.size = published.size;
  out.body.checkpoint = *note;
  TRY(out.body.is_public, checkpoints_public(snapshot));
  if (said.id.empty()) return std::optional(std::move(out));
  TRY(const auto fate, fate_of(snapshot, said.id));
  if (fate == "waiting") return none;
  const bool taken = fate == "taken";
  const bool known = taken && said.size == out.size && said.is_public == out.body.is_public;
  if (known && !again) return none;
  if (taken && said.size < out.size) {
    TRY(const auto proof, prove_consistency(node, said.size, {}));
    add_proof(out.body, proof);
  }
  return std::optional(std::move(out));
}

Status show(Node& node, const std::string& party, OnTheWay what) {
  TRY(const auto change, Change::begin(node));
  const bool is_public = what.body.is_public;
  TRY(const auto said, say(*change, node, party, std::move(what.body)));
  TRY_STATUS(keep_said(*change, party, {said.statement.id, what.size, is_public}));
  return change->commit();
}

// The public checkpoints that `party` was not told of, and what it has been told with them.
struct ToPass {
  CheckpointsPassed body;
  json::Object told;
};

Result<ToPass> to_pass(store::Snapshot& snapshot, const std::string& party) {
  ToPass out;
  TRY(out.told, kept_object(snapshot, checkpoints_passed_key(party)));
  TRY(const auto peers, snapshot.peers());
  std::size_t bytes = 0;
  for (const auto& peer : peers) {
    if (!peer.confirmed || peer.party == party) continue;
    TRY(const auto known, peer_ledger(snapshot, peer.party));
    const auto& text = known.public_statement;
    const auto digest = digest_text(sha256(text));
    const auto* told = out.told.find(peer.party);
    const bool new_to_it =
        told == nullptr || told->string() == nullptr || *told->string() != digest;
    if (text.empty() || !new_to_it) continue;
    bytes += text.size();
    if (out.body.statements.size() == statement_checkpoints_max || bytes > passed_bytes_max) break;
    out.body.statements.push_back(text);
    out.told.set(peer.party, digest);
  }
  return out;
}

Status pass(Change& change, Node& node, const std::string& party) {
  TRY(auto what, to_pass(change.store(), party));
  if (what.body.statements.empty()) return {};
  TRY_STATUS(say(change, node, party, std::move(what.body)));
  return change.store().set_meta(checkpoints_passed_key(party), json::write(what.told));
}

// Whether the ledger of this node continues a checkpoint that it has signed.
bool continues(const Node& node, const ledger::Checkpoint& checkpoint) {
  if (checkpoint.size == 0) return true;
  const auto proof = prove_consistency(node, checkpoint.size, checkpoint.size);
  if (!proof) return false;
  const auto own = open_own_checkpoint(node, proof->old_checkpoint);
  return own && own->root == checkpoint.root;
}

// One of the statements that a peer passed on. What is of nobody whom this node knows, or does not
// hold by the key that is pinned here, says nothing.
Status take_passed(Change& change, Node& node, const std::string& sender, const std::string& text) {
  TRY(const auto value, json::parse(text));
  const std::string author(value.text("from"));
  const bool own = author == node.party();
  TRY(const auto peer, change.store().peer(author));
  if (!own && (!peer || !peer->confirmed || author == sender)) return {};
  TRY(const auto signers,
      own ? Result<Signers>(own_signers(node)) : signers_of(change.store(), author));
  const auto opened = open_by(signers, text, open_statement);
  if (!opened || opened->from != author || opened->mode != treaty::name(node.mode()) ||
      opened->exercise != node.exercise()) {
    return {};
  }
  const auto* body = std::get_if<CheckpointShown>(&opened->body);
  if (body == nullptr || !body->is_public) return {};
  if (own) {
    const auto checkpoint = open_own_checkpoint(node, body->checkpoint);
    if (!checkpoint || continues(node, *checkpoint)) return {};
    return warn_of_own_ledger(change, node, sender, body->checkpoint);
  }
  auto weighed = weigh_checkpoint(
      change, node, *peer, {body->checkpoint, body->old_checkpoint, body->path, text, {}, sender});
  if (!weighed && weighed.error().kind == ErrorKind::NotVerified) return {};
  return weighed;
}

}  // namespace

Result<bool> checkpoints_public(store::Snapshot& snapshot) {
  TRY(const auto kept, snapshot.meta(public_key));
  return kept == public_word;
}

Status set_checkpoints_public(Change& change, bool is_public) {
  return change.store().set_meta(public_key, is_public ? public_word : "no");
}

Status show_checkpoint(Node& node, bool again) {
  std::vector<std::pair<std::string, OnTheWay>> all;
  {
    TRY(const auto snapshot, node.store().read());
    TRY(const auto peers, snapshot->peers());
    for (const auto& peer : peers) {
      if (!peer.confirmed) continue;
      TRY(auto due, due_to(node, *snapshot, peer.party, again));
      if (due) all.emplace_back(peer.party, *std::move(due));
    }
  }
  Status out;
  for (auto& [party, what] : all) {
    // One for whom too much waits does not keep it from the others.
    auto shown = show(node, party, std::move(what));
    if (!shown && out) out = std::move(shown);
  }
  return out;
}

Status publish_when_due(Node& node) {
  TRY_STATUS(check_clock(node));
  const auto since = node.now().seconds() - checkpoint_second_of_day;
  const auto today = format_day(since / seconds_per_day);
  std::optional<std::string> last;
  {
    TRY(const auto snapshot, node.store().read());
    TRY(last, snapshot->meta(day_key));
  }
  if (last && *last >= today) return {};
  if (last) {
    TRY_STATUS(publish_checkpoint(node));
    TRY_STATUS(show_checkpoint(node, false));
  }
  TRY(const auto change, Change::begin(node));
  TRY_STATUS(change->store().set_meta(day_key, today));
  return change->commit();
}

Status pass_checkpoints(Node& node, const std::string& party) {
  {
    TRY(const auto snapshot, node.store().read());
    TRY(const auto peer, snapshot->peer(party));
    if (!peer || !peer->confirmed) return {};
    TRY(const auto what, to_pass(*snapshot, party));
    if (what.body.statements.empty()) return {};
  }
  TRY(const auto change, Change::begin(node));
  TRY_STATUS(pass(*change, node, party));
  return change->commit();
}

Result<std::string> take(Change& change, Node& node, const Kept& heard,
                         const CheckpointShown& body) {
  TRY(const auto peer, change.store().peer(heard.statement.from));
  CHECK(peer.has_value());  // its connection is that of a paired party
  TRY_STATUS(
      weigh_checkpoint(change, node, *peer,
                       {body.checkpoint, body.old_checkpoint, body.path,
                        body.is_public ? heard.bytes : std::string(), body.answers, peer->party}));
  return body.answers;
}

Result<std::string> take(Change& change, Node& node, const Kept& heard,
                         const CheckpointsPassed& body) {
  const auto& sender = heard.statement.from;
  for (const auto& text : body.statements) {
    TRY_STATUS(take_passed(change, node, sender, text));
  }
  // What the sender does not know yet goes back: then both see what does not fit.
  TRY_STATUS(pass(change, node, sender));
  return std::string();
}

Result<std::string> take(Change& change, Node& node, const Kept& heard,
                         const CheckpointQuestion& body) {
  const auto& sender = heard.statement.from;
  TRY(const auto from, open_own_checkpoint(node, body.checkpoint));
  TRY(const auto newest, open_own_checkpoint(node, body.newest));
  for (const auto& [checkpoint, note] :
       {std::pair(&from, &body.checkpoint), std::pair(&newest, &body.newest)}) {
    if (continues(node, *checkpoint)) continue;
    TRY_STATUS(warn_of_own_ledger(change, node, sender, *note));
  }
  OnTheWay answer;
  TRY(const auto before, published_checkpoint(change.store()));
  TRY(answer.body.checkpoint,
      before ? Result<std::string>(*before) : publish_checkpoint(change, node));
  TRY(const auto published, open_own_checkpoint(node, answer.body.checkpoint));
  answer.size = published.size;
  if (before && from.size > 0 && from.size <= published.size) {
    TRY(const auto proof, prove_consistency(node, from.size, {}));
    add_proof(answer.body, proof);
  }
  TRY(answer.body.is_public, checkpoints_public(change.store()));
  answer.body.answers = heard.statement.id;
  const bool is_public = answer.body.is_public;
  TRY(const auto said, say(change, node, sender, std::move(answer.body), heard.statement.id));
  TRY_STATUS(keep_said(change, sender, {said.statement.id, answer.size, is_public}));
  return std::string();
}

}  // namespace comity::exchange
