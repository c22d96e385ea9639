#include "node/coverage_command_line.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "atlas/suppose.h"
#include "base/file.h"
#include "json/texts.h"
#include "node/coverage_command.h"
#include "node/serve.h"

namespace comity::node {
namespace {

// What the flags of one such command said; kept by its action.
struct CoverageFlags {
  std::string party, at, area, kind, lang, out, file;
  std::string format = "table";
  std::vector<std::string> accede, withdraw;
};
using KeptCoverageFlags = std::shared_ptr<CoverageFlags>;
using OfLaw = Result<Outcome> (*)(const LawInHand&, const json::Object&);

json::Object arguments_of(const CoverageFlags& flags) {
  json::Object out;
  for (const auto& [name, value] :
       {std::pair("party", &flags.party), std::pair("at", &flags.at),
        std::pair("area", &flags.area), std::pair("kind", &flags.kind),
        std::pair("lang", &flags.lang), std::pair("format", &flags.format)}) {
    if (!value->empty()) out.set(name, *value);
  }
  return out;
}

// By the law of a node, or that of a register folder.
Result<Outcome> answer(const LawAdder& adder, const char* command, OfLaw of_law,
                       const json::Object& arguments) {
  const auto source = adder.source();
  if (adder.commands.data.empty()) {
    TRY(const auto in, law_in_hand(source));
    return of_law(in, arguments);
  }
  if (source.exercise) {
    return fail(ErrorKind::InvalidInput,
                "a data directory has its own mode and law: --exercise works on a register "
                "(--register DIR), without --data");
  }
  return run_command(adder.commands.data, command, arguments);
}

void add_where(CLI::App& command, const KeptCoverageFlags& flags, const char* party_help) {
  command.add_option("--party", flags->party, party_help);
  command.add_option("--at", flags->at, "a day or an RFC 3339 instant; now when absent");
}

void add_coverage(CLI::App& treaty, const LawAdder& adder) {
  const auto flags = std::make_shared<CoverageFlags>();
  auto* command = adder.commands.add(
      treaty, "coverage", "what the law covers: best basis and its state, by states and areas",
      "comity treaty coverage --party KZ --at 2026-11-23 --exercise",
      [adder, flags]() -> Result<Outcome> {
        if (flags->format == "json") adder.json = true;
        return answer(adder, "coverage", coverage_table, arguments_of(*flags));
      });
  add_where(*command, flags, "what this party has toward others; all pairs when absent");
  command->add_option("--area", flags->area, "this area alone");
  command->add_option("--format", flags->format, "table, json or csv")
      ->check(CLI::IsMember({"table", "json", "csv"}))
      ->capture_default_str();
  adder.exercise(*command);
}

void add_gaps(CLI::App& treaty, const LawAdder& adder) {
  const auto flags = std::make_shared<CoverageFlags>();
  auto* command = adder.commands.add(
      treaty, "gaps", "with whom a party has no basis in which areas, and what is nearest",
      "comity treaty gaps --party KZ --at 2026-11-23 --exercise",
      [adder, flags] { return answer(adder, "gaps", coverage_gaps, arguments_of(*flags)); });
  add_where(*command, flags, "whose gaps; that of the node with --data");
  adder.exercise(*command);
}

Result<Outcome> what_if(const LawAdder& adder, const CoverageFlags& flags) {
  auto arguments = arguments_of(flags);
  arguments.set("accede", json::array_of(flags.accede));
  arguments.set("withdraw", json::array_of(flags.withdraw));
  if (!flags.file.empty()) {
    TRY(auto text, read_file(flags.file, atlas::supposed_file_bytes_max));
    arguments.set("text", std::move(text));
    arguments.set("file_name", flags.file);
  }
  return answer(adder, "whatif", coverage_what_if, arguments);
}

void add_what_if(CLI::App& treaty, const LawAdder& adder) {
  const auto flags = std::make_shared<CoverageFlags>();
  auto* command = adder.commands.add(
      treaty, "whatif", "cells gained and lost if a party joined or left, or a text were in force",
      "comity treaty whatif --accede KZ:coe-185 --at 2026-11-23 --exercise",
      [adder, flags] { return what_if(adder, *flags); });
  command->add_option("--accede", flags->accede, "XX:ID, repeatable")->allow_extra_args(false);
  command->add_option("--withdraw", flags->withdraw, "XX:ID, repeatable")->allow_extra_args(false);
  command->add_option("--add", flags->file, "an instrument file that is not in the register");
  add_where(*command, flags, "show the cells of this party alone");
  command->add_option("--area", flags->area, "this area alone");
  adder.exercise(*command);
}

Result<Outcome> drawing(const LawAdder& adder, const CoverageFlags& flags) {
  TRY(auto outcome, answer(adder, "draw", coverage_drawing, arguments_of(flags)));
  if (flags.out.empty()) return outcome;
  TRY_STATUS(write_file(flags.out, outcome.text));
  outcome.text = fmt::format("wrote the drawing to {}\n", flags.out);
  return outcome;
}

void add_drawing(CLI::App& treaty, const LawAdder& adder) {
  const auto flags = std::make_shared<CoverageFlags>();
  auto* command = adder.commands.add(
      treaty, "draw", "the pyramid of levels or the web of agreements, as SVG",
      "comity treaty draw web --party KZ --at 2026-11-23 --lang ar --out web.svg",
      [adder, flags] { return drawing(adder, *flags); });
  command->add_option("kind", flags->kind, "pyramid or web")->required();
  add_where(*command, flags, "of this party; of all when absent");
  command->add_option("--lang", flags->lang, "en or ar; en when absent");
  command->add_option("--out", flags->out, "the file to write; standard output when absent");
  adder.exercise(*command);
}

}  // namespace

void add_coverage_commands(CLI::App& treaty, const LawAdder& adder) {
  add_coverage(treaty, adder);
  add_gaps(treaty, adder);
  add_what_if(treaty, adder);
  add_drawing(treaty, adder);
}

}  // namespace comity::node
