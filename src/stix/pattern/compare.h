// One observation against one comparison expression, what stands between square brackets (STIX 2.1,
// sections 9.6 and 9.7).
//
// A test holds for an object when one of the values that its path selects there compares so. Both
// sides of AND must hold for the same object. Values of other types than the constant differ from
// it (!= holds) and compare in no other way; NOT turns the outcome for each value that is there; a
// path that selects nothing never holds, but with NOT EXISTS. Text that is compared with a
// timestamp and is none, and binary properties (_hex, _bin) that are not encoded so, are errors:
// neither yes nor no is known.
#pragma once

#include <map>
#include <optional>

#include "stix/pattern/network.h"
#include "stix/pattern/observation.h"
#include "stix/pattern/regex.h"
#include "stix/pattern/tree.h"

namespace comity::stix::pattern {

constexpr std::size_t path_values_max = 100'000;  // what one path may select in one object

// Keeps what it has compiled of the pattern: regular expressions, normal forms, networks. Belongs
// to one thread at a time; the pattern must outlive it.
class Comparer {
 public:
  // Makes ready what the expression needs; an error when a constant cannot be what its operator
  // needs, whatever is observed.
  Status prepare(const Comparison& comparison);

  // Whether the expression holds for an object of the observation. Every test is made, so that an
  // error does not depend on what stands beside it.
  Result<bool> holds(const Comparison& comparison, const ObservedData& observation);

 private:
  // A value of an object: of JSON, decoded bytes, or objects in the place of references.
  struct Selected {
    const json::Value* value = nullptr;
    std::optional<std::string> bytes;
    std::vector<const json::Value*> referred;
    bool is_list = false;
  };
  // What a LIKE, MATCHES, ISSUBSET or ISSUPERSET needs of its constant.
  struct Prepared {
    std::string text;                  // normal form
    std::optional<std::string> bytes;  // for binary values, when it has none beyond U+00FF
    std::optional<Regex> of_text, of_bytes;
    std::optional<Network> network;
  };

  Result<bool> holds_for(const Comparison& comparison, const ObservedObject& object,
                         const ObservedData& observation);
  Result<bool> test(const Test& test, const ObservedObject& object,
                    const ObservedData& observation);
  static Result<std::vector<Selected>> select(const Path& path, const json::Value& root,
                                              const ObservedData& observation);
  static Result<std::vector<Selected>> step(const Step& step, const std::vector<Selected>& from,
                                            const ObservedData& observation);
  static Result<std::optional<Selected>> member(const std::string& key, const json::Value& value,
                                                const ObservedData& observation);
  Result<bool> compare(const Test& test, const Selected& selected);
  Result<bool> compare_text(const Test& test, const Selected& selected);
  Result<const Prepared*> prepared(const Test& test);

  std::map<const Test*, Prepared> prepared_;
};

}  // namespace comity::stix::pattern
