#include "atlas/matrix.h"

#include <algorithm>
#include <array>

#include "atlas/alike.h"
#include "atlas/asker.h"
#include "atlas/claims.h"
#include "atlas/questions.h"

namespace comity::atlas {
namespace {

std::uint16_t packed(const Cell& cell) {
  return static_cast<std::uint16_t>(
      static_cast<unsigned>(cell.basis) | static_cast<unsigned>(cell.state) << 3U |
      static_cast<unsigned>(cell.verdict) << 6U | static_cast<unsigned>(cell.claimed) << 9U |
      (cell.supposed ? 1U << 12U : 0U));
}

Cell unpacked(std::uint16_t bits) {
  const auto part = [bits](unsigned at) { return bits >> at & 7U; };
  return {static_cast<BasisLevel>(part(0)), static_cast<BasisState>(part(3)),
          static_cast<treaty::VerdictKind>(part(6)), static_cast<BasisLevel>(part(9)),
          (bits >> 12U & 1U) != 0};
}

// The first two of each kind: a pair of alike parties needs two.
using Examples = std::vector<std::array<int, 2>>;

Examples examples_of(const std::vector<int>& kind_of, int kinds) {
  Examples out(static_cast<std::size_t>(kinds), {-1, -1});
  for (int party = 0; party < static_cast<int>(kind_of.size()); ++party) {
    auto& two = out[static_cast<std::size_t>(kind_of[static_cast<std::size_t>(party)])];
    auto& place = two[0] < 0 ? two[0] : two[1];
    if (place < 0) place = party;
  }
  return out;
}

}  // namespace

Result<Matrix> Matrix::of(const treaty::CompiledRegister& law, Instant at,
                          std::optional<int> area) {
  const auto& model = law.model();
  TRY(const auto questions, Questions::of(model));
  Matrix out;
  out.law_ = &law;
  out.at_ = at;
  out.areas_ = questions.areas();
  out.content_ = model.vocabulary.areas.index("content");
  out.kind_of_ = alike(model, at);
  for (const int kind : out.kind_of_) out.kinds_ = std::max(out.kinds_, kind + 1);
  const auto size = static_cast<std::size_t>(out.kinds_);
  out.cells_.resize(size * size * static_cast<std::size_t>(out.areas_), packed(Cell()));
  out.fill(questions, area);
  return out;
}

void Matrix::fill(const Questions& questions, std::optional<int> area) {
  const auto& model = law_->model();
  const VerdictReader reader(model);
  const Claims claims(model, questions, at_);
  const auto examples = examples_of(kind_of_, kinds_);
  const auto is_state = [&](int party) {
    return model.parties[static_cast<std::size_t>(party)].is_state();
  };
  for (const auto& senders : examples) {
    const int from = senders[0];
    if (!is_state(from)) continue;
    Asker asker(*law_, questions, reader, claims, from, at_);
    for (const auto& recipients : examples) {
      const int to = recipients[0] == from ? recipients[1] : recipients[0];
      if (to < 0 || !is_state(to)) continue;
      for (int one = area.value_or(0); one < (area ? *area + 1 : areas_); ++one) {
        cells_[place(from, to, one)] = packed(asker.plain_cell(one, to));
      }
    }
  }
}

std::size_t Matrix::place(int from, int to, int area) const {
  const auto kind = [&](int party) {
    return static_cast<std::size_t>(kind_of_[static_cast<std::size_t>(party)]);
  };
  return (kind(from) * static_cast<std::size_t>(kinds_) + kind(to)) *
             static_cast<std::size_t>(areas_) +
         static_cast<std::size_t>(area);
}

std::vector<int> Matrix::states(bool invented) const {
  const auto& parties = law_->model().parties;
  std::vector<int> out;
  for (std::size_t i = 0; i < parties.size(); ++i) {
    const bool counts =
        parties[i].is_state() && (invented || parties[i].kind != treaty::PartyKind::Invented);
    if (counts) out.push_back(static_cast<int>(i));
  }
  return out;
}

Cell Matrix::cell(int from, int to, int area) const {
  return unpacked(cells_[place(from, to, area)]);
}

Cell Matrix::best(int from, int to) const {
  Cell out;
  for (int area = 0; area < areas_; ++area) {
    const auto one = cell(from, to, area);
    const bool refused_to_all =
        areas_ > 1 && area == content_ && one.verdict == treaty::VerdictKind::Forbidden;
    if (!refused_to_all && better(one, out)) out = one;
  }
  return out;
}

}  // namespace comity::atlas
