#include "exchange/peer_ledger.h"

#include <fmt/format.h>

#include <algorithm>

#include "exchange/ledger_proof.h"
#include "exchange/named.h"
#include "exchange/procedure.h"
#include "exchange/signers.h"
#include "json/parse.h"
#include "json/write.h"

namespace comity::exchange {
namespace {

// A checkpoint of a peer, and the one from which a proof leads to it.
struct Shown {
  std::string note;
  ledger::Checkpoint checkpoint;
  std::optional<ledger::Checkpoint> old;
  std::string old_note;
};

LedgerOwner owner_of(const Node& node, const store::Peer& peer) {
  return {fmt::format("comity/{}/{}", peer.party, treaty::name(node.mode())), peer.node_key};
}

Result<ledger::Checkpoint> open_note(const LedgerOwner& owner, std::string_view note) {
  return ledger::open_checkpoint(note, owner.origin, owner.public_key,
                                 [&](std::string_view bytes, std::string_view signature) {
                                   return trust::verify_signature(owner.public_key, bytes,
                                                                  signature);
                                 });
}

Result<Shown> read_shown(const LedgerOwner& owner, std::string_view text) {
  Shown out;
  if (!text.starts_with('{')) {
    out.note = text;
    TRY(out.checkpoint, open_note(owner, text));
    return out;
  }
  TRY(const auto proved, check_proof(text, owner, ""));
  if (!proved.old) {
    return fail(ErrorKind::InvalidInput, "expected a checkpoint or a consistency proof", "$.type");
  }
  TRY(const auto value, json::parse(text));
  out.note = value.text("checkpoint");
  out.checkpoint = proved.checkpoint;
  out.old = proved.old;
  out.old_note = value.text("old_checkpoint");
  return out;
}

json::Object to_json(const PeerLedger& state) {
  json::Object out;
  if (state.checkpoint) out.set("checkpoint", *state.checkpoint);
  out.set("size", state.size);
  json::Array alarms;
  for (const auto& alarm : state.alarms) {
    json::Object entry;
    entry.set("code", alarm.code);
    entry.set("at", format_rfc3339(alarm.at, 6));
    entry.set("held", alarm.held);
    entry.set("shown", alarm.shown);
    entry.set("text", alarm.text);
    alarms.push_back(std::move(entry));
  }
  out.set("alarms", std::move(alarms));
  if (!state.public_statement.empty()) out.set("public_statement", state.public_statement);
  json::Array open;
  for (const auto& one : state.open) {
    json::Object entry;
    entry.set("note", one.note);
    entry.set("from", one.from);
    entry.set("at", format_rfc3339(one.at, 6));
    open.push_back(std::move(entry));
  }
  if (!open.empty()) out.set("open", std::move(open));
  if (!state.question.empty()) {
    out.set("question", state.question);
    out.set("asked_about", state.asked_about);
    out.set("asked_at", format_rfc3339(state.asked_at, 6));
  }
  return out;
}

Status read_open(const json::Value& value, PeerLedger& out) {
  if (const auto* open = value.find("open"); open != nullptr && open->array() != nullptr) {
    for (const auto& entry : *open->array()) {
      TRY(const auto at, parse_rfc3339(entry.text("at")));
      out.open.push_back({std::string(entry.text("note")), std::string(entry.text("from")), at});
    }
  }
  out.question = value.text("question");
  if (out.question.empty()) return {};
  out.asked_about = value.text("asked_about");
  TRY(out.asked_at, parse_rfc3339(value.text("asked_at")));
  return {};
}

LedgerAlarm two_ledgers(const std::string& party, std::uint64_t size, const std::string& held,
                        const std::string& shown) {
  return {"split", Instant{}, held, shown,
          fmt::format("{} has shown two checkpoints of {} leaves with different roots: it has two "
                      "ledgers, or had its database put back",
                      party, size)};
}

// Fills in kept or alarm. An error is that more must be shown.
Result<Witnessed> judge(const std::string& party, const std::string& held_note,
                        const std::optional<ledger::Checkpoint>& held, const Shown& shown) {
  Witnessed out;
  out.size = shown.checkpoint.size;
  if (!held) {
    out.kept = true;
    return out;
  }
  if (shown.checkpoint.size == held->size) {
    if (shown.checkpoint.root != held->root) {
      out.alarm = two_ledgers(party, held->size, held_note, shown.note);
    }
    return out;
  }
  if (shown.checkpoint.size < held->size) {
    out.alarm = LedgerAlarm{
        "older", Instant{}, held_note, shown.note,
        fmt::format("{} shows a checkpoint of {} leaves after one of {}: its database was put back",
                    party, shown.checkpoint.size, held->size)};
    return out;
  }
  if (!shown.old || shown.old->size != held->size) {
    return fail(ErrorKind::InvalidInput,
                fmt::format("the checkpoint held of {0} has {1} leaves: ask it for a proof that "
                            "this one continues it, comity ledger prove --consistency {1}",
                            party, held->size));
  }
  if (shown.old->root != held->root) {
    out.alarm = two_ledgers(party, held->size, held_note, shown.old_note);
    return out;
  }
  out.kept = true;
  return out;
}

// Weighs what comes in statements against what is held of one peer, and changes `state`.
class Weighing {
 public:
  Weighing(LedgerOwner owner, std::string party, Instant at, PeerLedger& state)
      : owner_(std::move(owner)), party_(std::move(party)), at_(at), state_(state) {}

  // Whether the peer is to be asked. NotVerified: nothing of it may be kept.
  Result<bool> take(const ShownCheckpoint& shown) {
    TRY(const auto newest, open_note(owner_, shown.note));
    std::optional<ledger::Checkpoint> old;
    if (!shown.old_note.empty()) {
      TRY(old, open_note(owner_, shown.old_note));
      TRY_STATUS(
          ledger::verify_consistency(old->size, newest.size, old->root, newest.root, shown.path));
    }
    forget_replaced();
    const bool answered = !state_.question.empty() && shown.answers == state_.question;
    const auto held_before = state_.size;
    bool fits = !state_.checkpoint;
    if (old) fits = compare(*old, shown.old_note) || fits;
    const bool same = compare(newest, shown.note);
    if (answered) TRY_STATUS(judge_answer(newest, shown.note));
    if (same && shown.from == party_) {
      state_.public_statement = shown.public_statement;  // the mark is the peer's to change
    } else if (!same) {
      keep(newest, shown, fits);
    }
    return must_ask(answered, settled_ || state_.size != held_before);
  }

  // Of two that do not fit yet, the smaller: from there a proof must lead on.
  std::string question() const {
    return size_of(state_.open.front().note) < state_.size ? state_.open.front().note
                                                           : *state_.checkpoint;
  }
  std::string largest() const {
    auto out = *state_.checkpoint;
    for (const auto& one : state_.open) {
      if (size_of(one.note) > size_of(out)) out = one.note;
    }
    return out;
  }
  const std::optional<LedgerAlarm>& alarm() const { return alarm_; }

 private:
  std::uint64_t size_of(const std::string& note) const {
    const auto opened = open_note(owner_, note);
    return opened ? opened->size : 0;
  }

  // What was signed by a key that was replaced since counts no more.
  void forget_replaced() {
    if (state_.checkpoint && !open_note(owner_, *state_.checkpoint)) {
      state_.checkpoint.reset();
      state_.size = 0;
      state_.public_statement.clear();
    }
    std::erase_if(state_.open, [&](const auto& one) { return !open_note(owner_, one.note); });
  }

  void raise(LedgerAlarm alarm) {
    alarm.at = at_;
    const bool known =
        std::any_of(state_.alarms.begin(), state_.alarms.end(), [&](const LedgerAlarm& other) {
          return other.code == alarm.code && other.held == alarm.held && other.shown == alarm.shown;
        });
    if (known) return;
    alarm_ = alarm;
    if (state_.alarms.size() < ledger_alarms_kept_max) state_.alarms.push_back(std::move(alarm));
  }

  // Holds a signed checkpoint against all known ones of its size; open ones are settled by it.
  // True when the one held has its size and its root.
  bool compare(const ledger::Checkpoint& one, const std::string& note) {
    const auto against = [&](const std::string& known) {
      const auto opened = open_note(owner_, known);
      if (!opened || opened->size != one.size) return false;
      if (opened->root == one.root) return true;
      raise(two_ledgers(party_, one.size, known, note));
      differs_ = true;
      return false;
    };
    const bool same = state_.checkpoint && against(*state_.checkpoint);
    std::erase_if(state_.open, [&](const OpenCheckpoint& open) {
      (void)against(open.note);
      if (size_of(open.note) != one.size) return false;
      return settled_ = true;
    });
    return same;
  }

  // Its ledger held what it was asked about when it was asked, so an answer shows no less.
  Status judge_answer(const ledger::Checkpoint& newest, const std::string& note) {
    TRY(const auto asked, open_note(owner_, state_.asked_about));
    if (newest.size < asked.size) {
      raise({"older", Instant{}, state_.asked_about, note,
             fmt::format("{} was asked about a checkpoint of {} leaves that it has signed, and "
                         "shows one of {}: its database was put back, or it has two ledgers",
                         party_, asked.size, newest.size)});
    }
    state_.question.clear();
    state_.asked_about.clear();
    return {};
  }

  void keep(const ledger::Checkpoint& newest, const ShownCheckpoint& shown, bool fits) {
    if (differs_) return;  // the alarm has both
    if (fits && newest.size > state_.size) {
      state_.checkpoint = shown.note;
      state_.size = newest.size;
      state_.public_statement = shown.public_statement;
      return;
    }
    if (state_.open.size() >= checkpoints_open_max) return;
    state_.open.push_back({shown.note, shown.from, at_});
  }

  // A ledger with an alarm is not asked any more, nor one whose answer brought nothing.
  bool must_ask(bool answered, bool progress) const {
    if (state_.open.empty() || !state_.alarms.empty() || !state_.checkpoint) return false;
    if (answered) return progress;
    return state_.question.empty() || at_.seconds() - state_.asked_at.seconds() >= question_again_s;
  }

  LedgerOwner owner_;
  std::string party_;
  Instant at_;
  PeerLedger& state_;
  bool differs_ = false, settled_ = false;
  std::optional<LedgerAlarm> alarm_;
};

Status enter(Change& change, const std::string& party, const PeerLedger& state, const char* type,
             const std::optional<LedgerAlarm>& alarm) {
  const auto text = json::canonical(to_json(state));
  TRY_STATUS(change.store().set_meta(peer_ledger_key(party), text));
  json::Object entry;
  entry.set("type", type);
  entry.set("party", party);
  if (alarm) {
    entry.set("alarm", alarm->code);
    entry.set("held", digest_text(sha256(alarm->held)));
    entry.set("shown", digest_text(sha256(alarm->shown)));
  }
  entry.set("state", digest_text(sha256(text)));
  return change.enter("peer-ledger", entry);
}

}  // namespace

std::string peer_ledger_key(const std::string& party) { return "peer-ledger:" + party; }

Result<PeerLedger> peer_ledger(store::Snapshot& snapshot, const std::string& party) {
  PeerLedger out;
  TRY(const auto text, snapshot.meta(peer_ledger_key(party)));
  if (!text) return out;
  TRY(const auto value, json::parse(*text));
  const auto* size = value.find("size");
  const auto* alarms = value.find("alarms");
  if (size == nullptr || size->integer() == nullptr || alarms == nullptr ||
      alarms->array() == nullptr) {
    return fail(ErrorKind::Corrupt, "what is kept of its ledger cannot be read", party);
  }
  if (value.find("checkpoint") != nullptr) out.checkpoint = value.text("checkpoint");
  out.size = static_cast<std::uint64_t>(*size->integer());
  for (const auto& entry : *alarms->array()) {
    TRY(const auto at, parse_rfc3339(entry.text("at")));
    out.alarms.push_back({std::string(entry.text("code")), at, std::string(entry.text("held")),
                          std::string(entry.text("shown")), std::string(entry.text("text"))});
  }
  out.public_statement = value.text("public_statement");
  TRY_STATUS(read_open(value, out));
  return out;
}

Result<Witnessed> witness(Node& node, const std::string& party, std::string_view shown_text) {
  TRY(const auto change, Change::begin(node));
  TRY(const auto peer, paired_peer(node, change->store(), party));
  const auto owner = owner_of(node, peer);
  TRY(const auto shown, read_shown(owner, shown_text));
  TRY(auto state, peer_ledger(change->store(), party));
  std::optional<ledger::Checkpoint> held;
  if (state.checkpoint) {
    // It may be by a key that was replaced since. One that no key opens is not of this peer any
    // more: it begins anew.
    TRY(const auto ring, keyring(change->store(), party));
    for (const auto& key : ring.keys) {
      if (held || key.record.use != "node") continue;
      const auto opened = open_note({owner.origin, key.record.key}, *state.checkpoint);
      if (opened) held = *opened;
    }
  }
  TRY(auto out, judge(party, state.checkpoint.value_or(""), held, shown));
  if (!out.kept && !out.alarm) return out;  // known
  if (out.alarm) {
    out.alarm->at = change->at();
    if (state.alarms.size() < ledger_alarms_kept_max) state.alarms.push_back(*out.alarm);
  } else {
    state.checkpoint = shown.note;
    state.size = shown.checkpoint.size;
    state.public_statement.clear();  // a file carries no mark
  }
  TRY_STATUS(enter(*change, party, state, "witnessed", out.alarm));
  TRY_STATUS(change->commit());
  return out;
}

Status weigh_checkpoint(Change& change, Node& node, const store::Peer& peer,
                        const ShownCheckpoint& shown) {
  TRY(auto state, peer_ledger(change.store(), peer.party));
  const auto before = json::canonical(to_json(state));
  Weighing weighing(owner_of(node, peer), peer.party, change.at(), state);
  TRY(const bool ask, weighing.take(shown));
  if (ask) {
    const CheckpointQuestion question{weighing.question(), weighing.largest()};
    TRY(const auto said, say(change, node, peer.party, question));
    state.question = said.statement.id;
    state.asked_about = question.newest;
    state.asked_at = change.at();
  }
  if (json::canonical(to_json(state)) == before) return {};
  return enter(change, peer.party, state, "shown", weighing.alarm());
}

Status warn_of_own_ledger(Change& change, const Node& node, const std::string& from,
                          const std::string& note) {
  TRY(auto state, peer_ledger(change.store(), node.party()));
  const bool known = std::any_of(state.alarms.begin(), state.alarms.end(),
                                 [&](const LedgerAlarm& alarm) { return alarm.shown == note; });
  if (known || state.alarms.size() >= ledger_alarms_kept_max) return {};
  TRY(const auto own, change.store().meta("checkpoint"));
  const LedgerAlarm alarm{
      "own", change.at(), own.value_or(""), note,
      fmt::format("{} holds a checkpoint that this node has signed and that its ledger does not "
                  "continue: the database was put back, or the node's key signs elsewhere, too",
                  from)};
  state.alarms.push_back(alarm);
  return enter(change, node.party(), state, "own", alarm);
}

std::string checkpoint_said_key(const std::string& party) { return "checkpoint-said:" + party; }
std::string checkpoints_passed_key(const std::string& party) {
  return "checkpoints-passed:" + party;
}

Status forget_peer_ledger(Change& change, const std::string& party) {
  // What it was shown, it has forgotten as well.
  TRY_STATUS(change.store().set_meta(checkpoint_said_key(party), "{}"));
  TRY_STATUS(change.store().set_meta(checkpoints_passed_key(party), "{}"));
  TRY(const auto text, change.store().meta(peer_ledger_key(party)));
  if (!text) return {};
  return enter(change, party, {}, "forgotten", std::nullopt);
}

}  // namespace comity::exchange
