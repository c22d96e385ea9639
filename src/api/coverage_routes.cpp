// What the agreements of the register cover, for the map and its table.
#include <fmt/format.h>

#include <array>

#include "api/citation.h"
#include "api/route.h"
#include "atlas/coverage.h"
#include "treaty/phrases.h"

namespace comity::api {
namespace {

json::Object row_json(const treaty::Model& model, const atlas::CoverageRow& row) {
  const auto& party = model.parties[static_cast<std::size_t>(row.party)];
  json::Array instruments;
  for (const auto& entry : row.instruments) {
    auto citation = citation_json(model, entry.instrument, entry.clause);
    citation.set("status", entry.status);
    // Some hundred rows: the sheet of the agreement has the sentences.
    citation.set("sentence", json::Value());
    citation.set("says", json::Value());
    instruments.push_back(std::move(citation));
  }
  json::Object out;
  out.set("party", party.code);
  out.set("name", party.name);
  out.set("basis", atlas::name(row.basis));
  out.set("state", atlas::name(row.state));
  out.set("verdict", treaty::name(row.verdict));
  out.set("instruments", std::move(instruments));
  return out;
}

Result<atlas::CoverageQuestion> question_of(const Call& call, const treaty::Model& model) {
  atlas::CoverageQuestion out;
  const auto asked = call.query_value("party");
  const auto code = asked.empty() ? std::string_view(call.node.party()) : asked;
  const auto party = model.party(code);
  if (!party) {
    return fail(ErrorKind::InvalidInput, fmt::format("'{}' is no party of the register", code),
                "party");
  }
  out.party = *party;
  out.at = call.node.treaty_now();
  if (const auto at = call.query_value("at"); !at.empty()) {
    auto instant = parse_day_or_instant(at);
    if (!instant) return tl::unexpected<Error>(std::move(instant).error().at("at"));
    out.at = *instant;
  }
  if (const auto area = call.query_value("area"); !area.empty()) {
    out.area = model.vocabulary.areas.index(area);
    if (!out.area) {
      return fail(ErrorKind::InvalidInput, fmt::format("'{}' is no area of the register", area),
                  "area");
    }
  }
  return out;
}

Result<Answer> read_coverage(Call& call) {
  const auto law = call.node.law();
  const auto& model = law->model();
  TRY(const auto question, question_of(call, model));
  TRY(const auto rows, atlas::coverage(*law, question));
  std::array<std::int64_t, atlas::basis_level_count> counts{};
  json::Array items;
  for (const auto& row : rows) {
    ++counts[static_cast<std::size_t>(row.basis)];
    items.emplace_back(row_json(model, row));
  }
  json::Object by_basis;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    by_basis.set(atlas::name(static_cast<atlas::BasisLevel>(i)), counts[i]);
  }
  json::Object body;
  body.set("party", model.parties[static_cast<std::size_t>(question.party)].code);
  body.set("at", treaty::instant_text(question.at));
  body.set("rows", std::move(items));
  body.set("counts", std::move(by_basis));
  Answer answer;
  answer.body = std::move(body);
  return answer;
}

}  // namespace

std::vector<Route> coverage_routes() {
  return {
      {.operation = "readCoverage",
       .method = "GET",
       .path = "/api/v1/coverage",
       .access = Access::SignedIn,
       .roles = RoleSet::all(),
       .query = {"party", "at", "area"},
       .body = Body::None,
       .fresh_factor = false,
       .handle = read_coverage},
  };
}

}  // namespace comity::api
