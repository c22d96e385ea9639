#include "node/account_command_line.h"

#include <CLI/CLI.hpp>
#include <memory>

#include "json/texts.h"
#include "node/serve.h"

namespace comity::node {
namespace {

// What the flags of one such command said; kept by its action.
struct AccountFlags {
  std::string name, full_name;
  std::vector<std::string> roles;
  bool although_last = false;
};

Result<Outcome> run(const std::string& data, const char* command, const json::Object& arguments) {
  if (data.empty()) {
    return fail(ErrorKind::InvalidInput, "which node? give --data DIR or set COMITY_DATA");
  }
  return run_command(data, command, arguments);
}

json::Object arguments_of(const AccountFlags& flags) {
  json::Object out;
  if (!flags.name.empty()) out.set("name", flags.name);
  if (!flags.full_name.empty()) out.set("full_name", flags.full_name);
  if (!flags.roles.empty()) out.set("roles", json::array_of(flags.roles));
  if (flags.although_last) out.set("although_last", true);
  return out;
}

}  // namespace

void add_account_commands(CLI::App& app, const CommandAdder& adder) {
  auto* group = app.add_subcommand("account", "who may sign in to the pages of this node");
  group->require_subcommand(1);
  const auto& data = adder.data;
  const auto add = [&](const char* name, const char* description, const std::string& example,
                       const char* command, const std::shared_ptr<AccountFlags>& flags) {
    return adder.add(*group, name, description, example,
                     [&data, command, flags] { return run(data, command, arguments_of(*flags)); });
  };
  const auto making = std::make_shared<AccountFlags>();
  auto* made = add("new", "make an account and show its set-up link, once",
                   "comity account new wang-min --name \"Wang Min\" --role duty-officer,analyst "
                   "--data cn",
                   "account-new", making);
  made->add_option("account", making->name, "small letters, digits, hyphens; never used again")
      ->required();
  made->add_option("--name", making->full_name, "the person")->required();
  made->add_option("--role", making->roles,
                   "duty-officer, analyst, legal-adviser, releasing-officer, rights-officer, "
                   "administrator, auditor, oversight; an administrator has no other")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->required();
  add("list", "list accounts, changes that wait, and alarms", "comity account list --data cn",
      "account-list", std::make_shared<AccountFlags>());
  const auto linking = std::make_shared<AccountFlags>();
  add("link", "another set-up link: for a forgotten password or a lost device",
      "comity account link wang-min --data cn", "account-link", linking)
      ->add_option("account", linking->name, "the account")
      ->required();
  const auto ending = std::make_shared<AccountFlags>();
  auto* end = add("end", "end an account and its sessions", "comity account end wang-min --data cn",
                  "account-end", ending);
  end->add_option("account", ending->name, "the account")->required();
  end->add_flag("--although-last", ending->although_last,
                "even if nobody is left who holds the role");
  add("break-glass", "make the one account for an emergency; signing in with it raises an alarm",
      "comity account break-glass --data cn", "account-break-glass",
      std::make_shared<AccountFlags>());
}

}  // namespace comity::node
