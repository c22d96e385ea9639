#include "node/token_command.h"

#include <fmt/format.h>

#include "exchange/token.h"
#include "json/texts.h"
#include "node/command_parts.h"

namespace comity::node {
namespace {

const char* state_of(const exchange::Token& token, Instant at) {
  return token.revoked ? "revoked" : token.live(at) ? "live" : "expired";
}

// What may be said of a token: all but its secret's digest.
json::Object token_data(const exchange::Token& token, Instant at) {
  json::Object out;
  out.set("name", token.name);
  out.set("party", token.party);
  out.set("role", token.role);
  out.set("purposes", json::array_of(token.purposes));
  out.set("collections", json::Array{json::Value(token.collection())});
  out.set("access", token.writes() ? "write" : "read");
  if (token.writes()) out.set("originator", token.originator);
  out.set("networks", json::array_of(token.networks));
  out.set("created", format_rfc3339(token.created));
  out.set("until", format_rfc3339(token.until));
  out.set("login", token.password.empty() ? "secret" : "password");
  if (token.rate > 0) out.set("rate", token.rate);
  if (token.revoked) out.set("revoked", format_rfc3339(*token.revoked));
  out.set("state", state_of(token, at));
  return out;
}

std::string or_any(const std::vector<std::string>& values) {
  return values.empty() ? std::string("any") : fmt::format("{}", fmt::join(values, ","));
}

std::string token_text(const exchange::Token& token, Instant at) {
  return fmt::format("{}  for {}{}  {} {}  purposes {}  networks {}  until {}  {}\n", token.name,
                     token.party, token.role.empty() ? "" : ":" + token.role,
                     token.writes() ? "writes to" : "reads", token.collection(),
                     or_any(token.purposes), or_any(token.networks), format_rfc3339(token.until),
                     state_of(token, at));
}

}  // namespace

Result<Outcome> run_token_new(exchange::Node& node, const json::Object& arguments) {
  exchange::NewToken wanted;
  wanted.name = text_argument(arguments, "name");
  wanted.party = text_argument(arguments, "party");
  wanted.role = text_argument(arguments, "role");
  wanted.purposes = list_argument(arguments, "purposes");
  wanted.networks = list_argument(arguments, "networks");
  wanted.collections = list_argument(arguments, "collections");
  wanted.write = arguments.find("write") != nullptr;
  if (const auto* rate = arguments.find("rate"); rate != nullptr && rate->integer() != nullptr) {
    wanted.rate = *rate->integer();
  }
  wanted.originator = text_argument(arguments, "originator");
  wanted.password = text_argument(arguments, "password");
  wanted.until = text_argument(arguments, "until");
  TRY(const auto made, exchange::make_token(node, wanted));
  Outcome outcome;
  outcome.text = watermark(node) + token_text(made.token, node.now());
  if (made.secret.empty()) {
    outcome.text += "a client logs in with Basic: the token's name as user, and its password\n";
  } else {
    outcome.text += fmt::format(
        "secret, shown this once: {}\n"
        "a client logs in with Bearer and the secret, or with Basic: the token's name as user, the "
        "secret as password\n",
        made.secret);
  }
  auto data = data_of(node);
  data.set("token", token_data(made.token, node.now()));
  if (!made.secret.empty()) data.set("secret", made.secret);
  outcome.data = std::move(data);
  return outcome;
}

Result<Outcome> run_token_list(exchange::Node& node, const json::Object&) {
  TRY(const auto snapshot, node.store().read());
  TRY(const auto all, exchange::tokens(*snapshot));
  const auto at = node.now();
  return listed(
      node, "tokens", all, [&](const auto& token) { return token_text(token, at); },
      [&](const auto& token) { return token_data(token, at); },
      "no tokens: comity token new --help\n");
}

Result<Outcome> run_token_revoke(exchange::Node& node, const json::Object& arguments) {
  const auto name = text_argument(arguments, "name");
  TRY_STATUS(exchange::revoke_token(node, name));
  Outcome outcome;
  outcome.text = watermark(node) + fmt::format("revoked {}: it opens nothing from now on\n", name);
  auto data = data_of(node);
  data.set("revoked", name);
  outcome.data = std::move(data);
  return outcome;
}

}  // namespace comity::node
