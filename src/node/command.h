// The commands of a node as functions from named arguments to an outcome. The command line calls
// them in its own process, or through the socket of the process that serves the data directory;
// both give the same outcome.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "exchange/node.h"
#include "exchange/release.h"
#include "json/value.h"

namespace comity::node {

// What a command answers: lines for a person, the same as JSON, and the exit code of the contract.
struct Outcome {
  int exit_code = 0;
  std::string text;
  json::Value data;
};

struct Command {
  std::string_view name;
  bool changes = false;  // needs the lock of the data directory
  Result<Outcome> (*run)(exchange::Node& node, const json::Object& arguments);
};

// Null for a name that is no command of a node.
const Command* find_command(std::string_view name);

// What a release did, as its commands tell it.
Outcome release_outcome(const exchange::Node& node,
                        const std::vector<exchange::PartyRelease>& parties);

json::Value to_json(const Outcome& outcome);
Result<Outcome> outcome_from_json(const json::Value& value);

}  // namespace comity::node
