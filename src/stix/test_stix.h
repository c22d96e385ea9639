// Objects of STIX 2.1 for tests: the smallest of each type that is valid under `strict`.
#pragma once

#include <fmt/format.h>

#include <map>
#include <string>
#include <string_view>

#include "base/test_support.h"
#include "json/parse.h"
#include "stix/observable_id.h"
#include "stix/schema.h"

namespace comity::stix {

inline std::string_view smallest_members(std::string_view type) {
  constexpr std::string_view named = R"("name":"a")";
  constexpr std::string_view about =
      R"("object_refs":["malware--31b940d4-6f7f-459a-80ea-9c1f17b5891b"])";
  static const std::map<std::string, std::string, std::less<>> members = {
      {"grouping", fmt::format(R"("context":"unspecified",{})", about)},
      {"indicator",
       R"("name":"a","description":"b","pattern":"[file:size = 1]","pattern_type":"stix",)"
       R"("valid_from":"2016-01-01T00:00:00Z")"},
      {"location", R"("region":"africa")"},
      {"malware", R"("name":"a","is_family":false)"},
      {"malware-analysis", R"("product":"a","result":"unknown")"},
      {"note", fmt::format(R"("content":"a",{})", about)},
      {"observed-data",
       R"("first_observed":"2016-01-01T00:00:00Z","last_observed":"2016-01-01T00:00:00Z",)"
       R"("number_observed":1,"object_refs":["file--5a27d487-c542-5f97-a131-a8866b477b46"])"},
      {"opinion", fmt::format(R"("opinion":"neutral",{})", about)},
      {"report", fmt::format(R"("name":"a","published":"2016-01-01T00:00:00Z",{})", about)},
      {"relationship", R"("relationship_type":"indicates",)"
                       R"("source_ref":"indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f",)"
                       R"("target_ref":"malware--31b940d4-6f7f-459a-80ea-9c1f17b5891b")"},
      {"sighting", R"("sighting_of_ref":"malware--31b940d4-6f7f-459a-80ea-9c1f17b5891b")"},
      {"artifact",
       R"("url":"http://example.com/a","hashes":{"MD5":"B4D33B0C7306351B9ED96578465C5579"})"},
      {"autonomous-system", R"("number":1)"},
      {"directory", R"("path":"/a")"},
      {"domain-name", R"("value":"example.com")"},
      {"email-addr", R"("value":"a@example.com")"},
      {"email-message", R"("is_multipart":false,"subject":"a","body":"b")"},
      {"ipv4-addr", R"("value":"192.0.2.1")"},
      {"ipv6-addr", R"("value":"2001:db8::1")"},
      {"mac-addr", R"("value":"d2:fb:49:24:37:18")"},
      {"network-traffic",
       R"("dst_ref":"ipv4-addr--e42c19c8-f9fe-5ae9-9fc8-22c398f78fb7","src_port":1,"dst_port":2,)"
       R"("protocols":["ipv4","tcp"])"},
      {"process", R"("pid":1)"},
      {"url", R"("value":"http://example.com/")"},
      {"user-account", R"("user_id":"a")"},
      {"windows-registry-key", R"("key":"hkey_local_machine\\a")"},
      {"x509-certificate", R"("serial_number":"a")"},
      {"language-content", R"("object_ref":"malware--31b940d4-6f7f-459a-80ea-9c1f17b5891b",)"
                           R"("contents":{"ar":{"name":"a"}})"},
      {"marking-definition", R"("definition_type":"statement","definition":{"statement":"a"})"},
      {"extension-definition",
       R"("name":"a","description":"b","schema":"c","version":"1",)"
       R"("extension_types":["property-extension"],)"
       R"("created_by_ref":"identity--f431f809-377b-45e0-aa1c-6a4751cae5ff")"},
  };
  const auto at = members.find(type);
  return at == members.end() ? named : std::string_view(at->second);
}

// Of a type that the standard defines; a bundle without objects.
inline json::Value smallest(std::string_view type) {
  constexpr std::string_view uuid = "e3f2a9c4-5f2c-4b43-91de-0f1d8c3f2c5a";
  const auto* known = find_type(type);
  std::string text = fmt::format(R"({{"type":"{0}","id":"{0}--{1}")", type, uuid);
  if (known->category == Category::Bundle) return test::must(json::parse(text + "}"));
  text += R"(,"spec_version":"2.1",)";
  if (known->category != Category::Sco) text += R"("created":"2016-04-06T20:03:48.000Z",)";
  if (known->category != Category::Sco && type != "marking-definition") {
    text += R"("modified":"2016-04-06T20:03:48.000Z",)";
  }
  auto out = test::must(json::parse(text + std::string(smallest_members(type)) + "}"));
  if (const auto id = known->category == Category::Sco ? deterministic_id(out) : std::nullopt) {
    out.object()->set("id", *id);
  }
  return out;
}

// Whether a JSON value is of the JSON type that a data type is written as.
inline bool is_of_kind(Kind kind, const json::Value& value) {
  switch (kind) {
    case Kind::Boolean:
      return value.boolean() != nullptr;
    case Kind::Integer:
      return value.integer() != nullptr;
    case Kind::Float:
      return value.integer() != nullptr || value.number() != nullptr;
    case Kind::Hashes:
    case Kind::Dictionary:
    case Kind::Nested:
      return value.object() != nullptr;
    case Kind::String:
    case Kind::Timestamp:
    case Kind::Binary:
    case Kind::Hex:
    case Kind::Reference:
      return value.string() != nullptr;
    case Kind::Special:
      return true;
  }
  return false;
}

}  // namespace comity::stix
