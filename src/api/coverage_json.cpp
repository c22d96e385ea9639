#include "api/coverage_json.h"

#include <array>

#include "api/citation.h"
#include "treaty/phrases.h"

namespace comity::api {
namespace {

using treaty::Model;

const treaty::Instrument& instrument_of(const Model& model, int index) {
  return model.instruments[static_cast<std::size_t>(index)];
}

const treaty::Party& party_of(const Model& model, int index) {
  return model.parties[static_cast<std::size_t>(index)];
}

json::Array areas_json(const Model& model, treaty::Bits areas) {
  json::Array out;
  const auto& names = model.vocabulary.areas.values;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if ((areas >> i & 1U) != 0) out.emplace_back(names[i]);
  }
  return out;
}

json::Object claim_json(const Model& model, const atlas::Claim& claim) {
  const auto& paper = instrument_of(model, claim.instrument);
  json::Object out;
  out.set("instrument", paper.id);
  out.set("title", paper.title);
  out.set("level", atlas::name(claim.level));
  out.set("by", claim.by);
  out.set("provenance", claim.provenance);
  return out;
}

json::Array claims_json(const Model& model, const std::vector<atlas::Claim>& claims) {
  json::Array out;
  for (const auto& claim : claims) out.emplace_back(claim_json(model, claim));
  return out;
}

json::Array citations_json(const Model& model, const std::vector<treaty::BasisEntry>& entries) {
  json::Array out;
  for (const auto& entry : entries) {
    auto citation = citation_json(model, entry.instrument, entry.clause);
    citation.set("status", entry.status);
    // Some hundred rows: the sheet of the agreement has the sentences.
    citation.set("sentence", json::Value());
    citation.set("says", json::Value());
    out.emplace_back(std::move(citation));
  }
  return out;
}

json::Object step_json(const Model& model, const atlas::GapStep& step) {
  const auto& paper = instrument_of(model, step.instrument);
  json::Object out;
  out.set("instrument", paper.id);
  out.set("title", paper.title);
  out.set("level", atlas::name(step.level));
  out.set("step", atlas::name(step.kind));
  out.set("operative", step.operative);
  out.set("areas", areas_json(model, step.areas));
  return out;
}

// A number for each name, in the order of the enumeration.
template <typename Name, std::size_t size>
json::Object numbers(const std::array<std::int64_t, size>& counts) {
  json::Object out;
  for (std::size_t i = 0; i < size; ++i) out.set(atlas::name(static_cast<Name>(i)), counts[i]);
  return out;
}

}  // namespace

json::Object coverage_row_json(const Model& model, const atlas::CoverageRow& row) {
  const auto& party = party_of(model, row.party);
  json::Object out;
  out.set("party", party.code);
  out.set("name", party.name);
  out.set("basis", atlas::name(row.basis));
  out.set("state", atlas::name(row.state));
  out.set("verdict", treaty::name(row.verdict));
  out.set("instruments", citations_json(model, row.instruments));
  out.set("claims", claims_json(model, row.claims));
  return out;
}

json::Object coverage_json(const Model& model, const atlas::CoverageQuestion& question,
                           const std::vector<atlas::CoverageRow>& rows) {
  std::array<std::int64_t, atlas::basis_level_count> by_basis{};
  std::array<std::int64_t, atlas::basis_state_count> by_state{};
  json::Array items;
  for (const auto& row : rows) {
    ++by_basis[static_cast<std::size_t>(row.basis)];
    if (row.basis != atlas::BasisLevel::Own) ++by_state[static_cast<std::size_t>(row.state)];
    items.emplace_back(coverage_row_json(model, row));
  }
  json::Object out;
  out.set("party", party_of(model, question.party).code);
  out.set("at", treaty::instant_text(question.at));
  out.set("rows", std::move(items));
  out.set("counts", numbers<atlas::BasisLevel>(by_basis));
  out.set("states", numbers<atlas::BasisState>(by_state));
  return out;
}

json::Object gaps_json(const Model& model, int party, Instant at, const atlas::Gaps& gaps) {
  json::Array rows;
  for (const auto& gap : gaps.rows) {
    const auto& other = party_of(model, gap.party);
    json::Object row;
    row.set("party", other.code);
    row.set("name", other.name);
    for (const auto state :
         {atlas::BasisState::None, atlas::BasisState::Claimed, atlas::BasisState::Unverified,
          atlas::BasisState::Assumed, atlas::BasisState::Verified}) {
      row.set(atlas::name(state), areas_json(model, gap.areas[static_cast<std::size_t>(state)]));
    }
    row.set("claims", claims_json(model, gap.claims));
    json::Array nearest;
    for (const auto& step : gap.nearest) nearest.emplace_back(step_json(model, step));
    row.set("nearest", std::move(nearest));
    rows.emplace_back(std::move(row));
  }
  json::Object out;
  out.set("party", party_of(model, party).code);
  out.set("at", treaty::instant_text(at));
  out.set("rows", std::move(rows));
  out.set("counts", numbers<atlas::BasisState>(gaps.cells));
  return out;
}

json::Array supposed_json(const Model& model, const std::vector<atlas::SupposedStep>& steps) {
  json::Array out;
  for (const auto& step : steps) {
    const auto index = model.instrument(step.instrument);
    json::Object row;
    row.set("step", atlas::name(step.kind));
    row.set("party", step.party.empty() ? json::Value() : json::Value(step.party));
    row.set("instrument", step.instrument);
    row.set("title", index ? instrument_of(model, *index).title : std::string());
    out.emplace_back(std::move(row));
  }
  return out;
}

json::Array problems_json(const std::vector<treaty::Problem>& problems) {
  json::Array out;
  for (const auto& problem : problems) {
    // What the file breaks elsewhere in the register says where that is.
    const bool own = problem.file == atlas::Supposition{}.file_name;
    const bool placed = own && problem.line > 0;
    json::Object row;
    row.set("line", placed ? problem.line : 0);
    row.set("column", placed ? problem.column : 0);
    row.set("found",
            own || problem.file.empty() ? problem.found : problem.file + ": " + problem.found);
    row.set("expected", problem.expected);
    row.set("suggestion", problem.suggestion);
    out.emplace_back(std::move(row));
  }
  return out;
}

json::Object counts_json(const atlas::WhatIf::Counts& counts) {
  json::Object out;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    out.set(atlas::name(static_cast<atlas::CellChange>(i)), counts[i]);
  }
  return out;
}

json::Object cell_json(const Model& model, const atlas::CoverageRow& row) {
  json::Object out;
  out.set("basis", atlas::name(row.basis));
  out.set("state", atlas::name(row.state));
  out.set("verdict", treaty::name(row.verdict));
  out.set("supposed", row.supposed);
  out.set("instruments", citations_json(model, row.instruments));
  return out;
}

}  // namespace comity::api
