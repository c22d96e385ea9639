// Random trees for properties. Header only; tests alone include it.
#pragma once

#include <rapidcheck.h>

#include "stix/pattern/tree.h"

namespace comity::stix::pattern::test {

inline Timestamp any_timestamp() {
  Timestamp out;
  out.seconds = *rc::gen::inRange<std::int64_t>(-60'000'000'000, 200'000'000'000);
  out.fraction = *rc::gen::element<std::string>("", "5", "001", "123456789012");
  return out;
}

inline std::string any_text() {
  return *rc::gen::element<std::string>("", "a", "it's", "\\", "\\'", "ü", "\xE1\xB8\x8D\xCC\x87",
                                        "x\ny", "//", "/* x", "100%", "t'", "\xF0\x9F\x98\x80");
}

// `kind` as the index of the variant.
inline Constant any_constant(std::size_t kind) {
  Constant out;
  switch (kind) {
    case 0:
      out.value = *rc::gen::arbitrary<std::int64_t>();
      break;
    case 1: {
      const auto value = *rc::gen::arbitrary<double>();
      out.value = value == value && value - value == 0 ? value : 0.1;
      break;
    }
    case 2:
      out.value = *rc::gen::arbitrary<bool>();
      break;
    case 3:
      out.value = any_text();
      break;
    case 4:
      out.value = Binary{*rc::gen::arbitrary<std::string>()};
      break;
    default:
      out.value = any_timestamp();
      break;
  }
  return out;
}

inline Path any_path() {
  Path out;
  out.type = *rc::gen::element<std::string>("a", "file", "x-some-type");
  const auto steps = *rc::gen::inRange(1, 4);
  for (int count = 0; count < steps; ++count) {
    Step step;
    if (count > 0) step.kind = static_cast<Step::Kind>(*rc::gen::inRange(0, 3));
    if (step.kind == Step::Kind::Index) step.index = *rc::gen::inRange(-3, 100);
    if (step.kind == Step::Kind::Key) {
      step.key = *rc::gen::element<std::string>("b", "size", "SHA-256", "IN", "true", "it's", "");
    }
    out.steps.push_back(step);
  }
  return out;
}

inline Test any_test() {
  Test out;
  out.path = any_path();
  out.negated = *rc::gen::arbitrary<bool>();
  out.comparison = static_cast<Operator>(*rc::gen::inRange(0, 12));
  const auto kind = *rc::gen::inRange<std::size_t>(0, 6);
  if (out.comparison == Operator::Exists) return out;
  if (out.comparison == Operator::In) {
    const auto size = *rc::gen::inRange(0, 4);
    for (int count = 0; count < size; ++count) out.constants.push_back(any_constant(kind));
    return out;
  }
  const bool of_text = out.comparison >= Operator::Like;
  const bool ordered = out.comparison >= Operator::Less;
  out.constants.push_back(any_constant(of_text ? 3 : ordered && kind == 2 ? 0 : kind));
  return out;
}

inline Comparison any_comparison(int depth) {
  Comparison out;
  if (depth > 0) out.kind = static_cast<Comparison::Kind>(*rc::gen::inRange(0, 3));
  if (out.kind == Comparison::Kind::Test) {
    out.test = any_test();
    return out;
  }
  const auto size = *rc::gen::inRange(2, 4);
  for (int count = 0; count < size; ++count) {
    auto operand = any_comparison(depth - 1);
    if (operand.kind == out.kind) {
      operand = Comparison{};
      operand.test = any_test();
    }
    out.operands.push_back(std::move(operand));
  }
  return out;
}

inline Qualifier any_qualifier() {
  Qualifier out;
  out.kind = static_cast<Qualifier::Kind>(*rc::gen::inRange(0, 3));
  if (out.kind == Qualifier::Kind::Within) out.seconds = *rc::gen::element(0.001, 1.0, 4.5, 1e20);
  if (out.kind == Qualifier::Kind::Repeats) out.times = *rc::gen::inRange<std::int64_t>(1, 1000);
  if (out.kind == Qualifier::Kind::StartStop) {
    out.start = any_timestamp();
    out.stop = any_timestamp();
  }
  return out;
}

inline Observation any_observation(int depth) {
  Observation out;
  if (depth > 0) out.kind = static_cast<Observation::Kind>(*rc::gen::inRange(0, 5));
  const auto qualifiers = *rc::gen::inRange(out.kind == Observation::Kind::Group ? 1 : 0, 3);
  for (int count = 0; count < qualifiers; ++count) out.qualifiers.push_back(any_qualifier());
  if (out.kind == Observation::Kind::Simple) {
    out.comparison = any_comparison(2);
    return out;
  }
  const bool group = out.kind == Observation::Kind::Group;
  const auto size = group ? 1 : *rc::gen::inRange(2, 4);
  for (int count = 0; count < size; ++count) {
    auto operand = any_observation(group ? 0 : depth - 1);
    if (operand.kind == out.kind && operand.qualifiers.empty()) operand = any_observation(0);
    out.operands.push_back(std::move(operand));
  }
  return out;
}

}  // namespace comity::stix::pattern::test
