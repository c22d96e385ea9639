#include "stix/observable_id.h"

#include <array>
#include <string_view>
#include <vector>

#include "base/world.h"
#include "json/write.h"

namespace comity::stix {
namespace {

constexpr const char* id_namespace = "00abedb4-aa42-466c-9c01-fed23315a9b7";

struct Contributing {
  std::string_view type;
  std::vector<std::string_view> properties;
};

// STIX 2.1 sections 6.1 to 6.18, "ID Contributing Properties".
const std::vector<Contributing>& contributing() {
  static const std::vector<Contributing> table = {
      {"artifact", {"hashes", "payload_bin"}},
      {"autonomous-system", {"number"}},
      {"directory", {"path"}},
      {"domain-name", {"value"}},
      {"email-addr", {"value"}},
      {"email-message", {"from_ref", "subject", "body"}},
      {"file", {"hashes", "name", "extensions", "parent_directory_ref"}},
      {"ipv4-addr", {"value"}},
      {"ipv6-addr", {"value"}},
      {"mac-addr", {"value"}},
      {"mutex", {"name"}},
      {"network-traffic",
       {"start", "end", "src_ref", "dst_ref", "src_port", "dst_port", "protocols", "extensions"}},
      {"software", {"name", "cpe", "swid", "vendor", "version"}},
      {"url", {"value"}},
      {"user-account", {"account_type", "user_id", "account_login"}},
      {"windows-registry-key", {"key", "values"}},
      {"x509-certificate", {"hashes", "serial_number"}},
  };
  return table;
}

// Section 2.9: of several hashes only one counts, by this order, else the first by name.
json::Value one_hash(const json::Value& hashes) {
  const auto* all = hashes.object();
  if (all == nullptr || all->empty()) return hashes;
  const json::Member* chosen = nullptr;
  for (const std::string_view preferred : {"MD5", "SHA-1", "SHA-256", "SHA-512"}) {
    for (const auto& member : *all) {
      if (chosen == nullptr && member.first == preferred) chosen = &member;
    }
  }
  if (chosen == nullptr) {
    for (const auto& member : *all) {
      if (chosen == nullptr || member.first < chosen->first) chosen = &member;
    }
  }
  json::Object out;
  out.set(chosen->first, chosen->second);
  return out;
}

}  // namespace

std::optional<std::string> deterministic_id(const json::Value& observable) {
  const auto type = observable.text("type");
  for (const auto& row : contributing()) {
    if (row.type != type) continue;
    json::Object chosen;
    for (const auto property : row.properties) {
      if (const auto* value = observable.find(property)) {
        chosen.set(std::string(property), property == "hashes" ? one_hash(*value) : *value);
      }
    }
    if (chosen.empty()) return std::nullopt;
    return std::string(type) + "--" + uuid5(id_namespace, json::canonical(chosen));
  }
  return std::nullopt;
}

}  // namespace comity::stix
