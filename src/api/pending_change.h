// Which acts the pages carry out when two officers have signed: one row an act, each naming the
// function of exchange/ that makes the change. What needs a file or this node's keys (enter,
// accept, key-change, key-renew-root) stays with the command line.
#pragma once

#include <string>
#include <string_view>

#include "exchange/act.h"
#include "exchange/node.h"
#include "json/value.h"
#include "treaty/phrase.h"

namespace comity::api {

struct PendingChange {
  std::string_view act;
  // What officers have to sign for these arguments now; errors as the change would have them.
  Result<json::Object> (*arguments)(const exchange::Node& node, const json::Object& given);
  // Makes the change. What it gave: an id, a name, a digest or an instant.
  Result<std::string> (*run)(exchange::Node& node, const json::Object& given,
                             const exchange::Approval& approval);
  treaty::Phrase (*what)(const json::Object& given);
};

// Null for an act that is not carried out here.
const PendingChange* pending_change(std::string_view act);

// What an act does, as a sentence; for an act that is not known here its name.
treaty::Phrase act_phrase(const json::Object& act);

}  // namespace comity::api
