// What the types of STIX 2.1 are made of, as constant tables: types, their properties, the data
// type of each, and what a table cannot say as a function (sections 2 to 8). Names a reference may
// have are words with a blank between them; "@sdo", "@sro", "@sco" stand for all of that kind.
// Constant data, any thread.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "json/value.h"
#include "stix/vocabulary.h"

namespace comity::stix {

class Judge;

enum class Kind : std::uint8_t {
  String,
  Boolean,
  Integer,
  Float,
  Timestamp,
  Binary,
  Hex,
  Hashes,
  Dictionary,
  Reference,
  Nested,   // an object with a shape
  Special,  // judged by the rule of the shape that has it
};

// The form of a string.
enum class Form : std::uint8_t {
  Free,
  Url,
  Ipv4,
  Ipv6,
  Mac,
  Email,
  Domain,
  MediaType,
  Charset,
  LanguageTag,
  SoftwareLanguage,
  Cpe,
  RelationshipType,
};

struct Shape;

struct Property {
  std::string_view name;
  Kind kind = Kind::String;
  Form form = Form::Free;
  Vocabulary words = Vocabulary::None;
  bool is_required = false, is_list = false, is_deprecated = false;
  bool has_range = false;
  double least = 0, most = 0;
  std::string_view targets = {};
  const Shape* shape = nullptr;

  constexpr Property required() const {
    auto out = *this;
    out.is_required = true;
    return out;
  }
  constexpr Property list() const {
    auto out = *this;
    out.is_list = true;
    return out;
  }
  constexpr Property deprecated() const {
    auto out = *this;
    out.is_deprecated = true;
    return out;
  }
  constexpr Property within(double from, double to) const {
    auto out = *this;
    out.has_range = true;
    out.least = from;
    out.most = to;
    return out;
  }
  constexpr Property as(Form value) const {
    auto out = *this;
    out.form = value;
    return out;
  }
};

// Null when there is none of that name.
constexpr const Property* find_property(std::span<const Property> properties,
                                        std::string_view name) {
  for (const auto& row : properties) {
    if (row.name == name) return &row;
  }
  return nullptr;
}

// What the tables are written with.
namespace schema {
constexpr Property text(std::string_view name) { return {.name = name}; }
constexpr Property word(std::string_view name, Vocabulary words) {
  return {.name = name, .words = words};
}
constexpr Property boolean(std::string_view name) { return {.name = name, .kind = Kind::Boolean}; }
constexpr Property integer(std::string_view name) { return {.name = name, .kind = Kind::Integer}; }
constexpr Property number(std::string_view name) { return {.name = name, .kind = Kind::Float}; }
constexpr Property time(std::string_view name) { return {.name = name, .kind = Kind::Timestamp}; }
constexpr Property hex(std::string_view name) { return {.name = name, .kind = Kind::Hex}; }
constexpr Property binary(std::string_view name) { return {.name = name, .kind = Kind::Binary}; }
constexpr Property hashes(std::string_view name) { return {.name = name, .kind = Kind::Hashes}; }
constexpr Property dictionary(std::string_view name) {
  return {.name = name, .kind = Kind::Dictionary};
}
constexpr Property special(std::string_view name) { return {.name = name, .kind = Kind::Special}; }
constexpr Property reference(std::string_view name, std::string_view targets = {}) {
  return {.name = name, .kind = Kind::Reference, .targets = targets};
}
constexpr Property nested(std::string_view name, const Shape& shape) {
  return {.name = name, .kind = Kind::Nested, .shape = &shape};
}
}  // namespace schema

// One pair of times of which the second is not before the first, or, when `strictly`, later.
struct Order {
  std::string_view first, second;
  bool strictly = false;
};

using Rule = void (*)(Judge& judge, const json::Object& self);

// The properties of a type, of an extension or of an object within one.
struct Shape {
  std::string_view name;
  std::string_view section;
  std::span<const Property> properties;
  std::span<const Order> orders = {};
  bool needs_one = false;  // at least one of `properties`
  Rule rule = nullptr;

  const Property* find(std::string_view property) const {
    return find_property(properties, property);
  }
};

enum class Category : std::uint8_t { Sdo, Sro, Sco, Meta, Bundle };

struct ObjectType {
  Category category = Category::Sdo;
  std::span<const Property> common;  // its common properties (section 3.2)
  const Shape* shape = nullptr;
};

// Null for a type that the standard does not define.
const ObjectType* find_type(std::string_view name);
// All of them, sorted by name.
std::span<const ObjectType> object_types();

// A predefined extension of an SCO (section 6), by its key in `extensions`.
struct PredefinedExtension {
  std::string_view of;  // the type
  const Shape* shape = nullptr;
};
const PredefinedExtension* find_extension(std::string_view key);
std::span<const PredefinedExtension> predefined_extensions();

// The parts of the two tables.
std::span<const ObjectType> domain_types();
std::span<const ObjectType> relationship_types();
std::span<const ObjectType> observable_types();
std::span<const ObjectType> meta_types();

// Section 3.2: the properties that types have in common.
std::span<const Property> domain_common();
std::span<const Property> observable_common();

// The objects within objects of sections 2.5, 2.11 and 7.2.3.
extern const Shape external_reference_shape;
extern const Shape kill_chain_phase_shape;
extern const Shape granular_marking_shape;

}  // namespace comity::stix
