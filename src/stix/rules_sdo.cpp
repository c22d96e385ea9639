#include <fmt/format.h>

#include <algorithm>

#include "stix/judge.h"
#include "stix/object.h"
#include "stix/relationships.h"
#include "stix/rules.h"
#include "stix/values.h"

namespace comity::stix {
namespace {

// One embedded observable of the deprecated `objects` (section 4.14), judged like one on its own
// but for identity: its key is its name within.
void judge_embedded(Judge& judge, const json::Value& value) {
  const auto* members = value.object();
  if (members == nullptr) {
    judge.found(CheckId::Type, fmt::format("found {}, expected an observable", value.type_name()),
                "2.13");
    return;
  }
  judge_type_name(judge, *members);
  const auto type = value.text("type");
  const auto* known = find_type(type);
  if (known == nullptr) return judge_unknown(judge, {}, value);
  if (known->category != Category::Sco) {
    judge.found(CheckId::ReferenceType, fmt::format("{} is no observable", quoted(type)), "2.13");
    return;
  }
  judge.type = type;
  judge_shape(judge, *members, *known->shape, known->common);
  if (const auto* extensions = members->find("extensions"); extensions != nullptr) {
    const Judge::Step step(judge, "extensions");
    judge_extensions(judge, *extensions);
  }
}

void judge_embedded_objects(Judge& judge, const json::Value& objects) {
  const auto* entries = objects.object();
  if (entries == nullptr) {
    judge.found(CheckId::Type, fmt::format("found {}, expected a dictionary", objects.type_name()),
                "2.13");
    return;
  }
  if (entries->empty()) judge.found(CheckId::DictionaryKeys, "is empty; leave the property out");
  const auto type = judge.type;
  const bool toplevel_extended = judge.toplevel_extended;
  judge.local_objects = entries;
  judge.is_observable = true;
  judge.toplevel_extended = false;
  for (const auto& [key, value] : *entries) {
    const Judge::Step step(judge, key);
    if (key.empty() ||
        !std::all_of(key.begin(), key.end(), [](char c) { return c >= '0' && c <= '9'; })) {
      judge.found(CheckId::ObservableObjectKeys,
                  fmt::format("{}: expected a whole number", quoted(key)));
    }
    judge_embedded(judge, value);
  }
  judge.local_objects = nullptr;
  judge.is_observable = false;
  judge.toplevel_extended = toplevel_extended;
  judge.type = type;
}

// Relationships alone are no observation; a type that no table knows may be an observable.
void judge_observed_refs(Judge& judge, const json::Value& refs) {
  const auto* items = refs.array();
  if (items == nullptr || items->empty()) return;
  const bool observes = std::any_of(items->begin(), items->end(), [](const json::Value& item) {
    const auto* id = item.string();
    const auto* known = id == nullptr ? nullptr : find_type(type_of(*id));
    return known == nullptr || known->category == Category::Sco;
  });
  if (!observes) {
    judge.found_at("object_refs", CheckId::ReferenceType, "names no observable", "4.14");
  }
}

}  // namespace

void indicator_rule(Judge& judge, const json::Object& self) {
  if (self.find("name") == nullptr || self.find("description") == nullptr) {
    judge.found(CheckId::IndicatorProperties, "expected both a name and a description");
  }
  const auto* pattern = string_of(self, "pattern");
  const auto* language = string_of(self, "pattern_type");
  if (pattern != nullptr && language != nullptr && *language == "stix") {
    judge_pattern(judge, *pattern);
  }
}

void location_rule(Judge& judge, const json::Object& self) {
  const bool latitude = self.find("latitude") != nullptr;
  const bool longitude = self.find("longitude") != nullptr;
  if (latitude != longitude) {
    judge.found(CheckId::Properties, "has one of latitude and longitude; expected both", "4.10");
  }
  if (self.find("region") == nullptr && self.find("country") == nullptr && !latitude &&
      !longitude) {
    judge.found(CheckId::Properties, "has no region, country, or latitude and longitude", "4.10");
  }
  if (self.find("precision") != nullptr && (!latitude || !longitude)) {
    judge.found(CheckId::Properties, "has precision without latitude and longitude", "4.10");
  }
  const auto* country = string_of(self, "country");
  if (country != nullptr && !is_country_code(*country)) {
    judge.found_at("country", CheckId::Countries,
                   fmt::format("{} is no code of ISO 3166-1", quoted(*country)));
  }
}

void malware_rule(Judge& judge, const json::Object& self) {
  const auto* family = self.find("is_family");
  if (family != nullptr && family->boolean() != nullptr && *family->boolean() &&
      self.find("name") == nullptr) {
    judge.found_at("name", CheckId::Required, "is missing; a family has a name", "4.11");
  }
}

void malware_analysis_rule(Judge& judge, const json::Object& self) {
  if (self.find("result") == nullptr && self.find("analysis_sco_refs") == nullptr) {
    judge.found(CheckId::Properties, "has neither result nor analysis_sco_refs", "4.12");
  }
  const auto* product = string_of(self, "product");
  if (product != nullptr &&
      (product->empty() ||
       product->find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") != std::string::npos)) {
    judge.found_at(
        "product", CheckId::MalwareAnalysisProduct,
        fmt::format("{}: expected lower case, and hyphens between words", quoted(*product)));
  }
}

void observed_data_rule(Judge& judge, const json::Object& self) {
  const auto* objects = self.find("objects");
  const bool refs = self.find("object_refs") != nullptr;
  if ((objects != nullptr) == refs) {
    judge.found(CheckId::Properties,
                refs ? "has both objects and object_refs" : "has neither objects nor object_refs",
                "4.14");
  }
  if (refs) judge_observed_refs(judge, *self.find("object_refs"));
  if (objects == nullptr) return;
  const Judge::Step step(judge, "objects");
  judge_embedded_objects(judge, *objects);
}

void relationship_rule(Judge& judge, const json::Object& self) {
  if (!judge.runs(CheckId::RelationshipTypes)) return;
  const auto* name = string_of(self, "relationship_type");
  const auto* source = string_of(self, "source_ref");
  const auto* target = string_of(self, "target_ref");
  if (name == nullptr || source == nullptr || target == nullptr) return;
  if (is_suggested(type_of(*source), *name, type_of(*target))) return;
  judge.found_at("relationship_type", CheckId::RelationshipTypes,
                 fmt::format("{} {} {} is not among the suggested", quoted(type_of(*source)),
                             quoted(*name), quoted(type_of(*target))));
}

}  // namespace comity::stix
