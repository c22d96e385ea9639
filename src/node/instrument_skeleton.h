// The beginning of an instrument file, to be filled in by whoever has the text at hand.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace comity::node {

struct NewInstrument {
  std::string id, title, level = "bilateral";
  std::string signed_on;             // a day; empty: not known
  std::string in_force;              // a day, for every party; empty: not known
  std::vector<std::string> parties;  // at least two codes
  std::string provenance = "X";
};

// A file that loads as it is, once its parties stand in parties.toml: one permit and one forbid to
// begin with, and a line of explanation for each key. InvalidInput for what cannot be written.
Result<std::string> instrument_skeleton(const NewInstrument& instrument);

}  // namespace comity::node
