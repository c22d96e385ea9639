#include "stix/schema.h"

#include <algorithm>
#include <vector>

namespace comity::stix {
namespace {

std::vector<ObjectType> sorted_types() {
  std::vector<ObjectType> out;
  for (const auto part : {domain_types(), relationship_types(), observable_types(), meta_types()}) {
    out.insert(out.end(), part.begin(), part.end());
  }
  std::sort(out.begin(), out.end(),
            [](const ObjectType& a, const ObjectType& b) { return a.shape->name < b.shape->name; });
  return out;
}

}  // namespace

std::span<const ObjectType> object_types() {
  static const std::vector<ObjectType> types = sorted_types();
  return types;
}

const ObjectType* find_type(std::string_view name) {
  const auto types = object_types();
  const auto at = std::lower_bound(
      types.begin(), types.end(), name,
      [](const ObjectType& type, std::string_view wanted) { return type.shape->name < wanted; });
  return at != types.end() && at->shape->name == name ? &*at : nullptr;
}

const PredefinedExtension* find_extension(std::string_view key) {
  for (const auto& row : predefined_extensions()) {
    if (row.shape->name == key) return &row;
  }
  return nullptr;
}

}  // namespace comity::stix
