// Rows of the embedded store as the structures of the interface, and back.
#pragma once

#include "store/sqlite/database.h"
#include "store/store.h"

namespace comity::store {

// Columns in the order in which the readers below take them. The column with the bytes of a record
// is only loaded when ?1 is true.
constexpr const char* record_columns =
    "sequence, assertion_id, stix_id, type, version, digest, originator, received_from, source, "
    "classes, area, purpose, tlp, published, chain, doubts, state, quarantine_reason, arrived, "
    "names, leaf, label, iif(?1, bytes, x'')";
constexpr const char* protocol_columns =
    "id, kind, direction, peer, number, digest, about, at, arrival, bytes";
constexpr const char* ledger_columns = "leaf_index, kind, entry, random, leaf, at";
constexpr const char* peer_columns =
    "party, endpoint, invitation, certificate, node_key, confirmed";
// Of `grant_run` joined with `record`; the bytes come last, or an empty blob.
constexpr const char* granted_columns =
    "record.sequence, date_added + (record.sequence - first_sequence), disclosure, stix_id, "
    "version, position + (record.sequence - first_sequence), grant_run.state";

// What else of the record a decision looks at, behind granted_columns.
constexpr const char* decided_columns =
    "record.type, digest, originator, received_from, source, classes, area, purpose, tlp, "
    "published, chain, doubts, record.state, arrived";

// Errors are Corrupt: a stored value that this program cannot have written.
Result<Record> read_record(Query& row);
Result<ProtocolObject> read_protocol(Query& row);
Result<LedgerEntry> read_ledger_entry(Query& row);
Result<Peer> read_peer(Query& row);
Result<Granted> read_granted(Query& row);
// Into a record whose texts are often those of the one before. Then come `alone` and the bytes.
Status read_granted_record(Query& row, GrantedRecord& out);
// Of a number that may have been altered; one that is none reads as ended.
GrantState grant_state(std::int64_t number);

// A JSON array of texts.
std::string names_text(const std::vector<std::string>& names);

}  // namespace comity::store
