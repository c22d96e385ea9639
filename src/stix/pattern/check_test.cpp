#include "stix/pattern/check.h"

#include <gtest/gtest.h>

namespace comity::stix::pattern {
namespace {

// "column: message" of the one problem; empty when there is none.
std::string wrong(std::string_view pattern) {
  const auto found = problems(pattern);
  if (found.empty()) return {};
  EXPECT_EQ(found.size(), 1U) << pattern;
  return std::to_string(found.front().column) + ": " + found.front().message;
}

TEST(PatternCheck, WhatDoesNotParseIsTheOneProblem) {
  EXPECT_EQ(wrong("[a:b = 1"), "9: found the end of the pattern, expected AND, OR or ]");
}

TEST(PatternCheck, AQualifierStandsOnceOnAnObservation) {
  EXPECT_EQ(wrong("[a:b = 1] REPEATS 2 TIMES WITHIN 3 SECONDS REPEATS 2 TIMES"),
            "44: found REPEATS a second time, expected at most one on an observation; parentheses "
            "make it another");
  EXPECT_NE(wrong("([a:b = 1] WITHIN 3 SECONDS WITHIN 2 SECONDS)"), "");
  EXPECT_NE(wrong("[a:b = 1] START t'2016-01-01T00:00:00Z' STOP t'2017-01-01T00:00:00Z' "
                  "START t'2016-01-01T00:00:00Z' STOP t'2017-01-01T00:00:00Z'"),
            "");
  for (const char* pattern : {"([a:b = 1]) WITHIN 3 SECONDS WITHIN 2 SECONDS",
                              "([a:b = 1] WITHIN 3 SECONDS) WITHIN 2 SECONDS",
                              "[a:b = 1] WITHIN 3 SECONDS REPEATS 2 TIMES",
                              "([a:b = 1] AND [a:b = 2]) REPEATS 2 TIMES REPEATS 3 TIMES"}) {
    EXPECT_EQ(wrong(pattern), "");
  }
}

TEST(PatternCheck, AHashHasTheFormOfItsAlgorithm) {
  const std::pair<const char*, std::size_t> lengths[] = {
      {"MD5", 32},        {"'SHA-1'", 40},   {"'SHA-256'", 64},   {"'SHA-512'", 128},
      {"'SHA3-256'", 64}, {"'sha-256'", 64}, {"'SHA3-512'", 128}, {"'RIPEMD-160'", 40},
      {"'SHA-224'", 56},  {"'SHA-384'", 96}, {"'SHA3-224'", 56},  {"'SHA3-384'", 96},
      {"WHIRLPOOL", 128}, {"SHA256", 64}};
  const auto with = [](const char* key, const std::string& value) {
    return std::string("[file:hashes.") + key + " = '" + value + "']";
  };
  for (const auto& [key, length] : lengths) {
    EXPECT_EQ(wrong(with(key, std::string(length, 'a'))), "") << key;
    EXPECT_NE(wrong(with(key, std::string(length - 1, 'a'))), "") << key;
    EXPECT_NE(wrong(with(key, std::string(length + 1, 'F'))), "") << key;
    EXPECT_NE(wrong(with(key, std::string(length - 1, 'a') + "g")), "") << key;
  }
  EXPECT_EQ(wrong("[file:hashes.MD5 = 'f00']"),
            "20: found 'f00', expected the 32 hexadecimal digits of MD5");
  EXPECT_EQ(wrong("[file:hashes.SSDEEP = '3:abc+/:d.e']"), "");
  EXPECT_NE(wrong("[file:hashes.SSDEEP = 'a b']"), "");
  EXPECT_NE(wrong("[file:hashes.MD5 = 5]"), "");
  EXPECT_NE(wrong("[x:a.hashes.MD5 NOT IN ('f00')]"), "");
}

TEST(PatternCheck, WhatIsNoWholeHashIsNotChecked) {
  for (const char* pattern :
       {"[file:hashes.MD5 LIKE 'f00%']", "[file:hashes.MD5 MATCHES '^f00']",
        "[file:hashes[*] = 'f00']", "[file:hashes.'X-NEW' = 'f00']", "[file:hashes = 'f00']",
        "[file:MD5 = 'f00']", "[file:hashes.MD5 > 'f']"}) {
    EXPECT_EQ(wrong(pattern), "") << pattern;
  }
}

TEST(PatternCheck, ProblemsAreInTheOrderOfTheTextAndBounded) {
  const auto found = problems("[file:hashes.MD5 = 'a' OR file:hashes.MD5 = 'b']");
  ASSERT_EQ(found.size(), 2U);
  EXPECT_LT(found[0].column, found[1].column);
  const auto many = [](std::size_t count) {
    std::string set = "'a'";
    for (std::size_t at = 1; at < count; ++at) set += ",'a'";
    return problems("[file:hashes.MD5 IN (" + set + ")]").size();
  };
  EXPECT_EQ(many(problems_max), problems_max);
  EXPECT_EQ(many(problems_max + 1), problems_max);
}

}  // namespace
}  // namespace comity::stix::pattern
