// An HTTP/1.1 client for one request after the other: mutual TLS with a pinned server, a server of
// the public Internet under the certificate authorities of the system, or a Unix socket.
//
// A Client is used by one thread at a time; every thread has its own. It keeps connections open for
// the next request, but never across a change of certificate, pin, proxy, path or allowed networks,
// because what was checked when the connection was made would not be checked again.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "net/http.h"
#include "net/limits.h"

namespace comity::net {

struct ClientRequest {
  std::string method = "GET";
  // "https://host:port/path?query"; "http://localhost/path" with a Unix socket and only then.
  std::string url;
  Headers headers;
  std::string body;

  // Our own certificate and its key as PEM text; both or neither.
  std::string certificate_pem;
  std::string key_pem;

  // The SHA-256 of the DER of the server's certificate. When set, exactly this certificate is
  // accepted: no authority is asked, and no host name or date is compared, because the pin says
  // more. When not set, the authorities of the system decide and the host name must match.
  std::optional<Digest> pinned_certificate;
  // Beside the pinned one, this one is accepted, too: while a server changes over.
  std::optional<Digest> other_certificate;
  // Without a pin: certificate authorities as PEM text that decide in place of those of the system;
  // empty: those of the system do.
  std::string authorities_pem;

  std::string unix_socket_path;

  // "host:port" of an HTTP proxy. Then the proxy's address is the one that `allowed_networks` is
  // held against, and which targets may be reached is for the proxy to decide. The environment is
  // not asked for proxies.
  std::string proxy;

  // Networks beyond the public Internet that may be called ("10.1.0.0/16"). What is checked is the
  // address that the connection is made to, after the name was resolved.
  std::vector<std::string> allowed_networks;

  // The request is not sent a second time when a kept connection turns out to be dead, as others
  // are: for what the server does only once. Costs a connection of its own.
  bool only_once = false;

  // Of the body of the response; the header has limits::header_bytes_max.
  std::size_t response_bytes_max = limits::response_bytes_max;
  int connect_seconds_max = limits::connect_seconds_max;
  int total_seconds_max = limits::total_seconds_max;

  // When it becomes true, from whichever thread, the request ends soon with Unavailable (curl looks
  // at it once a second at least). Null: nobody ends it.
  const std::atomic<bool>* cancelled = nullptr;
};

class Client {
 public:
  Client();
  ~Client();
  Client(Client&&) noexcept;
  Client& operator=(Client&&) noexcept;

  // Any status is a Response; redirects are not followed. Errors: InvalidInput for a request that
  // cannot be sent; NotVerified when the server is not the expected one; NotPermitted when the
  // address is not an allowed one; TooLarge when the response passes its bound; Unavailable when
  // there is no answer. When Unavailable, the server may nevertheless have done what was asked.
  Result<Response> send(const ClientRequest& request);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace comity::net
