// The reading half of the interface over one connection, for snapshots and transactions alike.
#pragma once

#include <fmt/format.h>

#include <algorithm>

#include "store/sqlite/grant_runs.h"
#include "store/sqlite/rows.h"
#include "store/sqlite/search_index.h"
#include "store/text_search.h"

namespace comity::store {

// Base is Snapshot or Transaction. The connection has an open transaction of SQLite.
template <typename Base>
class Reads : public Base {
 public:
  Result<std::optional<Record>> record(std::int64_t sequence) override {
    static const auto sql =
        fmt::format("SELECT {} FROM record WHERE sequence = ?2", record_columns);
    return one(sql, read_record, true, sequence);
  }

  Result<std::optional<Record>> record_by_assertion(const Digest& assertion_id) override {
    static const auto sql =
        fmt::format("SELECT {} FROM record WHERE assertion_id = ?2", record_columns);
    return one(sql, read_record, true, assertion_id);
  }

  Result<std::vector<Record>> records_by_stix_id(std::string_view id, bool with_bytes) override {
    static const auto sql =
        fmt::format("SELECT {} FROM record WHERE stix_id = ?2 ORDER BY sequence", record_columns);
    return all(sql, read_record, with_bytes, id);
  }

  Status records_after(std::int64_t sequence, std::int64_t count, bool with_bytes,
                       const std::function<Status(const Record&)>& each) override {
    static const auto sql = fmt::format(
        "SELECT {} FROM record WHERE sequence > ?2 ORDER BY sequence LIMIT ?3", record_columns);
    return visit(sql, read_record, each, with_bytes, sequence, limit(count));
  }

  Result<RecordList> records_newest(std::int64_t before, std::int64_t count,
                                    const RecordFilter& filter) override {
    TRY(const auto last, record_count());
    const auto end = std::clamp<std::int64_t>(before, 1, last + 1);
    RecordList out;
    out.down_to = std::max<std::int64_t>(1, end - listed_scan_max);
    TRY(const auto shown, listed(end, limit(count), filter, out.down_to));
    static const auto sql =
        fmt::format("SELECT {} FROM record WHERE sequence = ?2", record_columns);
    for (const auto sequence : shown) {
      TRY(auto found, one(sql, read_record, false, sequence));
      if (found) out.records.push_back(*std::move(found));
    }
    return out;
  }

  Result<std::vector<Record>> records_by_digest(const Digest& digest) override {
    static const auto sql =
        fmt::format("SELECT {} FROM record WHERE digest = ?2 ORDER BY sequence", record_columns);
    return all(sql, read_record, false, digest);
  }

  Status records_by_source(std::string_view source,
                           const std::function<Status(const Record&)>& each) override {
    static const auto sql =
        fmt::format("SELECT {} FROM record WHERE source = ?2 ORDER BY sequence", record_columns);
    return visit(sql, read_record, each, false, source);
  }

  Result<std::int64_t> record_count() override {
    return integer("SELECT value FROM counter WHERE name = 'record'");
  }

  Result<std::vector<ValueCount>> value_counts(std::string_view value) override {
    TRY_STATUS(held());
    return count_values(db(), value);
  }

  Result<std::vector<std::int64_t>> value_occurrences(const ValueKey& key, std::int64_t before,
                                                      std::int64_t count) override {
    static const std::string sql =
        "SELECT sequence FROM search_value WHERE value = ?1 AND kind = ?2 AND sequence < ?3 "
        "ORDER BY sequence DESC LIMIT ?4";
    return all(sql, read_integer, key.value, key.kind, before, limit(count));
  }

  Result<bool> has_value(const ValueKey& key, std::int64_t sequence) override {
    TRY(auto row, query("SELECT 1 FROM search_value WHERE value = ?1 AND kind = ?2 "
                        "AND sequence = ?3"));
    return row.bind(key.value, key.kind, sequence).step();
  }

  Result<std::int64_t> occurrence_count() override {
    return integer("SELECT count(*) FROM search_value");
  }

  Result<SearchStep> text_occurrences(const std::vector<std::string>& phrases, std::int64_t before,
                                      std::int64_t count) override {
    TRY(const auto last, record_count());
    return find_texts(db(), phrases, std::clamp<std::int64_t>(before, 1, last + 1), count);
  }

  Result<SearchBacklog> search_backlog() override {
    SearchBacklog out;
    TRY(out.values, integer("SELECT value FROM counter WHERE name = 'values_owed'"));
    TRY(const auto covered, integer("SELECT value FROM counter WHERE name = 'texts'"));
    TRY(const auto last, record_count());
    out.texts = last - covered;
    return out;
  }

  Result<std::optional<ProtocolObject>> protocol(std::string_view id) override {
    static const auto sql = fmt::format("SELECT {} FROM protocol WHERE id = ?1", protocol_columns);
    return one(sql, read_protocol, id);
  }

  Result<std::vector<ProtocolObject>> protocols(std::string_view kind, Direction direction,
                                                std::string_view peer) override {
    static const auto of_all = fmt::format(
        "SELECT {} FROM protocol WHERE kind = ?1 AND direction = ?2 ORDER BY number, arrival",
        protocol_columns);
    static const auto of_one = fmt::format(
        "SELECT {} FROM protocol WHERE kind = ?1 AND direction = ?2 AND peer = ?3 "
        "ORDER BY number, arrival",
        protocol_columns);
    if (peer.empty()) return all(of_all, read_protocol, kind, number(direction));
    return all(of_one, read_protocol, kind, number(direction), peer);
  }

  Result<std::vector<ProtocolObject>> protocols_about(std::string_view about) override {
    // The second condition lets SQLite use the index, which leaves out what is about nothing.
    static const auto sql =
        fmt::format("SELECT {} FROM protocol WHERE about = ?1 AND about <> '' ORDER BY arrival",
                    protocol_columns);
    return all(sql, read_protocol, about);
  }

  Result<std::vector<ProtocolObject>> protocols_newest(std::string_view kind, Direction direction,
                                                       std::int64_t before,
                                                       std::int64_t count) override {
    static const auto sql = fmt::format(
        "SELECT {} FROM protocol INDEXED BY protocol_newest WHERE kind = ?1 AND direction = ?2 "
        "AND arrival < ?3 ORDER BY arrival DESC LIMIT ?4",
        protocol_columns);
    return all(sql, read_protocol, kind, number(direction), before, limit(count));
  }

  Result<std::vector<ProtocolObject>> unanswered(std::string_view kind, Direction direction,
                                                 std::string_view peer,
                                                 std::int64_t count) override {
    static const std::string sql =
        "SELECT id, kind, direction, peer, number, digest, about, at, arrival, x'' "
        "FROM protocol AS asked WHERE kind = ?1 AND direction = ?2 AND peer = ?3 AND NOT EXISTS "
        "(SELECT 1 FROM protocol AS answer WHERE answer.about = asked.id AND answer.about <> '') "
        "ORDER BY number, arrival LIMIT ?4";
    return all(sql, read_protocol, kind, number(direction), peer, limit(count));
  }

  Result<std::optional<Instant>> last_received(std::string_view peer) override {
    static const std::string sql =
        "SELECT at FROM protocol INDEXED BY protocol_peer WHERE peer = ?1 AND direction = 1 "
        "ORDER BY arrival DESC LIMIT 1";
    return one(sql, read_instant, peer);
  }

  Status every_protocol(const std::function<Status(const ProtocolObject&)>& each) override {
    static const auto sql =
        fmt::format("SELECT {} FROM protocol ORDER BY arrival", protocol_columns);
    return visit(sql, read_protocol, each);
  }

  Result<std::optional<ProtocolObject>> last_disclosure(Direction direction,
                                                        std::string_view peer) override {
    static const auto sql = fmt::format(
        "SELECT {} FROM protocol WHERE direction = ?1 AND peer = ?2 AND number > 0 "
        "ORDER BY number DESC LIMIT 1",
        protocol_columns);
    return one(sql, read_protocol, number(direction), peer);
  }

  Result<std::vector<Granted>> grants(std::string_view view, std::optional<Instant> after,
                                      std::int64_t count) override {
    static const auto sql =
        fmt::format("SELECT {}, record.bytes FROM grant_run {} AND grant_run.state = 0 {}",
                    granted_columns, run_records, grants_in_order);
    return granted_after(sql, view, after, count);
  }

  Status granted_records(std::string_view view, std::optional<Instant> after, std::int64_t count,
                         const std::function<Result<bool>(const GrantedRecord&)>& each) override {
    static const auto sql = fmt::format(
        "SELECT {0}, {1}, "
        "EXISTS (SELECT 1 FROM record AS other INDEXED BY record_stix_id WHERE "
        "other.stix_id = record.stix_id "
        "AND other.sequence <> record.sequence), "
        "EXISTS (SELECT 1 FROM grant_run AS other INDEXED BY grant_run_sequence "
        "WHERE other.view = ?1 "
        "AND other.first_sequence > record.sequence - {2} "
        "AND other.first_sequence <= record.sequence "
        "AND other.first_sequence + other.count > record.sequence "
        "AND other.date_added <> grant_run.date_added), "
        "record.bytes FROM grant_run {3} AND grant_run.state = 0 {4}",
        granted_columns, decided_columns, run_records_max, run_records, grants_in_order);
    TRY(auto row, query(sql.c_str()));
    const Instant from = after.value_or(Instant{INT64_MIN});
    row.bind(view, run_begin(from), from, limit(count));
    GrantedRecord item;
    for (;;) {
      TRY(const bool found, row.step());
      if (!found) return {};
      TRY_STATUS(read_granted_record(row, item));
      TRY(const bool goes_on, each(item));
      if (!goes_on) return {};
    }
  }

  Result<std::vector<Granted>> ended_grants(std::string_view view, std::optional<Instant> after,
                                            std::int64_t count) override {
    static const auto sql = fmt::format(
        "SELECT {}, x'' FROM grant_run INDEXED BY grant_run_ended {} AND grant_run.state = 1 {}",
        granted_columns, run_records, grants_in_order);
    return granted_after(sql, view, after, count);
  }

  Status every_grant_run(const std::function<Status(const GrantRun&)>& each) override {
    static const auto sql =
        fmt::format("SELECT {} FROM grant_run ORDER BY view, date_added", run_columns);
    return visit(sql, read_run, each);
  }

  Result<std::vector<Granted>> grants_by_disclosure(std::string_view view,
                                                    std::string_view disclosure) override {
    static const auto sql = fmt::format(
        "SELECT {}, record.bytes FROM grant_run INDEXED BY grant_run_disclosure {} "
        "AND disclosure = ?2 AND again = 0 ORDER BY date_added, record.sequence",
        granted_columns, run_records);
    return all(sql, read_granted, view, disclosure);
  }

  Result<std::vector<Digest>> digests_by_disclosure(std::string_view view,
                                                    std::string_view disclosure) override {
    static const auto sql = fmt::format(
        "SELECT record.digest FROM grant_run INDEXED BY grant_run_disclosure {} "
        "AND disclosure = ?2 AND again = 0 ORDER BY date_added, record.sequence",
        run_records);
    return all(sql, read_digest, view, disclosure);
  }

  Result<std::int64_t> grant_count(std::string_view view, std::string_view disclosure) override {
    static const std::string sql =
        "SELECT coalesce(sum(count), 0) FROM grant_run INDEXED BY grant_run_disclosure "
        "WHERE view = ?1 AND disclosure = ?2 AND again = 0";
    TRY(const auto count, one(sql, read_integer, view, disclosure));
    return count.value_or(0);
  }

  Result<std::vector<Granted>> grants_of(std::string_view view, std::string_view stix_id) override {
    static const auto sql = fmt::format(
        "SELECT {}, x'' FROM record CROSS JOIN grant_run WHERE stix_id = ?2 AND view = ?1 "
        "AND first_sequence > record.sequence - {} AND first_sequence <= record.sequence "
        "AND first_sequence + count > record.sequence",
        granted_columns, run_records_max);
    TRY(auto out, all(sql, read_granted, view, stix_id));
    std::sort(out.begin(), out.end(),
              [](const Granted& a, const Granted& b) { return a.date_added < b.date_added; });
    return out;
  }

  Result<bool> granted(std::string_view view, std::int64_t sequence) override {
    static const auto sql = fmt::format(
        "SELECT 1 FROM grant_run WHERE view = ?1 AND first_sequence > ?2 - {} "
        "AND first_sequence <= ?2 AND first_sequence + count > ?2 LIMIT 1",
        run_records_max);
    TRY(auto row, query(sql.c_str()));
    return row.bind(view, sequence).step();
  }

  Result<std::int64_t> ledger_size() override {
    return integer("SELECT value FROM counter WHERE name = 'ledger'");
  }

  Status ledger(std::int64_t first, std::int64_t count,
                const std::function<Status(const LedgerEntry&)>& each) override {
    static const auto sql =
        fmt::format("SELECT {} FROM ledger WHERE leaf_index >= ?1 ORDER BY leaf_index LIMIT ?2",
                    ledger_columns);
    return visit(sql, read_ledger_entry, each, first, limit(count));
  }

  Status ledger_of(std::string_view kind,
                   const std::function<Status(const LedgerEntry&)>& each) override {
    static const auto sql =
        fmt::format("SELECT {} FROM ledger WHERE kind = ?1 ORDER BY leaf_index", ledger_columns);
    return visit(sql, read_ledger_entry, each, kind);
  }

  Result<std::vector<Peer>> peers() override {
    static const auto sql = fmt::format("SELECT {} FROM peer ORDER BY party", peer_columns);
    return all(sql, read_peer);
  }

  Result<std::optional<Peer>> peer(std::string_view party) override {
    static const auto sql = fmt::format("SELECT {} FROM peer WHERE party = ?1", peer_columns);
    return one(sql, read_peer, party);
  }

  Result<std::optional<std::string>> register_files(const Digest& digest) override {
    static const std::string sql = "SELECT files FROM register WHERE digest = ?1";
    return one(sql, read_text, digest);
  }

  Result<std::optional<std::string>> meta(std::string_view key) override {
    static const std::string sql = "SELECT value FROM meta WHERE key = ?1";
    return one(sql, read_text, key);
  }

 protected:
  explicit Reads(std::unique_ptr<Db> db) : db_(std::move(db)) {}

  // Only while the connection is held.
  Db& db() { return *db_; }
  // Null when it was given back before.
  std::unique_ptr<Db> give_back() {
    // A visitor that ends its own transaction would leave a statement of it running.
    CHECK(!db_ || db_->queries() == 0);
    if (db_) db_->rollback();
    return std::move(db_);
  }

  Result<Query> query(const char* sql) {
    TRY_STATUS(held());
    return db_->query(sql);
  }

  // An error once the transaction is over.
  Status held() {
    if (db_) return {};
    return fail(ErrorKind::Conflict, "the transaction is over; begin another");
  }

  static std::int64_t number(Direction direction) { return direction == Direction::Sent ? 0 : 1; }

 private:
  // The records of the runs of a view, each with its run.
  static constexpr const char* run_records =
      "CROSS JOIN record ON record.sequence >= first_sequence "
      "AND record.sequence < first_sequence + count WHERE view = ?1";
  // From ?3 on, found in the runs that begin behind ?2.
  static constexpr const char* grants_in_order =
      "AND date_added > ?2 AND date_added + (record.sequence - first_sequence) > ?3 "
      "ORDER BY date_added, record.sequence LIMIT ?4";

  Result<std::vector<Granted>> granted_after(const std::string& sql, std::string_view view,
                                             std::optional<Instant> after, std::int64_t count) {
    const Instant from = after.value_or(Instant{INT64_MIN});
    return all(sql, read_granted, view, run_begin(from), from, limit(count));
  }

  // The run in which `from` lies begins less than its greatest length before.
  static Instant run_begin(Instant from) {
    return {std::max(from.micros, INT64_MIN + run_records_max) - run_records_max};
  }

  // SQLite takes a negative limit for none.
  static std::int64_t limit(std::int64_t count) { return std::max<std::int64_t>(count, 0); }

  static Result<std::string> read_text(Query& row) { return row.text(); }
  static Result<Digest> read_digest(Query& row) { return row.digest(); }
  static Result<Instant> read_instant(Query& row) { return row.instant(); }
  static Result<std::int64_t> read_integer(Query& row) { return row.integer(); }

  // The numbers of the records before `end` and from `down_to` on that a filter shows, the newest
  // first, at most `count`. Raises `down_to` to what was looked at.
  Result<std::vector<std::int64_t>> listed(std::int64_t end, std::int64_t count,
                                           const RecordFilter& filter, std::int64_t& down_to) {
    // The index has all that the filter looks at, so that what is not shown costs no row.
    static const std::string sql =
        "SELECT sequence, stix_id, label FROM record INDEXED BY record_list "
        "WHERE sequence < ?1 AND sequence >= ?2 AND (?3 = '' OR type = ?3) "
        "AND (?4 < 0 OR state = ?4) AND (?5 = 0 OR received_from = ?6) ORDER BY sequence DESC";
    const std::int64_t state = !filter.state                               ? -1
                               : *filter.state == RecordState::Quarantined ? 1
                                                                           : 0;
    const auto from = filter.received_from.value_or(std::string());
    TextSearch search(filter.text);
    std::vector<std::int64_t> out;
    if (count == 0) down_to = end;
    TRY(auto row, query(sql.c_str()));
    row.bind(end, down_to, filter.type, state, filter.received_from.has_value(), from);
    for (std::int64_t looked_at_bytes = 0; static_cast<std::int64_t>(out.size()) < count;) {
      TRY(const bool found, row.step());
      if (!found) return out;
      const auto sequence = row.integer();
      if (!search.empty()) {
        const auto stix_id = row.bytes();
        const auto label = row.bytes();
        looked_at_bytes += static_cast<std::int64_t>(label.size());
        if (search.finds(stix_id, label)) out.push_back(sequence);
      } else {
        out.push_back(sequence);
      }
      if (static_cast<std::int64_t>(out.size()) == count || looked_at_bytes >= searched_bytes_max) {
        down_to = sequence;
        return out;
      }
    }
    return out;
  }

  template <typename T, typename... Values>
  Result<std::optional<T>> one(const std::string& sql, Result<T> (*read)(Query&),
                               const Values&... values) {
    TRY(auto row, query(sql.c_str()));
    TRY(const bool found, row.bind(values...).step());
    if (!found) return std::optional<T>();
    TRY(auto value, read(row));
    return std::optional<T>(std::move(value));
  }

  template <typename T, typename... Values>
  Status visit(const std::string& sql, Result<T> (*read)(Query&),
               const std::function<Status(const T&)>& each, const Values&... values) {
    TRY(auto row, query(sql.c_str()));
    row.bind(values...);
    for (;;) {
      TRY(const bool found, row.step());
      if (!found) return {};
      TRY(const auto value, read(row));
      TRY_STATUS(each(value));
    }
  }

  template <typename T, typename... Values>
  Result<std::vector<T>> all(const std::string& sql, Result<T> (*read)(Query&),
                             const Values&... values) {
    TRY(auto row, query(sql.c_str()));
    row.bind(values...);
    std::vector<T> out;
    for (;;) {
      TRY(const bool found, row.step());
      if (!found) return out;
      TRY(auto value, read(row));
      out.push_back(std::move(value));
    }
  }

  Result<std::int64_t> integer(const char* sql) {
    TRY(auto row, query(sql));
    TRY(const bool found, row.step());
    if (found) return row.integer();
    return fail(ErrorKind::Corrupt, "a counter is missing; restore the store from a backup",
                db().path());
  }

  std::unique_ptr<Db> db_;
};

}  // namespace comity::store
