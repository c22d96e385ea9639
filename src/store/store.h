// What a node keeps: records, protocol objects, grants, ledger entries, peers, registers.
//
// The interface every backend implements (store/sqlite today); conformance_test.h declares the
// suite that each must pass. The log is the truth: numbers are handed out in commit order, from one
// counter locked in the appending transaction, and never leave the node.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/time.h"

namespace comity::store {

enum class RecordState { Live, Quarantined };

// A value by which records are found: the name of its kind and its canonical form. What is a value,
// and which forms are canonical, is not the store's matter.
struct ValueKey {
  std::string kind, value;
  auto operator<=>(const ValueKey&) const = default;
};

// How often a value occurs: in `count` records, or in more when that is `occurrences_counted_max`
// and `more` is set.
struct ValueCount {
  ValueKey key;
  std::int64_t count = 0;
  bool more = false;
};
constexpr std::int64_t occurrences_counted_max = 10'000;
// How many records one step of a search for words looks through.
constexpr std::int64_t searched_records_max = 100'000;

// What a step of a search found: numbers of records, the newest first; all records from `down_to`
// on were looked through; 1: to the first one.
struct SearchStep {
  std::vector<std::int64_t> sequences;
  std::int64_t down_to = 1;
};

// How many records the indexes do not cover yet: they follow behind the records.
struct SearchBacklog {
  std::int64_t values = 0;  // records 1 to this one; only of a store that an older program filled
  std::int64_t texts = 0;   // so many of the newest ones
};

// One assertion: a STIX object byte for byte as it came, with what we know of how it came.
struct Record {
  std::int64_t sequence = 0;  // set by the store; first is 1
  Digest assertion_id{};      // unique
  std::string stix_id, type;
  std::optional<Instant> version;  // `modified`, else `created`
  std::string bytes;
  Digest digest{};            // SHA-256 of the RFC 8785 form
  std::string originator;     // party code
  std::string received_from;  // party code; empty: our own import
  std::string source;         // import id or disclosure id
  std::string classes;  // information classes, comma-separated in vocabulary order; may be empty
  std::string area, purpose;
  std::string tlp;        // empty: no handling stated
  std::string published;  // where the material is public; empty: not claimed
  std::string chain;      // JSON array of {"instrument","originator"}; "[]" for own records
  std::string doubts;     // JSON array of texts why it must not leave automatically; "[]"
  RecordState state = RecordState::Live;
  std::string quarantine_reason;
  Instant arrived;                 // set by the caller
  std::vector<std::string> names;  // STIX ids that it refers to, without its own
  // By which a person finds it: a line that names it, then lines of other text; from its bytes.
  std::string label;
  Digest leaf{};                 // by which the ledger binds it, as it was when it arrived
  std::vector<ValueKey> values;  // by which it is found; taken by `append`, not read back
};

// What a list of records shows. An empty member leaves nothing out.
struct RecordFilter {
  std::string type;
  std::optional<RecordState> state;
  std::optional<std::string> received_from;  // "": own imports
  // The label has it, or the STIX id begins with it; the case of A to Z makes no difference.
  std::string text;
};

// One step of a list: how many records it looks at, whether or not it shows them.
constexpr std::int64_t listed_scan_max = 100'000;

struct RecordList {
  std::vector<Record> records;  // newest first, without bytes
  // All records from this number on were looked at; 1: to the first one.
  std::int64_t down_to = 1;
};

enum class Direction { Sent, Received };

// A signed object of the protocol (disclosure, receipt), kept as it was sent.
struct ProtocolObject {
  std::string id, kind;  // STIX id; its type: "comity-disclosure", "comity-receipt" …
  Direction direction = Direction::Sent;
  std::string peer;         // party code of the counterpart
  std::int64_t number = 0;  // of a disclosure, per peer and direction; 0 for a receipt
  Digest digest{};
  std::string bytes;
  std::string about;  // of a receipt: the disclosure's id; of an answer: what it answers
  Instant at;
  std::int64_t arrival = 0;  // set by the store: in this order they came
};

struct Peer {
  std::string party, endpoint;
  std::string invitation;  // JSON, as imported and confirmed
  Digest certificate{};    // SHA-256 of the DER of its TLS certificate
  std::string node_key;    // raw Ed25519 public key, 32 bytes
  bool confirmed = false;
};

struct LedgerEntry {
  std::int64_t index = 0;  // set by the store; first is 0
  std::string kind;        // "disclosure", "receipt", "arrival", "import", "register", "peer" …
  std::string entry;       // canonical JSON
  std::string random;      // 32 bytes, the salt of the leaf
  Digest leaf{};           // RFC 6962 leaf hash over (random ‖ entry)
  Instant at;
};

// What became of a grant. The numbers are stored.
enum class GrantState {
  Live = 0,
  Ended = 1,         // found not to be permitted any more
  GrantedAgain = 2,  // ended, and granted again with another date since
};

struct Granted {
  std::int64_t sequence = 0;
  Instant date_added;
  std::string disclosure;  // id
  std::string stix_id, bytes;
  std::optional<Instant> version;
  std::int64_t position = 0;  // in the records of the disclosure, from 0
  GrantState state = GrantState::Live;
};

// A live grant with what a decision about its record looks at. `granted` has no bytes: they are
// `bytes`, which lives, as all of it, until the visitor returns.
struct GrantedRecord {
  Granted granted;
  Record record;  // without names, label, bytes and leaf
  // No other record is an assertion of this object, and no other grant of this record was ever made
  // to the view: nothing else needs to be looked at to tell whether it is shown.
  bool alone = false;
  std::string_view bytes;
};

// Grants that follow one another in their view, their disclosure and the log: record k of the run
// is record first_sequence + k, the record position + k of the disclosure, and was granted at
// date_added + k µs.
struct GrantRun {
  std::string view, disclosure;
  Instant date_added;
  std::int64_t first_sequence = 0, count = 1, position = 0;
  bool again = false;  // after an earlier grant under the same disclosure had ended
  GrantState state = GrantState::Live;
  Instant ended;  // when that was noted; the epoch for what is live
};

struct Appended {
  std::int64_t sequence = 0;
  bool existed = false;  // the assertion was there already; nothing was changed
};

// A consistent read-only view. One thread at a time.
class Snapshot {
 public:
  virtual ~Snapshot() = default;

  virtual Result<std::optional<Record>> record(std::int64_t sequence) = 0;
  virtual Result<std::optional<Record>> record_by_assertion(const Digest& assertion_id) = 0;
  // All assertions with this STIX id, oldest first; bytes left empty unless `with_bytes`.
  virtual Result<std::vector<Record>> records_by_stix_id(std::string_view id, bool with_bytes) = 0;
  // Calls `each` in sequence order for records after `sequence`, at most `count`; bytes as above.
  virtual Status records_after(std::int64_t sequence, std::int64_t count, bool with_bytes,
                               const std::function<Status(const Record&)>& each) = 0;
  // Records with a sequence below `before`, the newest first, at most `count` of those that the
  // filter shows, of at most `listed_scan_max` that are looked at; without bytes.
  virtual Result<RecordList> records_newest(std::int64_t before, std::int64_t count,
                                            const RecordFilter& filter) = 0;
  // All assertions of an object with this digest, oldest first, without bytes.
  virtual Result<std::vector<Record>> records_by_digest(const Digest& digest) = 0;
  // Calls `each` in sequence order for the records of one import or disclosure, without bytes.
  virtual Status records_by_source(std::string_view source,
                                   const std::function<Status(const Record&)>& each) = 0;
  virtual Result<std::int64_t> record_count() = 0;

  // Of every kind in which this canonical form occurs, by the names of the kinds.
  virtual Result<std::vector<ValueCount>> value_counts(std::string_view value) = 0;
  // Numbers of the records in which a value occurs, below `before`, the newest first, at most
  // `count`.
  virtual Result<std::vector<std::int64_t>> value_occurrences(const ValueKey& key,
                                                              std::int64_t before,
                                                              std::int64_t count) = 0;
  virtual Result<bool> has_value(const ValueKey& key, std::int64_t sequence) = 0;
  // Occurrences of all values together.
  virtual Result<std::int64_t> occurrence_count() = 0;
  // Records below `before` whose text has every phrase, the newest first, at most `count` of at
  // most `searched_records_max` that are looked through. A phrase is words next to each other;
  // nothing in it has another meaning. No phrase finds nothing.
  virtual Result<SearchStep> text_occurrences(const std::vector<std::string>& phrases,
                                              std::int64_t before, std::int64_t count) = 0;
  virtual Result<SearchBacklog> search_backlog() = 0;

  virtual Result<std::optional<ProtocolObject>> protocol(std::string_view id) = 0;
  // By number, then by arrival; empty peer: all peers.
  virtual Result<std::vector<ProtocolObject>> protocols(std::string_view kind, Direction direction,
                                                        std::string_view peer) = 0;
  virtual Result<std::vector<ProtocolObject>> protocols_about(std::string_view about) = 0;
  // Those that arrived before `before`, the newest first, at most `count`.
  virtual Result<std::vector<ProtocolObject>> protocols_newest(std::string_view kind,
                                                               Direction direction,
                                                               std::int64_t before,
                                                               std::int64_t count) = 0;
  // Those with one peer about which nothing is kept, by number, then by arrival, at most `count`;
  // without bytes.
  virtual Result<std::vector<ProtocolObject>> unanswered(std::string_view kind, Direction direction,
                                                         std::string_view peer,
                                                         std::int64_t count) = 0;
  // When the newest object that a peer has sent came.
  virtual Result<std::optional<Instant>> last_received(std::string_view peer) = 0;
  // All of them, of every kind, in the order of arrival.
  virtual Status every_protocol(const std::function<Status(const ProtocolObject&)>& each) = 0;
  // The disclosure with the highest number to or from a peer.
  virtual Result<std::optional<ProtocolObject>> last_disclosure(Direction direction,
                                                                std::string_view peer) = 0;

  // Live grants of one view (a party code) with date_added > `after`, ascending, at most `count`.
  virtual Result<std::vector<Granted>> grants(std::string_view view, std::optional<Instant> after,
                                              std::int64_t count) = 0;
  // The same grants, read in one go and each handed to `each` before the next is read; false ends
  // it. Nothing is copied that stays the same from one to the next.
  virtual Status granted_records(std::string_view view, std::optional<Instant> after,
                                 std::int64_t count,
                                 const std::function<Result<bool>(const GrantedRecord&)>& each) = 0;
  // The same of grants that have ended and were not granted again since; without bytes.
  virtual Result<std::vector<Granted>> ended_grants(std::string_view view,
                                                    std::optional<Instant> after,
                                                    std::int64_t count) = 0;
  // All runs of grants, by view and date.
  virtual Status every_grant_run(const std::function<Status(const GrantRun&)>& each) = 0;
  // What one disclosure granted first, whatever became of it, in the order of its records.
  virtual Result<std::vector<Granted>> grants_by_disclosure(std::string_view view,
                                                            std::string_view disclosure) = 0;
  // The digests of their records, in that order.
  virtual Result<std::vector<Digest>> digests_by_disclosure(std::string_view view,
                                                            std::string_view disclosure) = 0;
  // How many those are.
  virtual Result<std::int64_t> grant_count(std::string_view view, std::string_view disclosure) = 0;
  // The grants of one STIX id in that view, in every state, ascending; without bytes.
  virtual Result<std::vector<Granted>> grants_of(std::string_view view,
                                                 std::string_view stix_id) = 0;
  // Whether there was ever a grant of it, in every state.
  virtual Result<bool> granted(std::string_view view, std::int64_t sequence) = 0;

  virtual Result<std::int64_t> ledger_size() = 0;
  virtual Status ledger(std::int64_t first, std::int64_t count,
                        const std::function<Status(const LedgerEntry&)>& each) = 0;

  // All entries of one kind, by their index.
  virtual Status ledger_of(std::string_view kind,
                           const std::function<Status(const LedgerEntry&)>& each) = 0;

  virtual Result<std::vector<Peer>> peers() = 0;
  virtual Result<std::optional<Peer>> peer(std::string_view party) = 0;

  // A register snapshot as JSON {path: text}, by its digest.
  virtual Result<std::optional<std::string>> register_files(const Digest& digest) = 0;
  virtual Result<std::optional<std::string>> meta(std::string_view key) = 0;
};

// Everything written through it becomes durable together at commit, or not at all when it is
// destroyed before. A transaction sees its own writes. Only one exists at a time; begin waits until
// the other is committed or destroyed. After an error other than Conflict of a protocol object or
// NotFound of `set_state`, every further call fails and nothing of it is kept; after `commit`, too,
// every call fails.
class Transaction : public Snapshot {
 public:
  virtual Result<Appended> append(const Record& record) = 0;
  // Adds to the index of values those of the record with the number `SearchBacklog::values`, which
  // covers one record more from then on. Conflict when it is another number.
  virtual Status index_values(std::int64_t sequence, const std::vector<ValueKey>& values) = 0;
  // Adds to the index of texts that of the first record that it does not cover. Conflict when that
  // has another number.
  virtual Status index_text(std::int64_t sequence, std::string_view text) = 0;
  // Empties both indexes: they cover no record.
  virtual Status forget_search() = 0;
  virtual Status set_state(std::int64_t sequence, RecordState state, std::string_view reason) = 0;
  // Conflict when an object with this id, or this number to or from this peer, is there already.
  virtual Status append(const ProtocolObject& object) = 0;
  // One grant a sequence, with date_added = max(now, last of the view + 1 µs) + k µs for the k-th,
  // k from 0. Gives the instant of the first. NotFound when there is no such record; Conflict when
  // this disclosure has granted it to this view already.
  virtual Result<Instant> grant(std::string_view view, const std::vector<std::int64_t>& sequences,
                                std::string_view disclosure, Instant now) = 0;
  // Ends live grants of a view, by their dates, ascending. NotFound when one of them is not live.
  virtual Status end_grants(std::string_view view, const std::vector<Instant>& dates,
                            Instant now) = 0;
  // Grants again, in this order, what has ended, by the dates of the ended grants, ascending; new
  // dates as for `grant`. NotFound when one of them has not ended or was granted again already.
  virtual Result<Instant> grant_again(std::string_view view, const std::vector<Instant>& dates,
                                      Instant now) = 0;
  // Sets index; `leaf` must be filled in.
  virtual Result<std::int64_t> append(const LedgerEntry& entry) = 0;
  virtual Status put(const Peer& peer) = 0;
  virtual Status put_register(const Digest& digest, std::string_view files) = 0;
  virtual Status set_meta(std::string_view key, std::string_view value) = 0;

  // A part can be given up without the rest: dropped, it is as if nothing of it had been written,
  // also where an error ended it. Parts do not nest, and a commit within one is a defect. Dropping
  // fails, and all of the transaction is over, after an error that may have cost more than the part
  // (Unavailable, Corrupt).
  virtual Status begin_part() = 0;
  virtual Status keep_part() = 0;
  virtual Status drop_part() = 0;

  // Says that nothing is changed on which answers rest that are kept under an epoch: its commit
  // leaves the epoch as it is.
  virtual void keep_epoch() = 0;
  // Durable when it returns (synchronous=FULL); nothing is kept when it fails. Not inside a
  // visitor.
  virtual Status commit() = 0;
};

// Thread-safe: any thread may begin or read.
class Store {
 public:
  virtual ~Store() = default;
  virtual Result<std::unique_ptr<Transaction>> begin() = 0;
  virtual Result<std::unique_ptr<Snapshot>> read() = 0;

  // Counts the commits made through this store, but for those that keep it. What was read from a
  // snapshot that was taken after the epoch was asked for may be given out again as long as the
  // epoch is the same: a snapshot taken then would say the same. Nothing while a commit that
  // changes it is under way. Others must not write to what lies behind the store.
  virtual std::optional<std::uint64_t> epoch() const = 0;
};

}  // namespace comity::store
