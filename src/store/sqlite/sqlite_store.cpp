#include "store/sqlite/sqlite_store.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <filesystem>
#include <mutex>
#include <set>

#include "base/file.h"
#include "store/sqlite/reads.h"
#include "store/sqlite/schema.h"

namespace comity::store {
namespace {

// The connections of one store. They are handed out and come back, so that each is used by one
// thread at a time; snapshots and transactions share the ownership of this object and may outlive
// the store.
class Connections {
 public:
  Connections(std::string path, std::unique_ptr<Db> writer)
      : path_(std::move(path)), has_writer_(writer != nullptr), writer_(std::move(writer)) {}

  ~Connections() {
    // The last connection to close empties the log into the database, which a reader cannot do.
    readers_.clear();
  }

  bool has_writer() const { return has_writer_; }

  // Odd while a commit that changes the epoch is under way.
  std::optional<std::uint64_t> epoch() const {
    const auto steps = epoch_steps_.load();
    if (steps % 2 != 0) return std::nullopt;
    return steps / 2;
  }
  // By whoever holds the connection that writes.
  void step_epoch() { ++epoch_steps_; }

  std::unique_ptr<Db> take_writer() {
    std::unique_lock lock(mutex_);
    writer_free_.wait(lock, [&] { return writer_ != nullptr; });
    return std::move(writer_);
  }

  void give_writer(std::unique_ptr<Db> writer) {
    const std::lock_guard lock(mutex_);
    writer_ = std::move(writer);
    writer_free_.notify_one();
  }

  Result<std::unique_ptr<Db>> take_reader() {
    std::unique_lock lock(mutex_);
    if (!reader_free_.wait_for(lock, std::chrono::milliseconds(reader_wait_ms),
                               [&] { return readers_taken_ < readers_max; })) {
      return fail(
          ErrorKind::Unavailable,
          fmt::format("{} readers are busy, which is the limit; try again later", readers_max),
          path_);
    }
    ++readers_taken_;
    if (!readers_.empty()) {
      auto reader = std::move(readers_.back());
      readers_.pop_back();
      return reader;
    }
    lock.unlock();
    auto reader = open_reader();
    if (!reader) give_reader(nullptr);
    return reader;
  }

  void give_reader(std::unique_ptr<Db> reader) {
    const std::lock_guard lock(mutex_);
    --readers_taken_;
    if (reader && readers_.size() < readers_idle_max) readers_.push_back(std::move(reader));
    reader_free_.notify_one();
  }

 private:
  Result<std::unique_ptr<Db>> open_reader() {
    TRY(auto reader, Db::open(path_, Db::Mode::ReadOnly));
    const auto sql = fmt::format("PRAGMA cache_size = -{}", reader_cache_kib);
    TRY_STATUS(reader->execute(sql.c_str()));
    return reader;
  }

  const std::string path_;
  const bool has_writer_;
  std::mutex mutex_;
  std::condition_variable writer_free_;
  std::condition_variable reader_free_;
  std::unique_ptr<Db> writer_;  // null while it is taken
  std::atomic<std::uint64_t> epoch_steps_ = 0;
  std::vector<std::unique_ptr<Db>> readers_;
  int readers_taken_ = 0;
};

class SqliteSnapshot final : public Reads<Snapshot> {
 public:
  SqliteSnapshot(std::shared_ptr<Connections> connections, std::unique_ptr<Db> db)
      : Reads(std::move(db)), connections_(std::move(connections)) {}

  ~SqliteSnapshot() override { connections_->give_reader(give_back()); }

  // The view is fixed here and not at the first question, so that "now" is the call of `read`.
  Status start() {
    TRY_STATUS(db().execute("BEGIN"));
    TRY_STATUS(record_count());
    return {};
  }

 private:
  std::shared_ptr<Connections> connections_;
};

class SqliteTransaction final : public Reads<Transaction> {
 public:
  SqliteTransaction(std::shared_ptr<Connections> connections, std::unique_ptr<Db> db)
      : Reads(std::move(db)), connections_(std::move(connections)) {}

  ~SqliteTransaction() override { release(); }

  Status start() { return db().execute("BEGIN IMMEDIATE"); }

  Result<std::int64_t> record_count() override {
    return last(records_, [this] { return Reads::record_count(); });
  }
  Result<std::int64_t> ledger_size() override {
    return last(entries_, [this] { return Reads::ledger_size(); });
  }
  Result<Appended> append(const Record& record) override;
  Status index_values(std::int64_t sequence, const std::vector<ValueKey>& values) override;
  Status index_text(std::int64_t sequence, std::string_view text) override;
  Status forget_search() override;
  Status set_state(std::int64_t sequence, RecordState state, std::string_view reason) override;
  Status append(const ProtocolObject& object) override;
  Result<Instant> grant(std::string_view view, const std::vector<std::int64_t>& sequences,
                        std::string_view disclosure, Instant now) override;
  Status end_grants(std::string_view view, const std::vector<Instant>& dates, Instant now) override;
  Result<Instant> grant_again(std::string_view view, const std::vector<Instant>& dates,
                              Instant now) override;
  Result<std::int64_t> append(const LedgerEntry& entry) override;
  Status put(const Peer& peer) override;
  Status put_register(const Digest& digest, std::string_view files) override;
  Status set_meta(std::string_view key, std::string_view value) override;
  Status begin_part() override;
  Status keep_part() override;
  Status drop_part() override;
  void keep_epoch() override { keeps_epoch_ = true; }
  Status commit() override;

 private:
  // A counter as it is in this transaction. Its row is written with the commit.
  struct Counter {
    std::optional<std::int64_t> value;  // none: not asked for yet
    bool counted = false;
  };

  template <typename... Values>
  Status run(const char* sql, const Values&... values) {
    TRY(auto statement, query(sql));
    return statement.bind(values...).run();
  }

  // Rolls back what is not committed and lets the next transaction begin.
  void release() {
    if (auto connection = give_back()) connections_->give_writer(std::move(connection));
  }
  // The last number that was given.
  template <typename Read>
  Result<std::int64_t> last(Counter& counter, Read read);
  Status write(std::string_view name, const Counter& counter);
  Status write_counters();
  // Adds a step to a counter that is kept in the store alone.
  Status count(std::string_view name, std::int64_t step = 1);
  Result<Instant> first_instant(std::string_view view, Instant now);
  Result<std::int64_t> check_new_grants(std::string_view view,
                                        const std::vector<std::int64_t>& sequences,
                                        std::string_view disclosure);

  std::shared_ptr<Connections> connections_;
  Counter records_, entries_;
  Counter records_before_, entries_before_;  // the part that is open
  bool in_part_ = false;
  bool keeps_epoch_ = false;
};

template <typename Read>
Result<std::int64_t> SqliteTransaction::last(Counter& counter, Read read) {
  TRY(const auto held, query("SELECT 1"));  // fails when the transaction is over
  if (!counter.value) {
    TRY(counter.value, read());
  }
  return *counter.value;
}

Status SqliteTransaction::write(std::string_view name, const Counter& counter) {
  if (!counter.counted) return {};
  TRY_STATUS(run("UPDATE counter SET value = ?1 WHERE name = ?2", *counter.value, name));
  if (db().changes() == 1) return {};
  return tl::unexpected<Error>(db().give_up(
      {ErrorKind::Corrupt,
       fmt::format("the counter \"{}\" is missing; restore the store from a backup", name),
       db().path()}));
}

Status SqliteTransaction::write_counters() {
  TRY_STATUS(write("record", records_));
  return write("ledger", entries_);
}

Status SqliteTransaction::begin_part() {
  CHECK(!in_part_);
  TRY(const auto held, query("SELECT 1"));
  TRY_STATUS(db().begin_part());
  records_before_ = records_;
  entries_before_ = entries_;
  in_part_ = true;
  return {};
}

Status SqliteTransaction::keep_part() {
  CHECK(in_part_);
  TRY_STATUS(db().keep_part());
  in_part_ = false;
  return {};
}

Status SqliteTransaction::drop_part() {
  CHECK(in_part_);
  in_part_ = false;
  records_ = records_before_;
  entries_ = entries_before_;
  return db().undo_part();
}

Status SqliteTransaction::count(std::string_view name, std::int64_t step) {
  TRY_STATUS(run("UPDATE counter SET value = value + ?2 WHERE name = ?1", name, step));
  if (db().changes() == 1) return {};
  return tl::unexpected<Error>(db().give_up(
      {ErrorKind::Corrupt,
       fmt::format("the counter \"{}\" is missing; restore the store from a backup", name),
       db().path()}));
}

Result<Appended> SqliteTransaction::append(const Record& record) {
  TRY(const auto before, record_count());
  const auto sequence = before + 1;
  const auto names = names_text(record.names);
  TRY_STATUS(
      run("INSERT INTO record VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, "
          "?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23) "
          "ON CONFLICT (assertion_id) DO NOTHING",
          sequence, record.assertion_id, record.stix_id, record.type, record.version, record.digest,
          record.originator, record.received_from, record.source, record.classes, record.area,
          record.purpose, record.tlp, record.published, record.chain, record.doubts,
          record.state != RecordState::Live, record.quarantine_reason, record.arrived, names,
          record.leaf, record.label, Blob{record.bytes}));
  if (db().changes() == 0) {
    TRY(auto present, query("SELECT sequence FROM record WHERE assertion_id = ?1"));
    TRY(const bool existed, present.bind(record.assertion_id).step());
    if (!existed) {
      return tl::unexpected<Error>(
          db().give_up({ErrorKind::Corrupt,
                        "an assertion is there and is not found; restore the store from a backup",
                        db().path()}));
    }
    return Appended{present.integer(), true};
  }
  records_ = {sequence, true};
  TRY_STATUS(insert_values(db(), sequence, record.values));
  return Appended{sequence, false};
}

Status SqliteTransaction::index_values(std::int64_t sequence, const std::vector<ValueKey>& values) {
  TRY(const auto backlog, search_backlog());
  if (sequence < 1 || backlog.values != sequence) {
    return tl::unexpected<Error>(db().give_up(
        {ErrorKind::Conflict,
         fmt::format("the values of record {} are not the next ones to index", sequence),
         db().path()}));
  }
  TRY_STATUS(insert_values(db(), sequence, values));
  TRY_STATUS(count("values_owed", -1));
  return {};
}

Status SqliteTransaction::index_text(std::int64_t sequence, std::string_view text) {
  TRY(const auto backlog, search_backlog());
  TRY(const auto last, record_count());
  if (backlog.texts < 1 || sequence != last - backlog.texts + 1) {
    return tl::unexpected<Error>(
        db().give_up({ErrorKind::Conflict,
                      fmt::format("the text of record {} is not the next one to index", sequence),
                      db().path()}));
  }
  TRY_STATUS(run("INSERT INTO search_text (rowid, text) VALUES (?1, ?2)", sequence, text));
  TRY_STATUS(count("texts"));
  return {};
}

Status SqliteTransaction::forget_search() {
  TRY(const auto last, record_count());
  TRY_STATUS(run("DELETE FROM search_value"));
  TRY_STATUS(run("INSERT INTO search_text (search_text) VALUES ('delete-all')"));
  TRY_STATUS(run("UPDATE counter SET value = ?1 WHERE name = 'values_owed'", last));
  return run("UPDATE counter SET value = 0 WHERE name = 'texts'");
}

Status SqliteTransaction::set_state(std::int64_t sequence, RecordState state,
                                    std::string_view reason) {
  TRY_STATUS(run("UPDATE record SET state = ?1, quarantine_reason = ?2 WHERE sequence = ?3",
                 state != RecordState::Live, reason, sequence));
  if (db().changes() == 1) return {};
  return fail(ErrorKind::NotFound, fmt::format("there is no record {}", sequence), db().path());
}

Status SqliteTransaction::append(const ProtocolObject& object) {
  TRY(auto present, query("SELECT id, number FROM protocol WHERE id = ?1 OR (direction = ?2 "
                          "AND peer = ?3 AND number = ?4 AND number > 0) LIMIT 1"));
  TRY(const bool found,
      present.bind(object.id, number(object.direction), object.peer, object.number).step());
  if (found) {
    const auto id = present.text();
    return fail(ErrorKind::Conflict,
                id == object.id ? fmt::format("the protocol object {} is stored already", id)
                                : fmt::format("number {} {} {} is taken by {}", object.number,
                                              object.direction == Direction::Sent ? "to" : "from",
                                              object.peer, id),
                db().path());
  }
  return run(
      "INSERT INTO protocol (id, kind, direction, peer, number, digest, about, at, bytes) "
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
      object.id, object.kind, number(object.direction), object.peer, object.number, object.digest,
      object.about, object.at, Blob{object.bytes});
}

Result<Instant> SqliteTransaction::first_instant(std::string_view view, Instant now) {
  TRY(auto last, query("SELECT date_added + count FROM grant_run WHERE view = ?1 "
                       "ORDER BY date_added DESC LIMIT 1"));
  TRY(const bool found, last.bind(view).step());
  return found ? std::max(now, last.instant()) : now;
}

// Every record is there, and this disclosure has granted none of them to the view; how many others
// it has.
Result<std::int64_t> SqliteTransaction::check_new_grants(std::string_view view,
                                                         const std::vector<std::int64_t>& sequences,
                                                         std::string_view disclosure) {
  TRY(const auto last, record_count());
  std::set<std::int64_t> known;
  {
    TRY(auto runs, query("SELECT first_sequence, count FROM grant_run WHERE view = ?1 "
                         "AND disclosure = ?2"));
    runs.bind(view, disclosure);
    for (;;) {
      TRY(const bool found, runs.step());
      if (!found) break;
      const auto first = runs.integer(), count = runs.integer();
      for (auto k = first; k < first + count; ++k) known.insert(k);
    }
  }
  const auto before = static_cast<std::int64_t>(known.size());
  for (const auto sequence : sequences) {
    if (sequence < 1 || sequence > last) {
      return fail(ErrorKind::NotFound, fmt::format("there is no record {} to grant", sequence),
                  db().path());
    }
    if (!known.insert(sequence).second) {
      return fail(
          ErrorKind::Conflict,
          fmt::format("record {} is granted to {} by {} already", sequence, view, disclosure),
          db().path());
    }
  }
  return before;
}

Result<Instant> SqliteTransaction::grant(std::string_view view,
                                         const std::vector<std::int64_t>& sequences,
                                         std::string_view disclosure, Instant now) {
  TRY(const auto first, first_instant(view, now));
  const auto before = check_new_grants(view, sequences, disclosure);
  // What this transaction has written must not be committed without them.
  if (!before) return tl::unexpected<Error>(db().give_up(before.error()));
  RunJoiner joiner(db());
  GrantRun single;
  single.view = view;
  single.disclosure = disclosure;
  single.date_added = first;
  single.position = *before;
  for (const auto sequence : sequences) {
    single.first_sequence = sequence;
    TRY_STATUS(joiner.add(single));
    ++single.date_added.micros;
    ++single.position;
  }
  TRY_STATUS(joiner.finish());
  return first;
}

Status SqliteTransaction::end_grants(std::string_view view, const std::vector<Instant>& dates,
                                     Instant now) {
  TRY(const auto held, query("SELECT 1"));  // fails when the transaction is over
  return take_out(db(), view, dates, GrantState::Live, [&](GrantRun run) {
    run.state = GrantState::Ended;
    run.ended = now;
    return insert_run(db(), run);
  });
}

Result<Instant> SqliteTransaction::grant_again(std::string_view view,
                                               const std::vector<Instant>& dates, Instant now) {
  TRY(const auto first, first_instant(view, now));
  auto next = first;
  RunJoiner joiner(db());
  TRY_STATUS(take_out(db(), view, dates, GrantState::Ended, [&](GrantRun run) -> Status {
    run.state = GrantState::GrantedAgain;
    TRY_STATUS(insert_run(db(), run));
    const auto count = run.count;
    run.state = GrantState::Live;
    run.ended = Instant();
    run.again = true;
    run.count = 1;
    for (std::int64_t k = 0; k < count; ++k) {
      run.date_added = next;
      TRY_STATUS(joiner.add(run));
      ++next.micros;
      ++run.first_sequence;
      ++run.position;
    }
    return {};
  }));
  TRY_STATUS(joiner.finish());
  return first;
}

Result<std::int64_t> SqliteTransaction::append(const LedgerEntry& entry) {
  TRY(const auto index, ledger_size());
  TRY_STATUS(run("INSERT INTO ledger VALUES (?1, ?2, ?3, ?4, ?5, ?6)", index, entry.kind,
                 entry.entry, Blob{entry.random}, entry.leaf, entry.at));
  entries_ = {index + 1, true};
  return index;
}

Status SqliteTransaction::put(const Peer& peer) {
  return run("INSERT OR REPLACE INTO peer VALUES (?1, ?2, ?3, ?4, ?5, ?6)", peer.party,
             peer.endpoint, peer.invitation, peer.certificate, Blob{peer.node_key}, peer.confirmed);
}

Status SqliteTransaction::put_register(const Digest& digest, std::string_view files) {
  return run("INSERT INTO register VALUES (?1, ?2) ON CONFLICT DO NOTHING", digest, files);
}

Status SqliteTransaction::set_meta(std::string_view key, std::string_view value) {
  return run("INSERT OR REPLACE INTO meta VALUES (?1, ?2)", key, value);
}

Status SqliteTransaction::commit() {
  CHECK(!in_part_);
  auto outcome = query("SELECT 1").map([](const Query&) {});  // fails when it is over
  if (!outcome) {
    release();
    return outcome;
  }
  // Also a commit that is reported as failed may be found later.
  if (!keeps_epoch_) connections_->step_epoch();
  outcome = write_counters();
  if (outcome) outcome = run("COMMIT");
  if (!keeps_epoch_) connections_->step_epoch();
  release();
  return outcome;
}

class SqliteStore final : public Store {
 public:
  explicit SqliteStore(std::shared_ptr<Connections> connections)
      : connections_(std::move(connections)) {}

  Result<std::unique_ptr<Transaction>> begin() override {
    if (!connections_->has_writer()) {
      return fail(ErrorKind::Conflict, "the store is open for reading only");
    }
    auto out = std::make_unique<SqliteTransaction>(connections_, connections_->take_writer());
    TRY_STATUS(out->start());
    return out;
  }

  Result<std::unique_ptr<Snapshot>> read() override {
    TRY(auto reader, connections_->take_reader());
    auto out = std::make_unique<SqliteSnapshot>(connections_, std::move(reader));
    TRY_STATUS(out->start());
    return out;
  }

  std::optional<std::uint64_t> epoch() const override { return connections_->epoch(); }

 private:
  std::shared_ptr<Connections> connections_;
};

// An empty file that only its owner may read, and its name durable in the directory.
Status create_file(const std::string& path) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0 && errno == EEXIST) {
    return fail(ErrorKind::Conflict, "exists already; a new store is not made over it", path);
  }
  if (file < 0) {
    return fail(ErrorKind::Unavailable, fmt::format("cannot create: {}", std::strerror(errno)),
                path);
  }
  ::close(file);
  auto directory = std::filesystem::path(path).parent_path();
  if (directory.empty()) directory = ".";
  const int folder = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool synced = folder >= 0 && ::fsync(folder) == 0;
  if (folder >= 0) ::close(folder);
  if (synced) return {};
  return fail(ErrorKind::Unavailable, "cannot make the new file durable in its directory", path);
}

Result<std::unique_ptr<Store>> open_file(const std::string& path, Access access) {
  const auto mode = access == Access::ReadOnly ? Db::Mode::ReadOnly : Db::Mode::ReadWrite;
  TRY(auto db, Db::open(path, mode));
  if (access == Access::Create) {
    TRY_STATUS(prepare_writer(*db));
    TRY_STATUS(create_schema(*db));
  } else {
    TRY_STATUS(check_schema(*db, mode));
    if (mode == Db::Mode::ReadWrite) {
      TRY_STATUS(prepare_writer(*db));
      TRY_STATUS(bring_up(*db));
    }
    TRY_STATUS(check_counters(*db));
  }
  if (mode == Db::Mode::ReadOnly) db.reset();
  return std::make_unique<SqliteStore>(std::make_shared<Connections>(path, std::move(db)));
}

}  // namespace

Result<std::unique_ptr<Store>> open_sqlite(const std::string& path, Access access) {
  if (access != Access::Create) {
    if (file_exists(path)) return open_file(path, access);
    return fail(ErrorKind::NotFound, "there is no store here; make one first", path);
  }
  TRY_STATUS(create_file(path));
  auto store = open_file(path, access);
  if (!store) {
    // What was begun would be in the way of the next attempt.
    for (const char* suffix : {"", "-wal", "-shm"}) ::unlink((path + suffix).c_str());
  }
  return store;
}

}  // namespace comity::store
