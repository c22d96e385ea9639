// Legal facts that this node enters into its own register. A register is local: nothing here
// changes another's. In operational mode two officers approve each change (exchange/act.h); an
// exercise needs none, but checks those that are given.
//
// Each function makes one change of the register, effective for every decision from its commit on,
// with one ledger entry. Errors: InvalidInput for what is no such fact, Conflict for what stands in
// the register already, those of `approve` for the approval.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "exchange/act.h"
#include "exchange/node.h"

namespace comity::exchange {

constexpr std::size_t body_bytes_max = 200;  // name of a designated body

struct NewArrangement {
  std::string instrument, kind, with;
  std::string from_day;  // "2026-11-23"; empty: from today on
};
struct NewDesignation {
  std::string instrument, party, body;
  std::string role;                // empty: none
  std::vector<std::string> areas;  // empty: all
  std::string since;               // a day; empty: always
};
// What two officers sign (acts "arrange", "designate").
json::Object act_arguments(const NewArrangement& arrangement);
json::Object act_arguments(const NewDesignation& designation);

// Adds arrangements/<id>.toml and returns the id.
Result<std::string> enter_arrangement(Node& node, const NewArrangement& arrangement,
                                      const std::optional<Approval>& approval = std::nullopt);

// Adds designations/<name>.toml and returns the name.
Result<std::string> enter_designation(Node& node, const NewDesignation& designation,
                                      const std::optional<Approval>& approval = std::nullopt);

}  // namespace comity::exchange
