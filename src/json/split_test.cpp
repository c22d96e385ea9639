#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "base/test_support.h"
#include "json/parse.h"
#include "json/reader.h"

namespace comity::json {
namespace {

struct Outcome {
  Result<Object> rest;
  std::vector<std::string> elements;
};

Outcome split_objects(std::string_view text) {
  std::vector<std::string> elements;
  auto rest = split(text, "objects", [&](std::string_view element, std::size_t index) {
    EXPECT_EQ(index, elements.size());
    EXPECT_GE(element.data(), text.data());
    EXPECT_LE(element.data() + element.size(), text.data() + text.size());
    elements.emplace_back(element);
    return Status{};
  });
  return {std::move(rest), std::move(elements)};
}

void expect_split_error(std::string_view text, std::string_view part,
                        ErrorKind kind = ErrorKind::InvalidInput) {
  const auto outcome = split_objects(text);
  ASSERT_FALSE(outcome.rest) << text;
  EXPECT_EQ(outcome.rest.error().kind, kind);
  EXPECT_NE(outcome.rest.error().text().find(part), std::string::npos)
      << outcome.rest.error().text();
  EXPECT_TRUE(outcome.elements.empty()) << "elements were given before the text was known good";
}

TEST(split, gives_the_exact_bytes_of_every_element) {
  const auto outcome = split_objects(
      " { \"type\" : \"bundle\", \"objects\" : [ {\"a\": \"]}\\\"\\\\\"} , [1, [2]],\n\"s\\\\\","
      " -1.50 ,true,null ,{}\t, [] , \"\"\n] , \"id\" : [ 1 ] } ");
  ASSERT_TRUE(outcome.rest) << outcome.rest.error().text();
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
  EXPECT_EQ(*outcome.rest, rest);
}

TEST(split, takes_an_empty_array) {
  for (const char* text : {"{\"objects\":[]}", "{\"objects\" : [ \n ] }"}) {
    const auto outcome = split_objects(text);
    ASSERT_TRUE(outcome.rest) << outcome.rest.error().text();
    EXPECT_TRUE(outcome.rest->empty());
    EXPECT_TRUE(outcome.elements.empty());
  }
}

TEST(split, knows_the_name_in_other_letters) {
  EXPECT_EQ(split_objects(R"({"\u006fbjects":[7]})").elements, std::vector<std::string>{"7"});
  // Only the top level counts.
  const auto outcome = split_objects(R"({"x":{"objects":[1]},"objects":[2]})");
  EXPECT_EQ(outcome.elements, std::vector<std::string>{"2"});
}

TEST(split, demands_the_array) {
  expect_split_error("{\"type\":\"bundle\"}", "found no member \"objects\"");
  expect_split_error("{}", "found no member \"objects\"");
  expect_split_error("{\"objects\":{}}", "1:12: at $.objects: found '{', expected an array");
  expect_split_error("{\"objects\":null}", "at $.objects: found null, expected an array");
  expect_split_error("[{\"objects\":[]}]",
                     "1:1: at $: found '[', expected an object with an array");
  expect_split_error("", "found an empty text");
}

TEST(split, refuses_duplicate_names_at_the_top) {
  expect_split_error("{\"objects\":[1],\"objects\":[2]}",
                     "1:16: at $: found the member name \"objects\"");
  expect_split_error("{\"objects\":[1],\"\\u006fbjects\":3}",
                     "found the member name \"objects\" twice");
  expect_split_error("{\"id\":1,\"objects\":[1],\"id\":1}", "found the member name \"id\" twice");
  expect_split_error("{\"objects\":[1],\"x\":{\"a\":1,\"a\":2}}",
                     "1:27: at $.x: found the member name");
}

TEST(split, leaves_duplicates_inside_elements_to_the_reader_of_the_element) {
  EXPECT_EQ(split_objects("{\"objects\":[{\"a\":1,\"a\":2}]}").elements.size(), 1U);
}

TEST(split, refuses_what_parse_refuses) {
  expect_split_error("{\"objects\":[1,{\"a\":\n[1,]}]}", "2:4: at $.objects[1].a[1]: found ']'");
  expect_split_error("{\"objects\":[9007199254740992]}", "1:13: at $.objects[0]: found the number");
  expect_split_error("{\"objects\":[18446744073709551615]}", "at $.objects[0]: found the number");
  expect_split_error("{\"objects\":[0,1e999]}", "1:15: at $.objects[1]: found the number");
  expect_split_error("{\"objects\":[\"\\ud800\"]}", "surrogate");
  expect_split_error("{\"objects\":[\"\xff\"]}", "no UTF-8");
  expect_split_error("{\"objects\":[]} x", "1:16: found x after the end");
  expect_split_error("{\"objects\":[]", "found the end of the text, expected a comma or }");
  expect_split_error("\xef\xbb\xbf{\"objects\":[]}", "byte order mark");
}

TEST(split, depth_ends_at_the_limit) {
  const auto bundle = [](std::size_t depth) {
    return "{\"objects\":[" + std::string(depth - 2, '[') + std::string(depth - 2, ']') + "]}";
  };
  EXPECT_TRUE(split_objects(bundle(depth_max)).rest);
  expect_split_error(bundle(depth_max + 1), "deeper than 64 levels", ErrorKind::TooLarge);
  expect_split_error(bundle(1'000'000), "deeper than 64 levels", ErrorKind::TooLarge);
}

TEST(split, the_members_beside_the_array_have_a_limit) {
  // Both names with their quotes and the quotes of the value count.
  const auto bundle = [](std::size_t size) {
    return "{\"x\":\"" + std::string(size - 3 - 9 - 2, 'a') + "\",\"objects\":[1]}";
  };
  EXPECT_TRUE(split_objects(bundle(document_bytes_max)).rest);
  expect_split_error(bundle(document_bytes_max + 1), "67108864", ErrorKind::TooLarge);
}

TEST(split, the_array_may_be_larger_than_a_document) {
  const std::string element = "\"" + std::string(1024 * 1024 - 3, 'a') + "\"";
  std::string text = "{\"objects\":[" + element;
  for (int i = 1; i < 65; ++i) text += "," + element;
  text += "]}";
  ASSERT_GT(text.size(), document_bytes_max);
  std::size_t bytes = 0;
  const auto rest = split(text, "objects", [&](std::string_view part, std::size_t) {
    bytes += part.size();
    return Status{};
  });
  ASSERT_TRUE(rest) << rest.error().text();
  EXPECT_EQ(bytes, 65 * element.size());
}

TEST(split, takes_many_members_beside_the_array) {
  std::string text = "{";
  for (int i = 0; i < 100'000; ++i) text += "\"m" + std::to_string(i) + "\":0,";
  const auto outcome = split_objects(text + "\"objects\":[1]}");
  ASSERT_TRUE(outcome.rest);
  EXPECT_EQ(outcome.rest->size(), 100'000U);
  expect_split_error(text + "\"objects\":[1],\"m5\":0}", "found the member name \"m5\" twice");
}

TEST(split, passes_on_the_error_of_an_element) {
  std::size_t calls = 0;
  const auto rest = split("{\"objects\":[1,{\"a\":1,\"a\":1},3]}", "objects",
                          [&](std::string_view element, std::size_t) -> Status {
                            ++calls;
                            TRY_STATUS(parse(element));
                            return {};
                          });
  ASSERT_FALSE(rest);
  EXPECT_EQ(calls, 2U);
  EXPECT_EQ(rest.error().where, "$.objects[1]:1:8");

  const auto refused = split("{\"objects\":[1]}", "objects", [](std::string_view, std::size_t) {
    return Status(fail(ErrorKind::NotPermitted, "no"));
  });
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::NotPermitted);
  EXPECT_EQ(refused.error().text(), "$.objects[0]: no");
}

// Texts in which something may be cut in two: numbers, words, escapes, UTF-8.
std::string drawn_text(std::mt19937_64& draw) {
  static const char* const parts[] = {"{",
                                      "}",
                                      "[",
                                      "]",
                                      ",",
                                      ":",
                                      "\"a\"",
                                      "-12.5e+3",
                                      "true",
                                      "null",
                                      "false",
                                      " ",
                                      "\n",
                                      "0",
                                      "\"é\"",
                                      "\"\\u00e9 \"",
                                      "\"\\ud83d\\ude00\"",
                                      "\"\\/\\\"\"",
                                      "9007199254740992",
                                      "\"G/Z\"",
                                      "\"",
                                      "\\",
                                      "\xff",
                                      "\xf3",
                                      "\xe2\x82",
                                      "tru",
                                      "1e400",
                                      "\"\\ud83d\"",
                                      "\\ude00",
                                      "\\ud83d",
                                      "\\u00g9"};
  static const char* const good[] = {"{\"a\":[1,2.5e3,true],\"b\":", "[",
                                     "{\"c\\u0064\":\"G /é\",\"d\":"};
  std::string out;
  for (std::size_t i = 0; i < draw() % 4; ++i) out += good[draw() % std::size(good)];
  for (std::size_t i = 0; i < 1 + draw() % 8; ++i) out += parts[draw() % std::size(parts)];
  // Half of them end as they should.
  for (std::size_t i = out.size(); draw() % 2 == 0 && i > 0; --i) {
    if (out[i - 1] == '[') out += ']';
    if (out[i - 1] == '{') out += '}';
  }
  return out;
}

TEST(split, a_text_in_pieces_is_what_it_is_in_one) {
  std::mt19937_64 draw(comity::test::seed());
  std::size_t good = 0;
  for (std::size_t i = 0; i < 500'000 / comity::test::scale(); ++i) {
    const auto text = drawn_text(draw);
    const auto whole = validate(text);
    good += whole.has_value();
    for (const std::size_t piece : {1U, 2U, 3U, 7U, 20U}) {
      const auto pieces = validate(text, {}, piece);
      ASSERT_EQ(pieces.has_value(), whole.has_value()) << text << " in pieces of " << piece;
      if (whole) continue;
      ASSERT_EQ(pieces.error().text(), whole.error().text()) << text << " in pieces of " << piece;
      ASSERT_EQ(pieces.error().kind, whole.error().kind);
    }
  }
  EXPECT_GT(good, 0U);
}

// Boost.JSON would take some of these when it is given their bytes apart.
TEST(split, a_sequence_that_lacks_bytes_is_refused_in_pieces_too) {
  for (const std::string wrong : {"\xf3", "\xf3\x90", "\xf3\x90\x80", "\xe2", "\xe2\x82", "\xc3"}) {
    for (const std::string behind : {"", "\"", ",", "\",\"", " ", "/G", "\\n"}) {
      for (const std::size_t piece : {1U, 2U, 3U, 4U, 1000U}) {
        EXPECT_FALSE(validate("{\"3" + wrong + behind + "\":1}", {}, piece)) << wrong << behind;
      }
    }
  }
}

TEST(split, tells_how_far_each_walk_has_come) {
  std::string text = "{\"objects\":[";
  const std::string element = "{\"text\":\"" + std::string(1000, 'x') + "\"}";
  while (text.size() < 3 * passed_bytes) text += element + ",\n";
  text += element + "]}";
  std::vector<std::size_t> told;
  std::size_t seen = 0;
  const auto done = split(
      text, "objects",
      [&](std::string_view one, std::size_t) {
        seen = static_cast<std::size_t>(one.data() - text.data()) + one.size();
        return Status();
      },
      [&](std::size_t offset) {
        EXPECT_LE(offset, text.size());
        told.push_back(offset);
      });
  ASSERT_TRUE(done) << done.error().text();
  EXPECT_EQ(seen, text.size() - 2);
  std::size_t walks = 1;
  for (std::size_t i = 1; i < told.size(); ++i) {
    if (told[i] < told[i - 1]) {
      ++walks;
    } else {
      EXPECT_LE(told[i] - told[i - 1], passed_bytes + 2 * element.size());
    }
  }
  EXPECT_EQ(walks, 3U) << "the whole is checked, its top is read, then its elements";
  // What is wrong at the end is looked for from the beginning.
  told.clear();
  text.back() = ']';
  EXPECT_FALSE(validate(text, [&](std::size_t offset) { told.push_back(offset); }));
  EXPECT_GE(std::count_if(told.begin(), told.end(),
                          [](std::size_t offset) { return offset < 2 * passed_bytes; }),
            3);
}

}  // namespace
}  // namespace comity::json
