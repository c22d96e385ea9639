#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "stix/judge.h"
#include "stix/schema.h"

namespace comity::stix {
namespace schema {
namespace {

// What says which object it is has rules of its own (stix/judge_object.cpp).
constexpr auto domain_common_rows = std::to_array<Property>({
    special("type"),
    special("spec_version"),
    special("id"),
    reference("created_by_ref"),
    time("created").required(),
    time("modified").required(),
    boolean("revoked"),
    text("labels").list(),
    integer("confidence").within(0, 100),
    text("lang").as(Form::LanguageTag),
    nested("external_references", external_reference_shape).list(),
    reference("object_marking_refs", "marking-definition").list(),
    nested("granular_markings", granular_marking_shape).list(),
    special("extensions"),
});

constexpr auto observable_common_rows = std::to_array<Property>({
    special("type"),
    special("spec_version"),
    special("id"),
    boolean("defanged"),
    reference("object_marking_refs", "marking-definition").list(),
    nested("granular_markings", granular_marking_shape).list(),
    special("extensions"),
});

constexpr auto external_reference_rows = std::to_array<Property>({
    text("source_name").required(),
    text("description"),
    text("url").as(Form::Url),
    hashes("hashes"),
    text("external_id"),
});

constexpr auto kill_chain_phase_rows = std::to_array<Property>({
    text("kill_chain_name").required(),
    text("phase_name").required(),
});

constexpr auto granular_marking_rows = std::to_array<Property>({
    text("lang").as(Form::LanguageTag),
    reference("marking_ref", "marking-definition"),
    text("selectors").list().required(),
});

bool is_all_digits(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool is_cve(std::string_view id) {
  return id.size() >= 13 && id.starts_with("CVE-") && is_all_digits(id.substr(4, 4)) &&
         id[8] == '-' && is_all_digits(id.substr(9));
}

bool is_capec(std::string_view id) {
  return id.starts_with("CAPEC-") && is_all_digits(id.substr(6));
}

void external_reference_rule(Judge& judge, const json::Object& self) {
  if (self.find("description") == nullptr && self.find("url") == nullptr &&
      self.find("external_id") == nullptr) {
    judge.found(CheckId::ExternalReference, "has none of description, url and external_id");
  }
  if (self.find("url") != nullptr && self.find("hashes") == nullptr) {
    judge.found(CheckId::ExtrefHashes, "has a url without hashes of what was there");
  }
  const auto* source = string_of(self, "source_name");
  const auto* id = string_of(self, "external_id");
  if (source == nullptr || id == nullptr) return;
  if (judge.type == "vulnerability" && *source == "cve" && !is_cve(*id)) {
    judge.found_at("external_id", CheckId::ExternalReference,
                   fmt::format("{}: expected CVE-YYYY-NNNN", quoted(*id)), "4.19");
  } else if (judge.type == "attack-pattern" && *source == "capec" && !is_capec(*id)) {
    judge.found_at("external_id", CheckId::ExternalReference,
                   fmt::format("{}: expected CAPEC-N", quoted(*id)), "4.1");
  }
}

void kill_chain_phase_rule(Judge& judge, const json::Object& self) {
  if (!judge.runs(CheckId::KillChainNames)) return;
  for (const std::string_view name : {"kill_chain_name", "phase_name"}) {
    const auto* value = string_of(self, name);
    if (value == nullptr ||
        (value->find_first_of(" _") == std::string::npos &&
         std::none_of(value->begin(), value->end(), [](char c) { return c >= 'A' && c <= 'Z'; }))) {
      continue;
    }
    judge.found_at(
        name, CheckId::KillChainNames,
        fmt::format("{}: expected lower case, and hyphens between words", quoted(*value)));
  }
}

void granular_marking_rule(Judge& judge, const json::Object& self) {
  const bool lang = self.find("lang") != nullptr;
  const bool marking = self.find("marking_ref") != nullptr;
  if (lang == marking) {
    judge.found(CheckId::Properties,
                lang ? "has both lang and marking_ref" : "has neither lang nor marking_ref",
                "7.2.3");
  }
}

}  // namespace
}  // namespace schema

const Shape external_reference_shape = {.name = "external-reference",
                                        .section = "2.5",
                                        .properties = schema::external_reference_rows,
                                        .rule = schema::external_reference_rule};
const Shape kill_chain_phase_shape = {.name = "kill-chain-phase",
                                      .section = "2.11",
                                      .properties = schema::kill_chain_phase_rows,
                                      .rule = schema::kill_chain_phase_rule};
const Shape granular_marking_shape = {.name = "granular-marking",
                                      .section = "7.2.3",
                                      .properties = schema::granular_marking_rows,
                                      .rule = schema::granular_marking_rule};

std::span<const Property> domain_common() { return schema::domain_common_rows; }
std::span<const Property> observable_common() { return schema::observable_common_rows; }

}  // namespace comity::stix
