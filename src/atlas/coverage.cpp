#include "atlas/coverage.h"

#include <utility>

#include "atlas/asker.h"
#include "atlas/questions.h"

namespace comity::atlas {
namespace {

class Cover {
 public:
  Cover(const treaty::CompiledRegister& law, const Questions& questions,
        const CoverageQuestion& question)
      : model_(law.model()),
        question_(question),
        areas_(questions.areas()),
        reader_(model_),
        claims_(model_, questions, question.at),
        asker_(law, questions, reader_, claims_, question.party, question.at) {}

  std::vector<CoverageRow> run() {
    std::vector<CoverageRow> out;
    for (int i = 0; i < static_cast<int>(model_.parties.size()); ++i) {
      if (!has_row(model_, i, question_.party)) continue;
      if (i == question_.party) {
        CoverageRow row;
        row.party = i;
        row.basis = BasisLevel::Own;
        out.push_back(std::move(row));
      } else {
        out.push_back(row_for(i));
      }
    }
    return out;
  }

 private:
  // What has content is refused to every state alike: beside other areas, where nothing was agreed,
  // that would say "forbidden" of a state with which there simply is no basis.
  bool refused_to_all(int area, const Cell& cell) const {
    return !question_.area && areas_ > 1 && cell.verdict == treaty::VerdictKind::Forbidden &&
           area == model_.vocabulary.areas.index("content");
  }

  CoverageRow row_for(int party) {
    Cell best;
    int best_area = question_.area.value_or(0);
    for (int area = best_area; area < (question_.area ? best_area + 1 : areas_); ++area) {
      const auto cell = asker_.plain_cell(area, party);
      if (refused_to_all(area, cell) || !better(cell, best)) continue;
      best = cell;
      best_area = area;
    }
    CoverageRow row;
    row.party = party;
    row.basis = best.basis;
    row.state = best.state;
    row.verdict = best.verdict;
    row.supposed = best.supposed;
    if (best.has_basis()) row.instruments = asker_.cell(best_area, party).instruments;
    if (best.state == BasisState::Claimed) {
      const auto asked = question_.area ? treaty::bit(*question_.area) : ~treaty::Bits{0};
      row.claims = claims_.between(question_.party, party, asked);
    }
    return row;
  }

  const treaty::Model& model_;
  const CoverageQuestion& question_;
  const int areas_;
  const VerdictReader reader_;
  const Claims claims_;
  Asker asker_;
};

}  // namespace

bool has_row(const treaty::Model& model, int party, int asking) {
  const auto& one = model.parties[static_cast<std::size_t>(party)];
  const auto& own = model.parties[static_cast<std::size_t>(asking)];
  const bool invented = one.kind == treaty::PartyKind::Invented;
  return party == asking ||
         (one.is_state() && (!invented || own.kind == treaty::PartyKind::Invented));
}

Result<std::vector<CoverageRow>> coverage(const treaty::CompiledRegister& law,
                                          const CoverageQuestion& question) {
  TRY(const auto questions, Questions::of(law.model()));
  return Cover(law, questions, question).run();
}

}  // namespace comity::atlas
