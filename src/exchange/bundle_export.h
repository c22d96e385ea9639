// Export: what a party may have today, as a STIX bundle in a file, for those who carry it where no
// connection goes.
//
// It is the party's view and nothing else: page by page from views.h, with all that a page owes to
// the node before it leaves (marks, ends of grants, the log of reads). So it grants nothing, and
// nothing is in it that the party could not collect itself at that moment. Memory holds one page.
// One call at a time for a path; calls for others and everything else a node does may run beside.
#pragma once

#include <cstdint>
#include <string>

#include "exchange/node.h"

namespace comity::exchange {

struct ExportReport {
  std::string bundle;  // its id; empty when there is nothing to export, and then no file
  std::int64_t objects = 0;
  std::uint64_t bytes = 0;  // of the file
};

// Writes what `party` may have to a new file, which is there when it is whole and its reads are in
// the ledger, and not before. InvalidInput when it is no other party of the register; Conflict when
// the root of the peer was revoked, or there is something at the path; Unavailable when the time of
// this node cannot be trusted (clock_guard.h), when what decides changed meanwhile, or the node
// stops.
Result<ExportReport> export_view(Node& node, const std::string& party, const std::string& path);

}  // namespace comity::exchange
