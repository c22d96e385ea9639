#include <array>

#include "stix/rules.h"
#include "stix/schema.h"

namespace comity::stix {
namespace schema {
namespace {

constexpr auto relationship_rows = std::to_array<Property>(
    {text("relationship_type").as(Form::RelationshipType).required(), text("description"),
     reference("source_ref", "@sdo @sco").required(),
     reference("target_ref", "@sdo @sco").required(), time("start_time"), time("stop_time")});
constexpr std::array<Order, 1> start_order = {{{"start_time", "stop_time", true}}};

constexpr auto sighting_rows = std::to_array<Property>(
    {text("description"), time("first_seen"), time("last_seen"),
     integer("count").within(0, 999'999'999), reference("sighting_of_ref", "@sdo").required(),
     reference("observed_data_refs", "observed-data").list(),
     reference("where_sighted_refs", "identity location").list(), boolean("summary")});
constexpr std::array<Order, 1> sighting_order = {{{"first_seen", "last_seen"}}};

constexpr auto relationship_shapes = std::to_array<Shape>({
    {.name = "relationship",
     .section = "5.1",
     .properties = relationship_rows,
     .orders = start_order,
     .rule = relationship_rule},
    {.name = "sighting", .section = "5.2", .properties = sighting_rows, .orders = sighting_order},
});

}  // namespace
}  // namespace schema

std::span<const ObjectType> relationship_types() {
  static const std::array<ObjectType, 2> types = {{
      {Category::Sro, domain_common(), &schema::relationship_shapes[0]},
      {Category::Sro, domain_common(), &schema::relationship_shapes[1]},
  }};
  return types;
}

}  // namespace comity::stix
