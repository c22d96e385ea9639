#include "net/tls.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <memory>
#include <string_view>

namespace comity::net {
namespace {

template <auto release>
struct Freer {
  template <typename T>
  void operator()(T* object) const {
    release(object);
  }
};
using Bio = std::unique_ptr<BIO, Freer<BIO_free>>;
using Certificate = std::unique_ptr<X509, Freer<X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>;
using Context = std::unique_ptr<SSL_CTX, Freer<SSL_CTX_free>>;

// Stands in for OpenSSL's own question on the terminal when a key is encrypted.
int no_passphrase(char*, int, int, void*) { return -1; }

std::string openssl_reason() {
  const unsigned long code = ERR_peek_last_error();
  ERR_clear_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  return reason == nullptr ? "no reason given" : reason;
}

std::string der_of(X509* certificate) {
  unsigned char* bytes = nullptr;
  const int length = i2d_X509(certificate, &bytes);
  if (length <= 0) return {};
  std::string der(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(length));
  OPENSSL_free(bytes);
  return der;
}

// Replaces the check of a chain on the server. What must hold is only that the certificate is one
// that signs itself with the key it carries; whom it belongs to is decided by the pins of the
// handler. Dates are not looked at either: a pin ends by treaty, not by a date its owner wrote.
int accept_self_signed(X509_STORE_CTX* store, void*) {
  X509* leaf = X509_STORE_CTX_get0_cert(store);
  const bool good = leaf != nullptr && X509_self_signed(leaf, 1) == 1;
  ERR_clear_error();
  // OpenSSL keeps this value as the result of the verification and would refuse to resume
  // otherwise.
  X509_STORE_CTX_set_error(store, good ? X509_V_OK : X509_V_ERR_CERT_REJECTED);
  return good ? 1 : 0;
}

int accept_pinned(X509_STORE_CTX* store, void* argument) {
  auto& check = *static_cast<PinCheck*>(argument);
  X509* leaf = X509_STORE_CTX_get0_cert(store);
  const Digest found = sha256(leaf == nullptr ? std::string() : der_of(leaf));
  const bool good =
      leaf != nullptr && (found == check.expected || (check.other && found == *check.other));
  if (!good) check.refused = found;
  X509_STORE_CTX_set_error(store, good ? X509_V_OK : X509_V_ERR_CERT_REJECTED);
  return good ? 1 : 0;
}

Status use_identity(SSL_CTX* context, const std::string& certificate_pem,
                    const std::string& key_pem) {
  const Bio certificate_text(
      BIO_new_mem_buf(certificate_pem.data(), static_cast<int>(certificate_pem.size())));
  const Certificate certificate(
      PEM_read_bio_X509(certificate_text.get(), nullptr, no_passphrase, nullptr));
  if (!certificate || SSL_CTX_use_certificate(context, certificate.get()) != 1) {
    return fail(ErrorKind::InvalidInput, "the certificate of the TLS server cannot be used (" +
                                             openssl_reason() +
                                             "); expected one X.509 certificate as PEM text");
  }
  const Bio key_text(BIO_new_mem_buf(key_pem.data(), static_cast<int>(key_pem.size())));
  const Key key(PEM_read_bio_PrivateKey(key_text.get(), nullptr, no_passphrase, nullptr));
  if (!key || SSL_CTX_use_PrivateKey(context, key.get()) != 1 ||
      SSL_CTX_check_private_key(context) != 1) {
    return fail(ErrorKind::InvalidInput,
                "the key of the TLS server cannot be used (" + openssl_reason() +
                    "); expected the unencrypted private key of its certificate as PEM text");
  }
  return {};
}

}  // namespace

Result<ssl_ctx_st*> make_server_context(const std::string& certificate_pem,
                                        const std::string& key_pem, ClientCertificate mode) {
  Context context(SSL_CTX_new(TLS_server_method()));
  if (!context) return fail(ErrorKind::Unavailable, "OpenSSL gives no context for TLS");
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                         SSL_OP_CIPHER_SERVER_PREFERENCE);
  // For TLS 1.2 only; every suite of TLS 1.3 has forward secrecy and authenticated encryption.
  SSL_CTX_set_cipher_list(context.get(), "ECDHE+AESGCM:ECDHE+CHACHA20");
  SSL_CTX_set_max_cert_list(context.get(), limits::client_certificate_bytes_max);
  // Without its own id context a session with a client certificate cannot be resumed: the handshake
  // would fail instead of falling back.
  constexpr std::string_view id = "comity";
  SSL_CTX_set_session_id_context(context.get(), reinterpret_cast<const unsigned char*>(id.data()),
                                 id.size());
  int verify = SSL_VERIFY_NONE;
  if (mode != ClientCertificate::None) verify |= SSL_VERIFY_PEER;
  if (mode == ClientCertificate::Required) verify |= SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
  SSL_CTX_set_verify(context.get(), verify, nullptr);
  SSL_CTX_set_cert_verify_callback(context.get(), accept_self_signed, nullptr);
  TRY_STATUS(use_identity(context.get(), certificate_pem, key_pem));
  return context.release();
}

std::string peer_certificate_der(ssl_st* connection) {
  const Certificate certificate(SSL_get1_peer_certificate(connection));
  return certificate ? der_of(certificate.get()) : std::string();
}

void pin_certificate(ssl_ctx_st* context, PinCheck& check) {
  // Otherwise a server could ask for a second handshake on a kept connection, long after `check`.
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_cert_verify_callback(context, accept_pinned, &check);
}

}  // namespace comity::net
