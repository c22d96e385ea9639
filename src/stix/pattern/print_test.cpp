#include "stix/pattern/print.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "stix/pattern/parse.h"
#include "stix/pattern/test_tree.h"

namespace comity::stix::pattern {
namespace {

TEST(PatternPrint, ATreeIsReadAgainFromItsText) {
  EXPECT_TRUE(rc::check([] {
    const auto tree = test::any_observation(3);
    const auto text = print(tree);
    const auto read = parse(text);
    RC_LOG() << text << "\n" << (read ? print(*read) : show(text, read.error()));
    RC_ASSERT(read.has_value());
    RC_ASSERT(*read == tree);
    RC_ASSERT(print(*read) == text);
  }));
}

TEST(PatternPrint, TheSmallestAndLargestNumbers) {
  for (const double value : {5e-324, 1.7976931348623157e308, -0.1, 123456789.0}) {
    Constant constant;
    constant.value = value;
    const auto text = "[a:b = " + print(constant) + "]";
    const auto read = parse(text);
    ASSERT_TRUE(read) << text;
    EXPECT_EQ(read->comparison.test.constants.front(), constant);
  }
}

TEST(PatternPrint, TreesThatSayTheSameAreEqualWhereverTheyStand) {
  const auto one = parse("[a:b = 1]"), other = parse("   [a:b   ==  1]");
  const auto third = parse("[a:b = 2]");
  ASSERT_TRUE(one && other && third);
  EXPECT_EQ(*one, *other);
  EXPECT_FALSE(*one == *third);
}

}  // namespace
}  // namespace comity::stix::pattern
