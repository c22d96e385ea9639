#include "node/law_file_command_line.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "base/file.h"
#include "node/instrument_skeleton.h"
#include "node/party_import_command.h"
#include "treaty/register.h"

namespace comity::node {
namespace {

struct NewFlags {
  NewInstrument answers;
  std::string file;
};

// The file must load beside the others of the register, or it is not written.
Status check_beside(const NewInstrument& instrument, const std::string& text,
                    const std::string& directory) {
  TRY(auto files, treaty::read_register(directory));
  const auto before = treaty::load_register(files, std::nullopt);
  if (!before) return tl::unexpected<Error>(treaty::as_error(before.error()));
  TRY_STATUS(check_answers(instrument, **before));
  files[instrument_path(instrument)] = text;
  const auto after = treaty::load_register(files, std::nullopt);
  if (!after) return tl::unexpected<Error>(treaty::as_error(after.error()));
  return {};
}

Result<Outcome> write_new(const NewFlags& flags, const std::string& directory) {
  TRY(const auto instrument, completed(flags.answers));
  const auto text = instrument_skeleton(instrument);
  TRY_STATUS(check_beside(instrument, text, directory));
  const auto path = flags.file.empty() ? instrument.id + ".toml" : flags.file;
  if (file_exists(path)) {
    return fail(ErrorKind::Conflict, "the file is there already; choose another name", path);
  }
  TRY_STATUS(write_file(path, text));
  Outcome outcome;
  outcome.text = fmt::format("wrote {}\n", path);
  json::Array open;
  for (const auto& line : left_open(flags.answers)) {
    outcome.text += line + "\n";
    open.emplace_back(line);
  }
  outcome.text += fmt::format(
      "fill it in, then: comity treaty enter {} --data DIR\nto try it: put it into a "
      "register as {}\n",
      path, instrument_path(instrument));
  json::Object data;
  data.set("file", path);
  data.set("path", instrument_path(instrument));
  data.set("open", std::move(open));
  outcome.data = std::move(data);
  return outcome;
}

void add_new(CLI::App& treaty, const CommandAdder& adder) {
  const auto flags = std::make_shared<NewFlags>();
  auto& answers = flags->answers;
  auto* command = adder.add(
      treaty, "new",
      "write an agreement file from six answers: title, parties, in force since, what may be sent, "
      "what for, and where that stands",
      "comity treaty new xa-xb-2026 --title 'Agreement of A and B' --party XA --party XB "
      "--in-force 2026-02-01 --info indicator,vulnerability --purpose warning --provenance X",
      [flags, directory = adder.register_directory]() -> Result<Outcome> {
        return write_new(*flags, directory());
      });
  command->add_option("id", answers.id,
                      "its id, in kebab-case; default: of two parties and the year");
  command->add_option("--title", answers.title, "1. what it is called, in English")->required();
  command->add_option("--party", answers.parties, "2. a party, by its code; give it for each")
      ->required()
      ->allow_extra_args(false);
  command->add_option(
      "--in-force", answers.in_force,
      "3. the day from which it binds the parties; without it nothing is permitted");
  command
      ->add_option("--info", answers.info,
                   "4. classes of information that may be sent, with commas; words of "
                   "vocabulary.toml, such as indicator")
      ->delimiter(',')
      ->allow_extra_args(false);
  command
      ->add_option("--purpose", answers.purposes,
                   "5. what for, with commas, such as warning,incident-response")
      ->delimiter(',')
      ->allow_extra_args(false);
  command->add_option("--provenance", answers.provenance,
                      "6. where the facts are from: S, F<number>, K:h, K:m or K:l as in "
                      "sources.toml; X: invented, the default");
  command->add_option("--article", answers.article, "which article says so; default Art. 1");
  command->add_option("--area", answers.areas, "areas, with commas; default threat-information")
      ->delimiter(',')
      ->allow_extra_args(false);
  command->add_option("--level", answers.level,
                      "bilateral, multilateral, regional …; default by the number of parties");
  command->add_option("--signed", answers.signed_on, "the day of signature");
  command->add_option("--out", flags->file, "the file to write; default ID.toml");
}

void add_import_parties(CLI::App& treaty, const CommandAdder& adder) {
  const auto flags = std::make_shared<PartyImport>();
  auto* command = adder.add(treaty, "import-parties",
                            "take the status of parties from a CSV table into an instrument file",
                            "comity treaty import-parties chart.csv --into coe-185 --dry-run",
                            [flags, directory = adder.register_directory]() -> Result<Outcome> {
                              flags->register_directory = directory();
                              return import_parties(*flags);
                            });
  command
      ->add_option("table", flags->table,
                   "columns code and provenance, and any of signed, consented, consent, in_force, "
                   "until, status; an empty cell: not known")
      ->required();
  command->add_option("--into", flags->into, "an instrument file, or the id of one in the register")
      ->required();
  command->add_option("--out", flags->out, "write the result there; default: into the file itself");
  command->add_flag("--dry-run", flags->dry_run, "say what would change, and write nothing");
}

}  // namespace

void add_law_file_commands(CLI::App& treaty, const CommandAdder& adder) {
  add_new(treaty, adder);
  add_import_parties(treaty, adder);
}

}  // namespace comity::node
