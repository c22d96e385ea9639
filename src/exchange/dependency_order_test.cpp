#include "exchange/dependency_order.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <string>

#include "base/test_support.h"
#include "exchange/release.h"
#include "exchange/test_federation.h"

namespace comity::exchange {
namespace {

using Naming = std::vector<std::pair<std::string, std::vector<std::string>>>;  // id, what it names

Selection selection_of(const Naming& records) {
  Selection out;
  for (const auto& [id, names] : records) {
    Selected one;
    one.record.stix_id = id;
    one.record.names = names;
    out.position[id] = out.records.size();
    out.records.push_back(std::move(one));
  }
  return out;
}

using Sizes = std::vector<std::size_t>;

TEST(DependencyOrder, LevelsAreAboveEverythingThatIsNamed) {
  EXPECT_EQ(dependency_levels(selection_of({})), Sizes{});
  EXPECT_EQ(dependency_levels(selection_of({{"a", {}}, {"b", {}}})), (Sizes{0, 0}));
  EXPECT_EQ(dependency_levels(selection_of({{"report", {"rel", "a"}},
                                            {"rel", {"a", "b"}},
                                            {"a", {"me"}},
                                            {"b", {"elsewhere"}},
                                            {"me", {"me"}}})),
            (Sizes{3, 2, 1, 0, 0}));
  // Earlier assertions of one id stand before later ones, and all before what names it.
  EXPECT_EQ(dependency_levels(selection_of({{"r", {"a"}}, {"a", {"x"}}, {"x", {}}, {"a", {}}})),
            (Sizes{3, 1, 0, 2}));
}

TEST(DependencyOrder, CirclesEnd) {
  const auto levels =
      dependency_levels(selection_of({{"a", {"b"}}, {"b", {"c"}}, {"c", {"a"}}, {"d", {"b"}}}));
  EXPECT_EQ(levels, (Sizes{0, 0, 0, 1}));
  // What one of a circle needs stands below all of it.
  EXPECT_EQ(dependency_levels(selection_of({{"a", {"b", "d"}}, {"b", {"a"}}, {"d", {}}})),
            (Sizes{1, 1, 0}));
}

// A chain as long as a selection may be deep needs no stack.
TEST(DependencyOrder, ALongChainIsFollowedToItsEnd) {
  constexpr std::size_t length = 200'000;
  Naming chain;
  for (std::size_t i = 0; i < length; ++i) {
    chain.push_back({fmt::format("{}", i), {fmt::format("{}", i + 1)}});
  }
  const auto levels = dependency_levels(selection_of(chain));
  EXPECT_EQ(levels.front(), length - 1);
  EXPECT_EQ(levels.back(), 0U);
}

TEST(DependencyOrder, OfRandomGraphsEveryNameOutsideACircleStandsLower) {
  std::mt19937 random(static_cast<unsigned>(comity::test::seed()));
  for (int round = 0; round < 300; ++round) {
    const auto count = 2 + random() % 12;
    std::vector<std::vector<bool>> reaches(count, std::vector<bool>(count, false));
    Naming records;
    for (std::size_t i = 0; i < count; ++i) {
      std::vector<std::string> names;
      for (std::size_t k = random() % 4; k > 0; --k) {
        const auto named = random() % count;
        names.push_back(fmt::format("{}", named));
        reaches[i][named] = true;
      }
      records.push_back({fmt::format("{}", i), std::move(names)});
    }
    for (std::size_t over = 0; over < count; ++over) {
      for (std::size_t i = 0; i < count; ++i) {
        for (std::size_t j = 0; j < count; ++j) {
          if (reaches[i][over] && reaches[over][j]) reaches[i][j] = true;
        }
      }
    }
    const auto levels = dependency_levels(selection_of(records));
    for (std::size_t i = 0; i < count; ++i) {
      for (std::size_t j = 0; j < count; ++j) {
        if (!reaches[i][j] || reaches[j][i]) continue;
        EXPECT_GT(levels[i], levels[j]) << "round " << round;
      }
    }
  }
}

TEST(DependencyOrder, ThingsComeAfterWhatTheyNeedAndElseAsTheyStand) {
  EXPECT_EQ(dependency_order({}), Sizes{});
  EXPECT_EQ(dependency_order({{}, {}, {}}), (Sizes{0, 1, 2}));
  EXPECT_EQ(dependency_order({{2}, {0}, {}}), (Sizes{2, 0, 1}));
  EXPECT_EQ(dependency_order({{0}, {1, 0}}), (Sizes{0, 1}));
  EXPECT_EQ(dependency_order({{1}, {0}, {1}}), (Sizes{0, 1, 2}));
}

// What XB sees, in its order.
std::vector<std::string> view_of(Node& node) {
  const auto snapshot = test::must(node.store().read());
  std::vector<std::string> out;
  for (const auto& item : test::must(snapshot->grants("XB", {}, 10'000))) {
    out.push_back(item.stix_id);
  }
  return out;
}

TEST(DependencyOrder, WhatIsReleasedTogetherIsNamedBeforeItIsSpokenOf) {
  test::Federation federation;
  const auto author = test::id_of("identity", 1);
  const auto by_author = R"(,"created_by_ref":")" + author + "\"" + test::marked(test::tlp_clear);
  const auto one = test::id_of("indicator", 1), other = test::id_of("indicator", 2);
  const auto joins = test::id_of("relationship", 1), whole = test::id_of("grouping", 1);
  // The file tells everything in the wrong order.
  test::import_objects(
      federation.a(),
      {test::object("grouping", 1,
                    R"(,"context":"x")" + test::refs({joins, one, other}) + by_author),
       test::relationship(1, one, other, by_author), test::indicator(1, by_author),
       test::indicator(2, by_author),
       test::object(
           "identity", 1,
           R"(,"name":"n","identity_class":"organization")" + test::marked(test::tlp_clear))});
  const auto outcome = test::must(release(federation.a(), {whole}, {"XB"}));
  EXPECT_EQ(outcome.at(0).held_count, 0);
  EXPECT_EQ(view_of(federation.a()), (std::vector<std::string>{author, one, other, joins, whole}));
}

// In two disclosures, because they came in two areas: what the other names goes first.
TEST(DependencyOrder, DisclosuresComeInThisOrderToo) {
  for (const bool first_names : {true, false}) {
    test::Federation federation;
    ImportOptions options;
    const auto named = test::indicator(1);
    const auto names = test::indicator(2, R"(,"x_about_ref":")" + test::id_of("indicator", 1) +
                                              "\"" + test::marked(test::tlp_clear));
    options.area = first_names ? "csirt-response" : "threat-information";
    const auto first = test::import_objects(federation.a(), {names}, options);
    options.area = first_names ? "threat-information" : "csirt-response";
    const auto second = test::import_objects(federation.a(), {named}, options);
    test::must(release(federation.a(), {first.import_id, second.import_id}, {"XB"}));
    EXPECT_EQ(view_of(federation.a()),
              (std::vector<std::string>{test::id_of("indicator", 1), test::id_of("indicator", 2)}));
    EXPECT_EQ(test::disclosures_sent(federation.a()).size(), 2U);
  }
}

}  // namespace
}  // namespace comity::exchange
