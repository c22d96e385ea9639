// What all signed statements between nodes have in common: a STIX 2.1 object of a type of our own
// (sections 3.1 and 7.3), written in its RFC 8785 form and signed by the node key. Pure functions.
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/time.h"
#include "exchange/member_reader.h"
#include "json/value.h"
#include "trust/keys.h"

namespace comity::exchange {

// A signed object: its text as it travels and is kept, and the digest by which others name it.
struct SignedObject {
  std::string bytes;
  Digest digest{};
};

// An object with the members that STIX asks for; `extension` is the id of the extension definition
// that introduces its type.
json::Object new_frame(const char* type, const std::string& id, Instant time,
                       const char* extension);

// Reads these members, the format and the presence of a signature. Gives the instant of `created`.
Instant read_frame(MemberReader& reader, const char* type, const char* extension,
                   std::int64_t format, std::string& id);

SignedObject signed_object(json::Object object, const trust::SigningKey& key);

// The object whose signature by `public_key` holds. NotVerified, or InvalidInput when it is none.
Result<json::Value> verified_object(std::string_view bytes, std::string_view public_key);

}  // namespace comity::exchange
