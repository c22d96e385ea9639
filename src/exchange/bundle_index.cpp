#include "exchange/bundle_index.h"

#include <algorithm>

#include "exchange/record.h"
#include "json/parse.h"
#include "stix/marking.h"

namespace comity::exchange {
namespace {

bool is_stricter(const json::Value& definition, const json::Value& than) {
  return stix::tlp_of_definition(definition) > stix::tlp_of_definition(than);
}

}  // namespace

BundleIndex::BundleIndex(const stix::Classification& table, store::Snapshot& snapshot, bool whole)
    : table_(table),
      snapshot_(snapshot),
      whole_(whole),
      graph_(
          table, [this](const std::string& id) { return stored_classes(snapshot_, id); }, true) {}

void BundleIndex::add(std::string_view element) {
  auto value = json::parse(element);
  if (!value || value->find("id") == nullptr || value->find("id")->string() == nullptr) return;
  stix::Object object;
  object.id = *value->find("id")->string();
  object.type = value->text("type");
  ids_.insert(object.id);
  if (object.type == "marking-definition") {
    auto& known = markings_[object.id];
    if (known.is_null() || is_stricter(*value, known)) known = *std::move(value);
  } else if (!stix::classes_of_id(object.id, table_)) {
    object.value = *std::move(value);
    graph_.add(object);
  }
}

// A marking definition of the bundle or, failing that, of the store; of what comes in pieces, of
// both. Of several with one id the strictest counts: nobody loosens what another has marked.
const json::Value* BundleIndex::marking(const std::string& id) {
  const auto it = markings_.find(id);
  if (it != markings_.end() && (whole_ || !looked_up_.insert(id).second)) {
    return it->second.is_null() ? nullptr : &it->second;
  }
  auto& kept = it != markings_.end() ? it->second : markings_[id];
  if (auto held = snapshot_.records_by_stix_id(id, true); held) {
    for (const auto& record : *held) {
      auto value = json::parse(record.bytes);
      if (value && (kept.is_null() || is_stricter(*value, kept))) kept = *std::move(value);
    }
  }
  return kept.is_null() ? nullptr : &kept;
}

bool BundleIndex::marking_unknown(const stix::Object& object) {
  if (whole_) return false;
  return std::any_of(object.marking_refs.begin(), object.marking_refs.end(), [&](const auto& id) {
    return !stix::tlp_of_id(id) && marking(id) == nullptr;
  });
}

stix::Classes BundleIndex::classes(const stix::Object& object) const {
  if (auto found = graph_.find(object.id)) return *std::move(found);
  return stix::classify(object, table_, [this](const std::string& id) { return graph_.of(id); });
}

std::string BundleIndex::handling(const stix::Object& object, const ImportOptions& options) {
  if (!options.published.empty()) return "clear";
  if (marking_unknown(object)) return {};
  const auto level = stix::handling(object, [this](const std::string& id) { return marking(id); });
  if (level) return stix::name(*level);
  // The definitions of the standards are public wherever they appear.
  if (stix::tlp_of_id(object.id) || object.type == "extension-definition") return "clear";
  return options.tlp;
}

}  // namespace comity::exchange
