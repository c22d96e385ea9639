// Facts of a register that do not say where they come from, and marks of provenance that its list
// of sources does not explain. Pure functions.
#pragma once

#include <string>
#include <vector>

#include "treaty/model.h"

namespace comity::treaty {

struct ProvenanceGap {
  // Of an overlay its id and that of the rule. Clause empty: another fact.
  std::string instrument, clause;
  std::string what;   // the fact, as a path: "xa-xb-2024 party XA in_force"
  std::string mark;   // without entry in sources.toml; empty: there is no mark at all
  std::string place;  // file:line, where it is known
};

// Of each instrument with its dates, rule of entry, notice, claims, readings, mistakes of sources
// and reviews, then of its memberships and clauses; then of arrangements, designations,
// suspensions, denunciations and national overlays. What an exercise assumes carries its reason
// instead. Marks are held against the list of sources if the register has one.
std::vector<ProvenanceGap> provenance_gaps(const Model& model);

}  // namespace comity::treaty
