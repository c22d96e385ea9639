// The embedded store: one SQLite database, WAL, synchronous=FULL. One writer, many readers.
// Tables: docs/formats/store.md.
#pragma once

#include <memory>
#include <string>

#include "store/store.h"

namespace comity::store {

enum class Access { ReadWrite, ReadOnly, Create };

// Create makes a new database and refuses an existing one. A database of another format version is
// refused with both numbers named.
Result<std::unique_ptr<Store>> open_sqlite(const std::string& path, Access access);

}  // namespace comity::store
