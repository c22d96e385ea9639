#include "treaty/toml_reader.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <tuple>

namespace comity::treaty {
namespace {

constexpr std::size_t quoted_bytes_max = 80;

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const auto end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

// Insertions, deletions and replacements of bytes (Levenshtein).
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 0; i < a.size(); ++i) {
    auto diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const auto replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, diagonal + 1});
    }
  }
  return row[b.size()];
}

std::string description(const TomlNode& node) {
  switch (node.kind) {
    case TomlNode::Kind::String:
      return "the string " + quoted(node.text);
    case TomlNode::Kind::Integer:
      return fmt::format("the integer {}", node.integer);
    case TomlNode::Kind::Float:
      return "a number with a fraction";
    case TomlNode::Kind::Boolean:
      return node.boolean ? "true" : "false";
    case TomlNode::Kind::Date:
      return "the date " + node.text;
    case TomlNode::Kind::Time:
      return node.text.empty() ? "a time of day, or one of another zone than UTC"
                               : "the instant " + node.text;
    case TomlNode::Kind::Array:
      return node.items.empty() ? "an empty list" : "a list";
    case TomlNode::Kind::Table:
      return "a table";
  }
  return "a value";
}

}  // namespace

const TomlEntry* TomlNode::entry(std::string_view key) const {
  const auto it =
      std::lower_bound(entries.begin(), entries.end(), key,
                       [](const TomlEntry& one, std::string_view k) { return one.key < k; });
  return it != entries.end() && it->key == key ? &*it : nullptr;
}

void TomlNode::move_to(Position place) {
  position = place;
  for (auto& item : items) item.move_to(place);
  for (auto& entry : entries) {
    entry.position = place;
    entry.value.move_to(place);
  }
}

json::Value to_json(const TomlNode& node) {
  switch (node.kind) {
    case TomlNode::Kind::Integer:
      return node.integer;
    case TomlNode::Kind::Float:
      return node.real;
    case TomlNode::Kind::Boolean:
      return node.boolean;
    case TomlNode::Kind::Array: {
      json::Array array;
      for (const auto& item : node.items) array.push_back(to_json(item));
      return array;
    }
    case TomlNode::Kind::Table: {
      json::Object object;
      for (const auto& entry : node.entries) object.append(entry.key, to_json(entry.value));
      return object;
    }
    case TomlNode::Kind::String:
    case TomlNode::Kind::Date:
    case TomlNode::Kind::Time:
      break;
  }
  return node.text;
}

void ProblemList::add(const std::string& file, Position position, std::string found,
                      std::string expected, std::string suggestion, bool unsourced) {
  if (problems_.size() >= problems_max) {
    ++more_;
    return;
  }
  problems_.push_back({file, position.line, position.column, std::move(found), std::move(expected),
                       std::move(suggestion), unsourced});
}

std::vector<Problem> ProblemList::finish() {
  std::stable_sort(problems_.begin(), problems_.end(), [](const Problem& a, const Problem& b) {
    return std::tie(a.file, a.line, a.column) < std::tie(b.file, b.line, b.column);
  });
  if (more_ > 0) {
    problems_.push_back(
        {"", 0, 0, fmt::format("{} more problems are not shown", more_), "", "", false});
  }
  return std::move(problems_);
}

std::string quoted(std::string_view text) {
  auto length = std::min(text.size(), quoted_bytes_max);
  // A cut must not fall inside a UTF-8 sequence.
  while (length < text.size() && length > 0 && (text[length] & 0xc0) == 0x80) --length;
  std::string out = "'";
  for (const char c : text.substr(0, length)) out += is_control(c) ? '?' : c;
  return out + (length < text.size() ? "…'" : "'");
}

std::string nearest(std::string_view word, const std::vector<std::string>& candidates) {
  if (word.size() > quoted_bytes_max) return {};
  auto best = std::max<std::size_t>(1, word.size() / 3) + 1;
  std::string out;
  for (const auto& candidate : candidates) {
    if (candidate.size() > quoted_bytes_max) continue;
    const auto distance = edit_distance(word, candidate);
    if (distance >= best) continue;
    best = distance;
    out = candidate;
  }
  return out;
}

bool is_kebab(std::string_view text) {
  bool after_separator = true;
  for (const char c : text) {
    if (c == '-' ? after_separator : !is_lower(c) && !is_digit(c)) return false;
    after_separator = c == '-';
  }
  return !after_separator;
}

bool is_provenance(std::string_view text) {
  for (const auto token : split(text, ' ')) {
    if (token == "S" || token == "X" || token == "K:h" || token == "K:m" || token == "K:l") {
      continue;
    }
    const bool found = token.size() >= 2 && token[0] == 'F' &&
                       std::all_of(token.begin() + 1, token.end(), is_digit);
    if (!found) return false;
  }
  return true;
}

std::string weakest_provenance(const std::string& provenance) {
  for (const char* token : {"K:l", "K:m", "K:h"}) {
    if (provenance.find(token) != std::string::npos) return token;
  }
  return provenance.substr(0, provenance.find(' '));
}

bool is_language(std::string_view text) {
  const auto parts = split(text, '-');
  const auto primary = parts.front();
  if (primary.size() < 2 || primary.size() > 3) return false;
  if (!std::all_of(primary.begin(), primary.end(), is_lower)) return false;
  return std::all_of(parts.begin() + 1, parts.end(), [](std::string_view part) {
    return part.size() >= 2 && part.size() <= 8 &&
           std::all_of(part.begin(), part.end(),
                       [](char c) { return is_lower(c) || is_digit(c) || (c >= 'A' && c <= 'Z'); });
  });
}

TomlTable::TomlTable(const TomlNode& node, std::string file, ProblemList& problems,
                     std::string what)
    : node_(node), file_(std::move(file)), problems_(problems), what_(std::move(what)) {}

const TomlNode* TomlTable::find(const char* key, Presence presence) {
  if (std::find(known_.begin(), known_.end(), key) == known_.end()) known_.emplace_back(key);
  const auto* entry = node_.entry(key);
  if (entry) return &entry->value;
  if (presence == Presence::Required) {
    problem(node_.position, fmt::format("{} has no '{}'", what_, key), "this key");
  }
  return nullptr;
}

bool TomlTable::check_text(const TomlNode& value, const std::string& key) {
  if (value.kind != TomlNode::Kind::String) {
    wrong_type(value, key, "a string");
    return false;
  }
  const auto control = std::find_if(value.text.begin(), value.text.end(),
                                    [](char c) { return is_control(c) && c != '\n'; });
  if (value.text.empty() || control != value.text.end()) {
    problem(value.position,
            value.text.empty() ? fmt::format("'{}' is empty", key)
                               : fmt::format("'{}' holds a control character", key),
            "a text for people");
    return false;
  }
  return true;
}

std::string TomlTable::text(const char* key, Presence presence) {
  const auto* value = find(key, presence);
  return value && check_text(*value, key) ? value->text : std::string();
}

std::string TomlTable::word(const char* key, Presence presence) {
  const auto* value = find(key, presence);
  if (!value || !check_text(*value, key)) return {};
  if (!is_kebab(value->text)) {
    problem(value->position, fmt::format("'{}' is {}", key, quoted(value->text)),
            "kebab-case: small letters, digits and single hyphens");
    return {};
  }
  return value->text;
}

std::string TomlTable::provenance(const char* key, Presence presence) {
  const auto* value = find(key);
  if (!value) {
    if (presence == Presence::Required) {
      unsourced(node_.position, fmt::format("{} has no '{}'", what_, key), "this key");
    }
    return {};
  }
  if (value->kind == TomlNode::Kind::String && is_provenance(value->text)) return value->text;
  unsourced(value->position,
            value->kind == TomlNode::Kind::String
                ? fmt::format("'{}' is {}", key, quoted(value->text))
                : fmt::format("'{}' is {}", key, description(*value)),
            "S, F<number>, K:h, K:m, K:l or X, several separated by one blank");
  return {};
}

void TomlTable::unsourced(Position position, std::string found, std::string expected) {
  problems_.add(file_, position, std::move(found), std::move(expected), {}, true);
}

bool TomlTable::flag(const char* key, Presence presence) {
  const auto* value = find(key, presence);
  if (!value) return false;
  if (value->kind != TomlNode::Kind::Boolean) {
    wrong_type(*value, key, "true or false, without quotes");
    return false;
  }
  return value->boolean;
}

std::optional<int> TomlTable::index_of(const TomlNode& value, const Names& names,
                                       const std::string& what) {
  if (!check_text(value, what)) return std::nullopt;
  const auto index = names.index(value.text);
  if (!index && !names.values.empty()) {
    problem(value.position, fmt::format("'{}' is {}", what, quoted(value.text)),
            fmt::format("one of {}", fmt::join(names.values, ", ")),
            nearest(value.text, names.values));
  }
  return index;
}

std::optional<int> TomlTable::choice(const char* key, const Names& names, Presence presence) {
  const auto* value = find(key, presence);
  return value ? index_of(*value, names, key) : std::nullopt;
}

std::vector<const TomlNode*> TomlTable::strings(const char* key, Presence presence) {
  const auto* value = find(key, presence);
  if (!value) return {};
  if (value->kind != TomlNode::Kind::Array || value->items.empty()) {
    wrong_type(*value, key, "a list of at least one string");
    return {};
  }
  if (value->items.size() > list_items_max) {
    problem(value->position, fmt::format("'{}' has {} values", key, value->items.size()),
            fmt::format("at most {}", list_items_max));
    return {};
  }
  std::vector<const TomlNode*> out;
  for (const auto& item : value->items) {
    if (!check_text(item, key)) continue;
    const bool repeated = std::any_of(
        out.begin(), out.end(), [&](const TomlNode* other) { return other->text == item.text; });
    if (repeated) {
      problem(item.position, fmt::format("{} appears twice in '{}'", quoted(item.text), key),
              "each value once");
    }
    out.push_back(&item);
  }
  return out;
}

Bits TomlTable::choices(const char* key, const Names& names, Presence presence) {
  Bits out = 0;
  for (const auto* value : strings(key, presence)) {
    if (const auto index = index_of(*value, names, key)) out |= Bits{1} << *index;
  }
  return out;
}

std::vector<const TomlNode*> TomlTable::tables(const char* key) {
  const auto* value = find(key);
  if (!value) return {};
  if (value->kind != TomlNode::Kind::Array) {
    wrong_type(*value, key, fmt::format("tables under [[{}]]", key));
    return {};
  }
  std::vector<const TomlNode*> out;
  for (const auto& item : value->items) {
    if (item.kind == TomlNode::Kind::Table) {
      out.push_back(&item);
    } else {
      wrong_type(item, key, fmt::format("tables under [[{}]]", key));
    }
  }
  return out;
}

void TomlTable::problem(Position position, std::string found, std::string expected,
                        std::string suggestion) {
  problems_.add(file_, position, std::move(found), std::move(expected), std::move(suggestion));
}

void TomlTable::wrong_type(const TomlNode& value, const std::string& key,
                           const std::string& expected) {
  problem(value.position, fmt::format("'{}' is {}", key, description(value)), expected);
}

void TomlTable::refuse(const char* key, const std::string& found, const std::string& expected) {
  find(key);
  if (const auto* entry = node_.entry(key)) problem(entry->position, found, expected);
}

void TomlTable::refuse_unknown_keys() {
  std::sort(known_.begin(), known_.end());
  for (const auto& entry : node_.entries) {
    if (std::binary_search(known_.begin(), known_.end(), entry.key)) continue;
    problem(entry.position, fmt::format("unknown key {} in {}", quoted(entry.key), what_),
            fmt::format("one of {}", fmt::join(known_, ", ")), nearest(entry.key, known_));
  }
}

}  // namespace comity::treaty
