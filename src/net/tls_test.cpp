#include "net/tls.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <openssl/ssl.h>

#include <csignal>

#include "net/test_server.h"

namespace comity::net {
namespace {

// A TLS client that can be told to behave in ways that the real one cannot.
class Probe {
 public:
  explicit Probe(int version_max) : context_(SSL_CTX_new(TLS_client_method())) {
    // Old versions are off by OpenSSL's own default; here the server has to refuse them.
    SSL_CTX_set_cipher_list(context_, "ALL:@SECLEVEL=0");
    SSL_CTX_set_min_proto_version(context_, TLS1_VERSION);
    SSL_CTX_set_max_proto_version(context_, version_max);
    const TestCertificate& own = client_certificate();
    BIO* text = BIO_new_mem_buf(own.certificate_pem.data(), -1);
    X509* certificate = PEM_read_bio_X509(text, nullptr, nullptr, nullptr);
    SSL_CTX_use_certificate(context_, certificate);
    X509_free(certificate);
    BIO_free(text);
    text = BIO_new_mem_buf(own.key_pem.data(), -1);
    EVP_PKEY* key = PEM_read_bio_PrivateKey(text, nullptr, nullptr, nullptr);
    SSL_CTX_use_PrivateKey(context_, key);
    EVP_PKEY_free(key);
    BIO_free(text);
  }
  ~Probe() {
    SSL_SESSION_free(session_);
    SSL_CTX_free(context_);
  }
  Probe(const Probe&) = delete;
  Probe& operator=(const Probe&) = delete;

  struct Outcome {
    int version = 0;  // 0: no handshake
    bool resumed = false;
    bool renegotiated = false;
    int sent = 0;  // bytes of the request; -1 when the server closed before
    std::string answer;
  };

  std::string request = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

  // Each call continues the session of the one before, if the server lets it.
  Outcome get(const Server& server, bool renegotiate = false) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(server.port());
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const RawSocket raw(AF_INET, reinterpret_cast<sockaddr*>(&address), sizeof address);
    SSL* connection = SSL_new(context_);
    SSL_set_fd(connection, raw.descriptor());
    if (session_ != nullptr) SSL_set_session(connection, session_);
    Outcome outcome;
    if (SSL_connect(connection) == 1) {
      outcome.version = SSL_version(connection);
      outcome.resumed = SSL_session_reused(connection) == 1;
      if (renegotiate) {
        outcome.renegotiated =
            SSL_renegotiate(connection) == 1 && SSL_do_handshake(connection) == 1;
      }
      outcome.sent = SSL_write(connection, request.data(), static_cast<int>(request.size()));
      char bytes[4096];
      for (int got = 0; (got = SSL_read(connection, bytes, sizeof bytes)) > 0;) {
        outcome.answer.append(bytes, static_cast<std::size_t>(got));
      }
      SSL_SESSION_free(session_);
      session_ = SSL_get1_session(connection);
      SSL_shutdown(connection);
    }
    SSL_free(connection);
    return outcome;
  }

 private:
  SSL_CTX* context_;
  SSL_SESSION* session_ = nullptr;
};

Response certificate_back(const Request& request) {
  return {200, {}, request.peer_certificate_der == client_certificate().der ? "known" : "unknown"};
}

TEST(Tls, VersionsBelow12AreRefused) {
  const auto server = start_or_die(tls_options(), certificate_back);
  EXPECT_EQ(Probe(TLS1_3_VERSION).get(*server).version, TLS1_3_VERSION);
  EXPECT_EQ(Probe(TLS1_2_VERSION).get(*server).version, TLS1_2_VERSION);
  EXPECT_EQ(Probe(TLS1_1_VERSION).get(*server).version, 0);
}

TEST(Tls, AResumedSessionKeepsTheCertificate) {
  const auto server = start_or_die(tls_options(), certificate_back);
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    Probe probe(version);
    const auto first = probe.get(*server);
    EXPECT_FALSE(first.resumed);
    EXPECT_NE(first.answer.find("\r\n\r\nknown"), std::string::npos);
    const auto second = probe.get(*server);
    EXPECT_TRUE(second.resumed) << version;
    EXPECT_NE(second.answer.find("\r\n\r\nknown"), std::string::npos);
  }
}

TEST(Tls, ASecondHandshakeIsRefused) {
  const auto server = start_or_die(tls_options(), certificate_back);
  Probe probe(TLS1_2_VERSION);
  EXPECT_FALSE(probe.get(*server, true).renegotiated);
}

TEST(Tls, AServerChangesItsCertificateForNewConnectionsAndAClientTakesEither) {
  const auto server = start_or_die(tls_options(), certificate_back);
  const auto next = make_test_certificate("next");
  Client kept;
  auto request = request_to(*server, "/");
  ASSERT_EQ(kept.send(request)->status, 200);
  EXPECT_EQ(server->use_identity("x", next.key_pem).error().kind, ErrorKind::InvalidInput);
  EXPECT_EQ(server->use_identity(next.certificate_pem, client_certificate().key_pem).error().kind,
            ErrorKind::InvalidInput);
  ASSERT_TRUE(server->use_identity(next.certificate_pem, next.key_pem).has_value());
  EXPECT_EQ(kept.send(request)->status, 200);  // the connection that is open
  Client fresh;
  const auto unknown = fresh.send(request);
  ASSERT_FALSE(unknown.has_value());
  EXPECT_EQ(unknown.error().kind, ErrorKind::NotVerified);
  request.other_certificate = next.digest;
  EXPECT_EQ(fresh.send(request)->status, 200);
  // A connection that was made under both is not used under one alone.
  request.other_certificate.reset();
  EXPECT_FALSE(fresh.send(request).has_value());
  request.pinned_certificate = next.digest;
  const auto known = Client().send(request);
  ASSERT_TRUE(known.has_value());
  EXPECT_EQ(known->body, "known");
}

TEST(Tls, AnEarlyAnswerReachesAClientThatSendsToTheEnd) {
  std::signal(SIGPIPE, SIG_IGN);  // a server that closes too early shall fail the test, not end it
  ServerOptions options = tls_options();
  options.limits.body_bytes_max = 10;
  const auto server = start_or_die(options, certificate_back);
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    Probe probe(version);
    probe.request = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5000000\r\n\r\n" +
                    std::string(5'000'000, 'x');
    const auto outcome = probe.get(*server);
    EXPECT_EQ(outcome.answer.substr(0, 12), "HTTP/1.1 413");
    // Linux often keeps the answer across a reset, other systems lose it; so look for the reset.
    EXPECT_EQ(outcome.sent, static_cast<int>(probe.request.size()));
  }
}

TEST(Tls, AnEncryptedKeyIsRefusedWithoutAQuestion) {
  BIO* text = BIO_new_mem_buf(server_certificate().key_pem.data(), -1);
  EVP_PKEY* key = PEM_read_bio_PrivateKey(text, nullptr, nullptr, nullptr);
  BIO_free(text);
  BIO* encrypted = BIO_new(BIO_s_mem());
  const unsigned char passphrase[] = "passphrase";
  ASSERT_EQ(PEM_write_bio_PKCS8PrivateKey(encrypted, key, EVP_aes_256_cbc(),
                                          reinterpret_cast<const char*>(passphrase), 10, nullptr,
                                          nullptr),
            1);
  char* bytes = nullptr;
  const long length = BIO_get_mem_data(encrypted, &bytes);
  const auto context = make_server_context(server_certificate().certificate_pem,
                                           std::string(bytes, static_cast<std::size_t>(length)),
                                           ClientCertificate::Required);
  BIO_free(encrypted);
  EVP_PKEY_free(key);
  ASSERT_FALSE(context.has_value());
  EXPECT_EQ(context.error().kind, ErrorKind::InvalidInput);
}

}  // namespace
}  // namespace comity::net
