#include "node/coverage_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <utility>

namespace comity::node {
namespace {

using atlas::BasisLevel;
using atlas::BasisState;
using atlas::Cell;
using treaty::Bits;
using treaty::Model;

constexpr std::size_t change_lines_max = 200;  // for a person; machines get all

const std::string& code_of(const Model& model, int party) {
  return model.parties[static_cast<std::size_t>(party)].code;
}

const std::string& area_of(const Model& model, int area) {
  return model.vocabulary.areas.values[static_cast<std::size_t>(area)];
}

const std::string& id_of(const Model& model, int instrument) {
  return model.instruments[static_cast<std::size_t>(instrument)].id;
}

// "G?": level, and how sure. A claim is a small letter.
std::string letters(const Cell& cell) {
  constexpr std::string_view great = " BMRG.", small = " bmrg.";
  if (cell.state == BasisState::Claimed) {
    return std::string(1, small[static_cast<std::size_t>(cell.claimed)]) + " ";
  }
  const char mark = cell.state == BasisState::Unverified ? '?'
                    : cell.state == BasisState::Assumed  ? '*'
                                                         : ' ';
  return {great[static_cast<std::size_t>(cell.basis)], mark};
}

bool needs_quotes(const std::string& field) {
  return field.find_first_of(",\"\r\n") != std::string::npos;
}

std::string joined(const std::vector<std::string>& values) {
  return fmt::format("{}", fmt::join(values, ", "));
}

}  // namespace

std::string csv_line(const std::vector<std::string>& fields) {
  std::string out;
  for (const auto& field : fields) {
    if (&field != fields.data()) out += ',';
    if (!needs_quotes(field)) {
      out += field;
      continue;
    }
    out += '"';
    for (const char c : field) out += c == '"' ? "\"\"" : std::string(1, c);
    out += '"';
  }
  return out + "\r\n";
}

std::string cells_csv(const Model& model, const std::string& mode, Instant at,
                      const std::vector<CellLine>& lines) {
  auto out = csv_line({"mode", "at", "from", "to", "area", "basis", "state", "verdict", "claimed"});
  const auto when = format_rfc3339(at);
  for (const auto& line : lines) {
    const auto& cell = line.cell;
    const bool claimed = cell.state == BasisState::Claimed;
    out += csv_line({mode, when, code_of(model, line.from), code_of(model, line.to),
                     area_of(model, line.area), name(cell.basis), name(cell.state),
                     treaty::name(cell.verdict), claimed ? name(cell.claimed) : ""});
  }
  return out;
}

std::string cells_grid(const Model& model, const std::vector<CellLine>& lines) {
  const auto areas = model.vocabulary.areas.values.size();
  std::map<int, std::vector<std::string>> rows;  // by recipient
  for (const auto& line : lines) {
    auto& row = rows.emplace(line.to, std::vector<std::string>(areas, ". ")).first->second;
    row[static_cast<std::size_t>(line.area)] = letters(line.cell);
  }
  std::string out = fmt::format("{:<8}", "");
  for (std::size_t i = 0; i < areas; ++i) out += fmt::format(" {:02}", i + 1);
  out += "\n";
  for (const auto& [party, row] : rows) {
    out += fmt::format("{:<8} {}\n", code_of(model, party), fmt::join(row, " "));
  }
  out +=
      "\nB bilateral  M multilateral  R regional  G global   ? unverified  * assumed  small "
      "letter: only claimed, no basis\nstates that are not listed: neither basis nor claim\n";
  for (std::size_t i = 0; i < areas; ++i) {
    out += fmt::format("{:02} {}{}", i + 1, model.vocabulary.areas.values[i],
                       i + 1 == areas ? "\n"
                       : i % 4 == 3   ? "\n"
                                      : "  ");
  }
  return out;
}

std::string cells_list(const Model& model, const std::vector<CellLine>& lines) {
  std::string out;
  for (const auto& line : lines) {
    std::vector<std::string> behind;
    for (const auto& entry : line.instruments) {
      behind.push_back(fmt::format("{} {}", entry.instrument, entry.article));
    }
    for (const auto& claim : line.claims) {
      behind.push_back(fmt::format("{} (claimed by {}, {})", id_of(model, claim.instrument),
                                   claim.by, name(claim.level)));
    }
    out += fmt::format("{:<8} {:<14} {:<12} {:<10} {}\n", code_of(model, line.to),
                       name(line.cell.basis), name(line.cell.state),
                       treaty::name(line.cell.verdict), joined(behind));
  }
  return out + "states that are not listed: neither basis nor claim\n";
}

std::string cells_summary(const Model& model, const std::vector<CellLine>& lines) {
  constexpr std::array<BasisLevel, 4> levels = {BasisLevel::Bilateral, BasisLevel::Multilateral,
                                                BasisLevel::Regional, BasisLevel::Global};
  std::vector<std::array<std::int64_t, 5>> counts(model.vocabulary.areas.values.size());
  for (const auto& line : lines) {
    auto& row = counts[static_cast<std::size_t>(line.area)];
    if (line.cell.state == BasisState::Claimed) {
      ++row[4];
    } else {
      ++row[static_cast<std::size_t>(line.cell.basis) - static_cast<std::size_t>(levels[0])];
    }
  }
  auto out = fmt::format("{:<26}{:>13}{:>13}{:>13}{:>13}{:>13}\n", "cells of area", "bilateral",
                         "multilateral", "regional", "global", "claimed");
  for (std::size_t i = 0; i < counts.size(); ++i) {
    out += fmt::format("{:<26}", model.vocabulary.areas.values[i]);
    for (const auto count : counts[i]) out += fmt::format("{:>13}", count);
    out += "\n";
  }
  return out + "--format csv or json has every cell\n";
}

// ---- gaps --------------------------------------------------------------------------------------

namespace {

std::string areas_text(const Model& model, Bits areas) {
  const auto& names = model.vocabulary.areas;
  Bits all = 0;
  for (std::size_t i = 0; i < names.values.size(); ++i) all |= Bits{1} << i;
  if ((all & ~areas) == 0) return "every area";
  return names.joined(areas);
}

std::string step_of(const Model& model, const atlas::GapStep& step) {
  constexpr std::array<const char*, 4> what = {"its text would have to be read", "you would join",
                                               "they would join", "both would join"};
  return fmt::format("{} ({}, {}): {} for {}", id_of(model, step.instrument), name(step.level),
                     step.operative ? "with clauses" : "only claimed",
                     what[static_cast<std::size_t>(step.kind)], areas_text(model, step.areas));
}

// All that is said of one state, without its name.
std::string gap_text(const Model& model, const atlas::Gap& gap) {
  std::string out;
  const auto add = [&](const char* head, BasisState state) {
    const auto areas = gap.areas[static_cast<std::size_t>(state)];
    if (areas != 0) out += fmt::format("  {}: {}\n", head, areas_text(model, areas));
  };
  add("no basis", BasisState::None);
  add("only claimed", BasisState::Claimed);
  for (const auto& claim : gap.claims) {
    out += fmt::format("    {} claims {}, of {}\n", claim.by, areas_text(model, claim.areas),
                       id_of(model, claim.instrument));
  }
  add("unverified", BasisState::Unverified);
  add("assumed", BasisState::Assumed);
  add("verified", BasisState::Verified);
  for (const auto& step : gap.nearest) {
    out += fmt::format("  nearest: {}\n", step_of(model, step));
  }
  return out;
}

}  // namespace

std::string gaps_text(const Model& model, const atlas::Gaps& gaps) {
  std::vector<std::pair<std::string, std::vector<std::string>>> groups;
  for (const auto& gap : gaps.rows) {
    auto said = gap_text(model, gap);
    auto group = std::find_if(groups.begin(), groups.end(),
                              [&](const auto& one) { return one.first == said; });
    if (group == groups.end()) {
      groups.emplace_back(std::move(said), std::vector<std::string>());
      group = std::prev(groups.end());
    }
    group->second.push_back(code_of(model, gap.party));
  }
  std::string out;
  for (const auto& [said, states] : groups) {
    out += fmt::format("{}\n{}", joined(states), said);
  }
  return out +
         "Whether an instrument is open to a state is not in the register; what is forbidden is no "
         "gap.\n";
}

// ---- what if -----------------------------------------------------------------------------------

std::string step_text(const atlas::SupposedStep& step) {
  switch (step.kind) {
    case atlas::SupposedStep::Kind::Add:
      return fmt::format("{} is in force as the file has it", step.instrument);
    case atlas::SupposedStep::Kind::Accede:
      return fmt::format("{} is a party to {}", step.party, step.instrument);
    case atlas::SupposedStep::Kind::Withdraw:
      break;
  }
  return fmt::format("{} is no party to {}", step.party, step.instrument);
}

namespace {

std::string cell_text(const Cell& cell) {
  if (cell.state == BasisState::Claimed) return fmt::format("claimed, {}", name(cell.claimed));
  if (!cell.has_basis()) return treaty::name(cell.verdict);
  return fmt::format("{}, {}, {}{}", name(cell.basis), name(cell.state), treaty::name(cell.verdict),
                     cell.supposed ? ", supposed" : "");
}

bool alike(const atlas::ChangedCell& a, const atlas::ChangedCell& b) {
  return a.from == b.from && a.to == b.to && a.change == b.change && a.before == b.before &&
         a.after == b.after;
}

}  // namespace

std::string changes_text(const Model& model, const atlas::WhatIf& found) {
  auto out = fmt::format(
      "{} cells gained, {} lost, {} with another basis, {} newly claimed, {} claimed no more; "
      "between {} pairs of states\n",
      found.all[0], found.all[1], found.all[2], found.all[3], found.all[4], found.pairs);
  std::size_t shown = 0, lines = 0;
  const atlas::ChangedCell* last = nullptr;
  for (const auto& cell : found.cells) {
    const bool same = last != nullptr && alike(*last, cell);
    if (!same && ++lines > change_lines_max) break;
    out += same ? ", " + area_of(model, cell.area)
                : fmt::format("{}{} → {} {}: {} → {} in {}", last == nullptr ? "" : "\n",
                              code_of(model, cell.from), code_of(model, cell.to), name(cell.change),
                              cell_text(cell.before), cell_text(cell.after),
                              area_of(model, cell.area));
    last = &cell;
    ++shown;
  }
  if (last != nullptr) out += "\n";
  const auto hidden = found.cells.size() - shown + found.more;
  if (hidden > 0) out += fmt::format("{} more cells; --json has them\n", hidden);
  return out;
}

}  // namespace comity::node
