// The self-signed certificate of a node (RFC 5280). The four extensions are written as their few
// bytes of DER: OpenSSL's reader of extension texts is a small language of its own, into which a
// name from a configuration file should not be pasted.
#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>

#include <algorithm>

#include "trust/keys.h"
#include "trust/openssl.h"

namespace comity::trust {
namespace {

using PrivateKey = Owned<EVP_PKEY, EVP_PKEY_free>;
using Certificate = Owned<X509, X509_free>;
using Stream = Owned<BIO, BIO_free>;
using Octets = Owned<ASN1_OCTET_STRING, ASN1_OCTET_STRING_free>;
using Extension = Owned<X509_EXTENSION, X509_EXTENSION_free>;
using Number = Owned<BIGNUM, BN_free>;

constexpr std::int64_t years_9999_end_s = 253'402'300'799;  // the last second X.509 can write
constexpr int version_3 = 2;                                // counted from 0 in the certificate

// DER of BasicConstraints {}, that is: no authority.
constexpr std::string_view no_authority("\x30\x00", 2);
// DER of KeyUsage with digitalSignature alone.
constexpr std::string_view digital_signature("\x03\x02\x07\x80", 4);
// DER of ExtendedKeyUsage: serverAuth 1.3.6.1.5.5.7.3.1 and clientAuth 1.3.6.1.5.5.7.3.2.
constexpr std::string_view server_and_client(
    "\x30\x14"
    "\x06\x08\x2B\x06\x01\x05\x05\x07\x03\x01"
    "\x06\x08\x2B\x06\x01\x05\x05\x07\x03\x02",
    22);

// DER of GeneralNames with one dNSName; lengths stay below 128 and fit into one byte.
std::string dns_names(const std::string& name) {
  static_assert(common_name_bytes_max + 2 < 128);
  const auto size = static_cast<char>(name.size());
  return std::string{'\x30', static_cast<char>(size + 2), '\x82', size} + name;
}

void add_extension(X509* certificate, int nid, bool critical, std::string_view der) {
  const Octets octets(ASN1_OCTET_STRING_new());
  CHECK(octets != nullptr);
  CHECK(ASN1_OCTET_STRING_set(octets.get(), reinterpret_cast<const unsigned char*>(der.data()),
                              static_cast<int>(der.size())) == 1);
  const Extension extension(
      X509_EXTENSION_create_by_NID(nullptr, nid, critical ? 1 : 0, octets.get()));
  CHECK(extension != nullptr);
  CHECK(X509_add_ext(certificate, extension.get(), -1) == 1);
}

// 127 random bits: positive, and never the same for two certificates of one name.
void set_random_serial(X509* certificate) {
  unsigned char bytes[16];
  CHECK(RAND_bytes(bytes, sizeof bytes) == 1);
  bytes[0] = static_cast<unsigned char>((bytes[0] & 0x3F) | 0x40);
  const Number number(BN_bin2bn(bytes, sizeof bytes, nullptr));
  CHECK(number != nullptr);
  CHECK(BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr);
}

void set_names(X509* certificate, const std::string& common_name) {
  auto* name = X509_get_subject_name(certificate);
  CHECK(X509_NAME_add_entry_by_NID(name, NID_commonName, MBSTRING_UTF8,
                                   reinterpret_cast<const unsigned char*>(common_name.data()),
                                   static_cast<int>(common_name.size()), -1, 0) == 1);
  CHECK(X509_set_issuer_name(certificate, name) == 1);
}

Status check_identity(const std::string& common_name, Instant not_before, Instant not_after) {
  const bool shaped = !common_name.empty() && common_name.size() <= common_name_bytes_max &&
                      std::all_of(common_name.begin(), common_name.end(), [](char c) {
                        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                               (c >= '0' && c <= '9') || c == '.' || c == '-';
                      });
  if (!shaped) {
    return fail(ErrorKind::InvalidInput,
                fmt::format("'{}' cannot name a certificate; expected 1 to {} letters, digits, "
                            "points and hyphens",
                            common_name.substr(0, 80), common_name_bytes_max));
  }
  if (not_before.seconds() < 0 || not_after.seconds() > years_9999_end_s ||
      not_before.seconds() >= not_after.seconds()) {
    return fail(ErrorKind::InvalidInput,
                "a certificate needs an end after its beginning, within the years 1970 to 9999");
  }
  return {};
}

template <typename Write>
std::string pem_of(const Write& write) {
  const Stream stream(BIO_new(BIO_s_secmem()));
  CHECK(stream != nullptr);
  CHECK(write(stream.get()) == 1);
  char* data = nullptr;
  const long size = BIO_get_mem_data(stream.get(), &data);
  CHECK(size > 0);
  return {data, static_cast<std::size_t>(size)};
}

tl::unexpected<Error> bad_certificate(std::string_view found) {
  return fail(ErrorKind::InvalidInput,
              fmt::format("{}; expected one certificate as PEM (BEGIN CERTIFICATE)", found));
}

}  // namespace

Result<TlsIdentity> make_tls_identity(const std::string& common_name, Instant not_before,
                                      Instant not_after) {
  TRY_STATUS(check_identity(common_name, not_before, not_after));
  const PrivateKey key(EVP_EC_gen("P-256"));
  const Certificate certificate(X509_new());
  CHECK(key != nullptr && certificate != nullptr);
  auto* x = certificate.get();
  CHECK(X509_set_version(x, version_3) == 1);
  set_random_serial(x);
  set_names(x, common_name);
  CHECK(ASN1_TIME_set(X509_getm_notBefore(x), not_before.seconds()) != nullptr);
  CHECK(ASN1_TIME_set(X509_getm_notAfter(x), not_after.seconds()) != nullptr);
  CHECK(X509_set_pubkey(x, key.get()) == 1);
  add_extension(x, NID_basic_constraints, true, no_authority);
  add_extension(x, NID_key_usage, true, digital_signature);
  add_extension(x, NID_ext_key_usage, false, server_and_client);
  add_extension(x, NID_subject_alt_name, false, dns_names(common_name));
  CHECK(X509_sign(x, key.get(), EVP_sha256()) > 0);
  return TlsIdentity{
      pem_of([x](BIO* out) { return PEM_write_bio_X509(out, x); }), pem_of([&key](BIO* out) {
        return PEM_write_bio_PKCS8PrivateKey(out, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
      })};
}

Result<Digest> certificate_digest(const std::string& certificate_pem) {
  if (certificate_pem.size() > pem_bytes_max) {
    return fail(ErrorKind::TooLarge, fmt::format("a certificate file of {} bytes; at most {} are "
                                                 "read",
                                                 certificate_pem.size(), pem_bytes_max));
  }
  const auto start = certificate_pem.find("-----BEGIN ");
  if (start == std::string::npos ||
      !certificate_pem.substr(start).starts_with("-----BEGIN CERTIFICATE-----")) {
    return bad_certificate("this is another kind of file");
  }
  // A chain would leave open which of its certificates is pinned.
  if (certificate_pem.find("-----BEGIN ", start + 1) != std::string::npos) {
    return bad_certificate("two PEM blocks");
  }
  const QuietErrors quiet;
  const Stream stream(
      BIO_new_mem_buf(certificate_pem.data(), static_cast<int>(certificate_pem.size())));
  CHECK(stream != nullptr);
  const Certificate certificate(PEM_read_bio_X509(stream.get(), nullptr, nullptr, nullptr));
  unsigned char* der = nullptr;
  const int size = certificate ? i2d_X509(certificate.get(), &der) : -1;
  if (size <= 0) return bad_certificate("the certificate is damaged");
  const auto digest = sha256({reinterpret_cast<const char*>(der), static_cast<std::size_t>(size)});
  OPENSSL_free(der);
  return digest;
}

}  // namespace comity::trust
