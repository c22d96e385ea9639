#include "node/party_import_command.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/file.h"
#include "treaty/csv.h"
#include "treaty/toml_document.h"

namespace comity::node {
namespace {

struct Target {
  std::string path;           // on disk
  std::string register_path;  // where it stands, or would stand, in the register
};

// The place of an instrument file in a register, by its id and its first level claim.
Result<std::string> place_of(const std::string& path, const std::string& text) {
  treaty::ProblemList problems;
  const auto document = treaty::parse_toml(path, text, problems);
  if (!document) return tl::unexpected<Error>(treaty::as_error(problems.finish()));
  const auto* head = document->entry("instrument");
  const auto* id = head ? head->value.entry("id") : nullptr;
  const auto* claims = head ? head->value.entry("level_claims") : nullptr;
  const auto* level =
      claims && !claims->value.items.empty() ? claims->value.items.front().entry("level") : nullptr;
  if (!id || !level) {
    return fail(ErrorKind::InvalidInput,
                "this is no instrument file: it has no id and level under [instrument]", path);
  }
  return fmt::format("instruments/{}/{}.toml", level->value.text, id->value.text);
}

Result<Target> find_target(const PartyImport& import, treaty::RegisterFiles& files) {
  if (file_exists(import.into)) {
    TRY(auto text, read_file(import.into, treaty::register_bytes_max));
    TRY(auto place, place_of(import.into, text));
    files[place] = std::move(text);
    return Target{import.into, std::move(place)};
  }
  const auto found = std::find_if(files.begin(), files.end(), [&](const auto& file) {
    return file.first.starts_with("instruments/") &&
           file.first.ends_with("/" + import.into + ".toml");
  });
  if (found == files.end()) {
    return fail(ErrorKind::NotFound,
                fmt::format("--into '{}' is neither a file nor the id of an instrument of {}",
                            import.into, import.register_directory));
  }
  return Target{import.register_directory + "/" + found->first, found->first};
}

const char* or_none(const std::string& value) { return value.empty() ? "–" : value.c_str(); }

std::string text_of(const treaty::PartyEdit& edit) {
  std::string out;
  for (const auto& one : edit.changes) {
    const bool added =
        std::find(edit.added.begin(), edit.added.end(), one.code) != edit.added.end();
    out += fmt::format("{:<6} {:<5} {:<12} {} → {}\n", one.code, added ? "new" : "", one.key,
                       or_none(one.before), or_none(one.after));
  }
  std::vector<std::string> changed;
  for (const auto& one : edit.changes) {
    if (changed.empty() || changed.back() != one.code) changed.push_back(one.code);
  }
  out += fmt::format("{} parties added, {} changed, {} as they were\n", edit.added.size(),
                     changed.size() - edit.added.size(), edit.unchanged.size());
  if (!edit.not_listed.empty()) {
    out += fmt::format("left alone, for the table does not name them: {}\n",
                       fmt::join(edit.not_listed, ", "));
  }
  return out;
}

json::Object data_of(const treaty::PartyEdit& edit) {
  json::Object out;
  json::Array changes;
  for (const auto& one : edit.changes) {
    json::Object row;
    row.set("party", one.code);
    row.set("key", one.key);
    row.set("before", one.before.empty() ? json::Value() : json::Value(one.before));
    row.set("after", one.after.empty() ? json::Value() : json::Value(one.after));
    changes.push_back(std::move(row));
  }
  out.set("changes", std::move(changes));
  const auto listed = [&](const char* key, const std::vector<std::string>& codes) {
    json::Array list;
    for (const auto& code : codes) list.emplace_back(code);
    out.set(key, std::move(list));
  };
  listed("added", edit.added);
  listed("unchanged", edit.unchanged);
  listed("not_listed", edit.not_listed);
  return out;
}

}  // namespace

Result<Outcome> import_parties(const PartyImport& import) {
  TRY(const auto csv, read_file(import.table, treaty::csv_bytes_max));
  TRY(auto files, treaty::read_register(import.register_directory));
  TRY(const auto target, find_target(import, files));
  const auto edit = treaty::import_parties(files, target.register_path, import.table, csv);
  if (!edit) return tl::unexpected<Error>(treaty::as_error(edit.error()));
  const auto& path = import.out.empty() ? target.path : import.out;
  const bool write = !import.dry_run && (!edit->changes.empty() || !import.out.empty());
  if (write) {
    TRY_STATUS(write_file(path, edit->text));
  }
  Outcome outcome;
  outcome.text = text_of(*edit);
  outcome.text += write            ? fmt::format("wrote {}\n", path)
                  : import.dry_run ? std::string("nothing was written\n")
                                   : std::string("nothing to write\n");
  auto data = data_of(*edit);
  data.set("file", path);
  data.set("written", write);
  outcome.data = std::move(data);
  return outcome;
}

}  // namespace comity::node
