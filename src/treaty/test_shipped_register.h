// The register as shipped and the tables of tests/data that it is held against; for tests only.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "base/test_source_dir.h"
#include "treaty/register.h"

namespace comity::treaty::test {

inline const RegisterFiles& shipped_files() {
  static const auto value = [] {
    auto read = read_register(comity::test::source_path("register"));
    CHECK(read);
    return *read;
  }();
  return value;
}

inline const Model& shipped() {
  static const auto model = [] {
    auto loaded = load_register(shipped_files(), std::nullopt);
    if (!loaded) ADD_FAILURE() << as_error(loaded.error()).message;
    CHECK(loaded);
    return *loaded;
  }();
  return *model;
}

inline const Instrument& shipped_instrument(std::string_view id) {
  return shipped().instruments[static_cast<std::size_t>(*shipped().instrument(id))];
}

// One row of a table: the value of each column.
using TableRow = std::map<std::string, std::string>;

// The parts of a text between separators; none of an empty text.
inline std::vector<std::string> parts_of(std::string_view text, char separator) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const auto end = text.find(separator);
    out.emplace_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return out;
}

// Reads tests/data/NAME: lines of columns with tabs between them, the first line names the columns,
// a line that begins with # is for people. A line with more or fewer columns is a failure.
inline std::vector<TableRow> table(const std::string& name) {
  constexpr std::uint64_t table_bytes_max = 1 << 20;
  const auto text = read_file(comity::test::source_path("tests/data/" + name), table_bytes_max);
  if (!text) {
    ADD_FAILURE() << text.error().text();
    return {};
  }
  std::vector<std::string> columns;
  std::vector<TableRow> rows;
  for (const auto& line : parts_of(*text, '\n')) {
    if (line.starts_with('#')) continue;
    // A column of its own behind the last tab, so that an empty value at the end counts as one.
    auto values = parts_of(line + "\t.", '\t');
    values.pop_back();
    if (columns.empty()) {
      columns = values;
      continue;
    }
    EXPECT_EQ(values.size(), columns.size()) << name << ": " << line;
    TableRow row;
    for (std::size_t i = 0; i < columns.size() && i < values.size(); ++i) {
      row[columns[i]] = values[i];
    }
    rows.push_back(std::move(row));
  }
  EXPECT_FALSE(rows.empty()) << name;
  return rows;
}

}  // namespace comity::treaty::test
