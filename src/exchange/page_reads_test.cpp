#include <gtest/gtest.h>

#include "exchange/release.h"
#include "exchange/test_federation.h"
#include "exchange/views.h"
#include "store/sqlite/test_statements.h"

namespace comity::exchange {
namespace {

// A page is a few range reads, however many objects are on it: the grants and what each stands for
// in steps, the disclosures once, what the node is asked of itself. Never a query for each object.
constexpr std::int64_t page_statements_max = 100;

TEST(PageReads, APageIsAFewRangeReads) {
  const store::TestStatements statements;
  test::Federation federation;
  Views views(federation.a());
  std::vector<std::string> objects;
  for (std::int64_t i = 0; i < taxii::page_objects_max; ++i) {
    objects.push_back(test::indicator(static_cast<std::size_t>(i)));
  }
  const auto report = test::import_objects(federation.a(), objects);
  test::must(release(federation.a(), {report.import_id}, {"XB"}));

  const auto asked = [&](std::int64_t limit) {
    taxii::Query query;
    query.limit = limit;
    const auto before = statements.count();
    const auto page = test::must(views.objects({"XB"}, "records", query));
    EXPECT_EQ(static_cast<std::int64_t>(page.items.size()), limit);
    return statements.count() - before;
  };
  ASSERT_GT(statements.count(), 0) << "nothing is counted";
  EXPECT_LT(asked(taxii::page_objects_max), page_statements_max);
  EXPECT_LT(asked(taxii::page_objects_default), page_statements_max);
}

}  // namespace
}  // namespace comity::exchange
