// Every case of tests/golden/treaty on both engines, and the runner itself.
#include <gtest/gtest.h>

#include "base/test_source_dir.h"
#include "treaty/golden_case_test.h"

namespace comity::treaty {
namespace {

using test::GoldenFile;
using test::GoldenPlace;

const GoldenPlace& place() {
  static const GoldenPlace value = {comity::test::source_path("register"),
                                    comity::test::source_path("tests/golden/treaty")};
  return value;
}

// One case, or what is wrong with its file.
struct Param {
  std::string name;
  std::shared_ptr<const GoldenFile> file;
  std::size_t index = 0;
  std::string problem;
};

std::string test_name(std::string text) {
  for (auto& c : text) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
  }
  return text;
}

std::vector<Param> all_cases() {
  std::vector<Param> params;
  const auto names = list_files(place().case_directory, ".case");
  if (!names || names->empty()) {
    return {{"directory", nullptr, 0, names ? "there is no case file" : names.error().text()}};
  }
  for (const auto& name : *names) {
    const auto stem = test_name(name.substr(0, name.size() - 5));
    const auto text = read_file(place().case_directory + "/" + name, test::golden_bytes_max);
    const auto file =
        text ? test::read_golden_file(name, *text) : tl::unexpected<Error>(text.error());
    if (!file) {
      params.push_back({stem + "_malformed", nullptr, 0, file.error().text()});
      continue;
    }
    const auto shared = std::make_shared<const GoldenFile>(*file);
    for (std::size_t i = 0; i < file->cases.size(); ++i) {
      params.push_back({stem + "_" + file->cases[i].number, shared, i, ""});
    }
  }
  return params;
}

class GoldenCaseTest : public testing::TestWithParam<Param> {};

TEST_P(GoldenCaseTest, Holds) {
  const auto& param = GetParam();
  ASSERT_EQ(param.problem, "");
  const auto& one = param.file->cases[param.index];
  for (const auto& wrong : test::run_golden_case(place(), *param.file, one)) {
    ADD_FAILURE() << "case " << one.number << ": " << one.title << "\n" << wrong;
  }
}

INSTANTIATE_TEST_SUITE_P(Golden, GoldenCaseTest, testing::ValuesIn(all_cases()),
                         [](const auto& test) { return test.param.name; });

// --- The runner ---------------------------------------------------------------------------------

const std::string head =
    "title: Made up\ninstruments: xa-xb-2024\n"
    "defaults: area=threat-information purpose=warning tlp=green at=2024-09-01\n";

std::vector<std::string> run(const std::string& body) {
  const auto file = test::read_golden_file("made-up.case", head + body);
  if (!file) return {file.error().text()};
  std::vector<std::string> out;
  for (const auto& one : file->cases) {
    for (const auto& wrong : test::run_golden_case(place(), *file, one)) {
      out.push_back(wrong.substr(0, wrong.find("\n  got {\"verdict\":\"")));
    }
  }
  return out;
}

const std::string ask = "  ask: from=XA to=XB info=indicator\n  verdict: needs\n";

using Lines = std::vector<std::string>;

TEST(GoldenRunnerTest, AcceptsWhatHolds) {
  EXPECT_EQ(run("case 1: x\n" + ask +
                "  basis: xa-xb-2024 a3\n  needs: verification \"a3\"\n"
                "  needs: verification from=XA\n"),
            Lines{"made-up.case:9: needs: verification from=XA"})
      << "the need is from two legal advisers of XA, not from XA";
  EXPECT_EQ(run("case 1: x  # words\n# a line\n\n" + ask +
                "  basis: xa-xb-2024 a3\n  not-needs: consent\n  reasons: none\n  duties: none\n"
                "  advice: none\n  asserts: none\n  assumed: none\n"),
            Lines{});
  EXPECT_EQ(run("case 1: x\n  given: verified instrument=xa-xb-2024 clause=a3\n"
                "  ask: from=XA to=XB info=indicator\n  verdict: permitted\n"),
            Lines{});
}

TEST(GoldenRunnerTest, NoticesEachUnmetExpectation) {
  EXPECT_EQ(run("case 1: x\n  ask: from=XA to=XB info=indicator\n  verdict: permitted\n"),
            Lines{"made-up.case:4: verdict: permitted"});
  for (const std::string line :
       {"needs: consent", "needs: none", "needs: verification \"a4\"", "not-needs: verification",
        "basis: none", "basis: xa-xb-2024 a9", "reasons: tlp", "duties: a4",
        "advice: un-poc p-contact", "asserts: urgent", "assumed: unverified"}) {
    EXPECT_EQ(run("case 1: x\n" + ask + "  " + line + "\n"), Lines{"made-up.case:7: " + line});
  }
  // The second of two bases must come after the first.
  EXPECT_EQ(run("case 1: x\n" + ask + "  basis: xa-xb-2024 a3\n  basis: xa-xb-2024 a3\n"),
            Lines{"made-up.case:8: basis: xa-xb-2024 a3"});
}

TEST(GoldenRunnerTest, ComparesTheDayOfADuty) {
  const std::string notify =
      "case 1: x\n  given: verified instrument=xa-xb-2024 clause=a4\n"
      "  ask: from=XA to=XB action=notify info=poc-data\n  verdict: permitted\n  duties: ";
  EXPECT_EQ(run(notify + "a4 due 2024-07-31 overdue\n"), Lines{});
  for (const std::string line : {"a4 due 2024-07-31", "a4 due 2024-08-01 overdue", "a4"}) {
    EXPECT_EQ(run(notify + line + "\n"), Lines{"made-up.case:8: duties: " + line});
  }
}

TEST(GoldenRunnerTest, RefusesAMalformedFile) {
  const auto refused = [](const std::string& body, const std::string& error) {
    EXPECT_EQ(run(body), Lines{error}) << body;
  };
  refused("", "made-up.case:3: the file has no case");
  refused("case one: x\n", "made-up.case:4: expected 'case NUMBER: title'");
  refused("case 1: x\n" + ask + "case 1: y\n", "made-up.case:7: a second case 1");
  refused("case 1: x\n", "made-up.case:4: case 1 asks nothing");
  refused("case 1: x\n  ask: from=XA to=XB\n", "made-up.case:5: case 1 has no verdict");
  refused("case 1: x\n  verdict: needs\n", "made-up.case:5: verdict stands before ask");
  refused("case 1: x\n" + ask + "  verdict: needs\n",
          "made-up.case:7: a second verdict in one case");
  refused("case 1: x\n" + ask + ask, "made-up.case:7: a second ask in one case");
  refused("case 1: x\n" + ask + "  given: verified instrument=a clause=b\n",
          "made-up.case:7: given stands before ask");
  refused("case 1: x\n" + ask + "  colour: red\n", "made-up.case:7: unknown key of a case: colour");
  refused("case 1: x\n" + ask + "  needs\n", "made-up.case:7: expected 'key: …', found:   needs");
  refused("case 1: x\n" + ask + "  needs:\n", "made-up.case:7: nothing follows needs");
  refused("case 1: x\n" + ask + "  basis: xa-xb-2024\n",
          "made-up.case:7: 1 words do not fit 'basis'");
  refused("case 1: x\n" + ask + "  not-needs: none\n",
          "made-up.case:7: 1 words do not fit 'not-needs'");
  refused("case 1: x\n" + ask + "  basis: a \"b\"\n",
          "made-up.case:7: no text in quotation marks is expected here: a \"b\"");
  refused("case 1: x\n  ask: from=XA to=XB colour=red\n",
          "made-up.case:5: unknown key of ask: colour");
  refused("case 1: x\n  ask: from=XA\n", "made-up.case:5: the question lacks to");
  refused("case 1: x\n  ask: from=XA to=XB under=nothing\n",
          "made-up.case:5: under: found 'nothing', expected a form like ru-cn-2015:RU (instrument "
          "and originator) or ru-cn-2015:RU@2026-11-23 (and when)");
  refused("case 1: x\n  ask: from=XA to=XB\n  verdict: perhaps\n",
          "made-up.case:6: no verdict: perhaps");
  refused("case 1: x\n  given: weather party=XA\n", "made-up.case:5: unknown given: weather");
  refused("case 1: x\n  given: designation party=XA\n",
          "made-up.case:5: given designation lacks instrument");
  refused("title: again\ncase 1: x\n", "made-up.case:4: a second line title");
  refused("colour: red\n", "made-up.case:4: unknown key before the first case: colour");
}

TEST(GoldenRunnerTest, SaysWhatIsMissingInTheRegister) {
  EXPECT_EQ(run("extra: nowhere.toml\ncase 1: x\n" + ask).size(), 1U);
  EXPECT_EQ(run("case 1: x\n  given: verified instrument=xa-xb-2024 clause=a99\n" + ask),
            Lines{"made-up.case:4: given verified names a clause that is not loaded"});
  const auto file =
      test::read_golden_file("made-up.case",
                             "title: x\ninstruments: xa-xb-1999\ncase 1: x\n  ask: from=XA to=XB "
                             "at=2024-01-01\n  verdict: needs\n");
  ASSERT_TRUE(file.has_value());
  EXPECT_EQ(test::run_golden_case(place(), *file, file->cases[0]),
            Lines{"made-up.case:3: the register has no instrument xa-xb-1999"});
}

}  // namespace
}  // namespace comity::treaty
