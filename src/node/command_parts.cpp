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

void add_losses(Outcome& outcome, json::Object& data, const std::vector<exchange::Loss>& losses,
                std::int64_t count) {
  json::Array rows;
  for (const auto& loss : losses) {
    outcome.text += fmt::format("  {} {}{}{}: {}\n", loss.severity, loss.where,
                                loss.id.empty() ? "" : " ", loss.id, loss.why);
    json::Object entry;
    entry.set("severity", loss.severity);
    entry.set("where", loss.where);
    entry.set("id", loss.id);
    entry.set("why", loss.why);
    rows.push_back(std::move(entry));
  }
  const auto unlisted = count - static_cast<std::int64_t>(losses.size());
  if (unlisted > 0) outcome.text += fmt::format("  … and {} more\n", unlisted);
  data.set("losses", std::move(rows));
}

}  // namespace comity::node
