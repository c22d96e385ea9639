#include "stix/validate.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <optional>

#include "json/parse.h"
#include "json/stream.h"
#include "json/write.h"
#include "stix/judge.h"

namespace comity::stix {
namespace {

constexpr std::size_t passed_bytes = 16 * 1024 * 1024;  // between two calls of Passed

// Object by object, and then what they are to each other.
class BundleWalk {
 public:
  BundleWalk(std::string_view text, const Selection& selection, const Passed& passed,
             std::size_t objects_max)
      : text_(text),
        selection_(selection),
        passed_(passed),
        objects_max_(std::min(objects_max, bundle_objects_max)),
        judge_(report_, selection) {}

  // None: the text is a JSON object, but no bundle with objects.
  std::optional<Report> run() {
    const auto told = json::stream(
        text_, "objects",
        [this](std::string_view element, std::size_t index) { return one(element, index); });
    if (told && (!told->has_array || !is_bundle(told->members))) return std::nullopt;
    if (!told && !is_full_) {
      judge_.found(CheckId::Json, told.error().text());
    } else if (told) {
      book_.finish(judge_, [this](const char* at) {
        if (passed_) passed_(static_cast<std::size_t>(at - text_.data()));
      });
      if (passed_) passed_(text_.size());
      put_first(of_itself(told->members));
    }
    return std::move(report_);
  }

 private:
  static bool is_bundle(const json::Object& members) {
    const auto* type = string_of(members, "type");
    return type != nullptr && *type == "bundle";
  }

  Status one(std::string_view element, std::size_t index) {
    const Judge::Step objects(judge_, "objects");
    if (index == objects_max_) {
      is_full_ = true;
      judge_.found(CheckId::Bundle,
                   fmt::format("more than {} objects; give them in several bundles", objects_max_));
      return fail(ErrorKind::TooLarge, "too many");
    }
    count_ = index + 1;
    const Judge::Step item(judge_, index);
    judge_element(element, index);
    const auto offset = static_cast<std::size_t>(element.data() - text_.data()) + element.size();
    if (passed_ && offset - behind_ >= passed_bytes) {
      behind_ = offset;
      passed_(offset);
    }
    return {};
  }

  void judge_element(std::string_view element, std::size_t index) {
    const auto value = json::parse(element);
    if (!value) {
      judge_.found(CheckId::Json, value.error().text());
    } else if (value->object() == nullptr) {
      judge_.found(CheckId::Bundle,
                   fmt::format("found {}, expected an object", value->type_name()));
    } else if (value->text("type") == "bundle") {
      judge_.found(CheckId::Bundle, "is a bundle within a bundle");
    } else {
      judge_object(judge_, *value, true);
      book_.add(*value, element, index);
    }
  }

  // What is found of the bundle without its objects.
  Report of_itself(const json::Object& members) const {
    Report report;
    Judge judge(report, selection_);
    judge_bundle_members(judge, members);
    if (count_ == 0)
      judge.found_at("objects", CheckId::List, "an empty list; leave the property out");
    return report;
  }

  void put_first(Report first) {
    report_.valid = report_.valid && first.valid;
    report_.more += first.more;
    report_.findings.insert(report_.findings.begin(),
                            std::make_move_iterator(first.findings.begin()),
                            std::make_move_iterator(first.findings.end()));
    if (report_.findings.size() <= findings_max) return;
    report_.more += report_.findings.size() - findings_max;
    report_.findings.resize(findings_max);
  }

 public:
  // The bundle as a judge of its members sees it.
  static void judge_bundle_members(Judge& judge, const json::Object& members) {
    judge.type = "bundle";
    judge_id(judge, json::Value(members));
    const auto* known = find_type("bundle");
    judge_shape(judge, members, *known->shape, known->common);
  }

 private:
  std::string_view text_;
  const Selection& selection_;
  const Passed& passed_;
  std::size_t objects_max_;
  Report report_;
  Judge judge_;
  BundleBook book_;
  bool is_full_ = false;
  std::size_t count_ = 0;   // of objects
  std::size_t behind_ = 0;  // what Passed was told last
};

// One that is no bundle, or a bundle without a list of objects.
Report validate_single(const json::Value& value, const Selection& selection) {
  Report report;
  Judge judge(report, selection);
  if (value.object() == nullptr) {
    judge.found(CheckId::Json, fmt::format("found {}, expected a STIX object", value.type_name()));
  } else if (value.text("type") == "bundle") {
    BundleWalk::judge_bundle_members(judge, *value.object());
    if (const auto* objects = value.find("objects")) {
      judge.found_at("objects", CheckId::List,
                     fmt::format("found {}, expected a list", objects->type_name()), "8");
    }
  } else {
    judge_object(judge, value, false);
  }
  return report;
}

}  // namespace

Report validate_value(const json::Value& value, const Selection& selection) {
  const auto* objects = value.find("objects");
  if (value.text("type") == "bundle" && objects != nullptr && objects->array() != nullptr) {
    return validate(json::write(value), selection);
  }
  return validate_single(value, selection);
}

Report validate(std::string_view text, const Selection& selection, const Passed& passed,
                std::size_t objects_max) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first != std::string_view::npos && text[first] == '{') {
    if (auto report = BundleWalk(text, selection, passed, objects_max).run()) {
      return *std::move(report);
    }
  }
  const auto value = json::parse(text);
  if (value) return validate_single(*value, selection);
  Report report;
  Judge(report, selection).found(CheckId::Json, value.error().text());
  return report;
}

}  // namespace comity::stix
