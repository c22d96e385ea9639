#include "base/bytes.h"

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>

namespace comity {
namespace {

constexpr std::string_view url_alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::string_view standard_alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// Fetched once: the implicit fetch of OpenSSL 3.0 costs more than hashing a short string.
const EVP_MD* sha256_method() {
  static const EVP_MD* method = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  CHECK(method != nullptr);
  return method;
}

std::string encode(std::string_view bytes, std::string_view alphabet) {
  std::string out;
  out.reserve((bytes.size() * 4 + 2) / 3 + 2);
  std::uint32_t buffer = 0;
  int bits = 0;
  for (const char c : bytes) {
    buffer = (buffer << 8) | static_cast<std::uint8_t>(c);
    bits += 8;
    while (bits >= 6) {
      bits -= 6;
      out.push_back(alphabet[(buffer >> bits) & 63]);
    }
  }
  if (bits > 0) out.push_back(alphabet[(buffer << (6 - bits)) & 63]);
  return out;
}

// Strict: unused trailing bits must be zero, so that one value has one spelling.
Result<std::string> decode(std::string_view text, std::string_view alphabet) {
  std::string out;
  out.reserve(text.size() * 3 / 4);
  std::uint32_t buffer = 0;
  int bits = 0;
  for (const char c : text) {
    const auto value = alphabet.find(c);
    if (value == std::string_view::npos) {
      return fail(ErrorKind::InvalidInput, "not base64: a character outside the alphabet");
    }
    buffer = (buffer << 6) | static_cast<std::uint32_t>(value);
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      out.push_back(static_cast<char>((buffer >> bits) & 0xff));
    }
  }
  if (bits >= 6 || (buffer & ((1U << bits) - 1)) != 0) {
    return fail(ErrorKind::InvalidInput, "not base64: it ends within a byte");
  }
  return out;
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

}  // namespace

Sha256::Sha256() : context_(EVP_MD_CTX_new()) {
  CHECK(context_ != nullptr);
  CHECK(EVP_DigestInit_ex2(static_cast<EVP_MD_CTX*>(context_), sha256_method(), nullptr) == 1);
}

Sha256::~Sha256() { EVP_MD_CTX_free(static_cast<EVP_MD_CTX*>(context_)); }

Sha256& Sha256::add(std::string_view bytes) {
  CHECK(EVP_DigestUpdate(static_cast<EVP_MD_CTX*>(context_), bytes.data(), bytes.size()) == 1);
  return *this;
}

Digest Sha256::finish() {
  Digest out{};
  CHECK(EVP_DigestFinal_ex(static_cast<EVP_MD_CTX*>(context_), out.data(), nullptr) == 1);
  return out;
}

Digest sha256(std::string_view bytes) {
  Digest out{};
  CHECK(EVP_Digest(bytes.data(), bytes.size(), out.data(), nullptr, sha256_method(), nullptr) == 1);
  return out;
}

Digest hmac_sha256(std::string_view key, std::string_view bytes) {
  constexpr std::size_t block_bytes = 64;
  std::string padded(key);
  if (key.size() > block_bytes) padded = view(sha256(key));
  padded.resize(block_bytes, '\0');
  std::string inner = padded, outer = padded;
  for (auto& c : inner) c = static_cast<char>(c ^ 0x36);
  for (auto& c : outer) c = static_cast<char>(c ^ 0x5c);
  const auto digest = Sha256().add(inner).add(bytes).finish();
  return Sha256().add(outer).add(view(digest)).finish();
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

void cut_utf8(std::string& text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return;
  auto end = bytes_max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  text.resize(end);
}

std::string hex(std::span<const std::uint8_t> bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const std::uint8_t byte : bytes) {
    out.push_back(digits[byte >> 4]);
    out.push_back(digits[byte & 15]);
  }
  return out;
}

std::string hex(std::string_view bytes) {
  return hex(std::span(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()));
}

Result<std::string> from_hex(std::string_view text) {
  if (text.size() % 2 != 0) {
    return fail(ErrorKind::InvalidInput, "not hexadecimal: an odd number of digits");
  }
  std::string out;
  out.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = hex_value(text[i]);
    const int low = hex_value(text[i + 1]);
    if (high < 0 || low < 0) {
      return fail(ErrorKind::InvalidInput, "not hexadecimal: expected 0-9 and a-f");
    }
    out.push_back(static_cast<char>(high * 16 + low));
  }
  return out;
}

std::string digest_text(const Digest& digest) { return "sha256:" + hex(digest); }

Result<Digest> digest_from_text(std::string_view text) {
  constexpr std::string_view prefix = "sha256:";
  if (!text.starts_with(prefix) || text.size() != prefix.size() + 64) {
    return fail(ErrorKind::InvalidInput,
                fmt::format("'{}' is no digest: expected sha256: and 64 hexadecimal digits",
                            text.substr(0, 80)));
  }
  TRY(const auto bytes, from_hex(text.substr(prefix.size())));
  return digest_from_bytes(bytes);
}

std::string base64url(std::string_view bytes) { return encode(bytes, url_alphabet); }

Result<std::string> from_base64url(std::string_view text) { return decode(text, url_alphabet); }

std::string base64(std::string_view bytes) {
  auto out = encode(bytes, standard_alphabet);
  while (out.size() % 4 != 0) out.push_back('=');
  return out;
}

Result<std::string> from_base64(std::string_view text) {
  if (text.size() % 4 != 0) {
    return fail(ErrorKind::InvalidInput, "not base64: the length is no multiple of four");
  }
  for (int i = 0; i < 2 && text.ends_with('='); ++i) text.remove_suffix(1);
  return decode(text, standard_alphabet);
}

Result<Digest> digest_from_bytes(std::string_view bytes) {
  Digest out{};
  if (bytes.size() != out.size()) {
    return fail(ErrorKind::InvalidInput,
                fmt::format("a digest has 32 bytes, this has {}", bytes.size()));
  }
  std::copy(bytes.begin(), bytes.end(), reinterpret_cast<char*>(out.data()));
  return out;
}

}  // namespace comity
