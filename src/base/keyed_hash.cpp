#include "base/keyed_hash.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <array>

#include "base/result.h"

namespace comity {
namespace {

constexpr std::size_t hash_bytes = 16;

// Fetched once, as sha256_method is.
EVP_MAC* siphash_method() {
  static EVP_MAC* method = EVP_MAC_fetch(nullptr, "SIPHASH", nullptr);
  CHECK(method != nullptr);
  return method;
}

const unsigned char* raw(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

std::uint64_t little_endian(const std::uint8_t* bytes) {
  std::uint64_t out = 0;
  for (std::size_t i = 0; i < 8; ++i) out |= std::uint64_t{bytes[i]} << (8 * i);
  return out;
}

}  // namespace

struct KeyedHash::Context {
  Context() : mac(EVP_MAC_CTX_new(siphash_method())) {
    CHECK(mac != nullptr);
    std::size_t size = hash_bytes;
    const OSSL_PARAM settings[] = {OSSL_PARAM_construct_size_t(OSSL_MAC_PARAM_SIZE, &size),
                                   OSSL_PARAM_construct_end()};
    CHECK(EVP_MAC_CTX_set_params(mac, settings) == 1);
  }
  ~Context() { EVP_MAC_CTX_free(mac); }
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  EVP_MAC_CTX* mac;
};

KeyedHash::KeyedHash(std::string key) : key_(std::move(key)), context_(new Context) {
  CHECK(key_.size() == hash_key_bytes);
}

KeyedHash::KeyedHash(KeyedHash&&) noexcept = default;
KeyedHash::~KeyedHash() = default;

Hash128 KeyedHash::operator()(std::string_view bytes) const {
  std::array<std::uint8_t, hash_bytes> out;
  std::size_t written = 0;
  auto* mac = context_->mac;
  CHECK(EVP_MAC_init(mac, raw(key_), key_.size(), nullptr) == 1);
  CHECK(EVP_MAC_update(mac, raw(bytes), bytes.size()) == 1);
  CHECK(EVP_MAC_final(mac, out.data(), &written, out.size()) == 1 && written == out.size());
  return {little_endian(out.data()), little_endian(out.data() + 8)};
}

}  // namespace comity
