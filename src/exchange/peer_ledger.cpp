#include "exchange/peer_ledger.h"

#include <fmt/format.h>

#include "exchange/ledger_proof.h"
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
  return out;
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
  return out;
}

Result<Witnessed> witness(Node& node, const std::string& party, std::string_view shown_text) {
  TRY(const auto change, Change::begin(node));
  TRY(const auto peer, change->store().peer(party));
  if (!peer || !peer->confirmed) {
    return tl::unexpected(not_paired(change->store(), party));
  }
  const auto owner = owner_of(node, *peer);
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
  }
  TRY_STATUS(enter(*change, party, state, "witnessed", out.alarm));
  TRY_STATUS(change->commit());
  return out;
}

Status forget_peer_ledger(Change& change, const std::string& party) {
  TRY(const auto text, change.store().meta(peer_ledger_key(party)));
  if (!text) return {};
  return enter(change, party, {}, "forgotten", std::nullopt);
}

}  // namespace comity::exchange
