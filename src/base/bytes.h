// Bytes as text and digests. Everything here is pure and safe to call from any thread.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace comity {

// A SHA-256 value (FIPS 180-4).
using Digest = std::array<std::uint8_t, 32>;

Digest sha256(std::string_view bytes);

// SHA-256 over parts, as if they were one string.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;

  Sha256& add(std::string_view bytes);
  // Ends the computation; the object is not used again.
  Digest finish();

 private:
  void* context_;  // EVP_MD_CTX, owned
};

// HMAC-SHA-256 (RFC 2104).
Digest hmac_sha256(std::string_view key, std::string_view bytes);
// Compares without telling by its time where the first difference lies.
bool equal_in_constant_time(std::string_view a, std::string_view b);

// Shortens UTF-8 text to at most so many bytes, not within a character.
void cut_utf8(std::string& text, std::size_t bytes_max);

std::string hex(std::span<const std::uint8_t> bytes);
std::string hex(std::string_view bytes);
Result<std::string> from_hex(std::string_view text);

// "sha256:" and 64 hexadecimal digits: how digests are written in every format of ours.
std::string digest_text(const Digest& digest);
Result<Digest> digest_from_text(std::string_view text);

// RFC 4648 section 5 without padding.
std::string base64url(std::string_view bytes);
Result<std::string> from_base64url(std::string_view text);
// RFC 4648 section 4 with padding.
std::string base64(std::string_view bytes);
Result<std::string> from_base64(std::string_view text);

inline std::string_view view(const Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

// Requires exactly 32 bytes.
Result<Digest> digest_from_bytes(std::string_view bytes);

}  // namespace comity
