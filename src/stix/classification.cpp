#include "stix/classification.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "stix/pattern/parse.h"
#include "stix/pattern/paths.h"

namespace comity::stix {
namespace {

constexpr std::string_view incident_extension =
    "extension-definition--ef765651-680c-498d-9894-99799f2fa126";

// Media types are compared without regard to case (RFC 6838 section 4.2).
bool is_content_media(std::string_view written) {
  std::string mime_type;
  for (const char c : written.substr(std::min(written.find_first_not_of(" \t"), written.size()))) {
    mime_type.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
  }
  for (const std::string_view prefix : {"text/", "image/", "audio/", "video/"}) {
    if (mime_type.starts_with(prefix)) return true;
  }
  return false;
}

void unite(Classes& into, const Classes& other) {
  into.names.insert(other.names.begin(), other.names.end());
  into.unknown = into.unknown || other.unknown;
}

// Types whose class depends on more than the type: an id alone does not tell it.
bool depends_on_content(std::string_view type) {
  return type == "artifact" || type == "identity" || type == "incident" || type == "relationship" ||
         type == "report" || type == "grouping" || type == "observed-data" || type == "note" ||
         type == "opinion";
}

Classes of_named(const std::string& id, const Classification& table, const ClassesOf& of) {
  if (auto held = of(id)) return *std::move(held);
  if (auto told = classes_of_id(id, table)) return *std::move(told);
  Classes unknown;
  unknown.unknown = true;
  return unknown;
}

void relationship_classes(const Object& object, const Classification& table, const ClassesOf& of,
                          Classes& classes) {
  for (const std::string_view end : {"source_ref", "target_ref"}) {
    unite(classes, of_named(std::string(object.value.text(end)), table, of));
  }
  if (attributes(object)) classes.names.insert("assessment-opinion");
}

std::string own_class(const Object& object, const Classification& table) {
  const auto& type = object.type;
  if (type == "incident") {
    const auto* extensions = object.value.find("extensions");
    const auto* core = extensions == nullptr ? nullptr : extensions->find(incident_extension);
    const bool detailed = core != nullptr &&
                          (core->find("impact_refs") != nullptr || core->find("tasks") != nullptr ||
                           core->find("impacts") != nullptr || core->find("task_refs") != nullptr);
    if (detailed) return "incident-detail";
  }
  if (type == "artifact" && is_content_media(object.value.text("mime_type"))) {
    return "content-data";
  }
  if (type == "identity" && object.value.text("identity_class") == "individual") {
    return "log-personal";
  }
  const auto row = table.class_of_type.find(type);
  return row == table.class_of_type.end() ? std::string() : row->second;
}

// The property of a type that holds encoded bytes or a detection pattern and so no free text.
std::string_view coded_property(std::string_view type) {
  if (type == "artifact") return "payload_bin";
  return type == "indicator" ? "pattern" : "";
}

// Patterns may hold blanks between their words and quotation marks around the names of properties
// (section 9.6); the text that is searched has neither.
std::string packed(std::string_view pattern) {
  std::string out;
  for (const char c : pattern) {
    if (static_cast<unsigned char>(c) > ' ' && c != '\'') out.push_back(c);
  }
  return out;
}

// Whether a pattern looks at properties of messages whose names begin so: body_multipart is a body.
// What is no STIX pattern, as a rule in another language, is looked through as text.
bool looks_at_message(std::string_view text, std::string_view property) {
  const auto tree = pattern::parse(text);
  if (!tree) {
    return packed(text).find(fmt::format("email-message:{}", property)) != std::string::npos;
  }
  const auto paths = pattern::paths_of(*tree);
  return std::any_of(paths.begin(), paths.end(), [&](const pattern::Path* path) {
    return path->type == "email-message" && path->steps.front().key.starts_with(property);
  });
}

class DoubtFinder {
 public:
  explicit DoubtFinder(std::string_view type) : coded_(coded_property(type)) {}

  std::vector<std::string> found;

  void walk(const json::Value& value, const std::string& path) {
    if (const auto* members = value.object()) {
      for (const auto& [name, member] : *members) {
        if (path == "$" && name == coded_) continue;
        walk(member, path + "." + name);
      }
    } else if (const auto* items = value.array()) {
      for (std::size_t i = 0; i < items->size(); ++i) {
        walk((*items)[i], fmt::format("{}[{}]", path, i));
      }
    } else if (const auto* text = value.string()) {
      if (characters(*text) > free_text_characters_max) {
        found.push_back(fmt::format("{}: free text of more than {} characters", path,
                                    free_text_characters_max));
      }
    }
  }

 private:
  static std::size_t characters(std::string_view text) {
    std::size_t count = 0;
    for (const char c : text) count += (static_cast<unsigned char>(c) & 0xc0) != 0x80;
    return count;
  }

  std::string_view coded_;
};

}  // namespace

std::optional<Classes> classes_of_id(std::string_view id, const Classification& table) {
  const auto type = type_of(id);
  if (depends_on_content(type)) return std::nullopt;
  Classes classes;
  if (table.none.contains(type)) return classes;
  const auto row = table.class_of_type.find(type);
  if (row == table.class_of_type.end()) return std::nullopt;
  classes.names.insert(row->second);
  return classes;
}

Classes classify(const Object& object, const Classification& table, const ClassesOf& of) {
  Classes classes;
  if (object.type == "relationship") {
    relationship_classes(object, table, of, classes);
    return classes;
  }
  const auto own = own_class(object, table);
  if (!own.empty()) {
    classes.names.insert(own);
  } else if (!table.none.contains(object.type)) {
    classes.unknown = true;
  }
  // A container has the union of its contents' classes.
  if (const auto* contents = object.value.find("object_refs"); contents && contents->array()) {
    for (const auto& item : *contents->array()) {
      if (item.string() != nullptr) unite(classes, of_named(*item.string(), table, of));
    }
  }
  // So has the older form that holds its observables inside itself (section 4.14).
  const auto* embedded = object.value.find("objects");
  if (object.type == "observed-data" && embedded != nullptr && embedded->object() != nullptr) {
    for (const auto& member : *embedded->object()) {
      Object inside;
      inside.type = std::string(member.second.text("type"));
      inside.value = member.second;
      unite(classes, classify(inside, table, of));
    }
  }
  return classes;
}

bool attributes(const Object& object) {
  if (object.type != "relationship" || object.value.text("relationship_type") != "attributed-to") {
    return false;
  }
  const auto target = type_of(object.value.text("target_ref"));
  return target == "threat-actor" || target == "identity";
}

std::vector<std::string> doubts(const Object& object) {
  DoubtFinder finder(object.type);
  finder.walk(object.value, "$");
  if (object.type == "artifact" && is_content_media(object.value.text("mime_type"))) {
    finder.found.push_back("$.mime_type: a text or media artifact");
  }
  const auto text = object.value.text("pattern");
  for (const std::string_view property : {"body", "subject"}) {
    if (looks_at_message(text, property)) {
      finder.found.push_back(fmt::format("$.pattern: looks at email-message:{}", property));
    }
  }
  return std::move(finder.found);
}

}  // namespace comity::stix
