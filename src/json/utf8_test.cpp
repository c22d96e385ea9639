#include "json/utf8.h"

#include <gtest/gtest.h>

namespace comity::json {
namespace {

TEST(utf8, is_what_the_reader_reads) {
  for (const char* text : {"", "a", "\xc3\xa4", "\xd8\xb9", "\xf0\x9f\x95\x8a", "\"\\"}) {
    EXPECT_TRUE(is_utf8(text)) << text;
    EXPECT_EQ(valid_text(text), text);
  }
  for (const char* text : {"\xff", "\xc3", "\xed\xa0\x80", "\xc0\xaf", "a\x80"}) {
    EXPECT_FALSE(is_utf8(text)) << text;
  }
  EXPECT_EQ(valid_text("a\xc3\xa4\xff\"\n"), "a???\"\n");
}

}  // namespace
}  // namespace comity::json
