#include "treaty/party_edit.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

#include "json/write.h"
#include "treaty/toml_document.h"

namespace comity::treaty {
namespace {

// The order in which keys of a [[party]] are written.
const std::vector<std::string> key_order = {"code",    "in_force",   "until",
                                            "status",  "signed",     "consented",
                                            "consent", "provenance", "verification"};

std::size_t rank(const std::string& key) {
  return static_cast<std::size_t>(std::find(key_order.begin(), key_order.end(), key) -
                                  key_order.begin());
}

struct Line {
  std::string text;                 // without its end
  std::vector<std::string> before;  // new lines in front of it
  std::vector<std::string> behind;  // and behind it
  bool removed = false;
};

std::vector<Line> split_lines(const std::string& text) {
  std::vector<Line> out;
  for (std::size_t at = 0; at <= text.size();) {
    const auto end = std::min(text.find('\n', at), text.size());
    Line line;
    line.text = text.substr(at, end - at);
    if (line.text.ends_with('\r')) line.text.pop_back();
    out.push_back(std::move(line));
    at = end + 1;
  }
  return out;
}

bool is_comment(std::string_view line) {
  const auto first = line.find_first_not_of(" \t");
  return first != std::string_view::npos && line[first] == '#';
}

// The byte at which the character with that column, from 1, begins.
std::size_t byte_of(const std::string& line, int column) {
  std::size_t place = 0;
  for (int left = column - 1; left > 0 && place < line.size(); --left) {
    ++place;
    while (place < line.size() && (line[place] & 0xc0) == 0x80) ++place;
  }
  return place;
}

// Behind the value that begins at `begin`: a date, a word or a string of one line.
std::size_t value_end(const std::string& line, std::size_t begin) {
  const char quote = begin < line.size() ? line[begin] : '\0';
  if (quote != '"' && quote != '\'') {
    return std::min(line.find_first_of(" \t#", begin), line.size());
  }
  auto place = begin + 1;
  while (place < line.size() && line[place] != quote) {
    place += line[place] == '\\' && quote == '"' ? 2 : 1;
  }
  return std::min(place + 1, line.size());
}

// A value of a party as TOML has it.
std::string written(const TomlNode& node) {
  return node.kind == TomlNode::Kind::Date ? node.text : json::write(to_json(node));
}

class PartyEditor {
 public:
  PartyEditor(const std::string& file, const std::string& text, ProblemList& problems)
      : file_(file), text_(text), problems_(problems) {}

  PartyEdit edit(const std::vector<PartyStatus>& rows) {
    PartyEdit out;
    const auto document = parse_toml(file_, text_, problems_);
    lines_ = split_lines(text_);
    if (!document || !find_parties(*document)) return out;
    for (const auto& row : rows) {
      const auto found = parties_.find(row.code);
      if (found == parties_.end()) {
        add(row, out);
      } else {
        change(row, *found->second, out);
      }
    }
    for (const auto& known : parties_) {
      const auto& code = known.first;
      const bool listed = std::any_of(rows.begin(), rows.end(),
                                      [&](const PartyStatus& row) { return row.code == code; });
      if (!listed) out.not_listed.push_back(code);
    }
    out.text = out.changes.empty() ? text_ : joined();
    check(*document, rows, out);
    return out;
  }

 private:
  void refuse(Position position, std::string found, std::string expected) {
    problems_.add(file_, position, std::move(found), std::move(expected));
  }

  bool find_parties(const TomlNode& document) {
    const auto* list = document.entry("party");
    if (!list) return true;
    for (const auto& node : list->value.items) {
      const auto* code = node.entry("code");
      const auto line = static_cast<std::size_t>(node.position.line);
      const auto text = line > 0 && line <= lines_.size() ? lines_[line - 1].text : std::string();
      const auto first = text.find_first_not_of(" \t");
      const bool header = first != std::string::npos && text.substr(first).starts_with("[[");
      if (!header || !code || code->value.kind != TomlNode::Kind::String) {
        refuse(node.position, "a party that stands within a list, or has no code",
               "each party as a table under [[party]]; then its status can be imported");
        return false;
      }
      parties_[code->value.text] = &node;
    }
    return true;
  }

  Line& line_of(const TomlEntry& entry) {
    return lines_[static_cast<std::size_t>(entry.position.line) - 1];
  }

  void change(const PartyStatus& row, const TomlNode& party, PartyEdit& out) {
    const auto before = out.changes.size();
    for (const auto& [key, value] : row.values) {
      const auto* entry = party.entry(key);
      const auto old = entry ? written(entry->value) : std::string();
      // A party without status is one.
      if (old == value || (key == "status" && !entry && value == "\"party\"")) continue;
      set(party, key, entry, value);
      out.changes.push_back({row.code, key, old, value});
    }
    if (out.changes.size() == before) {
      out.unchanged.push_back(row.code);
      return;
    }
    // Whoever checked the entry has not seen what it says now.
    const auto* verification = party.entry("verification");
    const auto old = verification ? written(verification->value) : std::string();
    const std::string unverified = "\"unverified\"";
    if (old == unverified) return;
    set(party, "verification", verification, unverified);
    out.changes.push_back({row.code, "verification", old, unverified});
  }

  void set(const TomlNode& party, const std::string& key, const TomlEntry* entry,
           const std::string& value) {
    if (!entry) {
      insert(party, fmt::format("{} = {}", key, value), rank(key));
      return;
    }
    auto& line = line_of(*entry);
    const auto begin = byte_of(line.text, entry->value.position.column);
    const auto end = value_end(line.text, begin);
    if (!value.empty()) {
      line.text.replace(begin, end - begin, value);
      return;
    }
    // The comment behind a value that goes is kept.
    const auto comment = line.text.find('#', end);
    if (comment == std::string::npos) {
      line.removed = true;
    } else {
      line.text.erase(0, comment);
    }
  }

  // Behind the last key that comes before the new one in order; there is always the code.
  void insert(const TomlNode& party, std::string text, std::size_t key_rank) {
    const TomlEntry* last = nullptr;
    for (const auto& entry : party.entries) {
      if (rank(entry.key) >= key_rank) continue;
      if (!last || entry.position.line > last->position.line) last = &entry;
    }
    auto& behind = line_of(last ? *last : *party.entry("code")).behind;
    behind.push_back(std::move(text));
    std::stable_sort(behind.begin(), behind.end(), [](const auto& a, const auto& b) {
      return rank(a.substr(0, a.find(' '))) < rank(b.substr(0, b.find(' ')));
    });
  }

  void add(const PartyStatus& row, PartyEdit& out) {
    std::vector<std::string> block = {"[[party]]"};
    auto values = row.values;
    values["code"] = '"' + row.code + '"';
    values["verification"] = "\"unverified\"";
    for (const auto& key : key_order) {
      const auto value = values.find(key);
      if (value == values.end() || value->second.empty()) continue;
      if (key == "status" && value->second == "\"party\"") continue;
      block.push_back(fmt::format("{} = {}", key, value->second));
      if (key != "code") out.changes.push_back({row.code, key, "", value->second});
    }
    out.added.push_back(row.code);
    const auto next = parties_.upper_bound(row.code);
    if (next != parties_.end()) {
      put_before(static_cast<std::size_t>(next->second->position.line) - 1, block);
    } else if (!parties_.empty()) {
      put_behind_last(block);
    } else {
      put_before(first_clause(), block);
    }
  }

  // In front of a table, and of the comment that stands right above it.
  void put_before(std::size_t index, std::vector<std::string>& block) {
    while (index > 0 && is_comment(lines_[index - 1].text)) --index;
    const bool last =
        index + 1 >= lines_.size() && (index == lines_.size() || lines_[index].text.empty());
    auto& place = index == lines_.size() ? lines_.back().behind : lines_[index].before;
    const bool touches =
        place.empty() ? index > 0 && !lines_[index - 1].text.empty() : !place.back().empty();
    if (touches) block.insert(block.begin(), "");
    if (!last) block.emplace_back();
    place.insert(place.end(), block.begin(), block.end());
  }

  void put_behind_last(std::vector<std::string>& block) {
    int last = 0;
    for (const auto& [code, node] : parties_) {
      for (const auto& entry : node->entries) last = std::max(last, entry.position.line);
    }
    block.insert(block.begin(), "");
    auto& behind = lines_[static_cast<std::size_t>(last) - 1].behind;
    behind.insert(behind.end(), block.begin(), block.end());
  }

  std::size_t first_clause() const {
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      if (lines_[i].text.starts_with("[[clause]]")) return i;
    }
    return lines_.size() - (lines_.back().text.empty() ? 1 : 0);
  }

  std::string joined() const {
    const std::string end = text_.find("\r\n") == std::string::npos ? "\n" : "\r\n";
    std::vector<const std::string*> all;
    for (const auto& line : lines_) {
      for (const auto& added : line.before) all.push_back(&added);
      if (!line.removed) all.push_back(&line.text);
      for (const auto& added : line.behind) all.push_back(&added);
    }
    std::string out;
    for (std::size_t i = 0; i < all.size(); ++i) out += (i == 0 ? "" : end) + *all[i];
    return out;
  }

  // What came out says exactly what it should, and everything else is what it was.
  void check(const TomlNode& before, const std::vector<PartyStatus>& rows, const PartyEdit& out) {
    ProblemList ignored;
    const auto after = parse_toml(file_, out.text, ignored);
    auto wanted = to_json(before);
    wanted.object()->erase("party");
    std::map<std::string, json::Value> parties;
    for (const auto& [code, node] : parties_) parties[code] = to_json(*node);
    for (const auto& change : out.changes) {
      auto& party = parties[change.code];
      if (!party.object()) party = json::Object();
      party.object()->set("code", change.code);
      if (change.after.empty()) {
        party.object()->erase(change.key);
      } else {
        const bool text = change.after.starts_with('"');
        party.object()->set(change.key,
                            text ? change.after.substr(1, change.after.size() - 2) : change.after);
      }
    }
    bool good = after.has_value();
    if (good) {
      auto found = to_json(*after);
      const auto* list = found.find("party");
      for (const auto& party : list ? *list->array() : json::Array()) {
        const auto wanted_party = parties.find(std::string(party.text("code")));
        good = good && wanted_party != parties.end() && wanted_party->second == party;
      }
      good = good && (list ? list->array()->size() : 0) == parties.size();
      found.object()->erase("party");
      good = good && found == wanted;
    }
    if (good) return;
    refuse({1, 1}, fmt::format("a file in whose layout {} parties cannot be changed", rows.size()),
           "each key of a party on a line of its own");
  }

  const std::string& file_;
  const std::string& text_;
  ProblemList& problems_;
  std::vector<Line> lines_;
  std::map<std::string, const TomlNode*> parties_;
};

// The code of the party whose table holds that line; empty: none does.
std::string party_at(const TomlNode& document, int line) {
  const auto* list = document.entry("party");
  if (!list) return {};
  for (const auto& party : list->value.items) {
    int last = party.position.line;
    for (const auto& entry : party.entries) last = std::max(last, entry.position.line);
    const auto* code = party.entry("code");
    if (code && line >= party.position.line && line <= last) return code->value.text;
  }
  return {};
}

}  // namespace

PartyEdit edit_parties(const std::string& file, const std::string& text,
                       const std::vector<PartyStatus>& rows, ProblemList& problems) {
  return PartyEditor(file, text, problems).edit(rows);
}

tl::expected<PartyEdit, std::vector<Problem>> import_parties(const RegisterFiles& files,
                                                             const std::string& path,
                                                             const std::string& table,
                                                             std::string_view csv) {
  const auto model = load_register(files, std::nullopt);
  if (!model) return tl::unexpected(model.error());
  ProblemList problems;
  const auto rows = read_party_table(table, csv, **model, problems);
  PartyEdit out;
  if (problems.count() == 0) out = edit_parties(path, files.at(path), rows, problems);
  if (problems.count() > 0) return tl::unexpected(problems.finish());
  auto changed = files;
  changed[path] = out.text;
  const auto after = load_register(changed, std::nullopt);
  if (after) return out;
  auto found = after.error();
  const auto document = parse_toml(path, out.text, problems);
  for (auto& problem : found) {
    if (problem.file != path || !document) continue;
    const auto code = party_at(*document, problem.line);
    const auto row = std::find_if(rows.begin(), rows.end(),
                                  [&](const PartyStatus& one) { return one.code == code; });
    if (row == rows.end()) continue;
    problem.file = table;
    problem.line = row->line;
    problem.column = 1;
  }
  return tl::unexpected(std::move(found));
}

}  // namespace comity::treaty
