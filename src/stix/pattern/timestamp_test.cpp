#include "stix/pattern/timestamp.h"

#include <gtest/gtest.h>

namespace comity::stix::pattern {
namespace {

TEST(PatternTimestamp, IsReadAndWrittenAsExactlyAsItWas) {
  const std::pair<const char*, const char*> cases[] = {
      {"2016-02-29T23:59:59Z", "2016-02-29T23:59:59Z"},
      {"2016-01-01T00:00:00.000Z", "2016-01-01T00:00:00Z"},
      {"2016-01-01T00:00:00.1234567890123Z", "2016-01-01T00:00:00.1234567890123Z"},
      {"2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z"},
      {"0001-01-01T00:00:00.50Z", "0001-01-01T00:00:00.5Z"}};
  for (const auto& [text, again] : cases) {
    const auto read = read_timestamp(text);
    ASSERT_TRUE(read) << text;
    EXPECT_EQ(text_of(*read), again);
  }
}

TEST(PatternTimestamp, NoOtherForm) {
  for (const char* text : {"",
                           "Z",
                           "2016-01-01",
                           "2016-01-01T00:00:00",
                           "2016-01-01T00:00:00z",
                           "2016-01-01t00:00:00Z",
                           "2016-01-01 00:00:00Z",
                           "2016-01-01T00:00:00.Z",
                           "2016-01-01T00:00:00+00:00",
                           "2016-01-01T24:00:00Z",
                           "2016-01-01T00:60:00Z",
                           "2016-01-01T00:00:61Z",
                           "2016-02-30T00:00:00Z",
                           "2015-02-29T00:00:00Z",
                           "2016-13-01T00:00:00Z",
                           "2016-00-01T00:00:00Z",
                           "2016-1-01T00:00:00Z",
                           "2016-01-01T00:00Z",
                           "2016-01-01T00:00:00.1a Z",
                           "2016-01-01T00:00:00ZZ"}) {
    EXPECT_FALSE(read_timestamp(text)) << text;
  }
}

TEST(PatternTimestamp, OrderIsThatOfTime) {
  const char* const ordered[] = {"2016-01-01T00:00:00Z",      "2016-01-01T00:00:00.0000001Z",
                                 "2016-01-01T00:00:00.09Z",   "2016-01-01T00:00:00.1Z",
                                 "2016-01-01T00:00:00.1001Z", "2016-01-01T00:00:00.11Z",
                                 "2016-01-01T00:00:01Z"};
  for (const char* const* one = ordered; one + 1 != std::end(ordered); ++one) {
    EXPECT_LT(*read_timestamp(*one), *read_timestamp(one[1])) << *one;
  }
}

}  // namespace
}  // namespace comity::stix::pattern
