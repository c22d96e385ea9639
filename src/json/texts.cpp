#include "json/texts.h"

namespace comity::json {

Array array_of(const std::vector<std::string>& values) {
  Array out;
  for (const auto& value : values) out.emplace_back(value);
  return out;
}

std::vector<std::string> texts_of(const Value* value) {
  std::vector<std::string> out;
  if (value == nullptr || value->array() == nullptr) return out;
  for (const auto& item : *value->array()) {
    if (item.string() != nullptr) out.push_back(*item.string());
  }
  return out;
}

}  // namespace comity::json
