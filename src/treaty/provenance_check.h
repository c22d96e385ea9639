// Facts of a register that do not say where they come from, and marks of provenance that its list
// of sources does not explain. Pure functions.
#pragma once

#include <string>
#include <vector>

#include "treaty/model.h"

namespace comity::treaty {

struct ProvenanceGap {
  std::string instrument, clause;  // clause empty: another fact
  std::string what;                // the fact, as a path: "xa-xb-2024 party XA in_force"
  std::string mark;                // without entry in sources.toml; empty: there is no mark at all
  std::string place;               // file:line, where it is known
};

// Of instruments, memberships, clauses, claims, readings, arrangements, designations, suspensions
// and denunciations, in this order. What an exercise assumes carries its reason instead. Marks are
// held against the list of sources if the register has one.
std::vector<ProvenanceGap> provenance_gaps(const Model& model);

}  // namespace comity::treaty
