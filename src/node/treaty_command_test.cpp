#include "node/treaty_command.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <sstream>

#include "base/test_source_dir.h"
#include "json/write.h"
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
  EXPECT_TRUE(good.text.ends_with("\n0 problems, 0 facts without provenance\n")) << good.text;
  EXPECT_EQ(*good.data.find("without_provenance")->integer(), 0);
  EXPECT_EQ(good.data.text("register"),
            digest_text(must(load_law({shipped, std::nullopt}))->model().digest));
  test::TemporaryDirectory directory;
  std::filesystem::copy(shipped, directory.file("r"), std::filesystem::copy_options::recursive);
  must(write_file(directory.file("r/exercises/bad.toml"), "[[assume]]\nid = 1\n"));
  const auto bad = must(check_register(directory.file("r")));
  EXPECT_EQ(bad.exit_code, 1);
  EXPECT_NE(bad.text.find("exercises/bad.toml:"), std::string::npos) << bad.text;
  EXPECT_FALSE(check_register(directory.file("none")).has_value());
  // A date, a party and a clause that do not say where they are from.
  const auto agreement = directory.file("r/instruments/bilateral/xa-xb-2024.toml");
  auto text = must(read_file(agreement, 1024 * 1024));
  for (const auto* line :
       {"signed_provenance = \"X\"\n", "in_force = 2024-06-01\nprovenance = \"X\"\n",
        "status = \"unverified\"\nprovenance = \"X\"\n"}) {
    const auto at = text.find(line);
    ASSERT_NE(at, std::string::npos) << line;
    const std::string_view whole(line);
    const auto key = whole.find("signed_provenance") == 0 ? 0 : whole.find("provenance");
    text.erase(at + key, whole.size() - key);
  }
  must(write_file(agreement, text));
  must(remove_file(directory.file("r/exercises/bad.toml")));
  const auto unsourced = must(check_register(directory.file("r")));
  EXPECT_EQ(unsourced.exit_code, 1);
  EXPECT_TRUE(unsourced.text.ends_with("\n3 problems, 3 facts without provenance\n"))
      << unsourced.text;
  EXPECT_NE(unsourced.text.find("xa-xb-2024.toml:"), std::string::npos);
  EXPECT_EQ(*unsourced.data.find("without_provenance")->integer(), 3);
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

TEST(TreatyCommand, AnswersInTheLanguageThatIsAskedFor) {
  const auto arabic = must(words_of("ar"));
  const auto sheet = must(show_instrument(*law(), "xa-xb-2024", &arabic));
  EXPECT_NE(sheet.text.find("الأطراف"), std::string::npos) << sheet.text;
  EXPECT_EQ(sheet.data.text("language"), "ar");
  EXPECT_EQ(sheet.data.text("id"), "xa-xb-2024");
  const auto plain = must(decide(*law(), arguments(request("XB"))));
  const auto said = must(decide(*law(), arguments(request("XB")), &arabic));
  EXPECT_EQ(said.exit_code, plain.exit_code);
  EXPECT_NE(said.text.find("مسموح"), std::string::npos) << said.text;
  // What machines read is the same, and what was said stands behind it.
  auto data = *said.data.object();
  EXPECT_EQ(data.find("said")->array()->size(),
            static_cast<std::size_t>(std::count(said.text.begin(), said.text.end(), '\n')) - 1);
  data.erase("said");
  data.erase("language");
  EXPECT_EQ(json::write(data), json::write(plain.data));
  const auto unknown = words_of("xx");
  ASSERT_FALSE(unknown.has_value());
  EXPECT_NE(unknown.error().message.find("ar en"), std::string::npos);
  EXPECT_FALSE(words_asked(arguments(R"({"lang":"xx"})")).has_value());
  EXPECT_FALSE(words_asked(arguments(R"({"lang":1})")).has_value());
  EXPECT_FALSE(must(words_asked(arguments("{}"))).has_value());
  EXPECT_TRUE(must(words_asked(arguments(R"({"lang":"en"})"))).has_value());
}

TEST(TreatyCommand, TheTableOfAnAudienceIsSortedAndWhole) {
  const auto all = must(audience(*law(), arguments(request("XB"))));
  std::istringstream lines(all.text);
  std::string line;
  std::getline(lines, line);
  EXPECT_TRUE(line.starts_with("EXERCISE demo"));
  const std::vector<std::string> order = {"permitted", "needs", "forbidden", "no-basis"};
  std::size_t at = 0;
  std::string text;
  while (std::getline(lines, line)) {
    const auto verdict = line.substr(0, line.find(' '));
    while (at < order.size() && order[at] != verdict) ++at;
    ASSERT_LT(at, order.size()) << line;
    text += line + "\n";
  }
  EXPECT_NE(text.find("permitted    XB"), std::string::npos) << text;
  EXPECT_NE(text.find("xa-xb-2024 Art. 3"), std::string::npos) << text;
  for (const auto& row : *all.data.find("parties")->array()) {
    EXPECT_NE(text.find(row.text("party")), std::string::npos) << row.text("party");
  }
  const auto none = must(audience(*law(), arguments(R"({"from":"XA","info":"unheard"})")));
  EXPECT_EQ(none.exit_code, 2);
  EXPECT_EQ(none.data.text("verdict"), "invalid-request");
}

TEST(TreatyCommand, ADifferenceIsANo) {
  const auto at = must(parse_day_or_instant("2026-11-24"));
  const auto same = must(compare_laws(*law(), *law(), at));
  EXPECT_EQ(same.exit_code, 0);
  test::TemporaryDirectory directory;
  std::filesystem::copy(shipped, directory.file("r"), std::filesystem::copy_options::recursive);
  std::filesystem::remove(directory.file("r/instruments/bilateral/xa-xb-2024.toml"));
  // No other file names that instrument, so the register still loads.
  const auto other = load_law({directory.file("r"), std::nullopt});
  ASSERT_TRUE(other.has_value()) << other.error().text();
  const auto whole = must(load_law({shipped, std::nullopt}));
  const auto differs = must(compare_laws(*whole, **other, at));
  EXPECT_EQ(differs.exit_code, 1);
  EXPECT_NE(differs.text.find("0 cells gained, "), std::string::npos) << differs.text;
  EXPECT_NE(differs.text.find("XA → XB share indicator: needs → no-basis for incident-response, "
                              "warning in csirt-response, threat-information\n"),
            std::string::npos)
      << differs.text;
  // Of content nothing goes without its record of rights, before and after.
  EXPECT_NE(differs.text.find("XA → XB notify poc-data: needs → no-basis for every purpose in "),
            std::string::npos)
      << differs.text;
  std::int64_t lost = 0;
  for (const auto& cell : *differs.data.find("cells")->array()) {
    EXPECT_TRUE(cell.text("action") == "share" || cell.text("action") == "notify");
    EXPECT_NE(cell.text("area"), "content");
    EXPECT_FALSE(cell.text("info").empty());
    ++lost;
  }
  EXPECT_EQ(*differs.data.find("lost")->integer(), lost);
  EXPECT_EQ(lost, 2 * (4 * 2 * 2 + 23 * 9)) << "what Art. 3 lets go, and the bodies of Art. 4";
}

TEST(TreatyCommand, WhatTheAnalysisFindsIsSaidToPeopleAndMachines) {
  test::TemporaryDirectory directory;
  std::filesystem::copy(shipped, directory.file("r"), std::filesystem::copy_options::recursive);
  const auto path = directory.file("r/instruments/bilateral/xa-xb-2024.toml");
  auto text = must(read_file(path, 1U << 20U));
  text +=
      "\n[[clause]]\nid = \"z9\"\narticle = \"Art. 9\"\nstatus = \"unverified\"\n"
      "provenance = \"X\"\nverb = \"permit\"\naction = \"share\"\nbetween = \"parties\"\n"
      "info = [\"state-secret\"]\narea = [\"threat-information\"]\npurpose = [\"warning\"]\n";
  must(write_file(path, text));
  const auto changed = must(load_law({directory.file("r"), std::nullopt}));
  const auto arabic = must(words_of("ar"));
  const auto found = must(analyse_register(*changed, nullptr));
  const auto in_arabic = must(analyse_register(*changed, &arabic));
  EXPECT_EQ(found.exit_code, 1);
  EXPECT_EQ(json::write(found.data), json::write(in_arabic.data));
  EXPECT_NE(found.text.find("xa-xb-2024 z9 (Art. 9) never acts"), std::string::npos) << found.text;
  EXPECT_NE(in_arabic.text.find("لا يُعمل به أبدًا"), std::string::npos);
  bool said = false;
  for (const auto& row : *found.data.find("findings")->array()) {
    EXPECT_FALSE(row.text("en").empty());
    EXPECT_FALSE(row.text("ar").empty());
    said = said || (row.text("kind") == "never-matches" && row.text("clause") == "z9" &&
                    row.text("place").find("xa-xb-2024.toml:") != std::string::npos);
  }
  EXPECT_TRUE(said);
}

}  // namespace
}  // namespace comity::node
