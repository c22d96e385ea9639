#include "treaty/clause_family.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "json/write.h"

namespace comity::treaty {
namespace {

// What is a clause's own, whatever family it is of: which one it is, what it says, and who says so.
bool is_own(const std::string& key) {
  static const std::vector<std::string> keys = {
      "id",   "article",    "status",     "family",     "says",
      "note", "provenance", "instrument", "reading_of", "reading_by"};
  return std::find(keys.begin(), keys.end(), key) != keys.end();
}

bool holds(const std::vector<std::string>& keys, const std::string& key) {
  return std::find(keys.begin(), keys.end(), key) != keys.end();
}

// The keys of [instrument] that a family can ask for, because they carry what its text says.
const std::vector<std::string> head_keys = {"denunciation_notice", "languages"};

bool has(const Instrument& instrument, const std::string& head_key) {
  return head_key == "languages" ? !instrument.languages.empty()
                                 : instrument.denunciation_notice.has_value();
}

}  // namespace

const TomlNode* ClauseFamilies::fixes(TomlTable& row) {
  const auto* node = row.find("fixes", Presence::Required);
  if (!node) return nullptr;
  if (node->kind == TomlNode::Kind::Table) return node;
  row.wrong_type(*node, "fixes", "a table of keys of a clause");
  return nullptr;
}

std::vector<std::string> ClauseFamilies::keys_of(TomlTable& row, const char* list,
                                                 const std::vector<std::string>& keys) {
  std::vector<std::string> out;
  for (const auto* value : row.strings(list, Presence::Optional)) {
    if (!holds(keys, value->text)) {
      row.problem(value->position, fmt::format("'{}' has {}", list, quoted(value->text)),
                  fmt::format("one of {}", fmt::join(keys, ", ")), nearest(value->text, keys));
    }
    out.push_back(value->text);
  }
  return out;
}

void ClauseFamilies::read(TomlTable& row, const std::vector<std::string>& keys) {
  Family family;
  const auto id = row.word("id", Presence::Required);
  row.text("says", Presence::Required);
  if (const auto* node = row.find("fixes"); node && node->kind == TomlNode::Kind::Table) {
    family.fixes = node->entries;
  }
  family.open = keys_of(row, "open", keys);
  family.may = keys_of(row, "may", keys);
  family.head = keys_of(row, "head", head_keys);
  family.place = fmt::format("{}:{}", row.file(), row.node().position.line);
  for (const auto& one : family.fixes) {
    for (const char* list : {"open", "may"}) {
      if (!holds(std::string_view(list) == "open" ? family.open : family.may, one.key)) continue;
      row.problem(row.find(list)->position,
                  fmt::format("'{}' stands under 'fixes' and under '{}'", one.key, list),
                  "it under one of them");
    }
  }
  for (const auto& key : family.may) {
    if (!holds(family.open, key)) continue;
    row.problem(row.find("may")->position, fmt::format("'{}' is open as well", key),
                "what must be given under open, what may be given under may");
  }
  if (id.empty()) return;
  const auto [first, added] = families_.try_emplace(id, family);
  if (!added) {
    row.problem(row.find("id")->position,
                fmt::format("the family '{}' stands in {} already", id, first->second.place),
                "each id once");
  } else if (families_.size() > families_max) {
    row.problem(row.node().position, "one family too many",
                fmt::format("at most {}", families_max));
  }
}

std::optional<TomlNode> ClauseFamilies::written_out(TomlTable& row,
                                                    const Instrument& instrument) const {
  const auto id = row.word("family", Presence::Required);
  if (id.empty()) return std::nullopt;
  const auto place = row.find("family")->position;
  const auto found = families_.find(id);
  if (found == families_.end()) {
    std::vector<std::string> ids;
    for (const auto& [known, ignored] : families_) ids.push_back(known);
    row.problem(place, fmt::format("'family' is {}", quoted(id)),
                ids.empty() ? "no family: this register has no families.toml"
                            : fmt::format("one of {}", fmt::join(ids, ", ")),
                nearest(id, ids));
    return std::nullopt;
  }
  const auto& family = found->second;
  const bool keys = check_keys(row, id, family);
  const bool head = check_head(row, id, family, instrument);
  if (!keys || !head) return std::nullopt;
  auto out = row.node();
  std::erase_if(out.entries, [](const TomlEntry& one) { return one.key == "family"; });
  for (auto entry : family.fixes) {
    entry.position = place;
    entry.value.move_to(place);
    out.entries.push_back(std::move(entry));
  }
  std::sort(out.entries.begin(), out.entries.end(),
            [](const TomlEntry& a, const TomlEntry& b) { return a.key < b.key; });
  return out;
}

bool ClauseFamilies::check_keys(TomlTable& row, const std::string& id, const Family& family) const {
  bool good = true;
  for (const auto& entry : row.node().entries) {
    const auto& key = entry.key;
    if (is_own(key) || holds(family.open, key) || holds(family.may, key)) continue;
    good = false;
    const auto fixed = std::find_if(family.fixes.begin(), family.fixes.end(),
                                    [&](const TomlEntry& one) { return one.key == key; });
    if (fixed != family.fixes.end()) {
      row.problem(entry.position,
                  fmt::format("'{}' in a clause of the family '{}', which fixes it as {}", key, id,
                              json::write(to_json(fixed->value))),
                  "it left out, or the clause written out without 'family'");
      continue;
    }
    auto allowed = family.open;
    allowed.insert(allowed.end(), family.may.begin(), family.may.end());
    row.problem(entry.position,
                fmt::format("{} in a clause of the family '{}', which does not declare it",
                            quoted(key), id),
                allowed.empty()
                    ? "a clause without further keys, or one written out without 'family'"
                    : fmt::format("{}, or the clause written out without 'family'",
                                  fmt::join(allowed, ", ")),
                nearest(key, allowed));
  }
  for (const auto& key : family.open) {
    if (row.has(key.c_str())) continue;
    good = false;
    row.problem(
        row.node().position,
        fmt::format("a clause of the family '{}' without '{}', which the family leaves open", id,
                    key),
        "this key");
  }
  return good;
}

bool ClauseFamilies::check_head(TomlTable& row, const std::string& id, const Family& family,
                                const Instrument& instrument) const {
  bool good = true;
  for (const auto& key : family.head) {
    if (has(instrument, key)) continue;
    good = false;
    row.problem(row.find("family")->position,
                fmt::format("a clause of the family '{}' in an instrument without '{}'", id, key),
                fmt::format("'{}' in [instrument], which says it for the whole", key));
  }
  return good;
}

}  // namespace comity::treaty
