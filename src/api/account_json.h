// Accounts and their changes as the API says them (docs/formats/api.md). Nothing that opens
// an account stands in any of these, but the link of a change at the moment it is made. Pure.
#pragma once

#include "api/account_change.h"
#include "api/accounts.h"
#include "json/value.h"

namespace comity::api {

json::Object to_json(const SessionView& session);
json::Object to_json(const Setup& setup);
json::Object to_json(const exchange::Account& account, AccountState state);
// `list` is the one after the change, `made` without link for one that is only looked at.
json::Object to_json(const exchange::Node& node, const exchange::AccountList& list,
                     const MadeChange& made);

}  // namespace comity::api
