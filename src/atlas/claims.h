// What is only claimed: binding instruments by which two states are bound, of which somebody says
// that they are about an area, and of which no clause in the register speaks to a question of that
// area. A claim is never a basis. Immutable; any thread. Keeps references to its arguments.
#pragma once

#include <string>
#include <vector>

#include "atlas/cell.h"
#include "atlas/questions.h"

namespace comity::atlas {

struct Claim {
  int instrument = 0;  // index in the model
  BasisLevel level = BasisLevel::None;
  treaty::Bits areas = 0;
  std::string by, provenance;  // of the first that claims one of these areas
};

class Claims {
 public:
  // As of one instant. A state is bound when it is a party, or when that is not known.
  Claims(const treaty::Model& model, const Questions& questions, Instant at);

  // Claims on any of `areas` between the two: the closest level first, then by id. Each holds those
  // of `areas` that it claims.
  std::vector<Claim> between(int a, int b, treaty::Bits areas) const;
  // The closest level at which an area is claimed between the two, for each area.
  std::vector<BasisLevel> levels(int a, int b) const;
  // Whether the party is bound by the instrument, as far as is known.
  bool bound(int instrument, int party) const {
    return bound_[static_cast<std::size_t>(instrument)].test(static_cast<std::size_t>(party));
  }
  // The areas that are only claimed of an instrument.
  treaty::Bits only_claimed(int instrument) const {
    return claimed_[static_cast<std::size_t>(instrument)];
  }

 private:
  Claim claim_of(int instrument, treaty::Bits areas) const;

  const treaty::Model& model_;
  int areas_;
  std::vector<treaty::PartySet> bound_;  // by instrument
  std::vector<treaty::Bits> claimed_;    // by instrument
  std::vector<int> claiming_;            // instruments with a claim, closest level first
};

}  // namespace comity::atlas
