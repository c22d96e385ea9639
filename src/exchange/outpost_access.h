// How an outpost is reached. Used inside this folder.
#pragma once

#include <string>

#include "exchange/outpost.h"
#include "taxii/remote.h"

namespace comity::exchange {

std::string outpost_authorities_key(std::string_view outpost);

// Looks again at what may have changed since the outpost was made: it is live and of the mode of
// this node, its server is no paired node, its authorities and credentials are there.
Result<taxii::RemoteAccess> access_of(const Node& node, store::Snapshot& snapshot,
                                      const Outpost& outpost);

// What of the kept terms is not as the ledger has it.
Result<std::vector<std::string>> kept_outpost_findings(store::Snapshot& snapshot);

}  // namespace comity::exchange
