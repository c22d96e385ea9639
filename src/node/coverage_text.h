// Cells, gaps and changes as lines: for a person, and as comma-separated values (RFC 4180).
#pragma once

#include <string>
#include <vector>

#include "atlas/claims.h"
#include "atlas/gaps.h"
#include "atlas/suppose.h"
#include "atlas/what_if.h"
#include "treaty/model.h"

namespace comity::node {

// A cell with what stands behind it; the lists are filled where one sender is asked about.
struct CellLine {
  int from = 0, to = 0, area = 0;
  atlas::Cell cell;
  std::vector<treaty::BasisEntry> instruments;
  std::vector<atlas::Claim> claims;
};

// One line of a file of comma-separated values, with its end.
std::string csv_line(const std::vector<std::string>& fields);
std::string cells_csv(const treaty::Model& model, const std::string& mode, Instant at,
                      const std::vector<CellLine>& lines);

// State × area with a letter for each cell.
std::string cells_grid(const treaty::Model& model, const std::vector<CellLine>& lines);
// One line a cell, with its articles or claims.
std::string cells_list(const treaty::Model& model, const std::vector<CellLine>& lines);
// How many cells of each area have which basis.
std::string cells_summary(const treaty::Model& model, const std::vector<CellLine>& lines);

// States with the same gaps stand together.
std::string gaps_text(const treaty::Model& model, const atlas::Gaps& gaps);

std::string step_text(const atlas::SupposedStep& step);
// Cells that changed alike between the same two states stand in one line.
std::string changes_text(const treaty::Model& model, const atlas::WhatIf& found);

}  // namespace comity::node
