// Terms that a node keeps by name and whose ledger has each beginning and end: tokens, standing
// rules. Pure but for the snapshot.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "json/value.h"
#include "store/store.h"

namespace comity::exchange {

// Whether terms may have this name: 1 to `bytes_max` small letters, digits and hyphens, the first
// no hyphen.
bool is_terms_name(std::string_view text, std::size_t bytes_max);

// What does not agree between the kept terms and the ledger entries of `kind`: an entry with a
// member of that name begins terms, one without ends them and `ended` is then the instant `at`.
// `kept` holds name and terms in the form that was entered; an error of reading them is a finding.
Result<std::vector<std::string>> terms_findings(
    store::Snapshot& snapshot, std::string_view kind, std::string_view ended,
    const Result<std::vector<std::pair<std::string, json::Value>>>& kept);

}  // namespace comity::exchange
