// A STIX 2.1 object as received: its bytes stay as they came, and this is what was read from them.
//
// Checked here are the rules that every object must follow (STIX 2.1 sections 2.9, 3.1, 3.2, 3.3):
// type, id, spec_version, timestamps, well-formed references. Unknown types and properties are
// kept, not judged. An Object owns its tree and is independent of the bytes it was read from.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/time.h"
#include "json/value.h"

namespace comity::stix {

constexpr std::size_t object_bytes_max = 8 * 1024 * 1024;
constexpr std::size_t references_max = 100'000;  // that one object names

struct Object {
  std::string id, type;
  std::optional<Instant> created, modified;
  std::vector<std::string>
      names;  // ids in _ref and _refs properties, sorted, once each, not its own
  std::vector<std::string> marking_refs;  // object markings, then granular ones
  Digest digest{};                        // SHA-256 of the RFC 8785 bytes
  json::Value value;

  // What orders versions of one id: `modified`, else `created`.
  std::optional<Instant> version() const { return modified ? modified : created; }
};

// Errors name the JSON path, what was found, what was expected and the section of the standard.
Result<Object> read_object(std::string_view bytes);

// The id of what `read_object` refuses, so that a report can name it; empty where the bytes are no
// JSON object with an identifier (STIX 2.1 section 2.9).
std::string readable_id(std::string_view bytes);

// "type--uuid" with a lower-case type and an RFC 9562 UUID (section 2.9).
bool is_identifier(std::string_view text);
// The part before "--"; the whole text when there is none.
std::string_view type_of(std::string_view id);
// Section 6: STIX Cyber-observable Objects, which have no creation time of their own.
bool is_observable(std::string_view type);

}  // namespace comity::stix
