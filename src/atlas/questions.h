// The questions by which one learns what was agreed in an area.
//
// A register says of an area which actions, purposes and classes belong to it ([area_purposes] of
// its vocabulary). Of the others one standard question is asked: may technical indicators (class
// "indicator") be shared, to warn (purpose "warning")? In each question the record is the sender's
// own and marked TLP:AMBER, the usual mark between states. Questions that the same clauses and
// designations answer are one. Immutable; any thread. Keeps a reference to the model.
#pragma once

#include <vector>

#include "base/result.h"
#include "treaty/model.h"
#include "treaty/request.h"

namespace comity::atlas {

class Questions {
 public:
  // InvalidInput when the vocabulary of the register lacks a word of the standard question.
  static Result<Questions> of(const treaty::Model& model);

  int count() const { return static_cast<int>(distinct_.size()); }
  int areas() const { return static_cast<int>(of_area_.size()); }
  // Which questions an area has, each once. Never empty.
  const std::vector<int>& of_area(int area) const {
    return of_area_[static_cast<std::size_t>(area)];
  }
  treaty::ResolvedRequest request(int question, int from, Instant at) const;

  // Whether a clause can have a part in an answer to a question of this area. What only declines,
  // defines or advises has none.
  bool speaks_to(const treaty::Clause& clause, int area) const;
  // The areas to which some clause of the instrument speaks.
  treaty::Bits areas_of(const treaty::Instrument& instrument) const;

 private:
  Questions() = default;
  std::vector<treaty::AreaPurposes> asked_;        // by area
  std::vector<treaty::ResolvedRequest> distinct_;  // by question
  std::vector<std::vector<int>> of_area_;          // by area
};

}  // namespace comity::atlas
