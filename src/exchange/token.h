// Tokens: how standard TAXII clients of a party that have no node of their own read what was
// released to it, or submit what it has. Form and bounds: docs/formats/token.md.
//
// A token names its party. One that reads may only narrow what that party's view permits; one that
// writes names the originator in whose name it submits (submission.h). It is never a peer: it reads
// `records` or writes to `inbox`, and nothing else. The secret is random, shown once and kept as
// its SHA-256; or it is a password that somebody chose, kept by argon2id (token_login.h). The store
// keeps the list of tokens; the ledger binds every change of it. Functions are thread-safe as far
// as their node or snapshot is.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "exchange/node.h"
#include "trust/password.h"

namespace comity::exchange {

constexpr std::size_t tokens_max = 256;  // of one node, ended ones included
constexpr std::size_t token_name_bytes_max = 64;
constexpr std::size_t token_networks_max = 32;
constexpr std::size_t token_secret_bytes = 32;
constexpr std::size_t token_password_bytes_max = 256;  // it has to fit into a field of a header
constexpr int token_rate_max = 60'000;                 // requests in a minute
constexpr int token_days_default = 365;
constexpr int token_days_max = 3 * 365;

struct Token {
  std::string name;  // never used twice in a node
  std::string party;
  std::string role;                   // empty: of the party as a whole
  std::string originator;             // of one that writes: in whose name; empty: it reads
  std::vector<std::string> purposes;  // empty: all; of one that writes: what its records are for
  std::vector<std::string> networks;  // from which it may be used; empty: any
  std::int64_t rate = 0;              // requests that it makes in a minute; 0: no bound of its own
  Instant created, until;
  std::optional<Instant> revoked;
  Digest secret{};       // SHA-256 of the secret as text; of one with a password: of `password`
  std::string password;  // argon2id in its text form, of one that was chosen; empty: none was

  bool live(Instant at) const { return !revoked && at < until; }
  bool writes() const { return !originator.empty(); }
  // The alias of the one collection that it opens.
  const char* collection() const { return writes() ? "inbox" : "records"; }
};

struct NewToken {
  std::string name, party, role;
  std::vector<std::string> purposes, networks;
  std::vector<std::string> collections;  // must be `records` alone; to write `inbox`, or empty
  bool write = false;
  std::int64_t rate = 0;   // 0: no bound of its own
  std::string originator;  // to write: the party itself; then the party need not be said
  std::string password;    // chosen, only to read; empty: a secret is made
  std::string until;       // a day or an instant; empty: token_days_default from now
};

struct MadeToken {
  Token token;
  std::string secret;  // shown once, kept nowhere; empty: a password was chosen
};

// Name and secret as an Authorization field gives them (Bearer: RFC 6750 section 2.1; Basic:
// RFC 7617); the name is empty with Bearer.
struct Credential {
  std::string name, secret;
};
std::optional<Credential> read_authorization(std::string_view field);

// InvalidInput for a name, party, role, purpose, network or day that does not fit; NotPermitted for
// what no token may do; Conflict for a name that was used, and for writing in the name of a paired
// party, which signs what it gives; TooLarge beyond `tokens_max`.
Result<MadeToken> make_token(Node& node, const NewToken& wanted,
                             const trust::PasswordCost& cost = {});
// NotFound for an unknown name, Conflict for a token that was revoked before.
Status revoke_token(Node& node, const std::string& name);

// All tokens, in the order in which they were made.
Result<std::vector<Token>> tokens(store::Snapshot& snapshot);

// The live token whose secret this is (with Basic the user is its name), used from an address of
// its networks. Nothing for all else, without a reason: who asks learns only that it does not work.
// Does no costly work: a token with a password is found by TokenLogin alone.
Result<std::optional<Token>> token_of(store::Snapshot& snapshot, std::string_view authorization,
                                      std::string_view remote_address, Instant at);
// The same among tokens that were read before.
std::optional<Token> token_among(const std::vector<Token>& all, std::string_view authorization,
                                 std::string_view remote_address, Instant at);
// Whether a token may be used from there.
bool may_be_used_from(const Token& token, std::string_view remote_address);
// The live token of that name. Whoever acts by it asks in the change in which it acts.
Result<std::optional<Token>> live_token(store::Snapshot& snapshot, std::string_view name,
                                        Instant at);
// Whether this party has a live token to read by, so that it can collect what is released to it.
Result<bool> has_token(store::Snapshot& snapshot, std::string_view party, Instant at);

// Conflict when nothing may be written in the name of this party: it is paired, and then its
// signature is what counts.
Status check_originator(const Node& node, store::Snapshot& snapshot, const std::string& originator);

// What does not agree between the list of tokens and the ledger; empty: nothing.
Result<std::vector<std::string>> token_findings(store::Snapshot& snapshot);

}  // namespace comity::exchange
