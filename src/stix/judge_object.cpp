#include <fmt/format.h>

#include <array>

#include "stix/judge.h"
#include "stix/object.h"
#include "stix/observable_id.h"
#include "stix/values.h"

namespace comity::stix {
namespace {

constexpr std::string_view reserved_types = "action";

// Section 2.9: what an SCO's UUIDv5 is made of, where none of it is required.
struct OptionalContributing {
  std::string_view type;
  std::string_view properties;
};
constexpr std::array<OptionalContributing, 6> optional_contributing = {{
    {"artifact", "hashes payload_bin"},
    {"email-message", "from_ref subject body"},
    {"process", ""},
    {"user-account", "account_type user_id account_login"},
    {"windows-registry-key", "key values"},
    {"x509-certificate", "hashes serial_number"},
}};

bool lacks_contributing(std::string_view type, const json::Object& self) {
  for (const auto& row : optional_contributing) {
    if (row.type != type) continue;
    for (const auto& [name, value] : self) {
      if (has_word(row.properties, name)) return false;
    }
    return true;
  }
  return false;
}

void judge_uuid(Judge& judge, const json::Value& value, std::string_view uuid) {
  const auto& self = *value.object();
  const auto version = uuid_version(uuid);
  if (judge.is_observable && lacks_contributing(judge.type, self)) {
    if (version != 4) {
      judge.found_at("id", CheckId::ScoIdV4,
                     fmt::format("found a UUIDv{}, expected version 4: the object has no "
                                 "contributing property",
                                 version));
    }
    return;
  }
  const int wanted = judge.is_observable ? 5 : 4;
  if (!judge.runs(CheckId::UuidCheck) && !judge.runs(CheckId::DeterministicId)) return;
  if (version != wanted) {
    judge.found_at("id", CheckId::UuidCheck,
                   fmt::format("found a UUIDv{}, expected version {}", version, wanted));
  } else if (judge.is_observable && judge.runs(CheckId::DeterministicId)) {
    const auto made = deterministic_id(value);
    if (made && std::string_view(*made).substr(made->size() - uuid.size()) != uuid) {
      judge.found_at("id", CheckId::DeterministicId,
                     fmt::format("its contributing properties make {}", *made));
    }
  }
}

// Whether the object is judged as one of STIX 2.1.
bool judge_spec_version(Judge& judge, const json::Object& self, bool in_bundle) {
  const auto* version = self.find("spec_version");
  const bool may_lack = judge.is_observable || judge.type == "bundle";
  if (version == nullptr) {
    if (may_lack) return true;
    if (in_bundle) {
      judge.found(CheckId::Stix20Object, "has no spec_version, so it is of STIX 2.0");
      return false;
    }
    judge.found_at("spec_version", CheckId::SpecVersion, "is missing; expected \"2.1\"");
    return true;
  }
  const auto* text = version->string();
  if (text != nullptr && *text == "2.1") return true;
  if (text != nullptr && *text == "2.0" && in_bundle) {
    judge.found(CheckId::Stix20Object, "is of STIX 2.0");
    return false;
  }
  judge.found_at("spec_version", CheckId::SpecVersion,
                 fmt::format("found {}, expected \"2.1\"",
                             text == nullptr ? version->type_name() : quoted(*text)));
  return true;
}

void judge_precision(Judge& judge, const json::Object& self) {
  if (!judge.runs(CheckId::TimestampMillis)) return;
  for (const std::string_view name : {"created", "modified"}) {
    const auto* text = string_of(self, name);
    // The markings that every object names were printed before this rule.
    if (text == nullptr || judge.type == "marking-definition") continue;
    if (is_stix_timestamp(*text) && !has_milliseconds(*text)) {
      judge.found_at(name, CheckId::TimestampMillis,
                     fmt::format("{}: expected at least three digits of a second", quoted(*text)));
    }
  }
}

void judge_versions(Judge& judge, const json::Object& self) {
  judge_precision(judge, self);
  const auto created = time_of(self, "created");
  const auto modified = time_of(self, "modified");
  if (created && modified && *modified < *created) {
    judge.found_at("modified", CheckId::TimeOrder, "is earlier than created");
  }
}

// STIX 2.0: its identity and its times, the same in both versions.
void judge_stix20(Judge& judge, const json::Object& self) {
  const auto* created = self.find("created");
  const auto* modified = self.find("modified");
  for (const auto& [name, value] :
       {std::pair{"created", created}, std::pair{"modified", modified}}) {
    if (value == nullptr) continue;
    const Judge::Step step(judge, name);
    judge_property(judge, schema::time(name), *value);
  }
  judge_versions(judge, self);
}

}  // namespace

void judge_type_name(Judge& judge, const json::Object& self) {
  const auto* member = self.find("type");
  if (member == nullptr) {
    judge.found_at("type", CheckId::Required, "is missing");
  } else if (member->string() == nullptr) {
    judge.found_at("type", CheckId::Type,
                   fmt::format("found {}, expected a string", member->type_name()));
  } else if (has_word(reserved_types, *member->string())) {
    judge.found_at("type", CheckId::Reserved, "is a reserved name");
  } else if (!is_stix_type_name(*member->string())) {
    judge.found_at("type", CheckId::TypeName,
                   fmt::format("{}: expected 3 to 250 of a-z, 0-9 and single hyphens, a letter "
                               "first",
                               quoted(*member->string())));
  }
}

void judge_id(Judge& judge, const json::Value& value) {
  const auto* member = value.find("id");
  // Observables within observed-data of STIX 2.0 have keys instead (section 4.14).
  if (member == nullptr && judge.local_objects != nullptr) return;
  if (member == nullptr) return judge.found_at("id", CheckId::Required, "is missing");
  const auto* id = member->string();
  if (id == nullptr) {
    return judge.found_at("id", CheckId::Type,
                          fmt::format("found {}, expected a string", member->type_name()));
  }
  const auto prefix = type_of(*id);
  const auto uuid = std::string_view(*id).substr(std::min(id->size(), prefix.size() + 2));
  if (prefix != judge.type) {
    judge.found_at(
        "id", CheckId::Id,
        fmt::format("{}: expected it to begin with {}--", quoted(*id), shortened(judge.type, 80)));
  } else if (!is_uuid_text(uuid) || !is_rfc4122_variant(uuid)) {
    judge.found_at("id", CheckId::Id,
                   fmt::format("{}: expected a UUID of RFC 4122 after the type", quoted(*id)));
  } else {
    judge_uuid(judge, value, uuid);
  }
}

void judge_object(Judge& judge, const json::Value& value, bool in_bundle) {
  const auto& self = *value.object();
  const auto* type = string_of(self, "type");
  judge.type = type == nullptr ? std::string_view() : std::string_view(*type);
  const auto* known = find_type(judge.type);
  const bool new_observable = known == nullptr && has_extension_kind(self, "new-sco");
  judge.is_observable = known == nullptr ? new_observable : known->category == Category::Sco;
  judge.is_custom = known == nullptr;
  judge.toplevel_extended = has_extension_kind(self, "toplevel-property-extension");
  judge_type_name(judge, self);
  judge_id(judge, value);
  if (!judge_spec_version(judge, self, in_bundle)) return judge_stix20(judge, self);
  if (known != nullptr) {
    judge_shape(judge, self, *known->shape, known->common);
  } else {
    if (type != nullptr) {
      judge_custom_type(judge, has_extension_kind(self, "new-sdo new-sco new-sro"));
    }
    static constexpr Shape custom = {
        .name = "a custom object", .section = "11.2", .properties = {}};
    judge_shape(judge, self, custom, new_observable ? observable_common() : domain_common());
  }
  judge_versions(judge, self);
  judge_granular_markings(judge, value);
  if (const auto* extensions = self.find("extensions"); extensions != nullptr) {
    const Judge::Step step(judge, "extensions");
    judge_extensions(judge, *extensions);
  }
}

}  // namespace comity::stix
