// Requests and responses as plain values (RFC 9110, RFC 9112). Nothing here touches a socket; the
// functions are pure and safe to call from any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace comity::net {

// Field names and values in the order of the message. Names keep the spelling of the sender.
using Headers = std::vector<std::pair<std::string, std::string>>;

// The value of the first field of that name; names are compared without regard to case
// (RFC 9110 section 5.1). The view lives as long as `headers` is not changed.
std::optional<std::string_view> find_header(const Headers& headers, std::string_view name);

struct Request {
  std::string method;
  std::string target;  // as received: path and, after a question mark, the query
  std::string path;    // as received, still percent-encoded
  std::string query;   // without the question mark, still percent-encoded
  Headers headers;
  std::string body;
  // The certificate with which the TLS client proved possession of its key; empty when it showed
  // none. The server has NOT compared it with anything: whoever handles the request does that.
  std::string peer_certificate_der;
  // The numeric IP address of the peer; "local" on a Unix socket.
  std::string remote_address;
  // True on a Unix socket: the peer runs as our own user or as root on this machine.
  bool local = false;
  // True when the connection is TLS. Never taken from a header of the request.
  bool tls = false;

  std::optional<std::string_view> header(std::string_view name) const {
    return find_header(headers, name);
  }
};

class EventStream;  // event_stream.h

struct Response {
  int status = 200;
  Headers headers;
  std::string body;
  // When set, the connection sends the header and then what the stream is given, until one of the
  // two ends; `body` is not sent.
  std::shared_ptr<EventStream> stream = nullptr;
  // In place of `body`, which is empty then: bytes that others hold too and nobody changes. They
  // are sent from where they are.
  std::shared_ptr<const std::string> shared = nullptr;

  std::string_view content() const { return shared ? std::string_view(*shared) : body; }
  std::optional<std::string_view> header(std::string_view name) const {
    return find_header(headers, name);
  }
};

// The seconds since 1970 that a Date field says (RFC 9110 section 5.6.7, IMF-fixdate, the only form
// that is written today); nothing for any other text.
std::optional<std::int64_t> read_date(std::string_view text);

// RFC 3986 section 2.1. Refuses a percent sign without two hexadecimal digits.
Result<std::string> percent_decode(std::string_view text);

// The unreserved characters of RFC 3986 section 2.3 stay, everything else is escaped.
std::string percent_encode(std::string_view text);

// The pairs of "a=1&b=2" in their order, decoded; a plus sign is a space, as forms and TAXII
// clients write it. A pair without an equals sign has an empty value; empty pairs are skipped.
Result<std::vector<std::pair<std::string, std::string>>> parse_query(std::string_view query);

// True for a method or field name (RFC 9110 section 5.6.2, token).
bool is_token(std::string_view text);

// True for a value that can stand in one field line: no control characters but the tab.
bool is_field_value(std::string_view text);

// How `response_bytes` frames a response.
struct Framing {
  bool head_request = false;  // the body is announced and not sent
  bool keep_alive = true;
  std::int64_t now_seconds = 0;  // since 1970, for the Date field
  bool stream = false;           // chunks follow (RFC 9112 section 7.1) in place of the body
  bool body_apart = false;       // the body is announced, and sent behind these bytes by the caller
};

// The response as it goes over the wire, in one piece: of two small pieces a TLS stream makes two
// records, and the kernel two segments. Only a large body is worth being sent apart.
// Content-Length, Connection and Date are set here and ignored in `response`, as is
// Transfer-Encoding. Fails with InvalidInput when a field or the status cannot be sent.
Result<std::string> response_bytes(const Response& response, const Framing& framing);

// One chunk of the chunked transfer coding; no bytes make the last one, which ends the message.
std::string chunk(std::string_view bytes);

// The standard phrase of a status (RFC 9110 section 15), "" when it has none here.
std::string_view status_phrase(int status);

}  // namespace comity::net
