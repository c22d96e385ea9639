// Private and public keys of a node. Ed25519 (RFC 8032) signs protocol objects and checkpoints; P-256 is
// for TLS certificates. Objects own their key; they may be used from several threads at once.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/time.h"

namespace comity::trust {

// An Ed25519 private key.
class SigningKey {
 public:
  static SigningKey generate();
  // PKCS#8 PEM without passphrase.
  static Result<SigningKey> from_pem(const std::string& pem);
  std::string to_pem() const;

  std::string public_key() const;                        // 32 bytes
  std::string sign(std::string_view bytes) const;        // 64 bytes

  SigningKey(SigningKey&&) noexcept;
  SigningKey& operator=(SigningKey&&) noexcept;
  ~SigningKey();

 private:
  struct Key;
  explicit SigningKey(std::unique_ptr<Key> key);
  std::unique_ptr<Key> key_;
};

// Strict verification; false also for a malformed key or signature.
bool verify_signature(std::string_view public_key, std::string_view bytes,
                      std::string_view signature);

// How a key is named in `kid`: the first 16 hexadecimal digits of SHA-256 of the raw public key.
std::string key_id(std::string_view public_key);

struct TlsIdentity {
  std::string certificate_pem, key_pem;
};

// A self-signed P-256 certificate. Peers pin its digest; its names are for people only.
Result<TlsIdentity> make_tls_identity(const std::string& common_name, Instant not_before,
                                      Instant not_after);
// SHA-256 of the DER form.
Result<Digest> certificate_digest(const std::string& certificate_pem);

// One numbered statement of a root: this key of this party is for this use (docs/formats/keys.md).
struct KeyRecord {
  std::string party, mode;  // "CN", "exercise" | "operational"
  std::string use;          // "node", "tls"
  std::string algorithm;    // "Ed25519", "P-256"
  std::string key;          // raw Ed25519 key, or the certificate's digest for tls
  Instant not_before, not_after;
  std::int64_t number = 0;
};

// The record as JSON text with `signature` (detached JWS) by the root key; and back, verified.
std::string sign_key_record(const KeyRecord& record, const SigningKey& root);
Result<KeyRecord> open_key_record(const std::string& text, std::string_view root_public_key);

}  // namespace comity::trust
