// What this node knows of the ledgers of its peers: the newest published checkpoint that each has
// shown, and where what it showed does not fit together. Form: docs/formats/ledger.md.
//
// A peer that shows an older checkpoint than before works on a database that was put back; one that
// shows two of equal size with different roots has two ledgers. Both are alarms for officers, kept
// with the two checkpoints as evidence, each signed by the peer, until the parties pair anew.
// Exchange goes on: a backup that was put back is an honest accident, too, and warnings must not
// stop for it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "exchange/node.h"

namespace comity::exchange {

constexpr std::size_t ledger_alarms_kept_max = 16;  // of one peer, the first ones

struct LedgerAlarm {
  std::string code;  // "older", "split"
  Instant at;
  std::string held, shown;  // the two checkpoints
  std::string text;         // for people
};

struct PeerLedger {
  std::optional<std::string> checkpoint;  // the newest that fits
  std::uint64_t size = 0;                 // of it
  std::vector<LedgerAlarm> alarms;
};

Result<PeerLedger> peer_ledger(store::Snapshot& snapshot, const std::string& party);
// The key under which it is kept; the ledger entry of what was shown has its digest.
std::string peer_ledger_key(const std::string& party);

// What became of a checkpoint that a peer showed.
struct Witnessed {
  std::uint64_t size = 0;
  bool kept = false;                 // it is the newest now; else it was known already
  std::optional<LedgerAlarm> alarm;  // or it does not fit
};

// Takes in what `party` shows now as its newest checkpoint: the note alone, or a consistency proof
// (a file of `comity ledger prove --consistency`) that begins at the one held. NotVerified when the
// peer has not signed it or the proof does not hold; InvalidInput, saying where a proof must begin,
// when it is newer and comes without. Nothing is stored then.
Result<Witnessed> witness(Node& node, const std::string& party, std::string_view shown);

// Ends what was known of a peer's ledger; nothing when there was nothing. For pairing anew.
Status forget_peer_ledger(Change& change, const std::string& party);

}  // namespace comity::exchange
