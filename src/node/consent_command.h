// The commands about consent: comity consent ask, list, grant, refuse, withdraw. What they say to
// other parties is sent at once; what does not reach them waits and is sent later.
#pragma once

#include "exchange/procedure.h"
#include "node/command.h"

namespace comity::node {

// Arguments `ids`, `recipient`, `purpose`.
Result<Outcome> run_consent_ask(exchange::Node& node, const json::Object& arguments);
Result<Outcome> run_consent_list(exchange::Node& node, const json::Object& arguments);
// Arguments `id`, `until`, `once`.
Result<Outcome> run_consent_grant(exchange::Node& node, const json::Object& arguments);
// Argument `id`.
Result<Outcome> run_consent_refuse(exchange::Node& node, const json::Object& arguments);
Result<Outcome> run_consent_withdraw(exchange::Node& node, const json::Object& arguments);

// Sends what waits and adds to an outcome how it fared. Exit code 3 when something waits still, 1
// when something was refused.
Status send_and_tell(exchange::Node& node, Outcome& outcome, json::Object& data);

}  // namespace comity::node
