// What a root takes back: one of its keys, or itself. Form: docs/formats/keys.md.
//
// Neither says when: it counts from the moment at which whoever reads it enters it in their own
// ledger. The revocation of a root is signed when the root is made, and kept offline for the day on
// which the root is lost or in other hands. Values; pure functions.
#pragma once

#include <string>
#include <string_view>

#include "trust/keys.h"

namespace comity::trust {

constexpr std::size_t revocation_bytes_max = 4 * 1024;

struct KeyRevocation {
  std::string party, mode, use;
  std::int64_t number = 0;  // of the key record that it ends
  bool operator==(const KeyRevocation&) const = default;
};

// As JSON text with `signature` by the root key; and back, verified. Signing asks for a party, a
// mode, a use and a number as a key record has them.
std::string sign_key_revocation(const KeyRevocation& revocation, const SigningKey& root);
Result<KeyRevocation> open_key_revocation(const std::string& text,
                                          std::string_view root_public_key);

struct RootRevocation {
  std::string party, mode;
  std::string root;  // raw public key: the one that signed it
  bool operator==(const RootRevocation&) const = default;
};

std::string sign_root_revocation(const std::string& party, const std::string& mode,
                                 const SigningKey& root);
// Verified by the root key that it names itself: whether that is the root of a party is for the
// caller to compare.
Result<RootRevocation> open_root_revocation(const std::string& text);

}  // namespace comity::trust
