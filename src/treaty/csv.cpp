#include "treaty/csv.h"

#include <fmt/format.h>

#include <optional>

namespace comity::treaty {
namespace {

constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

class CsvReader {
 public:
  CsvReader(std::string_view text, ProblemList& problems, const std::string& file)
      : text_(text), problems_(problems), file_(file) {}

  std::vector<CsvRow> read() {
    std::vector<CsvRow> rows;
    while (place_ < text_.size()) {
      const auto begin = position_;
      auto row = read_row();
      if (!row) return {};
      if (rows.size() == csv_rows_max) {
        refuse(begin, "one line too many", fmt::format("at most {}", csv_rows_max));
        return {};
      }
      if (!rows.empty() && row->size() != rows.front().size()) {
        refuse(begin, fmt::format("a line of {} cells", row->size()),
               fmt::format("{}, as in the first line", rows.front().size()));
        return {};
      }
      rows.push_back(*std::move(row));
    }
    return rows;
  }

 private:
  void refuse(Position position, std::string found, std::string expected) {
    problems_.add(file_, position, std::move(found), std::move(expected));
  }
  bool at_end() const { return place_ == text_.size(); }
  char next() const { return text_[place_]; }
  void step() {
    position_ = next() == '\n' ? Position{position_.line + 1, 1}
                               : Position{position_.line, position_.column + 1};
    ++place_;
  }
  bool at_line_end() const {
    return !at_end() && (next() == '\n' || text_.substr(place_).starts_with("\r\n"));
  }
  void skip_line_end() {
    if (next() == '\r') step();
    step();
  }

  std::optional<CsvRow> read_row() {
    CsvRow row;
    while (true) {
      CsvCell cell{{}, position_};
      const bool good = !at_end() && next() == '"' ? read_quoted(cell) : read_plain(cell);
      if (!good) return std::nullopt;
      if (row.size() == csv_cells_max) {
        refuse(cell.position, "one cell too many", fmt::format("at most {}", csv_cells_max));
        return std::nullopt;
      }
      row.push_back(std::move(cell));
      if (at_end()) return row;
      if (at_line_end()) {
        skip_line_end();
        return row;
      }
      step();  // the comma
    }
  }

  bool read_plain(CsvCell& cell) {
    while (!at_end() && !at_line_end() && next() != ',') {
      if (next() == '"') {
        refuse(position_, "a quote within a cell that does not begin with one",
               "quotes around the whole cell, and each quote within it doubled");
        return false;
      }
      if (!take(cell)) return false;
    }
    return true;
  }

  bool read_quoted(CsvCell& cell) {
    step();
    while (true) {
      if (at_end()) {
        refuse(cell.position, "a quote that is never closed", "a second one behind the cell");
        return false;
      }
      if (next() == '"') {
        step();
        if (at_end() || at_line_end() || next() == ',') return true;
        if (next() != '"') {
          refuse(position_, "text behind a closing quote", "a comma or the end of the line");
          return false;
        }
      }
      if (!take(cell)) return false;
    }
  }

  // One character of a cell.
  bool take(CsvCell& cell) {
    const auto byte = static_cast<unsigned char>(next());
    if (byte >= 0x80 || byte < 0x20 || byte == 0x7f) {
      refuse(position_,
             byte == '\t'   ? "a tab"
             : byte == '\n' ? "a cell of several lines"
             : byte >= 0x80 ? "a character beyond ASCII"
                            : "a control character",
             byte == '\t' ? "commas between the cells" : "codes, dates and words in ASCII");
      return false;
    }
    if (cell.text.size() == csv_cell_bytes_max) {
      refuse(cell.position, "a cell that is too long",
             fmt::format("at most {} characters", csv_cell_bytes_max));
      return false;
    }
    cell.text += next();
    step();
    return true;
  }

  std::string_view text_;
  ProblemList& problems_;
  const std::string& file_;
  std::size_t place_ = 0;
  Position position_{1, 1};
};

}  // namespace

std::vector<CsvRow> parse_csv(const std::string& file, std::string_view text,
                              ProblemList& problems) {
  if (text.size() > csv_bytes_max) {
    problems.add(file, {1, 1}, fmt::format("a table of {} bytes", text.size()),
                 fmt::format("at most {}", csv_bytes_max));
    return {};
  }
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  return CsvReader(text, problems, file).read();
}

}  // namespace comity::treaty
