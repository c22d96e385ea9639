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
// Who suspends an instrument toward all its parties, or resumes it.
struct NewSuspension {
  std::string instrument, party;
};
struct NewDenunciation {
  std::string instrument, party;
  std::string effective;  // an instant; empty: when the notice of the instrument has run out
};

// What two officers sign (acts "arrange", "designate", "suspend" and "resume", "denounce").
json::Object act_arguments(const NewArrangement& arrangement);
json::Object act_arguments(const NewDesignation& designation);
json::Object act_arguments(const NewSuspension& suspension);
json::Object act_arguments(const NewDenunciation& denunciation);

// Adds arrangements/<id>.toml and returns the id.
Result<std::string> enter_arrangement(Node& node, const NewArrangement& arrangement,
                                      const std::optional<Approval>& approval = std::nullopt);

// Adds designations/<name>.toml and returns the name.
Result<std::string> enter_designation(Node& node, const NewDesignation& designation,
                                      const std::optional<Approval>& approval = std::nullopt);

// Adds suspensions/<id>.toml, which acts from this instant on, and returns the id.
Result<std::string> suspend(Node& node, const NewSuspension& suspension,
                            const std::optional<Approval>& approval = std::nullopt);

// Ends, at this instant, the suspension that lasts. Returns its id.
Result<std::string> resume(Node& node, const NewSuspension& suspension,
                           const std::optional<Approval>& approval = std::nullopt);

// Adds denunciations/<id>.toml, notified at this instant. Returns the instant from which the party
// is bound no more. Without a known notice the instant must be given.
Result<Instant> denounce(Node& node, const NewDenunciation& denunciation,
                         const std::optional<Approval>& approval = std::nullopt);

}  // namespace comity::exchange
