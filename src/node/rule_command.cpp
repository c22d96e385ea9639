#include "node/rule_command.h"

#include <fmt/format.h>

#include "exchange/rule.h"
#include "node/command_parts.h"

namespace comity::node {
namespace {

json::Array strings(const std::vector<std::string>& values) {
  json::Array out;
  for (const auto& value : values) out.emplace_back(value);
  return out;
}

json::Object rule_data(const exchange::Rule& rule) {
  json::Object out;
  out.set("name", rule.name);
  out.set("to", strings(rule.to));
  out.set("classes", strings(rule.classes));
  out.set("purpose", rule.purpose);
  out.set("area", rule.area);
  out.set("created", format_rfc3339(rule.created));
  if (rule.ended) out.set("ended", format_rfc3339(*rule.ended));
  return out;
}

std::string rule_text(const exchange::Rule& rule) {
  return fmt::format("{}  to {}  classes {}  purpose {}  area {}  since {}{}\n", rule.name,
                     fmt::join(rule.to, ","), fmt::join(rule.classes, ","), rule.purpose, rule.area,
                     format_rfc3339(rule.created),
                     rule.ended ? "  ended " + format_rfc3339(*rule.ended) : "");
}

}  // namespace

Result<Outcome> run_rule_add(exchange::Node& node, const json::Object& arguments) {
  exchange::Rule wanted;
  wanted.name = text_argument(arguments, "name");
  if (wanted.name.empty()) wanted.name = "rule-" + uuid4(node.random()).substr(0, 8);
  wanted.to = list_argument(arguments, "to");
  wanted.classes = list_argument(arguments, "classes");
  wanted.purpose = text_argument(arguments, "purpose");
  wanted.area = text_argument(arguments, "area");
  TRY(const auto rule, exchange::add_rule(node, wanted));
  Outcome outcome;
  outcome.text = watermark(node) + rule_text(rule) +
                 "a serving node applies it to what it holds and to what comes\n";
  auto data = data_of(node);
  data.set("rule", rule_data(rule));
  outcome.data = std::move(data);
  return outcome;
}

Result<Outcome> run_rule_list(exchange::Node& node, const json::Object&) {
  TRY(const auto snapshot, node.store().read());
  TRY(const auto all, exchange::rules(*snapshot));
  Outcome outcome;
  outcome.text = watermark(node);
  json::Array rows;
  for (const auto& rule : all) {
    outcome.text += rule_text(rule);
    rows.push_back(rule_data(rule));
  }
  if (all.empty()) outcome.text += "no rules: records travel when they are released\n";
  auto data = data_of(node);
  data.set("rules", std::move(rows));
  outcome.data = std::move(data);
  return outcome;
}

Result<Outcome> run_rule_end(exchange::Node& node, const json::Object& arguments) {
  const auto name = text_argument(arguments, "name");
  TRY_STATUS(exchange::end_rule(node, name));
  Outcome outcome;
  outcome.text = watermark(node) + fmt::format("ended {}: it releases nothing from now on\n", name);
  auto data = data_of(node);
  data.set("ended", name);
  outcome.data = std::move(data);
  return outcome;
}

}  // namespace comity::node
