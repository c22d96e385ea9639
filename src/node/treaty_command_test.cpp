#include "node/treaty_command.h"

#include <gtest/gtest.h>

#include <sstream>

#include "base/test_source_dir.h"
#include "node/test_nodes.h"

namespace comity::node {
namespace {

using test::arguments;
using test::must;

const std::string shipped = comity::test::source_path("register");
constexpr std::size_t line_bytes_max = 1024 * 1024;

std::shared_ptr<const treaty::CompiledRegister> law() {
  static const auto loaded = must(load_law({shipped, "demo"}));
  return loaded;
}

std::string request(const std::string& to, const std::string& info = "indicator") {
  return fmt::format(R"({{"from":"XA","to":"{}","info":"{}","area":"threat-information",)"
                     R"("purpose":"warning","tlp":"clear"}})",
                     to, info);
}

struct Answers {
  int exit_code = 0;
  std::vector<json::Value> verdicts;
  std::string verdict(std::size_t at) const { return std::string(verdicts.at(at).text("verdict")); }
  std::string reason(std::size_t at) const {
    return std::string(verdicts.at(at).find("reasons")->array()->at(0).text("what"));
  }
};
Answers answers_to(const std::string& text) {
  std::istringstream in(text);
  std::ostringstream out;
  Answers answers;
  answers.exit_code = must(decide_lines(*law(), in, out));
  std::istringstream lines(out.str());
  for (std::string line; std::getline(lines, line);) {
    answers.verdicts.push_back(must(json::parse(line)));
  }
  EXPECT_TRUE(out.str().empty() || out.str().back() == '\n');
  return answers;
}

TEST(TreatyCommand, AnswersLineByLineInOrder) {
  std::string text;
  std::vector<std::string> expected;
  for (int i = 0; i < 40; ++i) {
    const bool permitted = i % 3 == 0;
    text += request(permitted ? "XB" : "XC") + "\n";
    if (i % 5 == 0) text += i % 2 == 0 ? "\n" : " \t\r\n";  // blank lines ask nothing
    expected.emplace_back(permitted ? "permitted" : "no-basis");
  }
  text.pop_back();
  const auto answers = answers_to(text);
  EXPECT_EQ(answers.exit_code, 0);
  ASSERT_EQ(answers.verdicts.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_EQ(answers.verdict(i), expected[i]) << i;
  EXPECT_TRUE(answers_to("").verdicts.empty());
}

TEST(TreatyCommand, ABadLineIsAnsweredInItsPlaceWithItsNumber) {
  const auto answers = answers_to(request("XB") + "\n{\n\n" + request("XB") + "\n" +
                                  R"({"from":"XA","unheard":1})" + "\n17\n" + request("XB") + "\n");
  EXPECT_EQ(answers.exit_code, 2);
  ASSERT_EQ(answers.verdicts.size(), 6U);
  for (const std::size_t good : {0U, 2U, 5U}) EXPECT_EQ(answers.verdict(good), "permitted") << good;
  for (const auto& [bad, line] : std::vector<std::pair<std::size_t, std::string>>{
           {1, "line 2"}, {3, "line 5"}, {4, "line 6"}}) {
    EXPECT_EQ(answers.verdict(bad), "invalid-request");
    EXPECT_NE(answers.reason(bad).find(line), std::string::npos) << answers.reason(bad);
  }
  for (const auto* line : {R"({"from":"XA","unheard":1})", "[]", "x"}) {
    EXPECT_EQ(answers_to(line).exit_code, 2) << line;
  }
  EXPECT_EQ(answers_to(request("QQ")).exit_code, 2);
}

TEST(TreatyCommand, ALineMayBeAsLongAsItsBoundAndNoLonger) {
  const auto ask = request("XB");
  const auto padded = ask + std::string(line_bytes_max - ask.size(), ' ');
  EXPECT_EQ(padded.size(), line_bytes_max);
  const auto answers = answers_to(padded + "\n" + padded + " \n" + ask + "\n");
  EXPECT_EQ(answers.exit_code, 2);
  ASSERT_EQ(answers.verdicts.size(), 3U);
  EXPECT_EQ(answers.verdict(0), "permitted");
  EXPECT_EQ(answers.verdict(1), "invalid-request");
  EXPECT_NE(answers.reason(1).find("line 2"), std::string::npos);
  EXPECT_EQ(answers.verdict(2), "permitted");
}

TEST(TreatyCommand, AnOutputThatCannotBeWrittenIsAnError) {
  std::istringstream in(request("XB"));
  std::ostringstream out;
  out.setstate(std::ios::badbit);
  const auto written = decide_lines(*law(), in, out);
  ASSERT_FALSE(written.has_value());
  EXPECT_EQ(written.error().kind, ErrorKind::Unavailable);
}

TEST(TreatyCommand, ChecksTheShippedRegisterAndNamesWhatIsWrong) {
  const auto good = must(check_register(shipped));
  EXPECT_EQ(good.exit_code, 0) << good.text;
  EXPECT_TRUE(good.data.find("problems")->array()->empty());
  EXPECT_EQ(good.data.text("register"),
            digest_text(must(load_law({shipped, std::nullopt}))->model().digest));
  test::TemporaryDirectory directory;
  std::filesystem::copy(shipped, directory.file("r"), std::filesystem::copy_options::recursive);
  must(write_file(directory.file("r/exercises/bad.toml"), "[[assume]]\nid = 1\n"));
  const auto bad = must(check_register(directory.file("r")));
  EXPECT_EQ(bad.exit_code, 1);
  EXPECT_NE(bad.text.find("exercises/bad.toml:"), std::string::npos) << bad.text;
  EXPECT_FALSE(check_register(directory.file("none")).has_value());
  EXPECT_FALSE(load_law({shipped, "none"}).has_value());
}

TEST(TreatyCommand, ShowsInstrumentsAndAudiences) {
  const auto sheet = must(show_instrument(*law(), "xa-xb-2024"));
  EXPECT_TRUE(sheet.text.starts_with("EXERCISE demo"));
  EXPECT_NE(sheet.text.find("Art. 3"), std::string::npos);
  const auto unknown = show_instrument(*law(), "xa-xb");
  ASSERT_FALSE(unknown.has_value());
  EXPECT_EQ(unknown.error().kind, ErrorKind::NotFound);
  EXPECT_NE(unknown.error().message.find("xa-xb-2024"), std::string::npos);
  const auto all = must(audience(*law(), arguments(request("XB"))));
  EXPECT_EQ(all.exit_code, 0);
  std::size_t permitted = 0;
  for (const auto& row : *all.data.find("parties")->array()) {
    EXPECT_NE(row.text("party"), "XA");
    permitted += row.find("verdict")->text("verdict") == "permitted";
  }
  EXPECT_EQ(permitted, 1U);
  EXPECT_EQ(must(audience(*law(), arguments(request("XB", "malware-sample")))).exit_code, 1);
  EXPECT_EQ(must(decide(*law(), arguments(request("XB")))).exit_code, 0);
  EXPECT_EQ(must(decide(*law(), arguments(request("XC")))).exit_code, 1);
  EXPECT_EQ(must(decide(*law(), arguments(request("QQ")))).exit_code, 2);
}

}  // namespace
}  // namespace comity::node
