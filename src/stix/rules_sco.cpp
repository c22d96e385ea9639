#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "stix/judge.h"
#include "stix/rules.h"
#include "stix/values.h"

namespace comity::stix {
namespace {

// ISO 32000-1 section 14.3.3.
constexpr std::string_view pdf_information =
    "Author CreationDate Creator Keywords ModDate Producer Subject Title Trapped";

constexpr std::array<std::string_view, 8> socket_option_kinds = {
    "ICMP6_", "ICMP_", "IPV6_", "IP_", "IRLMP_", "MCAST_", "SO_", "TCP_"};

// The hives of section 6.17, which are not abbreviated.
constexpr std::array<std::string_view, 5> hive_abbreviations = {"hkcc", "hkcr", "hkcu", "hklm",
                                                                "hku"};

bool is_socket_option(std::string_view name) {
  for (const auto kind : socket_option_kinds) {
    if (!name.starts_with(kind) || name.size() == kind.size()) continue;
    return std::all_of(name.begin(), name.end(), [](char c) {
      return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    });
  }
  return false;
}

bool is_ipfix_name(std::string_view name) {
  return !name.empty() && name[0] >= 'a' && name[0] <= 'z' &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
         });
}

const json::Object* entries_of(const json::Object& self, std::string_view name) {
  const auto* member = self.find(name);
  return member == nullptr ? nullptr : member->object();
}

bool is_string_or_strings(const json::Value& value) {
  if (value.string() != nullptr) return true;
  const auto* items = value.array();
  return items != nullptr && !items->empty() &&
         std::all_of(items->begin(), items->end(),
                     [](const json::Value& item) { return item.string() != nullptr; });
}

bool is_string_or_integer(const json::Value& value) {
  return value.string() != nullptr || value.integer() != nullptr;
}

bool is_true(const json::Object& self, std::string_view name) {
  const auto* member = self.find(name);
  return member != nullptr && member->boolean() != nullptr && *member->boolean();
}

void judge_ipfix(Judge& judge, const json::Object& self) {
  const auto* entries = entries_of(self, "ipfix");
  if (entries == nullptr) return;
  const Judge::Step step(judge, "ipfix");
  for (const auto& [name, value] : *entries) {
    if (!is_ipfix_name(name)) {
      judge.found_at(name, CheckId::Ipfix,
                     fmt::format("{} has not the form of an information element", quoted(name)));
    }
    if (!is_string_or_integer(value)) {
      judge.found_at(name, CheckId::Type,
                     fmt::format("found {}, expected a string or integer", value.type_name()),
                     "6.12");
    }
  }
}

void judge_protocols(Judge& judge, const json::Object& self) {
  const auto* protocols = self.find("protocols");
  if (protocols == nullptr || protocols->array() == nullptr) return;
  const auto& items = *protocols->array();
  const Judge::Step step(judge, "protocols");
  for (std::size_t i = 0; i < items.size(); ++i) {
    const auto* name = items[i].string();
    if (name == nullptr || is_service_name(*name)) continue;
    const Judge::Step item(judge, i);
    judge.found(CheckId::Protocols, fmt::format("{} is no service name", quoted(*name)));
  }
}

// Sections 6.12.2 to 6.12.5: the extensions of a protocol.
constexpr std::array<std::pair<std::string_view, std::string_view>, 3> protocol_extensions = {
    {{"http-request-ext", "http"}, {"icmp-ext", "icmp"}, {"tcp-ext", "tcp"}}};

void judge_protocol_extensions(Judge& judge, const json::Object& self) {
  const auto* extensions = entries_of(self, "extensions");
  const auto* protocols = self.find("protocols");
  if (extensions == nullptr || protocols == nullptr || protocols->array() == nullptr) return;
  for (const auto& [extension, protocol] : protocol_extensions) {
    if (extensions->find(extension) == nullptr) continue;
    const auto& items = *protocols->array();
    if (std::any_of(items.begin(), items.end(), [&, name = protocol](const json::Value& item) {
          return item.string() != nullptr && *item.string() == name;
        })) {
      continue;
    }
    judge.found_at("protocols", CheckId::Protocols,
                   fmt::format("{} is not among them, though {} is there", protocol, extension));
  }
}

}  // namespace

void artifact_rule(Judge& judge, const json::Object& self) {
  const bool payload = self.find("payload_bin") != nullptr;
  const bool url = self.find("url") != nullptr;
  if (payload == url) {
    judge.found(CheckId::Properties,
                payload ? "has both payload_bin and url" : "has neither payload_bin nor url",
                "6.1");
  }
  if (url && self.find("hashes") == nullptr) {
    judge.found(CheckId::Properties, "has url without hashes", "6.1");
  }
  if (self.find("decryption_key") != nullptr && self.find("encryption_algorithm") == nullptr) {
    judge.found(CheckId::Properties, "has decryption_key without encryption_algorithm", "6.1");
  }
}

void email_message_rule(Judge& judge, const json::Object& self) {
  const bool multipart = is_true(self, "is_multipart");
  if (multipart && self.find("body") != nullptr) {
    judge.found(CheckId::Properties, "is multipart, so has no body of its own", "6.6");
  }
  const auto* flag = self.find("is_multipart");
  if (flag != nullptr && !multipart && self.find("body_multipart") != nullptr) {
    judge.found(CheckId::Properties, "is not multipart, so has no body_multipart", "6.6");
  }
  const auto* fields = entries_of(self, "additional_header_fields");
  if (fields == nullptr) return;
  const Judge::Step step(judge, "additional_header_fields");
  for (const auto& [name, value] : *fields) {
    if (is_string_or_strings(value)) continue;
    judge.found_at(name, CheckId::Type,
                   fmt::format("found {}, expected a list of strings", value.type_name()), "6.6");
  }
}

void mime_part_rule(Judge& judge, const json::Object& self) {
  const bool body = self.find("body") != nullptr;
  const bool raw = self.find("body_raw_ref") != nullptr;
  if (body != raw) return;
  judge.found(CheckId::Properties,
              body ? "has both body and body_raw_ref" : "has neither body nor body_raw_ref",
              "6.6.2");
}

void file_rule(Judge& judge, const json::Object& self) {
  if (self.find("hashes") == nullptr && self.find("name") == nullptr) {
    judge.found(CheckId::Properties, "has neither hashes nor name", "6.7");
  }
  if (self.find("name_enc") != nullptr && self.find("name") == nullptr) {
    judge.found(CheckId::Properties, "has name_enc without name", "3.1");
  }
}

void raster_image_rule(Judge& judge, const json::Object& self) {
  const auto* tags = entries_of(self, "exif_tags");
  if (tags == nullptr) return;
  const Judge::Step step(judge, "exif_tags");
  for (const auto& [name, value] : *tags) {
    if (is_string_or_integer(value)) continue;
    judge.found_at(name, CheckId::Type,
                   fmt::format("found {}, expected a string or integer", value.type_name()),
                   "6.7.5");
  }
}

void pe_binary_rule(Judge& judge, const json::Object& self) {
  if (self.size() == 1 && self.find("pe_type") != nullptr) {
    judge.found(CheckId::Properties, "has no property but pe_type", "6.7.6");
  }
}

void process_rule(Judge& judge, const json::Object& self) {
  const auto* variables = entries_of(self, "environment_variables");
  if (variables == nullptr) return;
  const Judge::Step step(judge, "environment_variables");
  for (const auto& [name, value] : *variables) {
    if (value.string() != nullptr) continue;
    judge.found_at(name, CheckId::Type,
                   fmt::format("found {}, expected a string", value.type_name()), "6.13");
  }
}

void network_traffic_rule(Judge& judge, const json::Object& self) {
  if (self.find("src_ref") == nullptr && self.find("dst_ref") == nullptr) {
    judge.found(CheckId::Properties, "has neither src_ref nor dst_ref", "6.12");
  }
  if (is_true(self, "is_active") && self.find("end") != nullptr) {
    judge.found(CheckId::Properties, "is active, so has no end", "6.12");
  }
  if (self.find("src_port") == nullptr || self.find("dst_port") == nullptr) {
    judge.found(CheckId::NetworkTrafficPorts, "has not both src_port and dst_port");
  }
  judge_protocols(judge, self);
  judge_protocol_extensions(judge, self);
  judge_ipfix(judge, self);
}

void http_request_rule(Judge& judge, const json::Object& self) {
  const auto* headers = entries_of(self, "request_header");
  if (headers == nullptr) return;
  const Judge::Step step(judge, "request_header");
  for (const auto& [name, value] : *headers) {
    if (!is_field_name(name)) {
      judge.found_at(name, CheckId::HttpRequestHeaders,
                     fmt::format("{} is no field name", quoted(name)));
    }
    const Judge::Step member(judge, name);
    judge_property(judge, schema::text(name).list(), value);
  }
}

void socket_rule(Judge& judge, const json::Object& self) {
  const auto* options = entries_of(self, "options");
  if (options == nullptr) return;
  const Judge::Step step(judge, "options");
  for (const auto& [name, value] : *options) {
    if (!is_socket_option(name)) {
      judge.found_at(name, CheckId::SocketOptions,
                     fmt::format("{} is no socket option", quoted(name)));
    }
    const Judge::Step member(judge, name);
    judge_property(judge, schema::integer(name), value);
  }
}

void pdf_rule(Judge& judge, const json::Object& self) {
  const auto* information = entries_of(self, "document_info_dict");
  if (information == nullptr) return;
  const Judge::Step step(judge, "document_info_dict");
  for (const auto& [name, value] : *information) {
    if (!has_word(pdf_information, name)) {
      judge.found_at(name, CheckId::PdfDocInfo,
                     fmt::format("{} is no entry of document information", quoted(name)));
    }
    const Judge::Step member(judge, name);
    judge_property(judge, schema::text(name), value);
  }
}

void windows_process_rule(Judge& judge, const json::Object& self) {
  constexpr std::string_view suffix = "_CLASS";
  const auto* priority = string_of(self, "priority");
  if (priority != nullptr && (!priority->ends_with(suffix) || priority->size() == suffix.size())) {
    judge.found_at("priority", CheckId::WindowsProcessPriorityFormat,
                   fmt::format("{}: expected it to end in _CLASS", quoted(*priority)));
  }
}

void windows_registry_key_rule(Judge& judge, const json::Object& self) {
  const auto* key = string_of(self, "key");
  if (key == nullptr) return;
  std::string hive = key->substr(0, std::min(key->find('\\'), std::size_t{5}));
  for (char& c : hive) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  if (std::find(hive_abbreviations.begin(), hive_abbreviations.end(), hive) !=
      hive_abbreviations.end()) {
    judge.found_at("key", CheckId::Value,
                   fmt::format("{}: the hive is not abbreviated", quoted(*key)), "6.17");
  }
}

}  // namespace comity::stix
