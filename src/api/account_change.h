// Changes of the accounts of this node, and who may make them.
//
// An administrator adds, changes, renews and ends the accounts of duty officers and analysts. A
// change that touches any other role waits until a second person confirms it: an account with one
// of those roles, or with oversight, which neither proposed the change nor is its subject. What is
// not decided by an account is decided by the operator on the machine itself, who founds the first
// ones. Form and reasons: docs/formats/accounts.md. Functions may be called from any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/role.h"
#include "exchange/account.h"
#include "exchange/node.h"

namespace comity::api {

constexpr std::int64_t setup_link_s = 15 * 60;          // a set-up link is valid before its end
constexpr std::int64_t change_wait_s_max = 7 * 86'400;  // then a proposal counts no longer
constexpr std::size_t setup_token_bytes = 32;
constexpr std::string_view break_glass_name = "break-glass";
constexpr std::string_view operator_name = "operator";  // on the machine; no account has it

// Roles that an administrator gives and takes alone.
constexpr RoleSet lower_roles = {Role::DutyOfficer, Role::Analyst};
// Those that need a second person.
RoleSet higher_of(RoleSet roles);

RoleSet roles_of(const exchange::Account& account);
RoleSet roles_of(const std::vector<std::string>& names);
std::vector<std::string> names_of(RoleSet roles);
// InvalidInput for a word that is no role, or no role at all.
Result<RoleSet> read_roles(const std::vector<std::string>& names);

struct WantedChange {
  std::string change;     // "add", "roles", "link", "end"
  std::string account;    // its name
  std::string full_name;  // of "add"
  RoleSet roles;          // of "add" and "roles"
  bool break_glass = false;
  // Only by the operator: may leave a role without a holder.
  bool although_last = false;
};

struct NewLink {
  std::string token;  // shown once, kept nowhere
  Instant expires;
};

struct MadeChange {
  exchange::AccountChange change;
  bool done = false;  // else it waits
  std::optional<NewLink> link = std::nullopt;
};

// Takes effect at once, or waits. `by` is the account of an administrator, or operator_name.
// InvalidInput for words that do not fit; NotFound, Conflict by the state of the account;
// NotPermitted for what nobody may do, for what nobody could confirm, and for what would leave a
// role without a holder; TooLarge beyond the bounds.
Result<MadeChange> propose(exchange::Node& node, const std::string& by, const WantedChange& wanted);

// Whether an account sees a change that waits: who administers, audits or oversees sees all, others
// those that they could confirm.
bool sees(const exchange::AccountList& list, const exchange::Account& account,
          const exchange::AccountChange& change);
// NotFound for what is not there or not seen; NotPermitted for the proposer and the subject.
Result<MadeChange> confirm(exchange::Node& node, const std::string& by, std::string_view id);
// By an administrator. NotFound.
Status withdraw(exchange::Node& node, const std::string& by, std::string_view id);

// Whether a change that waits still counts.
bool counts(const exchange::AccountChange& change, Instant now);

// The link as it is handed to its person: a URL when the process serves pages, else the bare token.
std::string link_text(const exchange::Node& node, const NewLink& link);

}  // namespace comity::api
