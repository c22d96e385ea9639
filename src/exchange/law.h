// Legal facts that this node enters into its own register. A register is local: nothing here
// changes another's.
#pragma once

#include <string>

#include "exchange/node.h"

namespace comity::exchange {

struct NewArrangement {
  std::string instrument, kind, with;
  std::string from_day;  // "2026-11-23"; empty: from today on
};

// Adds arrangements/<id>.toml and returns the id. In operational mode it takes two officer keys,
// which this version does not have: refused.
Result<std::string> enter_arrangement(Node& node, const NewArrangement& arrangement);

}  // namespace comity::exchange
