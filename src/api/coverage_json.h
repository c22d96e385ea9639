// What the atlas says, in the forms of the contract (openapi.json). Pure; any thread.
#pragma once

#include "atlas/coverage.h"
#include "atlas/gaps.h"
#include "atlas/suppose.h"
#include "atlas/what_if.h"
#include "json/value.h"

namespace comity::api {

json::Object coverage_row_json(const treaty::Model& model, const atlas::CoverageRow& row);
// The rows with how many there are of each basis and state.
json::Object coverage_json(const treaty::Model& model, const atlas::CoverageQuestion& question,
                           const std::vector<atlas::CoverageRow>& rows);
json::Object gaps_json(const treaty::Model& model, int party, Instant at, const atlas::Gaps& gaps);

// What was supposed, for members that do not depend on its outcome.
json::Array supposed_json(const treaty::Model& model,
                          const std::vector<atlas::SupposedStep>& steps);
json::Array problems_json(const std::vector<treaty::Problem>& problems);
json::Object counts_json(const atlas::WhatIf::Counts& counts);
// One side of a changed cell: `row` is the coverage of the cell.
json::Object cell_json(const treaty::Model& model, const atlas::CoverageRow& row);

}  // namespace comity::api
