// Rules of a national overlay that change no answer, found from their words alone: a rule looks at
// each thing a question says by itself, so that one rule meets all that another meets exactly when
// it does so in each of these things (docs/formats/semantics-1.md, section 5). Pure functions.
#pragma once

#include <cstddef>
#include <vector>

#include "treaty/model.h"

namespace comity::treaty {

struct IdleRule {
  // NoRecipient: it names nobody to whom its party could do something. Guarded: what it speaks of
  // is forbidden to everybody. Covered: another rule of the overlay narrows all of it as much.
  enum class Why { NoRecipient, Guarded, Covered } why = Why::NoRecipient;
  std::size_t rule = 0, by = 0;  // by: which rule covers it
};

// In the order of the file, each rule once. Two of one content cover each other.
std::vector<IdleRule> idle_rules(const Model& model, const Overlay& overlay);

}  // namespace comity::treaty
