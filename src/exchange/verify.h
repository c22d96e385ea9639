// Proof after the fact: the ledger, every signature, every receipt, and every own disclosure
// decided again against the register of its instant.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "exchange/law_history.h"
#include "exchange/node.h"
#include "exchange/protocol.h"

namespace comity::exchange {

constexpr std::size_t findings_listed_max = 100;

// An own disclosure that the register of its instant permitted and that of today, with what was
// entered since, would not have permitted at that instant.
struct NotPermittedToday {
  std::string disclosure, to;
  std::int64_t number = 0;
  std::string why;
  // The change of the register from which on every register says so; nothing where the ledger does
  // not tell.
  std::optional<LawChange> since;
};

struct Verification {
  std::int64_t leaves = 0;
  std::int64_t records = 0;
  std::int64_t sent = 0, redecided = 0, receipts = 0, receipts_missing = 0;
  std::int64_t sent_at_discretion = 0;  // of those that were sent, under no agreement
  std::int64_t statements = 0;
  std::int64_t received = 0, received_redecided = 0, received_not_redecided = 0;
  std::int64_t received_at_discretion = 0;  // of those that were received
  std::int64_t finding_count = 0;
  std::vector<std::string> findings;  // what does not hold, each with its place; the first ones
  std::vector<std::string> notes;     // what an officer should know and is no fault
  std::int64_t not_permitted_today_count = 0;
  std::vector<NotPermittedToday> not_permitted_today;  // the first ones; no fault either
  bool clean() const { return finding_count == 0; }
};

// Reads everything once. An error is only that the store cannot be read; what does not hold is a
// finding.
Result<Verification> verify(Node& node);

// NotPermitted, with the verdict, unless every record of the disclosure may go to its recipient
// now, under at least the clauses it names.
Status still_permitted(Node& node, const Disclosure& disclosure);

// The same for what was handed over or may be read already: also with consents that were given
// after the disclosure. Never for one at national discretion. `holds` is narrowed to the instants
// at which the answer is the same, as long as what is stored is.
Result<bool> may_be_shown(Node& node, store::Snapshot& snapshot, const Disclosure& disclosure,
                          treaty::Stretch& holds);

}  // namespace comity::exchange
