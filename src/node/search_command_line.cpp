#include "node/search_command_line.h"

#include <CLI/CLI.hpp>
#include <memory>

#include "node/search_command.h"
#include "node/serve.h"

namespace comity::node {
namespace {

// What the flags said; kept by the action.
struct SearchFlags {
  std::string text, type;
  std::int64_t limit = search_limit_default;
  bool rebuild = false;
};

Result<Outcome> run_search_flags(const std::string& data, const SearchFlags& flags) {
  if (data.empty()) {
    return fail(ErrorKind::InvalidInput, "which node? give --data DIR or set COMITY_DATA");
  }
  if (flags.rebuild) return run_command(data, "search-rebuild", {});
  if (flags.text.empty()) {
    return fail(ErrorKind::InvalidInput, "what to search for? give a value, or words in quotes");
  }
  json::Object arguments;
  arguments.set("text", flags.text);
  if (!flags.type.empty()) arguments.set("type", flags.type);
  arguments.set("limit", flags.limit);
  return run_command(data, "search", arguments);
}

}  // namespace

void add_search_command(CLI::App& app, const CommandAdder& adder) {
  const auto flags = std::make_shared<SearchFlags>();
  const auto& data = adder.data;
  auto* command = adder.add(
      app, "search", "find records by a value (address, domain, digest, CVE …) or by words",
      "comity search 198.51.100.7 --data cn; comity search 'spear \"phishing link\"' --data cn",
      [&data, flags] { return run_search_flags(data, *flags); });
  auto* text = command->add_option(
      "text", flags->text, "a value, or words and \"quoted phrases\", all of which are found");
  command->add_option("--type", flags->type, "records of this STIX type only");
  command->add_option("--limit", flags->limit, "so many records at most")
      ->check(CLI::Range(std::int64_t{1}, search_limit_max))
      ->capture_default_str();
  command->add_flag("--rebuild", flags->rebuild, "make the indexes anew from the records")
      ->excludes(text);
}

}  // namespace comity::node
