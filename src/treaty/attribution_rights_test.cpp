// Nobody is asked who did it (HR-14): a question has no place for an actor or a state held
// responsible, and what somebody says about that is an opinion with a class of its own.
#include <gtest/gtest.h>

#include "json/parse.h"
#include "treaty/test_rights.h"

namespace comity::treaty {
namespace {

TEST(AttributionTest, Hr14AQuestionHasNoPlaceForAnActor) {
  const std::string asked = R"({"from":"XA","to":"XB","info":"indicator")";
  const auto read = [&](const std::string& more) {
    const auto value = json::parse(asked + more + "}");
    EXPECT_TRUE(value.has_value());
    return request_from_json(*value, test::instant("2024-01-01"));
  };
  EXPECT_TRUE(read("").has_value());
  for (const char* member : {"actor", "attributed_to", "author", "responsible", "origin_country",
                             "state", "suspect", "threat_actor"}) {
    EXPECT_FALSE(read(std::string(",\"") + member + R"(":"XC")").has_value()) << member;
  }
  for (const char* fact : {"attributed-to", "actor", "responsible-state"}) {
    auto request = *read("");
    request.facts = {{fact, "yes"}};
    const test::Law law(test::wide_open(), Mode::Exercise);
    EXPECT_FALSE(resolve(law.model(), request).has_value()) << fact;
  }
}

}  // namespace
}  // namespace comity::treaty
