#include <gtest/gtest.h>

#include "api/test_law_desk.h"
#include "atlas/coverage.h"

namespace comity::api {
namespace {

using test::expect_refusal;
using test::LawDesk;
using test::members_of;
using test::must;
using test::number_of;
using test::ShippedNode;

TEST(CoverageRoutes, TheAnswerIsThatOfTheAtlas) {
  ShippedNode one;
  LawDesk desk(one.node());
  const auto law = one.node().law();
  const auto& model = law->model();
  const auto answer = desk.get(
      "readCoverage", {}, {{"party", "KZ"}, {"at", "2026-11-23"}, {"area", "threat-information"}});
  EXPECT_EQ(members_of(answer), (std::set<std::string>{"party", "at", "rows", "counts"}));
  EXPECT_EQ(answer.text("party"), "KZ");
  EXPECT_EQ(answer.text("at"), "2026-11-23T00:00:00Z");
  const auto rows =
      must(atlas::coverage(*law, {*model.party("KZ"), must(parse_day_or_instant("2026-11-23")),
                                  model.vocabulary.areas.index("threat-information")}));
  const auto& shown = *answer.find("rows")->array();
  ASSERT_EQ(shown.size(), rows.size());
  std::map<std::string, std::int64_t> counts;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto& party = model.parties[static_cast<std::size_t>(rows[i].party)];
    EXPECT_EQ(members_of(shown[i]),
              (std::set<std::string>{"party", "name", "basis", "state", "verdict", "instruments"}));
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
    ++counts[atlas::name(rows[i].basis)];
  }
  for (const char* basis : {"own", "bilateral", "multilateral", "regional", "global", "none"}) {
    EXPECT_EQ(number_of(*answer.find("counts"), basis), counts[basis]) << basis;
  }
  EXPECT_EQ(counts["own"], 1);
  EXPECT_GT(counts["multilateral"], 0);
}

TEST(CoverageRoutes, OneAsksAboutOneselfNowUnlessSaidOtherwise) {
  ShippedNode one("CN");
  LawDesk desk(one.node());
  const auto answer = desk.get("readCoverage");
  EXPECT_EQ(answer.text("party"), "CN");
  EXPECT_EQ(answer.text("at"), "2026-11-23T06:00:00Z");
  expect_refusal(desk.ask("readCoverage", {}, {{"party", "ZZ"}}), ErrorKind::InvalidInput, "ZZ");
  expect_refusal(desk.ask("readCoverage", {}, {{"area", "weather"}}), ErrorKind::InvalidInput,
                 "weather");
  expect_refusal(desk.ask("readCoverage", {}, {{"at", "soon"}}), ErrorKind::InvalidInput, "at");
}

}  // namespace
}  // namespace comity::api
