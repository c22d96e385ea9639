// A pattern as a tree (STIX 2.1, section 9). Owned by whoever holds it. Chains of one operator are
// one node with two operands or more: AND, OR and FOLLOWEDBY all are associative. Trees are equal
// when they say the same, wherever it was written.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "stix/pattern/timestamp.h"

namespace comity::stix::pattern {

// Where something was written, in bytes; no part of what it says.
struct Place {
  std::size_t offset = 0;
  bool operator==(const Place&) const { return true; }
};

// A binary constant; h'' and b'' are two spellings of one thing.
struct Binary {
  std::string bytes;
  auto operator<=>(const Binary&) const = default;
};

struct Constant {
  std::variant<std::int64_t, double, bool, std::string, Binary, Timestamp> value;
  Place place;
  bool operator==(const Constant&) const = default;
};

// One step of a path: into a member, into an element counted from 0, into every element.
struct Step {
  enum class Kind { Key, Index, Every };
  Kind kind = Kind::Key;
  std::string key;         // of Key
  std::int64_t index = 0;  // of Index
  bool operator==(const Step&) const = default;
};

// Section 9.7: a type of object and at least one step.
struct Path {
  std::string type;
  std::vector<Step> steps;
  Place place;
  bool operator==(const Path&) const = default;
};

// Section 9.6.
enum class Operator {
  Equal,
  NotEqual,
  Less,
  LessOrEqual,
  Greater,
  GreaterOrEqual,
  In,
  Like,
  Matches,
  IsSubset,
  IsSuperset,
  Exists,
};

struct Test {
  Path path;
  bool negated = false;
  Operator comparison = Operator::Equal;
  std::vector<Constant> constants;  // of In any number of one type, of Exists none, else one
  Place place;
  bool operator==(const Test&) const = default;
};

// What stands between square brackets. Operands of And are never And, those of Or never Or.
struct Comparison {
  enum class Kind { Test, And, Or };
  Kind kind = Kind::Test;
  Test test;                         // of Test
  std::vector<Comparison> operands;  // of And and Or
  bool operator==(const Comparison&) const = default;
};

// Section 9.5.1.
struct Qualifier {
  enum class Kind { Within, Repeats, StartStop };
  Kind kind = Kind::Within;
  double seconds = 0;      // of Within, more than 0
  std::int64_t times = 0;  // of Repeats, at least 1
  Timestamp start, stop;   // of StartStop
  Place place;
  bool operator==(const Qualifier&) const = default;
};

// An observation expression and its qualifiers, the innermost first. An operand of And, Or or
// FollowedBy is never of the same kind without qualifiers. Group is a Simple in parentheses that
// has qualifiers outside of them: only there does the standard's tool tell the two apart.
struct Observation {
  enum class Kind { Simple, Group, And, Or, FollowedBy };
  Kind kind = Kind::Simple;
  Comparison comparison;              // of Simple
  std::vector<Observation> operands;  // of Group one, of the others two or more
  std::vector<Qualifier> qualifiers;
  bool operator==(const Observation&) const = default;
};

}  // namespace comity::stix::pattern
