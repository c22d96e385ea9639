// Acts of law that wait for the second officer's signature.
//
// Officers sign with their own keys, on their own machines; key and passphrase never come here. The
// node collects the signatures of an act until two are there and then makes the change by the
// function of exchange/ that the command line uses, with that approval. The store keeps what waits
// (meta `approvals`, docs/formats/officers.md); nothing of it is law before the second signature,
// and each act ends when it is act_seconds_max old. Functions are thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "exchange/act.h"
#include "exchange/node.h"
#include "json/value.h"

namespace comity::api {

constexpr std::size_t approvals_max = 64;          // kept at one time, done ones included
constexpr std::size_t act_bytes_max = 16 * 1024;   // of one act, as canonical JSON
constexpr std::size_t signature_bytes_max = 1024;  // of one detached JWS
constexpr std::size_t public_key_bytes_max = 64;   // of a key as base64url

struct Pending {
  json::Object act;
  std::vector<exchange::ActSignature> signatures;
  std::string account;  // which brought the first one; it alone may withdraw the act
  bool done = false;
  std::string result;  // what the change gave, when it is done

  std::string id() const;  // digest of the act in hexadecimal
};

// What is kept and has not expired, the oldest first.
Result<std::vector<Pending>> pending_acts(const exchange::Node& node, store::Snapshot& snapshot);

// The act of this name and these arguments that waits and still fits the node; none: sign a new
// one.
Result<std::optional<json::Object>> waiting_act(const exchange::Node& node,
                                                store::Snapshot& snapshot, std::string_view name,
                                                const json::Object& arguments);

// In base64url, what is signed: with `key` (raw public key in base64url) the whole input of the
// JWS, protected header included; without, its payload alone, to which the signer sets the header
// of the own key. InvalidInput for what is no Ed25519 key.
Result<std::string> bytes_to_sign(const json::Object& act, std::string_view key);

// Takes a signature. The first one makes the act wait, the second makes the change. Nothing is kept
// of what does not hold: NotVerified, NotPermitted, InvalidInput; Conflict for a signature that is
// there already or an act that is done; errors of the change itself as they are, and the act waits
// on.
Result<Pending> sign_pending(exchange::Node& node, const std::string& account,
                             const json::Object& act, const exchange::ActSignature& signature);

// Takes back an act that waits. NotFound for one that there is not, NotPermitted for another
// account than the one that brought it.
Status withdraw_pending(exchange::Node& node, const std::string& account, std::string_view id);

// Approval of the contract.
json::Object to_json(const Pending& pending, const std::vector<exchange::Officer>& officers);

}  // namespace comity::api
