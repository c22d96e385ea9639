// The tables of the embedded store (docs/formats/store.md) and the check that a file holds them.
#pragma once

#include "store/sqlite/database.h"

namespace comity::store {

// "Cmty": tells the file from other SQLite databases. Do not change.
constexpr std::int64_t application_id = 0x436d7479;
// Changes with every change of the tables.
constexpr std::int64_t format_version = 4;

// The settings of the connection that writes: write-ahead log, every commit synced.
Status prepare_writer(Db& db);
// Makes the tables in an empty database, in one transaction.
Status create_schema(Db& db);
// Refuses a file that is not a store of this format version, before anything in it is changed.
Status check_schema(Db& db);
// Corrupt when the counters and the rows they number disagree.
Status check_counters(Db& db);

}  // namespace comity::store
