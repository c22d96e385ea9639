// Observations for tests, and pattern against them in one call. Header only.
#pragma once

#include <gtest/gtest.h>

#include "base/test_support.h"
#include "json/parse.h"
#include "stix/pattern/match.h"
#include "stix/pattern/parse.h"

namespace comity::stix::pattern::test {

// "yes", "no", or the error.
inline std::string answer(std::string_view pattern, std::string_view bundles) {
  const auto tree = parse(pattern);
  if (!tree) return show(pattern, tree.error());
  const auto value = comity::test::must(json::parse(bundles));
  const auto observations = read_observations(value);
  if (!observations) return observations.error().text();
  const auto matched = match(*tree, *observations);
  if (!matched) return matched.error().text();
  return *matched ? "yes" : "no";
}

// A bundle with one observation of one object of the type "x", with these members.
inline std::string one(const std::string& members) {
  return R"({"type":"bundle","objects":[{"type":"observed-data","id":"o","number_observed":1,)"
         R"("first_observed":"2020-01-01T00:00:00Z","last_observed":"2020-01-01T00:00:00Z",)"
         R"("object_refs":["x--1"]},{"type":"x","id":"x--1",)" +
         members + "}]}";
}

}  // namespace comity::stix::pattern::test
