#include <gtest/gtest.h>

#include "api/catalogues.h"
#include "api/coverage_json.h"
#include "api/test_law_desk.h"
#include "atlas/coverage.h"
#include "atlas/drawing.h"

namespace comity::api {
namespace {

using test::expect_refusal;
using test::LawDesk;
using test::members_of;
using test::must;
using test::number_of;
using test::ShippedNode;

const Instant day = must(parse_day_or_instant("2026-11-23"));

json::Object body_of(std::initializer_list<std::pair<const char*, json::Value>> members) {
  json::Object out;
  for (const auto& [name, value] : members) out.set(name, value);
  return out;
}

json::Value asked(LawDesk& desk, std::initializer_list<std::pair<const char*, json::Value>> body) {
  return must(desk.post("askWhatIf", body_of(body))).body;
}

std::string convention(const std::string& more = "") {
  return "[instrument]\nid = \"conv-2025\"\ntitle.en = \"A convention\"\nform = \"convention\"\n"
         "category = \"interstate\"\nbinding = \"binding\"\n"
         "level_claims = [{ level = \"global\", by = \"test\", source = \"X\" }]\n"
         "provenance = \"X\"\nverification = \"unverified\"\n"
         "[[party]]\ncode = \"VN\"\nin_force = 2025-01-01\nprovenance = \"X\"\n"
         "verification = \"unverified\"\n"
         "[[party]]\ncode = \"KE\"\nin_force = 2025-01-01\nprovenance = \"X\"\n"
         "verification = \"unverified\"\n"
         "[[clause]]\nid = \"a1\"\narticle = \"Art. 1\"\nstatus = \"unverified\"\n"
         "provenance = \"X\"\nsays = \"They share.\"\nverb = \"permit\"\naction = \"share\"\n"
         "info = [\"indicator\"]\narea = [\"research\"]\npurpose = [\"warning\"]\n" +
         more;
}

TEST(CoverageRoutes, TheAnswerIsThatOfTheAtlas) {
  ShippedNode one;
  LawDesk desk(one.node());
  const auto law = one.node().law();
  const auto& model = law->model();
  const auto answer = desk.get(
      "readCoverage", {}, {{"party", "KZ"}, {"at", "2026-11-23"}, {"area", "threat-information"}});
  EXPECT_EQ(members_of(answer), (std::set<std::string>{"party", "at", "rows", "counts", "states"}));
  EXPECT_EQ(answer.text("party"), "KZ");
  EXPECT_EQ(answer.text("at"), "2026-11-23T00:00:00Z");
  const auto rows = must(atlas::coverage(
      *law, {*model.party("KZ"), day, model.vocabulary.areas.index("threat-information")}));
  const auto& shown = *answer.find("rows")->array();
  ASSERT_EQ(shown.size(), rows.size());
  std::map<std::string, std::int64_t> counts, states;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto& party = model.parties[static_cast<std::size_t>(rows[i].party)];
    EXPECT_EQ(members_of(shown[i]), (std::set<std::string>{"party", "name", "basis", "state",
                                                           "verdict", "instruments", "claims"}));
    EXPECT_EQ(shown[i].text("party"), party.code);
    EXPECT_EQ(shown[i].text("name"), party.name);
    EXPECT_EQ(shown[i].text("basis"), atlas::name(rows[i].basis));
    EXPECT_EQ(shown[i].text("state"), atlas::name(rows[i].state));
    EXPECT_EQ(shown[i].text("verdict"), treaty::name(rows[i].verdict));
    const auto& citations = *shown[i].find("instruments")->array();
    ASSERT_EQ(citations.size(), rows[i].instruments.size());
    for (std::size_t k = 0; k < citations.size(); ++k) {
      EXPECT_EQ(citations[k].text("instrument"), rows[i].instruments[k].instrument);
      EXPECT_EQ(citations[k].text("clause"), rows[i].instruments[k].clause);
      EXPECT_NE(citations[k].text("title"), "");
    }
    EXPECT_EQ(shown[i].find("claims")->array()->size(), rows[i].claims.size());
    ++counts[atlas::name(rows[i].basis)];
    if (rows[i].basis != atlas::BasisLevel::Own) ++states[atlas::name(rows[i].state)];
  }
  for (const char* basis : {"own", "bilateral", "multilateral", "regional", "global", "none"}) {
    EXPECT_EQ(number_of(*answer.find("counts"), basis), counts[basis]) << basis;
  }
  for (const char* state : {"verified", "unverified", "assumed", "claimed", "none"}) {
    EXPECT_EQ(number_of(*answer.find("states"), state), states[state]) << state;
  }
  EXPECT_EQ(counts["own"], 1);
  EXPECT_GT(counts["multilateral"], 0);
}

TEST(CoverageRoutes, OneAsksAboutOneselfNowUnlessSaidOtherwise) {
  ShippedNode one("CN");
  LawDesk desk(one.node());
  for (const char* operation : {"readCoverage", "readCoverageGaps"}) {
    const auto answer = desk.get(operation);
    EXPECT_EQ(answer.text("party"), "CN");
    EXPECT_EQ(answer.text("at"), "2026-11-23T06:00:00Z");
    expect_refusal(desk.ask(operation, {}, {{"party", "ZZ"}}), ErrorKind::InvalidInput, "ZZ");
    expect_refusal(desk.ask(operation, {}, {{"at", "soon"}}), ErrorKind::InvalidInput, "at");
  }
  expect_refusal(desk.ask("readCoverage", {}, {{"area", "weather"}}), ErrorKind::InvalidInput,
                 "weather");
  const auto answer = asked(desk, {{"withdraw", json::Array{"RU:ru-cn-2015"}}});
  EXPECT_EQ(answer.text("party"), "CN");
  EXPECT_EQ(answer.text("at"), "2026-11-23T06:00:00Z");
}

TEST(CoverageRoutes, WhoClaimsWhatIsInTheRow) {
  ShippedNode one;
  LawDesk desk(one.node());
  const auto answer =
      desk.get("readCoverage", {}, {{"party", "RU"}, {"at", "2026-11-23"}, {"area", "research"}});
  std::size_t claimed = 0;
  for (const auto& row : *answer.find("rows")->array()) {
    const auto& claims = *row.find("claims")->array();
    EXPECT_EQ(claims.empty(), row.text("state") != "claimed") << row.text("party");
    if (claims.empty()) continue;
    ++claimed;
    EXPECT_EQ(row.text("basis"), "none");
    EXPECT_EQ(members_of(claims[0]),
              (std::set<std::string>{"instrument", "title", "level", "by", "provenance"}));
    EXPECT_NE(claims[0].text("by"), "");
  }
  EXPECT_GT(claimed, 0U) << "nothing of the shipped register is only claimed";
}

TEST(CoverageRoutes, GapsHaveEachAreaUnderItsState) {
  ShippedNode one;
  LawDesk desk(one.node());
  const auto& model = one.node().law()->model();
  const auto answer = desk.get("readCoverageGaps", {}, {{"party", "KZ"}, {"at", "2026-11-23"}});
  EXPECT_EQ(members_of(answer), (std::set<std::string>{"party", "at", "rows", "counts"}));
  const auto found = must(atlas::gaps(*one.node().law(), *model.party("KZ"), day));
  const auto& rows = *answer.find("rows")->array();
  ASSERT_EQ(rows.size(), found.rows.size());
  std::set<std::string> steps;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    EXPECT_EQ(members_of(rows[i]),
              (std::set<std::string>{"party", "name", "none", "claimed", "unverified", "assumed",
                                     "verified", "claims", "nearest"}));
    EXPECT_EQ(rows[i].text("party"),
              model.parties[static_cast<std::size_t>(found.rows[i].party)].code);
    for (std::size_t state = 0; state < atlas::basis_state_count; ++state) {
      const auto* areas = rows[i].find(atlas::name(static_cast<atlas::BasisState>(state)));
      treaty::Bits bits = 0;
      for (const auto& area : *areas->array()) {
        bits |= treaty::bit(*model.vocabulary.areas.index(*area.string()));
      }
      EXPECT_EQ(bits, found.rows[i].areas[state]);
    }
    for (const auto& step : *rows[i].find("nearest")->array()) {
      EXPECT_EQ(members_of(step), (std::set<std::string>{"instrument", "title", "level", "step",
                                                         "operative", "areas"}));
      steps.emplace(step.text("step"));
    }
  }
  EXPECT_TRUE(steps.contains("party-joins")) << "KZ is no party of coe-185";
}

TEST(WhatIfRoute, AnAccessionGainsCellsWithEachParty) {
  ShippedNode one("KZ");
  LawDesk desk(one.node());
  const auto answer = asked(
      desk, {{"accede", json::Array{"KZ:coe-185"}}, {"at", "2026-11-23"}, {"area", "evidence"}});
  EXPECT_EQ(members_of(answer),
            (std::set<std::string>{"party", "at", "area", "supposed", "problems", "cells", "own",
                                   "pairs", "rows", "more"}));
  EXPECT_EQ(answer.text("area"), "evidence");
  EXPECT_EQ(number_of(*answer.find("own"), "gained"), 81);
  EXPECT_EQ(number_of(*answer.find("cells"), "gained"), 2 * 81);
  EXPECT_EQ(number_of(*answer.find("cells"), "lost"), 0);
  EXPECT_EQ(number_of(answer, "pairs"), 81);
  EXPECT_EQ(number_of(answer, "more"), 0);
  const auto& steps = *answer.find("supposed")->array();
  ASSERT_EQ(steps.size(), 1U);
  EXPECT_EQ(steps[0].text("step"), "accede");
  EXPECT_EQ(steps[0].text("party"), "KZ");
  EXPECT_NE(steps[0].text("title"), "");
  const auto& rows = *answer.find("rows")->array();
  ASSERT_EQ(rows.size(), 81U);
  for (const auto& row : rows) {
    EXPECT_EQ(members_of(row),
              (std::set<std::string>{"party", "name", "area", "change", "before", "after"}));
    EXPECT_EQ(row.text("change"), "gained");
    EXPECT_EQ(row.find("before")->text("basis"), "none");
    const auto& after = *row.find("after");
    EXPECT_EQ(members_of(after),
              (std::set<std::string>{"basis", "state", "verdict", "supposed", "instruments"}));
    EXPECT_EQ(after.text("basis"), "global");
    EXPECT_EQ(after.text("state"), "assumed");
    EXPECT_TRUE(*after.find("supposed")->boolean());
    EXPECT_EQ((*after.find("instruments")->array())[0].text("instrument"), "coe-185");
  }
}

TEST(WhatIfRoute, NothingIsChangedByAsking) {
  ShippedNode one("KZ");
  LawDesk desk(one.node());
  const auto before = one.node().law()->model().digest;
  const auto rows = desk.get("readCoverage");
  asked(desk, {{"accede", json::Array{"KZ:coe-185"}}, {"file", convention()}});
  EXPECT_EQ(one.node().law()->model().digest, before);
  EXPECT_EQ(desk.get("readCoverage"), rows);
}

TEST(WhatIfRoute, ATextIsReadAsAFileOfTheRegister) {
  ShippedNode one("KZ");
  LawDesk desk(one.node());
  const auto answer = asked(desk, {{"party", "VN"}, {"at", "2026-11-23"}, {"file", convention()}});
  EXPECT_EQ(number_of(answer, "pairs"), 1);
  const auto& rows = *answer.find("rows")->array();
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].text("party"), "KE");
  EXPECT_EQ(rows[0].text("area"), "research");
  // A mistake has its line and column, and nothing is compared.
  const auto wrong = asked(desk, {{"file", convention("colour = \"blue\"\n")}});
  const auto& problems = *wrong.find("problems")->array();
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(members_of(problems[0]),
            (std::set<std::string>{"line", "column", "found", "expected", "suggestion"}));
  const auto text = convention("colour = \"blue\"\n");
  EXPECT_EQ(number_of(problems[0], "line"), std::count(text.begin(), text.end(), '\n'));
  EXPECT_EQ(number_of(problems[0], "column"), 1);
  EXPECT_TRUE(wrong.find("rows")->array()->empty());
  EXPECT_EQ(number_of(*wrong.find("cells"), "gained"), 0);
}

TEST(WhatIfRoute, WhatCannotBeSupposedIsRefusedWithItsPlace) {
  ShippedNode one("KZ");
  LawDesk desk(one.node());
  const auto refused = [&](std::initializer_list<std::pair<const char*, json::Value>> body,
                           ErrorKind kind, const char* part) {
    expect_refusal(desk.post("askWhatIf", body_of(body)), kind, part);
  };
  refused({{"colour", "blue"}}, ErrorKind::InvalidInput, "$.colour");
  refused({{"accede", "KZ:coe-185"}}, ErrorKind::InvalidInput, "$.accede");
  refused({{"accede", json::Array{"KZ"}}}, ErrorKind::InvalidInput, "$.accede[0]");
  refused({{"accede", json::Array{"KZ:nothing"}}}, ErrorKind::InvalidInput, "accede[0]");
  refused({{"party", "ZZ"}}, ErrorKind::InvalidInput, "$.party");
  refused({{"at", "soon"}}, ErrorKind::InvalidInput, "$.at");
  refused({{"area", "weather"}}, ErrorKind::InvalidInput, "$.area");
  refused({{"party", "KZ"}}, ErrorKind::InvalidInput, "nothing is supposed");
  refused({{"file", std::string(atlas::supposed_file_bytes_max + 1, 'x')}}, ErrorKind::TooLarge,
          "$.file");
  json::Array many;
  for (std::size_t i = 0; i <= atlas::supposed_steps_max; ++i) many.emplace_back("KZ:coe-185");
  refused({{"accede", many}}, ErrorKind::TooLarge, "$.accede");
}

TEST(DrawingRoute, GivesTheDrawingOfTheAtlas) {
  ShippedNode one("KZ");
  LawDesk desk(one.node());
  const auto& model = one.node().law()->model();
  for (const char* kind : {"pyramid", "web"}) {
    for (const char* language : {"en", "ar"}) {
      const auto answer =
          must(desk.ask("readCoverageDrawing", {{"kind", kind}},
                        {{"party", "RU"}, {"at", "2026-11-23"}, {"lang", language}}));
      EXPECT_EQ(answer.content_type, "image/svg+xml");
      EXPECT_EQ(answer.text, atlas::draw(*atlas::drawing_kind(kind), model,
                                         *must(words_in(language)), {model.party("RU"), day}));
    }
  }
  expect_refusal(desk.ask("readCoverageDrawing", {{"kind", "sphere"}}), ErrorKind::NotFound, "");
  expect_refusal(desk.ask("readCoverageDrawing", {{"kind", "web"}}, {{"lang", "tlh"}}),
                 ErrorKind::InvalidInput, "lang");
  expect_refusal(desk.ask("readCoverageDrawing", {{"kind", "web"}}, {{"party", "ZZ"}}),
                 ErrorKind::InvalidInput, "ZZ");
}

}  // namespace
}  // namespace comity::api
