// The command comity export: what a party may have, as a bundle in a file.
#pragma once

#include "node/command.h"

namespace comity::node {

// Arguments `to`, `file`. Exit code 1 when that party may have nothing.
Result<Outcome> run_export(exchange::Node& node, const json::Object& arguments);

}  // namespace comity::node
