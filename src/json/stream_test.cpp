#include "json/stream.h"

#include <gtest/gtest.h>

#include "json/parse.h"

namespace comity::json {
namespace {

struct StreamOutcome {
  Result<Streamed> told;
  std::vector<std::string> elements;
};

StreamOutcome stream_objects(std::string_view text) {
  std::vector<std::string> elements;
  auto told = stream(text, "objects", [&](std::string_view element, std::size_t index) {
    EXPECT_EQ(index, elements.size());
    EXPECT_GE(element.data(), text.data());
    EXPECT_LE(element.data() + element.size(), text.data() + text.size());
    elements.emplace_back(element);
    return Status{};
  });
  return {std::move(told), std::move(elements)};
}

void expect_stream_error(std::string_view text, std::string_view part,
                         ErrorKind kind = ErrorKind::InvalidInput) {
  const auto outcome = stream_objects(text);
  ASSERT_FALSE(outcome.told) << text.substr(0, 80);
  EXPECT_EQ(outcome.told.error().kind, kind);
  EXPECT_NE(outcome.told.error().text().find(part), std::string::npos)
      << outcome.told.error().text();
}

TEST(stream, gives_the_exact_bytes_of_every_element) {
  const auto outcome = stream_objects(
      " { \"type\" : \"bundle\", \"objects\" : [ {\"a\": \"]}\\\"\\\\\"} , [1, [2]],\n\"s\\\\\","
      " -1.50 ,true,null ,{}\t, [] , \"\"\n] , \"id\" : [ 1 ] } ");
  ASSERT_TRUE(outcome.told) << outcome.told.error().text();
  const std::vector<std::string> expected = {"{\"a\": \"]}\\\"\\\\\"}",
                                             "[1, [2]]",
                                             "\"s\\\\\"",
                                             "-1.50",
                                             "true",
                                             "null",
                                             "{}",
                                             "[]",
                                             "\"\""};
  EXPECT_EQ(outcome.elements, expected);
  Object rest;
  rest.set("type", "bundle");
  rest.set("id", Array{1});
  EXPECT_EQ(outcome.told->members, rest);
  EXPECT_TRUE(outcome.told->has_array);
}

TEST(stream, of_a_text_without_the_array_the_members_come_back) {
  for (const char* text :
       {"{}", " {\"a\":1 } ", "{\"objects\":{\"objects\":[1]}}", "{\"objects\":null,\"x\":[{}]}"}) {
    const auto outcome = stream_objects(text);
    ASSERT_TRUE(outcome.told) << outcome.told.error().text();
    EXPECT_FALSE(outcome.told->has_array);
    EXPECT_EQ(Value(outcome.told->members), *parse(text));
    EXPECT_TRUE(outcome.elements.empty());
  }
  const auto outcome = stream_objects("{\"\\u006fbjects\" : [ \n ] }");
  EXPECT_TRUE(outcome.told && outcome.told->has_array && outcome.told->members.empty());
}

TEST(stream, what_is_no_object_is_told_as_parse_tells_it) {
  expect_stream_error("", "found an empty text");
  expect_stream_error("[{\"objects\":[]}]", "1:1: at $: expected an object");
  expect_stream_error("\xef\xbb\xbf{\"objects\":[]}", "byte order mark");
  for (const char* text :
       {"{\"objects\":[1,{\"a\":\n[1,]}", "{\"objects\":[1 2]}", "{\"objects\":[1,]}",
        "{\"objects\":[,1]}", "{\"objects\":[1]", "{\"objects\":[1],}", "{\"objects\" [1]}",
        "{\"objects\":[]} x", "{objects:[]}", "{\"a\":01}", "{\"a\":\"\\ud800\"}",
        "{\"a\":\"\xff\"}", "{\"a\":}", "{\"a\" \"b\"}", "{\"a", "{\"objects\":[\"a]}",
        "{\"objects\":[\"a\\\"]}"}) {
    const auto whole = parse(text);
    ASSERT_FALSE(whole) << text;
    expect_stream_error(text, whole.error().text());
  }
}

TEST(stream, refuses_duplicate_names_beside_the_elements) {
  expect_stream_error("{\"objects\":[1],\"objects\":[2]}",
                      "1:16: at $: found the member name \"objects\"");
  expect_stream_error("{\"id\":1,\"objects\":[1],\"\\u0069d\":1}",
                      "found the member name \"id\" twice");
  expect_stream_error("{\"objects\":[1],\"x\":{\"a\":1,\"a\":2}}",
                      "1:27: at $.x: found the member name");
}

TEST(stream, leaves_what_is_wrong_in_an_element_to_its_reader) {
  const auto outcome = stream_objects("{\"objects\":[{\"a\":1,\"a\":2},{a:[}},1.e,[}],\"id\":1}");
  ASSERT_TRUE(outcome.told) << outcome.told.error().text();
  EXPECT_EQ(outcome.elements,
            (std::vector<std::string>{"{\"a\":1,\"a\":2}", "{a:[}}", "1.e", "[}"}));
}

TEST(stream, depth_ends_where_that_of_a_document_does) {
  const auto bundle = [](std::size_t depth) {
    return "{\"objects\":[" + std::string(depth - 2, '[') + std::string(depth - 2, ']') + "]}";
  };
  EXPECT_TRUE(stream_objects(bundle(depth_max)).told);
  expect_stream_error(bundle(depth_max + 1), "deeper than 64 levels", ErrorKind::TooLarge);
  expect_stream_error(bundle(1'000'000), "deeper than 64 levels", ErrorKind::TooLarge);
  const auto member = [](std::size_t depth) {
    return "{\"x\":" + std::string(depth - 1, '[') + std::string(depth - 1, ']') + "}";
  };
  EXPECT_TRUE(stream_objects(member(depth_max)).told);
  expect_stream_error(member(depth_max + 1), "deeper than 64 levels", ErrorKind::TooLarge);
}

TEST(stream, the_members_beside_the_array_have_a_limit) {
  // Both names with their quotes and the quotes of the value count.
  const auto bundle = [](std::size_t size) {
    return "{\"x\":\"" + std::string(size - 3 - 9 - 2, 'a') + "\",\"objects\":[1]}";
  };
  EXPECT_TRUE(stream_objects(bundle(document_bytes_max)).told);
  expect_stream_error(bundle(document_bytes_max + 1), "67108864", ErrorKind::TooLarge);
}

TEST(stream, passes_on_the_error_of_an_element_and_ends) {
  std::size_t calls = 0;
  const auto told = stream("{\"objects\":[1,{\"a\":1,\"a\":1},3]}", "objects",
                           [&](std::string_view element, std::size_t) -> Status {
                             ++calls;
                             TRY_STATUS(parse(element));
                             return {};
                           });
  ASSERT_FALSE(told);
  EXPECT_EQ(calls, 2U);
  EXPECT_EQ(told.error().where, "$.objects[1]:1:8");
}

}  // namespace
}  // namespace comity::json
