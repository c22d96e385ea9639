#include "node/outpost_command_line.h"

#include <CLI/CLI.hpp>
#include <array>
#include <memory>

#include "base/file.h"
#include "node/serve.h"

namespace comity::node {
namespace {

// What the flags of one such command said; kept by its action.
struct OutpostFlags {
  std::string name, party, url, collection, exercise, credentials, authorities, pin;
  std::vector<std::string> officers, passphrase_files;
};
using KeptOutpostFlags = std::shared_ptr<OutpostFlags>;

// Paths mean the caller's working directory, not that of a serving process.
Result<json::Object> outpost_arguments(const OutpostFlags& flags) {
  using Flag = std::pair<const char*, const std::string*>;
  json::Object out;
  for (const auto& [name, value] : std::to_array<Flag>({{"name", &flags.name},
                                                        {"party", &flags.party},
                                                        {"url", &flags.url},
                                                        {"collection", &flags.collection},
                                                        {"exercise", &flags.exercise},
                                                        {"pin", &flags.pin}})) {
    if (!value->empty()) out.set(name, *value);
  }
  for (const auto& [name, value] : std::to_array<Flag>(
           {{"credentials", &flags.credentials}, {"authorities", &flags.authorities}})) {
    if (value->empty()) continue;
    TRY(auto path, absolute_path(*value));
    out.set(name, std::move(path));
  }
  return out;
}

Result<Outcome> run_outpost(const std::string& data, const char* command,
                            const OutpostFlags& flags) {
  if (data.empty()) {
    return fail(ErrorKind::InvalidInput, "which node? give --data DIR or set COMITY_DATA");
  }
  TRY(auto arguments, outpost_arguments(flags));
  Passphrases passphrases(flags.passphrase_files);
  return run_approved(data, command, std::move(arguments), flags.officers, passphrases);
}

// The flags of a new outpost.
void add_terms(CLI::App& made, OutpostFlags& flags) {
  made.add_option("--name", flags.name, "small letters, digits, hyphens; never used again")
      ->required();
  made.add_option("--party", flags.party, "whose server it is; it has no node")->required();
  made.add_option("--url", flags.url, "of the discovery resource or of an API root; https")
      ->required();
  made.add_option("--collection", flags.collection, "its id or alias")->required();
  made.add_option("--exercise", flags.exercise,
                  "the exercise that the collection is of; that of this node");
  made.add_option("--credentials", flags.credentials,
                  "a JSON file with user and password, bearer, or certificate and key");
  auto* pin = made.add_option("--pin", flags.pin,
                              "sha256:… of the server's certificate, in place of authorities");
  made.add_option("--ca", flags.authorities,
                  "PEM file of the authorities that decide; default: those of the system")
      ->excludes(pin);
  add_approval(made, flags.officers, flags.passphrase_files);
}

}  // namespace

void add_outpost_commands(CLI::App& app, const CommandAdder& adder) {
  auto* group = app.add_subcommand(
      "outpost", "TAXII servers of parties without node, to which this node writes");
  group->require_subcommand(1);
  const auto& data = adder.data;
  const auto add = [&](const char* name, const char* description, const std::string& example,
                       const char* command, const KeptOutpostFlags& flags) {
    return adder.add(*group, name, description, example,
                     [&data, command, flags] { return run_outpost(data, command, *flags); });
  };
  const auto adding = std::make_shared<OutpostFlags>();
  auto* made = add("add", "find a party's collection and enter it; two officers sign",
                   "comity outpost add --name kz-cert --party KZ --url https://taxii.example/ "
                   "--collection shared --credentials kz.json --officer a.pem --officer b.pem "
                   "--data cn",
                   "outpost-add", adding);
  add_terms(*made, *adding);
  add("list", "outposts, and what their servers have acknowledged", "comity outpost list --data cn",
      "outpost-list", std::make_shared<OutpostFlags>());
  const auto named = [&](const char* name, const char* description, const std::string& example,
                         const char* command) {
    const auto flags = std::make_shared<OutpostFlags>();
    auto* added = add(name, description, example, command, flags);
    added->add_option("name", flags->name, "the outpost")->required();
    return std::pair(added, flags);
  };
  named("check", "ask its server whether we may write; sends nothing",
        "comity outpost check kz-cert --data cn", "outpost-check");
  named("retry", "post again what its server refused", "comity outpost retry kz-cert --data cn",
        "outpost-retry");
  const auto [ending, flags] = named(
      "remove", "post nothing there any more; two officers sign",
      "comity outpost remove kz-cert --officer a.pem --officer b.pem --data cn", "outpost-remove");
  add_approval(*ending, flags->officers, flags->passphrase_files);
}

}  // namespace comity::node
