// Keys that every test of this folder shares: the first two of RFC 8032 section 7.1.
#pragma once

#include <string>

#include "trust/keys.h"

namespace comity::trust {

// The PKCS#8 form (RFC 8410 section 7) of an Ed25519 seed of 32 bytes.
inline std::string pem_from_seed(const std::string& seed_hex) {
  const auto der = *from_hex("302e020100300506032b657004220420" + seed_hex);
  return "-----BEGIN PRIVATE KEY-----\n" + base64(der) + "\n-----END PRIVATE KEY-----\n";
}

constexpr const char* seed_1 = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
constexpr const char* seed_2 = "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb";

inline SigningKey key_1() { return *SigningKey::from_pem(pem_from_seed(seed_1)); }
inline SigningKey key_2() { return *SigningKey::from_pem(pem_from_seed(seed_2)); }

// Some other Ed25519 key, the same for the same number.
inline SigningKey key_number(int number) {
  return *SigningKey::from_pem(pem_from_seed(hex(sha256("key " + std::to_string(number)))));
}

}  // namespace comity::trust
