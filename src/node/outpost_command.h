// `comity outpost`: TAXII servers of parties without node, to which this node writes
// (exchange/outpost.h). Each takes its arguments by name and gives an outcome; see node/command.h.
#pragma once

#include <span>

#include "node/act_command.h"

namespace comity::node {

// outpost-add: name, party, url, collection, exercise, credentials, authorities, pin.
// outpost-remove: name.
std::span<const ActCommand> outpost_acts();
Result<Outcome> run_outpost_list(exchange::Node& node, const json::Object& arguments);
// name: asks its server, and sends nothing
Result<Outcome> run_outpost_check(exchange::Node& node, const json::Object& arguments);
// name: what its server refused goes again
Result<Outcome> run_outpost_retry(exchange::Node& node, const json::Object& arguments);

}  // namespace comity::node
