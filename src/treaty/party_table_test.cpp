// Tables of party status: what is read, what is refused with its place, and that a file changes in
// nothing else.
#include "treaty/party_table.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <random>

#include "base/file.h"
#include "base/test_source_dir.h"
#include "base/test_support.h"
#include "treaty/csv.h"
#include "treaty/party_edit.h"
#include "treaty/test_register.h"

namespace comity::treaty {
namespace {

std::vector<std::vector<std::string>> cells(const std::string& text) {
  ProblemList problems;
  std::vector<std::vector<std::string>> out;
  for (const auto& row : parse_csv("t.csv", text, problems)) {
    auto& line = out.emplace_back();
    for (const auto& cell : row) line.push_back(cell.text);
  }
  for (const auto& one : problems.finish()) out.push_back({one.text()});
  return out;
}
using Cells = std::vector<std::vector<std::string>>;

TEST(Csv, IsReadAsTheStandardHasIt) {
  EXPECT_EQ(cells(""), Cells{});
  EXPECT_EQ(cells("a"), (Cells{{"a"}}));
  EXPECT_EQ(cells("a,b\nc,d\n"), (Cells{{"a", "b"}, {"c", "d"}}));
  EXPECT_EQ(cells("a,b\r\nc,d"), (Cells{{"a", "b"}, {"c", "d"}}));
  EXPECT_EQ(cells("a,\n,b\n"), (Cells{{"a", ""}, {"", "b"}}));
  EXPECT_EQ(cells("\"a\",\"b,\"\"c\"\"\"\r\n\"\",d\n"), (Cells{{"a", "b,\"c\""}, {"", "d"}}));
  EXPECT_EQ(cells(" a , b\n"), (Cells{{" a ", " b"}})) << "blanks belong to a cell";
  EXPECT_EQ(cells("\xef\xbb\xbf"
                  "a\n"),
            (Cells{{"a"}}))
      << "as spreadsheets write it";
}

TEST(Csv, WhatIsNoTableIsRefusedWithItsPlace) {
  for (const auto& [text, problem] : std::vector<std::pair<std::string, std::string>>{
           {"a,b\nc\n", "t.csv:2:1: a line of 1 cells; expected 2, as in the first line"},
           {"a\n\nb\n", ""},
           {"a,b\n\n", "t.csv:2:1: a line of 1 cells"},
           {"a\"b\n", "t.csv:1:2: a quote within a cell"},
           {"\"a\"b\n", "t.csv:1:4: text behind a closing quote"},
           {"x,\"a", "t.csv:1:3: a quote that is never closed"},
           {"\"a", "t.csv:1:1: a quote that is never closed"},
           {"a\tb\n", "t.csv:1:2: a tab; expected commas between the cells"},
           {"\"a\nb\"\n", "t.csv:1:3: a cell of several lines"},
           {"a\rb\n", "t.csv:1:2: a control character"},
           {"a\n\xc3\xa9\n", "t.csv:2:1: a character beyond ASCII"},
           {std::string("a\0b", 3), "t.csv:1:2: a control character"}}) {
    const auto found = cells(text);
    if (problem.empty()) continue;
    ASSERT_EQ(found.size(), 1U) << text;
    EXPECT_TRUE(found[0][0].starts_with(problem)) << found[0][0];
  }
}

TEST(Csv, IsBounded) {
  const std::string longest(csv_cell_bytes_max, 'x');
  EXPECT_EQ(cells(longest), Cells{{longest}});
  EXPECT_NE(cells(longest + "x")[0][0].find("at most 256 characters"), std::string::npos);
  std::string wide = "x";
  for (std::size_t i = 1; i < csv_cells_max; ++i) wide += ",x";
  EXPECT_EQ(cells(wide)[0].size(), csv_cells_max);
  EXPECT_NE(cells(wide + ",x")[0][0].find("one cell too many"), std::string::npos);
  std::string tall;
  for (std::size_t i = 0; i < csv_rows_max; ++i) tall += "x\n";
  EXPECT_EQ(cells(tall).size(), csv_rows_max);
  EXPECT_NE(cells(tall + "x\n")[0][0].find("1026:1: one line too many"), std::string::npos);
  EXPECT_NE(cells(std::string(csv_bytes_max + 1, 'x'))[0][0].find("at most 1048576"),
            std::string::npos);
}

// ---- reading -------------------------------------------------------------------------------

const Model& model() {
  static const auto loaded = load_register(test::good_register(), std::nullopt);
  return **loaded;
}

std::string problems_of(const std::string& csv) {
  ProblemList problems;
  read_party_table("t.csv", csv, model(), problems);
  return as_error(problems.finish()).message;
}

TEST(PartyTable, IsRead) {
  ProblemList problems;
  const auto rows = read_party_table("t.csv",
                                     "provenance,code,in_force,consented,consent,until,status\n"
                                     "F8,XC,2024-06-15,2024-05,accession,,party\n"
                                     "X K:l,XA,by-rule,,,2030,unknown\n",
                                     model(), problems);
  ASSERT_EQ(problems.count(), 0U) << as_error(problems.finish()).message;
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].code, "XA");
  EXPECT_EQ(rows[0].line, 3);
  EXPECT_EQ(rows[0].values.at("in_force"), "\"by-rule\"");
  EXPECT_EQ(rows[0].values.at("until"), "\"2030\"");
  EXPECT_EQ(rows[0].values.at("consented"), "");
  EXPECT_EQ(rows[0].values.at("provenance"), "\"X K:l\"");
  EXPECT_EQ(rows[1].values.at("in_force"), "2024-06-15");
  EXPECT_EQ(rows[1].values.at("consented"), "\"2024-05\"");
  EXPECT_EQ(rows[1].values.at("status"), "\"party\"");
}

TEST(PartyTable, EveryMistakeHasItsLineAndColumn) {
  for (const auto& [csv, problem] : std::vector<std::pair<std::string, std::string>>{
           {"", "t.csv:1:1: an empty table"},
           {"code;provenance\nXA;X\n", "t.csv:1:1: the column 'code;provenance'; expected commas"},
           {"code,provenance,colour\nXA,X,red\n", "t.csv:1:17: the column 'colour'"},
           {"code,provenence\nXA,X\n",
            "t.csv:1:6: the column 'provenence'; expected one of code, "
            "signed, consented, consent, in_force, until, status, provenance; did you mean "
            "'provenance'?"},
           {"code,code,provenance\nXA,XA,X\n", "t.csv:1:6: a second column 'code'"},
           {"provenance,status\nX,party\n", "t.csv:1:1: no column 'code'"},
           {"code\nXA\n", "t.csv:1:1: no column 'provenance'"},
           {"code,provenance\nXQ,X\n", "t.csv:2:1: the code 'XQ'; expected a code of parties.toml"},
           {"code,provenance\n XA,X\n", "t.csv:2:1: the code ' XA'"},
           {"code,provenance\nXA,X\nXB,X\nXA,X\n",
            "t.csv:4:1: XA for a second time; the first is in line 2"},
           {"code,provenance\nXA,\n", "t.csv:2:4: 'provenance' is ''"},
           {"code,provenance\nXA,hearsay\n", "t.csv:2:4: 'provenance' is 'hearsay'"},
           {"code,in_force,provenance\nXA,2024-02-30,X\n", "t.csv:2:4: 'in_force' is '2024-02-30'"},
           {"code,in_force,provenance\nXA,1.6.2024,X\n", "t.csv:2:4: 'in_force' is '1.6.2024'"},
           {"code,in_force,provenance\nXA,2024-13,X\n", "t.csv:2:4: 'in_force' is '2024-13'"},
           {"code,in_force,provenance\nXA,2024-6,X\n", "t.csv:2:4: 'in_force' is '2024-6'"},
           {"code,in_force,provenance\nXA,1799-01-01,X\n", "a year from 1800 to 2199"},
           {"code,in_force,provenance\nXA,2200,X\n", "a year from 1800 to 2199"},
           {"code,signed,provenance\nXA,by-rule,X\n", "t.csv:2:4: 'signed' is 'by-rule'"},
           {"code,status,provenance\nXA,member,X\n", "t.csv:2:4: 'status' is 'member'"},
           {"code,status,provenance\nXA,,X\n", "one of party, not-party, unknown"},
           {"code,consent,provenance\nXA,wish,X\n", "t.csv:2:4: 'consent' is 'wish'"},
           {"code,consent,consented,provenance\nXA,accession,,X\n",
            "t.csv:2:1: XA has 'consent' without 'consented'"}}) {
    EXPECT_NE(problems_of(csv).find(problem), std::string::npos) << csv << "\n" << problems_of(csv);
  }
  const auto two = problems_of("code,in_force,provenance\nXQ,2024-13,X\nXA,soon,hearsay\n");
  EXPECT_EQ(std::count(two.begin(), two.end(), '\n'), 3) << two << "all mistakes, not the first";
}

// ---- editing -------------------------------------------------------------------------------

const std::string head = R"(# What comes before stays.
[instrument]
id = "xa-xb-2024"
title.en = "Agreement – of Alpha and Beta"
form = "agreement"
category = "intergovernmental"
binding = "binding"
level_claims = [{ level = "bilateral", by = "atlas", source = "S" }]
provenance = "X"
verification = "unverified"
)";
const std::string tail = R"(
# The clauses.
[[clause]]
id = "a1"
article = "Art. 1"
status = "unverified"
provenance = "X"
verb = "define"
)";
const std::string two_parties = R"(
# Alpha was first.
[[party]]
code = "XA"              # the host
in_force = 2024-06-01    # by notice
until = "2030"           # as agreed
provenance = "X"
verification = "checked-by-1"

[[party]]
code = "XC"
provenance = "F8"
verification = "unverified"
)";

RegisterFiles files_with(const std::string& parties) {
  auto files = test::good_register();
  files[test::treaty_file] = head + parties + tail;
  files.erase("arrangements/xa.toml");
  files.erase("designations/xa.toml");
  files.erase("exercises/demo.toml");
  return files;
}

PartyEdit imported(const std::string& parties, const std::string& csv) {
  const auto edit = import_parties(files_with(parties), test::treaty_file, "t.csv", csv);
  if (!edit) {
    ADD_FAILURE() << as_error(edit.error()).message;
    return {};
  }
  return *edit;
}

std::string rows_of(const PartyEdit& edit) {
  std::string out;
  for (const auto& one : edit.changes) {
    out += fmt::format("{} {}: {} -> {}\n", one.code, one.key, one.before, one.after);
  }
  return out;
}

TEST(PartyEdit, ChangesWhatTheTableSaysAndNothingElse) {
  const auto edit = imported(two_parties,
                             "code,in_force,until,consented,provenance\n"
                             "XA,2024-07-01,,2024-05-05,F8\n"
                             "XB,2024,,,X\n");
  EXPECT_EQ(edit.text, head + R"(
# Alpha was first.
[[party]]
code = "XA"              # the host
in_force = 2024-07-01    # by notice
# as agreed
consented = 2024-05-05
provenance = "F8"
verification = "unverified"

[[party]]
code = "XB"
in_force = "2024"
provenance = "X"
verification = "unverified"

[[party]]
code = "XC"
provenance = "F8"
verification = "unverified"
)" + tail);
  EXPECT_EQ(rows_of(edit),
            "XA consented:  -> 2024-05-05\nXA in_force: 2024-06-01 -> 2024-07-01\n"
            "XA provenance: \"X\" -> \"F8\"\nXA until: \"2030\" -> \n"
            "XA verification: \"checked-by-1\" -> \"unverified\"\n"
            "XB in_force:  -> \"2024\"\nXB provenance:  -> \"X\"\n"
            "XB verification:  -> \"unverified\"\n");
  EXPECT_EQ(edit.added, std::vector<std::string>{"XB"});
  EXPECT_EQ(edit.not_listed, std::vector<std::string>{"XC"});
  EXPECT_TRUE(edit.unchanged.empty());
}

TEST(PartyEdit, TheSameAgainChangesNothing) {
  const std::string csv =
      "code,in_force,until,status,provenance\nXA,2024-06-01,2030,party,X\nXC,,,party,F8\n";
  const auto edit = imported(two_parties, csv);
  EXPECT_TRUE(edit.changes.empty()) << rows_of(edit);
  EXPECT_EQ(edit.text, head + two_parties + tail);
  EXPECT_EQ(edit.unchanged, (std::vector<std::string>{"XA", "XC"}));
}

TEST(PartyEdit, NewPartiesStandInOrderOfCodes) {
  const std::string alpha =
      "\n[[party]]\ncode = \"XA\"\nprovenance = \"X\"\nverification = \"unverified\"\n";
  const auto behind = imported(alpha, "code,provenance,status\nXC,X,party\nXB,X,unknown\n");
  EXPECT_EQ(behind.text, head + alpha + R"(
[[party]]
code = "XB"
status = "unknown"
provenance = "X"
verification = "unverified"

[[party]]
code = "XC"
provenance = "X"
verification = "unverified"
)" + tail);
  const auto first = imported("", "code,in_force,provenance\nXB,2024-06-01,X\n");
  EXPECT_EQ(first.text, head + R"(
[[party]]
code = "XB"
in_force = 2024-06-01
provenance = "X"
verification = "unverified"
)" + tail);
}

TEST(PartyEdit, LinesEndAsTheyDid) {
  auto files = files_with(two_parties);
  std::string text;
  for (const char c : files[test::treaty_file]) text += c == '\n' ? "\r\n" : std::string(1, c);
  files[test::treaty_file] = text;
  const auto edit =
      import_parties(files, test::treaty_file, "t.csv", "code,until,provenance\nXA,,X\n");
  ASSERT_TRUE(edit) << as_error(edit.error()).message;
  EXPECT_EQ(std::count(edit->text.begin(), edit->text.end(), '\n'),
            std::count(edit->text.begin(), edit->text.end(), '\r'));
}

TEST(PartyEdit, WhatWouldNotLoadIsToldAtItsRow) {
  const auto refused = [](const std::string& parties, const std::string& csv) {
    const auto edit = import_parties(files_with(parties), test::treaty_file, "t.csv", csv);
    return edit ? "" : as_error(edit.error()).message;
  };
  EXPECT_EQ(refused(two_parties, "code,in_force,until,provenance\nXC,2024-06-01,2024-05-01,X\n"),
            "t.csv:2:1: the end 2024-05-01 is not after the beginning 2024-06-01; expected 'until' "
            "after 'in_force'");
  EXPECT_NE(refused(two_parties, "code,in_force,provenance\nXC,by-rule,X\n")
                .find("t.csv:2:1: 'in_force' is 'by-rule'"),
            std::string::npos);
  EXPECT_NE(refused("", "code,provenance\nXQ,X\n").find("t.csv:2:1: the code 'XQ'"),
            std::string::npos);
  // The table takes away what another key needs.
  EXPECT_NE(refused("\n[[party]]\ncode = \"XA\"\nconsented = 2024-01-01\nconsent = \"accession\"\n"
                    "provenance = \"X\"\nverification = \"unverified\"\n",
                    "code,consented,provenance\nXA,,X\n")
                .find("t.csv:2:1: [[party]] has no 'consented'"),
            std::string::npos);
}

TEST(PartyEdit, OtherLayoutsAreRefused) {
  const auto refused = [](const std::string& file) {
    auto files = files_with("");
    files[test::treaty_file] = file;
    const auto edit =
        import_parties(files, test::treaty_file, "t.csv", "code,until,provenance\nXA,2031,X\n");
    return edit ? "" : as_error(edit.error()).message;
  };
  EXPECT_NE(refused("party = [{ code = \"XA\", provenance = \"X\", verification = "
                    "\"unverified\" }]\n" +
                    head)
                .find("a party that stands within a list"),
            std::string::npos);
  EXPECT_NE(refused(head + "\n[[party]]\ncode = \"XA\"\nuntil = '''2030'''\nprovenance = \"X\"\n"
                           "verification = \"unverified\"\n")
                .find("in whose layout"),
            std::string::npos);
}

// Random tables into random layouts: the parties say what the table says, the rest is what it was,
// and the same table again changes nothing.
TEST(PartyEdit, AnyTableIntoAnyFile) {
  const char* seed_text = std::getenv("COMITY_SEED");
  const auto seed = seed_text == nullptr ? 1UL : std::strtoul(seed_text, nullptr, 10);
  std::mt19937_64 random(seed);
  const auto one_of = [&](const std::vector<std::string>& list) {
    return list[random() % list.size()];
  };
  const std::vector<std::string> codes = {"UNION", "XA", "XB", "XC"};
  const std::vector<std::string> dates = {"2024-06-01", "2024-02-29", "2023", "2022-07", ""};
  const auto toml = [](const std::string& date) {
    return date.size() == 10 ? date : '"' + date + '"';
  };
  const auto rounds = std::max<std::size_t>(20, 2'000 / comity::test::scale());
  for (std::size_t round = 0; round < rounds; ++round) {
    SCOPED_TRACE(fmt::format("seed {}, round {}", seed, round));
    std::string parties, csv = "code,signed,in_force,status,provenance\n";
    std::map<std::string, std::string> expected;
    for (const auto& code : codes) {
      if (random() % 2 == 0) {
        std::vector<std::string> keys = {"provenance = \"F8\"", "verification = \"checked-by-1\""};
        for (const char* key : {"signed", "in_force"}) {
          const auto date = one_of(dates);
          if (!date.empty()) keys.push_back(fmt::format("{} = {}", key, toml(date)));
        }
        std::shuffle(keys.begin(), keys.end(), random);
        parties += one_of({"\n", "\n\n", "\n# é – a remark\n"}) + "[[party]]\ncode = \"" + code +
                   "\"" + one_of({"", "  # é"}) + "\n";
        for (const auto& key : keys) parties += key + one_of({"", " # why", "\n"}) + "\n";
      }
      if (random() % 2 == 0) {
        const auto in_force = one_of(dates);
        csv += fmt::format("{},{},{},{},{}\n", code, one_of(dates), in_force,
                           one_of({"party", "unknown"}), one_of({"X", "F8", "K:h"}));
        expected[code] = in_force;
      }
    }
    const auto edit = import_parties(files_with(parties), test::treaty_file, "t.csv", csv);
    ASSERT_TRUE(edit) << as_error(edit.error()).message << parties << csv;
    auto files = files_with(parties);
    files[test::treaty_file] = edit->text;
    const auto after = load_register(files, std::nullopt);
    ASSERT_TRUE(after) << as_error(after.error()).message;
    const auto& instrument = (*after)->instruments.at(1);
    for (const auto& [code, in_force] : expected) {
      const auto* entry = instrument.entry(*(*after)->party(code));
      ASSERT_NE(entry, nullptr) << code;
      EXPECT_EQ(entry->in_force ? entry->in_force->written : "", in_force) << code;
    }
    EXPECT_EQ(edit->changes.empty(), edit->text == head + parties + tail);
    for (const char* comment : {"# é", "# why", "# The clauses."}) {
      const auto count = [&](const std::string& text) {
        int found = 0;
        for (auto at = text.find(comment); at != std::string::npos;
             at = text.find(comment, at + 1)) {
          ++found;
        }
        return found;
      };
      EXPECT_EQ(count(edit->text), count(head + parties + tail)) << comment;
    }
    const auto again = import_parties(files, test::treaty_file, "t.csv", csv);
    ASSERT_TRUE(again);
    EXPECT_TRUE(again->changes.empty()) << rows_of(*again);
    EXPECT_EQ(again->text, edit->text);
  }
}

// The chart of the depositary into the shipped convention: it is there already, so nothing changes.
TEST(PartyEdit, TheChartOfTheBudapestConventionIsTheShippedFile) {
  const auto files = comity::test::must(read_register(comity::test::source_path("register")));
  const auto chart = comity::test::must(
      read_file(comity::test::source_path("tests/data/budapest-parties.tsv"), 64 * 1024));
  std::string csv;
  for (std::size_t at = 0; at < chart.size();) {
    const auto end = std::min(chart.find('\n', at), chart.size());
    auto line = chart.substr(at, end - at);
    at = end + 1;
    if (line.starts_with('#')) continue;
    std::replace(line.begin(), line.end(), '\t', ',');
    csv += line + (line.starts_with("code,") ? ",provenance\n" : ",F59\n");
  }
  const auto edit = import_parties(files, "instruments/global/coe-185.toml", "chart.csv", csv);
  ASSERT_TRUE(edit) << as_error(edit.error()).message;
  EXPECT_TRUE(edit->changes.empty()) << rows_of(*edit);
  EXPECT_EQ(edit->unchanged.size(), 81U);
  EXPECT_EQ(edit->not_listed, (std::vector<std::string>{"IE", "ZA"}));
  // One day in it is wrong by its own rule, and told at its row.
  const std::string day = "2017-03-01";
  csv.replace(csv.find(day), day.size(), "2017-04-01");
  const auto wrong = import_parties(files, "instruments/global/coe-185.toml", "chart.csv", csv);
  ASSERT_FALSE(wrong);
  EXPECT_EQ(as_error(wrong.error()).message,
            "chart.csv:2:1: 'in_force' of AD is 2017-04-01, consented 2016-11-16; expected "
            "2017-03-01, by the rule of entry into force");
}

}  // namespace
}  // namespace comity::treaty
