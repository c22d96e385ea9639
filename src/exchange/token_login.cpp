#include "exchange/token_login.h"

#include <algorithm>

namespace comity::exchange {

TokenLogin::TokenLogin(Node& node, TokenLoginOptions options)
    : node_(node),
      options_(std::move(options)),
      key_(node.random().bytes(32)),
      nobody_(trust::hash_of_nothing(node.random(), options_.cost)),
      gate_(options_.bounds) {}

bool TokenLogin::remembers(const Digest& login, Instant at) {
  const std::lock_guard guard(mutex_);
  const auto found = remembered_.find(login);
  return found != remembered_.end() && at < found->second;
}

void TokenLogin::remember(const Digest& login, Instant at) {
  const std::lock_guard guard(mutex_);
  std::erase_if(remembered_, [&](const auto& item) { return item.second <= at; });
  if (remembered_.size() >= tokens_max) remembered_.clear();
  remembered_[login] = Instant::from_seconds(at.seconds() + token_password_remembered_s);
}

Result<TokenLogin::Tokens> TokenLogin::present_tokens() {
  const auto epoch = node_.store().epoch();
  if (epoch) {
    const std::lock_guard guard(mutex_);
    if (tokens_ && tokens_epoch_ == *epoch) return tokens_;
  }
  TRY(const auto snapshot, node_.store().read());
  TRY(auto all, tokens(*snapshot));
  const auto read = std::make_shared<const std::vector<Token>>(std::move(all));
  const std::lock_guard guard(mutex_);
  if (epoch && (!tokens_ || tokens_epoch_ < *epoch)) {
    tokens_ = read;
    tokens_epoch_ = *epoch;
  }
  return read;
}

Result<std::optional<Token>> TokenLogin::by_password(const std::vector<Token>& all,
                                                     const Credential& credential,
                                                     std::string_view remote_address, Instant at) {
  const auto nothing = std::optional<Token>();
  const Token* named = nullptr;
  bool any = false;
  for (const auto& token : all) {
    if (token.password.empty() || !token.live(at)) continue;
    any = true;
    if (token.name == credential.name && may_be_used_from(token, remote_address)) named = &token;
  }
  if (!any) return nothing;
  const auto& hash = named == nullptr ? nobody_ : named->password;
  const auto login = hmac_sha256(key_, credential.name + '\0' + credential.secret + '\0' + hash);
  if (named != nullptr && remembers(login, at)) return std::optional(*named);
  if (!limit_.begin(remote_address, at)) return nothing;
  const auto pass = gate_.enter();
  if (!pass) {
    limit_.succeeded(remote_address);  // it was not looked at
    return tl::unexpected<Error>(pass.error());
  }
  const bool knows = options_.matches(hash, credential.secret);
  if (named == nullptr || !knows) return nothing;
  limit_.succeeded(remote_address);
  remember(login, at);
  return std::optional(*named);
}

// What is refused is not counted, so that who waits is served.
Status TokenLogin::count(const Token& token, Instant at) {
  if (token.rate == 0) return {};
  const std::lock_guard guard(mutex_);
  auto& window = windows_[token.name];
  if (at.seconds() >= window.since.seconds() + token_rate_window_s) window = {at, 0};
  if (window.requests >= token.rate) {
    return fail(ErrorKind::Unavailable,
                "this token has made as many requests in this minute as it may");
  }
  ++window.requests;
  return {};
}

Result<std::optional<Token>> TokenLogin::token_of(std::string_view authorization,
                                                  std::string_view remote_address) {
  const auto at = node_.now();
  TRY(auto token, found(authorization, remote_address, at));
  if (token) TRY_STATUS(count(*token, at));
  return token;
}

Result<std::optional<Token>> TokenLogin::found(std::string_view authorization,
                                               std::string_view remote_address, Instant at) {
  TRY(const auto all, present_tokens());
  auto by_secret = token_among(*all, authorization, remote_address, at);
  if (by_secret) return by_secret;
  const auto credential = read_authorization(authorization);
  if (!credential || credential->name.empty()) return std::optional<Token>();
  return by_password(*all, *credential, remote_address, at);
}

}  // namespace comity::exchange
