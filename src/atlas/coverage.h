// Coverage: what law one party has for sharing with every other state at one instant.
//
// The engine is asked one standard question for each other state: may the party share technical
// indicators (class "indicator") of its own, marked TLP:AMBER, to warn (purpose "warning"), in this
// area? Indicators to warn are what agreements on this matter name first, and AMBER is the usual
// mark between states; a request for more asks the engine itself. Without an area each area is
// asked about, and the best answer counts: that by which more is open; that "content" is refused,
// which holds for every state, does not count there. What an answer rests on is
// ranked bilateral before multilateral before regional before global, after the claims of level in
// the register; interregional instruments count as regional.
//
// Nothing is decided here: verdict, basis and assumptions are the engine's. Pure; any thread.
#pragma once

#include <optional>
#include <vector>

#include "base/result.h"
#include "treaty/compiled.h"

namespace comity::atlas {

enum class BasisLevel { Own, Bilateral, Multilateral, Regional, Global, None };
constexpr std::size_t basis_level_count = 6;
const char* name(BasisLevel level);  // "own", "bilateral" … "none"

// How sure the basis is. Verified: this party has verified every clause of it itself, and every
// date and designation on which it rests is a fact of the register. Assumed: an exercise assumes
// something on which it rests, or that a body is designated.
enum class BasisState { Verified, Unverified, Assumed, None };
const char* name(BasisState state);  // "verified", "unverified", "assumed", "none"

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
};

// One row for each state, the party itself among them ("own"), in the order of the register.
// Organisations and entities have none: clauses speak of them by name alone. Invented states have
// one only when the party is invented, too. InvalidInput when the vocabulary of the register lacks
// a word of the question.
Result<std::vector<CoverageRow>> coverage(const treaty::CompiledRegister& law,
                                          const CoverageQuestion& question);

}  // namespace comity::atlas
