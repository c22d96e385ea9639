#include "stix/pattern/print.h"

#include <fmt/format.h>

#include <array>
#include <charconv>

#include "base/bytes.h"
#include "stix/pattern/token.h"

namespace comity::stix::pattern {
namespace {

std::string quote(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

// The shortest digits that read as this number again. The grammar has no exponents.
std::string decimal(double value) {
  // DBL_MAX has 309 digits before the point, the smallest double about 330 behind it.
  std::array<char, 400> digits{};
  const auto end =
      std::to_chars(digits.data(), digits.data() + digits.size(), value, std::chars_format::fixed);
  CHECK(end.ec == std::errc());
  std::string out(digits.data(), end.ptr);
  if (out.find('.') == std::string::npos) out += ".0";
  return out;
}

std::string spelled(std::int64_t value) { return std::to_string(value); }
std::string spelled(double value) { return decimal(value); }
std::string spelled(bool value) { return value ? "true" : "false"; }
std::string spelled(const std::string& value) { return quote(value); }
std::string spelled(const Binary& value) { return "h'" + hex(value.bytes) + "'"; }
std::string spelled(const Timestamp& value) { return "t'" + text_of(value) + "'"; }

std::string_view spelled(Operator comparison) {
  constexpr std::array<std::string_view, 12> names = {
      "=", "!=", "<", "<=", ">", ">=", "IN", "LIKE", "MATCHES", "ISSUBSET", "ISSUPERSET", "EXISTS"};
  return names[static_cast<std::size_t>(comparison)];
}

std::string spelled(const Test& test) {
  const auto negation = test.negated ? "NOT " : "";
  if (test.comparison == Operator::Exists) {
    return fmt::format("{}EXISTS {}", negation, print(test.path));
  }
  std::string constants;
  for (const auto& constant : test.constants) {
    constants += (constants.empty() ? "" : ", ") + print(constant);
  }
  if (test.comparison == Operator::In) constants = "(" + constants + ")";
  return fmt::format("{} {}{} {}", print(test.path), negation, spelled(test.comparison), constants);
}

std::string spelled(const Qualifier& qualifier) {
  switch (qualifier.kind) {
    case Qualifier::Kind::Within: {
      auto seconds = decimal(qualifier.seconds);
      if (seconds.ends_with(".0")) seconds.resize(seconds.size() - 2);
      return fmt::format(" WITHIN {} SECONDS", seconds);
    }
    case Qualifier::Kind::Repeats:
      return fmt::format(" REPEATS {} TIMES", qualifier.times);
    case Qualifier::Kind::StartStop:
      break;
  }
  return fmt::format(" START {} STOP {}", spelled(qualifier.start), spelled(qualifier.stop));
}

// Kinds in the order in which they bind: what stands lower within something higher needs
// parentheses.
int strength(const Observation& observation) {
  if (!observation.qualifiers.empty()) return 3;
  switch (observation.kind) {
    case Observation::Kind::FollowedBy:
      return 0;
    case Observation::Kind::Or:
      return 1;
    case Observation::Kind::And:
      return 2;
    default:
      return 3;
  }
}

std::string_view joined_by(Observation::Kind kind) {
  if (kind == Observation::Kind::And) return " AND ";
  return kind == Observation::Kind::Or ? " OR " : " FOLLOWEDBY ";
}

// Without the qualifiers of its own.
std::string body(const Observation& observation) {
  if (observation.kind == Observation::Kind::Simple) {
    return "[" + print(observation.comparison) + "]";
  }
  std::string out;
  for (const auto& operand : observation.operands) {
    if (!out.empty()) out += joined_by(observation.kind);
    auto text = print(operand);
    Observation bare;
    bare.kind = observation.kind;
    out += strength(operand) < strength(bare) ? "(" + text + ")" : std::move(text);
  }
  return out;
}

}  // namespace

std::string print(const Constant& constant) {
  return std::visit([](const auto& value) { return std::string(spelled(value)); }, constant.value);
}

std::string print(const Path& path) {
  auto out = path.type + ":";
  bool first = true;
  for (const auto& step : path.steps) {
    if (step.kind == Step::Kind::Every) {
      out += "[*]";
    } else if (step.kind == Step::Kind::Index) {
      out += fmt::format("[{}]", step.index);
    } else {
      if (!first) out += ".";
      out += is_plain_name(step.key) ? step.key : quote(step.key);
    }
    first = false;
  }
  return out;
}

std::string print(const Comparison& comparison) {
  if (comparison.kind == Comparison::Kind::Test) return spelled(comparison.test);
  const bool is_and = comparison.kind == Comparison::Kind::And;
  std::string out;
  for (const auto& operand : comparison.operands) {
    if (!out.empty()) out += is_and ? " AND " : " OR ";
    const bool weaker = is_and && operand.kind == Comparison::Kind::Or;
    out += weaker ? "(" + print(operand) + ")" : print(operand);
  }
  return out;
}

std::string print(const Observation& pattern) {
  auto out = body(pattern);
  if (pattern.qualifiers.empty()) return out;
  // Only what stands between brackets takes qualifiers without parentheses.
  if (pattern.kind != Observation::Kind::Simple) out = "(" + out + ")";
  for (const auto& qualifier : pattern.qualifiers) out += spelled(qualifier);
  return out;
}

}  // namespace comity::stix::pattern
