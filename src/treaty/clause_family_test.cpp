// Clause families: what is made from one is the row that would stand there written out.
#include "treaty/clause_family.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <random>
#include <set>

#include "base/test_source_dir.h"
#include "base/test_support.h"
#include "json/write.h"
#include "treaty/article_sheet.h"
#include "treaty/register.h"
#include "treaty/test_register.h"
#include "treaty/test_toml.h"

namespace comity::treaty {
namespace {

const std::string families_file = "families.toml";

RegisterFiles shipped_files() {
  return comity::test::must(read_register(comity::test::source_path("register")));
}

std::string row_text(const std::vector<TomlEntry>& entries) {
  std::string out = "[[clause]]\n";
  for (const auto& entry : entries) out += entry.key + " = " + test::toml_text(entry.value) + "\n";
  return out;
}

// All of a clause but where it stands and what it was made from.
void expect_same_row(const Clause& made, const Clause& written) {
  SCOPED_TRACE(made.id);
  EXPECT_EQ(made.digest, written.digest);
  EXPECT_NE(made.digest, Digest{});
  EXPECT_EQ(made.id, written.id);
  EXPECT_EQ(made.article, written.article);
  EXPECT_EQ(made.says, written.says);
  EXPECT_EQ(made.note, written.note);
  EXPECT_EQ(made.status, written.status);
  EXPECT_EQ(made.provenance, written.provenance);
  EXPECT_EQ(made.verb, written.verb);
  EXPECT_EQ(made.scope, written.scope);
  EXPECT_EQ(made.actions, written.actions);
  EXPECT_EQ(made.info, written.info);
  EXPECT_EQ(made.areas, written.areas);
  EXPECT_EQ(made.purposes, written.purposes);
  EXPECT_EQ(made.on, written.on);
  for (const auto side : {&Clause::from, &Clause::to}) {
    EXPECT_EQ((made.*side).kind, (written.*side).kind);
    EXPECT_EQ((made.*side).listed, (written.*side).listed);
    EXPECT_EQ((made.*side).roles, (written.*side).roles);
    EXPECT_EQ((made.*side).designated, (written.*side).designated);
  }
  EXPECT_EQ(made.handling_max, written.handling_max);
  ASSERT_EQ(made.needs.size(), written.needs.size());
  for (std::size_t i = 0; i < made.needs.size(); ++i) {
    EXPECT_EQ(made.needs[i].kind, written.needs[i].kind);
    EXPECT_EQ(made.needs[i].name, written.needs[i].name);
    EXPECT_EQ(made.needs[i].fact, written.needs[i].fact);
  }
  EXPECT_EQ(made.except_consent, written.except_consent);
  EXPECT_EQ(made.when, written.when);
  EXPECT_EQ(made.within_days, written.within_days);
  for (const auto wait : {&Clause::every, &Clause::at_least}) {
    ASSERT_EQ((made.*wait).has_value(), (written.*wait).has_value());
    if (made.*wait) {
      EXPECT_EQ((made.*wait)->written, (written.*wait)->written);
    }
  }
  EXPECT_EQ(made.via, written.via);
  EXPECT_EQ(made.see, written.see);
}

// ---- the shipped families ------------------------------------------------------------------

const std::vector<std::string> families_of_the_design = {"bodies",
                                                         "originator-consent",
                                                         "no-duty-to-provide",
                                                         "no-state-secrets",
                                                         "purpose-limit",
                                                         "non-use-against",
                                                         "consult",
                                                         "territory",
                                                         "refusal",
                                                         "costs",
                                                         "termination",
                                                         "languages",
                                                         "depositary",
                                                         "ping",
                                                         "preserve",
                                                         "report"};

TEST(ClauseFamilies, TheShippedOnesAreTheSixteen) {
  const auto document = test::document_of(shipped_files(), families_file);
  std::vector<std::string> ids;
  for (const auto& row : document.entry("family")->value.items) {
    ids.push_back(row.entry("id")->value.text);
  }
  EXPECT_EQ(ids, families_of_the_design);
}

// Every file of the register is written out again by hand: no family stands in it any more.
TEST(ClauseFamilies, ShippedClausesAreTheRowsWrittenOut) {
  auto files = shipped_files();
  const auto made = test::loaded(files);
  const auto document = test::document_of(files, families_file);
  const auto fixes_of = [&](const std::string& id) -> const std::vector<TomlEntry>& {
    for (const auto& row : document.entry("family")->value.items) {
      if (row.entry("id")->value.text == id) return row.entry("fixes")->value.entries;
    }
    ADD_FAILURE() << id;
    return document.entries;
  };
  std::set<std::string> used;
  for (auto& [path, text] : files) {
    if (!path.starts_with("instruments/")) continue;
    const auto instrument = test::document_of(files, path);
    const auto* clauses = instrument.entry("clause");
    const auto begin = text.find("\n[[clause]]\n");
    if (!clauses || begin == std::string::npos) continue;
    text.resize(begin + 1);  // clauses stand last in every shipped file
    for (auto row : clauses->value.items) {
      if (const auto* family = row.entry("family")) {
        const auto id = family->value.text;
        used.insert(id);
        std::erase_if(row.entries, [](const TomlEntry& one) { return one.key == "family"; });
        for (const auto& fixed : fixes_of(id)) row.entries.push_back(fixed);
      }
      text += row_text(row.entries);
    }
  }
  files.erase(families_file);
  const auto written = test::loaded(files);
  ASSERT_EQ(made->instruments.size(), written->instruments.size());
  std::size_t from_families = 0;
  for (std::size_t i = 0; i < made->instruments.size(); ++i) {
    const auto& clauses = made->instruments[i].clauses;
    ASSERT_EQ(clauses.size(), written->instruments[i].clauses.size());
    for (std::size_t c = 0; c < clauses.size(); ++c) {
      expect_same_row(clauses[c], written->instruments[i].clauses[c]);
      EXPECT_EQ(written->instruments[i].clauses[c].family, "");
      from_families += clauses[c].family.empty() ? 0 : 1;
    }
  }
  EXPECT_GE(from_families, 25U);
  // Of these no text was read yet.
  for (const auto* id : {"costs", "termination", "languages", "depositary"}) used.erase(id);
  EXPECT_EQ(used.size(), 12U) << json::write(json::Value(static_cast<std::int64_t>(used.size())));
}

// A row that the design has as an example, by hand.
TEST(ClauseFamilies, AKnownRowIsWhatItWas) {
  auto files = shipped_files();
  const auto made = test::loaded(files);
  auto& text = files.at(test::treaty_file);
  const auto begin = text.find("id = \"a6-2\"");
  ASSERT_NE(begin, std::string::npos);
  const auto at = text.find("family = \"no-state-secrets\"\n", begin);
  ASSERT_NE(at, std::string::npos);
  text.replace(at, std::string_view("family = \"no-state-secrets\"\n").size(),
               "verb = \"forbid\"\naction = [\"share\", \"onward\"]\nbetween = \"parties\"\n"
               "info = [\"state-secret\"]\nscope = \"basis\"\n");
  const auto written = test::loaded(files);
  const auto row = [](const Model& model) -> const Clause& {
    return *model.instruments[static_cast<std::size_t>(*model.instrument("xa-xb-2024"))].clause(
        "a6-2");
  };
  expect_same_row(row(*made), row(*written));
  EXPECT_EQ(row(*made).family, "no-state-secrets");
}

TEST(ClauseFamilies, TheSheetSaysWhich) {
  const auto model = test::loaded(shipped_files());
  const auto& instrument =
      model->instruments[static_cast<std::size_t>(*model->instrument("xa-xb-2024"))];
  EXPECT_NE(article_sheet(*model, instrument)
                .find("a4  Art. 4  [unverified, provenance X, family bodies]"),
            std::string::npos)
      << article_sheet(*model, instrument);
  EXPECT_NE(json::write(article_sheet_json(*model, instrument)).find(R"("family":"bodies")"),
            std::string::npos);
}

// ---- random families -----------------------------------------------------------------------

// A key of a clause with a value that fits whatever else the clause has.
struct Part {
  const char* key;
  const char* value;
  bool required = false;
};
struct VerbParts {
  const char* name;
  std::vector<Part> parts;
};
const std::vector<VerbParts> verbs = {{"forbid",
                                       {{"action", "[\"onward\", \"use\"]", true},
                                        {"scope", "\"origin\"", true},
                                        {"to", "\"third-parties\""},
                                        {"to_roles", "[\"law-enforcement\"]"},
                                        {"designated", "\"from\""},
                                        {"info", "[\"indicator\"]"},
                                        {"area", "[\"threat-information\", \"evidence\"]"},
                                        {"purpose", "[\"warning\"]"},
                                        {"except", "\"consent\""},
                                        {"when", "\"prejudice-national-interest\""},
                                        {"see", "[\"soft-2015\"]"}}},
                                      {"permit",
                                       {{"action", "[\"share\", \"notify\"]", true},
                                        {"from_roles", "[\"research\"]"},
                                        {"to_roles", "[\"research\", \"law-enforcement\"]"},
                                        {"designated", "\"from\""},
                                        {"info", "[\"indicator\"]", true},
                                        {"area", "[\"threat-information\"]", true},
                                        {"purpose", "[\"warning\"]", true},
                                        {"handling_max", "\"amber\""},
                                        {"needs", "[\"human\"]"},
                                        {"see", "[\"soft-2015\"]"}}}};

// Whatever a family fixes, leaves open and allows, the clause is the row with all of it.
TEST(ClauseFamilies, WhatIsMadeIsTheHandWrittenTwin) {
  const char* seed_text = std::getenv("COMITY_SEED");
  const auto seed = seed_text == nullptr ? 1UL : std::strtoul(seed_text, nullptr, 10);
  std::mt19937_64 random(seed);
  const auto rounds = std::max<std::size_t>(20, 5'000 / comity::test::scale());
  for (std::size_t round = 0; round < rounds; ++round) {
    SCOPED_TRACE(fmt::format("seed {}, round {}", seed, round));
    const auto& verb = verbs[round % verbs.size()];
    std::string fixes = fmt::format("verb = \"{}\"\n", verb.name), open, may, given;
    std::string twin = fixes;
    for (const auto& [key, value, required] : verb.parts) {
      const auto line = fmt::format("{} = {}\n", key, value);
      // What is not required may be absent; what is there is fixed, open or allowed.
      const auto kind = random() % 4;
      if (kind == 0 && !required) continue;
      twin += line;
      if (kind == 1) fixes += line;
      if (kind == 1) continue;
      auto& list = kind == 2 ? open : may;
      list += fmt::format("{}\"{}\"", list.empty() ? "" : ", ", key);
      given += line;
    }
    const auto row = [](const std::string& keys) {
      return "\n[[clause]]\nid = \"z\"\narticle = \"Art. 9\"\nstatus = \"unverified\"\n"
             "provenance = \"F8\"\nsays = \"Words.\"\n" +
             keys;
    };
    auto files = test::good_register();
    auto by_hand = files;
    by_hand[test::treaty_file] += row(twin);
    files[families_file] = "[[family]]\nid = \"form\"\nsays = \"A form.\"\n" +
                           (open.empty() ? "" : "open = [" + open + "]\n") +
                           (may.empty() ? "" : "may = [" + may + "]\n") + "[family.fixes]\n" +
                           fixes;
    files[test::treaty_file] += row("family = \"form\"\n" + given);
    const auto made = test::loaded(files);
    const auto written = test::loaded(by_hand);
    ASSERT_EQ(made->instruments.size(), 2U) << files[families_file] << given;
    ASSERT_EQ(written->instruments.size(), 2U) << twin;
    expect_same_row(made->instruments[1].clauses.back(), written->instruments[1].clauses.back());
    EXPECT_EQ(made->instruments[1].clauses.back().family, "form");
    EXPECT_NE(made->digest, written->digest) << "families are part of the register";
  }
}

// ---- mistakes ------------------------------------------------------------------------------

const std::string form = R"([[family]]
id = "form"
says = "A form."
open = ["within_days"]
may = ["via", "area"]
head = ["languages"]
[family.fixes]
verb = "require"
action = "notify"
info = ["indicator"]
)";

RegisterFiles with(const std::string& keys, const std::string& families = form) {
  auto files = test::good_register();
  files.erase(families_file);
  if (!families.empty()) files[families_file] = families;
  files[test::treaty_file] +=
      "[[clause]]\nid = \"z\"\narticle = \"Art. 9\"\nstatus = \"unverified\"\n"
      "provenance = \"X\"\n" +
      keys;
  return files;
}

TEST(ClauseFamilies, WhatAClauseMayNotSayIsNamedWithItsPlace) {
  ASSERT_EQ(test::problems_of(with("family = \"form\"\nwithin_days = 3\n")), "");
  // The clause begins in line 64; its own keys stand behind it.
  struct Bad {
    const char* keys;
    const char* text;
  };
  for (const auto& [keys, text] : std::vector<Bad>{
           {"family = \"fom\"\nwithin_days = 3\n",
            ":69:10: 'family' is 'fom'; expected one of form; did you mean 'form'?"},
           {"family = 3\n", ":69:10: 'family' is the integer 3"},
           {"family = \"form\"\nwithin_days = 3\naction = \"notify\"\n",
            ":71:1: 'action' in a clause of the family 'form', which fixes it as \"notify\"; "
            "expected it left out"},
           {"family = \"form\"\nwithin_days = 3\ninfo = [\"content-data\"]\n",
            ":71:1: 'info' in a clause of the family 'form', which fixes it as [\"indicator\"]"},
           {"family = \"form\"\nwithin_days = 3\npurpose = [\"warning\"]\n",
            ":71:1: 'purpose' in a clause of the family 'form', which does not declare it; "
            "expected within_days, via, area"},
           {"family = \"form\"\nwithin_days = 3\nviaa = \"x\"\n", "did you mean 'via'?"},
           {"family = \"form\"\n",
            ":64:1: a clause of the family 'form' without 'within_days', which the family leaves "
            "open"},
           {"family = \"form\"\nwithin_days = 0\n", ":70:15: 'within_days' is the integer 0"},
           {"family = \"form\"\nwithin_days = 3\nvia = \"X Y\"\n", ":71:7: 'via' is 'X Y'"}}) {
    const auto problems = test::problems_of(with(keys));
    EXPECT_NE(problems.find(test::treaty_file), std::string::npos) << keys << problems;
    EXPECT_NE(problems.find(text), std::string::npos) << keys << "\n" << problems;
  }
  EXPECT_NE(test::problems_of(with("family = \"form\"\nwithin_days = 3\n", ""))
                .find("this register has no families.toml"),
            std::string::npos);
}

TEST(ClauseFamilies, WhatTheInstrumentLacksIsNamed) {
  auto files = with("family = \"form\"\nwithin_days = 3\n");
  auto& text = files[test::treaty_file];
  const std::string languages = "languages = [\"en\", \"zh-Hans\"]\n";
  text.erase(text.find(languages), languages.size());
  EXPECT_NE(test::problems_of(files).find("in an instrument without 'languages'"),
            std::string::npos)
      << test::problems_of(files);
}

TEST(ClauseFamilies, MistakesOfAFamilyStandInItsOwnFile) {
  struct Bad {
    std::string from, to, text;
  };
  for (const auto& bad : std::vector<Bad>{
           {"\"indicator\"", "\"indicater\"", "families.toml:10:9: 'info' is 'indicater'"},
           {"verb = \"require\"", "verb = \"demand\"", "families.toml:8:8: 'verb' is 'demand'"},
           {"verb = ", "verbb = ", "families.toml:8:1: unknown key 'verbb' in 'fixes'"},
           {"action = ", "status = ", "families.toml:9:1: unknown key 'status' in 'fixes'"},
           {"\"within_days\"", "\"within\"", "families.toml:4:9: 'open' has 'within'"},
           {"\"within_days\"", "\"info\"", "'info' stands under 'fixes' and under 'open'"},
           {"\"via\"", "\"within_days\"", "'within_days' is open as well"},
           {"\"languages\"", "\"title\"", "families.toml:6:9: 'head' has 'title'"},
           {"says = \"A form.\"\n", "", "[[family]] has no 'says'"},
           {"says = ", "colour = \"x\"\nsays = ", "families.toml:3:1: unknown key 'colour'"},
           {"id = \"form\"", "id = \"Form\"", "kebab-case"}}) {
    auto families = form;
    const auto at = families.find(bad.from);
    ASSERT_NE(at, std::string::npos) << bad.from;
    families.replace(at, bad.from.size(), bad.to);
    const auto problems = test::problems_of(with("verb = \"define\"\n", families));
    EXPECT_NE(problems.find(bad.text), std::string::npos) << bad.to << "\n" << problems;
  }
  EXPECT_NE(test::problems_of(with("verb = \"define\"\n", form + form))
                .find("the family 'form' stands in families.toml:1 already"),
            std::string::npos);
  EXPECT_NE(test::problems_of(with("verb = \"define\"\n", "[[family]]\nid = \"a\"\nsays = \"b\"\n"))
                .find("no 'fixes'"),
            std::string::npos);
}

// Intervals and least times, which families leave open, are keys of any duty.
TEST(ClauseDurations, AreReadWhereADutyHasThem) {
  const auto model = load_register(
      with("verb = \"require\"\naction = \"consult\"\nevery = \"P6M\"\nat_least = \"P60D\"\n"),
      std::nullopt);
  ASSERT_TRUE(model) << as_error(model.error()).message;
  const auto& clause = (*model)->instruments[1].clauses.back();
  EXPECT_EQ(clause.every->months, 6);
  EXPECT_EQ(clause.every->written, "P6M");
  EXPECT_EQ(clause.at_least->days, 60);
  struct Bad {
    const char* keys;
    const char* text;
  };
  for (const auto& [keys, text] :
       std::vector<Bad>{{"verb = \"define\"\nevery = \"P6M\"\n",
                         ":70:1: 'every' in a clause whose verb is define"},
                        {"verb = \"empower\"\naction = \"refuse\"\nat_least = \"P6M\"\n",
                         "'at_least' in a clause whose verb is empower"},
                        {"verb = \"require\"\naction = \"consult\"\nevery = \"6 months\"\n",
                         ":71:9: 'every' is the string '6 months'; expected a duration"},
                        {"verb = \"require\"\naction = \"consult\"\nevery = { wait = \"P6M\" }\n",
                         "'every' is a table; expected a duration"}}) {
    const auto problems = test::problems_of(with(keys));
    EXPECT_NE(problems.find(text), std::string::npos) << keys << "\n" << problems;
  }
}

TEST(ClauseFamilies, AreBounded) {
  std::string many;
  for (std::size_t i = 0; i < families_max; ++i) {
    many += fmt::format(
        "[[family]]\nid = \"f{}\"\nsays = \"x\"\n[family.fixes]\nverb = \"define\"\n", i);
  }
  EXPECT_EQ(test::problems_of(with("verb = \"define\"\n", many)), "");
  many += form;
  EXPECT_NE(test::problems_of(with("verb = \"define\"\n", many))
                .find("one family too many; expected at "
                      "most 64"),
            std::string::npos);
}

TEST(ClauseFamilies, AnExerciseMayAssumeAClauseOfOne) {
  auto files = with("verb = \"define\"\n");
  files["exercises/demo.toml"] +=
      "[[assume]]\nid = \"made\"\nreason = \"By analogy.\"\n[assume.clause]\n"
      "instrument = \"xa-xb-2024\"\nid = \"y\"\narticle = \"Art. 8\"\nfamily = \"form\"\n"
      "within_days = 9\n";
  const auto model = load_register(files, "demo");
  ASSERT_TRUE(model) << as_error(model.error()).message;
  const auto* clause = (*model)->instruments[1].clause("y");
  ASSERT_NE(clause, nullptr);
  EXPECT_EQ(clause->verb, Verb::Require);
  EXPECT_EQ(clause->within_days, 9);
  EXPECT_EQ(clause->assumed, "made");
}

}  // namespace
}  // namespace comity::treaty
