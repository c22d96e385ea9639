// Coverage: what law one party has for sharing with every other state at one instant.
//
// The engine is asked the questions of the area (questions.h); the best answer counts: that by
// which more is open. Without an area each area is asked about; that "content" is refused, which
// holds for every state, does not count there. What an answer rests on is ranked bilateral before
// multilateral before regional before global.
//
// Nothing is decided here: verdict, basis and assumptions are the engine's. Pure; any thread.
#pragma once

#include <optional>
#include <vector>

#include "atlas/cell.h"
#include "atlas/claims.h"
#include "base/result.h"
#include "treaty/compiled.h"

namespace comity::atlas {

struct CoverageQuestion {
  int party = 0;  // index in the model
  Instant at;
  std::optional<int> area;
};

struct CoverageRow {
  int party = 0;
  BasisLevel basis = BasisLevel::None;
  BasisState state = BasisState::None;
  treaty::VerdictKind verdict = treaty::VerdictKind::NoBasis;  // of the best answer
  // The clauses on which it rests, those of the level of `basis` first.
  std::vector<treaty::BasisEntry> instruments;
  // Where the state is Claimed: who claims what, the closest first.
  std::vector<Claim> claims;
  bool supposed = false;
};

// One row for each state, the party itself among them ("own"), in the order of the register.
// Organisations and entities have none: clauses speak of them by name alone. Invented states have
// one only when the party is invented, too. InvalidInput when the vocabulary of the register lacks
// a word of the question.
Result<std::vector<CoverageRow>> coverage(const treaty::CompiledRegister& law,
                                          const CoverageQuestion& question);

// Whether a party has a row in the coverage of another.
bool has_row(const treaty::Model& model, int party, int asking);

}  // namespace comity::atlas
