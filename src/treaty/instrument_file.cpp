#include "treaty/instrument_file.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "json/write.h"
#include "treaty/area_purposes_file.h"
#include "treaty/clause_family.h"
#include "treaty/context_file.h"
#include "treaty/entry_rule_file.h"
#include "treaty/law_change_file.h"
#include "treaty/notice.h"
#include "treaty/overlay_file.h"
#include "treaty/party_names.h"
#include "treaty/refusal.h"
#include "treaty/register_cache.h"
#include "treaty/request.h"
#include "treaty/reserved_ids.h"
#include "treaty/toml_document.h"
#include "treaty/toml_reader.h"

namespace comity::treaty {
namespace {

constexpr std::size_t vocabulary_values_max = 64;  // the bits of Bits
constexpr std::int64_t within_days_max = 36'525;
constexpr std::size_t rival_readings_max = 8;  // of one clause

const Names action_names{{"share", "onward", "use", "request", "assist", "mitigate", "preserve",
                          "disclose", "notify", "consult", "ping", "report", "refuse", "withdraw"}};
const Names level_names{
    {"bilateral", "multilateral", "regional", "interregional", "global", "national"}};
const Names form_names{{"treaty", "agreement", "convention", "protocol", "exchange-of-notes", "mou",
                        "joint-statement", "declaration", "decision", "resolution", "report",
                        "code", "concept", "terms-of-reference", "action-plan", "strategy",
                        "directive", "national-law"}};
const Names category_names{{"interstate", "intergovernmental", "interdepartmental",
                            "organisational", "multi-stakeholder", "national"}};
const Names binding_names{
    {"binding", "political", "soft", "draft", "organisational-rule", "historical", "national"}};
const Names verification_names{{"unverified", "checked-by-1", "verified-by-2"}};
const Names assumed_status_names{{"assumed", "unverified", "checked-by-1", "verified-by-2"}};
const Names party_kind_names{{"state", "observer", "organisation", "invented", "entity"}};
const Names membership_names{{"party", "not-party", "unknown"}};
const Names consent_names{{"ratification", "acceptance", "approval", "accession", "notification"}};
const Names verb_names{{"permit", "forbid", "require", "empower", "advise", "define"}};
const Names scope_names{{"basis", "origin", "always"}};
const Names designated_names{{"from", "to", "both"}};
const Names history_names{{"from-accession", "all"}};  // in the order of History, without Unstated
const Names tlp_choices{{"clear", "green", "amber", "amber+strict", "red"}};

// The words after which a list of codes, parties or values means "whatever there is".
bool is_any(const TomlNode& value) {
  if (value.kind == TomlNode::Kind::String) return value.text == "any";
  return value.kind == TomlNode::Kind::Array && value.items.size() == 1 &&
         value.items[0].kind == TomlNode::Kind::String && value.items[0].text == "any";
}

std::string file_stem(const std::string& path) {
  const auto name = path.substr(path.rfind('/') + 1);
  return name.substr(0, name.size() - std::string_view(".toml").size());
}

class RegisterReader {
 public:
  RegisterReader(const RegisterFiles& files, const std::optional<std::string>& exercise,
                 ProblemList& problems, RegisterCache* cache)
      : files_(files), exercise_(exercise), problems_(problems), reading_(cache, files) {}

  Model read();

 private:
  TomlTable table(const TomlNode& node, const std::string& file, std::string what) {
    return {node, file, problems_, std::move(what)};
  }
  void check_paths();
  // The document of a file; null when it is none.
  std::shared_ptr<const TomlNode> document_of(const std::string& path);
  std::shared_ptr<const TomlNode> parse(const std::string& path);
  // The document of a file that must exist.
  std::shared_ptr<const TomlNode> parse_required(const std::string& path);
  // Every [[key]] table of every file of a folder.
  template <typename Each>
  void each_table(const std::string& folder, const char* key, Each each);

  void read_vocabulary();
  Names vocabulary_list(TomlTable& document, const char* key,
                        const std::vector<std::string>& required);
  void check_actions(TomlTable& document);
  void read_facts(TomlTable& document);
  void read_refusal(TomlTable& document);
  void read_classification();
  void read_types(TomlTable& root);
  void read_classification_rule(TomlTable& row);
  void add_type(TomlTable& row, const TomlNode& type, const std::string& where);
  void read_parties();
  void read_party(TomlTable& row);
  void check_aliases(const std::vector<const TomlNode*>& rows);
  void read_families();
  void read_instruments();
  bool reuse_instrument(const std::string& path);
  void read_instrument(const std::string& path, const TomlNode& document);
  void read_instrument_head(TomlTable& head, Instrument& instrument);
  void read_level_claims(TomlTable& head, Instrument& instrument);
  void read_title(TomlTable& head, Instrument& instrument);
  void read_notice(TomlTable& head, Instrument& instrument);
  void read_instrument_context(TomlTable& head, Instrument& instrument);
  void read_dates_of_context(TomlTable& head, Instrument& instrument);
  void read_area_claims(TomlTable& head, Instrument& instrument);
  void read_source_errors(TomlTable& head, Instrument& instrument);
  void read_readings(TomlTable& head, Instrument& instrument);
  void read_reviews(TomlTable& head, Instrument& instrument);
  std::vector<std::string> instruments_of(TomlTable& row, const char* key);
  void check_tree();
  void read_context();
  void read_instrument_party(TomlTable& row, Instrument& instrument,
                             std::map<int, int>& first_lines);
  void check_instrument_place(const TomlTable& head, const Instrument& instrument);
  void check_order(TomlTable& row, const PartyEntry& entry);

  Clause read_clause(TomlTable& row, const Instrument& instrument, const std::string& assumed);
  // One without a family, or what a family makes of one.
  Clause read_written_clause(TomlTable& row, const Instrument& instrument,
                             const std::string& assumed);
  void read_sides(TomlTable& row, Clause& clause);
  void read_side(TomlTable& row, const char* key, Side& side);
  void read_dimensions(TomlTable& row, Clause& clause);
  Bits read_actions(TomlTable& row, const char* key, Presence presence);
  void read_conditions(TomlTable& row, Clause& clause);
  void read_needs(TomlTable& row, Clause& clause);
  void read_within_days(TomlTable& row, Clause& clause);
  void read_see(TomlTable& row, Clause& clause);
  void read_reading(TomlTable& row, const Instrument& instrument, Clause& clause);
  void read_survival(TomlTable& row, Clause& clause);
  void check_survival(TomlTable& row, const Clause& clause);
  History read_history(TomlTable& row);
  void check_verb(TomlTable& row, const Clause& clause, const Instrument& instrument);
  void check_ceiling(TomlTable& row, const Clause& clause);
  void check_forbid(TomlTable& row, const Clause& clause);

  std::string provenance_of_fact(TomlTable& row, const std::string& assumed);
  std::optional<Arrangement> read_arrangement(TomlTable& row, const std::string& assumed);
  std::optional<Designation> read_designation(TomlTable& row, const std::string& assumed);

  void read_exercise();
  void read_law_changes();
  void read_overlays();
  void read_assumption(TomlTable& row);
  void assume_party(TomlTable& row, const std::string& id);
  void merge_party(TomlTable& row, PartyEntry& entry, const std::optional<int>& status,
                   const std::optional<DateFact>& in_force, const std::string& id);
  void assume_clause(TomlTable& row, const std::string& id);

  std::optional<DateFact> date(TomlTable& row, const char* key, const std::string& provenance,
                               const std::string& assumed = {});
  std::optional<DateFact> day(TomlTable& row, const TomlNode& value, const char* key);
  std::optional<DateFact> partial_date(TomlTable& row, const TomlNode& value, const char* key);
  std::optional<int> party_of(TomlTable& row, const TomlNode& value, const char* key);
  std::optional<int> party_of(TomlTable& row, const char* key);
  PartySet parties_of(TomlTable& row, const char* key);
  // The index of an instrument; nothing also when its own file could not be read.
  std::optional<int> instrument_of(TomlTable& row);
  bool known_instrument(TomlTable& row, const TomlNode& value, const char* key);

  const RegisterFiles& files_;
  const std::optional<std::string>& exercise_;
  ProblemList& problems_;
  CachedReading reading_;
  Model model_;
  Names fact_names_, party_codes_;
  std::vector<std::string> instrument_ids_;  // by file name, readable or not
  EntryRules entry_rules_{instrument_ids_, problems_};
  ClauseFamilies families_;
  std::map<std::string, std::string> first_places_;  // "arrangement x" → file:line
  std::map<std::pair<int, int>, std::string> assumed_parties_;
};

// ---- files -------------------------------------------------------------------------------------

void RegisterReader::check_paths() {
  static const std::set<std::string> single = {"vocabulary.toml", "parties.toml",
                                               "classification.toml", "families.toml"};
  const auto& context = ContextReader::files();
  static const std::set<std::string> folders = {"arrangements", "designations",  "exercises",
                                                "suspensions",  "denunciations", "overlays"};
  for (const auto& [path, text] : files_) {
    const auto first = path.find('/');
    const auto last = path.rfind('/');
    bool expected =
        single.contains(path) || std::find(context.begin(), context.end(), path) != context.end();
    if (first != std::string::npos && path.ends_with(".toml") && path.size() > last + 6) {
      const auto folder = path.substr(0, first);
      if (first == last) expected = folders.contains(folder);
      if (first != last && folder == "instruments") {
        expected = level_names.index(path.substr(first + 1, last - first - 1)).has_value();
        if (expected) instrument_ids_.push_back(file_stem(path));
      }
    }
    // What officers have signed is kept with the law and is no law itself: not read here.
    if (first == last && path.starts_with("verifications/") && path.ends_with(".json")) {
      expected = path.size() > first + 6;
    }
    if (!expected) {
      problems_.add(path, {}, "unexpected file",
                    "vocabulary.toml, parties.toml, classification.toml, families.toml, "
                    "sources.toml, "
                    "bodies.toml, norms.toml, measures.toml, threats.toml, "
                    "instruments/<level>/<id>.toml, *.toml in arrangements, designations, "
                    "suspensions, denunciations, overlays or exercises, or "
                    "verifications/*.json");
    }
  }
}

std::shared_ptr<const TomlNode> RegisterReader::document_of(const std::string& path) {
  if (auto known = reading_.document(path)) return known;
  auto read = parse(path);
  if (read) reading_.keep_document(path, read);
  return read;
}

std::shared_ptr<const TomlNode> RegisterReader::parse(const std::string& path) {
  auto read = parse_toml(path, files_.at(path), problems_);
  return read ? std::make_shared<const TomlNode>(*std::move(read)) : nullptr;
}

std::shared_ptr<const TomlNode> RegisterReader::parse_required(const std::string& path) {
  if (files_.contains(path)) return document_of(path);
  problems_.add(path, {}, "the file is missing", "every register has this file");
  return nullptr;
}

template <typename Each>
void RegisterReader::each_table(const std::string& folder, const char* key, Each each) {
  for (auto it = files_.lower_bound(folder); it != files_.end(); ++it) {
    if (!it->first.starts_with(folder)) break;
    if (!it->first.ends_with(".toml")) continue;
    const auto document = document_of(it->first);
    if (!document) continue;
    auto root = table(*document, it->first, "the file");
    for (const auto* node : root.tables(key)) {
      auto row = table(*node, it->first, fmt::format("[[{}]]", key));
      each(row);
      row.refuse_unknown_keys();
    }
    root.refuse_unknown_keys();
  }
}

Model RegisterReader::read() {
  std::size_t bytes = 0;
  for (const auto& [path, text] : files_) bytes += text.size();
  if (bytes > register_bytes_max) {
    problems_.add("", {}, fmt::format("the register has {} bytes", bytes),
                  fmt::format("at most {}", register_bytes_max));
    return std::move(model_);
  }
  check_paths();
  read_vocabulary();
  read_classification();
  read_parties();
  read_families();
  read_instruments();
  entry_rules_.check(model_);
  check_tree();
  read_context();
  each_table("arrangements/", "arrangement", [&](TomlTable& row) {
    if (auto one = read_arrangement(row, {})) model_.arrangements.push_back(*std::move(one));
  });
  each_table("designations/", "designation", [&](TomlTable& row) {
    if (auto one = read_designation(row, {})) model_.designations.push_back(*std::move(one));
  });
  if (exercise_) read_exercise();
  read_law_changes();
  read_overlays();
  reading_.finish();
  model_.digest = register_digest(files_, exercise_);
  return std::move(model_);
}

// ---- vocabulary and parties --------------------------------------------------------------------

void RegisterReader::read_vocabulary() {
  const auto document = parse_required("vocabulary.toml");
  if (!document) return;
  auto root = table(*document, "vocabulary.toml", "the vocabulary");
  auto& words = model_.vocabulary;
  words.actions = vocabulary_list(root, "actions", {});
  check_actions(root);
  // The engines look these up by name: their rules would be void without them.
  words.classes = vocabulary_list(
      root, "classes", {"content-data", "state-secret", "traffic-data", "subscriber-data"});
  words.areas = vocabulary_list(root, "areas", {"content", "evidence"});
  words.purposes = vocabulary_list(root, "purposes", {});
  words.roles = vocabulary_list(root, "roles", {"private-owner", "research"});
  read_facts(root);
  read_refusal(root);
  read_area_purposes(root, problems_, words);
  root.refuse_unknown_keys();
}

Names RegisterReader::vocabulary_list(TomlTable& document, const char* key,
                                      const std::vector<std::string>& required) {
  Names names;
  const auto values = document.strings(key, Presence::Required);
  for (const auto* value : values) {
    if (!is_kebab(value->text) || value->text == "any") {
      document.problem(value->position, fmt::format("'{}' has {}", key, quoted(value->text)),
                       "kebab-case, and not the word any");
    }
    if (names.values.size() < vocabulary_values_max) names.values.push_back(value->text);
  }
  if (values.empty()) return names;
  const auto place = document.find(key)->position;
  if (values.size() > vocabulary_values_max) {
    document.problem(place, fmt::format("'{}' has {} values", key, values.size()),
                     fmt::format("at most {}", vocabulary_values_max));
  }
  for (const auto& word : required) {
    if (names.index(word)) continue;
    document.problem(place, fmt::format("'{}' does not hold '{}'", key, word),
                     "this value, which rules of the engine name");
  }
  return names;
}

void RegisterReader::check_actions(TomlTable& document) {
  const auto& found = model_.vocabulary.actions.values;
  if (found.empty() || found == action_names.values) return;
  const auto* value = document.find("actions");
  std::size_t i = 0;
  while (i < found.size() && i < action_names.values.size() && found[i] == action_names.values[i]) {
    ++i;
  }
  document.problem(
      i < found.size() ? value->items[i].position : value->position,
      fmt::format("the actions differ at place {}", i + 1),
      fmt::format("exactly these, in this order: {}", fmt::join(action_names.values, ", ")));
}

void RegisterReader::read_facts(TomlTable& document) {
  static const Names reserved{
      {"human", "four-eyes", "release-officer", "attribution", "refusal-ground"}};
  for (const auto* node : document.tables("fact")) {
    auto row = table(*node, document.file(), "[[fact]]");
    FactKind fact{row.word("id", Presence::Required), row.flag("judgement", Presence::Required)};
    row.text("says", Presence::Required);
    row.refuse_unknown_keys();
    if (fact.id.empty()) continue;
    if (fact_names_.index(fact.id) || reserved.index(fact.id)) {
      row.problem(node->position, fmt::format("the fact '{}' exists already", fact.id),
                  "another id");
    }
    if (model_.vocabulary.facts.size() == vocabulary_values_max) {
      row.problem(node->position, "one fact too many",
                  fmt::format("at most {}", vocabulary_values_max));
      break;
    }
    fact_names_.values.push_back(fact.id);
    model_.vocabulary.facts.push_back(std::move(fact));
  }
  for (const char* id : {"rights-record", "court-order", "poc-data-notified"}) {
    if (fact_names_.index(id)) continue;
    document.problem({1, 1}, fmt::format("the fact '{}' is missing", id),
                     "a [[fact]] of this id, which rules of the engine name");
  }
}

// The grounds on which a party may refuse. Those that nobody may close are there without a table.
void RegisterReader::read_refusal(TomlTable& document) {
  auto& grounds = model_.vocabulary.refusal_grounds;
  const std::vector<std::string> kept(kept_refusal_grounds.begin(), kept_refusal_grounds.end());
  const auto* node = document.find("refusal");
  if (!node) {
    grounds.values = kept;
    return;
  }
  if (node->kind != TomlNode::Kind::Table) {
    document.wrong_type(*node, "refusal", "a table [refusal]");
    return;
  }
  auto row = table(*node, document.file(), "[refusal]");
  grounds = vocabulary_list(row, "grounds", kept);
  row.refuse_unknown_keys();
}

// Types without a table are unknown to it and never leave on their own, so a register may go
// without.
void RegisterReader::read_classification() {
  const std::string path = "classification.toml";
  if (!files_.contains(path)) return;
  const auto document = document_of(path);
  if (!document) return;
  auto root = table(*document, path, "the classification");
  read_types(root);
  const auto* none = root.find("none");
  if (none && none->kind != TomlNode::Kind::Table) {
    root.wrong_type(*none, "none", "a table [none]");
  } else if (none) {
    auto row = table(*none, path, "[none]");
    for (const auto* type : row.strings("types", Presence::Required)) {
      add_type(row, *type, "[none]");
      model_.classification.none.insert(type->text);
    }
    row.refuse_unknown_keys();
  }
  for (const auto* node : root.tables("rule")) {
    auto row = table(*node, path, "[[rule]]");
    read_classification_rule(row);
    row.refuse_unknown_keys();
  }
  root.refuse_unknown_keys();
}

void RegisterReader::read_types(TomlTable& root) {
  const auto* types = root.find("types", Presence::Required);
  if (!types) return;
  if (types->kind != TomlNode::Kind::Table) {
    root.wrong_type(*types, "types", "a table [types]");
    return;
  }
  auto row = table(*types, root.file(), "[types]");
  const auto& classes = model_.vocabulary.classes;
  for (const auto& entry : types->entries) {
    if (!classes.index(entry.key) && !classes.values.empty()) {
      row.problem(entry.position, fmt::format("the class {}", quoted(entry.key)),
                  fmt::format("one of {}", fmt::join(classes.values, ", ")),
                  nearest(entry.key, classes.values));
    }
    for (const auto* type : row.strings(entry.key.c_str(), Presence::Required)) {
      add_type(row, *type, entry.key);
      model_.classification.class_of_type.emplace(type->text, entry.key);
    }
  }
}

void RegisterReader::add_type(TomlTable& row, const TomlNode& type, const std::string& where) {
  if (!is_kebab(type.text)) {
    row.problem(type.position, fmt::format("the type {}", quoted(type.text)),
                "a STIX type in kebab-case");
  }
  const auto [first, added] = first_places_.try_emplace("type " + type.text, where);
  if (added || first->second == where) return;
  row.problem(type.position,
              fmt::format("{} stands under {} already", quoted(type.text), quoted(first->second)),
              "each type once");
}

// What a rule does is code in stix/classification.cpp, for it looks into objects; here it is only
// held to the form, so that the file cannot say what nobody reads.
void RegisterReader::read_classification_rule(TomlTable& row) {
  row.word("type", Presence::Required);
  row.text("property", Presence::Optional);
  for (const char* key : {"equals", "begins", "extension_properties", "target_types"}) {
    row.strings(key, Presence::Optional);
  }
  row.flag("ends", Presence::Optional);
  for (const char* key : {"class", "add"}) {
    row.choice(key, model_.vocabulary.classes, Presence::Optional);
  }
}

void RegisterReader::read_parties() {
  const auto document = parse_required("parties.toml");
  if (!document) return;
  auto root = table(*document, "parties.toml", "the list of parties");
  const auto rows = root.tables("party");
  root.refuse_unknown_keys();
  if (rows.size() > parties_max) {
    root.problem(rows[parties_max]->position, fmt::format("{} parties", rows.size()),
                 fmt::format("at most {}", parties_max));
    return;
  }
  if (rows.empty()) root.problem({1, 1}, "no party", "tables under [[party]]");
  for (const auto* node : rows) {
    auto row = table(*node, root.file(), "[[party]]");
    read_party(row);
    row.refuse_unknown_keys();
  }
  std::sort(model_.parties.begin(), model_.parties.end(),
            [](const Party& a, const Party& b) { return a.code < b.code; });
  check_aliases(rows);
  for (const auto& party : model_.parties) party_codes_.values.push_back(party.code);
}

void RegisterReader::read_party(TomlTable& row) {
  const auto code = row.text("code", Presence::Required);
  const auto name = row.text("name", Presence::Required);
  const auto kind = row.choice("kind", party_kind_names, Presence::Required);
  const auto note = row.text("note", Presence::Optional);
  std::vector<std::string> aliases;
  for (const auto* value : row.strings("aliases", Presence::Optional)) {
    aliases.push_back(value->text);
  }
  const auto provenance =
      row.provenance("provenance", row.has("aliases") ? Presence::Required : Presence::Optional);
  if (code.empty() || !kind) return;
  const auto is_capital = [](char c) { return c >= 'A' && c <= 'Z'; };
  const bool two = code.size() == 2 && is_capital(code[0]) && is_capital(code[1]);
  bool well_formed = two;
  const char* expected = "two capital letters (ISO 3166-1 alpha-2)";
  if (static_cast<PartyKind>(*kind) == PartyKind::Invented) {
    well_formed = two && code[0] == 'X';
    expected = "XA to XZ for an invented party";
  } else if (static_cast<PartyKind>(*kind) == PartyKind::Organisation ||
             static_cast<PartyKind>(*kind) == PartyKind::Entity) {
    well_formed = code.size() >= 2 && code.size() <= 16 && is_capital(code[0]) &&
                  std::all_of(code.begin(), code.end(), [&](char c) {
                    return is_capital(c) || (c >= '0' && c <= '9') || c == '-';
                  });
    expected = "2 to 16 capital letters, digits or hyphens";
  }
  const auto place = row.find("code")->position;
  if (!well_formed) row.problem(place, fmt::format("the code {}", quoted(code)), expected);
  const auto [first, added] = first_places_.try_emplace(
      "party " + code, fmt::format("{}:{}", row.file(), row.node().position.line));
  if (!added) {
    row.problem(place, fmt::format("the code '{}' stands in {} already", code, first->second),
                "each code once");
    return;
  }
  model_.parties.push_back(
      {code, name, static_cast<PartyKind>(*kind), note, std::move(aliases), provenance});
}

// Nobody can tell whom a name means that two parties go by.
void RegisterReader::check_aliases(const std::vector<const TomlNode*>& rows) {
  std::map<std::string, std::string> codes;  // by folded name
  for (const auto& party : model_.parties) codes.try_emplace(folded_name(party.code), party.code);
  for (const auto& party : model_.parties) codes.try_emplace(folded_name(party.name), party.code);
  for (const auto* node : rows) {
    const auto* code = node->entry("code");
    const auto* aliases = node->entry("aliases");
    if (!code || !aliases) continue;
    for (const auto& alias : aliases->value.items) {
      const auto [owner, added] = codes.try_emplace(folded_name(alias.text), code->value.text);
      if (added || owner->second == code->value.text) continue;
      problems_.add("parties.toml", alias.position,
                    fmt::format("{} goes by {} as well", owner->second, quoted(alias.text)),
                    "an alias that no other party has as code, name or alias");
    }
  }
}

// ---- instruments -------------------------------------------------------------------------------

void RegisterReader::read_instruments() {
  const std::string folder = "instruments/";
  for (auto it = files_.lower_bound(folder); it != files_.end(); ++it) {
    if (!it->first.starts_with(folder)) break;
    if (!it->first.ends_with(".toml") || reuse_instrument(it->first)) continue;
    const auto problems = problems_.count();
    if (const auto document = parse(it->first)) read_instrument(it->first, *document);
    // What was wrong is to be said again.
    if (problems_.count() == problems) {
      reading_.keep_instrument(it->first, model_.instruments.back());
    }
  }
  std::sort(model_.instruments.begin(), model_.instruments.end(),
            [](const Instrument& a, const Instrument& b) { return a.id < b.id; });
}

// Takes an instrument as it was read before from the same bytes in the same surroundings.
bool RegisterReader::reuse_instrument(const std::string& path) {
  const auto known = reading_.instrument(path);
  if (!known) return false;
  // A second file of the same id is found by the one that is read.
  if (!first_places_.try_emplace("instrument " + known->id, known->place).second) return false;
  model_.instruments.push_back(*known);
  return true;
}

void RegisterReader::read_instrument(const std::string& path, const TomlNode& document) {
  auto root = table(document, path, "the file");
  Instrument instrument;
  const auto* node = root.find("instrument", Presence::Required);
  if (node && node->kind != TomlNode::Kind::Table) {
    root.wrong_type(*node, "instrument", "a table [instrument]");
  } else if (node) {
    auto head = table(*node, path, "[instrument]");
    read_instrument_head(head, instrument);
    head.refuse_unknown_keys();
    check_instrument_place(head, instrument);
  }
  std::map<int, int> party_lines;
  for (const auto* party : root.tables("party")) {
    auto row = table(*party, path, "[[party]]");
    read_instrument_party(row, instrument, party_lines);
    row.refuse_unknown_keys();
  }
  std::sort(instrument.parties.begin(), instrument.parties.end(),
            [](const PartyEntry& a, const PartyEntry& b) { return a.party < b.party; });
  for (const auto* clause : root.tables("clause")) {
    auto row = table(*clause, path, "[[clause]]");
    instrument.clauses.push_back(read_clause(row, instrument, {}));
  }
  root.refuse_unknown_keys();
  if (!instrument.id.empty()) model_.instruments.push_back(std::move(instrument));
}

void RegisterReader::read_instrument_head(TomlTable& head, Instrument& instrument) {
  instrument.place = fmt::format("{}:{}", head.file(), head.node().position.line);
  instrument.id = head.word("id", Presence::Required);
  if (is_reserved_id(instrument.id)) {
    head.problem(head.find("id")->position, fmt::format("the id '{}'", instrument.id),
                 fmt::format("another than {} or {}…: verdicts and disclosures say that where no "
                             "instrument is meant",
                             discretion_id, overlay_id_prefix));
  }
  read_title(head, instrument);
  if (const auto form = head.choice("form", form_names, Presence::Required)) {
    instrument.form = form_names.values[static_cast<std::size_t>(*form)];
  }
  if (const auto category = head.choice("category", category_names, Presence::Required)) {
    instrument.category = category_names.values[static_cast<std::size_t>(*category)];
  }
  const auto binding = head.choice("binding", binding_names, Presence::Required);
  if (binding) instrument.binding = static_cast<Binding>(*binding);
  read_level_claims(head, instrument);
  const auto needed = head.has("signed") ? Presence::Required : Presence::Optional;
  const auto signed_provenance = head.provenance("signed_provenance", needed);
  instrument.signed_on = date(head, "signed", signed_provenance);
  if (!head.has("signed")) {
    head.refuse("signed_provenance", "'signed_provenance' without 'signed'", "both or none");
  }
  for (const auto* language : head.strings("languages", Presence::Optional)) {
    if (!is_language(language->text)) {
      head.problem(language->position, fmt::format("the language {}", quoted(language->text)),
                   "a language tag like en or zh-Hans");
    }
    instrument.languages.push_back(language->text);
  }
  instrument.provenance = head.provenance("provenance", Presence::Required);
  static const Names addressees{{"all-states"}};
  instrument.addresses_all_states =
      head.choice("addressees", addressees, Presence::Optional).has_value();
  if (binding && instrument.binding == Binding::Binding) {
    head.refuse("addressees", "'addressees' in a binding instrument",
                "its parties as [[party]] tables");
  }
  read_notice(head, instrument);
  instrument.history = read_history(head);
  instrument.reference_only = head.flag("reference_only", Presence::Optional);
  instrument.note = head.text("note", Presence::Optional);
  read_instrument_context(head, instrument);
  head.choice("verification", verification_names, Presence::Required);
}

void RegisterReader::read_title(TomlTable& head, Instrument& instrument) {
  const auto* node = head.find("title", Presence::Required);
  if (!node) return;
  if (node->kind != TomlNode::Kind::Table) {
    head.wrong_type(*node, "title", "title.en = \"…\", one key a language");
    return;
  }
  auto titles = table(*node, head.file(), "title");
  instrument.title = titles.text("en", Presence::Required);
  for (const auto& entry : node->entries) {
    if (!is_language(entry.key)) {
      titles.problem(entry.position, fmt::format("the language {}", quoted(entry.key)),
                     "a language tag like en or zh-Hans");
    } else {
      titles.text(entry.key.c_str(), Presence::Optional);
    }
  }
}

void RegisterReader::read_notice(TomlTable& head, Instrument& instrument) {
  const auto* value = head.find("denunciation_notice");
  const auto needed = value ? Presence::Required : Presence::Optional;
  const auto provenance = head.provenance("denunciation_notice_provenance", needed);
  if (!value) {
    head.refuse("denunciation_notice_provenance",
                "'denunciation_notice_provenance' without 'denunciation_notice'", "both or none");
    return;
  }
  if (auto wait = read_wait(head, *value, "denunciation_notice", problems_)) {
    instrument.denunciation_notice = Notice{*std::move(wait), provenance};
  }
}

void RegisterReader::read_level_claims(TomlTable& head, Instrument& instrument) {
  for (const auto* node : head.tables("level_claims")) {
    auto row = table(*node, head.file(), "a level claim");
    LevelClaim claim;
    const auto level = row.choice("level", level_names, Presence::Required);
    if (level) claim.level = level_names.values[static_cast<std::size_t>(*level)];
    claim.by = row.text("by", Presence::Required);
    claim.source = row.provenance("source", Presence::Required);
    row.refuse_unknown_keys();
    if (level) instrument.levels.push_back(std::move(claim));
  }
  const auto* claims = head.find("level_claims", Presence::Required);
  if (claims && claims->kind == TomlNode::Kind::Array && claims->items.empty()) {
    head.wrong_type(*claims, "level_claims", "at least one { level, by, source }");
  }
}

void RegisterReader::check_instrument_place(const TomlTable& head, const Instrument& instrument) {
  if (instrument.id.empty()) return;
  const auto& place = head.node().entry("id")->value.position;
  if (file_stem(head.file()) != instrument.id) {
    problems_.add(head.file(), place, fmt::format("'id' is '{}'", instrument.id),
                  fmt::format("the file name without .toml, '{}'", file_stem(head.file())));
  }
  if (!instrument.levels.empty()) {
    const auto expected =
        fmt::format("instruments/{}/{}.toml", instrument.levels[0].level, instrument.id);
    const auto& level = head.node().entry("level_claims")->value.position;
    if (!head.file().starts_with("instruments/" + instrument.levels[0].level + "/")) {
      problems_.add(head.file(), level,
                    fmt::format("the first level claim is '{}'", instrument.levels[0].level),
                    "the file at " + expected);
    }
  }
  const auto [first, added] =
      first_places_.try_emplace("instrument " + instrument.id, instrument.place);
  if (!added) {
    problems_.add(head.file(), place,
                  fmt::format("'{}' stands in {} already", instrument.id, first->second),
                  "each id once");
  }
}

void RegisterReader::read_instrument_party(TomlTable& row, Instrument& instrument,
                                           std::map<int, int>& first_lines) {
  PartyEntry entry;
  const auto party = party_of(row, "code");
  entry.provenance = row.provenance("provenance", Presence::Required);
  entry.in_force_by_rule = EntryRules::gives(row);
  if (row.find("in_force") && !entry.in_force_by_rule) {
    entry.in_force = date(row, "in_force", entry.provenance);
  }
  entry.until = date(row, "until", entry.provenance);
  if (const auto status = row.choice("status", membership_names, Presence::Optional)) {
    entry.status = static_cast<Membership>(*status);
  }
  entry.signed_on = date(row, "signed", entry.provenance);
  entry.consented_on = date(row, "consented", entry.provenance);
  const auto needed = row.has("consent") ? Presence::Required : Presence::Optional;
  row.find("consented", needed);
  if (const auto consent = row.choice("consent", consent_names, Presence::Optional)) {
    entry.consent = consent_names.values[static_cast<std::size_t>(*consent)];
  }
  row.choice("verification", verification_names, Presence::Required);
  check_order(row, entry);
  if (!party) return;
  entry.party = *party;
  const auto [first, added] = first_lines.try_emplace(*party, row.node().position.line);
  if (!added) {
    row.problem(row.node().entry("code")->value.position,
                fmt::format("a second entry of this party; the first is in line {}", first->second),
                "one [[party]] table a party");
    return;
  }
  entry.place = EntryRules::place(row);
  instrument.parties.push_back(std::move(entry));
}

void RegisterReader::check_order(TomlTable& row, const PartyEntry& entry) {
  if (!entry.in_force || !entry.until || entry.until->latest > entry.in_force->earliest) return;
  row.problem(row.node().position,
              fmt::format("the end {} is not after the beginning {}", entry.until->written,
                          entry.in_force->written),
              "'until' after 'in_force'");
}

// ---- context of an instrument ------------------------------------------------------------------

void RegisterReader::read_instrument_context(TomlTable& head, Instrument& instrument) {
  for (const auto* alias : head.strings("aliases", Presence::Optional)) {
    instrument.aliases.push_back(alias->text);
  }
  read_dates_of_context(head, instrument);
  read_area_claims(head, instrument);
  instrument.parent = head.word("parent", Presence::Optional);
  if (!instrument.parent.empty()) known_instrument(head, *head.find("parent"), "parent");
  instrument.predecessors = instruments_of(head, "predecessors");
  read_source_errors(head, instrument);
  read_readings(head, instrument);
  read_reviews(head, instrument);
}

void RegisterReader::read_dates_of_context(TomlTable& head, Instrument& instrument) {
  const auto dated = [&](const std::string& key) {
    const auto mark = key + "_provenance";
    const auto needed = head.has(key.c_str()) ? Presence::Required : Presence::Optional;
    const auto provenance = head.provenance(mark.c_str(), needed);
    if (!head.has(key.c_str())) {
      head.refuse(mark.c_str(), fmt::format("'{}' without '{}'", mark, key), "both or none");
    }
    return date(head, key.c_str(), provenance);
  };
  instrument.adopted_on = dated("adopted");
  instrument.in_force_on = dated("in_force");
  entry_rules_.read(head, instrument, consent_names);
}

void RegisterReader::read_area_claims(TomlTable& head, Instrument& instrument) {
  for (const auto* node : head.tables("area_claims")) {
    auto row = table(*node, head.file(), "an area claim");
    AreaClaim claim;
    claim.areas = row.choices("areas", model_.vocabulary.areas, Presence::Required);
    claim.by = row.text("by", Presence::Required);
    claim.provenance = row.provenance("provenance", Presence::Required);
    claim.note = row.text("note", Presence::Optional);
    row.refuse_unknown_keys();
    instrument.area_claims.push_back(std::move(claim));
  }
}

void RegisterReader::read_source_errors(TomlTable& head, Instrument& instrument) {
  for (const auto* node : head.tables("source_errors")) {
    auto row = table(*node, head.file(), "a source error");
    SourceError error;
    error.source = row.provenance("source", Presence::Required);
    error.place = row.text("place", Presence::Required);
    error.says = row.text("says", Presence::Required);
    error.correct = row.text("correct", Presence::Required);
    error.provenance = row.provenance("provenance", Presence::Required);
    row.refuse_unknown_keys();
    instrument.source_errors.push_back(std::move(error));
  }
}

void RegisterReader::read_readings(TomlTable& head, Instrument& instrument) {
  std::map<std::string, int> taken;
  for (const auto* node : head.tables("readings")) {
    auto row = table(*node, head.file(), "a reading");
    Reading reading;
    reading.of = row.text("of", Presence::Required);
    reading.says = row.text("says", Presence::Required);
    reading.by = row.text("by", Presence::Required);
    reading.provenance = row.provenance("provenance", Presence::Required);
    reading.taken = row.flag("taken", Presence::Required);
    row.refuse_unknown_keys();
    taken[reading.of] += reading.taken ? 1 : 0;
    instrument.readings.push_back(std::move(reading));
  }
  for (const auto& [of, count] : taken) {
    if (count == 1) continue;
    head.problem(head.find("readings")->position,
                 fmt::format("{} readings of {} are taken", count, quoted(of)),
                 "exactly one, which the clauses follow");
  }
}

void RegisterReader::read_reviews(TomlTable& head, Instrument& instrument) {
  for (const auto* node : head.tables("reviews")) {
    auto row = table(*node, head.file(), "a review");
    Review review;
    review.article = row.text("article", Presence::Required);
    review.says = row.text("says", Presence::Optional);
    review.provenance = row.provenance("provenance", Presence::Required);
    if (const auto* value = row.find("within", Presence::Required)) {
      review.within = read_duration(row, *value, "within").value_or(Wait{});
    }
    row.refuse_unknown_keys();
    instrument.reviews.push_back(std::move(review));
  }
}

std::vector<std::string> RegisterReader::instruments_of(TomlTable& row, const char* key) {
  std::vector<std::string> out;
  for (const auto* value : row.strings(key, Presence::Optional)) {
    known_instrument(row, *value, key);
    out.push_back(value->text);
  }
  return out;
}

// No instrument stands above or before itself; who comes after follows from who comes before.
void RegisterReader::check_tree() {
  using Above = std::vector<std::string> (*)(const Instrument&);
  const auto circle = [&](const Instrument& start, Above above) {
    std::set<std::string> seen;
    auto open = above(start);
    while (!open.empty()) {
      const auto id = open.back();
      open.pop_back();
      if (id == start.id) return true;
      const auto index = model_.instrument(id);
      if (!index || !seen.insert(id).second) continue;
      const auto more = above(model_.instruments[static_cast<std::size_t>(*index)]);
      open.insert(open.end(), more.begin(), more.end());
    }
    return false;
  };
  const Above parents = [](const Instrument& one) {
    return one.parent.empty() ? std::vector<std::string>() : std::vector<std::string>{one.parent};
  };
  const Above before = [](const Instrument& one) { return one.predecessors; };
  for (auto& instrument : model_.instruments) {
    for (const char* key : {"parent", "predecessors"}) {
      if (!circle(instrument, std::string_view(key) == "parent" ? parents : before)) continue;
      const auto colon = instrument.place.rfind(':');
      problems_.add(
          instrument.place.substr(0, colon), {std::stoi(instrument.place.substr(colon + 1)), 1},
          fmt::format("'{}' leads back to '{}' itself", key, instrument.id), "a chain that ends");
    }
    for (const auto& earlier : instrument.predecessors) {
      const auto index = model_.instrument(earlier);
      if (!index) continue;
      model_.instruments[static_cast<std::size_t>(*index)].successors.push_back(instrument.id);
    }
  }
}

// Files beside law; a register may go without them.
void RegisterReader::read_context() {
  ContextReader reader(model_, instrument_ids_, party_codes_);
  for (const auto& path : ContextReader::files()) {
    if (!files_.contains(path)) continue;
    const auto document = document_of(path);
    if (!document) continue;
    auto root = table(*document, path, "the file");
    reader.read(root, problems_);
    root.refuse_unknown_keys();
  }
}

// ---- clauses -----------------------------------------------------------------------------------

// A register may go without families; its clauses are written out then.
void RegisterReader::read_families() {
  const std::string path = "families.toml";
  if (!files_.contains(path)) return;
  const auto document = document_of(path);
  if (!document) return;
  auto root = table(*document, path, "the file");
  for (const auto* node : root.tables("family")) {
    auto row = table(*node, path, "[[family]]");
    static const TomlNode nothing;
    const auto* fixed = families_.fixes(row);
    auto fixes = table(fixed ? *fixed : nothing, path, "'fixes'");
    // As of a clause whose verb demands nothing, for the rest comes with each clause.
    Clause clause;
    fixes.choice("verb", verb_names, Presence::Optional);
    clause.actions = read_actions(fixes, "action", Presence::Optional);
    read_sides(fixes, clause);
    read_dimensions(fixes, clause);
    read_conditions(fixes, clause);
    fixes.refuse_unknown_keys();
    families_.read(row, fixes.known());
    row.refuse_unknown_keys();
  }
  root.refuse_unknown_keys();
}

Clause RegisterReader::read_clause(TomlTable& row, const Instrument& instrument,
                                   const std::string& assumed) {
  if (!row.has("family")) return read_written_clause(row, instrument, assumed);
  const auto node = families_.written_out(row, instrument);
  if (!node) return {};
  auto written = table(*node, row.file(), "[[clause]]");
  if (!assumed.empty()) written.find("instrument");
  auto clause = read_written_clause(written, instrument, assumed);
  clause.family = row.word("family", Presence::Required);
  return clause;
}

Clause RegisterReader::read_written_clause(TomlTable& row, const Instrument& instrument,
                                           const std::string& assumed) {
  const auto problems_before = problems_.count();
  const auto presence = assumed.empty() ? Presence::Required : Presence::Optional;
  Clause clause;
  clause.assumed = assumed;
  clause.place = fmt::format("{}:{}", row.file(), row.node().position.line);
  clause.id = row.word("id", Presence::Required);
  clause.article = row.text("article", Presence::Required);
  clause.says = row.text("says", Presence::Optional);
  clause.note = row.text("note", Presence::Optional);
  clause.provenance = row.provenance("provenance", presence);
  const auto& statuses = assumed.empty() ? verification_names : assumed_status_names;
  const auto status = row.choice("status", statuses, presence).value_or(0);
  clause.status = statuses.values[static_cast<std::size_t>(status)];
  const auto verb = row.choice("verb", verb_names, Presence::Required);
  if (verb) clause.verb = static_cast<Verb>(*verb);
  const bool acts = verb && clause.verb != Verb::Define;
  clause.actions = read_actions(row, "action", acts ? Presence::Required : Presence::Optional);
  read_sides(row, clause);
  read_dimensions(row, clause);
  read_conditions(row, clause);
  read_reading(row, instrument, clause);
  if (verb) check_verb(row, clause, instrument);
  row.refuse_unknown_keys();
  if (!clause.id.empty() && instrument.clause(clause.id)) {
    row.problem(row.find("id")->position,
                fmt::format("the clause '{}' stands in {} already", clause.id,
                            instrument.clause(clause.id)->place),
                "each id once in an instrument");
  }
  if (instrument.reference_only) {
    row.problem(row.node().position, "a clause in an instrument that is reference_only",
                "no clause, or no reference_only");
  }
  if (problems_.count() == problems_before) {
    auto value = to_json(row.node());
    value.object()->set("instrument", instrument.id);
    clause.digest = sha256(json::canonical(value));
  }
  return clause;
}

Bits RegisterReader::read_actions(TomlTable& row, const char* key, Presence presence) {
  const auto* value = row.find(key, presence);
  if (!value) return 0;
  if (value->kind != TomlNode::Kind::String) return row.choices(key, action_names, presence);
  const auto index = row.index_of(*value, action_names, key);
  return index ? bit(*index) : 0;
}

void RegisterReader::read_sides(TomlTable& row, Clause& clause) {
  static const Names between{{"parties"}};
  row.choice("between", between, Presence::Optional);
  if (row.has("between")) {
    for (const char* key : {"from", "to"}) {
      row.refuse(key, fmt::format("'{}' beside 'between'", key), "either of them");
    }
  } else {
    read_side(row, "from", clause.from);
    read_side(row, "to", clause.to);
  }
  if (const auto who = row.choice("designated", designated_names, Presence::Optional)) {
    clause.from.designated = *who != 1;
    clause.to.designated = *who != 0;
  }
  const auto& roles = model_.vocabulary.roles;
  clause.from.roles = row.choices("from_roles", roles, Presence::Optional);
  clause.to.roles = row.choices("to_roles", roles, Presence::Optional);
}

void RegisterReader::read_side(TomlTable& row, const char* key, Side& side) {
  const auto* value = row.find(key);
  if (!value) return;
  const bool to = std::string_view(key) == "to";
  if (value->kind == TomlNode::Kind::String && value->text == "parties") return;
  if (value->kind == TomlNode::Kind::String && to && value->text == "third-parties") {
    side.kind = SideKind::ThirdParties;
  } else if (value->kind == TomlNode::Kind::Array) {
    side.kind = SideKind::Listed;
    side.listed = parties_of(row, key);
  } else {
    row.wrong_type(*value, key,
                   to ? "a list of party codes, \"parties\" or \"third-parties\""
                      : "a list of party codes or \"parties\"");
  }
}

void RegisterReader::read_dimensions(TomlTable& row, Clause& clause) {
  const bool stated = clause.verb == Verb::Permit && (clause.actions & transfer_actions) != 0;
  const auto presence = stated ? Presence::Required : Presence::Optional;
  const auto dimension = [&](const char* key, const Names& names) -> Bits {
    const auto* value = row.find(key, presence);
    if (!value || is_any(*value)) return 0;
    return row.choices(key, names, presence);
  };
  clause.info = dimension("info", model_.vocabulary.classes);
  clause.areas = dimension("area", model_.vocabulary.areas);
  clause.purposes = dimension("purpose", model_.vocabulary.purposes);
  if (const auto tlp = row.choice("handling_max", tlp_choices, Presence::Optional)) {
    clause.handling_max = static_cast<Tlp>(*tlp + 1);
  }
}

void RegisterReader::read_conditions(TomlTable& row, Clause& clause) {
  read_needs(row, clause);
  if (const auto scope = row.choice("scope", scope_names, Presence::Optional)) {
    clause.scope = static_cast<Scope>(*scope);
  }
  static const Names exceptions{{"consent"}};
  clause.except_consent = row.choice("except", exceptions, Presence::Optional).has_value();
  clause.when = row.choice("when", fact_names_, Presence::Optional);
  if (clause.when &&
      fact_names_.values[static_cast<std::size_t>(*clause.when)] == "rights-record") {
    row.problem(row.find("when")->position, "'when' is 'rights-record'",
                "a fact whose values are yes and no");
  }
  clause.on = read_actions(row, "on", Presence::Optional);
  read_within_days(row, clause);
  for (const auto& [key, duration] :
       {std::pair("every", &clause.every), std::pair("at_least", &clause.at_least)}) {
    if (const auto* value = row.find(key)) *duration = read_duration(row, *value, key);
  }
  read_survival(row, clause);
  clause.history = read_history(row);
  clause.grounds = row.choices("grounds", model_.vocabulary.refusal_grounds, Presence::Optional);
  clause.via = row.word("via", Presence::Optional);
  read_see(row, clause);
}

void RegisterReader::read_survival(TomlTable& row, Clause& clause) {
  const auto needed = row.has("survives") ? Presence::Required : Presence::Optional;
  clause.survives_provenance = row.provenance("survives_provenance", needed);
  if (row.has("survives")) {
    clause.survives = row.flag("survives", Presence::Required);
  } else {
    row.refuse("survives_provenance", "'survives_provenance' without 'survives'", "both or none");
  }
}

// Duties outlive an instrument where a clause says so, locks unless one says that they do not.
void RegisterReader::check_survival(TomlTable& row, const Clause& clause) {
  const bool lock = clause.verb == Verb::Forbid && clause.scope == Scope::Origin;
  if (!lock && clause.verb != Verb::Require) {
    row.refuse("survives", "'survives' in a clause that ends with its instrument",
               "it only in a duty (require) or in a forbid of scope origin");
  }
  if (clause.verb == Verb::Require && clause.to.kind == SideKind::ThirdParties) {
    row.refuse("survives", "'survives' in a duty toward third parties",
               "it only in duties between parties, or toward listed ones");
  }
  if (lock && clause.to.kind == SideKind::ThirdParties) return;
  row.refuse("history", "'history' in a clause that does not look at who is a party",
             "it only in a forbid of scope origin with to = \"third-parties\"");
}

History RegisterReader::read_history(TomlTable& row) {
  const auto history = row.choice("history", history_names, Presence::Optional);
  return history ? static_cast<History>(*history + 1) : History::Unstated;
}

void RegisterReader::read_needs(TomlTable& row, Clause& clause) {
  constexpr std::string_view arrangement = "arrangement:";
  for (const auto* value : row.strings("needs", Presence::Optional)) {
    Need need{Need::Kind::Fact, value->text, -1};
    if (value->text.starts_with(arrangement)) {
      need.kind = Need::Kind::Arrangement;
      need.name = value->text.substr(arrangement.size());
      if (!is_kebab(need.name)) {
        row.problem(value->position, fmt::format("'needs' has {}", quoted(value->text)),
                    "arrangement:<kind>, the kind in kebab-case");
      }
    } else if (need.name == "human" || need.name == "four-eyes" || need.name == "release-officer") {
      need.kind = Need::Kind::Human;
    } else if (need.name == "rights-record") {
      need.kind = Need::Kind::RightsRecord;
    } else {
      Names allowed{{"human", "four-eyes", "release-officer"}};
      allowed.values.insert(allowed.values.end(), fact_names_.values.begin(),
                            fact_names_.values.end());
      row.index_of(*value, allowed, "needs");
      need.fact = fact_names_.index(need.name).value_or(-1);
    }
    clause.needs.push_back(std::move(need));
  }
}

void RegisterReader::read_within_days(TomlTable& row, Clause& clause) {
  const auto* value = row.find("within_days");
  if (!value) return;
  if (value->kind != TomlNode::Kind::Integer || value->integer < 1 ||
      value->integer > within_days_max) {
    row.wrong_type(*value, "within_days", fmt::format("a whole number, 1 to {}", within_days_max));
    return;
  }
  clause.within_days = static_cast<int>(value->integer);
}

void RegisterReader::read_see(TomlTable& row, Clause& clause) {
  for (const auto* value : row.strings("see", Presence::Optional)) {
    known_instrument(row, *value, "see");
    clause.see.push_back(value->text);
  }
}

// A clause that reads one above it otherwise. Both act, and the stricter of them counts.
void RegisterReader::read_reading(TomlTable& row, const Instrument& instrument, Clause& clause) {
  clause.reading_of = row.word("reading_of", Presence::Optional);
  if (!row.has("reading_of")) {
    row.refuse("reading_by", "'reading_by' without 'reading_of'", "both or none");
    return;
  }
  clause.reading_by = row.text("reading_by", Presence::Required);
  if (clause.reading_of.empty()) return;
  const auto place = row.find("reading_of")->position;
  const auto* of = instrument.clause(clause.reading_of);
  if (of == nullptr) {
    std::vector<std::string> ids;
    for (const auto& one : instrument.clauses) ids.push_back(one.id);
    row.problem(place, fmt::format("'reading_of' is {}", quoted(clause.reading_of)),
                "the id of a clause that stands above in this instrument",
                nearest(clause.reading_of, ids));
  } else if (!of->reading_of.empty()) {
    row.problem(place, fmt::format("'{}' is itself a reading of '{}'", of->id, of->reading_of),
                fmt::format("reading_of = \"{}\"", of->reading_of));
  }
  const auto rivals =
      std::count_if(instrument.clauses.begin(), instrument.clauses.end(),
                    [&](const Clause& one) { return one.reading_of == clause.reading_of; });
  if (static_cast<std::size_t>(rivals) >= rival_readings_max) {
    row.problem(place, fmt::format("one rival reading of '{}' too many", clause.reading_of),
                fmt::format("at most {}", rival_readings_max));
  }
}

// Each verb has keys that only it may have, and keys that it must have.
void RegisterReader::check_verb(TomlTable& row, const Clause& clause,
                                const Instrument& instrument) {
  const auto only = [&](const char* key, bool allowed, const char* verbs) {
    if (allowed) return;
    row.refuse(key, fmt::format("'{}' in a clause whose verb is {}", key, name(clause.verb)),
               fmt::format("it only where the verb is {}", verbs));
  };
  const bool forbid = clause.verb == Verb::Forbid;
  const bool require = clause.verb == Verb::Require;
  for (const char* key : {"scope", "except", "when"}) only(key, forbid, "forbid");
  check_ceiling(row, clause);
  for (const char* key : {"on", "within_days"}) only(key, require, "require");
  const bool asks = require || clause.verb == Verb::Advise;
  for (const char* key : {"every", "at_least"}) only(key, asks, "require or advise");
  const bool ground = require || clause.verb == Verb::Permit || clause.verb == Verb::Empower;
  only("needs", ground, "permit, require or empower");
  check_survival(row, clause);
  if (clause.verb != Verb::Empower || (clause.actions & bit(Action::Refuse)) == 0) {
    row.refuse("grounds", "'grounds' in a clause that does not empower to refuse",
               "them only where the verb is empower and an action is refuse");
  }
  if (forbid) check_forbid(row, clause);
  if (clause.verb == Verb::Advise) row.find("note", Presence::Required);
  const bool binding = instrument.binding == Binding::Binding;
  const bool national = instrument.binding == Binding::National;
  const bool fits = clause.verb == Verb::Define ||
                    (clause.verb == Verb::Advise ? !binding && !national : binding);
  if (fits) return;
  row.problem(row.find("verb")->position,
              fmt::format("the verb {} in an instrument that is {}", name(clause.verb),
                          name(instrument.binding)),
              binding    ? "permit, forbid, require, empower or define"
              : national ? "define"
                         : "advise or define");
}

// A ceiling takes a ground from what is handled more strictly. Whatever else it took away, a forbid
// or the conditions of an act that needs no handling, would leave that freer.
void RegisterReader::check_ceiling(TomlTable& row, const Clause& clause) {
  constexpr auto freer = "what is handled more strictly would be freer";
  const auto names_of = [&](Bits actions) {
    std::vector<std::string> out;
    for (int i = 0; std::cmp_less(i, model_.vocabulary.actions.values.size()); ++i) {
      if ((actions & bit(i)) != 0)
        out.push_back(model_.vocabulary.actions.values[static_cast<std::size_t>(i)]);
    }
    return out;
  };
  if (clause.verb == Verb::Forbid) {
    row.refuse("handling_max", "'handling_max' in a clause whose verb is forbid",
               fmt::format("it only where the verb is any other: {}", freer));
  }
  for (const auto& action : names_of(clause.actions & ~transfer_actions)) {
    row.refuse("handling_max",
               fmt::format("'handling_max' in a clause on '{}', which hands nothing over", action),
               fmt::format("it only where every action is one of {}: {}",
                           fmt::join(names_of(transfer_actions), ", "), freer));
  }
}

void RegisterReader::check_forbid(TomlTable& row, const Clause& clause) {
  const auto* scope = row.find("scope", Presence::Required);
  if (scope && clause.scope == Scope::Always) {
    row.problem(scope->position, "'scope' is 'always'",
                "basis or origin; what holds always is in the engine and in national overlays");
  }
}

// ---- arrangements and designations -------------------------------------------------------------

// A permit may rest on an arrangement or a designation: what is hardly known is none, and what an
// exercise supposes stands in its file.
std::string RegisterReader::provenance_of_fact(TomlTable& row, const std::string& assumed) {
  if (!assumed.empty()) return row.provenance("provenance", Presence::Optional);
  auto out = row.provenance("provenance", Presence::Required);
  if (weakest_provenance(out) == "K:l") {
    row.problem(
        row.find("provenance")->position,
        fmt::format("'provenance' is {}: no permit may rest on what is hardly known", quoted(out)),
        "S, F<number>, K:h, K:m or X; what is only supposed stands as [[assume]] in "
        "exercises/<name>.toml");
  }
  return out;
}

std::optional<Arrangement> RegisterReader::read_arrangement(TomlTable& row,
                                                            const std::string& assumed) {
  Arrangement out;
  out.assumed = assumed;
  out.id = row.word("id", Presence::Required);
  const auto instrument = instrument_of(row);
  out.kind = row.word("kind", Presence::Required);
  row.find("parties", Presence::Required);
  out.parties = parties_of(row, "parties");
  const auto* list = row.find("parties");
  if (list && list->kind == TomlNode::Kind::Array && list->items.size() == 1) {
    row.wrong_type(*list, "parties", "at least two parties");
  }
  out.provenance = provenance_of_fact(row, assumed);
  out.in_force = date(row, "in_force", out.provenance, assumed);
  const auto place = fmt::format("{}:{}", row.file(), row.node().position.line);
  const auto [first, added] = first_places_.try_emplace("arrangement " + out.id, place);
  if (!added && !out.id.empty()) {
    row.problem(row.find("id")->position,
                fmt::format("the arrangement '{}' stands in {} already", out.id, first->second),
                "each id once");
  }
  if (!instrument) return std::nullopt;
  out.instrument = *instrument;
  return out;
}

std::optional<Designation> RegisterReader::read_designation(TomlTable& row,
                                                            const std::string& assumed) {
  Designation out;
  out.assumed = assumed;
  const auto instrument = instrument_of(row);
  const auto party = party_of(row, "party");
  out.body = row.text("body", Presence::Required);
  out.role = row.choice("role", model_.vocabulary.roles, Presence::Optional);
  out.areas = row.choices("areas", model_.vocabulary.areas, Presence::Optional);
  out.provenance = provenance_of_fact(row, assumed);
  out.since = date(row, "since", out.provenance, assumed);
  if (!instrument || !party) return std::nullopt;
  out.instrument = *instrument;
  out.party = *party;
  return out;
}

// ---- exercises ---------------------------------------------------------------------------------

void RegisterReader::read_exercise() {
  const auto path = "exercises/" + *exercise_ + ".toml";
  model_.exercise = *exercise_;
  if (!files_.contains(path)) {
    std::vector<std::string> names;
    for (const auto& [other, text] : files_) {
      if (other.starts_with("exercises/")) names.push_back(file_stem(other));
    }
    problems_.add(path, {}, fmt::format("there is no exercise {}", quoted(*exercise_)),
                  fmt::format("one of {}", fmt::join(names, ", ")), nearest(*exercise_, names));
    return;
  }
  const auto document = document_of(path);
  if (!document) return;
  auto root = table(*document, path, "the file");
  for (const auto* node : root.tables("assume")) {
    auto row = table(*node, path, "[[assume]]");
    read_assumption(row);
    row.refuse_unknown_keys();
  }
  root.refuse_unknown_keys();
}

void RegisterReader::read_assumption(TomlTable& row) {
  Assumption assumption{row.word("id", Presence::Required), row.text("reason", Presence::Required)};
  const auto& id = assumption.id;
  if (id.empty()) return;
  if (model_.assumption(id)) {
    row.problem(row.find("id")->position, fmt::format("a second assumption '{}'", id),
                "each id once");
  }
  std::string chosen;
  int given = 0;
  for (const char* key : {"party", "clause", "arrangement", "designation"}) {
    if (!row.find(key)) continue;
    chosen = key;
    ++given;
  }
  if (given != 1) {
    row.problem(row.node().position, fmt::format("the assumption '{}' makes {} changes", id, given),
                "exactly one of party, clause, arrangement, designation");
    return;
  }
  const auto* node = row.find(chosen.c_str());
  if (node->kind != TomlNode::Kind::Table) {
    row.wrong_type(*node, chosen, "a table");
    return;
  }
  auto inner = table(*node, row.file(), fmt::format("the {} of '{}'", chosen, id));
  if (chosen == "party") assume_party(inner, id);
  if (chosen == "clause") assume_clause(inner, id);
  if (chosen == "arrangement") {
    if (auto one = read_arrangement(inner, id)) model_.arrangements.push_back(*std::move(one));
  }
  if (chosen == "designation") {
    if (auto one = read_designation(inner, id)) model_.designations.push_back(*std::move(one));
  }
  // The clause reader has looked for unknown keys itself, before it took the digest.
  if (chosen != "clause") inner.refuse_unknown_keys();
  model_.assumptions.push_back(std::move(assumption));
}

void RegisterReader::assume_party(TomlTable& row, const std::string& id) {
  const auto instrument = instrument_of(row);
  const auto party = party_of(row, "code");
  const auto provenance = row.provenance("provenance", Presence::Optional);
  const auto in_force = date(row, "in_force", provenance, id);
  const auto status = row.choice("status", membership_names, Presence::Optional);
  if (!row.has("in_force") && !row.has("status")) {
    row.problem(row.node().position, "neither 'in_force' nor 'status'", "what is assumed");
  }
  if (!instrument || !party) return;
  const auto [first, added] = assumed_parties_.try_emplace({*instrument, *party}, id);
  if (!added) {
    row.problem(row.node().position,
                fmt::format("'{}' assumes something about this party already", first->second),
                "one assumption a party and instrument");
    return;
  }
  auto& entries = model_.instruments[static_cast<std::size_t>(*instrument)].parties;
  const auto place =
      std::lower_bound(entries.begin(), entries.end(), *party,
                       [](const PartyEntry& one, int wanted) { return one.party < wanted; });
  if (place != entries.end() && place->party == *party) {
    merge_party(row, *place, status, in_force, id);
    return;
  }
  PartyEntry entry;
  entry.party = *party;
  entry.provenance = provenance;
  merge_party(row, entry, status, in_force, id);
  entries.insert(place, std::move(entry));
}

void RegisterReader::merge_party(TomlTable& row, PartyEntry& entry,
                                 const std::optional<int>& status,
                                 const std::optional<DateFact>& in_force, const std::string& id) {
  const auto& known = entry.in_force;
  // A partly known date may be narrowed, for its day is unknown.
  const bool changes = known && in_force &&
                       (in_force->earliest < known->earliest || in_force->latest > known->latest);
  const bool negates = known && status && static_cast<Membership>(*status) != Membership::Party;
  if (changes || negates) {
    row.problem(row.find(changes ? "in_force" : "status")->position,
                fmt::format("the register knows the date {}", known->written),
                "no assumption that changes it: one may only fill what is unknown");
    return;
  }
  if (in_force) {
    entry.in_force = in_force;
    entry.computed_in_force.reset();  // what is assumed stands in its place
    entry.status = Membership::Party;
  }
  if (status) entry.status = static_cast<Membership>(*status);
  entry.assumed = id;
  check_order(row, entry);
}

void RegisterReader::assume_clause(TomlTable& row, const std::string& id) {
  const auto index = instrument_of(row);
  if (!index) return;
  auto& instrument = model_.instruments[static_cast<std::size_t>(*index)];
  instrument.clauses.push_back(read_clause(row, instrument, id));
}

// ---- what changes in time --------------------------------------------------------------------

// Behind the exercise, for it may make a party of whoever suspends or denounces.
void RegisterReader::read_law_changes() {
  LawChangeReader changes(model_);
  const auto read = [&](const char* folder, const char* key, auto method) {
    each_table(folder, key, [&](TomlTable& row) {
      const auto instrument = instrument_of(row);
      const auto party = party_of(row, "party");
      (changes.*method)(row, instrument, party);
    });
  };
  read("suspensions/", "suspension", &LawChangeReader::suspension);
  read("denunciations/", "denunciation", &LawChangeReader::denunciation);
}

void RegisterReader::read_overlays() {
  OverlayReader reader(model_, party_codes_, problems_,
                       [this](TomlTable& row, const char* key, const std::string& provenance) {
                         return date(row, key, provenance);
                       });
  const std::string folder = "overlays/";
  for (auto it = files_.lower_bound(folder); it != files_.end(); ++it) {
    if (!it->first.starts_with(folder)) break;
    if (!it->first.ends_with(".toml")) continue;
    const auto document = document_of(it->first);
    if (!document) continue;
    auto root = table(*document, it->first, "the file");
    reader.read(root);
    root.refuse_unknown_keys();
  }
}

// ---- values ------------------------------------------------------------------------------------

std::optional<DateFact> RegisterReader::date(TomlTable& row, const char* key,
                                             const std::string& provenance,
                                             const std::string& assumed) {
  const auto* value = row.find(key);
  if (!value) return std::nullopt;
  auto out =
      value->kind == TomlNode::Kind::Date ? day(row, *value, key) : partial_date(row, *value, key);
  if (!out) return std::nullopt;
  const auto year = std::stoi(out->written.substr(0, 4));
  if (year < year_min || year > year_max) {
    row.problem(value->position, fmt::format("'{}' is in the year {}", key, year),
                fmt::format("a year from {} to {}", year_min, year_max));
    return std::nullopt;
  }
  out->provenance = weakest_provenance(provenance);
  out->assumed = assumed;
  return out;
}

std::optional<DateFact> RegisterReader::day(TomlTable& row, const TomlNode& value,
                                            const char* key) {
  const auto instant = parse_day_or_instant(value.text);
  if (!instant) {
    row.wrong_type(value, key, "a date of the calendar");
    return std::nullopt;
  }
  return DateFact{*instant, *instant, value.text, true, {}, {}};
}

std::optional<DateFact> RegisterReader::partial_date(TomlTable& row, const TomlNode& value,
                                                     const char* key) {
  const auto& text = value.text;
  const bool string = value.kind == TomlNode::Kind::String;
  if (string && parse_day_or_instant(text)) {
    row.wrong_type(value, key, "a TOML date without quotes");
    return std::nullopt;
  }
  const auto first = [](int year, int month) {
    const auto days = days_from_date(year, month, 1);
    CHECK(days);
    return Instant::from_seconds(*days * seconds_per_day);
  };
  const bool digits = std::all_of(text.begin(), text.end(), [&](const char& c) {
    return &c - text.data() == 4 ? c == '-' : c >= '0' && c <= '9';
  });
  if (string && digits && text.size() == 4) {
    const auto year = std::stoi(text);
    return DateFact{first(year, 1), first(year + 1, 1), text, false, {}, {}};
  }
  if (string && digits && text.size() == 7) {
    const auto year = std::stoi(text);
    const auto month = std::stoi(text.substr(5));
    if (month >= 1 && month <= 12) {
      const auto end = month == 12 ? first(year + 1, 1) : first(year, month + 1);
      return DateFact{first(year, month), end, text, false, {}, {}};
    }
  }
  row.wrong_type(value, key,
                 "a TOML date without quotes, or \"2024\" or \"2024-03\" where partly known");
  return std::nullopt;
}

std::optional<int> RegisterReader::party_of(TomlTable& row, const TomlNode& value,
                                            const char* key) {
  if (value.kind == TomlNode::Kind::String && !party_codes_.index(value.text)) {
    if (const auto code = code_of_name(model_.parties, value.text); !code.empty()) {
      row.problem(value.position, fmt::format("'{}' is {}", key, quoted(value.text)),
                  "the code of a party, as parties.toml has it", code);
      return std::nullopt;
    }
  }
  return row.index_of(value, party_codes_, key);
}

std::optional<int> RegisterReader::party_of(TomlTable& row, const char* key) {
  const auto* value = row.find(key, Presence::Required);
  return value ? party_of(row, *value, key) : std::nullopt;
}

PartySet RegisterReader::parties_of(TomlTable& row, const char* key) {
  PartySet out;
  for (const auto* value : row.strings(key, Presence::Optional)) {
    if (const auto index = party_of(row, *value, key)) out.set(static_cast<std::size_t>(*index));
  }
  return out;
}

bool RegisterReader::known_instrument(TomlTable& row, const TomlNode& value, const char* key) {
  const auto& ids = instrument_ids_;
  if (std::find(ids.begin(), ids.end(), value.text) != ids.end()) return true;
  row.problem(value.position, fmt::format("'{}' is {}", key, quoted(value.text)),
              "the id of an instrument of this register", nearest(value.text, ids));
  return false;
}

std::optional<int> RegisterReader::instrument_of(TomlTable& row) {
  const auto id = row.word("instrument", Presence::Required);
  if (id.empty()) return std::nullopt;
  if (!known_instrument(row, *row.find("instrument"), "instrument")) return std::nullopt;
  return model_.instrument(id);
}

}  // namespace

Model read_model(const RegisterFiles& files, const std::optional<std::string>& exercise,
                 std::vector<Problem>& problems, RegisterCache* cache) {
  ProblemList list;
  auto model = RegisterReader(files, exercise, list, cache).read();
  for (auto& problem : list.finish()) problems.push_back(std::move(problem));
  return model;
}

}  // namespace comity::treaty
