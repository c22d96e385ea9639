// The status of parties, from a table into an instrument file.
#pragma once

#include <string>

#include "node/command.h"
#include "treaty/party_edit.h"

namespace comity::node {

struct PartyImport {
  std::string table;               // a CSV file
  std::string into;                // an instrument file, or the id of one in the register
  std::string out;                 // where the result goes; empty: `into` itself
  std::string register_directory;  // with which it must load
  bool dry_run = false;
};

// Says what changes, row by row, and writes it unless it is only asked for. Nothing is written when
// anything is wrong, in the table or in what would come out.
Result<Outcome> import_parties(const PartyImport& import);

}  // namespace comity::node
