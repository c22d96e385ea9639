#include "node/command_parts.h"

#include <fmt/format.h>

#include "json/texts.h"

namespace comity::node {

std::string text_argument(const json::Object& arguments, std::string_view name) {
  const auto* member = arguments.find(name);
  return member == nullptr || member->string() == nullptr ? std::string() : *member->string();
}

std::vector<std::string> list_argument(const json::Object& arguments, std::string_view name) {
  return json::texts_of(arguments.find(name));
}

std::string watermark(const exchange::Node& node) {
  return node.mode() == treaty::Mode::Exercise
             ? fmt::format("EXERCISE {} – not real traffic\n", node.exercise())
             : std::string();
}

json::Object data_of(const exchange::Node& node) {
  json::Object out;
  out.set("party", node.party());
  out.set("mode", treaty::name(node.mode()));
  if (!node.exercise().empty()) out.set("exercise", node.exercise());
  return out;
}

}  // namespace comity::node
