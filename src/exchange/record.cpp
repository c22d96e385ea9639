#include "exchange/record.h"

#include "exchange/decision.h"
#include "json/write.h"
#include "ledger/merkle.h"
#include "stix/searchable.h"

namespace comity::exchange {
namespace {

// What names an object, the first that it has.
constexpr const char* title_members[] = {"name",
                                         "value",
                                         "pattern",
                                         "path",
                                         "subject",
                                         "key",
                                         "command_line",
                                         "user_id",
                                         "account_login",
                                         "definition_type",
                                         "relationship_type",
                                         "abstract",
                                         "opinion"};
// What is searched beside it.
constexpr const char* text_members[] = {"pattern", "value"};

void add_line(std::string& out, std::string_view text) {
  if (text.empty()) return;
  if (!out.empty()) out += '\n';
  for (const char c : text) out += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
}

}  // namespace

std::string label_of(const stix::Object& object) {
  std::string_view title;
  for (const auto* member : title_members) {
    title = object.value.text(member);
    if (!title.empty()) break;
  }
  std::string out;
  add_line(out, title);
  for (const auto* member : text_members) {
    const auto text = object.value.text(member);
    if (text != title) add_line(out, text);
  }
  if (const auto* aliases = object.value.find("aliases");
      aliases != nullptr && aliases->array() != nullptr) {
    for (const auto& alias : *aliases->array()) {
      if (out.size() >= label_bytes_max) break;
      if (alias.string() != nullptr) add_line(out, *alias.string());
    }
  }
  cut_utf8(out, label_bytes_max);
  return out;
}

std::string title_of(const store::Record& record) {
  return record.label.substr(0, record.label.find('\n'));
}

std::vector<store::ValueKey> value_keys(const stix::Object& object) {
  std::vector<store::ValueKey> out;
  for (auto& found : stix::values_of(object)) {
    out.push_back({std::string(stix::name(found.kind)), std::move(found.value)});
  }
  return out;
}

store::Record record_from(const stix::Object& object, std::string_view bytes) {
  store::Record record;
  record.stix_id = object.id;
  record.type = object.type;
  record.version = object.version();
  record.bytes = bytes;
  record.digest = object.digest;
  record.names = object.names;
  record.label = label_of(object);
  record.values = value_keys(object);
  json::Array doubts;
  for (auto& doubt : stix::doubts(object)) doubts.emplace_back(std::move(doubt));
  if (stix::attributes(object)) doubts.emplace_back(attribution_mark);
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

Digest record_leaf(const store::Record& record) {
  json::Array names;
  for (const auto& name : record.names) names.emplace_back(name);
  json::Object out;
  out.set("sequence", record.sequence);
  out.set("assertion", hex(record.assertion_id));
  out.set("bytes", hex(sha256(record.bytes)));
  out.set("stix_id", record.stix_id);
  out.set("type", record.type);
  out.set("version", record.version ? format_rfc3339(*record.version, 6) : std::string());
  out.set("originator", record.originator);
  out.set("received_from", record.received_from);
  out.set("source", record.source);
  out.set("classes", record.classes);
  out.set("area", record.area);
  out.set("purpose", record.purpose);
  out.set("tlp", record.tlp);
  out.set("published", record.published);
  out.set("chain", record.chain);
  out.set("doubts", record.doubts);
  out.set("quarantined", record.state == store::RecordState::Quarantined);
  out.set("reason", record.quarantine_reason);
  out.set("arrived", format_rfc3339(record.arrived, 6));
  out.set("names", std::move(names));
  return ledger::leaf_hash(json::canonical(out));
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
