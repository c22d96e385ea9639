#include "node/pattern_command_line.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "node/pattern_command.h"

namespace comity::node {
namespace {

struct PatternFlags {
  std::string pattern;
  std::vector<std::string> files;
  bool jsonl = false;
};
using KeptPatternFlags = std::shared_ptr<PatternFlags>;

// Answers on standard output what stands on standard input, line by line.
Result<Outcome> by_lines(Result<int> (*lines)(std::istream&, std::ostream&)) {
  if (isatty(STDIN_FILENO) == 1) {
    std::cerr << "reading requests from standard input, a JSON object a line; Ctrl-D ends\n";
  }
  std::ios::sync_with_stdio(false);
  Outcome outcome;
  TRY(outcome.exit_code, lines(std::cin, std::cout));
  return outcome;
}

tl::unexpected<Error> no_pattern() {
  return fail(ErrorKind::InvalidInput,
              "no pattern: give one between quotes, or --jsonl for one request a line, a JSON "
              "object, from standard input");
}

void add_flags(CLI::App& command, PatternFlags& flags) {
  auto* pattern = command.add_option("pattern", flags.pattern, "the pattern, between quotes");
  command.add_flag("--jsonl", flags.jsonl, "one request a line from standard input")
      ->excludes(pattern)
      ->excludes(command.get_option("--json"));
}

}  // namespace

void add_pattern_commands(CLI::App& app, const CommandAdder& adder) {
  auto* group = app.add_subcommand("pattern", "STIX patterns");
  group->require_subcommand(1);
  const auto of_validate = std::make_shared<PatternFlags>();
  auto* validate = adder.add(*group, "validate", "is it a valid pattern, and where not",
                             R"(comity pattern validate "[file:size = 1280]")",
                             [flags = of_validate]() -> Result<Outcome> {
                               if (flags->jsonl) return by_lines(validate_pattern_lines);
                               if (flags->pattern.empty()) return no_pattern();
                               return validate_pattern(flags->pattern);
                             });
  add_flags(*validate, *of_validate);
  const auto of_match = std::make_shared<PatternFlags>();
  auto* match = adder.add(*group, "match", "does it match what bundles observed",
                          R"(comity pattern match "[file:size = 1280]" observed.json)",
                          [flags = of_match]() -> Result<Outcome> {
                            if (flags->jsonl) return by_lines(match_pattern_lines);
                            if (flags->pattern.empty()) return no_pattern();
                            return match_pattern(flags->pattern, flags->files);
                          });
  add_flags(*match, *of_match);
  match->add_option("files", of_match->files, "bundles with observed-data; - is standard input");
}

}  // namespace comity::node
