#include "exchange/record.h"

#include "exchange/decision.h"
#include "json/write.h"

namespace comity::exchange {

store::Record record_from(const stix::Object& object, std::string_view bytes) {
  store::Record record;
  record.stix_id = object.id;
  record.type = object.type;
  record.version = object.version();
  record.bytes = bytes;
  record.digest = object.digest;
  record.names = object.names;
  json::Array doubts;
  for (auto& doubt : stix::doubts(object)) doubts.emplace_back(std::move(doubt));
  record.doubts = json::write(doubts);
  return record;
}

Digest assertion_id(const store::Record& record) {
  json::Array parts;
  parts.emplace_back(hex(record.digest));
  parts.emplace_back(record.originator);
  parts.emplace_back(record.received_from);
  parts.emplace_back(record.source);
  return sha256(json::canonical(parts));
}

std::optional<stix::Classes> stored_classes(store::Snapshot& snapshot, const std::string& stix_id) {
  const auto held = snapshot.records_by_stix_id(stix_id, false);
  if (!held || held->empty()) return std::nullopt;
  stix::Classes classes;
  for (const auto& name : split_classes(held->back().classes)) {
    if (name == "?") {
      classes.unknown = true;
    } else {
      classes.names.insert(name);
    }
  }
  return classes;
}

}  // namespace comity::exchange
