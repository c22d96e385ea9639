// The key of an officer: an Ed25519 key in a file under a passphrase. Officers sign approvals with
// it; a node never holds one.
//
// The file is PKCS#8 PEM ("BEGIN ENCRYPTED PRIVATE KEY"), encrypted as RFC 8018 PBES2 with PBKDF2
// (HMAC-SHA-256) and AES-256-CBC; nothing else is read. Form: docs/formats/officers.md. Functions
// may be called from any thread; each derivation takes a good part of a second, on purpose.
#pragma once

#include <string>
#include <string_view>

#include "trust/keys.h"

namespace comity::trust {

constexpr int officer_key_iterations = 600'000;        // of PBKDF2; fewer are refused
constexpr int officer_key_iterations_max = 2'000'000;  // of a file that is read
constexpr std::size_t officer_key_salt_bytes = 16;
constexpr std::size_t passphrase_bytes_min = 12;
constexpr std::size_t passphrase_bytes_max = 1024;

// InvalidInput unless the passphrase has a length within the two bounds.
Status check_passphrase(std::string_view passphrase);

// The text of the file. Asks for a passphrase that check_passphrase takes.
Result<std::string> seal_officer_key(const SigningKey& key, std::string_view passphrase,
                                     int iterations = officer_key_iterations);

// NotVerified when the passphrase does not open it; InvalidInput for another form of file.
Result<SigningKey> open_officer_key(const std::string& pem, std::string_view passphrase);

}  // namespace comity::trust
