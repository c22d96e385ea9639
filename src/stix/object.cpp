#include "stix/object.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "json/parse.h"
#include "json/write.h"
#include "stix/judge.h"

namespace comity::stix {
namespace {

constexpr std::array<std::string_view, 18> observables = {"artifact",
                                                          "autonomous-system",
                                                          "directory",
                                                          "domain-name",
                                                          "email-addr",
                                                          "email-message",
                                                          "file",
                                                          "ipv4-addr",
                                                          "ipv6-addr",
                                                          "mac-addr",
                                                          "mutex",
                                                          "network-traffic",
                                                          "process",
                                                          "software",
                                                          "url",
                                                          "user-account",
                                                          "windows-registry-key",
                                                          "x509-certificate"};

constexpr std::size_t type_length_min = 3;
constexpr std::size_t type_length_max = 250;

bool is_type_name(std::string_view text) {
  return text.size() >= type_length_min && text.size() <= type_length_max &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
         });
}

bool is_uuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    const char c = text[i];
    const bool digit = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    if (dash ? c != '-' : !digit) return false;
  }
  return true;
}

tl::unexpected<Error> wrong(std::string path, std::string message) {
  return fail(ErrorKind::InvalidInput, std::move(message), std::move(path));
}

Result<std::string> required_text(const json::Value& object, std::string_view name,
                                  std::string_view section) {
  const auto* member = object.find(name);
  const auto path = fmt::format("$.{}", name);
  if (member == nullptr) {
    return wrong(
        path,
        fmt::format("is missing; every object needs it (STIX 2.1 section {}, required)", section));
  }
  if (member->string() == nullptr) {
    return wrong(path, fmt::format("found {}, expected a string (STIX 2.1 section {}, type)",
                                   member->type_name(), section));
  }
  return *member->string();
}

Result<std::optional<Instant>> timestamp(const json::Value& object, std::string_view name) {
  const auto* member = object.find(name);
  if (member == nullptr) return std::optional<Instant>();
  const auto path = fmt::format("$.{}", name);
  if (member->string() == nullptr) {
    return wrong(path,
                 fmt::format("found {}, expected a timestamp string (STIX 2.1 section 2.16, type)",
                             member->type_name()));
  }
  auto instant = parse_rfc3339(*member->string());
  if (!instant) {
    return wrong(path, instant.error().message + " (STIX 2.1 section 2.16, timestamp)");
  }
  if (!member->string()->ends_with('Z')) {
    return wrong(path, fmt::format("'{}' is not in UTC; expected it to end in Z (STIX 2.1 section "
                                   "2.16, timestamp)",
                                   *member->string()));
  }
  return std::optional<Instant>(*instant);
}

// Walks every property, however deep, and collects what _ref and _refs properties name.
class ReferenceCollector {
 public:
  explicit ReferenceCollector(Object& object) : object_(object) {}

  Status collect() {
    TRY_STATUS(walk(object_.value));
    auto& markings = object_.marking_refs;
    markings.insert(markings.end(), granular_.begin(), granular_.end());
    auto& names = object_.names;
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    return {};
  }

 private:
  struct Segment {
    std::string_view name;
    std::size_t index = 0;
    bool is_item = false;
  };

  // One level of the path for as long as this lives; the path itself is spelled for errors only.
  class Descent {
   public:
    Descent(ReferenceCollector& collector, Segment segment) : place_(collector.place_) {
      place_.push_back(segment);
    }
    ~Descent() { place_.pop_back(); }
    Descent(const Descent&) = delete;
    Descent& operator=(const Descent&) = delete;

   private:
    std::vector<Segment>& place_;
  };

  std::string path() const {
    std::string out = "$";
    for (const auto& segment : place_) {
      out +=
          segment.is_item ? fmt::format("[{}]", segment.index) : fmt::format(".{}", segment.name);
    }
    return out;
  }

  Status walk(const json::Value& value) {
    if (const auto* members = value.object()) {
      for (const auto& [name, member] : *members) {
        const Descent descent(*this, {name, 0, false});
        TRY_STATUS(property(name, member));
      }
    } else if (const auto* items = value.array()) {
      for (std::size_t i = 0; i < items->size(); ++i) {
        const auto& item = (*items)[i];
        if (item.object() == nullptr && item.array() == nullptr) continue;
        const Descent descent(*this, {{}, i, true});
        TRY_STATUS(walk(item));
      }
    }
    return {};
  }

  Status property(std::string_view name, const json::Value& value) {
    // What custom properties mean is their makers' business: what is no reference is only kept.
    if (name.starts_with("x_")) return custom(name, value);
    if (name.ends_with("_ref")) return reference(name, value);
    if (name.ends_with("_refs")) {
      const auto* items = value.array();
      if (items == nullptr) {
        return wrong(
            path(),
            fmt::format("found {}, expected a list of identifiers (STIX 2.1 section 2.9, list)",
                        value.type_name()));
      }
      if (items->empty()) {
        return wrong(path(), "an empty list; leave the property out (STIX 2.1 section 2.12, list)");
      }
      for (std::size_t i = 0; i < items->size(); ++i) {
        const Descent descent(*this, {{}, i, true});
        TRY_STATUS(reference(name, (*items)[i]));
      }
      return {};
    }
    return walk(value);
  }

  Status custom(std::string_view name, const json::Value& value) {
    const auto collect = [&](const json::Value& item) {
      const auto* id = item.string();
      return id == nullptr || !is_identifier(*id) ? Status() : reference(name, item);
    };
    if (name.ends_with("_ref")) return collect(value);
    if (name.ends_with("_refs") && value.array() != nullptr) {
      for (const auto& item : *value.array()) TRY_STATUS(collect(item));
      return {};
    }
    return walk(value);
  }

  Status reference(std::string_view name, const json::Value& value) {
    const auto* id = value.string();
    if (id == nullptr || !is_identifier(*id)) {
      return wrong(path(),
                   fmt::format("found {}, expected an identifier like "
                               "indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f (STIX 2.1 "
                               "section 2.9, identifier)",
                               id == nullptr ? value.type_name() : "'" + id->substr(0, 80) + "'"));
    }
    if (name == "created_by_ref" && type_of(*id) != "identity") {
      return wrong(
          path(),
          fmt::format("'{}' is no identity (STIX 2.1 section 3.2, created-by-identity)", *id));
    }
    if (name == "object_marking_refs" || name == "marking_ref") {
      if (type_of(*id) != "marking-definition") {
        return wrong(
            path(),
            fmt::format("'{}' is no marking-definition (STIX 2.1 section 7.2, reference-type)",
                        *id));
      }
      (name == "marking_ref" ? granular_ : object_.marking_refs).push_back(*id);
    }
    if (*id != object_.id) object_.names.push_back(*id);
    if (object_.names.size() > references_max) {
      return fail(ErrorKind::TooLarge, fmt::format("names more than {} objects", references_max),
                  path());
    }
    return {};
  }

  Object& object_;
  std::vector<Segment> place_;
  std::vector<std::string> granular_;
};

Status check_identity(Object& object) {
  TRY(object.type, required_text(object.value, "type", "3.2"));
  if (!is_type_name(object.type)) {
    return wrong("$.type", fmt::format("'{}' is no type name; expected 3 to 250 of a-z, 0-9 and - "
                                       "(STIX 2.1 section 3.1, type-name)",
                                       object.type.substr(0, 80)));
  }
  TRY(object.id, required_text(object.value, "id", "2.9"));
  if (!is_identifier(object.id)) {
    return wrong("$.id", fmt::format("'{}' is no identifier; expected {}-- and a UUID (STIX 2.1 "
                                     "section 2.9, id)",
                                     object.id.substr(0, 300), object.type));
  }
  if (type_of(object.id) != object.type) {
    return wrong("$.id",
                 fmt::format("begins with '{}', but the type is '{}' (STIX 2.1 section 2.9, id)",
                             type_of(object.id), object.type));
  }
  return {};
}

// Whether it is one of the cyber-observables, or of a type that its extension makes one (section
// 7.3): those have no times of their own, and need not say their version.
bool is_observed(const Object& object) {
  return is_observable(object.type) || has_extension_kind(*object.value.object(), "new-sco");
}

Status check_version(const Object& object) {
  const auto* version = object.value.find("spec_version");
  if (version == nullptr) {
    if (is_observed(object)) return {};
    return wrong("$.spec_version",
                 "is missing; expected \"2.1\" (STIX 2.0 content has to be "
                 "converted first; STIX 2.1 section 3.2, spec-version)");
  }
  if (version->string() == nullptr || *version->string() != "2.1") {
    return fail(
        ErrorKind::Unsupported,
        fmt::format("found {}, expected \"2.1\"; other versions are not read (STIX 2.1 "
                    "section 3.2, spec-version)",
                    version->string() == nullptr ? version->type_name()
                                                 : "'" + version->string()->substr(0, 80) + "'"),
        "$.spec_version");
  }
  return {};
}

Status check_times(Object& object) {
  TRY(object.created, timestamp(object.value, "created"));
  TRY(object.modified, timestamp(object.value, "modified"));
  if (is_observed(object)) return {};
  if (!object.created) {
    return wrong("$.created", "is missing; expected a timestamp (STIX 2.1 section 3.2, required)");
  }
  if (object.type == "marking-definition") return {};
  if (!object.modified) {
    return wrong("$.modified", "is missing; expected a timestamp (STIX 2.1 section 3.2, required)");
  }
  if (*object.modified < *object.created) {
    return wrong("$.modified", "is earlier than created (STIX 2.1 section 3.2, time-order)");
  }
  return {};
}

}  // namespace

bool is_identifier(std::string_view text) {
  const auto at = text.find("--");
  return at != std::string_view::npos && is_type_name(text.substr(0, at)) &&
         is_uuid(text.substr(at + 2));
}

std::string_view type_of(std::string_view id) { return id.substr(0, id.find("--")); }

bool is_observable(std::string_view type) {
  return std::find(observables.begin(), observables.end(), type) != observables.end();
}

Result<Object> read_object(std::string_view bytes) {
  if (bytes.size() > object_bytes_max) {
    return fail(ErrorKind::TooLarge, fmt::format("an object of {} bytes; at most {} are read",
                                                 bytes.size(), object_bytes_max));
  }
  Object object;
  TRY(object.value, json::parse(bytes));
  if (object.value.object() == nullptr) {
    return wrong("$", fmt::format("found {}, expected a STIX object", object.value.type_name()));
  }
  TRY_STATUS(check_identity(object));
  TRY_STATUS(check_version(object));
  TRY_STATUS(check_times(object));
  TRY_STATUS(ReferenceCollector(object).collect());
  object.digest = sha256(json::canonical(object.value));
  return object;
}

std::string readable_id(std::string_view bytes) {
  if (bytes.size() > object_bytes_max) return {};
  const auto value = json::parse(bytes);
  if (!value) return {};
  const auto* id = value->find("id");
  if (id == nullptr || id->string() == nullptr || !is_identifier(*id->string())) return {};
  return *id->string();
}

}  // namespace comity::stix
