#include "stix/pattern/match.h"

#include <gtest/gtest.h>

#include "stix/pattern/test_world.h"

namespace comity::stix::pattern {
namespace {

// Observations of one person each: name, first and last second of one minute, number.
struct Seen {
  const char* name;
  int first, last, number;
};

std::string world(std::initializer_list<Seen> all) {
  std::string out;
  int index = 0;
  for (const auto& one : all) {
    const auto at = std::to_string(index++);
    const auto time = [](int second) {
      return "\"2020-01-01T00:00:" + std::string(second < 10 ? "0" : "") + std::to_string(second) +
             "Z\"";
    };
    out += (out.empty() ? "" : ",") + std::string(R"({"type":"observed-data","id":"o)") + at +
           R"(","number_observed":)" + std::to_string(one.number) + R"(,"first_observed":)" +
           time(one.first) + R"(,"last_observed":)" + time(one.last) + R"(,"object_refs":["p)" +
           at + R"("]},{"type":"person","id":"p)" + at + R"(","name":")" + one.name + "\"}";
  }
  return R"({"type":"bundle","objects":[)" + out + "]}";
}

void expect(const char* expected, const std::string& observations,
            std::initializer_list<std::string> patterns) {
  for (const auto& pattern : patterns) {
    EXPECT_EQ(test::answer(pattern, observations), expected) << pattern;
  }
}

const std::string is_a = "[person:name = 'a']";
const std::string is_b = "[person:name = 'b']";
const std::string is_c = "[person:name = 'c']";

TEST(PatternMatch, EachInstanceIsBoundOnce) {
  const auto seen = world({{"a", 0, 0, 1}, {"b", 10, 10, 2}});
  expect("yes", seen,
         {is_a, is_a + " AND " + is_b, is_b + " AND " + is_b, is_a + " OR " + is_c,
          is_b + " REPEATS 2 TIMES", "(" + is_a + " OR " + is_b + ") REPEATS 3 TIMES"});
  expect("no", seen,
         {is_c, is_a + " AND " + is_a, is_a + " AND " + is_c, is_b + " REPEATS 3 TIMES",
          "(" + is_a + " OR " + is_b + ") REPEATS 4 TIMES",
          "(" + is_a + " AND " + is_b + ") REPEATS 2 TIMES"});
}

TEST(PatternMatch, FollowedBySomeInstantOfEach) {
  const auto seen = world({{"a", 5, 10, 1}, {"b", 0, 4, 1}, {"c", 0, 5, 1}});
  expect("yes", seen,
         {is_b + " FOLLOWEDBY " + is_a, is_a + " FOLLOWEDBY " + is_c, is_c + " FOLLOWEDBY " + is_a,
          is_b + " FOLLOWEDBY " + is_c + " FOLLOWEDBY " + is_a});
  expect("no", seen,
         {is_a + " FOLLOWEDBY " + is_b, is_a + " FOLLOWEDBY " + is_a,
          is_b + " FOLLOWEDBY " + is_a + " FOLLOWEDBY " + is_b});
}

TEST(PatternMatch, WithinTouchesAndHasFractions) {
  const auto seen = world({{"a", 0, 0, 1}, {"b", 4, 9, 1}, {"c", 6, 6, 1}});
  const auto both = "(" + is_a + " AND " + is_b + ")";
  expect("yes", seen,
         {both + " WITHIN 4 SECONDS", is_a + " WITHIN 0.001 SECONDS",
          both + " WITHIN 100000000000000000000 SECONDS"});
  expect("no", seen,
         {both + " WITHIN 3 SECONDS", both + " WITHIN 3.999999 SECONDS",
          "(" + is_a + " AND " + is_b + " AND " + is_c + ") WITHIN 5 SECONDS"});
}

TEST(PatternMatch, StartIsInAndStopIsOut) {
  const auto seen = world({{"a", 10, 20, 1}});
  const auto between = [](const char* start, const char* stop) {
    return is_a + " START t'2020-01-01T00:00:" + start + "Z' STOP t'2020-01-01T00:00:" + stop +
           "Z'";
  };
  expect("yes", seen,
         {between("20", "21"), between("00", "10.000000001"), between("12", "13"),
          between("00", "59")});
  expect("no", seen,
         {between("00", "10"), between("20.000000001", "30"), between("15", "15"),
          between("16", "15")});
}

TEST(PatternMatch, QualifiersFromTheInnermost) {
  const auto seen = world({{"a", 0, 0, 1}, {"a", 1, 1, 1}, {"a", 30, 30, 1}, {"a", 31, 31, 1}});
  const auto start = " START t'2020-01-01T00:00:00Z' STOP t'2020-01-01T00:00:10Z'";
  expect("yes", seen,
         {is_a + " REPEATS 2 TIMES WITHIN 1 SECONDS REPEATS 2 TIMES",
          is_a + " REPEATS 2 TIMES" + start, is_a + " WITHIN 1 SECONDS REPEATS 4 TIMES",
          is_a + " REPEATS 4 TIMES WITHIN 31 SECONDS"});
  expect("no", seen,
         {is_a + " REPEATS 3 TIMES" + start, is_a + " REPEATS 3 TIMES WITHIN 29 SECONDS",
          is_a + " REPEATS 2 TIMES REPEATS 3 TIMES"});
}

TEST(PatternMatch, AnErrorDoesNotDependOnTheOrder) {
  const auto seen = world({{"a", 0, 0, 1}});
  const std::string bad = "[person:name = t'2020-01-01T00:00:00Z']";
  EXPECT_EQ(test::answer(is_a + " OR " + bad, seen), test::answer(bad + " OR " + is_a, seen));
  EXPECT_NE(test::answer(is_a + " OR " + bad, seen), "yes");
}

TEST(PatternMatch, LongChainsEnd) {
  auto chain = is_a;
  for (int count = 1; count < 1'000; ++count) chain += " FOLLOWEDBY " + is_a;
  expect("no", world({{"a", 0, 0, 1}}), {chain});
}

}  // namespace
}  // namespace comity::stix::pattern
