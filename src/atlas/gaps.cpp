#include "atlas/gaps.h"

#include <algorithm>
#include <bitset>
#include <string_view>
#include <tuple>

#include "atlas/asker.h"
#include "atlas/coverage.h"
#include "atlas/questions.h"
#include "treaty/clause_rows.h"

namespace comity::atlas {
namespace {

using treaty::bit;
using treaty::Bits;

// What another state can join: a treaty between states, not a rule that an organisation gives its
// members, and not what two have agreed for themselves.
bool can_be_joined(const treaty::Instrument& instrument) {
  constexpr std::array<std::string_view, 4> forms = {"treaty", "agreement", "convention",
                                                     "protocol"};
  return level_of(instrument) != BasisLevel::Bilateral && instrument.category != "organisational" &&
         std::find(forms.begin(), forms.end(), instrument.form) != forms.end();
}

std::size_t count(Bits bits) { return std::bitset<64>(bits).count(); }

class Finder {
 public:
  Finder(const treaty::CompiledRegister& law, const Questions& questions, int party, Instant at)
      : model_(law.model()),
        areas_(questions.areas()),
        party_(party),
        at_(at),
        reader_(model_),
        claims_(model_, questions, at),
        asker_(law, questions, reader_, claims_, party, at) {
    for (std::size_t i = 0; i < model_.instruments.size(); ++i) {
      const auto& paper = model_.instruments[i];
      if (paper.binding != treaty::Binding::Binding) continue;
      const auto spoken = questions.areas_of(paper);
      const auto about = spoken | claims_.only_claimed(static_cast<int>(i));
      if (about != 0) candidates_.push_back({static_cast<int>(i), spoken, about});
    }
  }

  Gaps run() {
    Gaps out;
    for (int other = 0; other < static_cast<int>(model_.parties.size()); ++other) {
      if (other == party_ || !has_row(model_, other, party_)) continue;
      out.rows.push_back(gap(other));
      for (std::size_t i = 0; i < basis_state_count; ++i) {
        out.cells[i] += static_cast<std::int64_t>(count(out.rows.back().areas[i]));
      }
    }
    return out;
  }

 private:
  struct Candidate {
    int instrument;
    Bits spoken, about;
  };

  Gap gap(int other) {
    Gap out;
    out.party = other;
    for (int area = 0; area < areas_; ++area) {
      const auto cell = asker_.plain_cell(area, other);
      if (cell.verdict == treaty::VerdictKind::Forbidden) continue;
      out.areas[static_cast<std::size_t>(cell.state)] |= bit(area);
    }
    const auto claimed = out.areas[static_cast<std::size_t>(BasisState::Claimed)];
    const auto none = out.areas[static_cast<std::size_t>(BasisState::None)];
    if (claimed != 0) out.claims = claims_.between(party_, other, claimed);
    if ((claimed | none) != 0) out.nearest = nearest(other, claimed | none);
    return out;
  }

  std::optional<GapStep::Kind> step(const Candidate& candidate, int other) const {
    const auto& paper = model_.instruments[static_cast<std::size_t>(candidate.instrument)];
    // Who has suspended it is bound already: to join is not what it lacks.
    for (const int one : {party_, other}) {
      const auto standing = treaty::standing_of(model_, candidate.instrument, one, at_);
      if (standing == treaty::Standing::Suspended) return std::nullopt;
    }
    const bool own = claims_.bound(candidate.instrument, party_);
    const bool others = claims_.bound(candidate.instrument, other);
    if (own && others) return GapStep::Kind::Read;
    if (!can_be_joined(paper)) return std::nullopt;
    if (own) return GapStep::Kind::OtherJoins;
    if (others) return GapStep::Kind::PartyJoins;
    if (level_of(paper) == BasisLevel::Global) return GapStep::Kind::BothJoin;
    return std::nullopt;
  }

  std::vector<GapStep> nearest(int other, Bits missing) const {
    std::vector<GapStep> out;
    for (const auto& candidate : candidates_) {
      const auto kind = step(candidate, other);
      if (!kind) continue;
      // Between two that are bound already, only what is claimed is missing.
      const auto about =
          *kind == GapStep::Kind::Read ? candidate.about & ~candidate.spoken : candidate.about;
      const auto closes = about & missing;
      if (closes == 0) continue;
      const auto& paper = model_.instruments[static_cast<std::size_t>(candidate.instrument)];
      out.push_back(
          {*kind, candidate.instrument, level_of(paper), (candidate.spoken & closes) != 0, closes});
    }
    std::stable_sort(out.begin(), out.end(), [](const GapStep& a, const GapStep& b) {
      const auto key = [](const GapStep& one) {
        return std::tuple(one.kind, !one.operative, -static_cast<int>(count(one.areas)), one.level);
      };
      return key(a) < key(b);
    });
    if (out.size() > gap_steps_max) out.resize(gap_steps_max);
    return out;
  }

  const treaty::Model& model_;
  const int areas_, party_;
  const Instant at_;
  const VerdictReader reader_;
  const Claims claims_;
  Asker asker_;
  std::vector<Candidate> candidates_;
};

}  // namespace

const char* name(GapStep::Kind kind) {
  constexpr std::array<const char*, 4> names = {"read", "party-joins", "other-joins", "both-join"};
  return names[static_cast<std::size_t>(kind)];
}

Result<Gaps> gaps(const treaty::CompiledRegister& law, int party, Instant at) {
  TRY(const auto questions, Questions::of(law.model()));
  return Finder(law, questions, party, at).run();
}

}  // namespace comity::atlas
