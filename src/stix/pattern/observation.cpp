#include "stix/pattern/observation.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "stix/pattern/binding.h"

namespace comity::stix::pattern {
namespace {

// The types of STIX 2.1 that are no cyber observables: domain, relationship, meta objects, bundle.
constexpr std::array<std::string_view, 25> other_types = {"attack-pattern",
                                                          "bundle",
                                                          "campaign",
                                                          "course-of-action",
                                                          "extension-definition",
                                                          "grouping",
                                                          "identity",
                                                          "incident",
                                                          "indicator",
                                                          "infrastructure",
                                                          "intrusion-set",
                                                          "language-content",
                                                          "location",
                                                          "malware",
                                                          "malware-analysis",
                                                          "marking-definition",
                                                          "note",
                                                          "observed-data",
                                                          "opinion",
                                                          "relationship",
                                                          "report",
                                                          "sighting",
                                                          "threat-actor",
                                                          "tool",
                                                          "vulnerability"};

using Named = std::map<std::string_view, const json::Value*>;

bool is_observable(const json::Value& object) {
  const auto type = object.text("type");
  return !type.empty() && !std::binary_search(other_types.begin(), other_types.end(), type);
}

Result<Timestamp> time_of(const json::Value& object, std::string_view property) {
  if (auto read = read_timestamp(object.text(property))) return *std::move(read);
  return fail(ErrorKind::InvalidInput,
              fmt::format("found no timestamp of STIX in {}, expected a form like "
                          "2016-01-01T00:00:00Z",
                          property),
              std::string(object.text("id")));
}

// Sorted by name, each name once.
std::vector<ObservedObject> in_order(const Named& named) {
  std::vector<ObservedObject> out;
  out.reserve(named.size());
  for (const auto& [name, value] : named) out.push_back({name, value});
  return out;
}

// By object_refs, else by the dictionary of the older form.
Result<std::vector<ObservedObject>> observed_by(const json::Value& object, const Named& known) {
  Named out;
  if (const auto* references = object.find("object_refs"); references != nullptr) {
    const auto* list = references->array();
    if (list == nullptr) {
      return fail(
          ErrorKind::InvalidInput,
          fmt::format("found {} in object_refs, expected an array", references->type_name()),
          std::string(object.text("id")));
    }
    for (const auto& reference : *list) {
      const auto* name = reference.string();
      const auto found = name == nullptr ? known.end() : known.find(*name);
      if (found != known.end()) out.emplace(found->first, found->second);
    }
    return in_order(out);
  }
  const auto* objects = object.find("objects");
  if (objects == nullptr || objects->object() == nullptr) {
    return fail(ErrorKind::InvalidInput, "found neither object_refs nor objects, expected one",
                std::string(object.text("id")));
  }
  for (const auto& [name, value] : *objects->object()) {
    if (is_observable(value)) out.emplace(name, &value);
  }
  return in_order(out);
}

Result<ObservedData> observation_of(const json::Value& object, const Named& known) {
  ObservedData out;
  out.id = object.text("id");
  const std::string where(out.id);
  TRY(out.first, time_of(object, "first_observed"));
  TRY(out.last, time_of(object, "last_observed"));
  if (out.last < out.first) {
    return fail(ErrorKind::InvalidInput, "last_observed is before first_observed", where);
  }
  const auto* number = object.find("number_observed");
  if (number == nullptr || number->integer() == nullptr || *number->integer() < 1 ||
      *number->integer() > number_observed_max) {
    return fail(ErrorKind::InvalidInput,
                fmt::format("found no number_observed that is an integer from 1 to {}",
                            number_observed_max),
                where);
  }
  out.number = *number->integer();
  TRY(out.objects, observed_by(object, known));
  return out;
}

// All objects of bundles, and those that stand in the place of bundles.
Status gather(const json::Value& value, std::vector<const json::Value*>& out) {
  if (value.object() == nullptr) {
    return fail(
        ErrorKind::InvalidInput,
        fmt::format("found {} among the observations, expected a bundle", value.type_name()));
  }
  const auto* objects = value.find("objects");
  if (value.text("type") != "bundle") {
    out.push_back(&value);
    return {};
  }
  if (objects == nullptr || objects->array() == nullptr) {
    return fail(ErrorKind::InvalidInput, "found a bundle without an array of objects",
                std::string(value.text("id")));
  }
  for (const auto& object : *objects->array()) {
    if (object.object() != nullptr) out.push_back(&object);
  }
  return {};
}

}  // namespace

const json::Value* ObservedData::find(std::string_view name) const {
  const auto found = std::lower_bound(
      objects.begin(), objects.end(), name,
      [](const ObservedObject& object, std::string_view wanted) { return object.name < wanted; });
  return found != objects.end() && found->name == name ? found->value : nullptr;
}

Result<std::vector<ObservedData>> read_observations(const json::Value& bundles) {
  std::vector<const json::Value*> objects;
  if (const auto* list = bundles.array(); list != nullptr) {
    for (const auto& bundle : *list) TRY_STATUS(gather(bundle, objects));
  } else {
    TRY_STATUS(gather(bundles, objects));
  }
  Named known;
  for (const auto* object : objects) {
    const auto id = object->text("id");
    if (!id.empty() && is_observable(*object)) known.insert_or_assign(id, object);
  }
  std::vector<ObservedData> out;
  std::size_t observed = 0;
  for (const auto* object : objects) {
    if (object->text("type") != "observed-data") continue;
    TRY(auto observation, observation_of(*object, known));
    observed += observation.objects.size();
    if (out.size() == observations_max || observed > observed_objects_max) {
      return fail(ErrorKind::TooLarge,
                  fmt::format("found more than {} observations or {} objects in them",
                              observations_max, observed_objects_max));
    }
    out.push_back(std::move(observation));
  }
  return out;
}

}  // namespace comity::stix::pattern
