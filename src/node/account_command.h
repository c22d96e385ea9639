// The commands about accounts of the pages (api/account_change.h): what the operator may do on the
// machine itself. Each takes its arguments by name and gives an outcome; see node/command.h. A
// process that serves pages sees every change at once.
#pragma once

#include "node/command.h"

namespace comity::node {

// name, full_name, roles → the set-up link, this once.
Result<Outcome> run_account_new(exchange::Node& node, const json::Object& arguments);
Result<Outcome> run_account_list(exchange::Node& node, const json::Object& arguments);
// name → another set-up link; the old password counts until it is used.
Result<Outcome> run_account_link(exchange::Node& node, const json::Object& arguments);
// name, although_last
Result<Outcome> run_account_end(exchange::Node& node, const json::Object& arguments);
// → the set-up link of the one account for an emergency.
Result<Outcome> run_account_break_glass(exchange::Node& node, const json::Object& arguments);

}  // namespace comity::node
