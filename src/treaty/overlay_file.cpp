#include "treaty/overlay_file.h"

#include <fmt/format.h>

#include <algorithm>

#include "treaty/request.h"
#include "treaty/reserved_ids.h"

namespace comity::treaty {
namespace {

constexpr const char* only_narrows =
    "forbid or require: an overlay may only narrow what agreements permit";
const Names verb_names{{"forbid", "require"}};
const Names scope_names{{"always"}};
const Names handling_names{{"clear", "green", "amber", "amber+strict", "red"}};
const Names human_names{{"human", "four-eyes", "release-officer"}};

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return text;
}

std::string place_of(const TomlTable& row) {
  return fmt::format("{}:{}", row.file(), row.node().position.line);
}

Position value_place(const TomlTable& row, const char* key) {
  return row.node().entry(key)->value.position;
}

bool is_any(const TomlNode& value) {
  return value.kind == TomlNode::Kind::String && value.text == "any";
}

}  // namespace

std::string overlay_id(const std::string& party_code) {
  return std::string(overlay_id_prefix) + lower(party_code);
}

std::string overlay_path(const std::string& party_code) {
  return fmt::format("overlays/{}.toml", lower(party_code));
}

void OverlayReader::read(TomlTable& root) {
  const auto* node = root.find("overlay", Presence::Required);
  std::optional<Overlay> overlay;
  if (node && node->kind != TomlNode::Kind::Table) {
    root.wrong_type(*node, "overlay", "a table [overlay]");
  } else if (node) {
    TomlTable row(*node, root.file(), problems_, "[overlay]");
    overlay = head(row);
    row.refuse_unknown_keys();
  }
  const auto rows = root.tables("rule");
  if (rows.empty()) {
    root.problem(root.node().position, "an overlay without a rule",
                 "tables under [[rule]]; without any, no file");
  }
  if (rows.size() > overlay_rules_max) {
    root.problem(rows[overlay_rules_max]->position, fmt::format("{} rules", rows.size()),
                 fmt::format("at most {}", overlay_rules_max));
    return;
  }
  Overlay read = overlay.value_or(Overlay());
  for (const auto* one : rows) {
    TomlTable row(*one, root.file(), problems_, "[[rule]]");
    auto added = rule(row);
    row.refuse_unknown_keys();
    const auto same = [&](const OverlayRule& other) { return other.id == added.id; };
    const auto first = std::find_if(read.rules.begin(), read.rules.end(), same);
    if (!added.id.empty() && first != read.rules.end()) {
      row.problem(value_place(row, "id"),
                  fmt::format("the rule '{}' stands in {} already", added.id, first->place),
                  "each id once in an overlay");
    }
    read.rules.push_back(std::move(added));
  }
  if (overlay) model_.overlays.push_back(std::move(read));
}

// The file name tells whose it is, so there is one of each party and none is overlooked.
std::optional<Overlay> OverlayReader::head(TomlTable& row) {
  Overlay out;
  const auto party = row.choice("party", parties_, Presence::Required);
  out.title = title(row);
  out.provenance = row.provenance("provenance", Presence::Required);
  out.note = row.text("note", Presence::Optional);
  out.place = place_of(row);
  if (!party) return std::nullopt;
  out.party = *party;
  const auto& code = parties_.values[static_cast<std::size_t>(*party)];
  out.id = overlay_id(code);
  const auto expected = overlay_path(code);
  if (row.file() != expected) {
    row.problem(value_place(row, "party"), fmt::format("'party' is '{}'", code),
                "the file at " + expected);
    return std::nullopt;
  }
  return out;
}

// title.en, and any other language.
std::string OverlayReader::title(TomlTable& row) {
  const auto* value = row.find("title", Presence::Required);
  if (!value) return {};
  if (value->kind != TomlNode::Kind::Table) {
    row.wrong_type(*value, "title", "title.en = \"…\", one key a language");
    return {};
  }
  TomlTable titles(*value, row.file(), problems_, "title");
  auto english = titles.text("en", Presence::Required);
  for (const auto& entry : value->entries) {
    if (is_language(entry.key)) {
      titles.text(entry.key.c_str(), Presence::Optional);
    } else {
      titles.problem(entry.position, fmt::format("the language {}", quoted(entry.key)),
                     "a language tag like en or zh-Hans");
    }
  }
  return english;
}

OverlayRule OverlayReader::rule(TomlTable& row) {
  OverlayRule out;
  out.place = place_of(row);
  out.id = row.word("id", Presence::Required);
  out.article = row.text("article", Presence::Required);
  out.says = row.text("says", Presence::Optional);
  out.note = row.text("note", Presence::Optional);
  out.provenance = row.provenance("provenance", Presence::Required);
  verb(row, out);
  row.choice("scope", scope_names, Presence::Optional);
  row.refuse("from", "'from' in a national overlay",
             "no such key: an overlay speaks of what its own party does");
  row.refuse("except", "'except' in a national overlay",
             "no exception: what is not meant stands in no rule");
  actions(row, out);
  dimensions(row, out);
  needs(row, out);
  times(row, out);
  return out;
}

void OverlayReader::verb(TomlTable& row, OverlayRule& rule) {
  const auto* value = row.find("verb", Presence::Required);
  if (!value) return;
  if (value->kind != TomlNode::Kind::String) {
    row.wrong_type(*value, "verb", only_narrows);
    return;
  }
  const auto index = verb_names.index(value->text);
  if (!index) {
    row.problem(value->position,
                fmt::format("the verb {} in a national overlay", quoted(value->text)),
                only_narrows);
    return;
  }
  rule.forbids = *index == 0;
}

// Without an action a rule would act on nothing and look as if it did.
void OverlayReader::actions(TomlTable& row, OverlayRule& rule) {
  constexpr Bits declining = bit(Action::Refuse) | bit(Action::Withdraw);
  const auto& names = model_.vocabulary.actions;
  const auto* value = row.find("action", Presence::Required);
  if (!value) return;
  if (is_any(*value)) {
    for (std::size_t i = 0; i < names.values.size(); ++i) rule.actions |= bit(static_cast<int>(i));
    rule.actions &= ~declining;
    return;
  }
  if (value->kind == TomlNode::Kind::String) {
    const auto index = row.index_of(*value, names, "action");
    rule.actions = index ? bit(*index) : 0;
  } else {
    rule.actions = row.choices("action", names, Presence::Required);
  }
  if ((rule.actions & declining) == 0) return;
  row.problem(value->position, "'action' holds refuse or withdraw",
              "other actions: to decline must always be possible");
}

void OverlayReader::dimensions(TomlTable& row, OverlayRule& rule) {
  const auto dimension = [&](const char* key, const Names& names) -> Bits {
    const auto* value = row.find(key);
    return value && !is_any(*value) ? row.choices(key, names, Presence::Optional) : 0;
  };
  rule.info = dimension("info", model_.vocabulary.classes);
  rule.areas = dimension("area", model_.vocabulary.areas);
  rule.purposes = dimension("purpose", model_.vocabulary.purposes);
  if (row.has("to")) {
    rule.to.emplace();
    for (const auto* value : row.strings("to", Presence::Optional)) {
      const auto party = row.index_of(*value, parties_, "to");
      if (party) rule.to->set(static_cast<std::size_t>(*party));
    }
  }
  if (const auto tlp = row.choice("handling_min", handling_names, Presence::Optional)) {
    rule.handling_min = static_cast<Tlp>(*tlp + 1);
  }
}

void OverlayReader::needs(TomlTable& row, OverlayRule& rule) {
  if (rule.forbids) {
    row.refuse("needs", "'needs' beside the verb forbid", "it only where the verb is require");
    return;
  }
  Names allowed{human_names};
  for (const auto& fact : model_.vocabulary.facts) allowed.values.push_back(fact.id);
  for (const auto* value : row.strings("needs", Presence::Required)) {
    Need need{Need::Kind::Fact, value->text, -1};
    if (!row.index_of(*value, allowed, "needs")) continue;
    if (human_names.index(value->text)) {
      need.kind = Need::Kind::Human;
    } else if (value->text == "rights-record") {
      need.kind = Need::Kind::RightsRecord;
    } else {
      need.fact = *model_.vocabulary.fact(value->text);
    }
    rule.needs.push_back(std::move(need));
  }
}

void OverlayReader::times(TomlTable& row, OverlayRule& rule) {
  rule.in_force = date_(row, "in_force", rule.provenance);
  rule.until = date_(row, "until", rule.provenance);
  if (!rule.in_force || !rule.until || rule.until->latest > rule.in_force->earliest) return;
  row.problem(value_place(row, "until"),
              fmt::format("the end {} is not after the beginning {}", rule.until->written,
                          rule.in_force->written),
              "'until' after 'in_force'");
}

}  // namespace comity::treaty
