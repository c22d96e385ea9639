#include "json/value.h"

#include <gtest/gtest.h>

namespace comity::json {
namespace {

TEST(object, keeps_the_order_and_replaces_in_place) {
  Object object;
  object.set("b", 1);
  object.set("a", 2);
  object.set("b", "new");
  ASSERT_EQ(object.size(), 2U);
  EXPECT_EQ(object.begin()->first, "b");
  EXPECT_EQ(*object.find("b")->string(), "new");
  object.erase("b");
  object.erase("never there");
  EXPECT_EQ(object.size(), 1U);
  EXPECT_EQ(object.find("b"), nullptr);
  *object.find("a") = true;
  EXPECT_TRUE(*std::as_const(object).find("a")->boolean());
}

TEST(object, equality_does_not_look_at_the_order) {
  Object a, b;
  a.set("x", 1);
  a.set("y", Array{1, 2});
  b.set("y", Array{1, 2});
  b.set("x", 1);
  EXPECT_EQ(a, b);
  b.set("x", 2);
  EXPECT_NE(a, b);
  Object c;
  c.set("x", 1);
  c.set("z", Array{1, 2});
  EXPECT_NE(a, c);
  c.set("w", 1);
  EXPECT_NE(a, c);
  EXPECT_NE(Value(Array{1, 2}), Value(Array{2, 1}));
}

TEST(value, has_one_type) {
  EXPECT_STREQ(Value().type_name(), "null");
  EXPECT_STREQ(Value(true).type_name(), "boolean");
  EXPECT_STREQ(Value(1).type_name(), "integer");
  EXPECT_STREQ(Value(1.0).type_name(), "number");
  EXPECT_STREQ(Value("").type_name(), "string");
  EXPECT_STREQ(Value(Array{}).type_name(), "array");
  EXPECT_STREQ(Value(Object{}).type_name(), "object");
  EXPECT_TRUE(Value(nullptr).is_null());
  EXPECT_EQ(Value(1).number(), nullptr);
  EXPECT_EQ(Value(1.0).integer(), nullptr);
  EXPECT_NE(Value(1), Value(1.0));
}

TEST(value, finds_members_only_in_objects) {
  Object object;
  object.set("id", "x");
  object.set("count", 3);
  const Value value(object);
  EXPECT_EQ(value.text("id"), "x");
  EXPECT_EQ(value.text("count"), "");
  EXPECT_EQ(value.text("absent"), "");
  EXPECT_EQ(*value.find("count")->integer(), 3);
  EXPECT_EQ(Value("id").find("id"), nullptr);
  EXPECT_EQ(Value(Array{value}).text("id"), "");
}

}  // namespace
}  // namespace comity::json
