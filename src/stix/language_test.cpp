#include "stix/language.h"

#include <gtest/gtest.h>

#include <string>

#include "base/test_support.h"
#include "json/parse.h"

namespace comity::stix {
namespace {

using test::must;

TEST(Language, OfAPlaceIsThatOfTheClosestMarking) {
  const auto object = must(json::parse(
      R"({"lang":"fr","name":"a","labels":["b","c"],"granular_markings":[
      {"lang":"de","selectors":["labels"]},{"lang":"ja","selectors":["labels.[1]"]},
      {"marking_ref":"m","selectors":["name"]}]})"));
  EXPECT_EQ(language_at(object, "name"), "fr");
  EXPECT_EQ(language_at(object, "labels"), "de");
  EXPECT_EQ(language_at(object, "labels.[0]"), "de");
  EXPECT_EQ(language_at(object, "labels.[1]"), "ja");
  EXPECT_EQ(language_at(object, "label"), "fr");
  EXPECT_EQ(language_at(must(json::parse(R"({"name":"a"})")), "name"), "en");
  EXPECT_EQ(language_at(json::Value(7), "name"), "en");
}

TEST(Language, ContentIsForAnObjectOrForOneVersionOfIt) {
  const auto tool = must(json::parse(R"({"id":"a","modified":"2016-01-01T00:00:00.000Z"})"));
  const auto is_for = [&](std::string_view more) {
    return is_language_of(
        must(json::parse(R"({"type":"language-content","object_ref":)" + std::string(more) + "}")),
        tool);
  };
  EXPECT_TRUE(is_for(R"("a")"));
  EXPECT_FALSE(is_for(R"("b")"));
  EXPECT_TRUE(is_for(R"("a","object_modified":"2016-01-01T00:00:00Z")"));
  EXPECT_FALSE(is_for(R"("a","object_modified":"2016-01-01T00:00:01Z")"));
  EXPECT_FALSE(is_for(R"("a","object_modified":7)"));
  EXPECT_FALSE(is_language_of(tool, tool));
  EXPECT_FALSE(is_language_of(json::Value(7), json::Value(7)));
}

TEST(Language, TextsAreFoundByPlaceAndTag) {
  const auto content = must(json::parse(
      R"({"contents":{"de":{"name":"x","goals":["y",""]},"zh-Hant":{"name":"z"},"fr":[]}})"));
  const auto text = [&](std::string_view selector, std::string_view language) {
    const auto* found = translated(content, selector, language);
    return found == nullptr ? std::string("none") : *found;
  };
  EXPECT_EQ(text("name", "de"), "x");
  EXPECT_EQ(text("name", "DE"), "x");
  EXPECT_EQ(text("name", "de-CH"), "x");
  EXPECT_EQ(text("name", "de-x-own"), "x");
  EXPECT_EQ(text("name", "zh-hant-TW"), "z");
  EXPECT_EQ(text("name", "zh"), "none");
  EXPECT_EQ(text("name", ""), "none");
  EXPECT_EQ(text("name", "fr"), "none");
  EXPECT_EQ(text("goals.[0]", "de"), "y");
  EXPECT_EQ(text("goals.[1]", "de"), "none") << "an empty text is no translation";
  EXPECT_EQ(text("goals.[2]", "de"), "none");
  EXPECT_EQ(text("goals", "de"), "none");
  EXPECT_EQ(translated(json::Value(7), "name", "de"), nullptr);
}

}  // namespace
}  // namespace comity::stix
