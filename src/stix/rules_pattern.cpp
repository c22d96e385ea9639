#include <fmt/format.h>

#include <vector>

#include "stix/judge.h"
#include "stix/pattern/check.h"
#include "stix/pattern/parse.h"
#include "stix/pattern/paths.h"
#include "stix/rules.h"
#include "stix/values.h"

namespace comity::stix {
namespace {

void found_problem(Judge& judge, const pattern::Problem& problem) {
  judge.found(CheckId::Pattern,
              fmt::format("{}:{}: {}", problem.line, problem.column, problem.message));
}

// A type that a pattern looks at needs no extension beside it: the objects it is looked for in do.
void judge_pattern_type(Judge& judge, std::string_view type) {
  if (!is_stix_type_name(type)) {
    judge.found(CheckId::TypeName,
                fmt::format("looks at {}: expected 3 to 250 of a-z, 0-9 and single hyphens, a "
                            "letter first",
                            quoted(type)));
    return;
  }
  if (!judge.judges_custom()) return;
  judge.found(CheckId::StrictTypes,
              fmt::format("looks at {}, which is no type of the standard", quoted(type)));
  if (!has_long_prefix(type, '-')) {
    judge.found(CheckId::CustomPrefix,
                fmt::format("looks at {}: expected x-SOURCE-NAME", quoted(type)));
  }
  if (!has_short_prefix(type, '-')) {
    judge.found(CheckId::CustomPrefixLax,
                fmt::format("looks at {}: expected x-NAME", quoted(type)));
  }
}

void judge_pattern_property(Judge& judge, std::string_view type, std::string_view name) {
  if (!judge.judges_custom()) return;
  judge.found(CheckId::StrictProperties, fmt::format("looks at {} of {}, no property of the "
                                                     "standard",
                                                     quoted(name), type));
  if (!has_long_prefix(name, '_')) {
    judge.found(CheckId::CustomPrefix,
                fmt::format("looks at {} of {}: expected x_SOURCE_NAME", quoted(name), type));
  }
  if (!has_short_prefix(name, '_')) {
    judge.found(CheckId::CustomPrefixLax,
                fmt::format("looks at {} of {}: expected x_NAME", quoted(name), type));
  }
}

void judge_pattern_path(Judge& judge, const pattern::Path& path) {
  const auto& name = path.steps.front().key;
  if (name != "id" && !is_property_name(name)) {
    judge.found(CheckId::PropertyName,
                fmt::format("looks at {}: expected 3 to 250 of a-z, 0-9 and _, a letter first",
                            quoted(name)));
  }
  const auto* known = find_type(path.type);
  if (known == nullptr) return judge_pattern_type(judge, path.type);
  if (known->shape->find(name) != nullptr || find_property(known->common, name) != nullptr) return;
  judge_pattern_property(judge, path.type, name);
}

}  // namespace

void judge_pattern(Judge& judge, std::string_view text) {
  const Judge::Step step(judge, "pattern");
  const auto tree = pattern::parse(text);
  if (!tree) return found_problem(judge, tree.error());
  for (const auto& problem : pattern::check(*tree, text)) found_problem(judge, problem);
  for (const auto* path : pattern::paths_of(*tree)) judge_pattern_path(judge, *path);
}

}  // namespace comity::stix
