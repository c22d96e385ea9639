// Bytes as a STIX object: what is read can be read again from its canonical form as the same
// object, and nothing that looks at an object crashes.
#include <cstddef>
#include <cstdint>

#include "json/write.h"
#include "stix/admission.h"
#include "stix/classification.h"
#include "stix/language.h"
#include "stix/marking.h"
#include "stix/object.h"
#include "stix/observable_id.h"
#include "stix/validate.h"
#include "stix/version.h"

using namespace comity;

namespace {

stix::Classification small_table() {
  stix::Classification table;
  table.class_of_type = {{"indicator", "indicator"},
                         {"file", "indicator"},
                         {"report", "incident-summary"},
                         {"artifact", "malware-sample"},
                         {"observed-data", "indicator"}};
  table.none = {"identity", "marking-definition"};
  return table;
}

// Whatever the text is: a verdict, and with it findings that agree.
void judge(std::string_view text) {
  static const auto selection = [] {
    stix::ValidateOptions options;
    options.strict = options.strict_types = options.strict_properties = options.enforce_refs = true;
    return *stix::Selection::of(options);
  }();
  const auto report = stix::validate(text, selection);
  bool decided = false;
  for (const auto& finding : report.findings) {
    CHECK(finding.path.starts_with("$") && !finding.rule.empty() && !finding.section.empty());
    decided = decided || finding.decides;
  }
  CHECK(report.findings.size() <= stix::findings_max);
  CHECK(report.more != 0 || report.valid != decided);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto table = small_table();
  judge({reinterpret_cast<const char*>(data), size});
  const auto object = stix::read_object({reinterpret_cast<const char*>(data), size});
  if (!object) {
    CHECK(!object.error().message.empty());
    return 0;
  }
  CHECK(stix::is_identifier(object->id) && stix::type_of(object->id) == object->type);
  for (const auto& name : object->names) CHECK(stix::is_identifier(name) && name != object->id);

  if (const auto admitted = stix::admit(object->value); !admitted) {
    CHECK(admitted.error().where.starts_with("$") && !admitted.error().message.empty());
  }
  CHECK(stix::version_of(object->value).id == object->id);
  for (const auto& id : stix::markings_at(object->value, "name")) CHECK(!id.empty());
  CHECK(!stix::language_at(object->value, "name").empty());
  stix::translated(object->value, "name", "en-GB");

  const auto canonical = json::canonical(object->value);
  const auto again = stix::read_object(canonical);
  // The canonical form may be longer, and so too long.
  CHECK(again.has_value() || canonical.size() > stix::object_bytes_max);
  if (again) {
    CHECK(again->digest == object->digest);
    CHECK(again->names == object->names);
    CHECK(again->version() == object->version());
  }

  const auto unheld = [](const std::string&) -> std::optional<stix::Classes> { return {}; };
  const auto classes = stix::classify(*object, table, unheld);
  CHECK(classes.unknown || !classes.names.empty() || table.none.contains(object->type) ||
        object->type == "relationship");
  for (const auto& doubt : stix::doubts(*object)) CHECK(doubt.starts_with("$."));
  stix::handling(*object, [&](const std::string&) { return &object->value; });
  stix::tlp_of_definition(object->value);
  if (const auto id = stix::deterministic_id(object->value)) CHECK(stix::is_identifier(*id));
  return 0;
}
