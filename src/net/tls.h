// The TLS rules of Comity in one place, over OpenSSL; internal to the network folder.
//
// Parties do not trust a world-wide authority: each pins the other's certificate by treaty. So the
// usual check of a chain is replaced on both sides. The server lets every self-signed client
// certificate through and hands it to the handler, which compares it with the pins; the handshake
// itself still proves that the client holds the key. The client accepts one certificate and no
// other.
#pragma once

#include <optional>
#include <string>

#include "base/bytes.h"
#include "net/server.h"

struct ssl_ctx_st;
struct ssl_st;

namespace comity::net {

// TLS 1.2 or 1.3 (RFC 8446) for a server; the caller owns the context (SSL_CTX_free). InvalidInput
// when certificate or key is not PEM text or they do not belong together.
Result<ssl_ctx_st*> make_server_context(const std::string& certificate_pem,
                                        const std::string& key_pem, ClientCertificate mode);

// The DER of the certificate the peer showed; empty when it showed none.
std::string peer_certificate_der(ssl_st* connection);

// What the client expects and what it met.
struct PinCheck {
  Digest expected{};
  std::optional<Digest> other;    // accepted, too
  std::optional<Digest> refused;  // the digest of a certificate that was not the expected one
};

// Makes `context` accept exactly the leaf certificate with an expected digest. `check` must
// outlive the first handshake of every connection of the context; there is no second one.
void pin_certificate(ssl_ctx_st* context, PinCheck& check);

}  // namespace comity::net
