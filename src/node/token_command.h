// The commands about tokens (exchange/token.h). Each takes its arguments by name and gives an
// outcome; see node/command.h.
#pragma once

#include "node/command.h"

namespace comity::node {

// name, party, role, purposes, networks, collections, write, originator, password, rate, until →
// the secret, this once; none when a password was chosen.
Result<Outcome> run_token_new(exchange::Node& node, const json::Object& arguments);
Result<Outcome> run_token_list(exchange::Node& node, const json::Object& arguments);
// name
Result<Outcome> run_token_revoke(exchange::Node& node, const json::Object& arguments);

}  // namespace comity::node
