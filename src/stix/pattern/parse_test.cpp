#include "stix/pattern/parse.h"

#include <gtest/gtest.h>

#include "stix/pattern/print.h"

namespace comity::stix::pattern {
namespace {

std::string again(std::string_view text) {
  const auto tree = parse(text);
  return tree ? print(*tree) : "! " + show(text, tree.error());
}

std::string repeated(std::string_view text, std::size_t times) {
  std::string out;
  for (std::size_t count = 0; count < times; ++count) out += text;
  return out;
}

// One row for each production of the grammar: what is written, and its one spelling.
TEST(PatternParse, EveryProduction) {
  const std::pair<const char*, const char*> cases[] = {
      {"[file:size=5]", "[file:size = 5]"},
      {"[file:size == +5]", "[file:size = 5]"},
      {"[file:size <> -5]", "[file:size != -5]"},
      {"[a:b < 1 AND a:b <= 2 AND a:b > 3 AND a:b >= .5]",
       "[a:b < 1 AND a:b <= 2 AND a:b > 3 AND a:b >= 0.5]"},
      {"[a:b NOT = -0.250 OR a:b NOT != 10.0]", "[a:b NOT = -0.25 OR a:b NOT != 10.0]"},
      {"[a:b IN (1, 2.5, -3)]", "[a:b IN (1, 2.5, -3)]"},
      {"[a:b NOT IN()]", "[a:b NOT IN ()]"},
      {"[a:b IN (true,false)]", "[a:b IN (true, false)]"},
      {"[a:b LIKE 'x%_']", "[a:b LIKE 'x%_']"},
      {"[a:b NOT MATCHES '^x\\\\.\\'$']", "[a:b NOT MATCHES '^x\\\\.\\'$']"},
      {"[a:b ISSUBSET '10.0.0.0/8' OR a:b ISSUPERSET '::1']",
       "[a:b ISSUBSET '10.0.0.0/8' OR a:b ISSUPERSET '::1']"},
      {"[EXISTS a:b OR NOT EXISTS a:c]", "[EXISTS a:b OR NOT EXISTS a:c]"},
      {"[a:b = b'AQL/']", "[a:b = h'0102ff']"},
      {"[a:b = h'0102FF' OR a:b = h'']", "[a:b = h'0102ff' OR a:b = h'']"},
      {"[a:b = t'2016-01-01T00:00:00.100Z']", "[a:b = t'2016-01-01T00:00:00.1Z']"},
      {"[win-registry-key:values[*].'name'[0].data_type = 'x']",
       "[win-registry-key:values[*].name[0].data_type = 'x']"},
      {"[file:hashes.'SHA-256' = 'x' OR x:'AND'.'' = 'y']",
       "[file:hashes.'SHA-256' = 'x' OR x:'AND'.'' = 'y']"},
      {"[a:b[-1] = 1]", "[a:b[-1] = 1]"},
      {"[(a:b=1 OR a:c=2) AND ((a:d=3))]", "[(a:b = 1 OR a:c = 2) AND a:d = 3]"},
      {"[a:b=1 OR a:c=2 AND a:d=3]", "[a:b = 1 OR a:c = 2 AND a:d = 3]"},
      {"[a:b=1 AND (a:c=2 AND a:d=3)]", "[a:b = 1 AND a:c = 2 AND a:d = 3]"},
      {"[a:b=1] FOLLOWEDBY [a:b=2] OR [a:b=3] AND [a:b=4]",
       "[a:b = 1] FOLLOWEDBY [a:b = 2] OR [a:b = 3] AND [a:b = 4]"},
      {"(([a:b=1] FOLLOWEDBY [a:b=2]) OR [a:b=3]) AND [a:b=4]",
       "(([a:b = 1] FOLLOWEDBY [a:b = 2]) OR [a:b = 3]) AND [a:b = 4]"},
      {"[a:b=1] AND ([a:b=2] AND [a:b=3])", "[a:b = 1] AND [a:b = 2] AND [a:b = 3]"},
      {"[a:b=1] AND [a:b=2] WITHIN 5 SECONDS", "[a:b = 1] AND [a:b = 2] WITHIN 5 SECONDS"},
      {"([a:b=1] AND [a:b=2]) WITHIN 0.50 SECONDS REPEATS 2 TIMES",
       "([a:b = 1] AND [a:b = 2]) WITHIN 0.5 SECONDS REPEATS 2 TIMES"},
      {"(([a:b=1] AND [a:b=2]) WITHIN 5 SECONDS) REPEATS 2 TIMES",
       "([a:b = 1] AND [a:b = 2]) WITHIN 5 SECONDS REPEATS 2 TIMES"},
      {"([a:b=1]) REPEATS 2 TIMES REPEATS 3 TIMES", "([a:b = 1]) REPEATS 2 TIMES REPEATS 3 TIMES"},
      {"([a:b=1] REPEATS 2 TIMES) REPEATS 3 TIMES", "([a:b = 1] REPEATS 2 TIMES) REPEATS 3 TIMES"},
      {"(([a:b=1]))", "[a:b = 1]"},
      {"[a:b=1] START t'2016-01-01T00:00:00Z' STOP t'2017-01-01T00:00:00Z'",
       "[a:b = 1] START t'2016-01-01T00:00:00Z' STOP t'2017-01-01T00:00:00Z'"},
      {"\t[ /* not ] */ a:b // ) \n = \xC2\xA0 'x\ny' ]\r\n", "[a:b = 'x\ny']"},
  };
  for (const auto& [text, printed] : cases) {
    EXPECT_EQ(again(text), printed);
    EXPECT_EQ(again(printed), printed);
  }
}

// Every message, with its place.
void expect_messages(std::initializer_list<std::pair<std::string_view, std::string_view>> cases) {
  for (const auto& [text, message] : cases) {
    const auto tree = parse(text);
    ASSERT_FALSE(tree) << text;
    const auto shown = show(text, tree.error());
    EXPECT_EQ(shown.substr(0, shown.find('\n')), message);
  }
}

TEST(PatternParse, EveryErrorInComparisonsSaysWhereAndWhat) {
  expect_messages({
      {"", "1:1: found the end of the pattern, expected [ or ("},
      {"a:b = 1", "1:1: found 'a', expected [ or ("},
      {"[file:size = ]",
       "1:14: found ']', expected a constant: a number, 'text', true, false, "
       "t'…', h'…' or b'…'"},
      {"[a:b = x]",
       "1:8: found 'x', expected a constant: a number, 'text', true, false, t'…', "
       "h'…' or b'…'"},
      {"[a.b = 1]", "1:3: found '.', expected : and a property behind the type of object"},
      {"[= 1]", "1:2: found '=', expected a type of object, NOT EXISTS, EXISTS or ("},
      {"[NOT a:b = 1]",
       "1:6: found 'a', expected EXISTS; elsewhere NOT stands before the operator"},
      {"[a:b-c = 1]", "1:4: found 'b-c', expected it between quotes: 'b-c'"},
      {"[a:b.IN = 1]", "1:6: found 'IN', expected it between quotes: 'IN'"},
      {"[a:[0] = 1]", "1:4: found '[', expected the name of a property"},
      {"[a:b[x] = 1]", "1:6: found 'x', expected * or a number"},
      {"[a:b[0 = 1]", "1:8: found '=', expected ]"},
      {"[a:b]",
       "1:5: found ']', expected =, !=, <, <=, >, >=, IN, LIKE, MATCHES, ISSUBSET or "
       "ISSUPERSET, or one more step of the path"},
      {"[a:b < true]", "1:8: found 'true', expected a constant that has an order"},
      {"[a:b LIKE 5]", "1:11: found '5', expected a string behind LIKE"},
      {"[a:b LIKE null]",
       "1:11: found 'null', expected a constant: a number, 'text', true, "
       "false, t'…', h'…' or b'…'"},
      {"[a:b IN 5]", "1:9: found '5', expected a set: ( with constants between commas"},
      {"[a:b IN (1, true)]",
       "1:13: found 'true', expected a number: a set holds constants of one type"},
      {"[a:b IN (1 2)]", "1:12: found '2', expected , or )"},
      {"[a:b = 007]", "1:8: found '007', expected a number without 0 before its digits"},
      {"[a:b = 9223372036854775808]",
       "1:8: found '9223372036854775808', expected an integer of at most 64 bits"},
      {"[a:b = h'012']", "1:8: found h'012', expected pairs of hexadecimal digits"},
      {"[a:b = b'====']", "1:8: found b'====', expected base64"},
      {"[a:b = t'2016-01-01t00:00:00Z']",
       "1:8: found t'2016-01-01t00:00:00Z', expected a "
       "timestamp: t'2016-01-01T00:00:00Z', upper case, in "
       "UTC"},
  });
}

TEST(PatternParse, EveryOtherErrorSaysWhereAndWhat) {
  expect_messages({
      {"[a:b = 1", "1:9: found the end of the pattern, expected AND, OR or ]"},
      {"[(a:b = 1]", "1:10: found ']', expected AND, OR or )"},
      {"([a:b = 1]",
       "1:11: found the end of the pattern, expected AND, OR, FOLLOWEDBY, a "
       "qualifier or )"},
      {"[a:b = 1] x",
       "1:11: found 'x', expected AND, OR, FOLLOWEDBY, WITHIN, REPEATS, START or the end"},
      {"[a:b = 1] WITHIN -5 SECONDS", "1:18: found '-5', expected a number of seconds above 0"},
      {"[a:b = 1] WITHIN 0 SECONDS", "1:18: found '0', expected a number of seconds above 0"},
      {"[a:b = 1] WITHIN x", "1:18: found 'x', expected a number of seconds above 0"},
      {"[a:b = 1] WITHIN 5 second", "1:20: found 'second', expected SECONDS"},
      {"[a:b = 1] REPEATS 1.5 TIMES", "1:19: found '1.5', expected how often: 1, 2, 3 …"},
      {"[a:b = 1] REPEATS 0 TIMES", "1:19: found '0', expected a number of at least 1"},
      {"[a:b = 1] START '2016'",
       "1:17: found '2016', expected a timestamp: "
       "t'2016-01-01T00:00:00Z', upper case, in UTC"},
      {"[a:b = 'x]", "1:8: found a quote that nothing closes, expected '"},
      {"[a:b = 'x\\n']", "1:10: found a backslash alone, expected \\\\ or \\'"},
      {"[a:b = 1] /* x", "1:11: found a comment without end, expected */ behind it"},
      {"[a:b =? 1]", "1:7: found '?', which begins nothing that a pattern can have"},
      {"[a:b = \"x\"]",
       "1:8: found \", where text stands between single quotes, which begins "
       "nothing that a pattern can have"},
      {"[a:b = \xFF]", "1:8: found bytes that are no UTF-8"},
      {"[a:b = '\xC3']", "1:9: found bytes that are no UTF-8"},
      // Columns are characters, lines count.
      {"[a:b = 'ü'\n AND é]", "2:6: found 'é', which begins nothing that a pattern can have"},
  });
}

TEST(PatternParse, TheCaretStandsBelowThePlace) {
  const auto shown = [](std::string_view text) { return show(text, parse(text).error()); };
  EXPECT_TRUE(shown("[file:size = ]").ends_with("\n  [file:size = ]\n               ^"));
  EXPECT_TRUE(shown("[a:b = 1\nAND\tü = 2]").ends_with("\n  AND ü = 2]\n      ^"));
  // A long line is cut on both sides.
  const auto longer = "[a:b = '" + std::string(300, 'x') + "' ! '" + std::string(300, 'y') + "']";
  const auto cut = shown(longer);
  const auto line = cut.substr(cut.find('\n') + 1);
  const auto mark = line.find('!'), caret = line.find('^') - line.find('\n') - 1;
  EXPECT_EQ(mark, caret + std::string_view("…").size() - 1);
  EXPECT_LT(cut.size(), 400U);
}

TEST(PatternParse, DepthIsBounded) {
  const auto nested = [](std::size_t depth) {
    return repeated("(", depth) + "[a:b = 1]" + repeated(")", depth);
  };
  EXPECT_TRUE(parse(nested(depth_max)));
  EXPECT_FALSE(parse(nested(depth_max + 1)));
  EXPECT_FALSE(parse(repeated("(", 10'000)));
  const auto inside = [](std::size_t depth) {
    return "[" + repeated("(", depth) + "a:b = 1" + repeated(")", depth) + "]";
  };
  EXPECT_TRUE(parse(inside(depth_max)));
  EXPECT_FALSE(parse(inside(depth_max + 1)));
  // What was closed counts no more.
  EXPECT_TRUE(parse(nested(depth_max) + " AND " + nested(depth_max)));
}

TEST(PatternParse, QualifiersAreBounded) {
  const auto of = [](std::size_t count) {
    return "[a:b = 1]" + repeated(" REPEATS 2 TIMES", count);
  };
  EXPECT_TRUE(parse(of(qualifiers_max)));
  EXPECT_FALSE(parse(of(qualifiers_max + 1)));
}

TEST(PatternParse, PartsAndBytesAreBounded) {
  const auto set_of = [](std::size_t count) {
    // Beside the constants: an observation, a comparison and a step.
    return "[a:b IN (1" + repeated(",1", count - 1) + ")]";
  };
  EXPECT_TRUE(parse(set_of(nodes_max - 3)));
  EXPECT_FALSE(parse(set_of(nodes_max - 2)));
  const auto of_bytes = [](std::size_t count) {
    return "[a:b = '" + std::string(count - 10, 'x') + "']";
  };
  EXPECT_TRUE(parse(of_bytes(pattern_bytes_max)));
  EXPECT_FALSE(parse(of_bytes(pattern_bytes_max + 1)));
}

}  // namespace
}  // namespace comity::stix::pattern
