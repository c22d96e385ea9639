#include "store/sqlite/rows.h"

#include <fmt/format.h>

#include "json/parse.h"
#include "json/write.h"

namespace comity::store {
namespace {

tl::unexpected<Error> corrupt(const std::string& what) {
  return fail(ErrorKind::Corrupt, what + "; restore the store from a backup");
}

Status read_names(std::string_view text, std::vector<std::string>& names) {
  if (text == "[]") return {};
  auto value = json::parse(text);
  if (!value || value->array() == nullptr) {
    return corrupt("the names in a record are no JSON array");
  }
  for (const auto& name : *value->array()) {
    if (name.string() == nullptr) return corrupt("a name in a record is no text");
    names.push_back(*name.string());
  }
  return {};
}

}  // namespace

Result<Record> read_record(Query& row) {
  Record out;
  out.sequence = row.integer();
  TRY(out.assertion_id, row.digest());
  out.stix_id = row.text();
  out.type = row.text();
  out.version = row.optional_instant();
  TRY(out.digest, row.digest());
  for (auto* text : {&out.originator, &out.received_from, &out.source, &out.classes, &out.area,
                     &out.purpose, &out.tlp, &out.published, &out.chain, &out.doubts}) {
    *text = row.text();
  }
  out.state = row.integer() == 0 ? RecordState::Live : RecordState::Quarantined;
  out.quarantine_reason = row.text();
  out.arrived = row.instant();
  if (auto names = read_names(row.bytes(), out.names); !names) {
    return tl::unexpected<Error>(
        std::move(names).error().at(fmt::format("record {}", out.sequence)));
  }
  TRY(out.leaf, row.digest());
  out.label = row.text();
  out.bytes = row.text();
  return out;
}

Result<ProtocolObject> read_protocol(Query& row) {
  ProtocolObject out;
  out.id = row.text();
  out.kind = row.text();
  out.direction = row.integer() == 0 ? Direction::Sent : Direction::Received;
  out.peer = row.text();
  out.number = row.integer();
  TRY(out.digest, row.digest());
  out.about = row.text();
  out.at = row.instant();
  out.arrival = row.integer();
  out.bytes = row.text();
  return out;
}

Result<LedgerEntry> read_ledger_entry(Query& row) {
  LedgerEntry out;
  out.index = row.integer();
  out.kind = row.text();
  out.entry = row.text();
  out.random = row.text();
  TRY(out.leaf, row.digest());
  out.at = row.instant();
  return out;
}

Result<Peer> read_peer(Query& row) {
  Peer out;
  out.party = row.text();
  out.endpoint = row.text();
  out.invitation = row.text();
  TRY(out.certificate, row.digest());
  out.node_key = row.text();
  out.confirmed = row.integer() != 0;
  return out;
}

Result<Granted> read_granted(Query& row) {
  Granted out;
  out.sequence = row.integer();
  out.date_added = row.instant();
  out.disclosure = row.text();
  out.stix_id = row.text();
  out.version = row.optional_instant();
  out.position = row.integer();
  out.state = grant_state(row.integer());
  out.bytes = row.text();
  return out;
}

Status read_granted_record(Query& row, GrantedRecord& out) {
  auto& granted = out.granted;
  auto& record = out.record;
  granted.sequence = row.integer();
  granted.date_added = row.instant();
  granted.disclosure.assign(row.bytes());
  granted.stix_id.assign(row.bytes());
  granted.version = row.optional_instant();
  granted.position = row.integer();
  granted.state = grant_state(row.integer());
  record.sequence = granted.sequence;
  record.stix_id = granted.stix_id;
  record.version = granted.version;
  record.type.assign(row.bytes());
  TRY(record.digest, row.digest());
  for (auto* text :
       {&record.originator, &record.received_from, &record.source, &record.classes, &record.area,
        &record.purpose, &record.tlp, &record.published, &record.chain, &record.doubts}) {
    text->assign(row.bytes());
  }
  record.state = row.integer() == 0 ? RecordState::Live : RecordState::Quarantined;
  record.arrived = row.instant();
  const bool other_record = row.integer() != 0;
  const bool other_grant = row.integer() != 0;
  out.alone = !other_record && !other_grant;
  out.bytes = row.bytes();
  return {};
}

GrantState grant_state(std::int64_t number) {
  return number == 0   ? GrantState::Live
         : number == 2 ? GrantState::GrantedAgain
                       : GrantState::Ended;
}

std::string names_text(const std::vector<std::string>& names) {
  std::string out = "[";
  for (const auto& name : names) {
    if (out.size() > 1) out += ',';
    json::append_string(out, name);
  }
  return out + "]";
}

}  // namespace comity::store
