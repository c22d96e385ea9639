// The registers that a node has held, as its ledger tells them. Functions may be called from any
// thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/time.h"
#include "store/store.h"

namespace comity::exchange {

// From this ledger entry on the node held this register.
struct LawChange {
  Digest digest{};
  Instant at;
  std::int64_t leaf = 0;
  std::string what;  // "suspend xa-xb-2024-xa-1", "accept", "node-created"
};

// In order of the ledger; the last one is the present register. Entries that name no register are
// passed over: whether entry and register belong together is for comity verify.
Result<std::vector<LawChange>> law_history(store::Snapshot& snapshot);

}  // namespace comity::exchange
