// LIKE, regular expressions and normal forms.
#include <gtest/gtest.h>

#include <random>
#include <string>

#include "base/test_support.h"
#include "stix/pattern/like.h"
#include "stix/pattern/normal_form.h"
#include "stix/pattern/regex.h"

namespace comity::stix::pattern {
namespace {

using comity::test::must;

// By the definition, trying everything that % can stand for.
bool is_like_slowly(std::string_view value, std::string_view wanted) {
  if (wanted.empty()) return value.empty();
  if (wanted.front() == '%') {
    for (std::size_t taken = 0; taken <= value.size(); ++taken) {
      if (is_like_slowly(value.substr(taken), wanted.substr(1))) return true;
    }
    return false;
  }
  return !value.empty() && (wanted.front() == '_' || wanted.front() == value.front()) &&
         is_like_slowly(value.substr(1), wanted.substr(1));
}

TEST(PatternLike, AsItsDefinition) {
  std::mt19937_64 random(comity::test::seed());
  const auto rounds = 1'000'000 / comity::test::scale() + 100;
  std::size_t yes = 0;
  for (std::size_t round = 0; round < rounds; ++round) {
    std::string value, wanted;
    for (auto left = random() % 7; left > 0; --left) value += "ab\n"[random() % 3];
    for (auto left = random() % 6; left > 0; --left) wanted += "ab%_"[random() % 4];
    const auto expected = is_like_slowly(value, wanted);
    ASSERT_EQ(is_like(value, wanted, true), expected) << value << " LIKE " << wanted;
    yes += expected ? 1U : 0U;
  }
  EXPECT_GT(yes, rounds / 50);
}

TEST(PatternLike, UnderscoreIsACharacterOrAByte) {
  EXPECT_TRUE(is_like("\xC3\xBC", "_", true));
  EXPECT_FALSE(is_like("\xC3\xBC", "_", false));
  EXPECT_TRUE(is_like("\xC3\xBC", "__", false));
  EXPECT_TRUE(is_like("a\xF0\x9F\x98\x80z", "%_z", true));
  EXPECT_FALSE(is_like("A", "a", true));
}

TEST(PatternLike, ManyPercentSignsTakeNoLongerThanTheProduct) {
  std::string wanted;
  for (int count = 0; count < 2'000; ++count) wanted += "%a";
  EXPECT_FALSE(is_like(std::string(20'000, 'a') + "b", wanted, true));
}

TEST(PatternRegex, SearchesAndAPointIsAnyCharacter) {
  const auto found = [](const char* expression, const char* subject, bool of_characters = true) {
    return must(must(Regex::compile(expression, of_characters)).found_in(subject));
  };
  EXPECT_TRUE(found("b", "abc"));
  EXPECT_FALSE(found("^b", "abc"));
  EXPECT_TRUE(found("^a.c$", "a\nc"));
  EXPECT_TRUE(found("^.$", "\xC3\xBC"));
  EXPECT_FALSE(found("^.$", "\xC3\xBC", false));
  EXPECT_TRUE(found("^\\x03", "\x03", false));
  EXPECT_TRUE(found("(?i)ABC", "xabc"));
}

TEST(PatternRegex, WhatIsNoExpressionIsRefused) {
  for (const char* expression : {"(", "[", "a{2", "*a", "\\C", "(?<x", "a\\"}) {
    const auto made = Regex::compile(expression, true);
    if (std::string_view(expression) == "a{2") {
      EXPECT_TRUE(made) << "PCRE takes it as text";
    } else {
      EXPECT_FALSE(made) << expression;
    }
  }
}

TEST(PatternRegex, ACatastrophicOneEndsWithAnError) {
  const std::string subject(60, 'a');
  for (const char* expression : {"^(a+)+$", "^(a|a)*b", "^(?:.*.*.*.*.*.*.*.*)*x"}) {
    const auto found = must(Regex::compile(expression, true)).found_in(subject + "!");
    // PCRE sees for some that they cannot match without trying.
    if (!found) {
      EXPECT_EQ(found.error().kind, ErrorKind::TooLarge) << found.error().text();
    }
  }
  const auto costly = must(Regex::compile("^(a+)+$", true)).found_in(subject + "!");
  ASSERT_FALSE(costly);
  EXPECT_NE(costly.error().message.find("too costly"), std::string::npos);
}

TEST(PatternNormalForm, ComposesInTheOrderOfUnicode) {
  EXPECT_EQ(must(normal_form_c("abc")), "abc");
  EXPECT_EQ(must(normal_form_c("")), "");
  EXPECT_EQ(must(normal_form_c("e\xCC\x81")), "\xC3\xA9");
  // d with dots below and above, in all three spellings.
  const std::string composed = "\xE1\xB8\x8D\xCC\x87";
  EXPECT_EQ(must(normal_form_c("d\xCC\xA3\xCC\x87")), composed);
  EXPECT_EQ(must(normal_form_c("d\xCC\x87\xCC\xA3")), composed);
  EXPECT_EQ(must(normal_form_c("\xE1\xB8\x8B\xCC\xA3")), composed);
  // Compatibility forms stay.
  EXPECT_EQ(must(normal_form_c("\xEF\xAC\x81")), "\xEF\xAC\x81");
}

}  // namespace
}  // namespace comity::stix::pattern
