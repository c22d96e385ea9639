#include "stix/marking.h"

#include <algorithm>
#include <array>
#include <utility>

#include "stix/selector.h"

namespace comity::stix {
namespace {

constexpr std::string_view tlp2_extension =
    "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d";

// Fixed by the standards named in the header; not ours to change.
constexpr std::array<std::pair<std::string_view, TlpLevel>, 9> fixed_ids = {{
    {"marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9", TlpLevel::Clear},
    {"marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da", TlpLevel::Green},
    {"marking-definition--f88d31f6-486f-44da-b317-01333bde0b82", TlpLevel::Amber},
    {"marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed", TlpLevel::Red},
    {"marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487", TlpLevel::Clear},
    {"marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb", TlpLevel::Green},
    {"marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421", TlpLevel::Amber},
    {"marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003", TlpLevel::AmberStrict},
    {"marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1", TlpLevel::Red},
}};

}  // namespace

const char* name(TlpLevel level) {
  switch (level) {
    case TlpLevel::Clear:
      return "clear";
    case TlpLevel::Green:
      return "green";
    case TlpLevel::Amber:
      return "amber";
    case TlpLevel::AmberStrict:
      return "amber+strict";
    case TlpLevel::Red:
      return "red";
  }
  return "red";
}

std::optional<TlpLevel> tlp_from_text(std::string_view text) {
  std::string lower;
  for (const char c : text) {
    lower.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
  }
  if (lower.starts_with("tlp:")) lower.erase(0, 4);
  if (lower == "white") return TlpLevel::Clear;
  for (const auto level :
       {TlpLevel::Clear, TlpLevel::Green, TlpLevel::Amber, TlpLevel::AmberStrict, TlpLevel::Red}) {
    if (lower == name(level)) return level;
  }
  return std::nullopt;
}

std::optional<TlpLevel> tlp_of_id(std::string_view marking_id) {
  for (const auto& [id, level] : fixed_ids) {
    if (id == marking_id) return level;
  }
  return std::nullopt;
}

std::optional<TlpLevel> tlp_of_definition(const json::Value& marking_definition) {
  if (const auto fixed = tlp_of_id(marking_definition.text("id"))) return fixed;
  if (const auto* extensions = marking_definition.find("extensions")) {
    if (const auto* tlp2 = extensions->find(tlp2_extension)) {
      return tlp_from_text(tlp2->text("tlp_2_0"));
    }
  }
  if (marking_definition.text("definition_type") == "tlp") {
    if (const auto* definition = marking_definition.find("definition")) {
      return tlp_from_text(definition->text("tlp"));
    }
  }
  return std::nullopt;
}

std::optional<TlpLevel> handling(
    const Object& object,
    const std::function<std::optional<TlpLevel>(const std::string& id)>& level_of) {
  std::optional<TlpLevel> strictest;
  for (const auto& id : object.marking_refs) {
    auto level = tlp_of_id(id);
    if (!level) level = level_of(id);
    if (level && (!strictest || *level > *strictest)) strictest = level;
  }
  return strictest;
}

std::optional<TlpLevel> handling(
    const Object& object, const std::function<const json::Value*(const std::string& id)>& find) {
  return handling(object, [&](const std::string& id) -> std::optional<TlpLevel> {
    const auto* definition = find(id);
    return definition == nullptr ? std::nullopt : tlp_of_definition(*definition);
  });
}

std::vector<std::string> markings_at(const json::Value& object, std::string_view selector) {
  std::vector<std::string> out;
  const auto* refs = object.find("object_marking_refs");
  if (refs != nullptr && refs->array() != nullptr) {
    for (const auto& ref : *refs->array()) {
      if (ref.string() != nullptr) out.push_back(*ref.string());
    }
  }
  const auto* granular = object.find("granular_markings");
  if (granular != nullptr && granular->array() != nullptr) {
    for (const auto& marking : *granular->array()) {
      const auto id = marking.text("marking_ref");
      if (!id.empty() && covering_length(marking, selector) > 0) out.emplace_back(id);
    }
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

}  // namespace comity::stix
