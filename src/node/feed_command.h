// `comity feed`: reading from the TAXII servers of others. Each takes its arguments by name and
// gives an outcome; see node/command.h.
#pragma once

#include "node/command.h"

namespace comity::node {

// name, url, collection, credentials, authorities, pin, tlp, area, purpose
Result<Outcome> run_feed_add(exchange::Node& node, const json::Object& arguments);
Result<Outcome> run_feed_list(exchange::Node& node, const json::Object& arguments);
// name, again
Result<Outcome> run_feed_pull(exchange::Node& node, const json::Object& arguments);
// name
Result<Outcome> run_feed_end(exchange::Node& node, const json::Object& arguments);

}  // namespace comity::node
