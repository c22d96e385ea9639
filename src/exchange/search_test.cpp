#include "exchange/search.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "exchange/test_chain.h"
#include "exchange/test_federation.h"
#include "exchange/test_release_world.h"
#include "exchange/verify.h"

namespace comity::exchange {
namespace {

using comity::test::must;
using exchange::test::Federation;
using exchange::test::id_of;
using exchange::test::import_objects;
using exchange::test::indicator;

using SearchIds = std::vector<std::string>;

// All hits, in pages of `count`, each of which says where it goes on.
SearchIds search_all(Node& node, const std::string& text, std::int64_t count,
                     const std::string& type = "") {
  SearchIds out;
  SearchPosition at;
  const auto snapshot = must(node.store().read());
  for (;;) {
    const auto page = must(search(*snapshot, {text, type}, at, count));
    EXPECT_LE(static_cast<std::int64_t>(page.hits.size()), count);
    for (const auto& hit : page.hits) {
      out.push_back((hit.by_value ? "value " : "text ") + hit.record.stix_id);
    }
    if (!page.next) return out;
    at = *page.next;
  }
}

std::string campaign(std::size_t n, const std::string& name) {
  return exchange::test::object("campaign", n, R"(,"name":")" + name + "\"");
}

TEST(Search, ValuesComeBeforeWordsAndNothingTwice) {
  Federation federation;
  auto& node = federation.a();
  const auto other = test::replaced(indicator(2), "198.51.100.1", "198.51.100.2");
  import_objects(node, {indicator(1), other, campaign(3, "behind 198.51.100.1")});
  must(index_all_waiting(node));
  const SearchIds expected = {"value " + id_of("indicator", 1), "text " + id_of("campaign", 3)};
  for (const std::int64_t count : {1, 2, 3, 200}) {
    EXPECT_EQ(search_all(node, "198.51.100.1", count), expected) << count;
  }
  EXPECT_EQ(search_all(node, " 198.51.100.1/32 ", 10).at(0), expected[0]);
  EXPECT_EQ(search_all(node, "198.51.100.1", 10, "campaign"), (SearchIds{expected[1]}));
  EXPECT_EQ(search_all(node, id_of("campaign", 3), 10),
            (SearchIds{"value " + id_of("campaign", 3)}));
  EXPECT_TRUE(search_all(node, "203.0.113.99", 10).empty());
  const auto snapshot = must(node.store().read());
  EXPECT_EQ(search(*snapshot, {" \t ", ""}, {}, 10).error().kind, ErrorKind::InvalidInput)
      << "none";
}

TEST(Search, TextsFollowBehindTheRecords) {
  Federation federation;
  auto& node = federation.a();
  import_objects(node, {campaign(1, "Blue Heron"), campaign(2, "Kite")});
  const auto page = must(search(*must(node.store().read()), {"heron", ""}, {}, 10));
  EXPECT_TRUE(page.hits.empty());
  EXPECT_GE(page.backlog.texts, 2);
  SearchFollower follower(node);
  must(follower.follow());  // records came since nobody looked
  EXPECT_GE(must(must(node.store().read())->search_backlog()).texts, 2);
  must(follower.follow());
  EXPECT_EQ(must(must(node.store().read())->search_backlog()).texts, 0);
  EXPECT_EQ(search_all(node, "heron", 10), (SearchIds{"text " + id_of("campaign", 1)}));
}

TEST(Search, IndexesMadeAnewAreTheSame) {
  Federation federation;
  auto& node = federation.a();
  std::vector<std::string> objects;
  for (std::size_t n = 1; n <= 30; ++n) objects.push_back(indicator(n));
  objects.push_back(campaign(31, "Blue Heron"));
  import_objects(node, objects);
  must(index_all_waiting(node));
  const auto before = search_all(node, "198.51.100.1", 10);
  EXPECT_EQ(before.size(), 30U);
  const auto occurrences = must(must(node.store().read())->occurrence_count());
  EXPECT_EQ(must(rebuild_search(node)), must(must(node.store().read())->record_count()));
  EXPECT_EQ(search_all(node, "198.51.100.1", 10), before);
  EXPECT_EQ(search_all(node, "blue heron", 10), (SearchIds{"text " + id_of("campaign", 31)}));
  EXPECT_EQ(must(must(node.store().read())->occurrence_count()), occurrences);
  EXPECT_TRUE(must(verify(node)).clean());
}

TEST(Search, VerificationFindsAnIndexThatLacksAValue) {
  Federation federation;
  auto& node = federation.a();
  import_objects(node, {indicator(1)});
  {
    // As if the values of every record had been none.
    const auto transaction = must(node.store().begin());
    must(transaction->forget_search());
    for (auto n = must(transaction->record_count()); n > 0; --n) {
      must(transaction->index_values(n, {}));
    }
    must(transaction->commit());
  }
  const auto found = must(verify(node));
  ASSERT_FALSE(found.clean());
  EXPECT_NE(found.findings.at(0).find("comity search --rebuild"), std::string::npos);
  must(rebuild_search(node));
  EXPECT_TRUE(must(verify(node)).clean());
}

}  // namespace
}  // namespace comity::exchange
