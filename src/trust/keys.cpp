#include "trust/keys.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <algorithm>
#include <array>

#include "trust/openssl.h"

namespace comity::trust {
namespace {

using PrivateKey = Owned<EVP_PKEY, EVP_PKEY_free>;
using Context = Owned<EVP_MD_CTX, EVP_MD_CTX_free>;
using Stream = Owned<BIO, BIO_free>;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

tl::unexpected<Error> bad_key(std::string_view found) {
  return fail(ErrorKind::InvalidInput,
              fmt::format("{}; expected one Ed25519 private key as PKCS#8 PEM without passphrase "
                          "(BEGIN PRIVATE KEY)",
                          found));
}

// A number of 32 bytes, the least significant first, with the sign bit taken away.
using Coordinate = std::array<std::uint8_t, public_key_bytes>;

Coordinate y_of(std::string_view public_key) {
  Coordinate y{};
  std::copy(public_key.begin(), public_key.end(), y.begin());
  y.back() &= 0x7F;
  return y;
}

// 2^255 - 19, the prime of the curve, with `low` in place of its lowest byte 0xED.
constexpr Coordinate near_prime(std::uint8_t low) {
  Coordinate value{};
  value.fill(0xFF);
  value.front() = low;
  value.back() = 0x7F;
  return value;
}

// Y below the prime: RFC 8032 section 5.1.3 step 1 demands it, OpenSSL does not look.
bool is_reduced(const Coordinate& y) {
  const auto prime = near_prime(0xED);
  return std::lexicographical_compare(y.rbegin(), y.rend(), prime.rbegin(), prime.rend());
}

// The y of the points whose order divides eight. Under such a key one signature holds for many
// texts, so it names nobody.
bool has_small_order(const Coordinate& y) {
  constexpr std::array<Coordinate, 5> values = {{
      {0},               // order 4
      {1},               // the neutral point
      near_prime(0xEC),  // -1: order 2
      {0x26, 0xE8, 0x95, 0x8F, 0xC2, 0xB2, 0x27, 0xB0, 0x45, 0xC3, 0xF4,
       0x89, 0xF2, 0xEF, 0x98, 0xF0, 0xD5, 0xDF, 0xAC, 0x05, 0xD3, 0xC6,
       0x33, 0x39, 0xB1, 0x38, 0x02, 0x88, 0x6D, 0x53, 0xFC, 0x05},  // order 8
      {0xC7, 0x17, 0x6A, 0x70, 0x3D, 0x4D, 0xD8, 0x4F, 0xBA, 0x3C, 0x0B,
       0x76, 0x0D, 0x10, 0x67, 0x0F, 0x2A, 0x20, 0x53, 0xFA, 0x2C, 0x39,
       0xCC, 0xC6, 0x4E, 0xC7, 0xFD, 0x77, 0x92, 0xAC, 0x03, 0x7A},  // order 8
  }};
  return std::find(values.begin(), values.end(), y) != values.end();
}

}  // namespace

struct SigningKey::Key {
  PrivateKey value;
};

SigningKey::SigningKey(std::unique_ptr<Key> key) : key_(std::move(key)) {}
SigningKey::SigningKey(SigningKey&&) noexcept = default;
SigningKey& SigningKey::operator=(SigningKey&&) noexcept = default;
SigningKey::~SigningKey() = default;

SigningKey SigningKey::generate() {
  PrivateKey key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  CHECK(key != nullptr);
  return SigningKey(std::make_unique<Key>(Key{std::move(key)}));
}

Result<SigningKey> SigningKey::from_pem(const std::string& pem) {
  if (pem.size() > pem_bytes_max) {
    return fail(ErrorKind::TooLarge, fmt::format("a key file of {} bytes; at most {} are read",
                                                 pem.size(), pem_bytes_max));
  }
  const auto start = pem.find("-----BEGIN ");
  if (start == std::string::npos || !pem.substr(start).starts_with("-----BEGIN PRIVATE KEY-----")) {
    return bad_key("this is another kind of file");
  }
  if (pem.find("-----BEGIN ", start + 1) != std::string::npos) return bad_key("two PEM blocks");
  const QuietErrors quiet;
  const Stream stream(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  CHECK(stream != nullptr);
  PrivateKey key(PEM_read_bio_PrivateKey(stream.get(), nullptr, no_passphrase, nullptr));
  if (!key) return bad_key("the key is damaged");
  if (EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_ED25519) return bad_key("another kind of key");
  return SigningKey(std::make_unique<Key>(Key{std::move(key)}));
}

std::string SigningKey::to_pem() const {
  // Memory of this stream is wiped when it is freed.
  const Stream stream(BIO_new(BIO_s_secmem()));
  CHECK(stream != nullptr);
  CHECK(PEM_write_bio_PKCS8PrivateKey(stream.get(), key_->value.get(), nullptr, nullptr, 0, nullptr,
                                      nullptr) == 1);
  char* data = nullptr;
  const long size = BIO_get_mem_data(stream.get(), &data);
  CHECK(size > 0);
  return {data, static_cast<std::size_t>(size)};
}

std::string SigningKey::public_key() const {
  std::string out(public_key_bytes, '\0');
  auto size = out.size();
  CHECK(EVP_PKEY_get_raw_public_key(key_->value.get(), reinterpret_cast<unsigned char*>(out.data()),
                                    &size) == 1);
  CHECK(size == public_key_bytes);
  return out;
}

std::string SigningKey::sign(std::string_view bytes) const {
  const Context context(EVP_MD_CTX_new());
  CHECK(context != nullptr);
  CHECK(EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key_->value.get()) == 1);
  std::string out(signature_bytes, '\0');
  auto size = out.size();
  CHECK(EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(out.data()), &size,
                       bytes_of(bytes), bytes.size()) == 1);
  CHECK(size == signature_bytes);
  return out;
}

bool verify_signature(std::string_view public_key, std::string_view bytes,
                      std::string_view signature) {
  if (!is_public_key(public_key) || signature.size() != signature_bytes) return false;
  const QuietErrors quiet;
  const PrivateKey key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytes_of(public_key),
                                                   public_key.size()));
  const Context context(EVP_MD_CTX_new());
  CHECK(context != nullptr);
  if (!key || EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) != 1) {
    return false;
  }
  // OpenSSL refuses an S that is not reduced and compares R byte by byte.
  return EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(), bytes_of(bytes),
                          bytes.size()) == 1;
}

bool is_public_key(std::string_view bytes) {
  if (bytes.size() != public_key_bytes) return false;
  const auto y = y_of(bytes);
  return is_reduced(y) && !has_small_order(y);
}

std::string key_id(std::string_view public_key) { return hex(sha256(public_key)).substr(0, 16); }

}  // namespace comity::trust
