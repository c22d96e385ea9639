#include "node/act_command_line.h"

#include <CLI/CLI.hpp>
#include <memory>

#include "base/world.h"
#include "node/officer_keys.h"
#include "node/serve.h"

namespace comity::node {
namespace {

// What the flags of one such command said; kept by its action.
struct ActFlags {
  std::string name, role, key;
  std::string instrument, clause, source, date, kind, with, from;
  std::vector<std::string> officers, passphrase_files;
};
using Kept = std::shared_ptr<ActFlags>;

void add_approval(CLI::App& command, const Kept& flags) {
  command
      .add_option("--officer", flags->officers, "key file of an officer who signs; give it twice")
      ->allow_extra_args(false);
  command
      .add_option("--passphrase-file", flags->passphrase_files,
                  "holds the passphrase of a key, one for each key in order; else it is asked "
                  "for on the terminal")
      ->allow_extra_args(false);
}

// Signs when officers were named, and hands the command to the node.
Result<Outcome> run_act(const std::string& data, const char* command, json::Object arguments,
                        const ActFlags& flags, Passphrases& passphrases) {
  if (!flags.officers.empty()) {
    TRY(auto approval, approval_by(data, command, arguments, flags.officers, passphrases));
    arguments.set("approval", std::move(approval));
  }
  return run_command(data, command, arguments);
}

Status need_data(const std::string& data) {
  if (!data.empty()) return {};
  return fail(ErrorKind::InvalidInput, "which node? give --data DIR or set COMITY_DATA");
}

// Adds a command whose arguments are `texts` of the flags, those that are not empty.
CLI::App* add_act(CLI::App& parent, const CommandAdder& adder, const char* name,
                  const char* description, const char* example, const char* command,
                  const Kept& flags, std::vector<std::pair<const char*, std::string*>> texts) {
  auto* added = adder.add(
      parent, name, description, example,
      [&data = adder.data, command, flags, texts = std::move(texts)]() -> Result<Outcome> {
        TRY_STATUS(need_data(data));
        json::Object arguments;
        for (const auto& [member, text] : texts) {
          if (!text->empty()) arguments.set(member, *text);
        }
        Passphrases passphrases(flags->passphrase_files);
        return run_act(data, command, std::move(arguments), *flags, passphrases);
      });
  add_approval(*added, flags);
  return added;
}

void add_verify(CLI::App& treaty, const CommandAdder& adder) {
  const auto flags = std::make_shared<ActFlags>();
  flags->date = format_day(system_clock().now().seconds() / seconds_per_day);
  auto* verify = add_act(
      treaty, adder, "verify",
      "two legal advisers find that a row says what the official text says",
      "comity treaty verify xa-xb-2024 a3 --source 'Official Journal 12/2024, p. 3' --officer "
      "a.pem --officer b.pem --data xa",
      "verify-clause", flags,
      {{"instrument", &flags->instrument},
       {"clause", &flags->clause},
       {"source", &flags->source},
       {"date", &flags->date}});
  verify->add_option("instrument", flags->instrument, "the instrument")->required();
  verify->add_option("clause", flags->clause, "the clause, as treaty show names it")->required();
  verify->add_option("--source", flags->source, "the official text that was compared")->required();
  verify->add_option("--date", flags->date, "the day of the comparison; default today");
}

void add_arrange(CLI::App& treaty, const CommandAdder& adder) {
  const auto flags = std::make_shared<ActFlags>();
  auto* arrange = add_act(treaty, adder, "arrange", "enter an arrangement in this node's register",
                          "comity treaty arrange --instrument ru-cn-2015 --kind "
                          "format-and-protection --with RU --data cn",
                          "arrange", flags,
                          {{"instrument", &flags->instrument},
                           {"kind", &flags->kind},
                           {"with", &flags->with},
                           {"from", &flags->from}});
  arrange->add_option("--instrument", flags->instrument, "the instrument it implements")
      ->required();
  arrange->add_option("--kind", flags->kind, "for example format-and-protection")->required();
  arrange->add_option("--with", flags->with, "the other party")->required();
  arrange->add_option("--from", flags->from, "the day from which it holds; default today");
}

}  // namespace

void add_officer_commands(CLI::App& app, const CommandAdder& adder) {
  auto* group =
      app.add_subcommand("officer", "who acts for this node, each with a key of their own");
  group->require_subcommand(1);
  const auto flags = std::make_shared<ActFlags>();
  auto* add =
      adder.add(*group, "add", "enrol an officer; makes the key file when there is none",
                "comity officer add 'A. Adviser' --role legal-adviser --key a.pem --data xa",
                [&data = adder.data, flags]() -> Result<Outcome> {
                  TRY_STATUS(need_data(data));
                  Passphrases passphrases(flags->passphrase_files);
                  TRY(const auto key, key_file_for(flags->key, passphrases));
                  json::Object arguments;
                  arguments.set("name", flags->name);
                  arguments.set("role", flags->role);
                  arguments.set("key", base64url(key));
                  return run_act(data, "officer-add", std::move(arguments), *flags, passphrases);
                });
  add->add_option("name", flags->name, "the officer's name")->required();
  add->add_option("--role", flags->role,
                  "legal-adviser, releasing-officer, duty-officer or administrator")
      ->required();
  add->add_option("--key", flags->key, "the officer's key file")->required();
  add_approval(*add, flags);
  const auto ending = std::make_shared<ActFlags>();
  auto* end = add_act(*group, adder, "end", "end an officer's enrolment; two others sign",
                      "comity officer end 'A. Adviser' --officer b.pem --officer c.pem --data xa",
                      "officer-end", ending, {{"name", &ending->name}});
  end->add_option("name", ending->name, "the officer's name")->required();
  adder.add(*group, "list", "the officers of this node, past ones too",
            "comity officer list --data xa", [&data = adder.data]() -> Result<Outcome> {
              TRY_STATUS(need_data(data));
              return run_command(data, "officers", {});
            });
}

void add_law_commands(CLI::App& treaty, const CommandAdder& adder) {
  add_verify(treaty, adder);
  add_arrange(treaty, adder);
}

}  // namespace comity::node
