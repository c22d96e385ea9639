// What a change of law changes: the cells of the table (sender, recipient, class, area) whose
// verdict differs between two registers at one instant. Each cell is one question: share, for the
// purpose warning, TLP green, an own record, no role named, no fact stated. Pure functions, for any
// thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "treaty/compiled.h"

namespace comity::treaty {

constexpr std::size_t changed_cells_max = 10'000;  // kept; more are counted

struct ChangedCell {
  std::string from, to, info, area;
  VerdictKind before = VerdictKind::NoBasis, after = VerdictKind::NoBasis;
  // Nearer to permitted than before, in the order permitted, needs, no-basis, forbidden.
  bool gained() const;
  bool operator==(const ChangedCell&) const = default;
};

struct Difference {
  std::uint64_t gained = 0, lost = 0;  // of all cells, kept or not
  std::vector<ChangedCell> cells;      // by sender, recipient, class and area; the first ones
  std::uint64_t changed() const { return gained + lost; }
};

// Cells over every party, class and area that one of the two registers knows. Where one does not
// know a word of the cell, that is no basis, and a change only where the cell is open under the
// other: permitted or needs. At most `kept` cells are kept.
Difference difference(const CompiledRegister& before, const CompiledRegister& after, Instant at,
                      std::size_t kept = changed_cells_max);

}  // namespace comity::treaty
