#include "node/coverage_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "atlas/coverage.h"
#include "atlas/drawing.h"
#include "atlas/gaps.h"
#include "atlas/matrix.h"
#include "atlas/suppose.h"
#include "atlas/what_if.h"
#include "base/world.h"
#include "exchange/verification.h"
#include "node/command_parts.h"
#include "node/coverage_text.h"
#include "treaty/party_names.h"

namespace comity::node {
namespace {

using atlas::Cell;
using treaty::Model;

// ---- arguments ---------------------------------------------------------------------------------

Result<std::optional<int>> party_argument(const Model& model, const json::Object& arguments) {
  const auto code = text_argument(arguments, "party");
  if (code.empty()) return std::optional<int>();
  const auto party = model.party(code);
  if (party) return party;
  return fail(ErrorKind::InvalidInput,
              fmt::format("'{}' is no party of the register; expected a code of parties.toml{}",
                          code, treaty::party_suggestion(model, code)),
              "--party");
}

Result<std::optional<int>> area_argument(const Model& model, const json::Object& arguments) {
  const auto name = text_argument(arguments, "area");
  if (name.empty()) return std::optional<int>();
  const auto area = model.vocabulary.areas.index(name);
  if (area) return area;
  std::string known;
  for (const auto& one : model.vocabulary.areas.values) known += " " + one;
  return fail(ErrorKind::InvalidInput,
              fmt::format("'{}' is no area of the register; it has{}", name, known), "--area");
}

Result<Instant> instant_argument(const LawInHand& in, const json::Object& arguments) {
  const auto text = text_argument(arguments, "at");
  if (text.empty()) return in.now;
  auto at = parse_day_or_instant(text);
  if (!at) return tl::unexpected<Error>(std::move(at.error()).at("--at"));
  return *at;
}

Result<std::vector<atlas::Membership>> memberships(const json::Object& arguments,
                                                   const char* name) {
  std::vector<atlas::Membership> out;
  for (const auto& text : list_argument(arguments, name)) {
    TRY(auto one, atlas::membership_from_text(text, fmt::format("--{}", name)));
    out.push_back(std::move(one));
  }
  return out;
}

// "accede[1]", the place in a supposition, as the flag that was typed: "--accede KZ:coe-185".
Error as_typed(Error error, const json::Object& arguments) {
  for (const char* name : {"accede", "withdraw"}) {
    const auto texts = list_argument(arguments, name);
    for (std::size_t i = 0; i < texts.size(); ++i) {
      if (error.where == fmt::format("{}[{}]", name, i)) {
        error.where = fmt::format("--{} {}", name, texts[i]);
        return error;
      }
    }
  }
  return error;
}

bool invented(const Model& model, std::optional<int> party) {
  return party &&
         model.parties[static_cast<std::size_t>(*party)].kind == treaty::PartyKind::Invented;
}

// ---- answers -----------------------------------------------------------------------------------

std::string mode_text(const LawInHand& in) {
  return in.exercise ? fmt::format("exercise {}", *in.exercise) : "operational";
}

std::string mark(const LawInHand& in) {
  return in.exercise
             ? fmt::format("EXERCISE {} – what follows rests on assumptions\n", *in.exercise)
             : std::string();
}

json::Value code(const Model& model, std::optional<int> party) {
  return party ? json::Value(model.parties[static_cast<std::size_t>(*party)].code) : json::Value();
}

const std::string& area_name(const Model& model, int area) {
  return model.vocabulary.areas.values[static_cast<std::size_t>(area)];
}

json::Array areas_json(const Model& model, treaty::Bits areas) {
  json::Array out;
  for (std::size_t i = 0; i < model.vocabulary.areas.values.size(); ++i) {
    if ((areas >> i & 1U) != 0) out.emplace_back(model.vocabulary.areas.values[i]);
  }
  return out;
}

// What every answer begins with.
json::Object head(const LawInHand& in, Instant at) {
  json::Object out;
  out.set("mode", treaty::name(in.law->mode()));
  out.set("exercise", in.exercise ? json::Value(*in.exercise) : json::Value());
  out.set("register", digest_text(in.law->model().digest));
  out.set("at", format_rfc3339(at));
  return out;
}

void set_cell(json::Object& out, const Cell& cell) {
  out.set("basis", name(cell.basis));
  out.set("state", name(cell.state));
  out.set("verdict", treaty::name(cell.verdict));
  out.set("claimed", cell.state == atlas::BasisState::Claimed ? json::Value(name(cell.claimed))
                                                              : json::Value());
}

json::Object claim_json(const Model& model, const atlas::Claim& claim) {
  json::Object out;
  out.set("instrument", model.instruments[static_cast<std::size_t>(claim.instrument)].id);
  out.set("level", name(claim.level));
  out.set("areas", areas_json(model, claim.areas));
  out.set("by", claim.by);
  out.set("provenance", claim.provenance);
  return out;
}

json::Array basis_json(const std::vector<treaty::BasisEntry>& entries) {
  json::Array out;
  for (const auto& entry : entries) {
    json::Object row;
    row.set("instrument", entry.instrument);
    row.set("clause", entry.clause);
    row.set("article", entry.article);
    row.set("status", entry.status);
    out.push_back(std::move(row));
  }
  return out;
}

// ---- coverage ----------------------------------------------------------------------------------

bool is_shown(const Cell& cell) {
  return cell.has_basis() || cell.state == atlas::BasisState::Claimed;
}

Result<std::vector<CellLine>> lines_of_party(const LawInHand& in, int party, Instant at,
                                             std::optional<int> area) {
  std::vector<CellLine> out;
  const auto areas = static_cast<int>(in.law->model().vocabulary.areas.values.size());
  for (int one = area.value_or(0); one < (area ? *area + 1 : areas); ++one) {
    TRY(auto rows, atlas::coverage(*in.law, {party, at, one}));
    for (auto& row : rows) {
      Cell cell{row.basis, row.state, row.verdict, atlas::BasisLevel::None, row.supposed};
      if (!row.claims.empty()) cell.claimed = row.claims.front().level;
      if (!is_shown(cell)) continue;
      out.push_back(
          {party, row.party, one, cell, std::move(row.instruments), std::move(row.claims)});
    }
  }
  std::stable_sort(out.begin(), out.end(),
                   [](const CellLine& a, const CellLine& b) { return a.to < b.to; });
  return out;
}

Result<std::vector<CellLine>> lines_of_all(const LawInHand& in, Instant at,
                                           std::optional<int> area) {
  TRY(const auto matrix, atlas::Matrix::of(*in.law, at, area));
  const auto states = matrix.states(false);
  std::vector<CellLine> out;
  for (const int from : states) {
    for (const int to : states) {
      for (int one = 0; one < matrix.areas() && from != to; ++one) {
        const auto cell = matrix.cell(from, to, one);
        if (is_shown(cell)) out.push_back({from, to, one, cell, {}, {}});
      }
    }
  }
  return out;
}

json::Array lines_json(const Model& model, const std::vector<CellLine>& lines, bool behind) {
  json::Array out;
  for (const auto& line : lines) {
    json::Object row;
    row.set("from", code(model, line.from));
    row.set("to", code(model, line.to));
    row.set("area", area_name(model, line.area));
    set_cell(row, line.cell);
    if (behind) {
      row.set("instruments", basis_json(line.instruments));
      json::Array claims;
      for (const auto& claim : line.claims) claims.push_back(claim_json(model, claim));
      row.set("claims", std::move(claims));
    }
    out.push_back(std::move(row));
  }
  return out;
}

json::Object counts_json(const std::vector<CellLine>& lines) {
  std::array<std::int64_t, atlas::basis_state_count> counts{};
  for (const auto& line : lines) ++counts[static_cast<std::size_t>(line.cell.state)];
  json::Object out;
  for (std::size_t i = 0; i + 1 < counts.size(); ++i) {
    out.set(name(static_cast<atlas::BasisState>(i)), counts[i]);
  }
  return out;
}

// ---- what if -----------------------------------------------------------------------------------

json::Object counts_json(const atlas::WhatIf::Counts& counts) {
  json::Object out;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    out.set(name(static_cast<atlas::CellChange>(i)), static_cast<std::int64_t>(counts[i]));
  }
  return out;
}

json::Object side_json(const Cell& cell) {
  json::Object out;
  set_cell(out, cell);
  out.set("supposed", cell.supposed);
  return out;
}

json::Array changes_json(const Model& model, const atlas::WhatIf& found) {
  json::Array out;
  for (const auto& cell : found.cells) {
    json::Object row;
    row.set("from", code(model, cell.from));
    row.set("to", code(model, cell.to));
    row.set("area", area_name(model, cell.area));
    row.set("change", name(cell.change));
    row.set("before", side_json(cell.before));
    row.set("after", side_json(cell.after));
    out.push_back(std::move(row));
  }
  return out;
}

json::Array steps_json(const std::vector<atlas::SupposedStep>& steps) {
  json::Array out;
  for (const auto& step : steps) {
    json::Object row;
    row.set("step", name(step.kind));
    row.set("party", step.party.empty() ? json::Value() : json::Value(step.party));
    row.set("instrument", step.instrument);
    out.push_back(std::move(row));
  }
  return out;
}

}  // namespace

Result<LawInHand> law_in_hand(const LawSource& source) {
  LawInHand out;
  TRY(out.files, treaty::read_register(source.directory));
  out.exercise = source.exercise;
  auto model = treaty::load_register(out.files, out.exercise);
  if (!model) return tl::unexpected<Error>(treaty::as_error(model.error()));
  const auto mode = out.exercise ? treaty::Mode::Exercise : treaty::Mode::Operational;
  out.law = std::make_shared<const treaty::CompiledRegister>(*model, out.own, mode);
  out.now = system_clock().now();
  return out;
}

Result<LawInHand> law_in_hand(const exchange::Node& node) {
  LawInHand out;
  out.law = node.law();
  TRY(out.files, node.register_files());
  if (node.mode() == treaty::Mode::Exercise) out.exercise = node.exercise();
  TRY(const auto snapshot, node.store().read());
  out.own = exchange::own_verifications(node, *snapshot, out.files);
  out.party = node.party();
  out.now = node.treaty_now();
  return out;
}

Result<Outcome> coverage_table(const LawInHand& in, const json::Object& arguments) {
  const auto& model = in.law->model();
  TRY(const auto at, instant_argument(in, arguments));
  TRY(const auto party, party_argument(model, arguments));
  TRY(const auto area, area_argument(model, arguments));
  TRY(const auto lines, party ? lines_of_party(in, *party, at, area) : lines_of_all(in, at, area));
  Outcome outcome;
  if (text_argument(arguments, "format") == "csv") {
    outcome.text = cells_csv(model, mode_text(in), at, lines);
  } else {
    outcome.text = mark(in) + fmt::format("at {}\n", format_rfc3339(at));
    outcome.text += !party ? cells_summary(model, lines)
                    : area ? cells_list(model, lines)
                           : cells_grid(model, lines);
  }
  auto data = head(in, at);
  data.set("party", code(model, party));
  data.set("area", area ? json::Value(area_name(model, *area)) : json::Value());
  data.set("counts", counts_json(lines));
  data.set("cells", lines_json(model, lines, party.has_value()));
  outcome.data = std::move(data);
  return outcome;
}

Result<Outcome> coverage_gaps(const LawInHand& in, const json::Object& arguments) {
  const auto& model = in.law->model();
  TRY(const auto at, instant_argument(in, arguments));
  TRY(auto party, party_argument(model, arguments));
  if (!party) party = model.party(in.party);
  if (!party) return fail(ErrorKind::InvalidInput, "of which party? give --party XX");
  TRY(const auto found, atlas::gaps(*in.law, *party, at));
  Outcome outcome;
  outcome.text =
      mark(in) +
      fmt::format("gaps of {} at {}\n", model.parties[static_cast<std::size_t>(*party)].code,
                  format_rfc3339(at)) +
      gaps_text(model, found);
  auto data = head(in, at);
  data.set("party", code(model, party));
  json::Object counts;
  for (std::size_t i = 0; i < found.cells.size(); ++i) {
    counts.set(name(static_cast<atlas::BasisState>(i)), found.cells[i]);
  }
  data.set("counts", std::move(counts));
  json::Array rows;
  for (const auto& gap : found.rows) {
    json::Object row;
    row.set("party", code(model, gap.party));
    for (std::size_t i = 0; i < gap.areas.size(); ++i) {
      row.set(name(static_cast<atlas::BasisState>(i)), areas_json(model, gap.areas[i]));
    }
    json::Array claims, nearest;
    for (const auto& claim : gap.claims) claims.push_back(claim_json(model, claim));
    for (const auto& step : gap.nearest) {
      json::Object one;
      one.set("instrument", model.instruments[static_cast<std::size_t>(step.instrument)].id);
      one.set("level", name(step.level));
      one.set("step", name(step.kind));
      one.set("operative", step.operative);
      one.set("areas", areas_json(model, step.areas));
      nearest.push_back(std::move(one));
    }
    row.set("claims", std::move(claims));
    row.set("nearest", std::move(nearest));
    rows.push_back(std::move(row));
  }
  data.set("rows", std::move(rows));
  outcome.data = std::move(data);
  return outcome;
}

Result<Outcome> coverage_what_if(const LawInHand& in, const json::Object& arguments) {
  const auto& model = in.law->model();
  TRY(const auto at, instant_argument(in, arguments));
  TRY(const auto party, party_argument(model, arguments));
  TRY(const auto area, area_argument(model, arguments));
  atlas::Supposition supposition;
  TRY(supposition.accede, memberships(arguments, "accede"));
  TRY(supposition.withdraw, memberships(arguments, "withdraw"));
  supposition.file = text_argument(arguments, "text");  // "file" would mean a path
  if (const auto called = text_argument(arguments, "file_name"); !called.empty()) {
    supposition.file_name = called;
  }
  const auto found_law = atlas::suppose(in.files, in.exercise, supposition, at);
  if (!found_law) return tl::unexpected<Error>(as_typed(found_law.error(), arguments));
  const auto& supposed = *found_law;
  if (!supposed.problems.empty()) {
    return tl::unexpected<Error>(treaty::as_error(supposed.problems));
  }
  const treaty::CompiledRegister after_law(supposed.model, in.own, in.law->mode());
  TRY(const auto before, atlas::Matrix::of(*in.law, at, area));
  TRY(const auto after, atlas::Matrix::of(after_law, at, area));
  const auto found = atlas::what_if(before, after, party, invented(model, party));
  Outcome outcome;
  outcome.text = mark(in) + fmt::format("what if, at {}:\n", format_rfc3339(at));
  for (const auto& step : supposed.steps) outcome.text += fmt::format("  {}\n", step_text(step));
  outcome.text +=
      "What rests on it is assumed: nobody has verified it.\n" + changes_text(model, found);
  auto data = head(in, at);
  data.set("party", code(model, party));
  data.set("area", area ? json::Value(area_name(model, *area)) : json::Value());
  data.set("supposed", steps_json(supposed.steps));
  data.set("cells", counts_json(found.all));
  if (party) data.set("own", counts_json(found.own));
  data.set("pairs", static_cast<std::int64_t>(found.pairs));
  data.set("rows", changes_json(model, found));
  data.set("more", static_cast<std::int64_t>(found.more));
  outcome.data = std::move(data);
  return outcome;
}

Result<Outcome> coverage_drawing(const LawInHand& in, const json::Object& arguments) {
  const auto& model = in.law->model();
  const auto called = text_argument(arguments, "kind");
  const auto kind = atlas::drawing_kind(called);
  if (!kind) {
    return fail(ErrorKind::InvalidInput,
                fmt::format("'{}' is no drawing; expected pyramid or web", called));
  }
  TRY(const auto at, instant_argument(in, arguments));
  TRY(const auto party, party_argument(model, arguments));
  const auto language = text_argument(arguments, "lang");
  auto words = words_of(language.empty() ? "en" : language);
  if (!words) return tl::unexpected<Error>(std::move(words.error()).at("--lang"));
  Outcome outcome;
  outcome.text = atlas::draw(*kind, model, *words, {party, at});
  auto data = head(in, at);
  data.set("kind", called);
  data.set("party", code(model, party));
  data.set("svg", outcome.text);
  outcome.data = std::move(data);
  return outcome;
}

Result<Outcome> run_coverage(exchange::Node& node, const json::Object& arguments) {
  TRY(const auto in, law_in_hand(node));
  return coverage_table(in, arguments);
}

Result<Outcome> run_gaps(exchange::Node& node, const json::Object& arguments) {
  TRY(const auto in, law_in_hand(node));
  return coverage_gaps(in, arguments);
}

Result<Outcome> run_what_if(exchange::Node& node, const json::Object& arguments) {
  TRY(const auto in, law_in_hand(node));
  return coverage_what_if(in, arguments);
}

Result<Outcome> run_drawing(exchange::Node& node, const json::Object& arguments) {
  TRY(const auto in, law_in_hand(node));
  return coverage_drawing(in, arguments);
}

}  // namespace comity::node
