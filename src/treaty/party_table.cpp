#include "treaty/party_table.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "base/time.h"
#include "treaty/csv.h"

namespace comity::treaty {
namespace {

const std::vector<std::string> columns = {"code",     "signed", "consented", "consent",
                                          "in_force", "until",  "status",    "provenance"};
const std::vector<std::string> consents = {"ratification", "acceptance", "approval", "accession",
                                           "notification"};
const std::vector<std::string> statuses = {"party", "not-party", "unknown"};

bool holds(const std::vector<std::string>& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

bool is_date_column(std::string_view name) {
  return name == "signed" || name == "consented" || name == "in_force" || name == "until";
}

bool digits(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// "2016" and "2016-08", of a year that a register takes.
bool is_partial_date(std::string_view text) {
  if (text.size() != 4 && (text.size() != 7 || text[4] != '-')) return false;
  if (!digits(text.substr(0, 4))) return false;
  if (text.size() == 4) return true;
  const auto month = text.substr(5);
  return digits(month) && month >= "01" && month <= "12";
}

bool is_day(std::string_view text) {
  return text.size() == 10 && parse_day_or_instant(text).has_value();
}

bool in_years(std::string_view date) {
  const auto year = date.substr(0, 4);
  return year >= fmt::format("{}", year_min) && year <= fmt::format("{}", year_max);
}

std::string in_quotes(const std::string& text) { return '"' + text + '"'; }

class TableReader {
 public:
  TableReader(const std::string& file, const Model& model, ProblemList& problems)
      : file_(file), problems_(problems) {
    for (const auto& party : model.parties) codes_.push_back(party.code);
  }

  std::vector<PartyStatus> read(const std::vector<CsvRow>& rows) {
    if (rows.empty() || !read_names(rows.front())) return {};
    std::vector<PartyStatus> out;
    for (auto row = rows.begin() + 1; row != rows.end(); ++row) {
      if (auto status = read_row(*row)) out.push_back(*std::move(status));
    }
    std::sort(out.begin(), out.end(),
              [](const PartyStatus& a, const PartyStatus& b) { return a.code < b.code; });
    return out;
  }

 private:
  void problem(const CsvCell& cell, std::string found, std::string expected,
               std::string suggestion = {}) {
    problems_.add(file_, cell.position, std::move(found), std::move(expected),
                  std::move(suggestion));
  }

  bool read_names(const CsvRow& row) {
    const auto before = problems_.count();
    for (const auto& cell : row) {
      if (!holds(columns, cell.text)) {
        const bool other = cell.text.find(';') != std::string::npos;
        problem(cell, fmt::format("the column {}", quoted(cell.text)),
                other ? "commas between the columns"
                      : fmt::format("one of {}", fmt::join(columns, ", ")),
                nearest(cell.text, columns));
      } else if (holds(names_, cell.text)) {
        problem(cell, fmt::format("a second column '{}'", cell.text), "each column once");
      }
      names_.push_back(cell.text);
    }
    for (const char* needed : {"code", "provenance"}) {
      if (problems_.count() != before || holds(names_, needed)) continue;
      problem(row.front(), fmt::format("no column '{}'", needed),
              "a first line with the names of the columns, this one among them");
    }
    return problems_.count() == before;
  }

  std::optional<PartyStatus> read_row(const CsvRow& row) {
    PartyStatus out;
    out.line = row.front().position.line;
    const auto before = problems_.count();
    for (std::size_t i = 0; i < row.size(); ++i) {
      const auto& name = names_[i];
      if (name == "code") {
        read_code(row[i], out);
      } else if (auto value = read_value(name, row[i])) {
        out.values[name] = *std::move(value);
      }
    }
    const auto given = [&](const char* key) {
      const auto found = out.values.find(key);
      return found != out.values.end() && !found->second.empty();
    };
    if (problems_.count() == before && given("consent") && holds(names_, "consented") &&
        !given("consented")) {
      problem(row.front(), fmt::format("{} has 'consent' without 'consented'", out.code),
              "the day of its consent");
    }
    if (problems_.count() != before) return std::nullopt;
    return out;
  }

  void read_code(const CsvCell& cell, PartyStatus& out) {
    out.code = cell.text;
    if (!holds(codes_, cell.text)) {
      problem(cell, fmt::format("the code {}", quoted(cell.text)), "a code of parties.toml",
              nearest(cell.text, codes_));
      return;
    }
    const auto [first, added] = lines_.try_emplace(cell.text, cell.position.line);
    if (!added) {
      problem(
          cell,
          fmt::format("{} for a second time; the first is in line {}", cell.text, first->second),
          "one line a party");
    }
  }

  // As TOML has it; nothing, and a problem, for what does not fit the column.
  std::optional<std::string> read_value(const std::string& name, const CsvCell& cell) {
    const auto& text = cell.text;
    const auto refuse = [&](std::string expected, std::string suggestion = {}) {
      problem(cell, fmt::format("'{}' is {}", name, quoted(text)), std::move(expected),
              std::move(suggestion));
      return std::nullopt;
    };
    if (name == "provenance") {
      if (is_provenance(text)) return in_quotes(text);
      problems_.add(file_, cell.position, fmt::format("'provenance' is {}", quoted(text)),
                    "S, F<number>, K:h, K:m, K:l or X, several separated by one blank", {}, true);
      return std::nullopt;
    }
    if (name == "status") {
      if (!holds(statuses, text)) {
        return refuse(fmt::format("one of {}", fmt::join(statuses, ", ")), nearest(text, statuses));
      }
      return in_quotes(text);
    }
    if (text.empty()) return std::string();
    if (name == "consent") {
      if (!holds(consents, text)) {
        return refuse(fmt::format("one of {}, or nothing", fmt::join(consents, ", ")),
                      nearest(text, consents));
      }
      return in_quotes(text);
    }
    if (!is_date_column(name)) return refuse("nothing");
    if (name == "in_force" && text == "by-rule") return in_quotes(text);
    if (!is_day(text) && !is_partial_date(text)) {
      return refuse("a day like 2016-08-10, 2016-08 or 2016 where partly known, or nothing");
    }
    if (!in_years(text)) return refuse(fmt::format("a year from {} to {}", year_min, year_max));
    return is_day(text) ? text : in_quotes(text);
  }

  const std::string& file_;
  ProblemList& problems_;
  std::vector<std::string> codes_, names_;
  std::map<std::string, int> lines_;  // by code
};

}  // namespace

std::vector<PartyStatus> read_party_table(const std::string& file, std::string_view text,
                                          const Model& model, ProblemList& problems) {
  const auto before = problems.count();
  const auto rows = parse_csv(file, text, problems);
  if (problems.count() != before) return {};
  if (rows.empty()) {
    problems.add(file, {1, 1}, "an empty table",
                 fmt::format("a first line with names of columns: {}", fmt::join(columns, ",")));
    return {};
  }
  return TableReader(file, model, problems).read(rows);
}

}  // namespace comity::treaty
