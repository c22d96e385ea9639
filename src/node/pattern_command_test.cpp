#include "node/pattern_command.h"

#include <gtest/gtest.h>

#include <sstream>

#include "base/file.h"
#include "base/test_support.h"

namespace comity::node {
namespace {

using test::must;

constexpr const char* observed =
    R"({"type":"bundle","objects":[{"type":"observed-data","id":"o","number_observed":1,)"
    R"("first_observed":"2020-01-01T00:00:00Z","last_observed":"2020-01-01T00:00:00Z",)"
    R"("object_refs":["f"]},{"type":"file","id":"f","size":5}]})";

std::string lines(Result<int> (*answer)(std::istream&, std::ostream&), const std::string& asked,
                  int code) {
  std::istringstream in(asked);
  std::ostringstream out;
  EXPECT_EQ(must(answer(in, out)), code);
  return out.str();
}

TEST(PatternCommand, ValidatesOne) {
  const auto good = validate_pattern("[a:b==1]");
  EXPECT_EQ(good.exit_code, 0);
  EXPECT_EQ(good.text, "valid\n[a:b = 1]\n");
  const auto bad = validate_pattern("[a:b = ]");
  EXPECT_EQ(bad.exit_code, 1);
  EXPECT_NE(bad.text.find("1:8: found ']'"), std::string::npos);
  EXPECT_NE(bad.text.find("\n         ^\n"), std::string::npos) << bad.text;
}

TEST(PatternCommand, MatchesFiles) {
  const test::TemporaryDirectory folder;
  must(write_file(folder.file("a.json"), observed));
  const auto ask = [&](const char* pattern) {
    return match_pattern(pattern, {folder.file("a.json")});
  };
  EXPECT_EQ(must(ask("[file:size = 5]")).exit_code, 0);
  EXPECT_EQ(must(ask("[file:size = 6]")).exit_code, 1);
  EXPECT_EQ(ask("[file:size = ").error().kind, ErrorKind::InvalidInput);
  EXPECT_FALSE(match_pattern("[file:size = 5]", {folder.file("none.json")}));
}

TEST(PatternCommand, ValidatesLines) {
  EXPECT_EQ(lines(validate_pattern_lines, "{\"pattern\":\"[a:b=1]\"}\n\n{\"pattern\":\"[\"}", 0),
            "{\"valid\":true,\"canonical\":\"[a:b = 1]\"}\n"
            "{\"valid\":false,\"errors\":[{\"line\":1,\"column\":2,\"message\":\"found the end of "
            "the pattern, expected a type of object, NOT EXISTS, EXISTS or (\"}]}\n");
}

TEST(PatternCommand, MatchesLines) {
  const auto request = [](const char* pattern) {
    return std::string(R"({"pattern":")") + pattern + R"(","observations":[)" + observed + "]}\n";
  };
  EXPECT_EQ(lines(match_pattern_lines, request("[file:size = 5]") + request("[file:size = 6]"), 0),
            "{\"match\":true}\n{\"match\":false}\n");
  // What is no pattern, or has no answer, is an answer all the same.
  EXPECT_TRUE(lines(match_pattern_lines, request("[file:size = 5"), 0).starts_with("{\"error\":"));
  EXPECT_TRUE(lines(match_pattern_lines, "{\"pattern\":\"[a:b = 1]\"}", 0)
                  .starts_with("{\"error\":\"observations:"));
}

TEST(PatternCommand, WhatIsNoRequestIsToldWithItsLine) {
  for (auto* const answer : {&validate_pattern_lines, &match_pattern_lines}) {
    const auto told = lines(answer, "{\n[]\n{\"pattern\":5}\n", 2);
    for (const char* place : {"line 1", "line 2", "line 3"}) {
      EXPECT_NE(told.find(place), std::string::npos) << told;
    }
  }
}

TEST(PatternCommand, LinesAreBounded) {
  const std::string ask = "{\"pattern\":\"[a:b=1]\"}";
  const auto padded = ask + std::string(pattern_line_bytes_max - ask.size(), ' ');
  EXPECT_TRUE(lines(validate_pattern_lines, padded, 0).starts_with("{\"valid\":true"));
  EXPECT_TRUE(lines(validate_pattern_lines, padded + " \n" + ask, 2).find("\n{\"valid\":true") !=
              std::string::npos);
}

}  // namespace
}  // namespace comity::node
