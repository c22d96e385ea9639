#include "atlas/claims.h"

#include <algorithm>

#include "treaty/clause_rows.h"

namespace comity::atlas {
namespace {

using treaty::bit;
using treaty::Bits;

// National law binds inside one state.
bool may_bind(const treaty::Instrument& instrument) {
  constexpr int national = 5;
  return instrument.binding == treaty::Binding::Binding && instrument.level_rank() < national;
}

}  // namespace

Claims::Claims(const treaty::Model& model, const Questions& questions, Instant at)
    : model_(model),
      areas_(questions.areas()),
      bound_(model.instruments.size()),
      claimed_(model.instruments.size()) {
  for (std::size_t i = 0; i < model.instruments.size(); ++i) {
    const auto& instrument = model.instruments[i];
    if (!may_bind(instrument)) continue;
    for (const auto& entry : instrument.parties) {
      const auto standing = treaty::standing_of(model, static_cast<int>(i), entry.party, at);
      if (standing == treaty::Standing::Live || standing == treaty::Standing::Unknown) {
        bound_[i].set(static_cast<std::size_t>(entry.party));
      }
    }
    for (const auto& claim : instrument.area_claims) claimed_[i] |= claim.areas;
    claimed_[i] &= ~questions.areas_of(instrument);
    if (claimed_[i] != 0) claiming_.push_back(static_cast<int>(i));
  }
  std::stable_sort(claiming_.begin(), claiming_.end(), [&](int a, int b) {
    return level_of(model.instruments[static_cast<std::size_t>(a)]) <
           level_of(model.instruments[static_cast<std::size_t>(b)]);
  });
}

Claim Claims::claim_of(int instrument, Bits areas) const {
  const auto& of = model_.instruments[static_cast<std::size_t>(instrument)];
  Claim out{instrument, level_of(of), areas, {}, {}};
  const auto first = std::find_if(of.area_claims.begin(), of.area_claims.end(),
                                  [&](const auto& one) { return (one.areas & areas) != 0; });
  if (first != of.area_claims.end()) {
    out.by = first->by;
    out.provenance = first->provenance;
  }
  return out;
}

std::vector<Claim> Claims::between(int a, int b, Bits areas) const {
  std::vector<Claim> out;
  for (const int instrument : claiming_) {
    const auto claimed = only_claimed(instrument) & areas;
    if (claimed == 0 || !bound(instrument, a) || !bound(instrument, b)) continue;
    out.push_back(claim_of(instrument, claimed));
  }
  return out;
}

std::vector<BasisLevel> Claims::levels(int a, int b) const {
  std::vector<BasisLevel> out(static_cast<std::size_t>(areas_), BasisLevel::None);
  Bits open = ~Bits{0};
  for (const int instrument : claiming_) {
    const auto claimed = only_claimed(instrument) & open;
    if (claimed == 0 || !bound(instrument, a) || !bound(instrument, b)) continue;
    open &= ~claimed;
    const auto level = level_of(model_.instruments[static_cast<std::size_t>(instrument)]);
    for (int area = 0; area < areas_; ++area) {
      if ((claimed & bit(area)) != 0) out[static_cast<std::size_t>(area)] = level;
    }
  }
  return out;
}

}  // namespace comity::atlas
