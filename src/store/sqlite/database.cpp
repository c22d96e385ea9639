#include "store/sqlite/database.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <filesystem>

namespace comity::store {
namespace {

struct Meaning {
  ErrorKind kind;
  const char* advice;
};

// What a result code of SQLite means for the node, and what a person can do about it.
Meaning meaning(int code) {
  switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return {ErrorKind::Conflict, "another process holds the database; stop it or try again"};
    case SQLITE_CONSTRAINT:
      return {ErrorKind::Conflict, "the value is there already or is not allowed"};
    case SQLITE_TOOBIG:
      return {ErrorKind::TooLarge, "a row may hold 80 MiB; split the object"};
    case SQLITE_FULL:
      return {ErrorKind::Unavailable, "nothing was written; free space on the disk and try again"};
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
    case SQLITE_CANTOPEN:
      return {ErrorKind::Unavailable,
              "check that the file and its directory belong to the user of the node"};
    case SQLITE_NOMEM:
      return {ErrorKind::Unavailable, "nothing was written; there is not enough memory"};
    case SQLITE_IOERR:
    case SQLITE_PROTOCOL:
    case SQLITE_INTERRUPT:
      return {ErrorKind::Unavailable, "nothing was written; check the disk and try again"};
    case SQLITE_NOTADB:
      return {ErrorKind::Corrupt,
              "this is no store, or its first page is damaged; restore it from a backup"};
    default:
      return {ErrorKind::Corrupt, "the store is damaged; restore it from a backup"};
  }
}

Error make_error(int code, const char* message, const char* action, const std::string& path) {
  const auto found = meaning(code);
  return Error{found.kind,
               fmt::format("cannot {}: {} (SQLite {}): {}", action, message, code, found.advice),
               path};
}

Status configure(sqlite3* handle, Db& db) {
  sqlite3_extended_result_codes(handle, 1);
  sqlite3_busy_timeout(handle, busy_timeout_ms);
  sqlite3_limit(handle, SQLITE_LIMIT_LENGTH, row_bytes_max);
  sqlite3_limit(handle, SQLITE_LIMIT_ATTACHED, 0);
  // A database file is input like any other: nothing in its schema may run code.
  for (const auto& [option, value] :
       {std::pair{SQLITE_DBCONFIG_DEFENSIVE, 1}, std::pair{SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
        std::pair{SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0},
        std::pair{SQLITE_DBCONFIG_ENABLE_TRIGGER, 0}, std::pair{SQLITE_DBCONFIG_ENABLE_VIEW, 0},
        std::pair{SQLITE_DBCONFIG_ENABLE_FKEY, 0}}) {
    CHECK(sqlite3_db_config(handle, option, value, nullptr) == SQLITE_OK);
  }
  // Sorting stays in memory, so that no record reaches a temporary file outside the data directory.
  return db.execute(
      "PRAGMA mmap_size = 0; PRAGMA temp_store = MEMORY; PRAGMA cell_size_check = ON");
}

}  // namespace

Result<std::unique_ptr<Db>> Db::open(const std::string& path, Mode mode) {
  std::error_code ignored;
  // Absolute, because SQLite would read a relative name "file:…" as a URI with options.
  const auto absolute = std::filesystem::absolute(path, ignored).string();
  const int flags = (mode == Mode::ReadOnly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE) |
                    SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE;
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(absolute.c_str(), &handle, flags, nullptr);
  std::unique_ptr<Db> db(new Db(handle, path));
  if (code != SQLITE_OK) {
    const char* message = handle != nullptr ? sqlite3_errmsg(handle) : sqlite3_errstr(code);
    return tl::unexpected<Error>(make_error(code, message, "open the store", path));
  }
  TRY_STATUS(configure(handle, *db));
  return db;
}

Db::~Db() {
  for (auto& [sql, statements] : idle_) {
    for (auto* statement : statements) sqlite3_finalize(statement);
  }
  CHECK(sqlite3_close(handle_) == SQLITE_OK);
}

Error Db::error(int code, const char* action) {
  return give_up(make_error(code, sqlite3_errmsg(handle_), action, path_));
}

Error Db::give_up(Error error) {
  failure_ = error;
  return error;
}

Result<Query> Db::query(const char* sql) {
  if (failure_) {
    return fail(failure_->kind, "the transaction is over: " + failure_->message, path_);
  }
  auto& idle = idle_[sql];
  if (!idle.empty()) {
    auto* statement = idle.back();
    idle.pop_back();
    return Query(*this, sql, statement);
  }
  sqlite3_stmt* statement = nullptr;
  const int code =
      sqlite3_prepare_v3(handle_, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (code != SQLITE_OK) return tl::unexpected<Error>(error(code, "prepare a statement"));
  return Query(*this, sql, statement);
}

Status Db::execute(const char* sql) {
  const int code = sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return tl::unexpected<Error>(error(code, "use the store"));
  return {};
}

Result<std::string> Db::value(const char* sql) {
  TRY(auto query, this->query(sql));
  TRY(const bool found, query.step());
  if (!found) return std::string();
  return query.text();
}

bool Db::in_transaction() const { return sqlite3_get_autocommit(handle_) == 0; }

Status Db::begin_part() {
  if (failure_) return tl::unexpected<Error>(*failure_);
  return execute("SAVEPOINT part");
}

Status Db::keep_part() {
  if (failure_) return tl::unexpected<Error>(*failure_);
  return execute("RELEASE part");
}

Status Db::undo_part() {
  // A refused value undoes its own statement. After a full disk or a broken file SQLite may have
  // rolled back everything, or may not be able to undo anything.
  const bool lost = failure_ && (failure_->kind == ErrorKind::Unavailable ||
                                 failure_->kind == ErrorKind::Corrupt);
  if (lost || !in_transaction()) {
    return tl::unexpected<Error>(
        failure_ ? *failure_ : give_up({ErrorKind::Unavailable, "the transaction is over", path_}));
  }
  failure_.reset();
  return execute("ROLLBACK TO part; RELEASE part");
}

void Db::rollback() {
  // The only way for ROLLBACK to fail is that SQLite has rolled back already.
  if (in_transaction()) sqlite3_exec(handle_, "ROLLBACK", nullptr, nullptr, nullptr);
  failure_.reset();
}

std::int64_t Db::changes() const { return sqlite3_changes64(handle_); }

Query::Query(Query&& other) noexcept
    : db_(other.db_),
      sql_(other.sql_),
      statement_(other.statement_),
      parameter_(other.parameter_),
      column_(other.column_),
      bind_code_(other.bind_code_) {
  other.statement_ = nullptr;
}

Query::~Query() {
  if (statement_ == nullptr) return;
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
  --db_->queries_;
  db_->idle_[sql_].push_back(statement_);
}

void Query::note(int code) {
  if (bind_code_ == SQLITE_OK) bind_code_ = code;
}

void Query::bind_one(std::int64_t value) {
  note(sqlite3_bind_int64(statement_, ++parameter_, value));
}

void Query::bind_one(std::string_view text) {
  // A null address would bind NULL instead of the empty text.
  note(sqlite3_bind_text64(statement_, ++parameter_, text.data() != nullptr ? text.data() : "",
                           text.size(), SQLITE_STATIC, SQLITE_UTF8));
}

void Query::bind_one(Blob blob) {
  note(sqlite3_bind_blob64(statement_, ++parameter_,
                           blob.bytes.data() != nullptr ? blob.bytes.data() : "", blob.bytes.size(),
                           SQLITE_STATIC));
}

void Query::bind_one(const std::optional<Instant>& instant) {
  if (instant) return bind_one(*instant);
  note(sqlite3_bind_null(statement_, ++parameter_));
}

Result<bool> Query::step() {
  if (bind_code_ != SQLITE_OK) {
    return tl::unexpected<Error>(db_->error(bind_code_, "pass a value to the store"));
  }
  column_ = 0;
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return tl::unexpected<Error>(db_->error(code, "read or write the store"));
}

Status Query::run() {
  TRY(const bool found, step());
  CHECK(!found);
  return {};
}

std::int64_t Query::integer() { return sqlite3_column_int64(statement_, column_++); }

std::string_view Query::bytes() {
  // As a blob also for text: the text form would copy it only to add a NUL.
  const auto* data = static_cast<const char*>(sqlite3_column_blob(statement_, column_));
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column_++));
  return data != nullptr ? std::string_view(data, size) : std::string_view();
}

std::optional<Instant> Query::optional_instant() {
  if (sqlite3_column_type(statement_, column_) == SQLITE_NULL) {
    ++column_;
    return std::nullopt;
  }
  return instant();
}

Result<Digest> Query::digest() {
  const auto stored = bytes();
  auto digest = digest_from_bytes(stored);
  if (digest) return *digest;
  return fail(ErrorKind::Corrupt,
              fmt::format("a digest of {} bytes is stored where 32 are expected; restore the "
                          "store from a backup",
                          stored.size()),
              db_->path());
}

}  // namespace comity::store
