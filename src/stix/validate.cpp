#include "stix/validate.h"

#include <fmt/format.h>

#include <unordered_map>
#include <vector>

#include "json/parse.h"
#include "stix/judge.h"
#include "stix/language.h"
#include "stix/object.h"
#include "stix/version.h"

namespace comity::stix {
namespace {

constexpr std::size_t versions_compared_max = 64;  // of one object with its language content

// What the objects of one bundle are to each other.
class BundleBook {
 public:
  explicit BundleBook(Judge& judge) : judge_(judge) {}

  void add(const json::Value& object) {
    const auto id = object.text("id");
    if (id.empty()) return;
    auto& known = objects_[std::string(id)];
    known.versions.push_back(&object);
    if (!is_versioned(object)) return;
    const auto version = version_of(object);
    if (version.modified && known.history.holds(*version.modified)) {
      judge_.found(CheckId::DuplicateIds,
                   fmt::format("{} of this time stands in the bundle already", quoted(id)));
    }
    if (const auto fault = known.history.add(version)) {
      judge_.found_at(fault->property, CheckId::Versions, fault->rule);
    }
  }

  // When every object is known.
  void finish(const json::Value& object) {
    const auto type = object.text("type");
    if (type == "relationship" && judge_.runs(CheckId::EnforceRefs)) enforce(object);
    if (type == "language-content") compare_language(object);
  }

 private:
  struct Known {
    History history;
    std::vector<const json::Value*> versions;
  };

  void enforce(const json::Value& object) {
    for (const std::string_view name : {"source_ref", "target_ref"}) {
      const auto ref = object.text(name);
      if (ref.empty() || objects_.contains(std::string(ref))) continue;
      judge_.found_at(name, CheckId::EnforceRefs,
                      fmt::format("{} is not in the bundle", quoted(ref)));
    }
  }

  // Of several versions that it may be for, none is compared, nor where a bundle has so many that
  // looking for the one would take its time.
  void compare_language(const json::Value& content) {
    const auto known = objects_.find(std::string(content.text("object_ref")));
    if (known == objects_.end() || known->second.versions.size() > versions_compared_max) return;
    const json::Value* original = nullptr;
    for (const auto* version : known->second.versions) {
      if (!is_language_of(content, *version)) continue;
      if (original != nullptr) return;
      original = version;
    }
    if (original != nullptr) judge_translations(judge_, content, *original);
  }

  Judge& judge_;
  std::unordered_map<std::string, Known> objects_;
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
  for_each_object(judge, *objects->array(), [&](const json::Value& item) { book.finish(item); });
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
