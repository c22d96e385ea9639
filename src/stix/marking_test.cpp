#include "stix/marking.h"

#include <gtest/gtest.h>

#include "json/parse.h"

namespace comity::stix {
namespace {

// The ids that the two standards fix.
constexpr const char* white1 = "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9";
constexpr const char* green1 = "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da";
constexpr const char* amber1 = "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82";
constexpr const char* red1 = "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed";
constexpr const char* clear2 = "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487";
constexpr const char* green2 = "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb";
constexpr const char* amber2 = "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421";
constexpr const char* strict2 = "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003";
constexpr const char* red2 = "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1";
constexpr const char* own = "marking-definition--00000000-0000-4000-8000-000000000001";
constexpr const char* other = "marking-definition--00000000-0000-4000-8000-000000000002";

std::string level(std::optional<TlpLevel> found) { return found ? name(*found) : "none"; }

TEST(MarkingTest, FixedIdsOfBothVersions) {
  const std::pair<const char*, const char*> rows[] = {
      {white1, "clear"}, {green1, "green"}, {amber1, "amber"}, {red1, "red"},
      {clear2, "clear"}, {green2, "green"}, {amber2, "amber"}, {strict2, "amber+strict"},
      {red2, "red"},     {own, "none"},     {"", "none"}};
  for (const auto& [id, expected] : rows) EXPECT_EQ(level(tlp_of_id(id)), expected) << id;
}

TEST(MarkingTest, WordsInAnyDialect) {
  const std::pair<const char*, const char*> rows[] = {{"white", "clear"},
                                                      {"TLP:WHITE", "clear"},
                                                      {"clear", "clear"},
                                                      {"TLP:CLEAR", "clear"},
                                                      {"Green", "green"},
                                                      {"tlp:amber", "amber"},
                                                      {"AMBER", "amber"},
                                                      {"TLP:AMBER+STRICT", "amber+strict"},
                                                      {"amber+strict", "amber+strict"},
                                                      {"red", "red"},
                                                      {"TLP:RED", "red"},
                                                      {"", "none"},
                                                      {"TLP:", "none"},
                                                      {"amber strict", "none"},
                                                      {"TLP:TLP:RED", "none"},
                                                      {"orange", "none"},
                                                      {" red", "none"}};
  for (const auto& [text, expected] : rows) EXPECT_EQ(level(tlp_from_text(text)), expected) << text;
}

json::Value definition(const std::string& members) {
  return *json::parse(std::string(R"({"type":"marking-definition","id":")") + own + "\"" +
                      (members.empty() ? "" : "," + members) + "}");
}

TEST(MarkingTest, ADefinitionOfAnyIdInAnyDialect) {
  EXPECT_EQ(level(tlp_of_definition(
                definition(R"("definition_type":"tlp","definition":{"tlp":"amber"})"))),
            "amber");
  EXPECT_EQ(level(tlp_of_definition(definition(
                R"("extensions":{"extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d":
                   {"extension_type":"property-extension","tlp_2_0":"amber+strict"}})"))),
            "amber+strict");
  EXPECT_EQ(level(tlp_of_definition(definition(
                R"("definition_type":"statement","definition":{"statement":"TLP:RED"})"))),
            "none");
  EXPECT_EQ(level(tlp_of_definition(definition(R"("definition_type":"tlp")"))), "none");
  EXPECT_EQ(level(tlp_of_definition(definition(""))), "none");
  EXPECT_EQ(level(tlp_of_definition(json::Value("red"))), "none");
  // A fixed id means what the standard says, whatever the object claims.
  const auto claims = json::parse(std::string(R"({"id":")") + red1 +
                                  R"(","definition_type":"tlp","definition":{"tlp":"white"}})");
  EXPECT_EQ(level(tlp_of_definition(*claims)), "red");
}

Object marked(const std::vector<std::string>& object_markings,
              const std::vector<std::string>& granular = {}) {
  std::string text = R"({"type":"file","id":"file--9d6d71f5-770d-5d96-afe9-62aaf1c017f3")";
  std::string list;
  for (const auto& id : object_markings) list += (list.empty() ? "\"" : ",\"") + id + "\"";
  if (!list.empty()) text += ",\"object_marking_refs\":[" + list + "]";
  list.clear();
  for (const auto& id : granular) {
    list += std::string(list.empty() ? "" : ",") + R"({"marking_ref":")" + id +
            R"(","selectors":["name"]})";
  }
  if (!list.empty()) text += ",\"granular_markings\":[" + list + "]";
  auto object = read_object(text + ",\"name\":\"a\"}");
  CHECK(object.has_value());
  return *std::move(object);
}

TEST(Marking, AtAPathAreThoseOfTheObjectAndOfWhatHoldsIt) {
  const auto object = json::parse(
      R"({"object_marking_refs":["c"],"name":"n","labels":["a","b"],"label":"l","map":{"k":{"m":1}},
      "granular_markings":[{"marking_ref":"a","selectors":["name","labels.[1]"]},
      {"marking_ref":"b","selectors":["labels"]},{"marking_ref":"c","selectors":["map"]},
      {"lang":"de","selectors":["name"]},{"marking_ref":"d","selectors":["map.k.m"]}]})");
  ASSERT_TRUE(object);
  using Ids = std::vector<std::string>;
  EXPECT_EQ(markings_at(*object, ""), (Ids{"c"}));
  EXPECT_EQ(markings_at(*object, "name"), (Ids{"a", "c"}));
  EXPECT_EQ(markings_at(*object, "names"), (Ids{"c"}));
  EXPECT_EQ(markings_at(*object, "label"), (Ids{"c"}));
  EXPECT_EQ(markings_at(*object, "labels"), (Ids{"b", "c"}));
  EXPECT_EQ(markings_at(*object, "labels.[0]"), (Ids{"b", "c"}));
  EXPECT_EQ(markings_at(*object, "labels.[1]"), (Ids{"a", "b", "c"}));
  EXPECT_EQ(markings_at(*object, "map.k"), (Ids{"c"})) << "each once, and none of its parts";
  EXPECT_EQ(markings_at(*object, "map.k.m"), (Ids{"c", "d"}));
  EXPECT_TRUE(markings_at(json::Value(7), "name").empty());
}

TEST(HandlingTest, TheStrictestCounts) {
  const json::Value mine =
      definition(R"("definition_type":"tlp","definition":{"tlp":"TLP:AMBER+STRICT"})");
  std::vector<std::string> asked;
  const auto find = [&](const std::string& id) {
    asked.push_back(id);
    return id == own ? &mine : nullptr;
  };
  EXPECT_EQ(level(handling(marked({}), find)), "none");
  EXPECT_EQ(level(handling(marked({green2}), find)), "green");
  EXPECT_EQ(level(handling(marked({red1, white1}), find)), "red");
  EXPECT_EQ(level(handling(marked({white1, red1}), find)), "red");
  EXPECT_EQ(level(handling(marked({amber1, strict2}), find)), "amber+strict");
  EXPECT_EQ(level(handling(marked({clear2}, {red2}), find)), "red") << "one property is red";
  EXPECT_EQ(level(handling(marked({}, {green1}), find)), "green");
  EXPECT_TRUE(asked.empty()) << "fixed ids need no definition";
  EXPECT_EQ(level(handling(marked({own, amber2}), find)), "amber+strict");
  EXPECT_EQ(level(handling(marked({amber2}, {own}), find)), "amber+strict");
  EXPECT_EQ(level(handling(marked({other}), find)), "none") << "a marking that is no TLP";
  EXPECT_EQ(level(handling(marked({other, green1}), find)), "green");
}

}  // namespace
}  // namespace comity::stix
