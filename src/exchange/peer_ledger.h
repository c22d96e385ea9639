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
constexpr std::size_t checkpoints_open_max = 8;  // of one peer, not yet proved to be of its ledger
// A question to a peer that was not answered so long is asked again with the next that it shows,
// and after a day officers are told.
constexpr std::int64_t question_again_s = 600;
constexpr std::int64_t question_due_s = 24 * 3600;

struct LedgerAlarm {
  std::string code;  // "older", "split"; of the own ledger: "own"
  Instant at;
  std::string held, shown;  // the two checkpoints
  std::string text;         // for people
};

// One that the peer has signed and of which is not known yet whether its ledger is the held one.
struct OpenCheckpoint {
  std::string note;
  std::string from;  // who showed it: the peer, or another party
  Instant at;
};

struct PeerLedger {
  std::optional<std::string> checkpoint;  // the newest that fits
  std::uint64_t size = 0;                 // of it
  std::vector<LedgerAlarm> alarms;
  // The statement that shows the newest, when it may be passed on: its RFC 8785 form, signed.
  std::string public_statement = {};
  std::vector<OpenCheckpoint> open = {};
  // The question to the peer that waits for its answer, and the largest checkpoint known then.
  std::string question = {};  // id; empty: none
  std::string asked_about = {};
  Instant asked_at = {};
};

Result<PeerLedger> peer_ledger(store::Snapshot& snapshot, const std::string& party);
// The key under which it is kept; the ledger entry of what was shown has its digest.
std::string peer_ledger_key(const std::string& party);
// Under these stands what the party was shown (checkpoint_exchange.h).
std::string checkpoint_said_key(const std::string& party);
std::string checkpoints_passed_key(const std::string& party);

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

// A checkpoint as it came in a statement.
struct ShownCheckpoint {
  std::string note;
  std::string old_note;  // from which the proof leads to it; empty: no proof
  std::vector<Digest> path;
  std::string public_statement;  // empty: must not be passed on
  std::string answers;           // id of a question; empty: none
  std::string from;              // who showed it
};

// Weighs it against what is held of the peer and enters what changes; may ask the peer in turn.
// NotVerified when the peer has not signed it or the proof does not hold.
Status weigh_checkpoint(Change& change, Node& node, const store::Peer& peer,
                        const ShownCheckpoint& shown);

// Warns the officers of this node: it has signed a checkpoint that its ledger does not continue.
// Kept as an alarm about the ledger of its own party.
Status warn_of_own_ledger(Change& change, const Node& node, const std::string& from,
                          const std::string& note);

// Ends what was known of a peer's ledger; nothing when there was nothing. For pairing anew.
Status forget_peer_ledger(Change& change, const std::string& party);

}  // namespace comity::exchange
