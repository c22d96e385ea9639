#include "node/act_command_line.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "base/file.h"
#include "base/world.h"
#include "json/texts.h"
#include "node/law_file_command_line.h"
#include "node/serve.h"

namespace comity::node {
namespace {

// What the flags of one such command said; kept by its action.
struct ActFlags {
  std::string name, role, key;
  std::string instrument, clause, source, date, kind, with, from;
  std::string party, body, as_role, since, effective, file;
  std::string purpose, area;
  std::vector<std::string> areas, to, classes;
  bool dry_run = false, drop_overlay = false;
  std::vector<std::string> officers, passphrase_files;
};
using KeptActFlags = std::shared_ptr<ActFlags>;

void add_kept_approval(CLI::App& command, const KeptActFlags& flags) {
  node::add_approval(command, flags->officers, flags->passphrase_files);
}

Result<Outcome> run_act(const std::string& data, const char* command, json::Object arguments,
                        const ActFlags& flags, Passphrases& passphrases) {
  return run_approved(data, command, std::move(arguments), flags.officers, passphrases);
}

Status need_data(const std::string& data) {
  if (!data.empty()) return {};
  return fail(ErrorKind::InvalidInput, "which node? give --data DIR or set COMITY_DATA");
}

using Texts = std::vector<std::pair<const char*, std::string*>>;
using Lists = std::vector<std::pair<const char*, std::vector<std::string>*>>;

// Adds a command whose arguments are `texts` and `lists` of the flags, those that are not empty.
CLI::App* add_act(CLI::App& parent, const CommandAdder& adder, const char* name,
                  const char* description, const char* example, const char* command,
                  const KeptActFlags& flags, Texts texts, Lists lists = {}) {
  auto* added =
      adder.add(parent, name, description, example,
                [&data = adder.data, command, flags, texts = std::move(texts),
                 lists = std::move(lists)]() -> Result<Outcome> {
                  TRY_STATUS(need_data(data));
                  json::Object arguments;
                  for (const auto& [member, text] : texts) {
                    if (!text->empty()) arguments.set(member, *text);
                  }
                  for (const auto& [member, list] : lists) {
                    if (!list->empty()) arguments.set(member, json::array_of(*list));
                  }
                  Passphrases passphrases(flags->passphrase_files);
                  return run_act(data, command, std::move(arguments), *flags, passphrases);
                });
  add_kept_approval(*added, flags);
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

void add_designate(CLI::App& treaty, const CommandAdder& adder) {
  const auto flags = std::make_shared<ActFlags>();
  auto* designate = add_act(treaty, adder, "designate", "enter a party's designated body",
                            "comity treaty designate xa-xb-2024 --party XB --body XB-CERT "
                            "--officer a.pem --officer b.pem --data xa",
                            "designate", flags,
                            {{"instrument", &flags->instrument},
                             {"party", &flags->party},
                             {"body", &flags->body},
                             {"role", &flags->as_role},
                             {"since", &flags->since}},
                            {{"areas", &flags->areas}});
  designate->add_option("instrument", flags->instrument, "under which instrument")->required();
  designate->add_option("--party", flags->party, "whose body it is")->required();
  designate->add_option("--body", flags->body, "its name")->required();
  designate->add_option("--role", flags->as_role, "for example national-csirt; default none");
  designate->add_option("--areas", flags->areas, "with commas; default all")
      ->delimiter(',')
      ->allow_extra_args(false);
  designate->add_option("--since", flags->since, "the day from which it is; default always");
}

// suspend, resume and denounce: what one party does to an instrument.
void add_step(CLI::App& treaty, const CommandAdder& adder, const char* name,
              const char* description, const char* example) {
  const auto flags = std::make_shared<ActFlags>();
  auto* step = add_act(treaty, adder, name, description, example, name, flags,
                       {{"instrument", &flags->instrument},
                        {"party", &flags->party},
                        {"effective", &flags->effective}});
  step->add_option("instrument", flags->instrument, "the instrument")->required();
  step->add_option("--party", flags->party, "who does so; default this node's party");
  if (std::string_view(name) == "denounce") {
    step->add_option("--effective", flags->effective,
                     "a day or instant; default when the notice of the instrument has run out");
  }
}

// What to take: a file, or this party's overlay out of the register.
Result<json::Object> taking_arguments(const ActFlags& flags) {
  json::Object arguments;
  if (flags.drop_overlay) {
    arguments.set("drop_overlay", true);
  } else if (flags.file.empty()) {
    return fail(ErrorKind::InvalidInput, "which file? name it, or give --drop-overlay");
  } else {
    TRY(auto path, absolute_path(flags.file));
    arguments.set("file", std::move(path));
  }
  return arguments;
}

// enter and accept: from files into the register of the node.
void add_taking(CLI::App& treaty, const CommandAdder& adder, const char* name,
                const char* description, const char* what, const char* example) {
  const auto flags = std::make_shared<ActFlags>();
  auto* taking = adder.add(treaty, name, description, example,
                           [&data = adder.data, name, flags]() -> Result<Outcome> {
                             TRY_STATUS(need_data(data));
                             TRY(auto arguments, taking_arguments(*flags));
                             if (flags->dry_run) {
                               arguments.set("command", name);
                               return run_command(data, "propose", arguments);
                             }
                             Passphrases passphrases(flags->passphrase_files);
                             return run_act(data, name, std::move(arguments), *flags, passphrases);
                           });
  auto* file = taking->add_option("file", flags->file, what);
  if (std::string_view(name) == "enter") {
    taking
        ->add_flag("--drop-overlay", flags->drop_overlay,
                   "take this party's national overlay out of the register")
        ->excludes(file);
  } else {
    file->required();
  }
  taking->add_flag("--dry-run", flags->dry_run, "say what would change, and change nothing");
  add_kept_approval(*taking, flags);
}

}  // namespace

void add_approval(CLI::App& command, std::vector<std::string>& officers,
                  std::vector<std::string>& passphrase_files) {
  command.add_option("--officer", officers, "key file of an officer who signs; give it twice")
      ->allow_extra_args(false);
  command
      .add_option("--passphrase-file", passphrase_files,
                  "holds the passphrase of a key, one for each key in order; else it is asked "
                  "for on the terminal")
      ->allow_extra_args(false);
}

Result<Outcome> run_approved(const std::string& data, const char* command, json::Object arguments,
                             const std::vector<std::string>& officers, Passphrases& passphrases) {
  if (!officers.empty()) {
    TRY(auto approval, approval_by(data, command, arguments, officers, passphrases));
    arguments.set("approval", std::move(approval));
  }
  return run_command(data, command, arguments);
}

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
  add_kept_approval(*add, flags);
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

void add_rule_commands(CLI::App& app, const CommandAdder& adder) {
  auto* group = app.add_subcommand("rule", "standing rules of release");
  group->require_subcommand(1);
  const auto flags = std::make_shared<ActFlags>();
  flags->name = "rule-" + uuid4(system_random()).substr(0, 8);
  auto* add = add_act(
      *group, adder, "add", "release what comes, within these words, by itself; two officers sign",
      "comity rule add --to RU,KZ --classes indicator --purpose warning --area "
      "threat-information --officer a.pem --officer b.pem --data cn",
      "rule-add", flags,
      {{"name", &flags->name}, {"purpose", &flags->purpose}, {"area", &flags->area}},
      {{"to", &flags->to}, {"classes", &flags->classes}});
  add->add_option("--to", flags->to, "recipients, with commas")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->required();
  add->add_option("--classes", flags->classes, "information classes, with commas")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->required();
  add->add_option("--purpose", flags->purpose, "of the records")->required();
  add->add_option("--area", flags->area, "of the records")->required();
  add->add_option("--name", flags->name, "small letters, digits, hyphens; default: made up");
  const auto ending = std::make_shared<ActFlags>();
  auto* end = add_act(*group, adder, "end", "end a rule; two officers sign",
                      "comity rule end warnings --officer a.pem --officer b.pem --data cn",
                      "rule-end", ending, {{"name", &ending->name}});
  end->add_option("name", ending->name, "the rule")->required();
  adder.add(*group, "list", "list the rules of this node", "comity rule list --data cn",
            [&data = adder.data]() -> Result<Outcome> {
              TRY_STATUS(need_data(data));
              return run_command(data, "rule-list", {});
            });
}

void add_law_commands(CLI::App& treaty, const CommandAdder& adder) {
  add_verify(treaty, adder);
  add_law_file_commands(treaty, adder);
  add_taking(treaty, adder, "enter", "take an instrument from a file into the node's register",
             "a file with an instrument, or with this party's national overlay",
             "comity treaty enter xa-xb-2026.toml --officer a.pem --officer b.pem --data xa");
  add_taking(treaty, adder, "accept", "take a register from a folder into the node's register",
             "a folder of register files",
             "comity treaty accept register --officer a.pem --officer b.pem --data xa");
  add_arrange(treaty, adder);
  add_designate(treaty, adder);
  add_step(treaty, adder, "suspend", "a party stops applying an instrument, from this instant",
           "comity treaty suspend xa-xb-2024 --officer a.pem --officer b.pem --data xa");
  add_step(treaty, adder, "resume", "a party applies an instrument again, from this instant",
           "comity treaty resume xa-xb-2024 --officer a.pem --officer b.pem --data xa");
  add_step(treaty, adder, "denounce", "a party leaves an instrument when its notice has run out",
           "comity treaty denounce xa-xb-2024 --officer a.pem --officer b.pem --data xa");
}

}  // namespace comity::node
