// Private and public keys of a node. Ed25519 (RFC 8032) signs protocol objects and checkpoints;
// P-256 is for TLS certificates and for sealing bundles. Objects own their key; they may be used
// from several threads at once.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/time.h"

namespace comity::trust {

constexpr std::size_t pem_bytes_max = 16 * 1024;        // one key or certificate
constexpr std::size_t key_record_bytes_max = 4 * 1024;  // one signed key record
constexpr std::size_t common_name_bytes_max = 64;       // ub-common-name of RFC 5280
constexpr std::size_t party_code_bytes_max = 32;
constexpr std::size_t public_key_bytes = 32;  // Ed25519
constexpr std::size_t signature_bytes = 64;   // Ed25519
constexpr std::size_t seal_key_bytes = 33;    // P-256, SEC 1 section 2.3.3 with compression

// An Ed25519 private key.
class SigningKey {
 public:
  static SigningKey generate();
  // PKCS#8 PEM without passphrase.
  static Result<SigningKey> from_pem(const std::string& pem);
  std::string to_pem() const;

  std::string public_key() const;                  // 32 bytes
  std::string sign(std::string_view bytes) const;  // 64 bytes

  SigningKey(SigningKey&&) noexcept;
  SigningKey& operator=(SigningKey&&) noexcept;
  ~SigningKey();

 private:
  struct Key;
  explicit SigningKey(std::unique_ptr<Key> key);
  std::unique_ptr<Key> key_;
};

// Strict verification: false also for a malformed key or signature, a key that is not in its only
// spelling or has small order (any signature would hold under it), and an S that is not reduced.
bool verify_signature(std::string_view public_key, std::string_view bytes,
                      std::string_view signature);

// Whether these bytes can be pinned as an Ed25519 key: 32 of them, in their only spelling, of a
// point without small order. That the point is on the curve is seen at the first signature.
bool is_public_key(std::string_view bytes);

// How a key is named in `kid`: the first 16 hexadecimal digits of SHA-256 of the raw public key.
std::string key_id(std::string_view public_key);

struct TlsIdentity {
  std::string certificate_pem, key_pem;
};

// A self-signed P-256 certificate for client and server. Peers pin its digest; its names are for
// people only. `common_name` has the form of a DNS name and is also its only alternative name.
Result<TlsIdentity> make_tls_identity(const std::string& common_name, Instant not_before,
                                      Instant not_after);
// SHA-256 of the DER form.
Result<Digest> certificate_digest(const std::string& certificate_pem);

// A P-256 key to which others seal bundles; its owner opens them.
struct SealKey {
  std::string public_key;   // seal_key_bytes
  std::string private_pem;  // PKCS#8 PEM without passphrase
};
SealKey make_seal_key();
// The key of a private file.
Result<SealKey> read_seal_key(const std::string& private_pem);
// Whether these bytes are a point of P-256 in compressed form.
bool is_seal_key(std::string_view bytes);

// One numbered statement of a root: this key of this party is for this use (docs/formats/keys.md).
struct KeyRecord {
  std::string party, mode;  // "CN", "exercise" | "operational"
  std::string use;          // "node", "tls", "seal"
  std::string algorithm;    // "Ed25519", "P-256"
  std::string key;          // raw Ed25519 key; the certificate's digest for tls; the point for seal
  Instant not_before, not_after;
  std::int64_t number = 0;
};

// The algorithm that belongs to a use; empty for a use that there is not.
std::string_view algorithm_of(std::string_view use);

// InvalidInput, naming the member, unless the record can be written: known party form, mode, use
// with its algorithm, a key of the right form, not_before < not_after, number from 1.
Status check_key_record(const KeyRecord& record);

// The record as JSON text with `signature` (detached JWS) by the root key; and back, verified.
// Signing asks for a record that check_key_record takes; instants are cut to whole seconds. Opening
// does not look at the clock or at the number: whether it is valid now and new is the caller's
// rule.
std::string sign_key_record(const KeyRecord& record, const SigningKey& root);
Result<KeyRecord> open_key_record(const std::string& text, std::string_view root_public_key);
// Reads one that was verified and kept.
Result<KeyRecord> read_key_record(const std::string& text);

}  // namespace comity::trust
