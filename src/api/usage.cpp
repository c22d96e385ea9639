#include "api/usage.h"

#include <algorithm>
#include <mutex>
#include <set>

#include "api/exchange_json.h"
#include "exchange/protocol.h"

namespace comity::api {
namespace {

constexpr std::int64_t disclosures_at_once_max = 16;  // in memory

// What is known of one node: the counts, and how far it was read for them.
struct Counted {
  std::int64_t ledger_size = 0;
  std::int64_t last_arrival = 0;  // of the disclosures that are counted
  std::shared_ptr<const UseCounts> counts = std::make_shared<UseCounts>();
};

void count(UseCounts& counts, const json::Array& basis) {
  std::set<std::pair<std::string, std::string>> named;
  for (const auto& clause : basis) {
    named.emplace(clause.text("instrument"), clause.text("clause"));
  }
  std::set<std::string> instruments;
  for (const auto& one : named) {
    instruments.insert(one.first);
    const bool known = counts.clauses.contains(one);
    if (known || counts.clauses.size() < used_clauses_max) ++counts.clauses[one];
  }
  for (const auto& instrument : instruments) {
    const bool known = counts.instruments.contains(instrument);
    if (known || counts.instruments.size() < used_clauses_max) ++counts.instruments[instrument];
  }
}

// Those that were kept since, the newest first.
Status add_disclosures(store::Snapshot& snapshot, Counted& known, UseCounts& counts) {
  const auto counted = known.last_arrival;
  for (auto before = std::int64_t{INT64_MAX};;) {
    TRY(const auto rows,
        snapshot.protocols_newest(exchange::disclosure_kind, store::Direction::Sent, before,
                                  disclosures_at_once_max));
    for (const auto& row : rows) {
      if (row.arrival <= counted) return {};
      TRY(const auto head, disclosure_head(row));
      const auto* basis = disclosure_basis(head);
      if (basis == nullptr) {
        return fail(ErrorKind::Corrupt, "a disclosure of this node names no basis", row.id);
      }
      count(counts, *basis);
      known.last_arrival = std::max(known.last_arrival, row.arrival);
      before = row.arrival;
    }
    if (static_cast<std::int64_t>(rows.size()) < disclosures_at_once_max) return {};
  }
}

Status catch_up(store::Snapshot& snapshot, Counted& known) {
  TRY(const auto size, snapshot.ledger_size());
  // A ledger that became shorter is another one: a backup was put back.
  if (size < known.ledger_size) known = {};
  if (size == known.ledger_size) return {};
  auto next = known;
  auto counts = std::make_shared<UseCounts>(*known.counts);
  TRY_STATUS(add_disclosures(snapshot, next, *counts));
  next.counts = std::move(counts);
  next.ledger_size = size;
  known = std::move(next);
  return {};
}

}  // namespace

std::int64_t UseCounts::of(std::string_view instrument) const {
  const auto found = instruments.find(instrument);
  return found == instruments.end() ? 0 : found->second;
}

std::int64_t UseCounts::of(const std::string& instrument, const std::string& clause) const {
  const auto found = clauses.find({instrument, clause});
  return found == clauses.end() ? 0 : found->second;
}

Result<std::shared_ptr<const UseCounts>> use_counts(const exchange::Node& node) {
  static std::mutex mutex;
  static std::map<std::string, Counted> nodes;  // by root key and directory
  TRY(const auto snapshot, node.store().read());
  const std::lock_guard guard(mutex);
  const auto key = node.root_public_key() + node.directory();
  if (!nodes.contains(key) && nodes.size() >= counted_nodes_max) nodes.clear();
  auto& known = nodes[key];
  TRY_STATUS(catch_up(*snapshot, known));
  return known.counts;
}

}  // namespace comity::api
