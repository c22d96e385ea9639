// The embedded store: one SQLite database, WAL, synchronous=FULL. One writer, many readers.
// Tables: docs/formats/store.md.
#pragma once

#include <memory>
#include <string>

#include "store/store.h"

namespace comity::store {

constexpr int readers_max = 32;        // snapshots that can exist at one time
constexpr int readers_idle_max = 4;    // connections kept open for the next snapshots
constexpr int reader_wait_ms = 2'000;  // wait for one of them; then Unavailable

enum class Access { ReadWrite, ReadOnly, Create };

// Create makes a new database and refuses an existing one. A database of another format version is
// refused with both numbers named (Unsupported), a damaged one is Corrupt, a missing one NotFound.
// ReadOnly works while another process writes; `begin` is then a Conflict. The directory must be
// writable even so, since readers announce themselves in a file beside the database.
Result<std::unique_ptr<Store>> open_sqlite(const std::string& path, Access access);

}  // namespace comity::store
