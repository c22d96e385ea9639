// How a client is let in by a token (token.h): by its secret, which costs next to nothing to look
// at, or by a password that somebody chose, which costs a look by argon2id. That look is bounded in
// number at one time and by address, and its success is remembered for a while in the memory of
// this process alone; the token itself is looked at each time, as the store has it then.
//
// Where a token with a password lives, every name and secret that do not open cost one look, so
// that the time does not tell which names there are. Thread-safe; not for threads that must be
// quick.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "exchange/attempt_limit.h"
#include "exchange/token.h"

namespace comity::exchange {

constexpr std::int64_t token_password_remembered_s = 300;
constexpr std::int64_t token_rate_window_s = 60;

struct TokenLoginOptions {
  trust::PasswordCost cost;  // of the work in place of a token that is not there
  // So that guessing never takes all workers of a server.
  WorkBounds bounds{1, 1, std::chrono::seconds(10)};
  std::function<bool(const std::string& hash, std::string_view password)> matches =
      trust::password_matches;
};

class TokenLogin {
 public:
  explicit TokenLogin(Node& node, TokenLoginOptions options = {});

  // The live token that an Authorization field proves, used from an address of its networks.
  // Nothing for all else, without a reason. Unavailable when as much waits to be looked at as may,
  // and when the token has made as many requests in this minute as it may.
  Result<std::optional<Token>> token_of(std::string_view authorization,
                                        std::string_view remote_address);

 private:
  using Tokens = std::shared_ptr<const std::vector<Token>>;

  Result<Tokens> present_tokens();
  Result<std::optional<Token>> by_password(const std::vector<Token>& all,
                                           const Credential& credential,
                                           std::string_view remote_address, Instant at);
  Result<std::optional<Token>> found(std::string_view authorization,
                                     std::string_view remote_address, Instant at);
  Status count(const Token& token, Instant at);
  bool remembers(const Digest& login, Instant at);
  void remember(const Digest& login, Instant at);

  Node& node_;
  const TokenLoginOptions options_;
  const std::string key_;     // what is remembered is worth nothing outside this process
  const std::string nobody_;  // a hash that no password has
  AddressLimit limit_;
  WorkGate gate_;
  std::mutex mutex_;
  std::map<Digest, Instant> remembered_;  // until when
  struct Window {
    Instant since;
    std::int64_t requests = 0;
  };
  std::map<std::string, Window> windows_;  // of tokens with a rate, by name
  // As they are in an epoch of the store, so that not every request reads them.
  Tokens tokens_;
  std::uint64_t tokens_epoch_ = 0;
};

}  // namespace comity::exchange
