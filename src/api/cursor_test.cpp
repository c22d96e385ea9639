#include "api/cursor.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace comity::api {
namespace {

TEST(Cursor, IsReadAsItWasWritten) {
  for (const auto& position : std::vector<std::string>{"17", "a\nb", {"\0\xff", 2}}) {
    EXPECT_EQ(read_cursor("listRecords", write_cursor("listRecords", position)).value(), position);
  }
  EXPECT_EQ(read_cursor("listRecords", "").value(), "");
}

TEST(Cursor, IsOpaqueInAnAddress) {
  const auto cursor = write_cursor("list", std::string("\xff\xfe?&=", 5));
  EXPECT_EQ(cursor.find_first_of("+/=?& "), std::string::npos);
}

TEST(Cursor, OfAnotherListOrBentIsRefused) {
  const auto cursor = write_cursor("listRecords", "17");
  EXPECT_EQ(read_cursor("listInbox", cursor).error().kind, ErrorKind::InvalidInput);
  EXPECT_EQ(read_cursor("list", cursor).error().where, "cursor");
  for (const auto& wrong : {cursor + "=", cursor.substr(1), std::string("17"), std::string("!"),
                            std::string(1, '\0'), cursor + "A"}) {
    const auto position = read_cursor("listRecords", wrong);
    EXPECT_TRUE(!position || *position != "17") << wrong;
  }
  EXPECT_FALSE(read_cursor("listRecords", cursor + "=").has_value());
  EXPECT_FALSE(read_cursor("listRecords", "17").has_value());
  // Without a position it is no page's `next`; the beginning has no cursor.
  EXPECT_FALSE(read_cursor("listRecords", write_cursor("listRecords", "")).has_value());
}

TEST(Cursor, BoundHolds) {
  std::string longest;
  for (std::size_t size = 1; write_cursor("l", std::string(size, 'x')).size() <= cursor_bytes_max;
       ++size) {
    longest = std::string(size, 'x');
  }
  EXPECT_EQ(write_cursor("l", longest).size(), cursor_bytes_max);
  EXPECT_EQ(read_cursor("l", write_cursor("l", longest)).value(), longest);
  EXPECT_FALSE(read_cursor("l", write_cursor("l", longest + "x")).has_value());
}

}  // namespace
}  // namespace comity::api
