// A TOML document as a tree of our own, with a position at every value, and the strict way of
// reading its tables: every key must be asked for, every value must have the type asked for, and
// whatever is wrong becomes a Problem. Plain data for one thread at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "json/value.h"
#include "treaty/model.h"
#include "treaty/register.h"

namespace comity::treaty {

// The years that a date or an instant of a register may lie in.
constexpr int year_min = 1800;
constexpr int year_max = 2199;
constexpr std::size_t list_items_max = parties_max;  // strings in one list

struct Position {
  int line = 0, column = 0;  // from 1; 0: no place in the file
};

struct TomlEntry;

struct TomlNode {
  enum class Kind { String, Integer, Float, Boolean, Date, Time, Array, Table };
  Kind kind = Kind::Table;
  Position position;
  std::string text;  // a string's content; a date as "2016-08-10"; an instant in UTC, no finer than
                     // a microsecond, as RFC 3339 has it, and other times not at all
  std::int64_t integer = 0;
  double real = 0;
  bool boolean = false;
  std::vector<TomlNode> items;     // of an array
  std::vector<TomlEntry> entries;  // of a table, sorted by key

  const TomlEntry* entry(std::string_view key) const;
  // Gives this node, and all in it, one place in a file.
  void move_to(Position place);
};

struct TomlEntry {
  std::string key;
  Position position;  // of the key
  TomlNode value;
};

// The node as JSON; dates become strings.
json::Value to_json(const TomlNode& node);

// What was wrong, at most problems_max of them; the rest is counted.
class ProblemList {
 public:
  void add(const std::string& file, Position position, std::string found, std::string expected = {},
           std::string suggestion = {}, bool unsourced = false);
  // Whether anything was added since the call that gave `count`.
  std::size_t count() const { return problems_.size() + more_; }
  // The problems by file and position, and how many were not kept.
  std::vector<Problem> finish();

 private:
  std::vector<Problem> problems_;
  std::size_t more_ = 0;
};

// `text` in quotation marks, cut to a length and without control characters: for messages.
std::string quoted(std::string_view text);
// The candidate nearest to `word` by edit distance; empty when none is near.
std::string nearest(std::string_view word, const std::vector<std::string>& candidates);
bool is_kebab(std::string_view text);
// One or more of S, F<n>, K:h, K:m, K:l, X, separated by single blanks.
bool is_provenance(std::string_view text);
// Of several sources of one fact, the one that can carry least.
std::string weakest_provenance(const std::string& provenance);
// BCP 47 as far as it is used here: "en", "zh-Hans".
bool is_language(std::string_view text);

enum class Presence { Required, Optional };

// One table while it is read. Keeps references to its arguments; `what` names it in messages.
class TomlTable {
 public:
  TomlTable(const TomlNode& node, std::string file, ProblemList& problems, std::string what);

  const std::string& file() const { return file_; }
  const TomlNode& node() const { return node_; }

  // The value of a key, which is known from now on. A required key that is missing is a problem.
  const TomlNode* find(const char* key, Presence presence = Presence::Optional);
  bool has(const char* key) const { return node_.entry(key) != nullptr; }
  // The keys that were asked for until now.
  const std::vector<std::string>& known() const { return known_; }

  // A text for people: not empty, no control characters but line breaks.
  std::string text(const char* key, Presence presence);
  // A name of our own making, in kebab-case.
  std::string word(const char* key, Presence presence);
  // Where a fact is from, in our marks. What lacks or is none makes a fact without provenance.
  std::string provenance(const char* key, Presence presence);
  bool flag(const char* key, Presence presence);
  // One value of a closed list; an empty list is one that could not be read and accepts anything.
  std::optional<int> choice(const char* key, const Names& names, Presence presence);
  // The strings of an array that is not empty and repeats nothing.
  std::vector<const TomlNode*> strings(const char* key, Presence presence);
  // Some values of a closed list, as bits.
  Bits choices(const char* key, const Names& names, Presence presence);
  // The tables of an array of tables.
  std::vector<const TomlNode*> tables(const char* key);

  std::optional<int> index_of(const TomlNode& value, const Names& names, const std::string& what);
  void problem(Position position, std::string found, std::string expected,
               std::string suggestion = {});
  void wrong_type(const TomlNode& value, const std::string& key, const std::string& expected);
  // A key that has no meaning in this table is a problem.
  void refuse(const char* key, const std::string& found, const std::string& expected);
  // Every key that nobody asked for is a problem: call it last.
  void refuse_unknown_keys();

 private:
  bool check_text(const TomlNode& value, const std::string& key);
  void unsourced(Position position, std::string found, std::string expected);

  const TomlNode& node_;
  std::string file_;
  ProblemList& problems_;
  std::string what_;
  std::vector<std::string> known_;
};

}  // namespace comity::treaty
