// A table of party status, as a depositary publishes it. The form is docs/formats/register.md. Pure
// functions, for any thread.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "treaty/toml_reader.h"

namespace comity::treaty {

// One row: what it says of a party. A value is as TOML has it ("2016-08-10", "\"2016\"",
// "\"accession\""); an empty one says that this is not known.
struct PartyStatus {
  std::string code;
  std::map<std::string, std::string> values;  // by column, without the code
  int line = 0;                               // of the table
};

// The rows of a CSV table, by code. Every problem is kept with line and column of `file`; when
// there is one, the rows are not to be used.
std::vector<PartyStatus> read_party_table(const std::string& file, std::string_view text,
                                          const Model& model, ProblemList& problems);

}  // namespace comity::treaty
