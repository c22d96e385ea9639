// One cell of the table of the law: what one state has toward another in one area at one instant.
// Plain values; any thread.
#pragma once

#include <cstddef>

#include "treaty/model.h"
#include "treaty/verdict.h"

namespace comity::atlas {

enum class BasisLevel { Own, Bilateral, Multilateral, Regional, Global, None };
constexpr std::size_t basis_level_count = 6;
const char* name(BasisLevel level);  // "own", "bilateral" … "none"

// After the first claim of level in the register; interregional instruments count as regional.
BasisLevel level_of(const treaty::Instrument& instrument);

// How sure the basis is, the surest first. Verified: this party has verified every clause of it
// itself, and every date and designation on which it rests is a fact of the register. Assumed: an
// exercise, or a question of the form "what if", assumes something on which it rests, or that a
// body is designated. Claimed: there is no basis, but somebody says of an agreement between the two
// that it is about the area, and none of its clauses speaks of it.
enum class BasisState { Verified, Unverified, Assumed, Claimed, None };
constexpr std::size_t basis_state_count = 5;
const char* name(BasisState state);  // "verified", "unverified", "assumed", "claimed", "none"

struct Cell {
  BasisLevel basis = BasisLevel::None;  // the closest of those on which the answer rests
  BasisState state = BasisState::None;
  treaty::VerdictKind verdict = treaty::VerdictKind::NoBasis;
  BasisLevel claimed = BasisLevel::None;  // the closest claim, where the state is Claimed
  bool supposed = false;                  // it rests on what was only supposed (suppose.h)

  bool operator==(const Cell&) const = default;
  bool has_basis() const { return basis != BasisLevel::None && basis != BasisLevel::Own; }
};

// Permitted, needs, forbidden, no basis: the first found counts, as between instruments.
int rank(treaty::VerdictKind kind);

// By what is open, then by level, then by how sure it is; what is not supposed before what is.
bool better(const Cell& cell, const Cell& than);

}  // namespace comity::atlas
