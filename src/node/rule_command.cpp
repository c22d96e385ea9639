#include "node/rule_command.h"

#include <fmt/format.h>

#include <array>

#include "exchange/rule.h"
#include "json/texts.h"
#include "node/command_parts.h"

namespace comity::node {
namespace {

json::Object rule_data(const exchange::Rule& rule) {
  json::Object out;
  out.set("name", rule.name);
  out.set("to", json::array_of(rule.to));
  out.set("classes", json::array_of(rule.classes));
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

exchange::Rule rule_of(const json::Object& arguments) {
  exchange::Rule out;
  out.name = text_argument(arguments, "name");
  out.to = list_argument(arguments, "to");
  out.classes = list_argument(arguments, "classes");
  out.purpose = text_argument(arguments, "purpose");
  out.area = text_argument(arguments, "area");
  return out;
}

Result<json::Object> add_arguments(const exchange::Node&, const json::Object& arguments) {
  return exchange::act_arguments(rule_of(arguments));
}

Result<Outcome> run_add(exchange::Node& node, const json::Object& arguments) {
  TRY(const auto approval, approval_argument(arguments));
  TRY(const auto rule, exchange::add_rule(node, rule_of(arguments), approval));
  Outcome outcome;
  outcome.text = watermark(node) + rule_text(rule) +
                 "a serving node applies it to what it holds and to what comes\n";
  auto data = data_of(node);
  data.set("rule", rule_data(rule));
  outcome.data = std::move(data);
  return outcome;
}

Result<json::Object> end_arguments(const exchange::Node&, const json::Object& arguments) {
  return exchange::rule_end_arguments(text_argument(arguments, "name"));
}

Result<Outcome> run_end(exchange::Node& node, const json::Object& arguments) {
  const auto name = text_argument(arguments, "name");
  TRY(const auto approval, approval_argument(arguments));
  TRY_STATUS(exchange::end_rule(node, name, approval));
  Outcome outcome;
  outcome.text = watermark(node) + fmt::format("ended {}: it releases nothing from now on\n", name);
  auto data = data_of(node);
  data.set("ended", name);
  outcome.data = std::move(data);
  return outcome;
}

constexpr std::array<ActCommand, 2> acts_of_rules = {{
    {{"rule-add", true, run_add}, exchange::rule_add_act, add_arguments},
    {{"rule-end", true, run_end}, exchange::rule_end_act, end_arguments},
}};

}  // namespace

std::span<const ActCommand> rule_acts() { return acts_of_rules; }

Result<Outcome> run_rule_list(exchange::Node& node, const json::Object&) {
  TRY(const auto snapshot, node.store().read());
  TRY(const auto all, exchange::rules(*snapshot));
  return listed(node, "rules", all, rule_text, rule_data,
                "no rules: records travel when they are released\n");
}

}  // namespace comity::node
