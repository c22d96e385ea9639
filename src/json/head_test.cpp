#include "json/head.h"

#include <gtest/gtest.h>

#include "base/test_support.h"
#include "json/write.h"

namespace comity::json {
namespace {

using comity::test::must;

std::string shown(std::string_view text) { return canonical(must(head(text, "records"))); }

TEST(JsonHead, MembersBeforeTheNamedOneAreGivenAndNothingBehindItIsRead) {
  EXPECT_EQ(shown(R"({"a":1,"b":[{"records":2}],"records":[1,2],"z":0})"),
            R"({"a":1,"b":[{"records":2}]})");
  EXPECT_EQ(shown("{ \"a\" : \"x\\\"records\\\":\" ,\n \"records\" : [ this is not read"),
            R"({"a":"x\"records\":"})");
  EXPECT_EQ(shown(R"({"records":[]})"), "{}");
}

TEST(JsonHead, WithoutThatMemberTheWholeObjectIsGiven) {
  EXPECT_EQ(shown(R"({"a":["records",{"b":"records"}],"c":"records"})"),
            R"({"a":["records",{"b":"records"}],"c":"records"})");
  EXPECT_EQ(shown("{}"), "{}");
}

TEST(JsonHead, WhatIsNoObjectIsRefused) {
  for (const char* text : {"", "[]", "[{\"records\":1}]", "\"records\"", "{\"a\":1", "{\"a\":\"",
                           "{\"a\":1,,\"records\":[]}", "{\"a\\", "7"}) {
    EXPECT_FALSE(head(text, "records")) << text;
  }
}

}  // namespace
}  // namespace comity::json
