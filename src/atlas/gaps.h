// The gaps of a party: with whom it has no basis in which areas, what is only claimed or
// unverified, and which instrument would be nearest to close them. Pure; any thread.
//
// What is forbidden is no gap: an agreement would not open it. Whether an instrument is open to a
// state is not in the register; what would be a step stands here as far as its kind allows one.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "atlas/claims.h"
#include "atlas/matrix.h"

namespace comity::atlas {

constexpr std::size_t gap_steps_max = 3;  // shown for one other state

struct GapStep {
  // What would have to happen. Read: both are bound, but its text is not in the register as
  // clauses. The others: who would have to join.
  enum class Kind { Read, PartyJoins, OtherJoins, BothJoin } kind = Kind::Read;
  int instrument = 0;
  BasisLevel level = BasisLevel::None;
  bool operative = false;  // it has clauses that speak to the areas; else that is only claimed
  treaty::Bits areas = 0;  // of the gap, that it would close
};
const char* name(GapStep::Kind kind);  // "read", "party-joins", "other-joins", "both-join"

struct Gap {
  int party = 0;                                        // the other state
  std::array<treaty::Bits, basis_state_count> areas{};  // by state; what is forbidden in none
  std::vector<Claim> claims;                            // of the areas that are claimed
  std::vector<GapStep> nearest;                         // at most gap_steps_max, the nearest first
};

struct Gaps {
  std::vector<Gap> rows;                                // every other state of the party's coverage
  std::array<std::int64_t, basis_state_count> cells{};  // how many cells are in which state
};

// InvalidInput as Questions::of.
Result<Gaps> gaps(const treaty::CompiledRegister& law, int party, Instant at);

}  // namespace comity::atlas
