// What a change of law changes: the cells of the table (sender, recipient, action, class, area,
// purpose) whose verdict differs between two registers at one instant. Each cell is one question
// about an own record: TLP green, no role named, no fact stated. Pure functions, for any thread.
//
// Asked are the actions that a party can do of itself (own_actions). What transfers something is
// asked for each class; the other actions without a class, and besides for the classes that a
// clause or a rule of an overlay names for them. What sticks to received records is not asked
// about.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "treaty/compiled.h"

namespace comity::treaty {

constexpr std::size_t changed_cells_max = 50'000;  // kept; more are counted

struct ChangedCell {
  std::string from, to, action;
  std::string info;  // empty: asked without a class
  std::string area, purpose;
  VerdictKind before = VerdictKind::NoBasis, after = VerdictKind::NoBasis;
  // Nearer to permitted than before, in the order permitted, needs, no-basis, forbidden.
  bool gained() const;
  bool operator==(const ChangedCell&) const = default;
};

struct Difference {
  std::uint64_t gained = 0, lost = 0;  // of all cells, kept or not
  // By sender, recipient, action (in the order of the vocabulary), class, purpose and area; the
  // first ones.
  std::vector<ChangedCell> cells;
  std::uint64_t changed() const { return gained + lost; }
};

// Cells over every party, class, area and purpose that one of the two registers knows. Where one
// does not know a word of the cell, that is no basis, and a change only where the cell is open
// under the other: permitted or needs. At most `kept` cells are kept.
Difference difference(const CompiledRegister& before, const CompiledRegister& after, Instant at,
                      std::size_t kept = changed_cells_max);

}  // namespace comity::treaty
