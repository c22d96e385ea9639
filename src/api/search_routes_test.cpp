#include <gtest/gtest.h>

#include <set>

#include "api/exchange_json.h"
#include "api/openapi.h"
#include "api/test_desk.h"
#include "exchange/search.h"
#include "exchange/test_chain.h"
#include "exchange/test_release_world.h"
#include "json/parse.h"
#include "stix/search_value.h"

namespace comity::api {
namespace {

using exchange::test::Federation;
using exchange::test::id_of;
using exchange::test::import_objects;
using exchange::test::indicator;
using test::column;
using test::Desk;
using test::items;
using test::must;
using test::Values;

TEST(SearchRoutes, ValuesThenWordsInPagesThatNameNoNumber) {
  Federation node;
  std::vector<std::string> objects;
  for (std::size_t n = 2; n <= 6; ++n) {
    objects.push_back(exchange::test::object("campaign", n, R"(,"name":"behind 198.51.100.1")"));
  }
  objects.push_back(indicator(1));
  import_objects(node.a(), objects);
  must(exchange::index_all_waiting(node.a()));
  Desk desk(node.a(), "lea", {Role::LegalAdviser});
  Values query = {{"q", "198.51.100.1"}, {"limit", "2"}};
  std::vector<std::string> seen, found;
  for (int pages = 0; pages < 10; ++pages) {
    const auto page = desk.get("search", {}, query);
    EXPECT_EQ(page.find("values")->array()->size(), 1U);
    for (const auto& row : items(page)) {
      seen.emplace_back(row.text("stix_id"));
      found.emplace_back(row.text("found"));
      EXPECT_EQ(row.find("sequence"), nullptr);
    }
    const auto next = page.text("next");
    if (next.empty()) break;
    query["cursor"] = next;
  }
  EXPECT_EQ(seen, (std::vector<std::string>{id_of("indicator", 1), id_of("campaign", 6),
                                            id_of("campaign", 5), id_of("campaign", 4),
                                            id_of("campaign", 3), id_of("campaign", 2)}));
  EXPECT_EQ(found, (std::vector<std::string>{"value", "text", "text", "text", "text", "text"}));
}

// The document names every kind that a store may have, and no other.
TEST(SearchRoutes, TheDocumentNamesEveryKind) {
  const auto document = must(json::parse(openapi_document()));
  const auto* kinds = document.find("components")
                          ->find("schemas")
                          ->find("SearchValue")
                          ->find("properties")
                          ->find("kind")
                          ->find("enum");
  std::set<std::string> named, known = {std::string(exchange::stix_id_kind)};
  for (const auto& kind : *kinds->array()) named.insert(*kind.string());
  for (std::size_t i = 0; i < stix::value_kind_count; ++i) {
    known.emplace(stix::name(static_cast<stix::ValueKind>(i)));
  }
  EXPECT_EQ(named, known);
}

}  // namespace
}  // namespace comity::api
