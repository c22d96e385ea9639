// How long the table of the law takes: matrix_bench REGISTER [EXERCISE] prints lines
// `name value unit` (bench/README.md). Every cell that is timed is also read. Exit 1 with a line
// matrix_WRONG when a row differs from the coverage of its party, which asks for that party alone.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "atlas/coverage.h"
#include "atlas/matrix.h"
#include "treaty/register.h"

namespace comity::atlas {
namespace {

constexpr int rounds = 5;
constexpr int year_first = 2000, year_last = 2026;

double seconds_of(const std::function<void()>& work) {
  const auto begin = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

void figure(const std::string& name, double value, const char* unit) {
  fmt::print("{} {:.4g} {}\n", name, value, unit);
}

Instant first_of(int year) {
  const auto days = days_from_date(year, 1, 1);
  CHECK(days.has_value());
  return Instant::from_seconds(*days * seconds_per_day);
}

// The table of an instant, every cell of it read: how many have a basis.
Result<std::uint64_t> open_cells(const treaty::CompiledRegister& law, Instant at) {
  TRY(const auto matrix, Matrix::of(law, at));
  const auto states = matrix.states(false);
  std::uint64_t open = 0;
  for (const int from : states) {
    for (const int to : states) {
      if (from == to) continue;
      for (int area = 0; area < matrix.areas(); ++area) {
        open += matrix.cell(from, to, area).has_basis() ? 1U : 0U;
      }
    }
  }
  return open;
}

// Some rows against the coverage of their party.
Result<bool> right(const treaty::CompiledRegister& law, Instant at) {
  TRY(const auto matrix, Matrix::of(law, at));
  const auto states = matrix.states(false);
  for (std::size_t i = 0; i < states.size(); i += 20) {
    TRY(const auto rows, coverage(law, {states[i], at, std::nullopt}));
    for (const auto& row : rows) {
      if (row.party == states[i]) continue;
      const auto cell = matrix.best(states[i], row.party);
      if (cell.basis != row.basis || cell.state != row.state || cell.verdict != row.verdict) {
        return false;
      }
    }
  }
  return true;
}

Result<int> measure(const std::string& directory, const std::optional<std::string>& exercise) {
  TRY(const auto files, treaty::read_register(directory));
  const auto model = treaty::load_register(files, exercise);
  if (!model) return tl::unexpected<Error>(treaty::as_error(model.error()));
  const auto mode = exercise ? treaty::Mode::Exercise : treaty::Mode::Operational;
  const treaty::CompiledRegister law(*model, {}, mode);
  const auto day = first_of(year_last);
  TRY(const auto matrix, Matrix::of(law, day));
  const auto states = matrix.states(false).size();
  figure("matrix_states", static_cast<double>(states), "states");
  figure("matrix_kinds", matrix.kinds(), "kinds");
  figure("matrix_cells", static_cast<double>(states * (states - 1)) * matrix.areas(), "cells");
  TRY(const auto open, open_cells(law, day));
  figure("matrix_open", static_cast<double>(open), "cells");
  std::vector<double> times;
  for (int i = 0; i < rounds; ++i) {
    times.push_back(seconds_of([&] { CHECK(open_cells(law, day) == open); }));
  }
  std::sort(times.begin(), times.end());
  figure("matrix_day_wall_min", times.front(), "s");
  figure("matrix_day_wall_median", times[times.size() / 2], "s");
  figure("matrix_years_wall", seconds_of([&] {
           for (int year = year_first; year <= year_last; ++year) {
             CHECK(open_cells(law, first_of(year)).has_value());
           }
         }),
         "s");
  for (const int year : {2010, 2018, year_last}) {
    TRY(const auto same, right(law, first_of(year)));
    if (same) continue;
    fmt::print("matrix_WRONG 1 \"a row of {} differs from the coverage of its party\"\n", year);
    return 1;
  }
  return 0;
}

}  // namespace
}  // namespace comity::atlas

int main(int argc, char** argv) {
  if (argc < 2 || argc > 3) {
    fmt::print(stderr, "usage: matrix_bench REGISTER [EXERCISE]\n");
    return 2;
  }
  const auto exercise = argc == 3 ? std::optional<std::string>(argv[2]) : std::nullopt;
  const auto done = comity::atlas::measure(argv[1], exercise);
  if (done) return *done;
  fmt::print(stderr, "{}\n", done.error().text());
  return comity::exit_code(done.error().kind);
}
