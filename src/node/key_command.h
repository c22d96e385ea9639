// Commands about the keys of this node and of its peers. What the root signs is signed by the
// command line (key_command_line.h): no root key reaches a serving process.
#pragma once

#include <span>

#include "node/act_command.h"

namespace comity::node {

// key-change and key-renew-root.
std::span<const ActCommand> key_acts();

Result<Outcome> run_key_list(exchange::Node& node, const json::Object& arguments);
// `use`: makes the private key that is to follow; the answer holds the record to be signed.
Result<Outcome> run_key_draft(exchange::Node& node, const json::Object& arguments);
// `party`: the newest notice to it, as a file.
Result<Outcome> run_key_notice(exchange::Node& node, const json::Object& arguments);
// `file`: a notice, or the revocation of a root.
Result<Outcome> run_key_take(exchange::Node& node, const json::Object& arguments);

}  // namespace comity::node
