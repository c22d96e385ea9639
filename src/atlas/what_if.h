// What a supposition changes: the cells of two tables of one instant that differ. Pure; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "atlas/matrix.h"

namespace comity::atlas {

constexpr std::size_t what_if_cells_max = 10'000;  // kept; more are counted

// Gained and Lost: a basis that was not there before, or is there no more. Changed: a basis before
// and after, with another level, state or verdict. Claimed and Unclaimed: no basis before and
// after, and a claim that is new or gone.
enum class CellChange { Gained, Lost, Changed, Claimed, Unclaimed };
constexpr std::size_t cell_change_count = 5;
const char* name(CellChange change);  // "gained" …

struct ChangedCell {
  int from = 0, to = 0, area = 0;
  CellChange change = CellChange::Changed;
  Cell before, after;
  bool operator==(const ChangedCell&) const = default;
};

struct WhatIf {
  // By CellChange.
  using Counts = std::array<std::uint64_t, cell_change_count>;
  // Of all cells, kept or not; of those of which `party` is the sender.
  Counts all{}, own{};
  // Pairs of states with a cell gained, lost or changed in either direction.
  std::uint64_t pairs = 0;
  // The first ones by sender, recipient and area; of `party` alone when one is given.
  std::vector<ChangedCell> cells;
  std::uint64_t more = 0;  // not kept
};

// The tables are of registers with the same parties and areas. Invented states count only when
// asked for.
WhatIf what_if(const Matrix& before, const Matrix& after, std::optional<int> party, bool invented,
               std::size_t kept = what_if_cells_max);

// How a cell changed; nothing when it did not.
std::optional<CellChange> change_of(const Cell& before, const Cell& after);

}  // namespace comity::atlas
