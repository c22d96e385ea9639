#include "store/sqlite/schema.h"

#include <fmt/format.h>

#include <tuple>

#include "store/sqlite/search_index.h"

namespace comity::store {
namespace {

// The large column of a table is the last one, so that reading the others does not load it.
constexpr const char* tables = R"sql(
CREATE TABLE counter (
  name TEXT PRIMARY KEY,
  value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO counter VALUES ('record', 0), ('ledger', 0);

CREATE TABLE record (
  sequence INTEGER PRIMARY KEY,
  assertion_id BLOB NOT NULL UNIQUE CHECK (length(assertion_id) = 32),
  stix_id TEXT NOT NULL,
  type TEXT NOT NULL,
  version INTEGER,
  digest BLOB NOT NULL CHECK (length(digest) = 32),
  originator TEXT NOT NULL,
  received_from TEXT NOT NULL,
  source TEXT NOT NULL,
  classes TEXT NOT NULL,
  area TEXT NOT NULL,
  purpose TEXT NOT NULL,
  tlp TEXT NOT NULL,
  published TEXT NOT NULL,
  chain TEXT NOT NULL,
  doubts TEXT NOT NULL,
  state INTEGER NOT NULL CHECK (state IN (0, 1)),
  quarantine_reason TEXT NOT NULL,
  arrived INTEGER NOT NULL,
  names TEXT NOT NULL,
  leaf BLOB NOT NULL CHECK (length(leaf) = 32),
  label TEXT NOT NULL,
  bytes BLOB NOT NULL
) STRICT;
CREATE INDEX record_stix_id ON record (stix_id);
CREATE INDEX record_digest ON record (digest);
CREATE INDEX record_source ON record (source);
CREATE INDEX record_list ON record (sequence, state, type, received_from, stix_id, label);

CREATE TABLE protocol (
  arrival INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  direction INTEGER NOT NULL CHECK (direction IN (0, 1)),
  peer TEXT NOT NULL,
  number INTEGER NOT NULL CHECK (number >= 0),
  digest BLOB NOT NULL CHECK (length(digest) = 32),
  about TEXT NOT NULL,
  at INTEGER NOT NULL,
  bytes BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX protocol_number ON protocol (direction, peer, number) WHERE number > 0;
CREATE INDEX protocol_kind ON protocol (kind, direction, peer, number);
CREATE INDEX protocol_newest ON protocol (kind, direction);
CREATE INDEX protocol_peer ON protocol (peer, direction);
CREATE INDEX protocol_about ON protocol (about) WHERE about <> '';

CREATE TABLE grant_run (
  view TEXT NOT NULL,
  date_added INTEGER NOT NULL,
  first_sequence INTEGER NOT NULL,
  count INTEGER NOT NULL CHECK (count BETWEEN 1 AND 256),
  disclosure TEXT NOT NULL,
  position INTEGER NOT NULL CHECK (position >= 0),
  again INTEGER NOT NULL CHECK (again IN (0, 1)),
  state INTEGER NOT NULL CHECK (state IN (0, 1, 2)),
  ended INTEGER NOT NULL,
  PRIMARY KEY (view, date_added)
) STRICT, WITHOUT ROWID;
CREATE INDEX grant_run_sequence ON grant_run (view, first_sequence, count);
CREATE UNIQUE INDEX grant_run_disclosure ON grant_run (view, disclosure, date_added);
CREATE UNIQUE INDEX grant_run_ended ON grant_run (view, date_added) WHERE state = 1;

CREATE TABLE ledger (
  leaf_index INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  entry TEXT NOT NULL,
  random BLOB NOT NULL,
  leaf BLOB NOT NULL CHECK (length(leaf) = 32),
  at INTEGER NOT NULL
) STRICT;

CREATE INDEX ledger_kind ON ledger (kind);

CREATE TABLE peer (
  party TEXT PRIMARY KEY,
  endpoint TEXT NOT NULL,
  invitation TEXT NOT NULL,
  certificate BLOB NOT NULL CHECK (length(certificate) = 32),
  node_key BLOB NOT NULL,
  confirmed INTEGER NOT NULL CHECK (confirmed IN (0, 1))
) STRICT, WITHOUT ROWID;

CREATE TABLE register (
  digest BLOB NOT NULL UNIQUE CHECK (length(digest) = 32),
  files TEXT NOT NULL
) STRICT;

CREATE TABLE meta (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
)sql";

Result<std::int64_t> integer(Db& db, const char* sql) {
  TRY(auto query, db.query(sql));
  TRY(const bool found, query.step());
  return found ? query.integer() : 0;
}

Status compare_counters(Db& db) {
  // No number is ever given up, so the last one is also the count.
  for (const auto& [name, counted, last] :
       {std::tuple{"records", "SELECT value FROM counter WHERE name = 'record'",
                   "SELECT coalesce(max(sequence), 0) FROM record"},
        std::tuple{"ledger entries", "SELECT value FROM counter WHERE name = 'ledger'",
                   "SELECT coalesce(max(leaf_index) + 1, 0) FROM ledger"}}) {
    TRY(const auto expected, integer(db, counted));
    TRY(const auto found, integer(db, last));
    if (expected != found) {
      return fail(ErrorKind::Corrupt,
                  fmt::format("the store counts {} {} but its rows end at {}; restore it from "
                              "a backup",
                              expected, name, found),
                  db.path());
    }
  }
  return {};
}

}  // namespace

Status prepare_writer(Db& db) {
  const auto settings = fmt::format(
      "PRAGMA synchronous = FULL; PRAGMA cache_size = -{}; PRAGMA journal_size_limit = {}",
      writer_cache_kib, log_bytes_kept);
  TRY_STATUS(db.execute(settings.c_str()));
  TRY(const auto mode, db.value("PRAGMA journal_mode = WAL"));
  if (mode == "wal") return {};
  return fail(ErrorKind::Unavailable,
              fmt::format("the file system does not allow a write-ahead log (journal mode is {}); "
                          "put the data directory on a local disk",
                          mode),
              db.path());
}

Status create_schema(Db& db) {
  TRY_STATUS(db.execute("BEGIN IMMEDIATE"));
  TRY_STATUS(db.execute(tables));
  TRY_STATUS(db.execute(search_tables));
  const auto marks = fmt::format("PRAGMA application_id = {}; PRAGMA user_version = {}",
                                 application_id, format_version);
  TRY_STATUS(db.execute(marks.c_str()));
  return db.execute("COMMIT");
}

Status bring_up(Db& db) {
  TRY_STATUS(db.execute("BEGIN IMMEDIATE"));
  TRY(const auto version, integer(db, "PRAGMA user_version"));
  if (version == format_version) return db.execute("ROLLBACK");
  TRY_STATUS(db.execute(search_tables));
  const auto marks = fmt::format(
      "UPDATE counter SET value = (SELECT value FROM counter WHERE name = 'record') "
      "WHERE name = 'values_owed'; PRAGMA user_version = {}",
      format_version);
  TRY_STATUS(db.execute(marks.c_str()));
  return db.execute("COMMIT");
}

Status check_schema(Db& db, Db::Mode mode) {
  TRY(const auto application, integer(db, "PRAGMA application_id"));
  TRY(const auto version, integer(db, "PRAGMA user_version"));
  if (application != application_id) {
    return fail(ErrorKind::InvalidInput,
                fmt::format("this SQLite file is no store of Comity: its application id is {}, "
                            "expected {}; give the path of a store",
                            application, application_id),
                db.path());
  }
  if (version == format_version) return {};
  if (version >= format_version_brought_up && version < format_version) {
    if (mode == Db::Mode::ReadWrite) return {};
    return fail(ErrorKind::Unsupported,
                fmt::format("the store has format version {}, this program reads version {}; start "
                            "comity serve, or a command that changes the node, once with this "
                            "program, which brings it up",
                            version, format_version),
                db.path());
  }
  return fail(ErrorKind::Unsupported,
              fmt::format("the store has format version {}, this program reads version {}; use "
                          "the program that wrote it",
                          version, format_version),
              db.path());
}

Status check_counters(Db& db) {
  // Both counters and both last rows must be of one moment, since another process may be writing.
  TRY_STATUS(db.execute("BEGIN"));
  auto outcome = compare_counters(db);
  db.rollback();
  return outcome;
}

}  // namespace comity::store
