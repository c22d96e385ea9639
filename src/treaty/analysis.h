// What is wrong, useless or doubtful in a register, without looking at any record: clauses that
// never act, clauses that change no answer, permits and forbids of the same, duties that nothing
// leads to, treaties that contradict each other, facts without provenance.
//
// What a clause does is found by asking the compiled engine about every case (cases.h), each
// instrument alone, every clause taken as verified: what another treaty permits more easily does
// not make a clause useless, and whose lawyers have read what is another question. Pure functions,
// safe from any thread. The meaning of each kind is in docs/formats/analysis.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "json/value.h"
#include "treaty/model.h"
#include "treaty/phrase.h"
#include "treaty/request.h"

namespace comity::treaty {

// Cases asked about one clause, or one pair of clauses, before it is given up and said so.
constexpr std::uint64_t analysis_questions_max = 2'000'000;

enum class FindingKind {
  NeverMatches,
  Shadowed,
  Contradiction,
  UnreachableDuty,
  Conflict,
  MissingProvenance,
  NotAnalysed
};
const char* name(FindingKind kind);

struct Finding {
  FindingKind kind = FindingKind::NeverMatches;
  BasisEntry at;                   // clause empty: the instrument itself, or a fact of it
  std::vector<BasisEntry> others;  // clauses it has to do with; instrument empty: a guard
  std::string place;               // file:line, where it is known
  std::optional<Request> example;
  Phrase said;
};

// In order of instrument and clause, then of kind.
std::vector<Finding> analyse(const Model& model,
                             std::uint64_t questions_max = analysis_questions_max);

// {"kind", "instrument", "clause", "article", "others", "example", "place"}, absent where empty.
json::Object to_json(const Finding& finding);

}  // namespace comity::treaty
