// Tokens: how standard TAXII clients of a party that have no node of their own read what was
// released to it. Form and bounds: docs/formats/token.md.
//
// A token names its party and may only narrow what that party's view permits. It is never a peer:
// it reads `records` and nothing else. The secret is random, shown once and kept as its SHA-256.
// The store keeps the list of tokens; the ledger binds every change of it. Functions are
// thread-safe as far as their node or snapshot is.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "exchange/node.h"

namespace comity::exchange {

constexpr std::size_t tokens_max = 256;  // of one node, ended ones included
constexpr std::size_t token_name_bytes_max = 64;
constexpr std::size_t token_networks_max = 32;
constexpr std::size_t token_secret_bytes = 32;
constexpr int token_days_default = 365;
constexpr int token_days_max = 3 * 365;

struct Token {
  std::string name;  // never used twice in a node
  std::string party;
  std::string role;                   // empty: of the party as a whole
  std::vector<std::string> purposes;  // empty: all
  std::vector<std::string> networks;  // from which it may be used; empty: any
  Instant created, until;
  std::optional<Instant> revoked;
  Digest secret{};  // SHA-256 of the secret as text

  bool live(Instant at) const { return !revoked && at < until; }
};

struct NewToken {
  std::string name, party, role;
  std::vector<std::string> purposes, networks;
  std::vector<std::string> collections;  // must be `records` alone
  bool write = false;                    // refused: see the page
  std::string until;                     // a day or an instant; empty: token_days_default from now
};

struct MadeToken {
  Token token;
  std::string secret;  // shown once, kept nowhere
};

// InvalidInput for a name, party, role, purpose, network or day that does not fit; NotPermitted for
// what no token may do; Conflict for a name that was used; TooLarge beyond `tokens_max`.
Result<MadeToken> make_token(Node& node, const NewToken& wanted);
// NotFound for an unknown name, Conflict for a token that was revoked before.
Status revoke_token(Node& node, const std::string& name);

// All tokens, in the order in which they were made.
Result<std::vector<Token>> tokens(store::Snapshot& snapshot);

// The live token that an Authorization field proves (Bearer: RFC 6750 section 2.1; Basic: RFC 7617
// with the token's name as user), used from an address of its networks. Nothing for all else,
// without a reason: who asks learns only that it does not work.
Result<std::optional<Token>> token_of(store::Snapshot& snapshot, std::string_view authorization,
                                      std::string_view remote_address, Instant at);
// The live token of that name.
Result<std::optional<Token>> live_token(store::Snapshot& snapshot, std::string_view name,
                                        Instant at);
// Whether this party has a live token, so that it can collect what is released to it.
Result<bool> has_token(store::Snapshot& snapshot, std::string_view party, Instant at);

// What does not agree between the list of tokens and the ledger; empty: nothing.
Result<std::vector<std::string>> token_findings(store::Snapshot& snapshot);

}  // namespace comity::exchange
