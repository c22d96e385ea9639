// How often this party has disclosed under an instrument and a clause: counted from the basis that
// each disclosure it signed names. A disclosure counts once for its instrument and once for each
// clause, whatever became of it afterwards. Thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "exchange/node.h"

namespace comity::api {

// Counted at most; what comes beyond counts for its instrument alone. Registers have some hundred.
constexpr std::size_t used_clauses_max = 65'536;
// Nodes of one process that counts are kept for; a process serves one.
constexpr std::size_t counted_nodes_max = 16;

struct UseCounts {
  std::map<std::string, std::int64_t, std::less<>> instruments;
  std::map<std::pair<std::string, std::string>, std::int64_t> clauses;

  std::int64_t of(std::string_view instrument) const;
  std::int64_t of(const std::string& instrument, const std::string& clause) const;
};

// The counts as the ledger stands. They are kept in memory; after the ledger has grown only the
// disclosures entered since are read.
Result<std::shared_ptr<const UseCounts>> use_counts(const exchange::Node& node);

}  // namespace comity::api
