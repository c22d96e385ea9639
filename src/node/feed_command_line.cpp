#include "node/feed_command_line.h"

#include <CLI/CLI.hpp>
#include <array>
#include <memory>

#include "base/file.h"
#include "node/serve.h"

namespace comity::node {
namespace {

// What the flags of one such command said; kept by its action.
struct FeedFlags {
  std::string name, url, collection, credentials, authorities, pin, tlp, area, purpose;
  bool again = false;
};

// Paths mean the caller's working directory, not that of a serving process.
Result<json::Object> feed_arguments(const FeedFlags& flags) {
  using Flag = std::pair<const char*, const std::string*>;
  json::Object out;
  for (const auto& [name, value] : std::to_array<Flag>({{"name", &flags.name},
                                                        {"url", &flags.url},
                                                        {"collection", &flags.collection},
                                                        {"pin", &flags.pin},
                                                        {"tlp", &flags.tlp},
                                                        {"area", &flags.area},
                                                        {"purpose", &flags.purpose}})) {
    if (!value->empty()) out.set(name, *value);
  }
  for (const auto& [name, value] : std::to_array<Flag>(
           {{"credentials", &flags.credentials}, {"authorities", &flags.authorities}})) {
    if (value->empty()) continue;
    TRY(auto path, absolute_path(*value));
    out.set(name, std::move(path));
  }
  if (flags.again) out.set("again", true);
  return out;
}

Result<Outcome> run_feed(const std::string& data, const char* command, const FeedFlags& flags) {
  if (data.empty()) {
    return fail(ErrorKind::InvalidInput, "which node? give --data DIR or set COMITY_DATA");
  }
  TRY(const auto arguments, feed_arguments(flags));
  return run_command(data, command, arguments);
}

}  // namespace

void add_feed_commands(CLI::App& app, const CommandAdder& adder) {
  auto* group = app.add_subcommand("feed", "TAXII servers of others from which this node reads");
  group->require_subcommand(1);
  const auto& data = adder.data;
  const auto add = [&](const char* name, const char* description, const std::string& example,
                       const char* command, const std::shared_ptr<FeedFlags>& flags) {
    return adder.add(*group, name, description, example,
                     [&data, command, flags] { return run_feed(data, command, *flags); });
  };
  const auto adding = std::make_shared<FeedFlags>();
  auto* made = add("add", "find a collection at a TAXII 2.1 server and enter it as a feed",
                   "comity feed add --name vendor --url https://taxii.example/taxii2/ --collection "
                   "indicators --credentials vendor.json --tlp green --data cn",
                   "feed-add", adding);
  made->add_option("--name", adding->name, "small letters, digits, hyphens; never used again")
      ->required();
  made->add_option("--url", adding->url, "of the discovery resource or of an API root; https")
      ->required();
  made->add_option("--collection", adding->collection, "its id or alias")->required();
  made->add_option("--credentials", adding->credentials,
                   "a JSON file with user and password, bearer, or certificate and key");
  auto* pin = made->add_option("--pin", adding->pin,
                               "sha256:… of the server's certificate, in place of authorities");
  made->add_option("--ca", adding->authorities,
                   "PEM file of the authorities that decide; default: those of the system")
      ->excludes(pin);
  made->add_option("--tlp", adding->tlp, "handling for objects that state none");
  made->add_option("--area", adding->area, "default threat-information");
  made->add_option("--purpose", adding->purpose, "default warning");
  add("list", "feeds, how far they were read, and what they lack", "comity feed list --data cn",
      "feed-list", std::make_shared<FeedFlags>());
  const auto pulling = std::make_shared<FeedFlags>();
  auto* pull = add("pull", "read on to the end, and report losses",
                   "comity feed pull vendor --data cn", "feed-pull", pulling);
  pull->add_option("name", pulling->name, "the feed")->required();
  pull->add_flag("--again", pulling->again, "from the beginning");
  const auto ending = std::make_shared<FeedFlags>();
  add("end", "read a feed no more; what it brought stays", "comity feed end vendor --data cn",
      "feed-end", ending)
      ->add_option("name", ending->name, "the feed")
      ->required();
}

}  // namespace comity::node
