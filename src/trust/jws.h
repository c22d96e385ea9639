// Detached JWS (RFC 7515 appendix F, RFC 7797) over RFC 8785 bytes: the only signature on protocol
// objects. The protected header is exactly {"alg":"EdDSA","kid":…,"typ":…} with "b64":false and
// "crit":["b64"]; alg is fixed by the pinned key and never chosen by the message; typ is the
// object's type, so that one kind cannot pass for another. Form: docs/formats/signature.md.
#pragma once

#include <string>
#include <string_view>

#include "json/value.h"
#include "trust/keys.h"

namespace comity::trust {

// Adds or replaces member `signature`; the object's `type` becomes typ.
void sign_object(json::Object& object, const SigningKey& key);

// What a signature of this key over `object` signs: the protected header, a point, and the RFC 8785
// bytes of the object without `signature`. For who signs elsewhere than here, with a key of their
// own. `object` must have a type.
std::string signing_input(const json::Object& object, std::string_view public_key);

// NotVerified, saying which part does not hold, unless `object` carries a signature of `public_key`
// over itself without `signature`, with typ = its type.
Status verify_object(const json::Object& object, std::string_view public_key);

}  // namespace comity::trust
