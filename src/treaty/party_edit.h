// A table of party status on its way into an instrument file. Nothing is written here: what comes
// out is the text that the file would have, and what differs. Pure functions, for any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "treaty/party_table.h"
#include "treaty/register.h"

namespace comity::treaty {

// One value that changes; empty where there is none.
struct PartyChange {
  std::string code, key, before, after;
};

struct PartyEdit {
  std::string text;  // of the whole instrument file
  std::vector<PartyChange> changes;
  std::vector<std::string> added, unchanged, not_listed;  // codes
};

// The instrument file with what the rows say: comments, clauses, order and all else stay as they
// are. Problems, with places in `file` or in the table, when the file cannot be changed so.
PartyEdit edit_parties(const std::string& file, const std::string& text,
                       const std::vector<PartyStatus>& rows, ProblemList& problems);

// The same within a register, of which the file is the one at `path`: the result must load. What is
// wrong with a party is told at its row of `table`.
tl::expected<PartyEdit, std::vector<Problem>> import_parties(const RegisterFiles& files,
                                                             const std::string& path,
                                                             const std::string& table,
                                                             std::string_view csv);

}  // namespace comity::treaty
