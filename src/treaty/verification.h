// What the deciding party itself has verified against the official texts: pairs of instrument and
// clause digest, signed by two of its legal advisers. Empty until it has done so; a changed row has
// another digest and is unverified again.
#pragma once

#include <set>
#include <string>
#include <utility>

#include "base/bytes.h"

namespace comity::treaty {

struct Verifications {
  std::set<std::pair<std::string, Digest>> verified;
  bool holds(const std::string& instrument, const Digest& clause) const {
    return verified.contains({instrument, clause});
  }
};

}  // namespace comity::treaty
