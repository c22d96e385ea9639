#include "stix/admission.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/test_support.h"
#include "json/parse.h"
#include "json/write.h"
#include "stix/test_stix.h"

namespace comity::stix {
namespace {

using test::must;

std::string refusal(const json::Value& object) {
  const auto read = admit_object(json::write(object));
  return read ? std::string() : read.error().text();
}

json::Value changed(std::string_view type, std::string name, std::string_view value) {
  auto out = smallest(type);
  out.object()->set(std::move(name), must(json::parse(value)));
  return out;
}

TEST(Admission, TakesTheSmallestObjectOfEveryType) {
  for (const auto& type : object_types()) {
    if (type.category == Category::Bundle) continue;
    EXPECT_EQ(refusal(smallest(type.shape->name)), "") << type.shape->name;
  }
}

TEST(Admission, NamesPathRuleSectionAndCheck) {
  EXPECT_EQ(refusal(changed("identity", "confidence", "101")),
            "$.confidence: found 101, expected 0 to 100 (STIX 2.1 section 2.10, range)");
  auto two = changed("identity", "confidence", "101");
  two.object()->set("lang", 7);
  EXPECT_EQ(refusal(two),
            "$.confidence: found 101, expected 0 to 100 (STIX 2.1 section 2.10, range); and 1 "
            "more");
  // What read_object finds has the same form.
  EXPECT_EQ(refusal(changed("identity", "id", "\"tool--e3f2a9c4-5f2c-4b43-91de-0f1d8c3f2c5a\"")),
            "$.id: begins with 'tool', but the type is 'identity' (STIX 2.1 section 2.9, id)");
}

TEST(Admission, WhatIsAdvisedOrLeftToTheMakerRefusesNothing) {
  EXPECT_EQ(refusal(changed("tool", "tool_types", "[\"own\"]")), "");
  EXPECT_EQ(refusal(changed("tool", "own", "[{\"a\":null}]")), "");
  EXPECT_EQ(refusal(changed("tool", "x_ref", "\"nothing\"")), "");
  EXPECT_EQ(refusal(changed("url", "id", "\"url--e3f2a9c4-5f2c-4b43-91de-0f1d8c3f2c5a\"")), "");
  EXPECT_EQ(refusal(changed("identity", "extensions", R"({"x-own-ext":{"a":1}})")), "");
}

TEST(Admission, OfTheMustsTwoAreTaken) {
  EXPECT_EQ(refusal(changed("identity", "created", "\"2016-01-01T00:00:00Z\"")), "");
  auto marking = changed("marking-definition", "definition", "{\"tlp\":\"red\"}");
  marking.object()->set("definition_type", "tlp");
  EXPECT_EQ(refusal(marking), "");
  for (const auto& row : checks()) {
    const bool refuses = (row.level == Level::Must && row.name != "timestamp-millis" &&
                          row.name != "tlp-definition") ||
                         row.name == "reference-uuid" || row.name == "created-by-identity";
    EXPECT_EQ(admission().runs(row.id), refuses) << row.name;
    EXPECT_EQ(admission().decides(row.id), refuses) << row.name;
  }
}

TEST(Admission, RefusesWhatTheCommandOnlyNotes) {
  EXPECT_NE(
      refusal(changed("tool", "created_by_ref", "\"source--e3f2a9c4-5f2c-4b43-91de-0f1d8c3f2c5a\""))
          .find("created-by-identity"),
      std::string::npos);
  EXPECT_FALSE(refusal(changed("sighting", "sighting_of_ref", "\"malware--1\"")).empty());
  EXPECT_FALSE(refusal(changed("tool", "spec_version", "\"2.0\"")).empty());
  auto old = smallest("tool");
  old.object()->erase("spec_version");
  EXPECT_FALSE(refusal(old).empty());
}

TEST(Admission, ABundleIsNoObject) {
  const auto status = admit(smallest("bundle"));
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().text(),
            "$.type: is a bundle within a bundle (STIX 2.1 section 8, bundle)");
}

}  // namespace
}  // namespace comity::stix
