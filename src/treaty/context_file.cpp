#include "treaty/context_file.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

namespace comity::treaty {
namespace {

const Names body_kinds{{"organ", "committee", "expert-group", "working-group", "network",
                        "secretariat", "agency", "forum", "dialogue", "initiative"}};
const Names relation_names{{"same", "wider", "narrower"}};
const Names measure_kinds{{"information", "contacts", "meetings"}};
const Names content_names{{"none", "split", "gated"}};

std::string place_of(const TomlTable& row) {
  return fmt::format("{}:{}", row.file(), row.node().position.line);
}

std::string chosen(const Names& names, std::optional<int> index) {
  return index ? names.values[static_cast<std::size_t>(*index)] : std::string();
}

// A partly known day as it is written: nobody computes with those of this file.
std::string written_date(TomlTable& row, const char* key) {
  const auto* value = row.find(key);
  if (!value) return {};
  const auto& text = value->text;
  const auto digit = [&](std::size_t i) { return text[i] >= '0' && text[i] <= '9'; };
  bool good = value->kind == TomlNode::Kind::Date;
  if (value->kind == TomlNode::Kind::String && (text.size() == 4 || text.size() == 7)) {
    good = true;
    for (std::size_t i = 0; i < text.size(); ++i)
      good = good && (i == 4 ? text[i] == '-' : digit(i));
    if (text.size() == 7) good = good && text.substr(5) >= "01" && text.substr(5) <= "12";
  }
  if (good) return text;
  row.wrong_type(*value, key,
                 "a TOML date without quotes, or \"2024\" or \"2024-03\" where partly known");
  return {};
}

}  // namespace

const std::vector<std::string>& ContextReader::files() {
  static const std::vector<std::string> names = {"sources.toml", "bodies.toml", "norms.toml",
                                                 "measures.toml", "threats.toml"};
  return names;
}

void ContextReader::read(TomlTable& root, ProblemList& problems) {
  const auto& file = root.file();
  if (file == "sources.toml") each(root, problems, "source", &ContextReader::source);
  if (file == "bodies.toml") each(root, problems, "body", &ContextReader::body);
  if (file == "measures.toml") each(root, problems, "measure", &ContextReader::measure);
  if (file == "norms.toml") {
    each(root, problems, "norm", &ContextReader::norm);
    each(root, problems, "crosswalk", &ContextReader::crosswalk);
    check_norms(root);
  }
  if (file == "threats.toml") {
    taxonomy(root, problems);
    each(root, problems, "mapping", &ContextReader::mapping);
    each(root, problems, "threat", &ContextReader::threat);
  }
}

void ContextReader::each(TomlTable& root, ProblemList& problems, const char* key, Row row) {
  for (const auto* node : root.tables(key)) {
    TomlTable table(*node, root.file(), problems, fmt::format("[[{}]]", key));
    (this->*row)(table);
    table.refuse_unknown_keys();
  }
}

// ---- what the rows name ------------------------------------------------------------------------

std::string ContextReader::id_of(TomlTable& row, const std::string& kind) {
  auto id = row.word("id", Presence::Required);
  if (id.empty()) return id;
  const auto [first, added] = ids_[kind].try_emplace(id, place_of(row));
  if (!added) {
    row.problem(row.find("id")->position,
                fmt::format("the {} '{}' stands in {} already", kind, id, first->second),
                "each id once");
  }
  return id;
}

std::string ContextReader::instrument_of(TomlTable& row, Presence presence) {
  auto id = row.word("instrument", presence);
  if (!id.empty()) row.index_of(*row.find("instrument"), Names{instruments_}, "instrument");
  return id;
}

std::string ContextReader::known_id(TomlTable& row, const char* key, const std::string& kind) {
  auto id = row.word(key, Presence::Required);
  if (id.empty()) return id;
  Names known;
  for (const auto& [other, place] : ids_[kind]) known.values.push_back(other);
  row.index_of(*row.find(key), known, key);
  return id;
}

std::vector<std::string> ContextReader::list_of(TomlTable& row, const char* key,
                                                const Names& names) {
  std::vector<std::string> out;
  for (const auto* value : row.strings(key, Presence::Optional)) {
    row.index_of(*value, names, key);
    out.push_back(value->text);
  }
  return out;
}

// ---- sources and bodies ------------------------------------------------------------------------

void ContextReader::source(TomlTable& row) {
  Source out{row.provenance("id", Presence::Required), row.text("says", Presence::Required)};
  if (out.id.empty()) return;
  const auto [first, added] = ids_["source"].try_emplace(out.id, place_of(row));
  if (!added || out.id.find(' ') != std::string::npos) {
    row.problem(row.find("id")->position, fmt::format("'id' is '{}'", out.id),
                "one mark of provenance, each once");
  }
  model_.context.sources.push_back(std::move(out));
}

void ContextReader::body(TomlTable& row) {
  Body out;
  out.id = id_of(row, "body");
  out.name = row.text("name", Presence::Required);
  out.kind = chosen(body_kinds, row.choice("kind", body_kinds, Presence::Required));
  out.instrument = instrument_of(row, Presence::Optional);
  out.organisation = chosen(parties_, row.choice("organisation", parties_, Presence::Optional));
  out.parties = list_of(row, "parties", parties_);
  out.aliases = list_of(row, "aliases", {});
  out.since = written_date(row, "since");
  out.provenance = row.provenance("provenance", Presence::Required);
  out.note = row.text("note", Presence::Optional);
  model_.context.bodies.push_back(std::move(out));
}

// ---- norms and measures ------------------------------------------------------------------------

void ContextReader::norm(TomlTable& row) {
  Norm out;
  out.id = id_of(row, "norm");
  out.instrument = instrument_of(row, Presence::Required);
  out.number = row.text("number", Presence::Required);
  out.says = row.text("says", Presence::Required);
  out.provenance = row.provenance("provenance", Presence::Required);
  out.number_provenance = row.provenance("number_provenance", Presence::Required);
  out.alone = row.text("alone", Presence::Optional);
  const auto key = out.instrument + " " + out.number;
  if (!out.number.empty() && !ids_["number"].try_emplace(key, place_of(row)).second) {
    row.problem(row.find("number")->position, fmt::format("a second norm {}", key),
                "each number once in a list");
  }
  model_.context.norms.push_back(std::move(out));
}

void ContextReader::crosswalk(TomlTable& row) {
  Crosswalk out;
  out.norm = known_id(row, "norm", "norm");
  out.relation = chosen(relation_names, row.choice("relation", relation_names, Presence::Required));
  out.other = known_id(row, "other", "norm");
  out.provenance = row.provenance("provenance", Presence::Required);
  const auto list = [&](const std::string& id) {
    const auto& norms = model_.context.norms;
    const auto it =
        std::find_if(norms.begin(), norms.end(), [&](const Norm& one) { return one.id == id; });
    return it == norms.end() ? std::string() : it->instrument;
  };
  if (!out.other.empty() && list(out.norm) == list(out.other)) {
    row.problem(row.find("other")->position,
                fmt::format("'{}' and '{}' are of one list", out.norm, out.other),
                "norms of two lists");
  }
  model_.context.crosswalk.push_back(std::move(out));
}

// Nobody can forget a norm of one list while answering in the words of the other.
void ContextReader::check_norms(TomlTable& root) {
  std::set<std::string> crossed;
  for (const auto& row : model_.context.crosswalk) {
    crossed.insert(row.norm);
    crossed.insert(row.other);
  }
  for (const auto& norm : model_.context.norms) {
    if (norm.id.empty() || crossed.contains(norm.id) == norm.alone.empty()) {
      continue;
    }
    const auto& place = ids_["norm"][norm.id];
    root.problem({std::stoi(place.substr(place.rfind(':') + 1)), 1},
                 fmt::format("the norm '{}' is {}", norm.id,
                             norm.alone.empty() ? "in no crosswalk" : "'alone' and crossed"),
                 "a [[crosswalk]], or 'alone' with the reason why it has none");
  }
}

void ContextReader::measure(TomlTable& row) {
  Measure out;
  out.id = id_of(row, "measure");
  out.instrument = instrument_of(row, Presence::Required);
  out.number = row.text("number", Presence::Required);
  out.says = row.text("says", Presence::Required);
  out.provenance = row.provenance("provenance", Presence::Required);
  out.also_in = list_of(row, "also_in", Names{instruments_});
  out.kinds = list_of(row, "kinds", measure_kinds);
  out.areas = row.choices("areas", model_.vocabulary.areas, Presence::Required);
  model_.context.measures.push_back(std::move(out));
}

// ---- threats -----------------------------------------------------------------------------------

void ContextReader::taxonomy(TomlTable& root, ProblemList& problems) {
  for (const auto* value : root.strings("stix_types", Presence::Required)) {
    object_types_.values.push_back(value->text);
  }
  const auto* node = root.find("rsit", Presence::Required);
  if (!node) return;
  if (node->kind != TomlNode::Kind::Table) {
    root.wrong_type(*node, "rsit", "a table [rsit]");
    return;
  }
  TomlTable row(*node, root.file(), problems, "[rsit]");
  model_.context.taxonomy_version = row.text("version", Presence::Required);
  row.provenance("provenance", Presence::Required);
  const auto* classes = row.find("classes", Presence::Required);
  if (classes && classes->kind != TomlNode::Kind::Table) {
    row.wrong_type(*classes, "classes", "a table [rsit.classes]");
  } else if (classes) {
    TomlTable list(*classes, root.file(), problems, "[rsit.classes]");
    for (const auto& entry : classes->entries) {
      for (const auto* type : list.strings(entry.key.c_str(), Presence::Required)) {
        classes_[entry.key].values.push_back(type->text);
      }
    }
  }
  row.refuse_unknown_keys();
}

void ContextReader::mapping(TomlTable& row) {
  ThreatMapping out;
  out.id = id_of(row, "mapping");
  out.says = row.text("says", Presence::Required);
  out.intent = row.text("intent", Presence::Required);
  out.content = chosen(content_names, row.choice("content", content_names, Presence::Required));
  out.provenance = row.provenance("provenance", Presence::Required);
  for (const auto* value : row.strings("rsit", Presence::Optional)) {
    const auto colon = value->text.find(':');
    const auto found = classes_.find(value->text.substr(0, colon));
    const auto type = colon == std::string::npos ? std::string() : value->text.substr(colon + 1);
    if (found == classes_.end() || (type != "*" && !found->second.index(type))) {
      row.problem(value->position, fmt::format("'rsit' has {}", quoted(value->text)),
                  "class:type or class:* of [rsit.classes]");
    }
    out.rsit.push_back(value->text);
  }
  out.stix = list_of(row, "stix", object_types_);
  model_.context.mappings.push_back(std::move(out));
}

void ContextReader::threat(TomlTable& row) {
  Threat out;
  out.id = id_of(row, "threat");
  out.list = instrument_of(row, Presence::Optional);
  if (out.list.empty()) out.list = row.word("list", Presence::Required);
  out.number = row.text("number", Presence::Required);
  out.says = row.text("says", Presence::Required);
  out.mapping = known_id(row, "mapping", "mapping");
  out.provenance = row.provenance("provenance", Presence::Required);
  model_.context.threats.push_back(std::move(out));
}

}  // namespace comity::treaty
