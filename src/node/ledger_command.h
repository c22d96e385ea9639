// Commands about the ledger: entries, checkpoints, proofs. `check_ledger_proof` needs no node.
#pragma once

#include <string>
#include <string_view>

#include "exchange/peer_ledger.h"
#include "node/command.h"

namespace comity::node {

constexpr std::int64_t ledger_entries_listed_max = 1000;  // of one answer; the next goes on

// Arguments of `ledger-log`: after.
Result<Outcome> ledger_log(exchange::Node& node, const json::Object& arguments);
Result<Outcome> ledger_checkpoint(exchange::Node& node, const json::Object& arguments);
Result<Outcome> ledger_publish(exchange::Node& node, const json::Object& arguments);
// Either `index` with `size` and `entry`, or `old` with `size`. The answer is the proof file.
Result<Outcome> ledger_prove(exchange::Node& node, const json::Object& arguments);

// `file`, shown by `from`. Exit code 1: it does not fit to what that party showed before.
Result<Outcome> ledger_witness(exchange::Node& node, const json::Object& arguments);

// What is known of a peer's ledger, for the list of peers: lines, and a value.
std::string peer_ledger_text(const exchange::PeerLedger& known);
json::Value peer_ledger_value(const exchange::PeerLedger& known);

struct ProofToCheck {
  std::string file, key, origin;  // key: base64url
  std::string held;               // a file with a checkpoint; empty: none
};

Result<Outcome> check_ledger_proof(const ProofToCheck& what);

}  // namespace comity::node
