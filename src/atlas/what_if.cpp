#include "atlas/what_if.h"

namespace comity::atlas {

const char* name(CellChange change) {
  constexpr std::array<const char*, cell_change_count> names = {"gained", "lost", "changed",
                                                                "claimed", "unclaimed"};
  return names[static_cast<std::size_t>(change)];
}

std::optional<CellChange> change_of(const Cell& before, const Cell& after) {
  if (before.has_basis() && after.has_basis()) {
    const bool same = before.basis == after.basis && before.state == after.state &&
                      before.verdict == after.verdict && before.supposed == after.supposed;
    return same ? std::nullopt : std::optional(CellChange::Changed);
  }
  if (after.has_basis()) return CellChange::Gained;
  if (before.has_basis()) return CellChange::Lost;
  const bool was = before.state == BasisState::Claimed, is = after.state == BasisState::Claimed;
  if (was == is) return std::nullopt;
  return is ? CellChange::Claimed : CellChange::Unclaimed;
}

WhatIf what_if(const Matrix& before, const Matrix& after, std::optional<int> party, bool invented,
               std::size_t kept) {
  CHECK(before.areas() == after.areas());
  CHECK(before.law().model().parties.size() == after.law().model().parties.size());
  WhatIf out;
  const auto states = before.states(invented);
  // Whether something of law changed between the two, by sender and recipient.
  std::vector<std::vector<bool>> touched(states.size(), std::vector<bool>(states.size()));
  for (std::size_t i = 0; i < states.size(); ++i) {
    for (std::size_t k = 0; k < states.size(); ++k) {
      if (i == k) continue;
      for (int area = 0; area < before.areas(); ++area) {
        ChangedCell cell{states[i], states[k], area, {}, {}, {}};
        cell.before = before.cell(cell.from, cell.to, area);
        cell.after = after.cell(cell.from, cell.to, area);
        const auto change = change_of(cell.before, cell.after);
        if (!change) continue;
        cell.change = *change;
        const auto at = static_cast<std::size_t>(*change);
        ++out.all[at];
        if (party == cell.from) ++out.own[at];
        if (*change <= CellChange::Changed) touched[i][k] = true;
        if (party && party != cell.from) continue;
        if (out.cells.size() < kept) {
          out.cells.push_back(cell);
        } else {
          ++out.more;
        }
      }
    }
  }
  for (std::size_t i = 0; i < states.size(); ++i) {
    for (std::size_t k = i + 1; k < states.size(); ++k) {
      if (touched[i][k] || touched[k][i]) ++out.pairs;
    }
  }
  return out;
}

}  // namespace comity::atlas
