// The tables of the embedded store (docs/formats/store.md) and the check that a file holds them.
#pragma once

#include "store/sqlite/database.h"

namespace comity::store {

// "Cmty": tells the file from other SQLite databases. Do not change.
constexpr std::int64_t application_id = 0x436d7479;
// Changes with every change of the tables.
constexpr std::int64_t format_version = 3;
// The one older version that is brought up to it, in place: grants stood in it one by one.
constexpr std::int64_t format_version_before = 2;

// The settings of the connection that writes: write-ahead log, every commit synced.
Status prepare_writer(Db& db);
// Makes the tables in an empty database, in one transaction.
Status create_schema(Db& db);
// Refuses a file that is not a store of this format version, before anything in it is changed.
// True: it is one of the version before, opened for writing, which `upgrade_schema` is for.
Result<bool> check_schema(Db& db, Db::Mode mode);
// Brings a store of the version before to this one, in one transaction.
Status upgrade_schema(Db& db);
// Corrupt when the counters and the rows they number disagree.
Status check_counters(Db& db);

}  // namespace comity::store
