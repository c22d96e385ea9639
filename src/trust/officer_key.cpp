#include "trust/officer_key.h"

#include <fmt/format.h>
#include <openssl/asn1t.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>

#include "trust/openssl.h"

namespace comity::trust {
namespace {

using PrivateKey = Owned<EVP_PKEY, EVP_PKEY_free>;
using Stream = Owned<BIO, BIO_free>;
using Plain = Owned<PKCS8_PRIV_KEY_INFO, PKCS8_PRIV_KEY_INFO_free>;
using Sealed = Owned<X509_SIG, X509_SIG_free>;
using Scheme = Owned<PBE2PARAM, PBE2PARAM_free>;
using Derivation = Owned<PBKDF2PARAM, PBKDF2PARAM_free>;

constexpr std::string_view sealed_begin = "-----BEGIN ENCRYPTED PRIVATE KEY-----";

Stream stream_of(const std::string& text) {
  Stream stream(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  CHECK(stream != nullptr);
  return stream;
}

std::string text_of(const Stream& stream) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(stream.get(), &data);
  CHECK(size > 0);
  return {data, static_cast<std::size_t>(size)};
}

// A private key as text, wiped when it is no longer needed.
struct Secret {
  std::string text;
  explicit Secret(std::string value) : text(std::move(value)) {}
  ~Secret() { OPENSSL_cleanse(text.data(), text.size()); }
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
};

tl::unexpected<Error> other_form(std::string_view found) {
  return fail(ErrorKind::InvalidInput,
              fmt::format("{}; expected the key of an officer as comity officer add writes it "
                          "(BEGIN ENCRYPTED PRIVATE KEY, PBES2 with PBKDF2-HMAC-SHA256 and "
                          "AES-256-CBC)",
                          found));
}

// An algorithm and what stands beside its name.
struct Named {
  int nid = NID_undef;
  const ASN1_STRING* sequence = nullptr;  // null when there is none
};
Named named(const X509_ALGOR* algorithm) {
  const ASN1_OBJECT* object = nullptr;
  const void* value = nullptr;
  int type = V_ASN1_UNDEF;
  X509_ALGOR_get0(&object, &type, &value, algorithm);
  return {OBJ_obj2nid(object),
          type == V_ASN1_SEQUENCE ? static_cast<const ASN1_STRING*>(value) : nullptr};
}

// Only our own form is opened: a weaker one would be taken for as good, a costlier one would stop
// the reader.
Status check_scheme(const X509_SIG& sealed) {
  const X509_ALGOR* algorithm = nullptr;
  X509_SIG_get0(&sealed, &algorithm, nullptr);
  const auto outer = named(algorithm);
  if (outer.nid != NID_pbes2 || outer.sequence == nullptr) {
    return other_form("the key is encrypted in another way");
  }
  const Scheme scheme(
      static_cast<PBE2PARAM*>(ASN1_item_unpack(outer.sequence, ASN1_ITEM_rptr(PBE2PARAM))));
  if (!scheme || named(scheme->encryption).nid != NID_aes_256_cbc) {
    return other_form("the key is encrypted with another cipher");
  }
  const auto inner = named(scheme->keyfunc);
  if (inner.nid != NID_id_pbkdf2 || inner.sequence == nullptr) {
    return other_form("the passphrase is derived in another way");
  }
  const Derivation derivation(
      static_cast<PBKDF2PARAM*>(ASN1_item_unpack(inner.sequence, ASN1_ITEM_rptr(PBKDF2PARAM))));
  if (!derivation || derivation->prf == nullptr ||
      named(derivation->prf).nid != NID_hmacWithSHA256) {
    return other_form("the passphrase is derived with another hash");
  }
  std::int64_t iterations = 0;
  if (ASN1_INTEGER_get_int64(&iterations, derivation->iter) != 1 ||
      iterations < officer_key_iterations || iterations > officer_key_iterations_max) {
    return other_form(fmt::format("the passphrase is derived in {} rounds, not in {} to {}",
                                  iterations, officer_key_iterations, officer_key_iterations_max));
  }
  return {};
}

}  // namespace

Status check_passphrase(std::string_view passphrase) {
  if (passphrase.size() >= passphrase_bytes_min && passphrase.size() <= passphrase_bytes_max) {
    return {};
  }
  return fail(ErrorKind::InvalidInput,
              fmt::format("a passphrase of {} bytes; expected {} to {}", passphrase.size(),
                          passphrase_bytes_min, passphrase_bytes_max));
}

Result<std::string> seal_officer_key(const SigningKey& key, std::string_view passphrase,
                                     int iterations) {
  TRY_STATUS(check_passphrase(passphrase));
  const Secret plain_text(key.to_pem());
  const PrivateKey loaded(
      PEM_read_bio_PrivateKey(stream_of(plain_text.text).get(), nullptr, no_passphrase, nullptr));
  CHECK(loaded != nullptr);
  const Plain plain(EVP_PKEY2PKCS8(loaded.get()));
  CHECK(plain != nullptr);
  X509_ALGOR* scheme =
      PKCS5_pbe2_set_iv(EVP_aes_256_cbc(), iterations, nullptr,
                        static_cast<int>(officer_key_salt_bytes), nullptr, NID_hmacWithSHA256);
  CHECK(scheme != nullptr);
  // Takes the scheme.
  const Sealed sealed(
      PKCS8_set0_pbe(passphrase.data(), static_cast<int>(passphrase.size()), plain.get(), scheme));
  CHECK(sealed != nullptr);
  const Stream out(BIO_new(BIO_s_mem()));
  CHECK(out != nullptr);
  CHECK(PEM_write_bio_PKCS8(out.get(), sealed.get()) == 1);
  return text_of(out);
}

Result<SigningKey> open_officer_key(const std::string& pem, std::string_view passphrase) {
  if (pem.size() > pem_bytes_max) {
    return fail(ErrorKind::TooLarge, fmt::format("a key file of {} bytes; at most {} are read",
                                                 pem.size(), pem_bytes_max));
  }
  if (passphrase.size() > passphrase_bytes_max) TRY_STATUS(check_passphrase(passphrase));
  if (!pem.starts_with(sealed_begin)) return other_form("this is another kind of file");
  if (pem.find("-----BEGIN ", sealed_begin.size()) != std::string::npos) {
    return other_form("two PEM blocks");
  }
  const QuietErrors quiet;
  const Sealed sealed(PEM_read_bio_PKCS8(stream_of(pem).get(), nullptr, no_passphrase, nullptr));
  if (!sealed) return other_form("the file is damaged");
  TRY_STATUS(check_scheme(*sealed));
  const auto wrong = [] {
    return fail(ErrorKind::NotVerified,
                "the passphrase does not open this key, or the file is damaged");
  };
  const Plain plain(
      PKCS8_decrypt(sealed.get(), passphrase.data(), static_cast<int>(passphrase.size())));
  if (!plain) return wrong();
  const PrivateKey key(EVP_PKCS82PKEY(plain.get()));
  if (!key) return wrong();
  // Memory of this stream is wiped when it is freed.
  const Stream stream(BIO_new(BIO_s_secmem()));
  CHECK(stream != nullptr);
  CHECK(PEM_write_bio_PKCS8PrivateKey(stream.get(), key.get(), nullptr, nullptr, 0, nullptr,
                                      nullptr) == 1);
  const Secret text(text_of(stream));
  return SigningKey::from_pem(text.text);
}

}  // namespace comity::trust
