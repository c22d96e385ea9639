// Self-signed P-256 certificates for tests, made on the spot. Header only, so that it is in no
// library and every folder above can include it in its tests.
#pragma once

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <string>

#include "base/bytes.h"

namespace comity::net {

struct TestCertificate {
  std::string certificate_pem;
  std::string key_pem;
  std::string der;
  Digest digest{};
};

// `signer_pem`: the key that signs; empty for the certificate's own.
inline TestCertificate make_test_certificate(const std::string& name,
                                             const std::string& signer_pem = {}) {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  EVP_PKEY* signer = key;
  if (!signer_pem.empty()) {
    BIO* text = BIO_new_mem_buf(signer_pem.data(), static_cast<int>(signer_pem.size()));
    signer = PEM_read_bio_PrivateKey(text, nullptr, nullptr, nullptr);
    BIO_free(text);
  }
  X509* certificate = X509_new();
  X509_set_version(certificate, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
  X509_NAME* subject = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name.data()),
                             static_cast<int>(name.size()), -1, 0);
  X509_set_issuer_name(certificate, subject);
  X509_set_pubkey(certificate, key);
  EXPECT_GT(X509_sign(certificate, signer, EVP_sha256()), 0);

  TestCertificate made;
  const auto text_of = [](auto write) {
    BIO* memory = BIO_new(BIO_s_mem());
    EXPECT_EQ(write(memory), 1);
    char* bytes = nullptr;
    const long length = BIO_get_mem_data(memory, &bytes);
    std::string text(bytes, static_cast<std::size_t>(length));
    BIO_free(memory);
    return text;
  };
  made.certificate_pem = text_of([&](BIO* out) { return PEM_write_bio_X509(out, certificate); });
  made.key_pem = text_of([&](BIO* out) {
    return PEM_write_bio_PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr);
  });
  made.der = text_of([&](BIO* out) { return i2d_X509_bio(out, certificate); });
  made.digest = sha256(made.der);
  X509_free(certificate);
  if (signer != key) EVP_PKEY_free(signer);
  EVP_PKEY_free(key);
  return made;
}

}  // namespace comity::net
