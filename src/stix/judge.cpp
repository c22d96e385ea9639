#include "stix/judge.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "stix/object.h"
#include "stix/values.h"

namespace comity::stix {
namespace {

constexpr std::size_t key_most = 250;       // section 2.3
constexpr std::size_t hash_name_least = 3;  // section 2.7
constexpr std::size_t hash_name_wanted = 30;
constexpr std::size_t quoted_most = 80;

constexpr std::string_view reserved_properties =
    "action phone_number phone_numbers severity username";

// Dictionaries of SCOs whose keys have the case of what they come from.
constexpr std::string_view cased_dictionaries =
    "additional_header_fields document_info_dict environment_variables exif_tags ipfix options "
    "request_header startup_info";

bool is_dictionary_key(std::string_view key) {
  return !key.empty() && key.size() <= key_most && std::all_of(key.begin(), key.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
  });
}

void wrong_type(Judge& judge, const json::Value& value, std::string_view expected,
                std::string_view section) {
  judge.found(CheckId::Type, fmt::format("found {}, expected {}", value.type_name(), expected),
              section);
}

void judge_word(Judge& judge, Vocabulary words, const std::string& value) {
  const auto& list = vocabulary(words);
  if (!judge.runs(list.check) && !judge.runs(CheckId::OpenVocabFormat)) return;
  if (!has_word(list.values, value)) {
    judge.found(list.check, fmt::format("{} is not in {}", quoted(value), list.name), list.section);
  }
  if (list.check != CheckId::Enum && !is_lower_hyphenated(value)) {
    judge.found(CheckId::OpenVocabFormat,
                fmt::format("{}: expected lower case, and hyphens between words", quoted(value)));
  }
}

void judge_string(Judge& judge, const Property& property, const json::Value& value) {
  const auto* text = value.string();
  if (text == nullptr) return wrong_type(judge, value, "a string", "2.15");
  if (property.words != Vocabulary::None) judge_word(judge, property.words, *text);
  if (property.form == Form::Free || has_form(property.form, *text)) return;
  const auto id = property.form == Form::LanguageTag || property.form == Form::SoftwareLanguage
                      ? CheckId::LanguageTag
                      : (property.form == Form::MediaType ? CheckId::MimeType : CheckId::Value);
  judge.found(id, fmt::format("{} is no {}", quoted(*text), form_name(property.form)));
}

// 1.0 and 1e3 are spellings of whole numbers (section 2.10, RFC 7493).
bool is_whole(double number) {
  return std::trunc(number) == number && std::abs(number) <= static_cast<double>(json::integer_max);
}

void judge_number(Judge& judge, const Property& property, const json::Value& value) {
  double number = 0;
  if (const auto* whole = value.integer()) {
    number = static_cast<double>(*whole);
  } else if (const auto* real = value.number();
             real != nullptr && (property.kind == Kind::Float || is_whole(*real))) {
    number = *real;
  } else {
    return wrong_type(judge, value, property.kind == Kind::Float ? "a number" : "an integer",
                      property.kind == Kind::Float ? "2.6" : "2.10");
  }
  if (property.has_range && (number < property.least || number > property.most)) {
    judge.found(CheckId::Range,
                fmt::format("found {}, expected {} to {}", number, property.least, property.most));
  }
}

void judge_coded(Judge& judge, const Property& property, const json::Value& value) {
  const auto* text = value.string();
  if (text == nullptr) return wrong_type(judge, value, "a string", "2.15");
  if (property.kind == Kind::Hex && !is_hex_text(*text)) {
    judge.found(CheckId::Hex,
                fmt::format("{}: expected an even number of hexadecimal digits", quoted(*text)));
  } else if (property.kind == Kind::Binary && !is_base64(*text)) {
    judge.found(CheckId::Binary, fmt::format("{}: expected base64", quoted(*text)));
  } else if (property.kind == Kind::Timestamp && !is_stix_timestamp(*text)) {
    judge.found(CheckId::Timestamp,
                fmt::format("{}: expected a time like 2016-04-06T20:03:48.000Z", quoted(*text)));
  }
}

void judge_hashes(Judge& judge, const json::Value& value) {
  const auto* entries = value.object();
  if (entries == nullptr) return wrong_type(judge, value, "a dictionary of hashes", "2.7");
  if (entries->empty()) judge.found(CheckId::DictionaryKeys, "is empty; leave the property out");
  for (const auto& [algorithm, digest] : *entries) {
    const Judge::Step step(judge, algorithm);
    if (algorithm.size() < hash_name_least || !is_dictionary_key(algorithm)) {
      judge.found(CheckId::Hashes, "the name of an algorithm has 3 to 250 of a-z, A-Z, 0-9, -, _");
    }
    if (judge.runs(CheckId::HashAlgo) &&
        !has_word(vocabulary(Vocabulary::HashAlgorithm).values, algorithm) &&
        !algorithm.starts_with("x_")) {
      judge.found(CheckId::HashAlgo,
                  fmt::format("{} is not in hash-algorithm-ov, and has no x_", quoted(algorithm)));
    }
    if (algorithm.size() > hash_name_wanted) {
      judge.found(CheckId::HashLength, "the name has more than 30 characters");
    }
    if (digest.string() == nullptr) {
      wrong_type(judge, digest, "a string", "2.7");
    } else if (!is_digest_of(algorithm, *digest.string())) {
      judge.found(CheckId::Hashes,
                  fmt::format("{} is no {} digest", quoted(*digest.string()), algorithm));
    }
  }
}

void judge_dictionary(Judge& judge, const Property& property, const json::Value& value) {
  const auto* entries = value.object();
  if (entries == nullptr) return wrong_type(judge, value, "a dictionary", "2.3");
  if (entries->empty()) judge.found(CheckId::DictionaryKeys, "is empty; leave the property out");
  const bool cased = !judge.runs(CheckId::ObservableDictionaryKeys) || !judge.is_observable ||
                     has_word(cased_dictionaries, property.name);
  judge_dictionary_keys(judge, *entries);
  for (const auto& [key, entry] : *entries) {
    if (!cased &&
        std::any_of(key.begin(), key.end(), [](char c) { return c >= 'A' && c <= 'Z'; })) {
      judge.found(CheckId::ObservableDictionaryKeys,
                  fmt::format("{}: expected lower case", quoted(key)));
    }
    const Judge::Step step(judge, key);
    if (entry.is_null()) wrong_type(judge, entry, "a value", "2.3");
    judge_unknown(judge, key, entry);
  }
}

void judge_item(Judge& judge, const Property& property, const json::Value& value) {
  switch (property.kind) {
    case Kind::String:
      return judge_string(judge, property, value);
    case Kind::Boolean:
      if (value.boolean() == nullptr) wrong_type(judge, value, "true or false", "2.2");
      return;
    case Kind::Integer:
    case Kind::Float:
      return judge_number(judge, property, value);
    case Kind::Timestamp:
    case Kind::Binary:
    case Kind::Hex:
      return judge_coded(judge, property, value);
    case Kind::Hashes:
      return judge_hashes(judge, value);
    case Kind::Dictionary:
      return judge_dictionary(judge, property, value);
    case Kind::Reference:
      return judge_reference(judge, property.name, property.targets, value);
    case Kind::Nested:
      if (const auto* members = value.object()) {
        judge_shape(judge, *members, *property.shape);
      } else {
        wrong_type(judge, value, fmt::format("an object ({})", property.shape->name),
                   property.shape->section);
      }
      return;
    case Kind::Special:
      return;
  }
}

bool is_target(std::string_view targets, std::string_view type) {
  if (targets.empty() || has_word(targets, type)) return true;
  if (targets.find('@') == std::string_view::npos) return false;
  const auto* known = find_type(type);
  if (known == nullptr) return true;
  switch (known->category) {
    case Category::Sdo:
      return has_word(targets, "@sdo");
    case Category::Sro:
      return has_word(targets, "@sro");
    case Category::Sco:
      return has_word(targets, "@sco");
    case Category::Meta:
    case Category::Bundle:
      return false;
  }
  return false;
}

// The targets of a reference in words of people.
std::string target_words(std::string_view targets) {
  std::string out;
  for (const char c : targets) {
    out += c == '@' ? "any " : std::string(1, c);
  }
  return out;
}

void judge_required(Judge& judge, const json::Object& self, std::span<const Property> properties,
                    std::string_view section) {
  for (const auto& property : properties) {
    if (property.is_required && self.find(property.name) == nullptr) {
      judge.found_at(property.name, CheckId::Required, "is missing", section);
    }
  }
}

void judge_orders(Judge& judge, const json::Object& self, const Shape& shape) {
  for (const auto& order : shape.orders) {
    const auto first = time_of(self, order.first);
    const auto second = time_of(self, order.second);
    if (!first || !second) continue;
    if (*second < *first || (order.strictly && *second == *first)) {
      judge.found_at(
          order.second, CheckId::TimeOrder,
          fmt::format("is not {} {}", order.strictly ? "after" : "at or after", order.first),
          shape.section);
    }
  }
}

}  // namespace

void Judge::push(Segment segment) {
  CHECK(depth_ < segments_max);
  segments_[depth_++] = segment;
}

std::string Judge::path() const {
  std::string out = "$";
  for (std::size_t i = 0; i < depth_; ++i) {
    const auto& segment = segments_[i];
    if (segment.is_index) {
      out += fmt::format("[{}]", segment.index);
    } else {
      out += ".";
      out += shortened(segment.name, key_most);
    }
  }
  return out;
}

void Judge::found(CheckId id, std::string_view rule, std::string_view section) {
  if (!selection_.runs(id)) return;
  const bool decides = selection_.decides(id);
  if (decides) report_.valid = false;
  if (report_.findings.size() >= findings_max) {
    ++report_.more;
    return;
  }
  report_.findings.push_back({path(), std::string(rule),
                              std::string(section.empty() ? check(id).section : section), id,
                              decides});
}

void Judge::found_at(std::string_view name, CheckId id, std::string_view rule,
                     std::string_view section) {
  const Step step(*this, name);
  found(id, rule, section);
}

void judge_shape(Judge& judge, const json::Object& self, const Shape& shape,
                 std::span<const Property> common) {
  const bool top = !common.empty();
  for (const auto& [name, value] : self) {
    const Judge::Step step(judge, name);
    const auto* property = shape.find(name);
    if (property == nullptr) property = find_property(common, name);
    if (property != nullptr) {
      if (property->is_deprecated) {
        judge.found(CheckId::DeprecatedProperties, "is deprecated", shape.section);
      }
      judge_property(judge, *property, value);
      continue;
    }
    if (top && has_word(reserved_properties, name)) {
      judge.found(CheckId::Reserved, "is a reserved name");
    } else if (!is_property_name(name)) {
      judge.found(
          CheckId::PropertyName,
          fmt::format("{}: expected 3 to 250 of a-z, 0-9 and _, a letter first", quoted(name)));
    }
    if (top && name == "defanged" && !judge.is_custom) {
      judge.found(CheckId::Properties, "is for observables only", "3.2");
    }
    if (!top || !judge.is_custom) judge_custom_property(judge, name, top);
    judge_unknown(judge, name, value);
  }
  judge_required(judge, self, common, "3.2");
  judge_required(judge, self, shape.properties, shape.section);
  if (shape.needs_one &&
      std::none_of(shape.properties.begin(), shape.properties.end(),
                   [&](const Property& property) { return self.find(property.name) != nullptr; })) {
    judge.found(CheckId::Properties, fmt::format("has no property of {}", shape.name),
                shape.section);
  }
  judge_orders(judge, self, shape);
  if (shape.rule != nullptr) shape.rule(judge, self);
}

void judge_property(Judge& judge, const Property& property, const json::Value& value) {
  if (!property.is_list) return judge_item(judge, property, value);
  const auto* items = value.array();
  if (items == nullptr) {
    judge.found(CheckId::List, fmt::format("found {}, expected a list", value.type_name()));
    return;
  }
  if (items->empty()) judge.found(CheckId::List, "an empty list; leave the property out");
  for (std::size_t i = 0; i < items->size(); ++i) {
    const Judge::Step step(judge, i);
    judge_item(judge, property, (*items)[i]);
  }
}

void judge_dictionary_keys(Judge& judge, const json::Object& entries) {
  for (const auto& [key, entry] : entries) {
    if (is_dictionary_key(key)) continue;
    judge.found(CheckId::DictionaryKeys,
                fmt::format("{}: a key has 1 to 250 of a-z, A-Z, 0-9, - and _", quoted(key)));
  }
}

void judge_reference(Judge& judge, std::string_view name, std::string_view targets,
                     const json::Value& value) {
  const auto* id = value.string();
  if (id == nullptr) return wrong_type(judge, value, "an identifier", "2.9");
  std::string_view target = type_of(*id);
  if (judge.local_objects != nullptr && judge.local_objects->find(*id) != nullptr) {
    target = judge.local_objects->find(*id)->text("type");
  } else if (id->find("--") == std::string::npos || !is_stix_type_name(target)) {
    judge.found(CheckId::Identifier, fmt::format("{}: expected an identifier like "
                                                 "indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f",
                                                 quoted(*id)));
    return;
  } else if (!is_uuid_text(std::string_view(*id).substr(target.size() + 2))) {
    judge.found(CheckId::ReferenceUuid, fmt::format("{}: its UUID is malformed", quoted(*id)));
  }
  if (target == "bundle") {
    judge.found(CheckId::ReferenceType, "nothing refers to a bundle", "8.2");
  } else if (name == "created_by_ref" && target != "identity") {
    judge.found(CheckId::CreatedByIdentity, fmt::format("{} is no identity", quoted(*id)));
  } else if (!is_target(targets, target)) {
    judge.found(CheckId::ReferenceType,
                fmt::format("{}: expected one of {}", quoted(*id), target_words(targets)));
  }
}

void judge_unknown(Judge& judge, std::string_view name, const json::Value& value) {
  // What a custom property with x_ means is its maker's business.
  const bool own = name.starts_with("x_");
  if (!own && name.ends_with("_ref")) return judge_reference(judge, name, {}, value);
  if (!own && name.ends_with("_refs")) {
    return judge_property(
        judge, Property{.name = name, .kind = Kind::Reference, .is_list = true, .targets = {}},
        value);
  }
  if (const auto* members = value.object()) {
    for (const auto& [inner, member] : *members) {
      const Judge::Step step(judge, inner);
      judge_unknown(judge, inner, member);
    }
  } else if (const auto* items = value.array()) {
    for (std::size_t i = 0; i < items->size(); ++i) {
      if ((*items)[i].object() == nullptr && (*items)[i].array() == nullptr) continue;
      const Judge::Step step(judge, i);
      judge_unknown(judge, {}, (*items)[i]);
    }
  }
}

std::string_view shortened(std::string_view word, std::size_t most) {
  if (word.size() <= most) return word;
  auto end = most;
  while (end > 0 && (static_cast<unsigned char>(word[end]) & 0xC0U) == 0x80U) --end;
  return word.substr(0, end);
}

std::string quoted(std::string_view word) {
  const auto shown = shortened(word, quoted_most);
  return fmt::format("'{}{}'", shown, shown.size() == word.size() ? "" : "…");
}

const std::string* string_of(const json::Object& self, std::string_view name) {
  const auto* member = self.find(name);
  return member == nullptr ? nullptr : member->string();
}

std::optional<Instant> time_of(const json::Object& self, std::string_view name) {
  const auto* text = string_of(self, name);
  if (text == nullptr || !is_stix_timestamp(*text)) return std::nullopt;
  const auto instant = parse_rfc3339(*text);
  return instant ? std::optional<Instant>(*instant) : std::nullopt;
}

}  // namespace comity::stix
