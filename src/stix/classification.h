// From a STIX object to the information classes that treaties speak of.
//
// The table comes from register/classification.toml; what depends on more than the type (media
// types, individuals, relationships, containers) is decided here. A sender may only add classes.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "stix/object.h"

namespace comity::stix {

constexpr std::size_t free_text_characters_max = 2000;

struct Classification {
  std::map<std::string, std::string, std::less<>> class_of_type;
  // Types with no class of their own: carried with what names them, never alone.
  std::set<std::string, std::less<>> none;
};

struct Classes {
  std::set<std::string> names;
  // The class cannot be told: an unknown type, or a named object that is not held.
  bool unknown = false;
};

// The classes of an object that is held, by id; nothing when it is not held.
using ClassesOf = std::function<std::optional<Classes>(const std::string& id)>;

Classes classify(const Object& object, const Classification& table, const ClassesOf& of);

// The classes that an id alone tells: by type where the type decides.
std::optional<Classes> classes_of_id(std::string_view id, const Classification& table);

// Whether the object says who is behind something: a relationship `attributed-to` a threat-actor or
// an identity.
bool attributes(const Object& object);

// Reasons why the object must not leave automatically unless its material is public: long free
// text, text or media artifacts, patterns over message bodies. Each a short sentence with the JSON
// path.
std::vector<std::string> doubts(const Object& object);

}  // namespace comity::stix
