// The officers of a node: whose keys it takes for which acts.
//
// An enrolment, and its end, is a statement signed by the node's own key, kept in the store and
// entered in the ledger; it is shown to no peer. The first two enrolments found the list; each
// later one, and each end, needs the signatures of two officers. Form: docs/formats/officers.md.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "exchange/node.h"
#include "json/value.h"

namespace comity::exchange {

struct Approval;

constexpr std::int64_t officer_format = 1;
constexpr std::size_t officer_name_bytes_max = 64;
constexpr std::size_t officers_max = 64;      // enrolled at one time
constexpr std::size_t founding_officers = 2;  // enrolments that nobody could have approved
constexpr std::string_view officer_kind = "comity-officer";  // of the statement in the store

constexpr std::array<std::string_view, 4> officer_roles = {"legal-adviser", "releasing-officer",
                                                           "duty-officer", "administrator"};

struct Officer {
  std::string id;  // of the enrolment: "comity-officer--" and a UUID
  std::string name, role;
  std::string key;  // raw Ed25519 public key
  Instant from;
  std::optional<Instant> until;
};

// From the instant of the enrolment until just before that of its end.
bool enrolled_at(const Officer& officer, Instant at);

// Every officer this node ever had, in the order of enrolment. Corrupt when a statement does not
// hold: then nobody can be taken for an officer.
Result<std::vector<Officer>> officers(const Node& node, store::Snapshot& snapshot);

struct NewOfficer {
  std::string name, role;
  std::string key;  // raw public key
};

// What two officers sign to enrol this one, or to end the enrolment of that one.
json::Object act_arguments(const NewOfficer& officer);
json::Object end_arguments(const Officer& officer);

// Act names "officer-add" and "officer-end". A name is enrolled once at one time, a key once for
// ever.
Result<Officer> add_officer(Node& node, const NewOfficer& officer,
                            const std::optional<Approval>& approval);
Result<Officer> end_officer(Node& node, const std::string& name,
                            const std::optional<Approval>& approval);

// Text that may stand in a statement or a register file as it is: UTF-8 of 1 to `bytes_max` bytes
// without control characters, quotes or backslashes, and no blank at either end.
bool is_plain_text(std::string_view text, std::size_t bytes_max);

}  // namespace comity::exchange
