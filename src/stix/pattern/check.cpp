#include "stix/pattern/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "stix/pattern/parse.h"
#include "stix/pattern/print.h"

namespace comity::stix::pattern {
namespace {

bool is_hexadecimal(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

// A hash algorithm by its letters and digits alone, and how many hexadecimal digits its value has.
struct Algorithm {
  std::string_view name;
  std::size_t digits;
};
constexpr std::array<Algorithm, 12> algorithms = {{{"MD5", 32},
                                                   {"RIPEMD160", 40},
                                                   {"SHA1", 40},
                                                   {"SHA224", 56},
                                                   {"SHA256", 64},
                                                   {"SHA384", 96},
                                                   {"SHA512", 128},
                                                   {"SHA3224", 56},
                                                   {"SHA3256", 64},
                                                   {"SHA3384", 96},
                                                   {"SHA3512", 128},
                                                   {"WHIRLPOOL", 128}}};
constexpr std::size_t ssdeep_characters_max = 128;

// What a value of the algorithm looks like, when `value` does not look so; else nothing.
std::string expected_hash(std::string_view key, std::string_view value) {
  std::string name;
  for (const char c : key) {
    if (c != '-') name.push_back(c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c);
  }
  const bool all_hexadecimal = std::all_of(value.begin(), value.end(), is_hexadecimal);
  for (const auto& algorithm : algorithms) {
    if (algorithm.name != name) continue;
    if (all_hexadecimal && value.size() == algorithm.digits) return {};
    return fmt::format("the {} hexadecimal digits of {}", algorithm.digits, key);
  }
  if (name == "SSDEEP") {
    const auto is_part = [](char c) {
      return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
             c == '/' || c == '+' || c == ':' || c == '.';
    };
    if (!value.empty() && value.size() <= ssdeep_characters_max &&
        std::all_of(value.begin(), value.end(), is_part)) {
      return {};
    }
    return "an ssdeep value: blocksize:hash:hash";
  }
  return {};
}

class PatternCheck {
 public:
  explicit PatternCheck(std::string_view text) : text_(text) {}

  std::vector<Problem> of(const Observation& pattern) {
    observation(pattern);
    return std::move(problems_);
  }

 private:
  void found(const Place& place, std::string message) {
    if (problems_.size() < problems_max) {
      problems_.push_back(problem_at(text_, place.offset, std::move(message)));
    }
  }

  void observation(const Observation& pattern) {
    for (const auto& operand : pattern.operands) observation(operand);
    if (pattern.kind != Observation::Kind::Simple) return;
    comparison(pattern.comparison);
    constexpr std::array<std::string_view, 3> names = {"WITHIN", "REPEATS", "START"};
    std::array<bool, 3> seen{};
    for (const auto& qualifier : pattern.qualifiers) {
      const auto kind = static_cast<std::size_t>(qualifier.kind);
      if (seen[kind]) {
        found(qualifier.place,
              fmt::format("found {} a second time, expected at most one on an observation; "
                          "parentheses make it another",
                          names[kind]));
      }
      seen[kind] = true;
    }
  }

  void comparison(const Comparison& compared) {
    for (const auto& operand : compared.operands) comparison(operand);
    if (compared.kind == Comparison::Kind::Test) hash(compared.test);
  }

  void hash(const Test& test) {
    const auto comparison = test.comparison;
    if (comparison != Operator::Equal && comparison != Operator::NotEqual &&
        comparison != Operator::In) {
      return;
    }
    const auto& steps = test.path.steps;
    const auto is_hashes = [](const Step& step) {
      return step.kind == Step::Kind::Key && step.key == "hashes";
    };
    if (std::none_of(steps.begin(), steps.end() - 1, is_hashes)) return;
    if (steps.back().kind != Step::Kind::Key) return;
    for (const auto& constant : test.constants) {
      const auto* text = std::get_if<std::string>(&constant.value);
      const auto expected = expected_hash(steps.back().key, text == nullptr ? "?" : *text);
      if (!expected.empty()) {
        found(constant.place, fmt::format("found {}, expected {}", print(constant), expected));
      }
    }
  }

  std::string_view text_;
  std::vector<Problem> problems_;
};

}  // namespace

std::vector<Problem> check(const Observation& pattern, std::string_view text) {
  return PatternCheck(text).of(pattern);
}

std::vector<Problem> problems(std::string_view pattern) {
  const auto tree = parse(pattern);
  if (!tree) return {tree.error()};
  return check(*tree, pattern);
}

}  // namespace comity::stix::pattern
