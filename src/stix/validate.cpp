#include "stix/validate.h"

#include <fmt/format.h>

#include <set>
#include <unordered_map>

#include "json/parse.h"
#include "stix/judge.h"
#include "stix/object.h"

namespace comity::stix {
namespace {

// What the objects of one bundle are to each other.
class BundleBook {
 public:
  explicit BundleBook(Judge& judge) : judge_(judge) {}

  void add(const json::Value& object) {
    const auto id = object.text("id");
    if (id.empty()) return;
    const auto modified = object.text("modified");
    const auto at = versions_.try_emplace(std::string(id)).first;
    if (!at->second.emplace(modified).second && !modified.empty()) {
      judge_.found(CheckId::DuplicateIds,
                   fmt::format("{} of this time stands in the bundle already", quoted(id)));
    }
  }

  // When every object is known.
  void enforce(const json::Value& object) {
    if (object.text("type") != "relationship") return;
    for (const std::string_view name : {"source_ref", "target_ref"}) {
      const auto ref = object.text(name);
      if (ref.empty() || versions_.contains(std::string(ref))) continue;
      judge_.found_at(name, CheckId::EnforceRefs,
                      fmt::format("{} is not in the bundle", quoted(ref)));
    }
  }

 private:
  Judge& judge_;
  std::unordered_map<std::string, std::set<std::string, std::less<>>> versions_;
};

template <typename Each>
void for_each_object(Judge& judge, const json::Array& objects, Each each) {
  const Judge::Step step(judge, "objects");
  for (std::size_t i = 0; i < objects.size(); ++i) {
    const Judge::Step item(judge, i);
    each(objects[i]);
  }
}

void judge_bundle_item(Judge& judge, BundleBook& book, const json::Value& item) {
  if (item.object() == nullptr) {
    judge.found(CheckId::Bundle, fmt::format("found {}, expected an object", item.type_name()));
  } else if (item.text("type") == "bundle") {
    judge.found(CheckId::Bundle, "is a bundle within a bundle");
  } else {
    judge_object(judge, item, true);
    book.add(item);
  }
}

void judge_bundle(Judge& judge, const json::Value& bundle) {
  judge.type = "bundle";
  judge_id(judge, bundle);
  const auto* known = find_type("bundle");
  judge_shape(judge, *bundle.object(), *known->shape, known->common);
  const auto* objects = bundle.find("objects");
  if (objects == nullptr) return;
  if (objects->array() == nullptr) {
    judge.found_at("objects", CheckId::List,
                   fmt::format("found {}, expected a list", objects->type_name()), "8");
    return;
  }
  if (objects->array()->empty()) {
    judge.found_at("objects", CheckId::List, "an empty list; leave the property out");
  }
  BundleBook book(judge);
  for_each_object(judge, *objects->array(),
                  [&](const json::Value& item) { judge_bundle_item(judge, book, item); });
  if (!judge.runs(CheckId::EnforceRefs)) return;
  for_each_object(judge, *objects->array(), [&](const json::Value& item) { book.enforce(item); });
}

}  // namespace

Report validate_value(const json::Value& value, const Selection& selection) {
  Report report;
  Judge judge(report, selection);
  if (value.object() == nullptr) {
    judge.found(CheckId::Json, fmt::format("found {}, expected a STIX object", value.type_name()));
  } else if (value.text("type") == "bundle") {
    judge_bundle(judge, value);
  } else {
    judge_object(judge, value, false);
  }
  return report;
}

Report validate(std::string_view text, const Selection& selection) {
  const auto value = json::parse(text);
  if (value) return validate_value(*value, selection);
  Report report;
  Judge(report, selection).found(CheckId::Json, value.error().text());
  return report;
}

}  // namespace comity::stix
