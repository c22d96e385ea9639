#include "node/account_command.h"

#include <fmt/format.h>

#include "api/account_change.h"
#include "api/account_json.h"
#include "node/command_parts.h"

namespace comity::node {
namespace {

constexpr const char* break_glass_full_name = "Break-glass account";

// Whether it has to wait after failures is known to the process that serves the pages alone.
api::AccountState state_of(const exchange::Account& account) {
  if (account.ended) return api::AccountState::Ended;
  return account.set_up ? api::AccountState::Active : api::AccountState::Invited;
}

std::string account_text(const exchange::Account& account) {
  return fmt::format(
      "{}  {}  {}{}  {}{}\n", account.name, account.full_name, fmt::join(account.roles, ","),
      account.break_glass ? "  BREAK-GLASS" : "", api::name(state_of(account)),
      account.last_sign_in ? "  last signed in " + format_rfc3339(*account.last_sign_in) : "");
}

std::string link_lines(const exchange::Node& node, const api::NewLink& link) {
  const auto text = api::link_text(node, link);
  if (node.pages_url().empty()) {
    return fmt::format(
        "set-up token, shown this once, valid until {}: {}\n"
        "this process serves no pages: run comity serve --pages ADDRESS:PORT, and open "
        "/setup#TOKEN "
        "there before the token ends\n",
        format_rfc3339(link.expires), text);
  }
  return fmt::format("set-up link, shown this once, valid until {}: {}\n",
                     format_rfc3339(link.expires), text);
}

std::string made_text(const exchange::Node& node, const exchange::AccountList& list,
                      const api::MadeChange& made) {
  if (!made.done) {
    return fmt::format(
        "waits: {} of the account {} touches a role that two persons give and take; somebody with "
        "such a role, or oversight, confirms it on the page of accounts within 7 days\n",
        made.change.change, made.change.account);
  }
  std::string out;
  if (const auto* account = list.find(made.change.account); account != nullptr) {
    out += account_text(*account);
  }
  if (made.link) out += link_lines(node, *made.link);
  return out;
}

// What the API says of a member of its body, said of what was typed here.
Error as_typed(Error error) {
  if (error.where == "$.roles") {
    error.where = "--role";
  } else if (error.where == "$.name") {
    error.where = "--name";
  } else if (error.where == "$.account" || error.where == "$.change") {
    error.where.clear();
  }
  if (error.kind == ErrorKind::NotFound) error.message += "; comity account list names them";
  return error;
}

Result<Outcome> run_change(exchange::Node& node, const api::WantedChange& wanted) {
  auto proposed = api::propose(node, std::string(api::operator_name), wanted);
  if (!proposed) return tl::unexpected<Error>(as_typed(std::move(proposed.error())));
  const auto made = *std::move(proposed);
  TRY(const auto snapshot, node.store().read());
  TRY(const auto text, exchange::account_text(*snapshot));
  TRY(const auto list, exchange::read_accounts(text));
  Outcome outcome;
  outcome.text = watermark(node) + made_text(node, list, made);
  auto data = data_of(node);
  data.set("change", api::to_json(node, list, made));
  if (made.link) data.set("token", made.link->token);
  if (const auto* account = list.find(wanted.account); account != nullptr) {
    data.set("account", api::to_json(*account, state_of(*account)));
  }
  outcome.data = std::move(data);
  return outcome;
}

}  // namespace

Result<Outcome> run_account_new(exchange::Node& node, const json::Object& arguments) {
  api::WantedChange wanted;
  wanted.change = "add";
  wanted.account = text_argument(arguments, "name");
  wanted.full_name = text_argument(arguments, "full_name");
  TRY(wanted.roles, api::read_roles(list_argument(arguments, "roles")));
  return run_change(node, wanted);
}

Result<Outcome> run_account_list(exchange::Node& node, const json::Object&) {
  TRY(const auto snapshot, node.store().read());
  TRY(const auto text, exchange::account_text(*snapshot));
  TRY(const auto list, exchange::read_accounts(text));
  auto outcome = listed(
      node, "accounts", list.accounts, account_text,
      [](const exchange::Account& account) { return api::to_json(account, state_of(account)); },
      "no accounts: comity account new --help\n");
  json::Array changes, alarms;
  for (const auto& change : list.changes) {
    if (!api::counts(change, node.now())) continue;
    outcome.text +=
        fmt::format("waits: {} {}, proposed by {} at {}\n", change.change, change.account,
                    change.proposed_by, format_rfc3339(change.proposed));
    changes.emplace_back(exchange::terms_of(change));
  }
  for (const auto& alarm : list.alarms) {
    outcome.text += fmt::format("ALARM: somebody signed in with {} at {}; not acknowledged\n",
                                alarm.account, format_rfc3339(alarm.at));
    alarms.emplace_back(exchange::terms_of(alarm));
  }
  outcome.data.object()->set("changes", std::move(changes));
  outcome.data.object()->set("alarms", std::move(alarms));
  return outcome;
}

Result<Outcome> run_account_link(exchange::Node& node, const json::Object& arguments) {
  api::WantedChange wanted;
  wanted.change = "link";
  wanted.account = text_argument(arguments, "name");
  return run_change(node, wanted);
}

Result<Outcome> run_account_end(exchange::Node& node, const json::Object& arguments) {
  api::WantedChange wanted;
  wanted.change = "end";
  wanted.account = text_argument(arguments, "name");
  wanted.although_last = arguments.find("although_last") != nullptr;
  return run_change(node, wanted);
}

Result<Outcome> run_account_break_glass(exchange::Node& node, const json::Object&) {
  api::WantedChange wanted;
  wanted.change = "add";
  wanted.account = api::break_glass_name;
  wanted.full_name = break_glass_full_name;
  wanted.roles = {api::Role::Administrator};
  wanted.break_glass = true;
  return run_change(node, wanted);
}

}  // namespace comity::node
