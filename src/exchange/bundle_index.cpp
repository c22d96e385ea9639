#include "exchange/bundle_index.h"

#include <algorithm>

#include "exchange/record.h"
#include "json/parse.h"
#include "stix/marking.h"

namespace comity::exchange {

BundleIndex::BundleIndex(const stix::Classification& table, store::Snapshot& snapshot, bool whole,
                         std::size_t ids_max)
    : table_(table),
      snapshot_(&snapshot),
      whole_(whole),
      ids_(ids_max),
      graph_(
          table, ids_, [this](const std::string& id) { return stored_classes(*snapshot_, id); },
          true, ClassGraph::Adds::Untold) {}

std::uint8_t BundleIndex::marking_of(const json::Value& definition) {
  const auto level = stix::tlp_of_definition(definition);
  if (!level) return NoLevel;
  return static_cast<std::uint8_t>(FirstLevel + static_cast<int>(*level));
}

BundleIndex::Known* BundleIndex::known(const std::string& id) {
  const auto number = ids_.add(id);
  if (!number) return nullptr;
  if (known_.size() < ids_.size()) known_.resize(ids_.size());
  return &known_[*number];
}

Status BundleIndex::add(std::string_view element) {
  auto value = json::parse(element);
  if (!value || value->find("id") == nullptr || value->find("id")->string() == nullptr) return {};
  stix::Object object;
  object.id = *value->find("id")->string();
  object.type = value->text("type");
  TRY(const auto number, ids_.add(object.id));
  known_.resize(ids_.size());
  auto& here = known_[number];
  here.marks |= Here;
  if (object.type == "marking-definition") {
    here.marks |= InMap;
    here.marking = std::max(here.marking, marking_of(*value));
  } else if (!stix::classes_of_id(object.id, table_)) {
    object.value = *std::move(value);
    return graph_.add(object);
  }
  return {};
}

bool BundleIndex::holds(const std::string& id) const {
  const auto number = ids_.find(id);
  return number && *number < known_.size() && (known_[*number].marks & Here) != 0;
}

bool BundleIndex::held(const std::string& id) {
  auto* what = known(id);
  if (what != nullptr && (what->marks & (Here | Stored)) != 0) return true;
  if (what != nullptr && (what->marks & NotStored) != 0) return false;
  const auto found = snapshot_->records_by_stix_id(id, false);
  const bool stored = found && !found->empty();
  if (what != nullptr) what->marks |= stored ? Stored : NotStored;
  return stored;
}

std::uint8_t BundleIndex::marking_held(const std::string& id) const {
  std::uint8_t out = NotHeld;
  if (const auto held = snapshot_->records_by_stix_id(id, true)) {
    for (const auto& record : *held) {
      if (const auto value = json::parse(record.bytes)) out = std::max(out, marking_of(*value));
    }
  }
  return out;
}

// A marking definition of the bundle or, failing that, of the store; of what comes in pieces, of
// both. Of several with one id the strictest counts: nobody loosens what another has marked.
std::uint8_t BundleIndex::marking(const std::string& id) {
  auto* what = known(id);
  if (what == nullptr) return marking_held(id);
  const bool settled = (what->marks & LookedUp) != 0 || (whole_ && (what->marks & InMap) != 0);
  if (!settled) {
    what->marking = std::max(what->marking, marking_held(id));
    what->marks |= LookedUp;
  }
  return what->marking;
}

bool BundleIndex::marking_unknown(const stix::Object& object) {
  if (whole_) return false;
  return std::any_of(object.marking_refs.begin(), object.marking_refs.end(), [&](const auto& id) {
    return !stix::tlp_of_id(id) && marking(id) == NotHeld;
  });
}

stix::Classes BundleIndex::classes(const stix::Object& object) const {
  if (auto found = graph_.find(object.id)) return *std::move(found);
  return stix::classify(object, table_, [this](const std::string& id) { return graph_.of(id); });
}

std::string BundleIndex::handling(const stix::Object& object, const ImportOptions& options) {
  if (!options.published.empty()) return "clear";
  if (marking_unknown(object)) return {};
  const auto level =
      stix::handling(object, [this](const std::string& id) -> std::optional<stix::TlpLevel> {
        const auto found = marking(id);
        if (found < FirstLevel) return std::nullopt;
        return static_cast<stix::TlpLevel>(found - FirstLevel);
      });
  if (level) return stix::name(*level);
  // The definitions of the standards are public wherever they appear.
  if (stix::tlp_of_id(object.id) || object.type == "extension-definition") return "clear";
  return options.tlp;
}

}  // namespace comity::exchange
