// What the agreements of the register cover: the map and its table, gaps, what would change, and
// drawings.
#include <fmt/format.h>

#include <map>
#include <utility>

#include "api/catalogues.h"
#include "api/coverage_json.h"
#include "api/route.h"
#include "atlas/drawing.h"
#include "atlas/matrix.h"
#include "exchange/verification.h"
#include "treaty/party_names.h"
#include "treaty/phrases.h"

namespace comity::api {
namespace {

constexpr std::size_t what_if_rows_max = 1000;  // shown; more are counted
constexpr std::size_t step_bytes_max = 256;     // of XX:INSTRUMENT

Result<int> party_of(const treaty::Model& model, std::string_view code, const char* where) {
  const auto party = model.party(code);
  if (party) return *party;
  return fail(ErrorKind::InvalidInput,
              fmt::format("'{}' is no party of the register{}", code,
                          treaty::party_suggestion(model, code)),
              where);
}

Result<std::optional<int>> area_of(const treaty::Model& model, std::string_view name,
                                   const char* where) {
  if (name.empty()) return std::optional<int>();
  const auto area = model.vocabulary.areas.index(name);
  if (area) return area;
  return fail(ErrorKind::InvalidInput, fmt::format("'{}' is no area of the register", name), where);
}

Result<Instant> instant_of(const Call& call, std::string_view text, const char* where) {
  if (text.empty()) return call.node.treaty_now();
  auto at = parse_day_or_instant(text);
  if (!at) return tl::unexpected<Error>(std::move(at).error().at(where));
  return *at;
}

Result<atlas::CoverageQuestion> question_of(const Call& call, const treaty::Model& model) {
  atlas::CoverageQuestion out;
  const auto asked = call.query_value("party");
  TRY(out.party,
      party_of(model, asked.empty() ? std::string_view(call.node.party()) : asked, "party"));
  TRY(out.at, instant_of(call, call.query_value("at"), "at"));
  TRY(out.area, area_of(model, call.query_value("area"), "area"));
  return out;
}

Answer answer_of(json::Object body) {
  Answer answer;
  answer.body = std::move(body);
  return answer;
}

Result<Answer> read_coverage(Call& call) {
  const auto law = call.node.law();
  TRY(const auto question, question_of(call, law->model()));
  TRY(const auto rows, atlas::coverage(*law, question));
  return answer_of(coverage_json(law->model(), question, rows));
}

Result<Answer> read_gaps(Call& call) {
  const auto law = call.node.law();
  TRY(const auto question, question_of(call, law->model()));
  TRY(const auto found, atlas::gaps(*law, question.party, question.at));
  return answer_of(gaps_json(law->model(), question.party, question.at, found));
}

Result<Answer> read_drawing(Call& call) {
  const auto kind = atlas::drawing_kind(call.path_value("kind"));
  if (!kind) return fail(ErrorKind::NotFound, "there is no such drawing; expected pyramid or web");
  const auto law = call.node.law();
  const auto& model = law->model();
  atlas::DrawingOf of;
  if (const auto party = call.query_value("party"); !party.empty()) {
    TRY(of.party, party_of(model, party, "party"));
  }
  TRY(of.at, instant_of(call, call.query_value("at"), "at"));
  const auto language = call.query_value("lang");
  auto words = words_in(language.empty() ? "en" : language);
  if (!words) return tl::unexpected<Error>(std::move(words).error().at("lang"));
  Answer answer;
  answer.content_type = "image/svg+xml";
  answer.text = atlas::draw(*kind, model, **words, of);
  return answer;
}

// ---- what if -----------------------------------------------------------------------------------

Result<std::vector<atlas::Membership>> memberships(const Call& call, std::string_view name) {
  std::vector<atlas::Membership> out;
  if (call.body.find(name) == nullptr) return out;
  TRY(const auto texts, texts_member(call, name, atlas::supposed_steps_max, step_bytes_max));
  for (std::size_t i = 0; i < texts.size(); ++i) {
    TRY(auto one, atlas::membership_from_text(texts[i], fmt::format("$.{}[{}]", name, i)));
    out.push_back(std::move(one));
  }
  return out;
}

// The rows of one law, asked for area by area.
class AreaRows {
 public:
  AreaRows(const treaty::CompiledRegister& law, int party, Instant at)
      : law_(law), party_(party), at_(at) {}

  Result<const atlas::CoverageRow*> row(int area, int other) {
    auto held = rows_.find(area);
    if (held == rows_.end()) {
      TRY(auto rows, atlas::coverage(law_, {party_, at_, area}));
      held = rows_.emplace(area, std::move(rows)).first;
    }
    for (const auto& row : held->second) {
      if (row.party == other) return &row;
    }
    return fail(ErrorKind::Corrupt, "a state has no row");
  }

 private:
  const treaty::CompiledRegister& law_;
  const int party_;
  const Instant at_;
  std::map<int, std::vector<atlas::CoverageRow>> rows_;
};

Result<json::Array> changes_json(const treaty::CompiledRegister& before,
                                 const treaty::CompiledRegister& after, int party, Instant at,
                                 const std::vector<atlas::ChangedCell>& cells) {
  AreaRows rows_before(before, party, at), rows_after(after, party, at);
  json::Array out;
  for (const auto& cell : cells) {
    const auto& other = before.model().parties[static_cast<std::size_t>(cell.to)];
    TRY(const auto* was, rows_before.row(cell.area, cell.to));
    TRY(const auto* is, rows_after.row(cell.area, cell.to));
    json::Object row;
    row.set("party", other.code);
    row.set("name", other.name);
    row.set("area", before.model().vocabulary.areas.values[static_cast<std::size_t>(cell.area)]);
    row.set("change", atlas::name(cell.change));
    row.set("before", cell_json(before.model(), *was));
    row.set("after", cell_json(after.model(), *is));
    out.emplace_back(std::move(row));
  }
  return out;
}

Result<atlas::Supposed> supposed_by(const Call& call, Instant at) {
  atlas::Supposition supposition;
  TRY(supposition.accede, memberships(call, "accede"));
  TRY(supposition.withdraw, memberships(call, "withdraw"));
  TRY(supposition.file, optional_text(call, "file", atlas::supposed_file_bytes_max));
  TRY(const auto files, call.node.register_files());
  const auto exercise = call.node.mode() == treaty::Mode::Exercise
                            ? std::optional(call.node.exercise())
                            : std::nullopt;
  auto out = atlas::suppose(files, exercise, supposition, at);
  if (!out) {
    auto error = std::move(out).error();
    error.where = error.where.empty() ? "$" : "$." + error.where;
    return tl::unexpected<Error>(std::move(error));
  }
  return out;
}

// The members that an answer has whatever came out.
json::Object what_if_json(const treaty::Model& model, const atlas::CoverageQuestion& question,
                          const atlas::Supposed& supposed, const atlas::WhatIf& found) {
  json::Object out;
  out.set("party", model.parties[static_cast<std::size_t>(question.party)].code);
  out.set("at", treaty::instant_text(question.at));
  out.set("area",
          question.area
              ? json::Value(model.vocabulary.areas.values[static_cast<std::size_t>(*question.area)])
              : json::Value());
  out.set("supposed", supposed_json(supposed.model ? *supposed.model : model, supposed.steps));
  out.set("problems", problems_json(supposed.problems));
  out.set("cells", counts_json(found.all));
  out.set("own", counts_json(found.own));
  out.set("pairs", found.pairs);
  out.set("rows", json::Array());
  out.set("more", found.more);
  return out;
}

Result<Answer> ask_what_if(Call& call) {
  TRY_STATUS(members(call, {"party", "at", "area", "accede", "withdraw", "file"}));
  const auto law = call.node.law();
  const auto& model = law->model();
  atlas::CoverageQuestion question;
  TRY(const auto code, optional_text(call, "party", step_bytes_max));
  TRY(question.party, party_of(model, code.empty() ? call.node.party() : code, "$.party"));
  TRY(const auto day, optional_text(call, "at", step_bytes_max));
  TRY(question.at, instant_of(call, day, "$.at"));
  TRY(const auto area, optional_text(call, "area", step_bytes_max));
  TRY(question.area, area_of(model, area, "$.area"));
  TRY(const auto supposed, supposed_by(call, question.at));
  if (!supposed.problems.empty()) return answer_of(what_if_json(model, question, supposed, {}));
  TRY(const auto files, call.node.register_files());
  TRY(const auto snapshot, call.node.store().read());
  const treaty::CompiledRegister after(
      supposed.model, exchange::own_verifications(call.node, *snapshot, files), law->mode());
  TRY(const auto now, atlas::Matrix::of(*law, question.at, question.area));
  TRY(const auto then, atlas::Matrix::of(after, question.at, question.area));
  const bool invented =
      model.parties[static_cast<std::size_t>(question.party)].kind == treaty::PartyKind::Invented;
  const auto found = atlas::what_if(now, then, question.party, invented, what_if_rows_max);
  auto body = what_if_json(model, question, supposed, found);
  TRY(auto rows, changes_json(*law, after, question.party, question.at, found.cells));
  body.set("rows", std::move(rows));
  return answer_of(std::move(body));
}

}  // namespace

std::vector<Route> coverage_routes() {
  const auto read = [](std::string_view operation, std::string_view path,
                       std::vector<std::string_view> query, Result<Answer> (*handle)(Call&)) {
    return Route{.operation = operation,
                 .method = "GET",
                 .path = path,
                 .access = Access::SignedIn,
                 .roles = RoleSet::all(),
                 .query = std::move(query),
                 .body = Body::None,
                 .fresh_factor = false,
                 .handle = handle};
  };
  return {
      read("readCoverage", "/api/v1/coverage", {"party", "at", "area"}, read_coverage),
      read("readCoverageGaps", "/api/v1/coverage/gaps", {"party", "at"}, read_gaps),
      {.operation = "askWhatIf",
       .method = "POST",
       .path = "/api/v1/coverage/what-if",
       .access = Access::SignedIn,
       .roles = RoleSet::all(),
       .query = {},
       .body = Body::Json,
       .fresh_factor = false,
       .handle = ask_what_if},
      read("readCoverageDrawing", "/api/v1/coverage/drawings/{kind}", {"party", "at", "lang"},
           read_drawing),
  };
}

}  // namespace comity::api
