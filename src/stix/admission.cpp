#include "stix/admission.h"

#include <fmt/format.h>

#include "stix/validate.h"

namespace comity::stix {

const Selection& admission() {
  static const auto selection = Selection::only([](const Check& row) {
    if (row.id == CheckId::TimestampMillis || row.id == CheckId::TlpDefinition) return false;
    return row.level == Level::Must || row.id == CheckId::ReferenceUuid ||
           row.id == CheckId::CreatedByIdentity;
  });
  return selection;
}

Status admit(const json::Value& object) {
  if (object.text("type") == "bundle") {
    return fail(ErrorKind::InvalidInput, "is a bundle within a bundle (STIX 2.1 section 8, bundle)",
                "$.type");
  }
  auto report = validate_value(object, admission());
  if (report.findings.empty()) return {};
  auto& first = report.findings.front();
  const auto others = report.findings.size() - 1 + report.more;
  return fail(
      ErrorKind::InvalidInput,
      fmt::format("{} (STIX 2.1 section {}, {}){}", first.rule, first.section,
                  check(first.check).name, others == 0 ? "" : fmt::format("; and {} more", others)),
      std::move(first.path));
}

Result<Object> admit_object(std::string_view bytes) {
  TRY(auto object, read_object(bytes));
  TRY_STATUS(admit(object.value));
  return object;
}

}  // namespace comity::stix
