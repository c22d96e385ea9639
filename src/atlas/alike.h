// Which parties stand alike in everything that an answer of the engine to a state's own question
// can depend on: where two senders stand alike, and two recipients, the answer is the same. A table
// of all pairs asks once for all that are alike. Pure; any thread.
#pragma once

#include <vector>

#include "treaty/model.h"

namespace comity::atlas {

// A number for each party, from 0: alike parties have the same. Holds for one instant, for requests
// with no chain, no role and no fact, and for how sure an answer is (cell.h).
std::vector<int> alike(const treaty::Model& model, Instant at);

}  // namespace comity::atlas
