#include "stix/version.h"

#include "stix/judge.h"
#include "stix/object.h"

namespace comity::stix {

Version version_of(const json::Value& object) {
  Version out;
  const auto* self = object.object();
  if (self == nullptr) return out;
  out.id = std::string(object.text("id"));
  out.modified = time_of(*self, "modified");
  out.created = time_of(*self, "created");
  out.created_by = std::string(object.text("created_by_ref"));
  const auto* revoked = self->find("revoked");
  out.revoked = revoked != nullptr && revoked->boolean() != nullptr && *revoked->boolean();
  return out;
}

bool is_versioned(const json::Value& object) {
  const auto type = object.text("type");
  return !is_observable(type) && type != "marking-definition" && object.find("modified") != nullptr;
}

std::optional<VersionFault> History::add(const Version& version) {
  std::optional<VersionFault> out;
  if (!created_) created_ = version.created;
  if (created_by_.empty()) created_by_ = version.created_by;
  if (version.created && version.created != created_) {
    out = VersionFault{"created", "is not that of another version of this object"};
  } else if (!version.created_by.empty() && version.created_by != created_by_) {
    out = VersionFault{"created_by_ref", "is not that of another version of this object"};
  }
  if (!version.modified) return out;
  if (!out && revoked_ && *version.modified > *revoked_) {
    out = VersionFault{"modified", "is later than that of the version that was revoked"};
  } else if (!out && version.revoked && !times_.empty() && *times_.rbegin() > *version.modified) {
    out = VersionFault{"revoked", "is true, and there is a later version of this object"};
  }
  times_.insert(*version.modified);
  if (version.revoked && (!revoked_ || *version.modified < *revoked_)) revoked_ = version.modified;
  return out;
}

std::optional<Instant> History::current() const {
  if (revoked_) return revoked_;
  return times_.empty() ? std::nullopt : std::optional<Instant>(*times_.rbegin());
}

}  // namespace comity::stix
