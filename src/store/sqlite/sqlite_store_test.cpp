#include "store/sqlite/sqlite_store.h"

#include <fmt/format.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <random>

#include "base/file.h"
#include "store/conformance_test.h"
#include "store/sqlite/schema.h"
#include "store/text_search.h"

namespace comity::store {
namespace {

using Milliseconds = std::chrono::milliseconds;

class SqliteStore : public testing::Test {
 protected:
  std::unique_ptr<Store> create() { return must(open_sqlite(path_, Access::Create)); }
  std::unique_ptr<Store> open() { return must(open_sqlite(path_, Access::ReadWrite)); }
  Error refusal(Access access) {
    auto store = open_sqlite(path_, access);
    if (store) ADD_FAILURE() << "the store was opened";
    return store ? Error{} : store.error();
  }

  // Runs SQL on the file behind the back of the store.
  void run(const char* sql) {
    sqlite3* handle = nullptr;
    ASSERT_EQ(sqlite3_open(path_.c_str(), &handle), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(handle, sql, nullptr, nullptr, nullptr), SQLITE_OK)
        << sqlite3_errmsg(handle);
    sqlite3_close(handle);
  }

  static void fill(Store& store, std::int64_t first, std::int64_t last) {
    const auto transaction = must(store.begin());
    for (auto n = first; n <= last; ++n) {
      must(transaction->append(sample_record(n)));
      must(transaction->append(sample_entry(n)));
    }
    must(transaction->commit());
  }

  const TemporaryDirectory directory_;
  const std::string path_ = directory_.path() + "/store.db";
};

void expect_says(const Error& error, ErrorKind kind, const std::string& part) {
  EXPECT_EQ(error.kind, kind) << error.text();
  EXPECT_NE(error.text().find(part), std::string::npos) << error.text();
}

TEST_F(SqliteStore, CreateRefusesAnExistingFile) {
  fill(*create(), 1, 1);
  expect_says(refusal(Access::Create), ErrorKind::Conflict, "exists already");
  EXPECT_EQ(must(must(open()->read())->record_count()), 1);
}

TEST_F(SqliteStore, CreateInAMissingDirectoryLeavesNothing) {
  const auto store = open_sqlite(directory_.path() + "/none/store.db", Access::Create);
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().kind, ErrorKind::Unavailable);
  EXPECT_FALSE(file_exists(directory_.path() + "/none"));
}

TEST_F(SqliteStore, OpeningWithoutAFileIsNotFoundAndMakesNone) {
  expect_says(refusal(Access::ReadWrite), ErrorKind::NotFound, path_);
  expect_says(refusal(Access::ReadOnly), ErrorKind::NotFound, path_);
  EXPECT_FALSE(file_exists(path_));
}

TEST_F(SqliteStore, OnlyTheOwnerMayReadTheFiles) {
  const auto store = create();
  fill(*store, 1, 1);
  for (const char* suffix : {"", "-wal", "-shm"}) {
    struct stat info {};
    ASSERT_EQ(::stat((path_ + suffix).c_str(), &info), 0) << suffix;
    EXPECT_EQ(info.st_mode & 0777, 0600U) << suffix;
  }
}

TEST_F(SqliteStore, AnotherFormatVersionIsRefusedWithBothNumbers) {
  create().reset();
  run("PRAGMA user_version = 7");
  for (const auto access : {Access::ReadWrite, Access::ReadOnly}) {
    expect_says(refusal(access), ErrorKind::Unsupported,
                "format version 7, this program reads version 5");
  }
}

// What the labels of its records were is not in a store of an older version.
TEST_F(SqliteStore, OlderFormatVersionsAreRefusedAndNotChanged) {
  create().reset();
  for (const auto* version : {"1", "2", "3"}) {
    run((std::string("PRAGMA user_version = ") + version).c_str());
    for (const auto access : {Access::ReadWrite, Access::ReadOnly}) {
      expect_says(refusal(access), ErrorKind::Unsupported,
                  std::string("format version ") + version + ", this program reads version 5");
    }
  }
}

// A store as version 4 left it: without the indexes by which records are found.
TEST_F(SqliteStore, TheVersionBeforeIsBroughtUpWhenItIsOpenedForWriting) {
  fill(*create(), 1, 3);
  run("DROP TABLE search_value; DROP TABLE search_text; "
      "DELETE FROM counter WHERE name IN ('values_owed', 'texts'); PRAGMA user_version = 4");
  expect_says(refusal(Access::ReadOnly), ErrorKind::Unsupported, "start comity serve");
  {
    const auto store = open();
    const auto backlog = must(must(store->read())->search_backlog());
    EXPECT_EQ(backlog.values, 3);
    EXPECT_EQ(backlog.texts, 3);
    fill(*store, 4, 4);
    const auto transaction = must(store->begin());
    for (const std::int64_t n : {3, 2, 1}) {
      must(transaction->index_values(n, {{"file", "n" + std::to_string(n)}}));
    }
    must(transaction->index_text(1, "heron"));
    must(transaction->commit());
  }
  const auto store = must(open_sqlite(path_, Access::ReadOnly));
  const auto snapshot = must(store->read());
  EXPECT_EQ(must(snapshot->record_count()), 4);
  EXPECT_EQ(must(snapshot->search_backlog()).values, 0);
  EXPECT_EQ(must(snapshot->search_backlog()).texts, 3);
  EXPECT_TRUE(must(snapshot->has_value({"file", "n2"}, 2)));
  EXPECT_EQ(must(snapshot->text_occurrences({"heron"}, INT64_MAX, 9)).sequences.size(), 1U);
}

TEST_F(SqliteStore, ADatabaseOfAnotherProgramIsRefusedAndNotChanged) {
  run("CREATE TABLE theirs (a); PRAGMA application_id = 42");
  const auto before = must(read_file(path_, 1'000'000));
  expect_says(refusal(Access::ReadWrite), ErrorKind::InvalidInput,
              "application id is 42, expected 1131246713");
  EXPECT_EQ(must(read_file(path_, 1'000'000)), before);
  EXPECT_FALSE(file_exists(path_ + "-wal"));
}

TEST_F(SqliteStore, AnEmptyFileIsNoStore) {
  must(write_file(path_, ""));
  expect_says(refusal(Access::ReadWrite), ErrorKind::InvalidInput, "no store of Comity");
}

TEST_F(SqliteStore, ADamagedHeaderIsCorruptWithAMessage) {
  fill(*create(), 1, 10);
  auto bytes = must(read_file(path_, 10'000'000));
  bytes.replace(0, 16, 16, '\0');
  must(write_file(path_, bytes));
  for (const auto access : {Access::ReadWrite, Access::ReadOnly}) {
    const auto error = refusal(access);
    expect_says(error, ErrorKind::Corrupt, "restore it from a backup");
    expect_says(error, ErrorKind::Corrupt, "first page is damaged");
    EXPECT_EQ(error.where, path_);
  }
  must(write_file(path_, "this is a text and has never been a database"));
  expect_says(refusal(Access::ReadWrite), ErrorKind::Corrupt, "restore it from a backup");
}

TEST_F(SqliteStore, CountersThatDisagreeWithTheRowsAreCorrupt) {
  fill(*create(), 1, 3);
  run("DELETE FROM record WHERE sequence = 3");
  expect_says(refusal(Access::ReadWrite), ErrorKind::Corrupt,
              "counts 3 records but its rows end at 2");
  run("UPDATE counter SET value = 2 WHERE name = 'record'");
  run("UPDATE counter SET value = 9 WHERE name = 'ledger'");
  expect_says(refusal(Access::ReadOnly), ErrorKind::Corrupt, "counts 9 ledger entries");
}

// Any damage ends in an answer or in an error, never in a crash.
TEST_F(SqliteStore, RandomDamageIsAnErrorOrIsHarmless) {
  {
    const auto store = create();
    fill(*store, 1, 60);
    const auto transaction = must(store->begin());
    must(transaction->grant("XB", {1, 2, 3}, "d1", Instant{1}));
    must(transaction->append(sample_disclosure(Direction::Sent, "XB", 1)));
    must(transaction->put(Peer{"XB", "https://xb.example/", "{}", {}, "", true}));
    for (std::int64_t n = 1; n <= 60; ++n) {
      must(transaction->index_text(n, "heron number " + std::to_string(n)));
    }
    must(transaction->commit());
  }
  const auto whole = must(read_file(path_, 10'000'000));
  std::mt19937 random(1);
  int errors = 0;
  for (int i = 0; i < 150; ++i) {
    auto bytes = whole;
    for (int k = 0; k < 40; ++k) bytes[random() % bytes.size()] = static_cast<char>(random());
    // Half of them keep the header, so that the damage is met later.
    if (i % 2 == 0) bytes.replace(0, 100, whole, 0, 100);
    for (const char* suffix : {"-wal", "-shm"}) ::unlink((path_ + suffix).c_str());
    must(write_file(path_, bytes));
    const auto look = [&]() -> Status {
      TRY(const auto store, open_sqlite(path_, Access::ReadWrite));
      TRY(const auto snapshot, store->read());
      TRY_STATUS(snapshot->records_after(0, 1000, true, [](const Record&) { return Status{}; }));
      TRY_STATUS(snapshot->ledger(0, 1000, [](const LedgerEntry&) { return Status{}; }));
      TRY_STATUS(snapshot->grants("XB", std::nullopt, 10));
      TRY_STATUS(snapshot->peers());
      TRY_STATUS(snapshot->protocols("comity-disclosure", Direction::Sent, ""));
      TRY_STATUS(snapshot->value_counts("a.example"));
      TRY_STATUS(snapshot->text_occurrences({"heron", "number 7"}, INT64_MAX, 100));
      TRY(const auto transaction, store->begin());
      TRY_STATUS(transaction->append(sample_record(1000)));
      return transaction->commit();
    };
    const auto outcome = look();
    if (outcome) continue;
    ++errors;
    EXPECT_FALSE(outcome.error().message.empty());
    EXPECT_NE(outcome.error().kind, ErrorKind::NotPermitted);
  }
  EXPECT_GT(errors, 50);
}

TEST_F(SqliteStore, ReadsWhileAnotherProcessWrites) {
  create().reset();
  int pipe[2];
  ASSERT_EQ(::pipe(pipe), 0);
  const auto child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    ::close(pipe[0]);
    auto store = open_sqlite(path_, Access::ReadWrite);
    if (!store) ::_exit(1);
    for (std::int64_t n = 1;; ++n) {
      fill(**store, n, n);
      if (::write(pipe[1], &n, sizeof n) != sizeof n) ::_exit(1);
    }
  }
  ::close(pipe[1]);
  const auto store = must(open_sqlite(path_, Access::ReadOnly));
  for (int i = 0; i < 50; ++i) {
    std::int64_t acknowledged = 0;
    ASSERT_EQ(::read(pipe[0], &acknowledged, sizeof acknowledged),
              static_cast<ssize_t>(sizeof acknowledged));
    const auto snapshot = must(store->read());
    const auto count = must(snapshot->record_count());
    EXPECT_GE(count, acknowledged);
    EXPECT_TRUE(must(snapshot->record(count)));
    EXPECT_EQ(must(snapshot->ledger_size()), count);
  }
  const auto refused = store->begin();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::Conflict);
  ::kill(child, SIGKILL);
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);
  ::close(pipe[0]);
  EXPECT_GE(must(must(store->read())->record_count()), 50);
}

TEST_F(SqliteStore, AWriterElsewhereIsAConflictAfterTheTimeout) {
  const auto store = create();
  sqlite3* other = nullptr;
  ASSERT_EQ(sqlite3_open(path_.c_str(), &other), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(other, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr), SQLITE_OK);
  const auto start = std::chrono::steady_clock::now();
  const auto refused = store->begin();
  EXPECT_GE(std::chrono::steady_clock::now() - start, Milliseconds(busy_timeout_ms - 1000));
  ASSERT_FALSE(refused);
  expect_says(refused.error(), ErrorKind::Conflict, "another process holds the database");
  sqlite3_exec(other, "ROLLBACK", nullptr, nullptr, nullptr);
  sqlite3_close(other);
  fill(*store, 1, 1);
}

TEST_F(SqliteStore, ReadersAreLimitedAndComeBack) {
  const auto store = create();
  fill(*store, 1, 1);
  std::vector<std::unique_ptr<Snapshot>> snapshots;
  for (int i = 0; i < readers_max; ++i) snapshots.push_back(must(store->read()));
  const auto start = std::chrono::steady_clock::now();
  const auto refused = store->read();
  EXPECT_GE(std::chrono::steady_clock::now() - start, Milliseconds(reader_wait_ms));
  ASSERT_FALSE(refused);
  expect_says(refused.error(), ErrorKind::Unavailable, "32 readers are busy");
  snapshots.pop_back();
  snapshots.push_back(must(store->read()));
  EXPECT_EQ(must(snapshots.back()->record_count()), 1);
  snapshots.clear();
  for (int i = 0; i < 2 * readers_max; ++i) EXPECT_EQ(must(must(store->read())->record_count()), 1);
}

// A limit on the size of files stands for a full disk: writes fail in the same places.
TEST_F(SqliteStore, AFullDiskLosesNothingThatWasCommitted) {
  const auto store = create();
  fill(*store, 1, 5);
  rlimit limit{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &limit), 0);
  const auto before = limit.rlim_cur;
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  limit.rlim_cur = 1'000'000;
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &limit), 0);
  std::int64_t committed = 5;
  Error error;
  for (; committed < 1000 && error.message.empty(); ++committed) {
    auto record = sample_record(committed + 1);
    record.bytes.assign(50'000, 'x');
    const auto outcome = [&]() -> Status {
      TRY(const auto transaction, store->begin());
      TRY_STATUS(transaction->append(record));
      return transaction->commit();
    }();
    if (outcome) continue;
    error = outcome.error();
    --committed;
  }
  limit.rlim_cur = before;
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &limit), 0);
  std::signal(SIGXFSZ, handler);
  expect_says(error, ErrorKind::Unavailable, "nothing was written");
  EXPECT_EQ(must(must(store->read())->record_count()), committed);
  fill(*store, committed + 1, committed + 1);
  EXPECT_EQ(must(must(store->read())->record(committed + 1))->sequence, committed + 1);
}

TEST_F(SqliteStore, ARowIsLimited) {
  const auto store = create();
  std::string files(row_bytes_max - 100, 'x');
  {
    const auto transaction = must(store->begin());
    must(transaction->put_register(sha256("at the bound"), files));
    must(transaction->commit());
  }
  EXPECT_EQ(must(must(store->read())->register_files(sha256("at the bound")))->size(),
            files.size());
  files.resize(row_bytes_max + 1);
  const auto transaction = must(store->begin());
  const auto refused = transaction->put_register(sha256("beyond"), files);
  ASSERT_FALSE(refused);
  expect_says(refused.error(), ErrorKind::TooLarge, "80 MiB");
  EXPECT_FALSE(transaction->commit());
}

TEST_F(SqliteStore, TheLogIsEmptiedWhenTheStoreCloses) {
  fill(*create(), 1, 10);
  EXPECT_FALSE(file_exists(path_ + "-wal"));
}

TEST_F(SqliteStore, TheWriterSyncsEveryCommit) {
  create().reset();
  const auto db = must(Db::open(path_, Db::Mode::ReadWrite));
  must(prepare_writer(*db));
  EXPECT_EQ(must(db->value("PRAGMA synchronous")), "2");
  EXPECT_EQ(must(db->value("PRAGMA journal_mode")), "wal");
  EXPECT_EQ(must(db->value("PRAGMA foreign_keys")), "0");
  EXPECT_EQ(must(db->value("PRAGMA trusted_schema")), "0");
  EXPECT_EQ(must(db->value("PRAGMA mmap_size")), "0");
  EXPECT_EQ(must(db->value("PRAGMA busy_timeout")), std::to_string(busy_timeout_ms));
  EXPECT_EQ(must(db->value("PRAGMA cache_size")), "-8192");
  // DEFENSIVE: the schema cannot be written as a table.
  must(db->execute("PRAGMA writable_schema = ON"));
  EXPECT_FALSE(db->execute("UPDATE sqlite_schema SET sql = ''"));
}

// Rows from the second on, up to number `last`, each with `label`, an expression of SQL.
std::string records_to(std::int64_t last, const char* label) {
  return fmt::format(
      "WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < {0}) "
      "INSERT INTO record SELECT i, randomblob(32), 'indicator--' || i, 'indicator', NULL, "
      "zeroblob(32), 'XA', '', 's', '', '', '', '', '', '[]', '[]', 0, '', 0, '[]', zeroblob(32), "
      "{1}, x'' FROM n; UPDATE counter SET value = {0} WHERE name = 'record'",
      last, label);
}

// One step of a list looks at so many records and no more, whatever the filter hides.
TEST_F(SqliteStore, AListLooksAtABoundedNumberOfRecords) {
  fill(*create(), 1, 1);
  run(records_to(listed_scan_max + 1, "'label'").c_str());
  const auto store = open();
  const auto snapshot = must(store->read());
  RecordFilter filter;
  filter.text = "indicator--1";
  filter.type = "malware";
  auto found = must(snapshot->records_newest(INT64_MAX, 10, filter));
  EXPECT_TRUE(found.records.empty());
  EXPECT_EQ(found.down_to, 2) << "the first record is beyond the bound";
  filter.type = "";
  filter.text = "{\"n\":1}";
  EXPECT_EQ(must(snapshot->records_newest(INT64_MAX, 10, filter)).down_to, 2);
  filter.text = "";
  found = must(snapshot->records_newest(2, 10, filter));
  ASSERT_EQ(found.records.size(), 1U);
  EXPECT_EQ(found.records[0].sequence, 1);
  EXPECT_EQ(found.down_to, 1);
}

// Long labels make a step shorter: the label that reaches the bound is the last that is looked at.
TEST_F(SqliteStore, AListLooksForATextInABoundedNumberOfBytes) {
  constexpr std::int64_t label_bytes = 512;
  constexpr auto step = searched_bytes_max / label_bytes;
  fill(*create(), 1, 1);
  // The newest to which one step comes is number 4; 3 has the text, too.
  run(records_to(step + 3, "printf('%.512c', iif(i = 3 OR i = 4, 'b', 'a'))").c_str());
  const auto store = open();
  const auto snapshot = must(store->read());
  RecordFilter filter;
  filter.text = "B";
  auto found = must(snapshot->records_newest(INT64_MAX, 10, filter));
  ASSERT_EQ(found.records.size(), 1U);
  EXPECT_EQ(found.records[0].sequence, 4);
  EXPECT_EQ(found.down_to, 4);
  found = must(snapshot->records_newest(found.down_to, 10, filter));
  ASSERT_EQ(found.records.size(), 1U);
  EXPECT_EQ(found.records[0].sequence, 3);
  EXPECT_EQ(found.down_to, 1);
  filter.text = "";
  filter.type = "malware";
  EXPECT_EQ(must(snapshot->records_newest(INT64_MAX, 10, filter)).down_to, 1)
      << "without a text no label is looked at";
}

// Questions that are asked for every page must not read or sort more than they give.
TEST_F(SqliteStore, PagesAreReadInIndexOrder) {
  create().reset();
  const auto db = must(Db::open(path_, Db::Mode::ReadOnly));
  for (const char* sql :
       {"EXPLAIN QUERY PLAN SELECT bytes FROM grant_run CROSS JOIN record ON record.sequence >= "
        "first_sequence AND record.sequence < first_sequence + count WHERE view = ?1 AND "
        "grant_run.state = 0 AND date_added > ?2 AND date_added + (record.sequence - "
        "first_sequence) > ?3 ORDER BY date_added, record.sequence LIMIT ?4",
        "EXPLAIN QUERY PLAN SELECT stix_id FROM grant_run INDEXED BY grant_run_ended CROSS JOIN "
        "record ON record.sequence >= first_sequence AND record.sequence < first_sequence + count "
        "WHERE view = ?1 AND grant_run.state = 1 AND date_added > ?2 AND date_added + "
        "(record.sequence - first_sequence) > ?3 ORDER BY date_added, record.sequence LIMIT ?4",
        "EXPLAIN QUERY PLAN SELECT version FROM record CROSS JOIN grant_run WHERE stix_id = ?2 "
        "AND view = ?1 AND first_sequence > record.sequence - 256 AND first_sequence <= "
        "record.sequence AND first_sequence + count > record.sequence",
        "EXPLAIN QUERY PLAN SELECT bytes FROM grant_run INDEXED BY grant_run_disclosure CROSS "
        "JOIN record ON record.sequence >= first_sequence AND record.sequence < first_sequence + "
        "count WHERE view = ?1 AND disclosure = ?2 AND again = 0 ORDER BY date_added, "
        "record.sequence",
        "EXPLAIN QUERY PLAN SELECT 1 FROM grant_run WHERE view = ?1 AND first_sequence > ?2 - 256 "
        "AND first_sequence <= ?2 AND first_sequence + count > ?2 LIMIT 1",
        "EXPLAIN QUERY PLAN SELECT bytes FROM record WHERE stix_id = ?2 ORDER BY sequence",
        "EXPLAIN QUERY PLAN SELECT bytes FROM protocol WHERE about = ?1 AND about <> '' "
        "ORDER BY arrival",
        "EXPLAIN QUERY PLAN SELECT bytes FROM protocol WHERE direction = ?1 AND peer = ?2 AND "
        "number > 0 ORDER BY number DESC LIMIT 1",
        "EXPLAIN QUERY PLAN SELECT bytes FROM protocol WHERE kind = ?1 AND direction = ?2 AND "
        "peer = ?3 ORDER BY number, arrival",
        "EXPLAIN QUERY PLAN SELECT bytes FROM record WHERE digest = ?2 ORDER BY sequence",
        "EXPLAIN QUERY PLAN SELECT bytes FROM record WHERE source = ?2 ORDER BY sequence",
        "EXPLAIN QUERY PLAN SELECT sequence FROM record INDEXED BY record_list WHERE sequence < ?2 "
        "AND sequence >= ?3 AND (?4 = '' OR type = ?4) ORDER BY sequence DESC LIMIT ?9",
        "EXPLAIN QUERY PLAN SELECT bytes FROM protocol INDEXED BY protocol_newest WHERE kind = ?1 "
        "AND direction = ?2 AND arrival < ?3 ORDER BY arrival DESC LIMIT ?4",
        "EXPLAIN QUERY PLAN SELECT at FROM protocol INDEXED BY protocol_peer WHERE peer = ?1 AND "
        "direction = 1 ORDER BY arrival DESC LIMIT 1",
        "EXPLAIN QUERY PLAN SELECT entry FROM ledger WHERE kind = ?1 ORDER BY leaf_index",
        "EXPLAIN QUERY PLAN SELECT id, number FROM protocol WHERE id = ?1 OR (direction = ?2 AND "
        "peer = ?3 AND number = ?4 AND number > 0) LIMIT 1"}) {
    auto query = must(db->query(sql));
    while (must(query.step())) {
      query.integer();
      query.integer();
      query.integer();
      const auto step = query.text();
      EXPECT_EQ(step.find("SCAN"), std::string::npos) << sql << "\n" << step;
      EXPECT_EQ(step.find("TEMP B-TREE"), std::string::npos) << sql << "\n" << step;
    }
  }
}

}  // namespace
}  // namespace comity::store
