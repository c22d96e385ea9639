#include "json/parse.h"

#include <gtest/gtest.h>

#include <cmath>

#include "json/write.h"

namespace comity::json {
namespace {

std::string nested(std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); }

// The error as a person reads it; empty when the text was accepted.
std::string error(std::string_view text, ErrorKind kind = ErrorKind::InvalidInput) {
  const auto value = parse(text);
  if (value) return {};
  EXPECT_EQ(value.error().kind, kind) << value.error().text();
  EXPECT_FALSE(value.error().message.empty());
  return value.error().text();
}

void expect_error(std::string_view text, std::string_view part) {
  const auto found = error(text);
  EXPECT_NE(found.find(part), std::string::npos) << "for " << text << ": " << found;
}

TEST(parse, reads_every_type_in_order) {
  const auto value = parse(
      " {\"b\": [null, true, false, -7, 2.5, 1e2, 3.0, \"\"], \"a\": {\"\": \"caf\\u00e9\"}}\r\n");
  ASSERT_TRUE(value) << value.error().text();
  const auto& array = *value->find("b")->array();
  ASSERT_EQ(array.size(), 8U);
  EXPECT_TRUE(array[0].is_null());
  EXPECT_TRUE(*array[1].boolean());
  EXPECT_FALSE(*array[2].boolean());
  EXPECT_EQ(*array[3].integer(), -7);
  EXPECT_EQ(*array[4].number(), 2.5);
  EXPECT_EQ(*array[5].number(), 100.0);
  EXPECT_EQ(*array[6].number(), 3.0);
  EXPECT_EQ(*array[7].string(), "");
  EXPECT_EQ(value->object()->begin()->first, "b");
  EXPECT_EQ(value->find("a")->text(""), "café");
}

TEST(parse, reads_scalars_at_the_top) {
  EXPECT_EQ(*parse("7")->integer(), 7);
  EXPECT_EQ(*parse(" \"x\" ")->string(), "x");
  EXPECT_TRUE(parse("null")->is_null());
}

TEST(parse, unescapes_long_strings_and_names) {
  // Longer than the buffer in which escapes are resolved piece by piece.
  std::string escaped, plain;
  for (int i = 0; i < 5000; ++i) {
    escaped += "ab\\n\\ud83d\\ude00";
    plain += "ab\n\xf0\x9f\x98\x80";
  }
  const auto value = parse("{\"" + escaped + "\":\"" + escaped + "\"}");
  ASSERT_TRUE(value) << value.error().text();
  EXPECT_EQ(value->text(plain), plain);
  EXPECT_EQ(*parse(R"("\"\\\/\b\f\n\r\t\u0000")")->string(), std::string("\"\\/\b\f\n\r\t\0", 9));
}

TEST(parse, integers_end_at_two_to_the_53) {
  EXPECT_EQ(*parse("9007199254740991")->integer(), 9007199254740991);
  EXPECT_EQ(*parse("-9007199254740991")->integer(), -9007199254740991);
  for (const std::string text :
       {"9007199254740992", "-9007199254740992", "9223372036854775807", "-9223372036854775808",
        "9223372036854775808", "18446744073709551615", "18446744073709551616",
        "-9223372036854775809", "100000000000000000000000000000000000000000"}) {
    expect_error(text, "found the number " + text + ", expected an integer of at most");
    expect_error("{\"a\":[1," + text + "]}", "1:9: at $.a[1]: ");
  }
}

TEST(parse, doubles_that_are_integers_beyond_two_to_the_53_are_refused_too) {
  EXPECT_EQ(*parse("9007199254740991.0")->number(), 9007199254740991.0);
  EXPECT_EQ(*parse("1e21")->number(), 1e21);
  expect_error("9007199254740992.0", "an integer of at most");
  expect_error("-1e20", "an integer of at most");
  expect_error("9.999999999999999e20", "an integer of at most");
}

TEST(parse, doubles_are_exact) {
  const std::pair<const char*, double> cases[] = {
      {"333333333.33333329", 333333333.33333329},
      {"9.999999999999997e22", 9.999999999999997e22},
      {"1.7976931348623157e308", 1.7976931348623157e308},
      {"5e-324", 5e-324},
      {"2.2250738585072011e-308", 2.2250738585072011e-308},
      {"0.1234567890123456789012345678901234567890", 0.12345678901234568},
      {"1424953923781206.25", 1424953923781206.25},
      {"1e-999", 0.0},
      {"0e999", 0.0},
      {"0.0", 0.0},
  };
  for (const auto& [text, expected] : cases) {
    for (const auto& spaced : {std::string(text), text + std::string(40, ' ')}) {
      const auto value = parse(spaced);
      ASSERT_TRUE(value) << text << ": " << value.error().text();
      ASSERT_NE(value->number(), nullptr) << text;
      EXPECT_EQ(*value->number(), expected) << text;
    }
  }
}

TEST(parse, minus_zero_is_a_double) {
  for (const char* text : {"-0", "-0.0", "-0e5", "-1e-999"}) {
    const auto value = parse(text);
    ASSERT_TRUE(value && value->number()) << text;
    EXPECT_EQ(*value->number(), 0.0);
    EXPECT_TRUE(std::signbit(*value->number())) << text;
    EXPECT_EQ(canonical(*value), "0");
  }
  EXPECT_EQ(*parse("0")->integer(), 0);
}

TEST(parse, numbers_beyond_a_double_are_refused) {
  expect_error("1e309", "found the number 1e309, expected one of at most 1.7e308");
  expect_error("[-1.8e308]", "1:2: at $[0]: found the number -1.8e308");
  expect_error("1" + std::string(400, '0') + ".5", "expected one of at most 1.7e308");
  expect_error("1e99999999999", "exponent is too large");
  for (const char* text :
       {"NaN", "Infinity", "-Infinity", "+1", "01", "1.", ".5", "1e", "-", "0x1", "1_000"}) {
    EXPECT_NE(error(text), "") << text;
    EXPECT_NE(error("[" + std::string(text) + "]"), "") << text;
  }
  expect_error("[NaN]", "1:2: at $[0]: found NaN, expected a JSON value");
  expect_error("[1.]", "found ']', expected a digit");
}

TEST(parse, depth_ends_at_the_limit) {
  EXPECT_TRUE(parse(nested(depth_max)));
  std::string objects = "0";
  for (std::size_t i = 0; i < depth_max; ++i) objects = "{\"a\":" + objects + "}";
  EXPECT_TRUE(parse(objects));
  EXPECT_NE(error("{\"a\":" + objects + "}", ErrorKind::TooLarge), "");
  EXPECT_NE(error(nested(depth_max + 1), ErrorKind::TooLarge).find("deeper than 64 levels"),
            std::string::npos);
  EXPECT_NE(error(nested(10'000), ErrorKind::TooLarge), "");
  const auto many = error(std::string(1'000'000, '['), ErrorKind::TooLarge);
  EXPECT_NE(many, "");
  EXPECT_LT(many.size(), 1000U);
}

TEST(parse, size_ends_at_the_limit) {
  std::string text(document_bytes_max, ' ');
  text.front() = '1';
  EXPECT_TRUE(parse(text));
  text.push_back(' ');
  EXPECT_NE(error(text, ErrorKind::TooLarge).find("67108864"), std::string::npos);
}

TEST(parse, duplicate_names_are_refused) {
  expect_error("{\"a\":1,\"b\":2,\"a\":3}", "1:14: at $: found the member name \"a\" twice");
  expect_error("{\"x\":[0,{\n \"a\":1,\n \"a\":1}]}", "3:2: at $.x[1]: found the member name");
  // The same name in other letters.
  expect_error(R"({"id":1,"\u0069d":2})", "found the member name \"id\" twice");
  expect_error(R"({"":1,"":2})", "found the member name \"\" twice");
  EXPECT_EQ(error(R"({"a":{"a":{"a":1}},"b":{"a":1}})"), "");
}

TEST(parse, duplicate_names_are_found_among_many) {
  for (const int count : {15, 16, 17, 18, 200'000}) {
    std::string text = "{";
    for (int i = 0; i < count; ++i) text += "\"member-" + std::to_string(i) + "\":0,";
    const auto good = parse(text + "\"last\":0}");
    ASSERT_TRUE(good) << good.error().text();
    EXPECT_EQ(good->object()->size(), static_cast<std::size_t>(count) + 1);
    expect_error(text + "\"member-3\":0}", "1:" + std::to_string(text.size() + 1) +
                                               ": at $: found the member name \"member-3\" twice");
  }
}

TEST(parse, lone_surrogates_are_refused) {
  const std::string tail(40, 'x');  // the parser has a fast path when enough text follows
  for (const auto& end : {std::string(), tail}) {
    expect_error("\"\\ud800" + end + "\"", "half of a surrogate pair");
    expect_error("\"\\uDBFFx" + end + "\"", "half of a surrogate pair");
    expect_error("\"\\ud800\\n" + end + "\"", "half of a surrogate pair");
    expect_error("\"\\ud800\\ud800" + end + "\"", "half of a surrogate pair");
    expect_error("\"\\ud800\\u0041" + end + "\"", "half of a surrogate pair");
    expect_error("\"\\udc00" + end + "\"", "half of a surrogate pair");
    expect_error("{\"\\udfff" + end + "\":1}", "half of a surrogate pair");
    EXPECT_EQ(error("\"\\ud800\\udc00\\udbff\\udfff" + end + "\""), "");
  }
}

TEST(parse, bytes_that_are_no_utf8_are_refused) {
  const char* const cases[] = {"\xff",
                               "\x80",
                               "\xc3",
                               "\xc0\xaf",
                               "\xc3(",
                               "\xe2\x82",
                               "\xe0\x80\x80",
                               "\xed\xa0\x80",
                               "\xf0\x80\x80\x80",
                               "\xf4\x90\x80\x80",
                               "\xf8\x88\x80\x80\x80"};
  for (const std::string bytes : cases) {
    expect_error("[\"" + bytes + "\"]", "no UTF-8");
    expect_error("[\"" + bytes + std::string(40, 'x') + "\"]", "at $[0]: ");
    EXPECT_NE(error("{\"" + bytes + "\":1}"), "");
    EXPECT_NE(error(bytes), "");
  }
  EXPECT_EQ(error("\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\xef\xbf\xbf\xf4\x8f\xbf\xbf\""), "");
}

TEST(parse, says_what_was_found_and_expected) {
  expect_error("", "1:1: found an empty text, expected a JSON value");
  expect_error(" \n\t", "found an empty text");
  expect_error("\xef\xbb\xbf{}", "byte order mark");
  expect_error("[1,2,]", "1:6: at $[2]: found ']', expected a JSON value");
  expect_error("{\"a\":1,}", "1:8: at $: found '}', expected a member name in double quotes");
  expect_error("{\"a\":1\n \"b\":2}", "2:2: at $: found '\"', expected a comma or }");
  expect_error("[1 2]", "1:4: at $: found '2', expected a comma or ]");
  expect_error("{\"a\" 1}", "1:6: at $.a: found '1', expected a colon");
  expect_error("{a:1}", "found a, expected a member name in double quotes or }");
  expect_error("{'a':1}", "found ''', expected a member name in double quotes");
  expect_error("{\"a\":{\"b c\":[0,{\"d\":tru}]}}", "at $.a[\"b c\"][1].d: found tru, expected");
  expect_error("{\"a\":", "1:6: at $.a: found the end of the text, expected a JSON value");
  expect_error("[\"abc", "found the end of the text, expected the rest of a string");
  expect_error("[", "found the end of the text, expected a JSON value or ]");
  expect_error("{} {}", "1:4: found '{' after the end of the value, expected nothing more");
  expect_error("1 //x", "after the end of the value");
  expect_error("/* x */ 1", "found '/', expected a JSON value");
  expect_error("\"a\nb\"", "found the control character 0x0a in a string");
  expect_error(std::string_view("\"a\0b\"", 5), "found the control character 0x00");
  expect_error(std::string_view("1\0", 2), "found the byte 0x00 after the end");
  expect_error("\"\\x41\"", "found an escape with x");
  expect_error("\"\\u12g4\"", "found g in a \\u escape, expected four hexadecimal digits");
  expect_error("}", "found '}', expected a JSON value");
}

TEST(parse, long_names_do_not_make_long_messages) {
  std::string name;
  for (int i = 0; i < 1000; ++i) name += "é";
  for (const auto& text : {"{\"" + name + "\":x}", "{\"" + name + "\":1,\"" + name + "\":2}",
                           "{\"n\":" + std::string(5000, '9') + "}"}) {
    const auto found = error(text);
    EXPECT_LT(found.size(), 400U);
    std::string quoted;
    append_string(quoted, found);
    EXPECT_TRUE(parse(quoted)) << "the message is no UTF-8: " << found;
  }
}

}  // namespace
}  // namespace comity::json
