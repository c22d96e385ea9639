#include "stix/pattern/paths.h"

namespace comity::stix::pattern {
namespace {

void gather_paths(const Comparison& comparison, std::vector<const Path*>& out) {
  for (const auto& operand : comparison.operands) gather_paths(operand, out);
  if (comparison.kind == Comparison::Kind::Test) out.push_back(&comparison.test.path);
}

void gather_paths(const Observation& pattern, std::vector<const Path*>& out) {
  for (const auto& operand : pattern.operands) gather_paths(operand, out);
  if (pattern.kind == Observation::Kind::Simple) gather_paths(pattern.comparison, out);
}

}  // namespace

std::vector<const Path*> paths_of(const Observation& pattern) {
  std::vector<const Path*> out;
  gather_paths(pattern, out);
  return out;
}

}  // namespace comity::stix::pattern
