#include "atlas/cell.h"

#include <array>
#include <tuple>

namespace comity::atlas {

const char* name(BasisLevel level) {
  constexpr std::array<const char*, basis_level_count> names = {
      "own", "bilateral", "multilateral", "regional", "global", "none"};
  return names[static_cast<std::size_t>(level)];
}

const char* name(BasisState state) {
  constexpr std::array<const char*, basis_state_count> names = {"verified", "unverified", "assumed",
                                                                "claimed", "none"};
  return names[static_cast<std::size_t>(state)];
}

BasisLevel level_of(const treaty::Instrument& instrument) {
  switch (instrument.level_rank()) {
    case 0:
      return BasisLevel::Bilateral;
    case 1:
      return BasisLevel::Multilateral;
    case 2:
    case 3:
      return BasisLevel::Regional;
    default:
      return BasisLevel::Global;
  }
}

// The nearer to a permit, the better to show: a refusal that an article words is nearer than none
// at all. (What holds a record back is ordered by `exchange::strictness`, where these two change
// places.)
int rank(treaty::VerdictKind kind) {
  switch (kind) {
    case treaty::VerdictKind::Permitted:
      return 0;
    case treaty::VerdictKind::Needs:
      return 1;
    case treaty::VerdictKind::Forbidden:
      return 2;
    case treaty::VerdictKind::NoBasis:
    case treaty::VerdictKind::InvalidRequest:
      return 3;
  }
  return 3;
}

bool better(const Cell& cell, const Cell& than) {
  const auto key = [](const Cell& one) {
    return std::tuple(rank(one.verdict), one.basis, one.state, one.supposed, one.claimed);
  };
  return key(cell) < key(than);
}

}  // namespace comity::atlas
