#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "stix/judge.h"
#include "stix/values.h"

namespace comity::stix {
namespace {

constexpr std::string_view definition_prefix = "extension-definition--";

// What an extension is to the object it is in, by its own word.
void judge_extension_type(Judge& judge, const json::Object& self, bool is_required) {
  const auto* kind = self.find("extension_type");
  if (kind == nullptr) {
    if (is_required) judge.found_at("extension_type", CheckId::Extension, "is missing", "3.2");
    return;
  }
  const Judge::Step step(judge, "extension_type");
  judge_property(judge, schema::word("extension_type", Vocabulary::ExtensionType), *kind);
  const auto* word = kind->string();
  if (!judge.is_custom && word != nullptr && has_word("new-sco new-sdo new-sro", *word)) {
    judge.found(CheckId::Extension,
                fmt::format("found {}, but {} is a type of the standard", *word, judge.type));
  }
}

void judge_custom_extension(Judge& judge, std::string_view key) {
  if (!judge.judges_custom()) return;
  judge.found(CheckId::StrictProperties,
              fmt::format("{} is no extension of the standard", quoted(key)));
  judge.found(CheckId::ExtensionsUse,
              fmt::format("{}: expected the id of an extension definition", quoted(key)));
  const bool ends = key.ends_with("-ext");
  const auto stem = ends ? key.substr(0, key.size() - 4) : key;
  if (!ends || !has_long_prefix(stem, '-')) {
    judge.found(CheckId::CustomPrefix, fmt::format("{}: expected x-SOURCE-NAME-ext", quoted(key)));
  }
  if (!ends || !has_short_prefix(stem, '-')) {
    judge.found(CheckId::CustomPrefixLax, fmt::format("{}: expected x-NAME-ext", quoted(key)));
  }
}

// Section 7.3.2: properties of an extension are named as properties are.
void judge_extension_names(Judge& judge, const json::Object& self) {
  for (const auto& [name, value] : self) {
    if (is_property_name(name)) continue;
    judge.found_at(
        name, CheckId::PropertyName,
        fmt::format("{}: expected 3 to 250 of a-z, 0-9 and _, a letter first", quoted(name)),
        "7.3.2");
  }
}

void judge_one_extension(Judge& judge, std::string_view key, const json::Value& value) {
  const auto* members = value.object();
  if (members == nullptr) {
    judge.found(CheckId::Type, fmt::format("found {}, expected an object", value.type_name()),
                "7.3");
    return;
  }
  if (const auto* known = find_extension(key); known != nullptr && known->of == judge.type) {
    return judge_shape(judge, *members, *known->shape);
  }
  if (key.starts_with(definition_prefix)) {
    const auto uuid = key.substr(definition_prefix.size());
    if (!is_uuid_text(uuid)) {
      judge.found(CheckId::Extension, fmt::format("{}: its UUID is malformed", quoted(key)));
    }
    judge_extension_type(judge, *members, true);
    judge_extension_names(judge, *members);
  } else {
    judge_extension_type(judge, *members, false);
    judge_custom_extension(judge, key);
  }
  judge_unknown(judge, {}, value);
}

}  // namespace

bool has_long_prefix(std::string_view name, char separator) {
  if (name.size() < 5 || name[0] != 'x' || name[1] != separator) return false;
  const auto at = name.find(separator, 3);
  return at != std::string_view::npos && at + 1 < name.size();
}

bool has_short_prefix(std::string_view name, char separator) {
  return name.size() > 2 && name[0] == 'x' && name[1] == separator;
}

bool has_extension_kind(const json::Object& self, std::string_view kinds) {
  const auto* extensions = self.find("extensions");
  if (extensions == nullptr || extensions->object() == nullptr) return false;
  return std::any_of(extensions->object()->begin(), extensions->object()->end(),
                     [&](const json::Member& extension) {
                       return has_word(kinds, extension.second.text("extension_type"));
                     });
}

void judge_extensions(Judge& judge, const json::Value& extensions) {
  const auto* entries = extensions.object();
  if (entries == nullptr) {
    judge.found(CheckId::Type,
                fmt::format("found {}, expected a dictionary", extensions.type_name()), "3.2");
    return;
  }
  if (entries->empty()) judge.found(CheckId::DictionaryKeys, "is empty; leave the property out");
  judge_dictionary_keys(judge, *entries);
  for (const auto& [key, value] : *entries) {
    const Judge::Step step(judge, key);
    judge_one_extension(judge, key, value);
  }
}

void judge_custom_type(Judge& judge, bool extended) {
  if (!judge.judges_custom()) return;
  judge.found_at("type", CheckId::StrictTypes,
                 fmt::format("{} is no type of the standard", quoted(judge.type)));
  if (extended) return;
  judge.found_at(
      "type", CheckId::ExtensionsUse,
      fmt::format("{}: expected an extension of new-sdo, new-sco or new-sro", quoted(judge.type)));
  if (!has_long_prefix(judge.type, '-')) {
    judge.found_at("type", CheckId::CustomPrefix,
                   fmt::format("{}: expected x-SOURCE-NAME", quoted(judge.type)));
  }
  if (!has_short_prefix(judge.type, '-')) {
    judge.found_at("type", CheckId::CustomPrefixLax,
                   fmt::format("{}: expected x-NAME", quoted(judge.type)));
  }
}

void judge_custom_property(Judge& judge, std::string_view name, bool top) {
  if (!judge.judges_custom()) return;
  judge.found(CheckId::StrictProperties,
              fmt::format("{} is no property of the standard here", quoted(name)));
  if (top && judge.toplevel_extended) return;
  judge.found(CheckId::ExtensionsUse,
              fmt::format("{}: expected a property-extension or toplevel-property-extension",
                          quoted(name)));
  if (!has_long_prefix(name, '_')) {
    judge.found(CheckId::CustomPrefix, fmt::format("{}: expected x_SOURCE_NAME", quoted(name)));
  }
  if (!has_short_prefix(name, '_')) {
    judge.found(CheckId::CustomPrefixLax, fmt::format("{}: expected x_NAME", quoted(name)));
  }
}

}  // namespace comity::stix
