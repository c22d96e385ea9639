// The register as shipped against tables of its own in tests/data: what the sources name and say,
// written down without looking at the register, so that a wrong edit of either side shows.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <set>

#include "treaty/party_names.h"
#include "treaty/test_shipped_register.h"

namespace comity::treaty {
namespace {

using test::parts_of;
using test::shipped;
using test::shipped_instrument;
using test::table;
using test::TableRow;

using WordSet = std::set<std::string>;

WordSet words(std::string_view text) {
  const auto parts = parts_of(text, ' ');
  return {parts.begin(), parts.end()};
}

WordSet words(const Names& names, Bits bits) {
  WordSet out;
  for (std::size_t i = 0; i < names.values.size(); ++i) {
    if ((bits >> i & 1) != 0) out.insert(names.values[i]);
  }
  return out;
}

WordSet words(const std::vector<std::string>& list) { return {list.begin(), list.end()}; }

const std::string& code_of(int party) {
  return shipped().parties[static_cast<std::size_t>(party)].code;
}

const Party* party_of(std::string_view code) {
  const auto index = shipped().party(code);
  return index ? &shipped().parties[static_cast<std::size_t>(*index)] : nullptr;
}

std::string written(const std::optional<DateFact>& date) { return date ? date->written : ""; }

// Every passage of a cell must stand in the text.
void expect_says(const std::string& text, const std::string& cell, char separator,
                 const std::string& of) {
  for (const auto& passage : parts_of(cell, separator)) {
    EXPECT_NE(text.find(passage), std::string::npos) << of << " must say: " << passage;
  }
}

// ---- what the source names ---------------------------------------------------------------------

bool stands_in_register(const std::string& kind, const std::string& id) {
  const auto& bodies = shipped().context.bodies;
  const auto* party = party_of(id);
  if (kind == "instrument") return shipped().instrument(id).has_value();
  if (kind == "organisation") return party && party->kind == PartyKind::Organisation;
  if (kind == "body" || kind == "initiative") {
    return std::any_of(bodies.begin(), bodies.end(), [&](const Body& one) { return one.id == id; });
  }
  if (kind == "source") {
    const auto& sources = shipped().context.sources;
    return std::any_of(sources.begin(), sources.end(),
                       [&](const Source& one) { return one.id == id; });
  }
  return kind == "literature" && id == "-";
}

TEST(RegisterTables, HasEveryInstrumentBodyAndInitiativeOfBoyko2021) {
  std::map<std::string, int> kinds;
  for (auto& row : table("boyko-2021-names.tsv")) {
    ++kinds[row["kind"]];
    EXPECT_TRUE(stands_in_register(row["kind"], row["id"]))
        << "missing: " << row["name"] << " (" << row["where"] << "), " << row["kind"] << " "
        << row["id"];
  }
  // So that nobody makes the table shorter unseen.
  EXPECT_GE(kinds["instrument"], 90);
  EXPECT_GE(kinds["body"], 30);
  EXPECT_GE(kinds["initiative"], 15);
}

TEST(RegisterTables, EveryFootnoteOfBoyko2021HasARow) {
  constexpr int footnotes = 41;
  std::set<std::string> seen;
  for (auto& row : table("boyko-2021-names.tsv")) {
    if (row["where"].starts_with("footnote ")) seen.insert(row["where"]);
  }
  for (int i = 1; i <= footnotes; ++i) {
    EXPECT_TRUE(seen.contains(fmt::format("footnote {}", i))) << i;
  }
  EXPECT_EQ(seen.size(), static_cast<std::size_t>(footnotes));
}

// The text of the source with single blanks, by place: "bilateral", "footnote 24" …
std::map<std::string, std::string> places_of(const std::string& text) {
  static const std::vector<std::string> digits = {"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
  static const std::vector<std::pair<std::string, std::string>> heads = {
      {"Bilateral Cooperation at the Heart", "bilateral"},
      {"Multilateralism as a Sign", "multilateral"},
      {"Regional Cooperation to Achieve", "regional"},
      {"Global level of the system", "global"},
      {"* * *", "conclusion"},
      {"About the Author", "author"},
      {"References:", "references"}};
  std::map<std::string, std::string> out;
  std::string section = "introduction";
  for (const auto& line : parts_of(text, '\n')) {
    for (const auto& [head, name] : heads) {
      if (line.starts_with(head)) section = name;
    }
    std::string number;
    std::string_view rest = line;
    for (bool more = true; more;) {
      more = false;
      for (std::size_t i = 0; i < digits.size(); ++i) {
        if (!rest.starts_with(digits[i])) continue;
        number += static_cast<char>('0' + i);
        rest.remove_prefix(digits[i].size());
        more = true;
      }
    }
    if (!number.empty()) out["footnote " + number] += std::string(rest) + " ";
    for (const auto& word : parts_of(line, ' ')) {
      if (!word.empty()) out[section] += word + " ";
    }
  }
  return out;
}

// The text is not part of the program; where it is at hand, the table is held against it.
TEST(RegisterTables, NamesOfBoyko2021AreTheWordsOfTheText) {
  const char* data = std::getenv("COMITY_TEST_DATA");
  std::optional<std::string> text;
  if (data) {
    auto read = read_file(std::string(data) + "/../domain/boyko-2021.txt", 1 << 20);
    if (read) text = *std::move(read);
  }
  if (!text) {
    std::puts("the source text is not at hand: its names were not compared with it");
    return;
  }
  auto places = places_of(*text);
  std::string named;
  for (auto& row : table("boyko-2021-names.tsv")) {
    EXPECT_NE(places[row["where"]].find(row["name"]), std::string::npos)
        << row["where"] << ": " << row["name"];
    named += row["name"] + "\n";
  }
  EXPECT_TRUE(places.contains("footnote 41"));
  EXPECT_FALSE(places.contains("footnote 42"));
  // Every symbol of a United Nations document in the text stands in a name.
  for (const auto& [place, words_there] : places) {
    if (place == "references") continue;
    for (auto at = words_there.find("A/"); at != std::string::npos;
         at = words_there.find("A/", at + 1)) {
      const auto end = words_there.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/.", at);
      auto symbol = words_there.substr(at, end - at);
      while (symbol.ends_with('.')) symbol.pop_back();
      const bool begins = at == 0 || words_there[at - 1] == ' ' || words_there[at - 1] == '(';
      if (!begins || symbol.find_first_of("0123456789") == std::string::npos) continue;
      EXPECT_NE(named.find(symbol), std::string::npos) << place << ": " << symbol;
    }
  }
}

// ---- parties -----------------------------------------------------------------------------------

TEST(RegisterTables, StatesAreTheMembersOfTheUnitedNations) {
  WordSet expected, found;
  for (auto& row : table("un-members.tsv")) {
    EXPECT_TRUE(expected.insert(row["code"]).second) << row["code"] << " twice";
    EXPECT_EQ(row["alpha3"].size(), 3U) << row["code"];
    EXPECT_EQ(code_of_name(shipped().parties, row["name"]), row["code"]) << row["name"];
  }
  for (const auto& party : shipped().parties) {
    if (party.kind == PartyKind::State) found.insert(party.code);
  }
  EXPECT_EQ(expected.size(), 193U);
  EXPECT_EQ(found, expected);
}

TEST(RegisterTables, OthersAreObserversOrganisationsAndEntities) {
  WordSet observers, entities, organisations;
  for (const auto& party : shipped().parties) {
    if (party.kind == PartyKind::Observer) observers.insert(party.code);
    if (party.kind == PartyKind::Entity) entities.insert(party.code);
    if (party.kind == PartyKind::Organisation) organisations.insert(party.code);
    EXPECT_NE(party.provenance, "") << party.code;
  }
  EXPECT_EQ(observers, words("PS VA"));
  EXPECT_EQ(entities, words("COK-ENTITY HKG-ENTITY KOS-ENTITY MAC-ENTITY NIU-ENTITY TWN-ENTITY"));
  for (const auto* code : {"UNO", "SCO", "CSTO", "CIS", "ASEAN", "COE", "OSCE", "OAS", "EUN", "AUC",
                           "LAS", "NATO", "ITU", "INTERPOL", "UNODA", "UNODC"}) {
    EXPECT_TRUE(organisations.contains(code)) << code;
  }
}

// Nobody's standing is judged: an entity has a note, no state's name, and no word that takes sides.
TEST(RegisterTables, EntitiesAreNamedNeutrally) {
  for (const auto& party : shipped().parties) {
    if (party.kind != PartyKind::Entity) continue;
    EXPECT_TRUE(party.name.ends_with(" (entity)")) << party.code;
    EXPECT_NE(party.note, "") << party.code << " needs a note on its name";
    for (const auto* word : {"so-called", "occupied", "illegal", "breakaway", "rebel",
                             "unrecognised", "recognised", "independent", "inalienable"}) {
      EXPECT_EQ(party.note.find(word), std::string::npos) << party.code << ": " << word;
    }
  }
}

TEST(RegisterTables, OtherNamesInUseAreUnderstood) {
  const std::vector<std::pair<const char*, const char*>> names = {
      {"Russia", "RU"},         {"united states", "US"}, {"Vietnam", "VN"},
      {"Palestine", "PS"},      {"South Korea", "KR"},   {"Taiwan", "TWN-ENTITY"},
      {"Kosovo", "KOS-ENTITY"}, {"Macau", "MAC-ENTITY"}, {"EU", "EUN"}};
  for (const auto& [name, code] : names) {
    EXPECT_EQ(code_of_name(shipped().parties, name), code) << name;
  }
}

// ---- the hundred instruments -------------------------------------------------------------------

WordSet areas_of(const Instrument& instrument) {
  Bits bits = 0;
  for (const auto& claim : instrument.area_claims) bits |= claim.areas;
  WordSet out;
  for (std::size_t i = 0; i < shipped().vocabulary.areas.values.size(); ++i) {
    if ((bits >> i & 1) != 0) out.insert(fmt::format("A{:02}", i + 1));
  }
  return out;
}

void expect_dates(const Instrument& instrument, const TableRow& row) {
  const auto& date = row.at("date");
  const auto& in_force = row.at("in_force");
  const auto is_known = [&](const std::optional<DateFact>& one) {
    return one && !date.empty() && one->written.starts_with(date);
  };
  if (date.empty()) {
    EXPECT_EQ(written(instrument.signed_on) + written(instrument.adopted_on), "");
  } else {
    EXPECT_TRUE(is_known(instrument.signed_on) || is_known(instrument.adopted_on)) << date;
  }
  WordSet found = {written(instrument.in_force_on)};
  for (const auto& entry : instrument.parties) found.insert(written(entry.in_force));
  found.erase("");
  EXPECT_EQ(found.empty(), in_force.empty()) << "in force is known exactly where the facts say so";
  if (!in_force.empty()) {
    EXPECT_TRUE(found.contains(in_force)) << in_force;
  }
}

void expect_parties(const Instrument& instrument, const std::string& cell) {
  if (!cell.empty() && cell.find_first_not_of("0123456789") == std::string::npos) {
    EXPECT_EQ(instrument.parties.size(), std::stoul(cell));
    return;
  }
  const auto expected = words(cell);
  WordSet found;
  for (const auto& entry : instrument.parties) {
    const auto& code = code_of(entry.party);
    // Whose part is an open question may stand beside those that the facts name.
    if (entry.status != Membership::Unknown || expected.contains(code)) found.insert(code);
  }
  EXPECT_EQ(found, expected);
}

TEST(RegisterTables, HasTheHundredInstrumentsAsTheFactsHaveThem) {
  WordSet ids;
  for (auto& row : table("instruments.tsv")) {
    const auto& id = row["id"];
    SCOPED_TRACE(id);
    EXPECT_TRUE(ids.insert(id).second);
    ASSERT_TRUE(shipped().instrument(id)) << "missing";
    const auto& instrument = shipped_instrument(id);
    EXPECT_EQ(instrument.form, row["form"]);
    EXPECT_EQ(instrument.category, row["category"]);
    EXPECT_EQ(name(instrument.binding), row["binding"]);
    EXPECT_EQ(instrument.levels.front().level, row["level"]);
    EXPECT_EQ(areas_of(instrument), words(row["areas"]));
    expect_parties(instrument, row["parties"]);
    expect_dates(instrument, row);
    const bool inferred =
        std::any_of(instrument.area_claims.begin(), instrument.area_claims.end(),
                    [](const AreaClaim& claim) { return claim.provenance == "K:l"; });
    EXPECT_EQ(inferred, row["family"] == "assumed") << "areas inferred from sister agreements";
    const auto path = fmt::format("instruments/{}/{}.toml", row["level"], id);
    ASSERT_TRUE(test::shipped_files().contains(path));
    const auto& text = test::shipped_files().at(path);
    for (const auto& mark : words(row["sources"])) {
      EXPECT_TRUE(
          text.find("\"" + mark + "\"") != text.npos || text.find("\"" + mark + " ") != text.npos ||
          text.find(" " + mark + "\"") != text.npos || text.find(" " + mark + " ") != text.npos)
          << "no fact from " << mark;
    }
  }
  EXPECT_EQ(ids.size(), 100U);
}

// The same organisation is classified by one author so and by others otherwise: both stand there.
TEST(RegisterTables, LevelsAreClaimsOfWhoeverMakesThem) {
  const auto has = [](const Instrument& instrument, const char* level, const char* by) {
    return std::any_of(instrument.levels.begin(), instrument.levels.end(),
                       [&](const LevelClaim& one) { return one.level == level && one.by == by; });
  };
  for (const auto* id : {"sco-2001-conv", "sco-2006-channels", "sco-2006-st", "sco-2009",
                         "sco-2020-st", "sco-rats-2004", "sco-rats-2006-tech"}) {
    EXPECT_TRUE(has(shipped_instrument(id), "multilateral", "boyko-2021")) << id;
    EXPECT_TRUE(has(shipped_instrument(id), "regional", "unidir-ccdcoe")) << id;
  }
  for (const auto* id : {"csto-2017", "cis-2013", "ru-asean-2018"}) {
    EXPECT_TRUE(has(shipped_instrument(id), "regional", "boyko-2021")) << id;
  }
  for (const auto& instrument : shipped().instruments) {
    for (const auto& claim : instrument.levels) {
      EXPECT_NE(claim.source, "") << instrument.id;
      if (claim.by == "boyko-2021") {
        EXPECT_EQ(claim.source, "S") << instrument.id;
      }
    }
  }
}

TEST(RegisterTables, TheTreeIsThatOfTheFacts) {
  std::set<std::string> expected, found;
  for (auto& row : table("instrument-tree.tsv")) {
    EXPECT_TRUE(expected.insert(row["id"] + " " + row["relation"] + " " + row["other"]).second);
    if (row["relation"] == "parent") continue;
    const auto& after = shipped_instrument(row["other"]).successors;
    EXPECT_NE(std::find(after.begin(), after.end(), row["id"]), after.end())
        << row["id"] << " comes after " << row["other"];
  }
  for (const auto& instrument : shipped().instruments) {
    if (!instrument.parent.empty()) found.insert(instrument.id + " parent " + instrument.parent);
    for (const auto& other : instrument.predecessors) {
      found.insert(instrument.id + " predecessor " + other);
    }
  }
  EXPECT_EQ(found, expected);
}

// ---- the Budapest Convention -------------------------------------------------------------------

TEST(RegisterTables, BudapestHasTheDaysOfItsDepositary) {
  const auto& convention = shipped_instrument("coe-185");
  WordSet expected;
  for (auto& row : table("budapest-parties.tsv")) {
    SCOPED_TRACE(row["code"]);
    expected.insert(row["code"]);
    const auto party = shipped().party(row["code"]);
    ASSERT_TRUE(party);
    const auto* entry = convention.entry(*party);
    ASSERT_TRUE(entry);
    EXPECT_EQ(entry->status, Membership::Party);
    EXPECT_EQ(written(entry->signed_on), row["signed"]);
    EXPECT_EQ(written(entry->consented_on), row["consented"]);
    EXPECT_EQ(written(entry->in_force), row["in_force"]);
    EXPECT_EQ(entry->consent, row["consent"]);
  }
  EXPECT_EQ(expected.size(), 81U);
  for (const auto& entry : convention.parties) {
    EXPECT_EQ(entry.status == Membership::Party, expected.contains(code_of(entry.party)))
        << code_of(entry.party);
  }
}

TEST(RegisterTables, NamesOfTheChartAreUnderstood) {
  const auto rows = table("budapest-names.tsv");
  EXPECT_EQ(rows.size(), 81U);
  for (auto row : rows) {
    EXPECT_EQ(code_of_name(shipped().parties, row["name"]), row["code"]) << row["name"];
  }
}

TEST(RegisterTables, BudapestSaysWhatItsArticlesSay) {
  const auto& convention = shipped_instrument("coe-185");
  const auto& vocabulary = shipped().vocabulary;
  std::set<std::string> ids, articles;
  for (auto& row : table("budapest-clauses.tsv")) {
    SCOPED_TRACE(row["id"]);
    EXPECT_TRUE(ids.insert(row["id"]).second);
    const auto* clause = convention.clause(row["id"]);
    ASSERT_TRUE(clause) << "missing";
    EXPECT_EQ(clause->article, row["article"]);
    EXPECT_EQ(name(clause->verb), row["verb"]);
    EXPECT_EQ(words(vocabulary.actions, clause->actions), words(row["action"]));
    EXPECT_EQ(words(vocabulary.roles, clause->from.roles), words(row["from_roles"]));
    EXPECT_EQ(words(vocabulary.roles, clause->to.roles), words(row["to_roles"]));
    EXPECT_EQ(words(vocabulary.classes, clause->info), words(row["info"]));
    EXPECT_EQ(words(vocabulary.areas, clause->areas), words(row["area"]));
    EXPECT_EQ(words(vocabulary.actions, clause->on), words(row["on"]));
    EXPECT_EQ(clause->via, row["via"]);
    WordSet needs;
    for (const auto& need : clause->needs) needs.insert(need.name);
    EXPECT_EQ(needs, words(row["needs"]));
    EXPECT_EQ(clause->provenance, "F60");
    EXPECT_EQ(clause->status, "unverified") << "nobody has signed for it";
    expect_says(clause->says, row["says"], '|', row["id"]);
    articles.insert(row["article"].substr(0, row["article"].find_first_of("(,", 5)));
  }
  EXPECT_EQ(convention.clauses.size(), ids.size()) << "a row that the table does not have";
  EXPECT_TRUE(articles.contains("Art. 15"));
  for (int i = 23; i <= 35; ++i) EXPECT_TRUE(articles.contains(fmt::format("Art. {}", i))) << i;
}

// ---- beside law --------------------------------------------------------------------------------

TEST(RegisterTables, NormsAndTheirCrosswalkAreComplete) {
  const auto& context = shipped().context;
  std::size_t crossed = 0;
  const auto rows = table("norms.tsv");
  for (auto row : rows) {
    SCOPED_TRACE(row["instrument"] + " " + row["number"]);
    const auto norm =
        std::find_if(context.norms.begin(), context.norms.end(), [&](const Norm& one) {
          return one.instrument == row["instrument"] && one.number == row["number"];
        });
    ASSERT_NE(norm, context.norms.end());
    expect_says(norm->says, row["says"], ';', norm->id);
    WordSet found;
    for (const auto& pair : context.crosswalk) {
      if (pair.norm != norm->id) continue;
      const auto other = std::find_if(context.norms.begin(), context.norms.end(),
                                      [&](const Norm& one) { return one.id == pair.other; });
      ASSERT_NE(other, context.norms.end());
      found.insert(pair.relation + " " + other->number);
    }
    const auto& relation = row["relation"];
    EXPECT_EQ(found, relation.empty() ? WordSet{} : WordSet{relation + " " + row["other"]});
    crossed += relation.empty() ? 0U : 1U;
  }
  EXPECT_EQ(rows.size(), 24U);
  EXPECT_EQ(context.norms.size(), rows.size());
  EXPECT_EQ(context.crosswalk.size(), crossed);
}

TEST(RegisterTables, MeasuresAreComplete) {
  const auto& measures = shipped().context.measures;
  const auto rows = table("measures.tsv");
  for (auto row : rows) {
    SCOPED_TRACE(row["instrument"] + " " + row["number"]);
    const auto measure = std::find_if(measures.begin(), measures.end(), [&](const Measure& one) {
      return one.instrument == row["instrument"] && one.number == row["number"];
    });
    ASSERT_NE(measure, measures.end());
    if (!row["kinds"].empty()) {
      EXPECT_EQ(words(measure->kinds), words(row["kinds"]));
    }
    const auto areas = words(shipped().vocabulary.areas, measure->areas);
    EXPECT_TRUE(areas.contains("confidence-building"));
    if (!row["area"].empty()) {
      EXPECT_TRUE(areas.contains(row["area"])) << row["area"];
    }
    expect_says(measure->says, row["says"], ';', measure->id);
  }
  EXPECT_EQ(rows.size(), 24U);
  EXPECT_EQ(measures.size(), rows.size());
}

const ThreatMapping* mapping_of(const std::string& list, const std::string& number) {
  const auto& context = shipped().context;
  for (const auto& threat : context.threats) {
    if (threat.list != list || threat.number != number) continue;
    for (const auto& mapping : context.mappings) {
      if (mapping.id == threat.mapping) return &mapping;
    }
  }
  return nullptr;
}

TEST(RegisterTables, ThreatsHaveTheirThreeFacets) {
  const auto rows = table("threats.tsv");
  for (auto row : rows) {
    SCOPED_TRACE(row["number"]);
    const auto* mapping = mapping_of(row["list"], row["number"]);
    ASSERT_TRUE(mapping);
    EXPECT_EQ(mapping->content, row["content"]);
    EXPECT_EQ(words(mapping->rsit), words(row["rsit"]));
    EXPECT_EQ(words(mapping->stix), words(row["stix"]));
    EXPECT_NE(mapping->intent, "");
  }
  EXPECT_EQ(rows.size(), 25U);
  EXPECT_EQ(shipped().context.threats.size(), rows.size());
}

// Every type of the taxonomy is understood, and no type beside it.
TEST(RegisterTables, TaxonomyIsTheOneOfItsVersion) {
  WordSet known;
  for (auto& row : table("rsit.tsv")) {
    known.insert(row["class"] + ":*");
    for (const auto& type : words(row["types"])) known.insert(row["class"] + ":" + type);
    const auto& text = test::shipped_files().at("threats.toml");
    std::string line = row["class"] + " = [";
    for (const auto& type : parts_of(row["types"], ' ')) {
      line += (line.ends_with('[') ? "\"" : ", \"") + type + "\"";
    }
    EXPECT_NE(text.find(line + "]\n"), std::string::npos) << line;
  }
  for (const auto& mapping : shipped().context.mappings) {
    for (const auto& type : mapping.rsit) EXPECT_TRUE(known.contains(type)) << type;
  }
}

// Whoever looks for weaknesses in good faith and reports them is no criminal by default.
TEST(RegisterTables, AWeaknessIsNeverMappedAsACrime) {
  for (const auto* number : {"S3", "CR4", "SCO3", "RU4"}) {
    const auto* list = number[0] == 'C'   ? "ru-cn-2015"
                       : number[0] == 'R' ? "ru-osn-2021"
                       : number[1] == 'C' ? "sco-2009"
                                          : "boyko-2021";
    const auto* mapping = mapping_of(list, number);
    ASSERT_TRUE(mapping) << number;
    for (const auto& type : mapping->rsit) EXPECT_FALSE(type.starts_with("vulnerable")) << type;
    for (const auto& type : mapping->stix) EXPECT_NE(type, "vulnerability");
    EXPECT_NE(mapping->intent.find("Good-faith research"), std::string::npos) << number;
  }
}

}  // namespace
}  // namespace comity::treaty
