// The clock of an exercise: forward only, and only for the law. It lets days pass that the exercise
// has no time for: notices run out, agreements begin and end. TLS, certificates, ledger instants
// and the `created` of statements follow the real clock. Form: docs/formats/ledger.md.
//
// Each node has its own and enters it in its ledger; an operational node has none.
#pragma once

#include <string>

#include "exchange/node.h"

namespace comity::exchange {

struct ExerciseClock {
  std::int64_t ahead_s = 0;
  Instant real, treaty;
};

// Where the clock stands. NotPermitted at an operational node.
Result<ExerciseClock> exercise_clock(const Node& node);

// Moves it on by an ISO 8601 duration ("P90D"); nothing but forward. Refused beyond
// exercise_ahead_s_max in all, and at an operational node.
Result<ExerciseClock> advance_exercise(Node& node, const std::string& duration);

}  // namespace comity::exchange
