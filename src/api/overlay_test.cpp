// The national overlay of the node's party as the pages show and cite it.
#include <gtest/gtest.h>

#include "api/citation.h"
#include "api/test_law_desk.h"
#include "exchange/register_change.h"

namespace comity::api {
namespace {

using test::LawDesk;
using test::must;
using test::ShippedNode;

constexpr const char* overlay =
    "[overlay]\nparty = \"RU\"\ntitle.en = \"Data act\"\nprovenance = \"X\"\n[[rule]]\nid = "
    "\"r1\"\n"
    "article = \"s. 4\"\nprovenance = \"X\"\nsays = \"No indicators.\"\nverb = \"forbid\"\naction "
    "= "
    "\"share\"\ninfo = [\"indicator\"]\n[[rule]]\nid = \"r2\"\narticle = \"s. 5\"\nprovenance = "
    "\"X\"\nverb = \"require\"\naction = \"any\"\nneeds = [\"four-eyes\"]\n";

TEST(OverlayRoutes, TheNodeShowsItsOverlayRuleByRule) {
  ShippedNode one;
  const auto before = LawDesk(one.node()).get("readNode");
  EXPECT_TRUE(before.find("overlay")->array()->empty());
  must(exchange::enter_instrument(one.node(), overlay));
  const auto node = LawDesk(one.node()).get("readNode");
  const auto& rules = *node.find("overlay")->array();
  ASSERT_EQ(rules.size(), 2U);
  EXPECT_EQ(rules[0].text("instrument"), "overlay-ru");
  EXPECT_EQ(rules[0].text("title"), "Data act");
  EXPECT_EQ(rules[0].text("clause"), "r1");
  EXPECT_EQ(rules[0].text("article"), "s. 4");
  EXPECT_EQ(rules[0].text("status"), "");
  EXPECT_EQ(rules[0].text("says"), "No indicators.");
  EXPECT_EQ(rules[0].find("sentence")->text("key"), "sentence.plain");
  EXPECT_EQ(rules[1].find("sentence")->text("key"), "sentence.with");
  EXPECT_EQ(rules[1].find("says")->string(), nullptr);
}

TEST(OverlayRoutes, ARuleThatIsNotThereIsCitedByItsOverlayAlone) {
  ShippedNode one;
  must(exchange::enter_instrument(one.node(), overlay));
  const auto law = one.node().law();
  const json::Value cited(citation_json(law->model(), "overlay-ru", "r9"));
  EXPECT_EQ(cited.text("title"), "Data act");
  EXPECT_EQ(cited.text("article"), "");
  const json::Value foreign(citation_json(law->model(), "overlay-cn", "r1"));
  EXPECT_EQ(foreign.text("title"), "");
}

}  // namespace
}  // namespace comity::api
