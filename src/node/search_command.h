// The commands that search what a node holds (exchange/search.h).
#pragma once

#include "node/command.h"

namespace comity::node {

constexpr std::int64_t search_limit_default = 50;
constexpr std::int64_t search_limit_max = 10'000;  // records that one command shows

// text, type (optional), limit (optional)
Result<Outcome> run_search(exchange::Node& node, const json::Object& arguments);

// Makes the indexes anew.
Result<Outcome> run_search_rebuild(exchange::Node& node, const json::Object& arguments);

}  // namespace comity::node
