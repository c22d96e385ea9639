#include "node/command_line.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/file.h"
#include "base/test_support.h"

namespace comity::node {
namespace {

using test::must;

struct Said {
  int code;
  std::string out, error;
};

Said comity(std::vector<std::string> words) {
  words.insert(words.begin(), "comity");
  std::vector<char*> arguments;
  arguments.reserve(words.size() + 1);
  for (auto& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  const int code = command_line(static_cast<int>(words.size()), arguments.data());
  return {code, testing::internal::GetCapturedStdout(), testing::internal::GetCapturedStderr()};
}

constexpr const char* tool =
    R"({"type":"tool","spec_version":"2.1","id":"tool--e3f2a9c4-5f2c-4b43-91de-0f1d8c3f2c5a",)"
    R"("created":"2016-04-06T20:03:48.000Z","modified":"2016-04-06T20:03:48.000Z","name":"a",)"
    R"("tool_types":["own"],"own_name":"b"})";

TEST(CommandLine, AListIsOneWordAndMayBeRepeated) {
  const test::TemporaryDirectory folder;
  const auto path = folder.file("tool.json");
  must(write_file(path, tool));
  const std::vector<std::string> strict{"stix", "validate", "--strict"};
  const auto with = [&](std::vector<std::string> more) {
    more.insert(more.begin(), strict.begin(), strict.end());
    more.push_back(path);
    return comity(more);
  };
  EXPECT_EQ(with({}).code, 1);
  EXPECT_EQ(with({"--disable", "tool-types,401,101,102"}).code, 0);
  EXPECT_EQ(with({"--disable", "tool-types", "--disable", "401,101,102"}).code, 0);
  EXPECT_EQ(with({"--disable", "tool-types,401"}).code, 1);
  EXPECT_EQ(with({"--enable", "hash-algo"}).code, 0);
  EXPECT_EQ(with({"--enable", "hash-algo,region", "--enable", "tool-types"}).code, 1);
  const auto two = with({"--disable", "222", "101"});
  EXPECT_EQ(two.code, 2);
  EXPECT_EQ(two.error.find("is no check"), std::string::npos) << two.error;
  const auto none = with({"--disable", "abc"});
  EXPECT_EQ(none.code, 2);
  EXPECT_NE(none.error.find("'abc' is no check"), std::string::npos) << none.error;
}

TEST(CommandLine, WhatFollowsRecipientsIsARecord) {
  const test::TemporaryDirectory folder;
  const auto node = folder.file("cn");
  ASSERT_EQ(comity({"init", "--party", "CN", "--exercise", "--data", node}).code, 0);
  const std::string record = "report--31b940d4-6f7f-459a-80ea-9c1f17b5891b";
  const auto said = comity({"recall", "--to", "RU,KZ", record, "--reason", "law", "--data", node});
  EXPECT_EQ(said.code, 2);
  EXPECT_NE(said.error.find(record + ": is not held by this node"), std::string::npos)
      << said.error;
}

TEST(CommandLine, LinesHaveOptionsOfTheirOwn) {
  for (const auto* option :
       {"--strict", "--strict-types", "--strict-properties", "--enforce-refs"}) {
    const auto said = comity({"stix", "validate", "--jsonl", option});
    EXPECT_EQ(said.code, 2) << option;
    EXPECT_NE(said.error.find("each line has its own options"), std::string::npos) << said.error;
  }
}

}  // namespace
}  // namespace comity::node
