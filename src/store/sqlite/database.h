// A connection to a SQLite database and its prepared statements, with errors as values.
//
// A Db is used by one thread at a time and owns every statement; a Query borrows one and gives it
// back when it ends, so each statement is prepared once a connection. A query within a query of the
// same text gets a statement of its own.
#pragma once

#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/bytes.h"
#include "base/time.h"

struct sqlite3;
struct sqlite3_stmt;

namespace comity::store {

constexpr int busy_timeout_ms = 10'000;           // wait for another process that writes
constexpr int row_bytes_max = 80 * 1024 * 1024;   // one row with all its columns
constexpr int writer_cache_kib = 8 * 1024;        // pages held by the connection that writes
constexpr int reader_cache_kib = 2 * 1024;        // pages held by each connection that reads
constexpr int log_bytes_kept = 64 * 1024 * 1024;  // the write-ahead log is cut to this when reused

struct Blob {
  std::string_view bytes;
};

class Query;

class Db {
 public:
  enum class Mode { ReadOnly, ReadWrite };

  // Opens an existing file with the settings of every connection; reads nothing of it yet.
  static Result<std::unique_ptr<Db>> open(const std::string& path, Mode mode);
  Db(const Db&) = delete;
  Db& operator=(const Db&) = delete;
  ~Db();

  // `sql` lives as long as the Db: its address is the key of the prepared statement. Fails when a
  // query failed since the last `rollback`: SQLite may have rolled back by itself, and what
  // followed would then be written without a transaction.
  Result<Query> query(const char* sql);
  // One or more statements without parameters and rows.
  Status execute(const char* sql);
  // The first column of the first row of a statement, as text.
  Result<std::string> value(const char* sql);

  bool in_transaction() const;
  // Makes every further query fail until `rollback`, and gives the error.
  Error give_up(Error error);
  // A part of the open transaction, which can be undone alone (one at a time). Undoing it fails,
  // and every further query too, when what failed in it may have cost more than the part.
  Status begin_part();
  Status keep_part();
  Status undo_part();
  // Rolls back what is open; the connection can be used again.
  void rollback();

  // How many exist at this moment.
  int queries() const { return queries_; }
  const std::string& path() const { return path_; }
  std::int64_t changes() const;

 private:
  friend class Query;
  Db(sqlite3* handle, std::string path) : handle_(handle), path_(std::move(path)) {}
  Error error(int code, const char* action);

  sqlite3* handle_;
  std::string path_;
  std::optional<Error> failure_;
  int queries_ = 0;
  std::unordered_map<const char*, std::vector<sqlite3_stmt*>> idle_;
};

// One execution of a statement. Text and blobs that are bound are not copied: they must outlive it.
class Query {
 public:
  Query(Query&& other) noexcept;
  Query& operator=(Query&&) = delete;
  ~Query();

  // Binds the parameters ?1, ?2 … in order; a failure is reported by `step`.
  template <typename... Values>
  Query& bind(const Values&... values) {
    (bind_one(values), ...);
    return *this;
  }
  // True when there is a row, which is read column by column from the left.
  Result<bool> step();
  // For statements that give no rows.
  Status run();

  std::int64_t integer();
  // Valid until the next step.
  std::string_view bytes();
  std::string text() { return std::string(bytes()); }
  Instant instant() { return {integer()}; }
  std::optional<Instant> optional_instant();
  // Corrupt when the column does not hold 32 bytes.
  Result<Digest> digest();

 private:
  friend class Db;
  Query(Db& db, const char* sql, sqlite3_stmt* statement)
      : db_(&db), sql_(sql), statement_(statement) {
    ++db.queries_;
  }
  void bind_one(std::int64_t value);
  void bind_one(const std::same_as<bool> auto& value) { bind_one(std::int64_t{value}); }
  void bind_one(std::string_view text);
  void bind_one(Blob blob);
  void bind_one(Instant instant) { bind_one(instant.micros); }
  void bind_one(const std::optional<Instant>& instant);
  void bind_one(const Digest& digest) { bind_one(Blob{view(digest)}); }
  void note(int code);

  Db* db_;
  const char* sql_;
  sqlite3_stmt* statement_;
  int parameter_ = 0;
  int column_ = 0;
  int bind_code_ = 0;
};

}  // namespace comity::store
