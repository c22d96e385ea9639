// Comma-separated values as RFC 4180 has them, read strictly: ASCII, a comma between cells, lines
// that end in LF or CRLF, and quotes only around a whole cell. Pure functions, for any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "treaty/toml_reader.h"

namespace comity::treaty {

constexpr std::size_t csv_bytes_max = 1024 * 1024;
constexpr std::size_t csv_rows_max = parties_max + 1;  // with the line of names
constexpr std::size_t csv_cells_max = 32;              // in one row
constexpr std::size_t csv_cell_bytes_max = 256;

struct CsvCell {
  std::string text;
  Position position;  // of its first character, a quote included
};
using CsvRow = std::vector<CsvCell>;

// The rows of a table, each with as many cells as the first one. Nothing, and one problem in
// `file`, when it is no such table or is beyond a bound. A byte order mark at the beginning is
// passed over.
std::vector<CsvRow> parse_csv(const std::string& file, std::string_view text,
                              ProblemList& problems);

}  // namespace comity::treaty
