#include "exchange/token.h"

#include <fmt/format.h>

#include <algorithm>

#include "exchange/kept_terms.h"
#include "json/parse.h"
#include "json/texts.h"
#include "json/write.h"
#include "net/networks.h"
#include "treaty/party_names.h"

namespace comity::exchange {
namespace {

constexpr std::string_view tokens_key = "tokens";
// By this beginning tools that look for leaked secrets can tell ours.
constexpr std::string_view secret_prefix = "comity_";
constexpr std::size_t authorization_bytes_max = 512;

// The terms of a token: what the ledger binds. A revocation is no change of them.
json::Object terms_of(const Token& token) {
  json::Object out;
  out.set("name", token.name);
  out.set("party", token.party);
  if (!token.role.empty()) out.set("role", token.role);
  out.set("purposes", json::array_of(token.purposes));
  out.set("collections", json::Array{json::Value(token.collection())});
  out.set("access", token.writes() ? "write" : "read");
  if (token.writes()) out.set("originator", token.originator);
  out.set("networks", json::array_of(token.networks));
  if (token.rate > 0) out.set("rate", token.rate);
  out.set("created", format_rfc3339(token.created, 6));
  out.set("until", format_rfc3339(token.until, 6));
  out.set(token.password.empty() ? "secret" : "password", digest_text(token.secret));
  return out;
}

json::Object bound_form(const Token& token) {
  auto out = terms_of(token);
  if (token.revoked) out.set("revoked", format_rfc3339(*token.revoked, 6));
  return out;
}

// As the store keeps it. What a password could be guessed by is in no ledger, for that is shown to
// others; it is bound by its digest, which with its salt cannot be guessed.
json::Object to_json(const Token& token) {
  auto out = bound_form(token);
  if (!token.password.empty()) out.set("argon2id", token.password);
  return out;
}

Result<Token> token_from(const json::Value& value) {
  Token out;
  out.name = value.text("name");
  out.party = value.text("party");
  out.role = value.text("role");
  out.originator = value.text("originator");
  out.purposes = json::texts_of(value.find("purposes"));
  out.networks = json::texts_of(value.find("networks"));
  if (const auto* rate = value.find("rate"); rate != nullptr && rate->integer() != nullptr) {
    out.rate = *rate->integer();
  }
  TRY(out.created, parse_rfc3339(value.text("created")));
  TRY(out.until, parse_rfc3339(value.text("until")));
  out.password = value.text("argon2id");
  TRY(out.secret, digest_from_text(value.text(out.password.empty() ? "secret" : "password")));
  if (!out.password.empty() && sha256(out.password) != out.secret) {
    return fail(ErrorKind::Corrupt, "the kept password is not the one that was chosen", out.name);
  }
  if (value.find("revoked") != nullptr) {
    TRY(out.revoked, parse_rfc3339(value.text("revoked")));
  }
  // A list that reads otherwise than it was written could hide a restriction.
  if (json::Value(to_json(out)) != value) {
    return fail(ErrorKind::Corrupt, "the kept token is not of this form", out.name);
  }
  return out;
}

Status keep(Change& change, const std::vector<Token>& all) {
  json::Array list;
  for (const auto& token : all) list.push_back(to_json(token));
  return change.store().set_meta(tokens_key, json::write(list));
}

Status check_words(const treaty::Model& model, const NewToken& wanted) {
  if (!wanted.role.empty() && !model.vocabulary.roles.index(wanted.role)) {
    return fail(ErrorKind::InvalidInput,
                fmt::format("'{}' is no role; expected one of {}", wanted.role,
                            fmt::join(model.vocabulary.roles.values, ", ")));
  }
  for (const auto& purpose : wanted.purposes) {
    if (!model.vocabulary.purposes.index(purpose)) {
      return fail(ErrorKind::InvalidInput,
                  fmt::format("'{}' is no purpose; expected some of {}", purpose,
                              fmt::join(model.vocabulary.purposes.values, ", ")));
    }
  }
  return {};
}

// What writes asserts in the name of one party, its own.
Status check_writing(const NewToken& wanted) {
  if (!wanted.collections.empty() && wanted.collections != std::vector<std::string>{"inbox"}) {
    return fail(ErrorKind::NotPermitted,
                "a token that writes writes to the collection inbox and no other");
  }
  if (wanted.originator.empty()) {
    return fail(ErrorKind::InvalidInput,
                "a token that writes names the originator of what it writes (--originator XX)");
  }
  if (!wanted.party.empty() && wanted.party != wanted.originator) {
    return fail(ErrorKind::NotPermitted,
                fmt::format("a token of {} asserts nothing in the name of {}", wanted.party,
                            wanted.originator));
  }
  if (!wanted.role.empty() || wanted.purposes.size() > 1) {
    return fail(ErrorKind::InvalidInput,
                "a token that writes has no role, and one purpose for all that it writes");
  }
  return {};
}

Status check_access(const NewToken& wanted) {
  if (wanted.write) return check_writing(wanted);
  if (!wanted.originator.empty()) {
    return fail(ErrorKind::InvalidInput, "only a token that writes (--write) names an originator");
  }
  if (wanted.collections != std::vector<std::string>{"records"}) {
    return fail(ErrorKind::NotPermitted,
                "a token reads the collection records and no other (--collections records); "
                "protocol and inbox are for paired nodes");
  }
  return {};
}

// Who writes can keep a secret that was made for it; a guess there would do more.
Status check_chosen(const NewToken& wanted) {
  if (wanted.write) {
    return fail(ErrorKind::NotPermitted,
                "a token that writes has a secret of the node's making, and no chosen password");
  }
  if (wanted.password.size() > token_password_bytes_max) {
    return fail(ErrorKind::InvalidInput,
                fmt::format("the password of a token has at most {} bytes; found {}",
                            token_password_bytes_max, wanted.password.size()));
  }
  return trust::check_password(wanted.password, wanted.name);
}

Status check_new(const Node& node, const NewToken& wanted) {
  TRY_STATUS(check_access(wanted));
  if (!is_terms_name(wanted.name, token_name_bytes_max)) {
    return fail(ErrorKind::InvalidInput,
                fmt::format("'{}' is no name for a token; expected 1 to {} small letters, digits "
                            "and hyphens, the first no hyphen",
                            wanted.name, token_name_bytes_max));
  }
  const auto law = node.law();
  const auto& party = wanted.write ? wanted.originator : wanted.party;
  if (!law->model().party(party)) {
    return fail(ErrorKind::InvalidInput,
                fmt::format("'{}' is no party of the register{}", party,
                            treaty::party_suggestion(law->model(), party)));
  }
  if (!wanted.write && wanted.party == node.party()) {
    return fail(ErrorKind::InvalidInput,
                fmt::format("{} is this node's own party; a token is for another one, to which "
                            "records are released",
                            wanted.party));
  }
  TRY_STATUS(check_words(law->model(), wanted));
  if (wanted.networks.size() > token_networks_max) {
    return fail(ErrorKind::TooLarge, fmt::format("{} networks; a token has at most {}",
                                                 wanted.networks.size(), token_networks_max));
  }
  TRY_STATUS(net::parse_networks(wanted.networks));
  if (wanted.rate < 0 || wanted.rate > token_rate_max) {
    return fail(ErrorKind::InvalidInput,
                fmt::format("a rate of {} requests in a minute; expected 1 to {}", wanted.rate,
                            token_rate_max));
  }
  return wanted.password.empty() ? Status() : check_chosen(wanted);
}

Result<Instant> read_until(const std::string& text, Instant now) {
  const auto days = [&](int count) {
    return Instant::from_seconds(now.seconds() + count * seconds_per_day);
  };
  if (text.empty()) return days(token_days_default);
  auto until = parse_day_or_instant(text);
  if (!until) return tl::unexpected<Error>(std::move(until.error()).at("--until"));
  if (*until <= now || *until > days(token_days_max)) {
    return fail(
        ErrorKind::InvalidInput,
        fmt::format("a token ends after now and within {} days; {} is not", token_days_max, text),
        "--until");
  }
  return *until;
}

bool from_one_of(const std::vector<std::string>& networks, std::string_view address) {
  if (networks.empty()) return true;
  const auto parsed = net::parse_address(address);
  const auto allowed = net::parse_networks(networks);
  if (!parsed || !allowed) return false;
  return std::any_of(allowed->begin(), allowed->end(),
                     [&](const auto& network) { return net::contains(network, *parsed); });
}

}  // namespace

std::optional<Credential> read_authorization(std::string_view field) {
  if (field.size() > authorization_bytes_max) return std::nullopt;
  const auto blank = field.find(' ');
  if (blank == std::string_view::npos) return std::nullopt;
  std::string scheme(field.substr(0, blank));
  for (auto& c : scheme) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  auto rest = field.substr(blank);
  while (!rest.empty() && rest.front() == ' ') rest.remove_prefix(1);
  while (!rest.empty() && rest.back() == ' ') rest.remove_suffix(1);
  if (scheme == "bearer") return Credential{"", std::string(rest)};
  if (scheme != "basic") return std::nullopt;
  const auto pair = from_base64(rest);
  const auto colon = pair ? pair->find(':') : std::string::npos;
  if (colon == std::string::npos || colon == 0) return std::nullopt;
  return Credential{pair->substr(0, colon), pair->substr(colon + 1)};
}

bool may_be_used_from(const Token& token, std::string_view remote_address) {
  return from_one_of(token.networks, remote_address);
}

Status check_originator(const Node& node, store::Snapshot& snapshot,
                        const std::string& originator) {
  if (originator == node.party()) return {};
  TRY(const auto peer, snapshot.peer(originator));
  if (!peer || !peer->confirmed) return {};
  return fail(ErrorKind::Conflict,
              fmt::format("{} is paired with this node: what it gives comes with its signature, "
                          "and not by a token",
                          originator));
}

Result<std::vector<Token>> tokens(store::Snapshot& snapshot) {
  TRY(const auto kept, snapshot.meta(tokens_key));
  std::vector<Token> out;
  if (!kept) return out;
  TRY(const auto value, json::parse(*kept));
  if (value.array() == nullptr) return fail(ErrorKind::Corrupt, "the list of tokens is no list");
  for (const auto& item : *value.array()) {
    TRY(auto token, token_from(item));
    out.push_back(std::move(token));
  }
  return out;
}

Result<MadeToken> make_token(Node& node, const NewToken& wanted, const trust::PasswordCost& cost) {
  TRY_STATUS(check_new(node, wanted));
  std::string password;
  if (!wanted.password.empty()) {
    TRY(password, trust::hash_password(wanted.password, node.random(), cost));
  }
  TRY(const auto change, Change::begin(node));
  TRY(auto all, tokens(change->store()));
  if (all.size() >= tokens_max) {
    return fail(ErrorKind::TooLarge,
                fmt::format("this node has {} tokens, which is the limit", all.size()));
  }
  for (const auto& token : all) {
    if (token.name == wanted.name) {
      return fail(ErrorKind::Conflict,
                  fmt::format("there is or was a token {}; choose another name, because the ledger "
                              "tells tokens by their names",
                              wanted.name));
    }
  }
  if (wanted.write) TRY_STATUS(check_originator(node, change->store(), wanted.originator));
  MadeToken made;
  if (password.empty()) {
    made.secret = std::string(secret_prefix) + base64url(node.random().bytes(token_secret_bytes));
  }
  auto& token = made.token;
  token.name = wanted.name;
  token.party = wanted.write ? wanted.originator : wanted.party;
  token.role = wanted.role;
  if (wanted.write) token.originator = wanted.originator;
  token.purposes = wanted.purposes;
  token.networks = wanted.networks;
  token.rate = wanted.rate;
  token.created = change->at();
  TRY(token.until, read_until(wanted.until, change->at()));
  token.secret = sha256(password.empty() ? made.secret : password);
  token.password = std::move(password);
  all.push_back(token);
  TRY_STATUS(keep(*change, all));
  json::Object entry;
  entry.set("type", "token-made");
  entry.set("token", terms_of(token));
  TRY_STATUS(change->enter("token", entry));
  TRY_STATUS(change->commit());
  return made;
}

Status revoke_token(Node& node, const std::string& name) {
  TRY(const auto change, Change::begin(node));
  TRY(auto all, tokens(change->store()));
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const Token& token) { return token.name == name; });
  if (found == all.end()) {
    return fail(ErrorKind::NotFound,
                fmt::format("there is no token {}; comity token list names them", name));
  }
  if (found->revoked) {
    return fail(ErrorKind::Conflict, fmt::format("the token {} was revoked at {}", name,
                                                 format_rfc3339(*found->revoked)));
  }
  found->revoked = change->at();
  TRY_STATUS(keep(*change, all));
  json::Object entry;
  entry.set("type", "token-revoked");
  entry.set("name", name);
  entry.set("at", format_rfc3339(change->at(), 6));
  TRY_STATUS(change->enter("token", entry));
  return change->commit();
}

Result<std::optional<Token>> token_of(store::Snapshot& snapshot, std::string_view authorization,
                                      std::string_view remote_address, Instant at) {
  TRY(const auto all, tokens(snapshot));
  return token_among(all, authorization, remote_address, at);
}

std::optional<Token> token_among(const std::vector<Token>& all, std::string_view authorization,
                                 std::string_view remote_address, Instant at) {
  const auto credential = read_authorization(authorization);
  if (!credential) return std::nullopt;
  const auto secret = sha256(credential->secret);
  for (const auto& token : all) {
    const bool same =
        token.password.empty() && equal_in_constant_time(view(token.secret), view(secret));
    if (!same || (!credential->name.empty() && credential->name != token.name)) continue;
    if (token.live(at) && from_one_of(token.networks, remote_address)) return token;
  }
  return std::nullopt;
}

Result<std::optional<Token>> live_token(store::Snapshot& snapshot, std::string_view name,
                                        Instant at) {
  TRY(auto all, tokens(snapshot));
  for (auto& token : all) {
    if (token.name == name && token.live(at)) return std::move(token);
  }
  return std::optional<Token>();
}

Result<bool> has_token(store::Snapshot& snapshot, std::string_view party, Instant at) {
  TRY(const auto all, tokens(snapshot));
  return std::any_of(all.begin(), all.end(), [&](const Token& token) {
    return token.party == party && !token.writes() && token.live(at);
  });
}

Result<std::vector<std::string>> token_findings(store::Snapshot& snapshot) {
  const auto kept = tokens(snapshot).map([](const std::vector<Token>& all) {
    std::vector<std::pair<std::string, json::Value>> out;
    for (const auto& item : all) out.emplace_back(item.name, bound_form(item));
    return out;
  });
  return terms_findings(snapshot, "token", "revoked", kept);
}

}  // namespace comity::exchange
