#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "stix/judge.h"
#include "stix/rules.h"
#include "stix/values.h"

namespace comity::stix {
namespace {

// Section 7.2.1.4: the four definitions of TLP, which are used as they stand.
struct TlpDefinition {
  std::string_view level, name, id;
};
constexpr std::array<TlpDefinition, 4> tlp_definitions = {{
    {"white", "TLP:WHITE", "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9"},
    {"green", "TLP:GREEN", "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da"},
    {"amber", "TLP:AMBER", "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82"},
    {"red", "TLP:RED", "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed"},
}};
constexpr std::string_view tlp_created = "2017-01-20T00:00:00.000Z";

bool is_tlp_definition(const json::Object& self) {
  const auto text = [&](std::string_view name) {
    const auto* value = string_of(self, name);
    return value == nullptr ? std::string_view() : std::string_view(*value);
  };
  const auto* definition = self.find("definition");
  return std::any_of(tlp_definitions.begin(), tlp_definitions.end(), [&](const TlpDefinition& row) {
    return text("id") == row.id && text("name") == row.name && text("created") == tlp_created &&
           definition->object() != nullptr && definition->object()->size() == 1 &&
           definition->text("tlp") == row.level;
  });
}

void judge_definition(Judge& judge, const json::Object& self, const std::string& type) {
  const auto* definition = self.find("definition");
  if (type == "tlp") {
    if (!is_tlp_definition(self)) {
      judge.found(CheckId::TlpDefinition, "is none of the four TLP definitions");
    }
    return;
  }
  const Judge::Step step(judge, "definition");
  if (definition->object() == nullptr) {
    judge.found(CheckId::Type, fmt::format("found {}, expected an object", definition->type_name()),
                "7.2.1");
  } else if (type == "statement") {
    const auto* statement = definition->find("statement");
    if (statement == nullptr) {
      judge.found_at("statement", CheckId::Required, "is missing", "7.2.1.3");
    } else {
      const Judge::Step member(judge, "statement");
      judge_property(judge, schema::text("statement"), *statement);
    }
  }
}

void judge_own_markings(Judge& judge, const json::Object& self) {
  const auto* id = string_of(self, "id");
  if (id == nullptr) return;
  const auto is_own = [&](const json::Value& value) {
    return value.string() != nullptr && *value.string() == *id;
  };
  if (const auto* refs = self.find("object_marking_refs");
      refs != nullptr && refs->array() != nullptr &&
      std::any_of(refs->array()->begin(), refs->array()->end(), is_own)) {
    judge.found_at("object_marking_refs", CheckId::MarkingCircular, "names the marking itself");
  }
  const auto* granular = self.find("granular_markings");
  if (granular == nullptr || granular->array() == nullptr) return;
  for (const auto& marking : *granular->array()) {
    const auto* ref = marking.find("marking_ref");
    if (ref == nullptr || !is_own(*ref)) continue;
    judge.found_at("granular_markings", CheckId::MarkingCircular, "names the marking itself");
  }
}

}  // namespace

void language_content_rule(Judge& judge, const json::Object& self) {
  const auto* contents = self.find("contents");
  if (contents == nullptr) return;
  const Judge::Step step(judge, "contents");
  if (contents->object() == nullptr) {
    judge.found(CheckId::Type,
                fmt::format("found {}, expected a dictionary", contents->type_name()), "7.1");
    return;
  }
  if (contents->object()->empty()) judge.found(CheckId::DictionaryKeys, "is empty");
  for (const auto& [language, texts] : *contents->object()) {
    const Judge::Step entry(judge, language);
    if (!is_language_tag(language)) {
      judge.found(CheckId::LanguageTag, fmt::format("{} is no language tag", quoted(language)),
                  "7.1");
    }
    if (texts.object() == nullptr) {
      judge.found(CheckId::Type, fmt::format("found {}, expected a dictionary", texts.type_name()),
                  "7.1");
      continue;
    }
    if (texts.object()->empty()) judge.found(CheckId::DictionaryKeys, "is empty");
    judge_dictionary_keys(judge, *texts.object());
  }
}

void marking_definition_rule(Judge& judge, const json::Object& self) {
  const auto* type = string_of(self, "definition_type");
  const bool has_type = self.find("definition_type") != nullptr;
  const bool has_definition = self.find("definition") != nullptr;
  if (has_type != has_definition) {
    judge.found(CheckId::MarkingDefinition,
                "has one of definition_type and definition; expected both or none");
  } else if (!has_type && self.find("extensions") == nullptr) {
    judge.found(CheckId::MarkingDefinition,
                "has neither definition_type and definition nor extensions");
  } else if (type != nullptr) {
    judge_definition(judge, self, *type);
  }
  if (type != nullptr && *type != "tlp" && *type != "statement") {
    judge.found_at("definition_type", CheckId::MarkingDefinitionType,
                   fmt::format("{}: expected tlp or statement", quoted(*type)));
    judge.found_at("definition_type", CheckId::ExtensionsUse,
                   "a marking of another kind comes by an extension definition");
  }
  judge_own_markings(judge, self);
}

void extension_definition_rule(Judge& judge, const json::Object& self) {
  if (self.find("description") == nullptr) {
    judge.found_at("description", CheckId::ExtensionDescription, "is missing");
  }
  const auto* kinds = self.find("extension_types");
  if (kinds == nullptr || kinds->array() == nullptr) return;
  const bool toplevel =
      std::any_of(kinds->array()->begin(), kinds->array()->end(), [](const json::Value& kind) {
        return kind.string() != nullptr && *kind.string() == "toplevel-property-extension";
      });
  const bool listed = self.find("extension_properties") != nullptr;
  if (listed && !toplevel) {
    judge.found_at("extension_properties", CheckId::Properties,
                   "is for a toplevel-property-extension", "7.3");
  } else if (toplevel && !listed) {
    judge.found_at("extension_properties", CheckId::ExtensionProperties, "is missing");
  }
}

}  // namespace comity::stix
