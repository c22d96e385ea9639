// The routes of accounts, of changes of them, and of alarms.
#include <algorithm>

#include "api/account_change.h"
#include "api/account_json.h"
#include "api/accounts.h"
#include "api/route.h"

namespace comity::api {
namespace {

constexpr RoleSet readers = {Role::Administrator, Role::Auditor, Role::Oversight};
constexpr std::size_t word_bytes_max = 64;

Answer answer_of(json::Object body) {
  Answer answer;
  answer.body = std::move(body);
  return answer;
}

Answer items_answer(json::Array items) {
  json::Object body;
  body.set("items", std::move(items));
  return answer_of(std::move(body));
}

Answer nothing() {
  Answer answer;
  answer.status = 204;
  return answer;
}

Result<Answer> list_accounts(Call& call) {
  TRY(const auto list, call.accounts.list());
  json::Array items;
  for (const auto& account : list->accounts) {
    items.push_back(to_json(account, call.accounts.state_of(account, call.node.now())));
  }
  return items_answer(std::move(items));
}

// The changes that wait, as far as the caller could confirm them or looks after all.
Result<Answer> list_changes(Call& call) {
  TRY(const auto list, call.accounts.list());
  const auto* account = list->find(call.caller.account);
  json::Array items;
  for (const auto& change : list->changes) {
    if (account == nullptr || !sees(*list, *account, change)) continue;
    if (counts(change, call.node.now())) items.push_back(to_json(call.node, *list, {change}));
  }
  return items_answer(std::move(items));
}

Result<Answer> made_answer(Call& call, const MadeChange& made) {
  TRY(const auto list, call.accounts.list());
  return answer_of(to_json(call.node, *list, made));
}

Result<Answer> create_change(Call& call) {
  TRY_STATUS(members(call, {"change", "account", "name", "roles"}));
  WantedChange wanted;
  TRY(wanted.change, text_member(call, "change", word_bytes_max));
  TRY(wanted.account, text_member(call, "account", exchange::account_name_bytes_max));
  TRY(wanted.full_name, optional_text(call, "name", exchange::account_full_name_bytes_max));
  if (call.body.find("roles") != nullptr) {
    TRY(const auto names, texts_member(call, "roles", role_count, word_bytes_max));
    TRY(wanted.roles, read_roles(names));
  }
  TRY(const auto made, propose(call.node, call.caller.account, wanted));
  return made_answer(call, made);
}

Result<Answer> confirm_change(Call& call) {
  TRY_STATUS(members(call, {}));
  TRY(const auto made, confirm(call.node, call.caller.account, call.path_value("change")));
  return made_answer(call, made);
}

Result<Answer> withdraw_change(Call& call) {
  TRY_STATUS(withdraw(call.node, call.caller.account, call.path_value("change")));
  return nothing();
}

Result<Answer> acknowledge_alarm(Call& call) {
  TRY_STATUS(members(call, {}));
  auto item = call.path_value("item");  // as Today names it
  constexpr std::string_view prefix = "alarm.";
  if (item.starts_with(prefix)) item.remove_prefix(prefix.size());
  TRY_STATUS(call.accounts.acknowledge(call.caller, item));
  return nothing();
}

Route row(std::string_view operation, std::string_view method, std::string_view path, RoleSet roles,
          Body body, Result<Answer> (*handle)(Call&)) {
  return {.operation = operation,
          .method = method,
          .path = path,
          .access = Access::SignedIn,
          .roles = roles,
          .query = {},
          .body = body,
          .fresh_factor = false,
          .handle = handle};
}

Route with_factor(Route route) {
  route.fresh_factor = true;
  return route;
}

}  // namespace

std::vector<Route> account_routes() {
  return {
      row("listAccounts", "GET", "/api/v1/accounts", readers, Body::None, list_accounts),
      // Who may confirm depends on the change: each sees those, and nobody learns of others.
      row("listAccountChanges", "GET", "/api/v1/account-changes", RoleSet::all(), Body::None,
          list_changes),
      row("createAccountChange", "POST", "/api/v1/account-changes", {Role::Administrator},
          Body::Json, create_change),
      with_factor(row("confirmAccountChange", "POST",
                      "/api/v1/account-changes/{change}/confirmation", RoleSet::all(), Body::Json,
                      confirm_change)),
      row("withdrawAccountChange", "DELETE", "/api/v1/account-changes/{change}",
          {Role::Administrator}, Body::None, withdraw_change),
      with_factor(row("acknowledgeAlarm", "POST", "/api/v1/alarms/{item}/acknowledgement",
                      {Role::Auditor, Role::Oversight}, Body::Json, acknowledge_alarm)),
  };
}

}  // namespace comity::api
