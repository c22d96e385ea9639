#include "api/account_json.h"

#include "json/texts.h"

namespace comity::api {
namespace {

json::Value or_null(const std::optional<Instant>& at) {
  return at ? json::Value(format_rfc3339(*at)) : json::Value();
}

}  // namespace

json::Object to_json(const SessionView& session) {
  json::Object out;
  out.set("account", session.account);
  out.set("name", session.full_name);
  out.set("roles", json::array_of(names_of(session.roles)));
  out.set("csrf", session.csrf);
  out.set("ends", format_rfc3339(session.ends));
  out.set("language", session.language);
  out.set("break_glass", session.break_glass);
  return out;
}

json::Object to_json(const Setup& setup) {
  json::Object out;
  out.set("account", setup.account);
  out.set("name", setup.full_name);
  out.set("roles", json::array_of(names_of(setup.roles)));
  out.set("otpauth", setup.otpauth);
  out.set("secret", setup.secret);
  out.set("qr_svg", setup.qr_svg);
  out.set("expires", format_rfc3339(setup.expires));
  return out;
}

json::Object to_json(const exchange::Account& account, AccountState state) {
  json::Object out;
  out.set("account", account.name);
  out.set("name", account.full_name);
  out.set("roles", json::array_of(account.roles));
  out.set("state", name(state));
  out.set("break_glass", account.break_glass);
  out.set("last_sign_in", or_null(account.last_sign_in));
  return out;
}

json::Object to_json(const exchange::Node& node, const exchange::AccountList& list,
                     const MadeChange& made) {
  const auto& change = made.change;
  const auto* account = list.find(change.account);
  const bool is_new = account == nullptr || change.change == "add";
  const bool says_roles = is_new || change.change == "roles";
  json::Object out;
  out.set("id", change.id);
  out.set("change", change.change);
  out.set("account", change.account);
  out.set("name", is_new ? change.full_name : account->full_name);
  out.set("roles", json::array_of(says_roles ? change.roles : account->roles));
  out.set("proposed_by", change.proposed_by);
  out.set("proposed", format_rfc3339(change.proposed));
  out.set("state", made.done ? "done" : "waiting");
  out.set("link", made.link ? json::Value(link_text(node, *made.link)) : json::Value());
  out.set("link_expires", made.link ? or_null(made.link->expires) : json::Value());
  return out;
}

}  // namespace comity::api
