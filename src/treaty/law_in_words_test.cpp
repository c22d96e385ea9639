// What the program says of the law, in every language that a person may choose: each clause, each
// verdict, each sheet. Laws over the shipped register and over random ones.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <set>

#include "base/file.h"
#include "base/test_source_dir.h"
#include "base/test_support.h"
#include "json/write.h"
#include "treaty/compiled.h"
#include "treaty/overlay_sheet.h"
#include "treaty/register.h"
#include "treaty/sheet_in_words.h"
#include "treaty/test_model.h"
#include "treaty/verdict_in_words.h"
#include "treaty/words.h"

namespace comity::treaty {
namespace {

using comity::test::must;

constexpr std::size_t worlds_in_full = 10'000;
constexpr std::uint64_t questions_per_world = 20;

std::size_t worlds() { return std::max<std::size_t>(20, worlds_in_full / comity::test::scale()); }

const std::vector<Words>& languages() {
  static const auto all = [] {
    std::vector<Words> out;
    for (const auto* language : {"en", "ar"}) {
      out.push_back(must(Words::read(comity::test::source_path("register/messages"), language)));
    }
    return out;
  }();
  return all;
}

std::shared_ptr<const Model> shipped(const std::optional<std::string>& exercise) {
  auto loaded = load_register(must(read_register(comity::test::source_path("register"))), exercise);
  CHECK(loaded);
  return *loaded;
}

// Words that the registers of tests have and ours has not.
bool of_a_test(const std::string& key) { return key == "arrangement.contact-list"; }

std::set<std::string> lacking(const Words& words, const Phrase& said) {
  auto keys = words.missing(to_json(said));
  std::erase_if(keys, of_a_test);
  return keys;
}

// Where a string of a sentence stands: everything else of it is a word of the catalogue.
void places_of_data(const json::Value& value, const std::string& name,
                    std::set<std::string>& places) {
  if (value.string() != nullptr) places.insert(name);
  if (const auto* items = value.find("items")) {
    for (const auto& one : *items->array()) places_of_data(one, name, places);
  }
  if (const auto* args = value.find("args")) {
    for (const auto& [inner, arg] : *args->object()) places_of_data(arg, inner, places);
  }
}

void check_clauses(const Model& model) {
  for (const auto& instrument : model.instruments) {
    for (const auto& clause : instrument.clauses) {
      const auto said = sentence_phrase(model, instrument, clause);
      std::set<std::string> places;
      places_of_data(to_json(said), "", places);
      places.erase("article");
      places.erase("instruments");
      // Who reads a clause otherwise, and which one.
      places.erase("by");
      places.erase("clause");
      EXPECT_TRUE(places.empty()) << *places.begin() << " is no word in " << instrument.id;
      for (const auto& words : languages()) {
        EXPECT_TRUE(lacking(words, said).empty())
            << instrument.id << " " << clause.id << " " << *lacking(words, said).begin();
        const auto text = words.text(model, said);
        EXPECT_NE(text.find(clause.article), std::string::npos) << text;
        EXPECT_EQ(text.find_first_of("{}"), std::string::npos) << text;
      }
    }
  }
}

TEST(LawInWords, EveryClauseHasASentenceInEveryLanguage) {
  check_clauses(*shipped(std::nullopt));
  check_clauses(*shipped("demo"));
  for (std::uint64_t seed = 0; seed < worlds(); ++seed) check_clauses(test::random_model(seed));
}

TEST(LawInWords, WordsOfOneListAreNeverTheSame) {
  const auto model = shipped(std::nullopt);
  const auto& vocabulary = model->vocabulary;
  std::map<std::string, std::vector<std::string>> groups = {
      {"class", vocabulary.classes.values},
      {"area", vocabulary.areas.values},
      {"purpose", vocabulary.purposes.values},
      {"action", vocabulary.actions.values},
      {"role", vocabulary.roles.values},
      {"tlp", {"clear", "green", "amber", "red"}},
      {"condition", {"human", "four-eyes", "release-officer", "rights-record"}}};
  groups["refusal-ground"] = vocabulary.refusal_grounds.values;
  for (const auto& fact : vocabulary.facts) groups["fact"].push_back(fact.id);
  for (const auto& party : model->parties) groups["party"].push_back(party.code);
  for (const auto& words : languages()) {
    for (const auto& [group, list] : groups) {
      std::set<std::string> texts;
      for (const auto& one : list) {
        EXPECT_TRUE(words.has(group + "." + one)) << group << " " << one;
        EXPECT_TRUE(texts.insert(words.text(*model, word_phrase(group, one))).second)
            << group << " " << one;
      }
    }
  }
}

// ---- different clauses -------------------------------------------------------------------------

using Change = std::pair<std::string, std::function<void(Clause&)>>;

void change_sides(const test::TestRegister& build, std::vector<Change>& out) {
  const auto listed = build.listed({"IN", "XA"}).listed;
  for (const auto side : {&Clause::from, &Clause::to}) {
    out.emplace_back("designated", [side](Clause& clause) {
      (clause.*side).designated = !(clause.*side).designated;
    });
    for (int role = 0; role < 11; ++role) {
      out.emplace_back("role", [side, role](Clause& clause) { (clause.*side).roles ^= bit(role); });
    }
    out.emplace_back("listed", [side, listed](Clause& clause) {
      (clause.*side).kind = SideKind::Listed;
      (clause.*side).listed = listed;
    });
    out.emplace_back("parties", [side](Clause& clause) {
      (clause.*side).kind = SideKind::Parties;
      (clause.*side).listed.reset();
    });
  }
  out.emplace_back("third", [](Clause& clause) {
    clause.to.kind = SideKind::ThirdParties;
    clause.to.listed.reset();
  });
}

void change_forbid(std::vector<Change>& out) {
  for (const auto scope : {Scope::Basis, Scope::Origin, Scope::Always}) {
    out.emplace_back("scope", [scope](Clause& clause) { clause.scope = scope; });
  }
  for (int fact = 0; fact < 5; ++fact) {
    out.emplace_back("when", [fact](Clause& clause) { clause.when = fact; });
  }
  out.emplace_back("unless", [](Clause& clause) { clause.when.reset(); });
  out.emplace_back("except",
                   [](Clause& clause) { clause.except_consent = !clause.except_consent; });
}

void change_conditions(const test::TestRegister& build, std::vector<Change>& out) {
  for (const auto tlp :
       {Tlp::None, Tlp::Clear, Tlp::Green, Tlp::Amber, Tlp::AmberStrict, Tlp::Red}) {
    out.emplace_back("handling", [tlp](Clause& clause) { clause.handling_max = tlp; });
  }
  for (const char* word : {"arrangement:format-and-protection", "human", "four-eyes",
                           "release-officer", "rights-record", "court-order", "urgent"}) {
    const auto need = build.need(word);
    out.emplace_back("needs", [need](Clause& clause) { clause.needs.push_back(need); });
  }
  out.emplace_back("within",
                   [](Clause& clause) { clause.within_days = clause.within_days.value_or(0) + 1; });
  for (const auto survives : {std::optional<bool>(), std::optional(false), std::optional(true)}) {
    out.emplace_back("survives", [survives](Clause& clause) { clause.survives = survives; });
  }
  for (const auto history : {History::Unstated, History::FromAccession, History::All}) {
    out.emplace_back("history", [history](Clause& clause) { clause.history = history; });
  }
  out.emplace_back("reading", [](Clause& clause) { clause.reading_of = "c9"; });
  out.emplace_back("reader", [](Clause& clause) {
    if (clause.reading_of.empty()) clause.reading_of = "c1";
    clause.reading_by = "somebody else";
  });
  out.emplace_back("every", [](Clause& clause) { clause.every = Wait{0, 6, false, "P6M"}; });
  out.emplace_back("every", [](Clause& clause) { clause.every = Wait{6, 0, false, "P6D"}; });
  out.emplace_back("at-least", [](Clause& clause) {
    clause.at_least = Wait{60, 0, false, "P60D"};
  });
  out.emplace_back("at-least", [](Clause& clause) { clause.at_least = Wait{0, 6, false, "P6M"}; });
  out.emplace_back("via", [](Clause& clause) { clause.via = "depositary"; });
  out.emplace_back("see", [](Clause& clause) { clause.see.emplace_back("paper-nine"); });
}

// Every way in which one clause can differ from another in what it decides.
std::vector<Change> changes(const test::TestRegister& build, const Clause& of) {
  std::vector<Change> out;
  const auto toggled = [&](const char* key, Bits Clause::*set, std::size_t count) {
    for (int i = 0; i < static_cast<int>(count); ++i) {
      out.emplace_back(key, [set, i](Clause& clause) { clause.*set ^= bit(i); });
    }
  };
  const auto words = test::vocabulary();
  toggled("action", &Clause::actions, words.actions.values.size());
  toggled("info", &Clause::info, words.classes.values.size());
  toggled("area", &Clause::areas, words.areas.values.size());
  toggled("purpose", &Clause::purposes, words.purposes.values.size());
  toggled("ground", &Clause::grounds, words.refusal_grounds.values.size());
  if (of.verb == Verb::Require) toggled("on", &Clause::on, words.actions.values.size());
  if (of.verb == Verb::Forbid) change_forbid(out);
  // What only a forbid or a duty has would go with its verb.
  if (of.verb != Verb::Forbid && of.verb != Verb::Require) {
    for (const auto verb :
         {Verb::Permit, Verb::Forbid, Verb::Require, Verb::Empower, Verb::Advise}) {
      out.emplace_back("verb", [verb](Clause& clause) { clause.verb = verb; });
    }
  }
  change_sides(build, out);
  change_conditions(build, out);
  return out;
}

TEST(LawInWords, WhatChangesAClauseChangesItsSentence) {
  const test::TestRegister build(test::pool::parties);
  std::set<std::string> changed;
  for (std::uint64_t seed = 0; seed < std::max<std::size_t>(10, worlds() / 20); ++seed) {
    const auto model = test::random_model(seed);
    for (const auto& instrument : model.instruments) {
      for (const auto& clause : instrument.clauses) {
        if (clause.verb == Verb::Define) continue;
        for (const auto& [what, change] : changes(build, clause)) {
          auto other = clause;
          change(other);
          if (other.actions == 0 || row_text(model, other) == row_text(model, clause)) continue;
          changed.insert(what);
          for (const auto& words : languages()) {
            EXPECT_NE(words.text(model, sentence_phrase(model, instrument, clause)),
                      words.text(model, sentence_phrase(model, instrument, other)))
                << what << ": " << row_text(model, clause) << " | " << row_text(model, other);
          }
        }
      }
    }
  }
  EXPECT_EQ(changed,
            (std::set<std::string>{
                "action",   "area",    "at-least", "designated", "every", "except", "ground",
                "handling", "history", "info",     "listed",     "needs", "on",     "parties",
                "purpose",  "reader",  "reading",  "role",       "scope", "see",    "survives",
                "third",    "unless",  "verb",     "via",        "when",  "within"}));
}

TEST(LawInWords, OneSentenceIsOneRow) {
  // By language, and by how a party is called: from the sentence to the row.
  std::map<std::string, std::string> rows;
  std::size_t looked_at = 0;
  for (std::uint64_t seed = 0; seed < worlds(); ++seed) {
    const auto model = test::random_model(seed);
    for (const auto& instrument : model.instruments) {
      for (auto clause : instrument.clauses) {
        clause.article = "Art. 1";
        for (const auto& words : languages()) {
          const auto said =
              fmt::format("{} {} {}", words.language(), name(instrument.binding),
                          words.text(model, sentence_phrase(model, instrument, clause)));
          const auto row = row_text(model, clause);
          EXPECT_EQ(rows.emplace(said, row).first->second, row) << said;
          ++looked_at;
        }
      }
    }
  }
  EXPECT_GT(looked_at, 400U);
}

// Every key of a clause that the page on register files has, and where its sentence or its sheet
// says it. A key that is added there must be said, too.
TEST(LawInWords, EveryKeyOfAClauseIsSaidSomewhere) {
  const auto page =
      must(read_file(comity::test::source_path("docs/formats/register.md"), 1U << 22U));
  const auto begin = page.find("\n[[clause]]\n");
  ASSERT_NE(begin, std::string::npos);
  const auto end = page.find("\n```", begin);
  std::set<std::string> keys;
  for (auto at = begin + 1; at < end;) {
    const auto line_end = page.find('\n', at);
    const auto line = page.substr(at, line_end - at);
    const auto equals = line.find(" = ");
    if (equals != std::string::npos && line.find_first_of(" #[") == equals) {
      keys.insert(line.substr(0, equals));
    }
    at = line_end + 1;
  }
  const std::set<std::string> in_sentence = {
      "verb",       "action",     "between", "designated",   "from_roles", "info",    "area",
      "purpose",    "needs",      "scope",   "except",       "when",       "on",      "within_days",
      "via",        "see",        "article", "handling_max", "survives",   "history", "grounds",
      "reading_of", "reading_by", "every",   "at_least"};
  const std::set<std::string> on_sheet = {"id",   "status", "provenance", "survives_provenance",
                                          "says", "note",   "family"};
  for (const auto& key : keys) {
    EXPECT_TRUE(in_sentence.contains(key) || on_sheet.contains(key))
        << "nobody says '" << key << "': add it to sentence_phrase, row_text and this test";
  }
  EXPECT_EQ(keys.size(), in_sentence.size() + on_sheet.size());
}

// ---- verdicts and sheets -----------------------------------------------------------------------

TEST(LawInWords, EveryVerdictIsSaidAndDifferentOnesDifferently) {
  std::set<std::string> lines_seen;
  for (std::uint64_t seed = 0; seed < worlds() / 10 + 20; ++seed) {
    const auto model = std::make_shared<const Model>(test::random_model(seed));
    const CompiledRegister law(model, test::random_verifications(*model, seed),
                               test::random_mode(seed));
    std::map<std::string, std::string> verdicts;
    for (std::uint64_t i = 0; i < questions_per_world; ++i) {
      const auto verdict = law.decide(test::random_request(*model, seed * 1000 + i));
      for (const auto& line : verdict_lines(*model, verdict)) {
        lines_seen.insert(line.key);
        for (const auto& words : languages()) {
          EXPECT_TRUE(lacking(words, line).empty()) << *lacking(words, line).begin();
        }
      }
      for (const auto& words : languages()) {
        const auto said = words.language() + verdict_in_words(*model, verdict, words);
        const auto json = to_json(verdict);
        EXPECT_EQ(verdicts.emplace(said, json).first->second, json) << said;
      }
    }
  }
  EXPECT_EQ(lines_seen,
            (std::set<std::string>{"say.advice", "say.assertion", "say.assumed", "say.basis",
                                   "say.duty", "say.duty-due", "say.duty-overdue", "say.need",
                                   "say.reason", "say.reason-article", "say.reason-clause",
                                   "say.reason-instrument", "say.register", "say.verdict"}));
}

TEST(LawInWords, ASheetHasTheSentenceBesideTheRow) {
  const auto model = shipped("demo");
  for (const auto& words : languages()) {
    for (const auto& instrument : model->instruments) {
      const auto sheet = article_sheet(*model, instrument, words);
      EXPECT_EQ(sheet.find_first_of("{}"), std::string::npos) << instrument.id;
      EXPECT_NE(sheet.find(instrument.title), std::string::npos) << instrument.id;
      const auto data = article_sheet_json(*model, instrument, words);
      EXPECT_EQ(*data.find("language")->string(), words.language());
      const auto& rows = *data.find("clauses")->array();
      ASSERT_EQ(rows.size(), instrument.clauses.size());
      for (std::size_t i = 0; i < rows.size(); ++i) {
        const auto& clause = instrument.clauses[i];
        const auto said = words.text(*model, sentence_phrase(*model, instrument, clause));
        EXPECT_EQ(rows[i].text("sentence"), said);
        EXPECT_NE(sheet.find(said), std::string::npos) << clause.id;
        EXPECT_NE(sheet.find(row_text(*model, clause)), std::string::npos) << clause.id;
        EXPECT_NE(sheet.find(clause.says), std::string::npos) << clause.id;
        if (!clause.family.empty()) {
          const auto family = phrase("sheet.family", {{"family", clause.family}});
          EXPECT_NE(sheet.find(words.text(*model, family)), std::string::npos) << clause.id;
        }
      }
      for (const auto& entry : instrument.parties) {
        const auto& code = model->parties[static_cast<std::size_t>(entry.party)].code;
        EXPECT_NE(sheet.find(words.text(*model, word_phrase("party", code))), std::string::npos);
      }
    }
  }
}

// A rule of a national overlay is said like a clause, whatever it leaves open.
TEST(LawInWords, EveryRuleOfAnOverlayHasASentenceInEveryLanguage) {
  std::size_t rules = 0;
  for (std::uint64_t seed = 0; seed < worlds() + 20; ++seed) {
    const auto model = test::random_model(seed);
    for (const auto& overlay : model.overlays) {
      for (const auto& words : languages()) {
        const auto sheet = overlay_sheet(model, overlay, words);
        EXPECT_EQ(sheet.find_first_of("{}"), std::string::npos) << sheet;
        const auto data = overlay_sheet_json(model, overlay, words);
        EXPECT_EQ(*data.find("language")->string(), words.language());
        const auto& rows = *data.find("rules")->array();
        ASSERT_EQ(rows.size(), overlay.rules.size());
        for (std::size_t i = 0; i < rows.size(); ++i) {
          ++rules;
          const auto said = rule_phrase(model, overlay, overlay.rules[i]);
          EXPECT_TRUE(lacking(words, said).empty()) << *lacking(words, said).begin();
          EXPECT_EQ(rows[i].text("sentence"), words.text(model, said));
          EXPECT_NE(sheet.find(words.text(model, said)), std::string::npos) << sheet;
          EXPECT_NE(sheet.find(overlay.rules[i].article), std::string::npos) << sheet;
        }
      }
    }
  }
  EXPECT_GT(rules, 0U);
  for (const auto& words : languages()) {
    EXPECT_TRUE(words.has("sheet.overlay") && words.has("sheet.rules"));
  }
}

TEST(LawInWords, ASheetTellsSuspensionsDenunciationsAndAssumptions) {
  test::TestRegister build({"CN", "KZ", "RU"});
  build.assumption("assume-it", "a reason");
  auto& paper = build.instrument("paper-1");
  build.entry(paper, "CN").until = test::date("2030");
  auto& unknown = build.entry(paper, "KZ", "");
  unknown.status = Membership::Unknown;
  unknown.computed_in_force = test::date("2015-05-01");
  paper.aliases = {"The Paper", "P1"};
  paper.parent = "paper-0";
  paper.source_errors = {{"S", "footnote 3", "signed in May", "it was signed in June", "K:h"}};
  paper.readings = {{"c1", "It permits more.", "state B", "X", false},
                    {"c1", "It permits this.", "us", "X", true}};
  build.entry(paper, "RU").assumed = "assume-it";
  build.suspension("paper-1", "CN", "2020-01-01");
  build.suspension("paper-1", "RU", "2020-01-01", "2021-01-01");
  build.denunciation("paper-1", "RU", "2022-01-01", "2023-01-01");
  const auto& english = languages()[0];
  const auto sheet = article_sheet(build.model(), paper, english);
  for (const char* text :
       {"China: in force since 2010-01-01, until 2030",
        "Kazakhstan: status not known (computed by the rule of entry into force: 2015-05-01)",
        "also called: The Paper and P1\nunder paper-0\n",
        "mistake of source S, footnote 3: it says signed in May; it was signed in June\n",
        "reading of c1 by state B: It permits more.\n",
        "reading of c1 by us, taken here: It permits this.\n",
        "Russian Federation: in force since 2010-01-01 – ASSUMED assume-it",
        "China suspended it from 2020-01-01T00:00:00Z\n",
        "Russian Federation suspended it from 2020-01-01T00:00:00Z until 2021-01-01T00:00:00Z",
        ("Russian Federation denounced it: notified 2022-01-01T00:00:00Z, "
         "effective 2023-01-01T00:00:00Z")}) {
    EXPECT_NE(sheet.find(text), std::string::npos) << text << "\n" << sheet;
  }
}

}  // namespace
}  // namespace comity::treaty
