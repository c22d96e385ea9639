#include "node/coverage_command.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <tuple>

#include "base/test_source_dir.h"
#include "base/test_support.h"
#include "json/texts.h"
#include "node/coverage_text.h"

namespace comity::node {
namespace {

using comity::test::must;

const LawInHand& shipped() {
  static const auto in =
      must(law_in_hand(LawSource{comity::test::source_path("register"), "demo"}));
  return in;
}

json::Object arguments(std::initializer_list<std::pair<const char*, json::Value>> members) {
  json::Object out;
  out.set("at", "2026-11-23");
  for (const auto& [name, value] : members) out.set(name, value);
  return out;
}

std::size_t count(const std::string& text, std::string_view part) {
  std::size_t out = 0;
  for (auto i = text.find(part); i != std::string::npos; i = text.find(part, i + 1)) ++out;
  return out;
}

TEST(CoverageCommand, CsvIsThatOfRfc4180) {
  EXPECT_EQ(csv_line({"a", "", "b c"}), "a,,b c\r\n");
  EXPECT_EQ(csv_line({"a,b", "say \"x\"", "two\nlines"}),
            "\"a,b\",\"say \"\"x\"\"\",\"two\nlines\"\r\n");
}

TEST(CoverageCommand, EachFormatHasTheSameCells) {
  for (const auto& area : {std::string(), std::string("crime")}) {
    const auto of = [&](const char* format) {
      return must(coverage_table(shipped(),
                                 arguments({{"party", "FR"}, {"format", format}, {"area", area}})));
    };
    const auto table = of("table"), csv = of("csv");
    EXPECT_EQ(table.data, csv.data);
    const auto cells = table.data.find("cells")->array()->size();
    EXPECT_GT(cells, 79U);
    EXPECT_EQ(count(csv.text, "\r\n"), cells + 1);
    EXPECT_EQ(csv.text.find("EXERCISE"), std::string::npos);
    EXPECT_EQ(count(csv.text, "exercise demo,"), cells);
    EXPECT_EQ(table.text.rfind("EXERCISE demo", 0), 0U);
  }
}

TEST(CoverageCommand, AllPairsHaveTheRowsOfEachParty) {
  const auto all = must(coverage_table(shipped(), arguments({{"area", "crime"}}))).data;
  for (const char* party : {"FR", "RU"}) {
    const auto own =
        must(coverage_table(shipped(), arguments({{"area", "crime"}, {"party", party}}))).data;
    std::set<std::string> among, alone;
    const auto take = [&](const json::Value& data, std::set<std::string>& into) {
      for (const auto& cell : *data.find("cells")->array()) {
        if (cell.text("from") != party) continue;
        into.insert(std::string(cell.text("to")) + " " + std::string(cell.text("basis")) + " " +
                    std::string(cell.text("state")) + " " + std::string(cell.text("verdict")));
      }
    };
    take(all, among);
    take(own, alone);
    EXPECT_EQ(among, alone) << party;
    EXPECT_FALSE(alone.empty());
  }
}

TEST(CoverageCommand, GapsStandTogetherWhereTheyAreTheSame) {
  const auto found = must(coverage_gaps(shipped(), arguments({{"party", "KZ"}})));
  EXPECT_NE(found.text.find("nearest: coe-185 (global, with clauses): you would join for"),
            std::string::npos)
      << found.text;
  EXPECT_GT(found.data.find("rows")->array()->size(), 190U);
  const auto nobody = coverage_gaps(shipped(), arguments({}));
  ASSERT_FALSE(nobody.has_value());
  EXPECT_NE(nobody.error().message.find("--party"), std::string::npos);
}

TEST(CoverageCommand, WhatIfSaysThatNobodyHasVerifiedWhatIsSupposed) {
  const auto found =
      must(coverage_what_if(shipped(), arguments({{"accede", json::Array{"KZ:coe-185"}}})));
  EXPECT_NE(found.text.find("KZ is a party to coe-185"), std::string::npos);
  EXPECT_NE(found.text.find("nobody has verified it"), std::string::npos);
  EXPECT_NE(found.text.find("FR → KZ gained"), std::string::npos) << found.text;
  EXPECT_EQ(*found.data.find("pairs")->integer(), 81);
  for (const auto& row : *found.data.find("rows")->array()) {
    EXPECT_TRUE(*row.find("after")->find("supposed")->boolean());
    EXPECT_EQ(row.find("after")->text("state"), "assumed");
  }
  const auto bad =
      coverage_what_if(shipped(), arguments({{"text",
                                              "[instrument]\nid = \"x-1\"\nlevel = \"global"
                                              "\"\n"},
                                             {"file_name", "draft.toml"}}));
  ASSERT_FALSE(bad.has_value());
  EXPECT_NE(bad.error().message.find("draft.toml:1:"), std::string::npos) << bad.error().text();
}

TEST(CoverageCommand, WhatCannotBeSupposedIsNamedAsItWasTyped) {
  const auto bad =
      coverage_what_if(shipped(), arguments({{"accede", json::Array{"KZ:coe-185", "KZ:coe-158"}}}));
  ASSERT_FALSE(bad.has_value());
  EXPECT_EQ(bad.error().where, "--accede KZ:coe-158");
  EXPECT_NE(bad.error().message.find("did you mean 'coe-185'?"), std::string::npos)
      << bad.error().text();
}

TEST(CoverageCommand, ADrawingIsTheSameForPeopleAndMachines) {
  const auto found = must(
      coverage_drawing(shipped(), arguments({{"kind", "web"}, {"party", "RU"}, {"lang", "ar"}})));
  EXPECT_EQ(found.text.rfind("<svg ", 0), 0U);
  EXPECT_EQ(found.data.text("svg"), found.text);
  EXPECT_FALSE(coverage_drawing(shipped(), arguments({{"kind", "sphere"}})).has_value());
  EXPECT_FALSE(
      coverage_drawing(shipped(), arguments({{"kind", "web"}, {"lang", "xx"}})).has_value());
}

TEST(CoverageCommand, WordsThatTheRegisterLacksAreNamedWithTheirFlag) {
  for (const auto& [name, value, flag] :
       {std::tuple("party", "ZZ", "--party"), std::tuple("area", "weather", "--area"),
        std::tuple("at", "soon", "--at")}) {
    const auto found = coverage_table(shipped(), arguments({{name, value}}));
    ASSERT_FALSE(found.has_value());
    EXPECT_EQ(found.error().where.rfind(flag, 0), 0U) << found.error().text();
  }
  const auto named = coverage_table(shipped(), arguments({{"party", "Kazakhstan"}}));
  ASSERT_FALSE(named.has_value());
  EXPECT_NE(named.error().message.find("did you mean 'KZ'?"), std::string::npos)
      << named.error().text();
}

}  // namespace
}  // namespace comity::node
