// The key of a node to which others seal bundles: an elliptic curve key on P-256 (SEC 1, RFC 5480).
#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>

#include "trust/keys.h"
#include "trust/openssl.h"

namespace comity::trust {
namespace {

using PrivateKey = Owned<EVP_PKEY, EVP_PKEY_free>;
using Stream = Owned<BIO, BIO_free>;
using Group = Owned<EC_GROUP, EC_GROUP_free>;
using Point = Owned<EC_POINT, EC_POINT_free>;

constexpr std::size_t uncompressed_bytes = 65;

// The compressed form of a point in either form; empty when it is none of the curve.
std::string compressed(std::string_view encoded) {
  const QuietErrors quiet;
  const Group group(EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1));
  CHECK(group != nullptr);
  const Point point(EC_POINT_new(group.get()));
  CHECK(point != nullptr);
  if (EC_POINT_oct2point(group.get(), point.get(),
                         reinterpret_cast<const unsigned char*>(encoded.data()), encoded.size(),
                         nullptr) != 1 ||
      EC_POINT_is_at_infinity(group.get(), point.get()) == 1) {
    return {};
  }
  std::string out(seal_key_bytes, '\0');
  CHECK(EC_POINT_point2oct(group.get(), point.get(), POINT_CONVERSION_COMPRESSED,
                           reinterpret_cast<unsigned char*>(out.data()), out.size(),
                           nullptr) == out.size());
  return out;
}

// The public point of a P-256 key; empty when the key is of another curve.
std::string point_of(const EVP_PKEY* key) {
  std::string encoded(uncompressed_bytes, '\0');
  std::size_t size = 0;
  if (EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY,
                                      reinterpret_cast<unsigned char*>(encoded.data()),
                                      encoded.size(), &size) != 1) {
    return {};
  }
  return compressed(std::string_view(encoded).substr(0, size));
}

}  // namespace

SealKey make_seal_key() {
  const PrivateKey key(EVP_EC_gen("P-256"));
  CHECK(key != nullptr);
  // Memory of this stream is wiped when it is freed.
  const Stream stream(BIO_new(BIO_s_secmem()));
  CHECK(stream != nullptr);
  CHECK(PEM_write_bio_PKCS8PrivateKey(stream.get(), key.get(), nullptr, nullptr, 0, nullptr,
                                      nullptr) == 1);
  char* data = nullptr;
  const long size = BIO_get_mem_data(stream.get(), &data);
  CHECK(size > 0);
  SealKey out{point_of(key.get()), {data, static_cast<std::size_t>(size)}};
  CHECK(is_seal_key(out.public_key));
  return out;
}

Result<SealKey> read_seal_key(const std::string& private_pem) {
  const auto wrong = fail(ErrorKind::InvalidInput,
                          "no seal key; expected a P-256 private key as PKCS#8 PEM without "
                          "passphrase");
  if (private_pem.size() > pem_bytes_max ||
      private_pem.find("-----BEGIN PRIVATE KEY-----") == std::string::npos) {
    return wrong;
  }
  const QuietErrors quiet;
  const Stream stream(BIO_new_mem_buf(private_pem.data(), static_cast<int>(private_pem.size())));
  CHECK(stream != nullptr);
  const PrivateKey key(PEM_read_bio_PrivateKey(stream.get(), nullptr, no_passphrase, nullptr));
  if (!key || EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_EC) return wrong;
  char curve[32] = {};
  if (EVP_PKEY_get_group_name(key.get(), curve, sizeof curve, nullptr) != 1 ||
      std::string_view(curve) != "prime256v1") {
    return wrong;
  }
  SealKey out{point_of(key.get()), private_pem};
  if (out.public_key.empty()) return wrong;
  return out;
}

bool is_seal_key(std::string_view bytes) {
  return bytes.size() == seal_key_bytes && compressed(bytes) == bytes;
}

}  // namespace comity::trust
