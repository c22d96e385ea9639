// The tables of the embedded store (docs/formats/store.md) and the check that a file holds them.
#pragma once

#include "store/sqlite/database.h"

namespace comity::store {

// "Cmty": tells the file from other SQLite databases. Do not change.
constexpr std::int64_t application_id = 0x436d7479;
// Changes with every change of the tables.
constexpr std::int64_t format_version = 5;
// The oldest version that is brought to the present one when it is opened for writing.
constexpr std::int64_t format_version_brought_up = 4;

// The settings of the connection that writes: write-ahead log, every commit synced.
Status prepare_writer(Db& db);
// Makes the tables in an empty database, in one transaction.
Status create_schema(Db& db);
// Refuses a file that is not a store of a format version that can be used in this mode, before
// anything in it is changed.
Status check_schema(Db& db, Db::Mode mode);
// Gives an older store what it lacks, in one transaction: all of it or nothing is there afterwards.
// What the new tables hold is made of the records later (Transaction::index_values, index_text).
Status bring_up(Db& db);
// Corrupt when the counters and the rows they number disagree.
Status check_counters(Db& db);

}  // namespace comity::store
