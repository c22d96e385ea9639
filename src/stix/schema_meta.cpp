#include <array>

#include "stix/rules.h"
#include "stix/schema.h"

namespace comity::stix {
namespace schema {
namespace {

// Section 3.2: which common properties each of them has.
constexpr auto language_common_rows = std::to_array<Property>(
    {special("type"), special("spec_version"), special("id"), reference("created_by_ref"),
     time("created").required(), time("modified").required(), boolean("revoked"),
     text("labels").list(), integer("confidence").within(0, 100),
     nested("external_references", external_reference_shape).list(),
     reference("object_marking_refs", "marking-definition").list(),
     nested("granular_markings", granular_marking_shape).list(), special("extensions")});

constexpr auto marking_common_rows = std::to_array<Property>(
    {special("type"), special("spec_version"), special("id"), reference("created_by_ref"),
     time("created").required(), nested("external_references", external_reference_shape).list(),
     reference("object_marking_refs", "marking-definition").list(),
     nested("granular_markings", granular_marking_shape).list(), special("extensions")});

constexpr auto extension_common_rows =
    std::to_array<Property>({special("type"), special("spec_version"), special("id"),
                             reference("created_by_ref").required(), time("created").required(),
                             time("modified").required(), boolean("revoked"), text("labels").list(),
                             nested("external_references", external_reference_shape).list(),
                             reference("object_marking_refs", "marking-definition").list(),
                             nested("granular_markings", granular_marking_shape).list()});

constexpr auto bundle_common_rows = std::to_array<Property>({special("type"), special("id")});

constexpr auto language_content_rows = std::to_array<Property>(
    {reference("object_ref").required(), time("object_modified"), special("contents").required()});

constexpr auto marking_definition_rows =
    std::to_array<Property>({text("name"), text("definition_type"), special("definition")});

constexpr auto extension_definition_rows =
    std::to_array<Property>({text("name").required(), text("description"),
                             text("schema").required(), text("version").required(),
                             word("extension_types", Vocabulary::ExtensionType).list().required(),
                             text("extension_properties").list()});

constexpr auto bundle_rows = std::to_array<Property>({special("objects")});

constexpr auto meta_shapes = std::to_array<Shape>({
    {.name = "language-content",
     .section = "7.1",
     .properties = language_content_rows,
     .rule = language_content_rule},
    {.name = "marking-definition",
     .section = "7.2.1",
     .properties = marking_definition_rows,
     .rule = marking_definition_rule},
    {.name = "extension-definition",
     .section = "7.3",
     .properties = extension_definition_rows,
     .rule = extension_definition_rule},
    {.name = "bundle", .section = "8", .properties = bundle_rows},
});

}  // namespace
}  // namespace schema

std::span<const ObjectType> meta_types() {
  static const std::array<ObjectType, 4> types = {{
      {Category::Meta, schema::language_common_rows, &schema::meta_shapes[0]},
      {Category::Meta, schema::marking_common_rows, &schema::meta_shapes[1]},
      {Category::Meta, schema::extension_common_rows, &schema::meta_shapes[2]},
      {Category::Bundle, schema::bundle_common_rows, &schema::meta_shapes[3]},
  }};
  return types;
}

}  // namespace comity::stix
