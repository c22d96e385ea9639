#include "stix/checks.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <set>

#include "base/file.h"
#include "base/test_source_dir.h"
#include "base/test_support.h"

namespace comity::stix {
namespace {

using test::must;

Selection selected_by(ValidateOptions options) { return must(Selection::of(options)); }

// Each line of options, and which of the three checks of custom names then run.
TEST(Checks, CustomNamesAreJudgedOnce) {
  struct Case {
    std::vector<std::string> enabled, disabled;
    bool extensions, prefix, lax;
  };
  const std::vector<Case> cases = {
      {{}, {}, true, false, false},
      {{}, {"extensions-use"}, false, true, false},
      {{}, {"401"}, false, true, false},
      {{}, {"extensions-use", "custom-prefix"}, false, false, true},
      {{}, {"extensions-use", "custom-prefix", "custom-prefix-lax"}, false, false, false},
      {{}, {"custom-prefix-lax", "extensions-use"}, false, true, false},
      {{}, {"all"}, false, false, false},
      {{}, {"format-checks", "extensions-use"}, false, false, false},
      {{"custom-prefix"}, {}, false, true, false},
      {{"custom-prefix-lax"}, {}, false, false, true},
      {{"102"}, {"102"}, false, false, true},
      {{"extensions-use", "custom-prefix"}, {}, true, true, false},
      {{"all"}, {}, true, true, true},
      {{"hash-algo"}, {}, false, false, false},
  };
  for (const auto& row : cases) {
    ValidateOptions options;
    options.strict = true;
    options.enabled = row.enabled;
    options.disabled = row.disabled;
    const auto selection = selected_by(options);
    const auto label = fmt::format("enabled {} disabled {}", fmt::join(row.enabled, ","),
                                   fmt::join(row.disabled, ","));
    EXPECT_EQ(selection.runs(CheckId::ExtensionsUse), row.extensions) << label;
    EXPECT_EQ(selection.runs(CheckId::CustomPrefix), row.prefix) << label;
    EXPECT_EQ(selection.runs(CheckId::CustomPrefixLax), row.lax) << label;
  }
}

TEST(Checks, StrictMakesAShouldDecide) {
  const auto lax = selected_by({});
  EXPECT_TRUE(lax.runs(CheckId::HashAlgo));
  EXPECT_FALSE(lax.decides(CheckId::HashAlgo));
  ValidateOptions options;
  options.strict = true;
  EXPECT_TRUE(selected_by(options).decides(CheckId::HashAlgo));
}

TEST(Checks, AMustAlwaysRunsAndDecides) {
  ValidateOptions options;
  options.disabled = {"all"};
  options.enabled = {"hash-algo"};
  const auto selection = selected_by(options);
  for (const auto& row : checks()) {
    if (row.level != Level::Must) continue;
    EXPECT_TRUE(selection.runs(row.id)) << row.name;
    EXPECT_TRUE(selection.decides(row.id)) << row.name;
  }
  options.disabled = {"timestamp"};
  const auto refused = Selection::of(options);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().where, "disabled");
}

TEST(Checks, ANoteDecidesWhenItIsNamedUnderStrict) {
  ValidateOptions options;
  options.strict = true;
  EXPECT_TRUE(selected_by(options).runs(CheckId::ReferenceUuid));
  EXPECT_FALSE(selected_by(options).decides(CheckId::ReferenceUuid));
  options.enabled = {"reference-uuid"};
  EXPECT_TRUE(selected_by(options).decides(CheckId::ReferenceUuid));
  options.strict = false;
  EXPECT_FALSE(selected_by(options).decides(CheckId::ReferenceUuid));
}

TEST(Checks, WhatIsAskedForRunsAndDecidesByItsOptionAlone) {
  EXPECT_FALSE(selected_by({}).runs(CheckId::StrictTypes));
  ValidateOptions options;
  options.strict_types = true;
  EXPECT_TRUE(selected_by(options).decides(CheckId::StrictTypes));
  EXPECT_FALSE(selected_by(options).runs(CheckId::StrictProperties));
  EXPECT_FALSE(selected_by(options).runs(CheckId::EnforceRefs));
}

TEST(Checks, GroupsAreTheirNumbers) {
  ValidateOptions options;
  options.disabled = {"210"};
  const auto selection = selected_by(options);
  for (const auto& row : checks()) {
    if (row.level != Level::Should || row.number < 103) continue;
    EXPECT_EQ(selection.runs(row.id), row.number < 211 || row.number > 249) << row.name;
  }
}

TEST(Checks, AnUnknownNameIsAnError) {
  for (const std::string word : {"abc", "", "9", "1010", "-1", "99999999999999999999"}) {
    ValidateOptions options;
    options.enabled = {word};
    EXPECT_FALSE(Selection::of(options).has_value()) << word;
    options.enabled.clear();
    options.disabled = {word};
    EXPECT_FALSE(Selection::of(options).has_value()) << word;
  }
}

TEST(Checks, NamesAndNumbersAreUnique) {
  std::set<std::string_view> names;
  std::set<int> numbers;
  for (const auto& row : checks()) {
    EXPECT_TRUE(names.insert(row.name).second) << row.name;
    EXPECT_EQ(row.number != 0, row.level == Level::Should) << row.name;
    EXPECT_TRUE(row.number == 0 || numbers.insert(row.number).second) << row.name;
    EXPECT_EQ(&check(row.id), &row);
  }
  for (const auto& group : check_groups()) EXPECT_TRUE(names.insert(group.name).second);
}

// The made part of the page.
std::string checks_page() {
  std::string out =
      "# Checks of STIX 2.1 content\n\n"
      "`comity stix validate` names each finding by its JSON path, the rule, the section of STIX "
      "2.1 and one of these checks. This part is made from the table `src/stix/checks.cpp` by "
      "`Checks.ThePageIsAsTheTable`; `COMITY_UPDATE=1` writes it anew.\n\n"
      "- **must**: always runs, and decides.\n"
      "- **should**: decides with `strict`; else it is a warning. `enabled` and `disabled` name "
      "these, by name, number or group. With any `enabled`, no other should runs; a name in both "
      "lists runs.\n"
      "- **note**: is told, and decides nothing unless it is named in `enabled`: then it is a "
      "should.\n"
      "- **asked**: runs when its option is set, and decides.\n\n"
      "| group | number | checks |\n|---|---|---|\n";
  for (const auto& group : check_groups()) {
    out += fmt::format("| `{}` | {} | {} to {} |\n", group.name,
                       group.number == 0 ? "–" : std::to_string(group.number), group.first,
                       group.last);
  }
  out += "\n| check | level | number | section | asks that |\n|---|---|---|---|---|\n";
  for (const auto& row : checks()) {
    out += fmt::format("| `{}` | {} | {} | {} | {} |\n", row.name, name(row.level),
                       row.number == 0 ? "–" : std::to_string(row.number), row.section, row.text);
  }
  return out + "\n";
}

TEST(Checks, ThePageIsAsTheTable) {
  constexpr std::string_view written = "## How it is judged";
  const auto path = comity::test::source_path("docs/stix-checks.md");
  const auto found = must(read_file(path, 1024 * 1024));
  const auto at = found.find(written);
  ASSERT_NE(at, std::string::npos);
  const auto page = checks_page() + found.substr(at);
  if (std::getenv("COMITY_UPDATE") != nullptr) must(write_file(path, page));
  EXPECT_TRUE(must(read_file(path, 1024 * 1024)) == page)
      << path << " is stale; COMITY_UPDATE=1 stix_test --gtest_filter=Checks.ThePageIsAsTheTable "
      << "writes it anew";
}

}  // namespace
}  // namespace comity::stix
