#include "net/client.h"

#include <curl/curl.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>
#include <mutex>

#include "net/networks.h"
#include "net/tls.h"

namespace comity::net {
namespace {

void initialise_curl_once() {
  // curl's own initialisation is not safe on several threads.
  static std::once_flag once;
  std::call_once(once, [] { CHECK(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK); });
}

// Everything that is checked while a connection is made. A kept connection is reused only while all
// of it is the same.
struct Terms {
  explicit Terms(const ClientRequest& request)
      : certificate_pem(request.certificate_pem),
        key_pem(request.key_pem),
        pinned_certificate(request.pinned_certificate),
        other_certificate(request.other_certificate),
        authorities_pem(request.authorities_pem),
        unix_socket_path(request.unix_socket_path),
        proxy(request.proxy),
        allowed_networks(request.allowed_networks) {}
  bool operator==(const Terms&) const = default;

  std::string certificate_pem;
  std::string key_pem;
  std::optional<Digest> pinned_certificate, other_certificate;
  std::string authorities_pem;
  std::string unix_socket_path;
  std::string proxy;
  std::vector<std::string> allowed_networks;
};

// What one request collects in the callbacks of curl. They run inside `send`, on its thread; no
// exception may pass through curl, so they catch what allocation can throw.
struct Exchange {
  const ClientRequest& request;
  std::vector<Network> allowed;
  PinCheck pin;
  Response response;
  std::size_t header_bytes = 0;
  std::optional<Error> failure;  // more exact than what curl can say
};

curl_socket_t open_socket(void* argument, curlsocktype, curl_sockaddr* target) {
  auto& exchange = *static_cast<Exchange*>(argument);
  if (exchange.request.unix_socket_path.empty() || target->family != AF_UNIX) {
    const auto address = address_of(&target->addr);
    auto permitted = address ? check_callable(*address, exchange.allowed)
                             : Status(fail(ErrorKind::NotPermitted, "not an IP address"));
    if (!permitted) {
      exchange.failure = std::move(permitted).error();
      return CURL_SOCKET_BAD;
    }
    // A refused first address does not matter when a second one is called.
    exchange.failure.reset();
  }
  return ::socket(target->family, target->socktype | SOCK_CLOEXEC, target->protocol);
}

int stop_if_cancelled(void* argument, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  auto& exchange = *static_cast<Exchange*>(argument);
  return exchange.request.cancelled->load() ? 1 : 0;
}

CURLcode set_up_tls(CURL*, void* context, void* argument) {
  auto& exchange = *static_cast<Exchange*>(argument);
  if (exchange.request.pinned_certificate) {
    exchange.pin.expected = *exchange.request.pinned_certificate;
    exchange.pin.other = exchange.request.other_certificate;
    pin_certificate(static_cast<ssl_ctx_st*>(context), exchange.pin);
  }
  return CURLE_OK;
}

std::size_t receive_header(char* bytes, std::size_t, std::size_t size, void* argument) {
  auto& exchange = *static_cast<Exchange*>(argument);
  try {
    const std::string_view line(bytes, size);
    // An interim response (100) comes before the final one and is forgotten.
    if (line.substr(0, 5) == "HTTP/") exchange.response.headers.clear();
    exchange.header_bytes += size;
    if (exchange.header_bytes > limits::header_bytes_max) {
      exchange.failure =
          Error{ErrorKind::TooLarge,
                fmt::format("the header of the response passes the limit of {} bytes",
                            limits::header_bytes_max),
                {}};
      return 0;
    }
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return size;
    std::string_view value = line.substr(colon + 1);
    const std::size_t first = value.find_first_not_of(" \t\r\n");
    const std::size_t last = value.find_last_not_of(" \t\r\n");
    value = first == std::string_view::npos ? "" : value.substr(first, last - first + 1);
    exchange.response.headers.emplace_back(line.substr(0, colon), value);
    return size;
  } catch (const std::exception&) {
    return 0;
  }
}

std::size_t receive_body(char* bytes, std::size_t, std::size_t size, void* argument) {
  auto& exchange = *static_cast<Exchange*>(argument);
  const std::size_t bound = exchange.request.response_bytes_max;
  try {
    if (size > bound - exchange.response.body.size()) {
      exchange.failure =
          Error{ErrorKind::TooLarge,
                fmt::format("the body of the response passes the limit of {} bytes", bound),
                {}};
      return 0;
    }
    exchange.response.body.append(bytes, size);
    return size;
  } catch (const std::exception&) {
    return 0;
  }
}

class HeaderList {
 public:
  HeaderList() = default;
  ~HeaderList() { curl_slist_free_all(list_); }
  HeaderList(const HeaderList&) = delete;
  HeaderList& operator=(const HeaderList&) = delete;
  void add(const std::string& line) {
    curl_slist* longer = curl_slist_append(list_, line.c_str());
    CHECK(longer != nullptr);
    list_ = longer;
  }
  curl_slist* get() const { return list_; }

 private:
  curl_slist* list_ = nullptr;
};

Status check_request(const ClientRequest& request) {
  if (!is_token(request.method)) {
    return fail(ErrorKind::InvalidInput,
                fmt::format("\"{}\" is not a request method", request.method));
  }
  for (const auto& [name, value] : request.headers) {
    if (!is_token(name) || !is_field_value(value)) {
      return fail(ErrorKind::InvalidInput,
                  "a header field of the request contains a character that no field may contain");
    }
  }
  const std::string scheme = request.unix_socket_path.empty() ? "https://" : "http://";
  if (request.url.substr(0, scheme.size()) != scheme || !is_field_value(request.url)) {
    return fail(ErrorKind::InvalidInput,
                fmt::format("the address {} cannot be called; expected one that begins with {}",
                            request.url, scheme));
  }
  if (request.certificate_pem.empty() != request.key_pem.empty()) {
    return fail(ErrorKind::InvalidInput,
                "the client certificate and its key are needed together; one of them is empty");
  }
  return {};
}

void set_certificate(CURL* curl, const ClientRequest& request) {
  if (request.certificate_pem.empty()) return;
  // curl copies the text, and does not change it although the pointer is not const.
  curl_blob certificate{const_cast<char*>(request.certificate_pem.data()),
                        request.certificate_pem.size(), CURL_BLOB_COPY};
  curl_blob key{const_cast<char*>(request.key_pem.data()), request.key_pem.size(), CURL_BLOB_COPY};
  curl_easy_setopt(curl, CURLOPT_SSLCERTTYPE, "PEM");
  curl_easy_setopt(curl, CURLOPT_SSLCERT_BLOB, &certificate);
  curl_easy_setopt(curl, CURLOPT_SSLKEYTYPE, "PEM");
  curl_easy_setopt(curl, CURLOPT_SSLKEY_BLOB, &key);
  // Without this OpenSSL asks on the terminal when the key is encrypted.
  curl_easy_setopt(curl, CURLOPT_KEYPASSWD, "");
}

void set_connection(CURL* curl, Exchange& exchange) {
  const ClientRequest& request = exchange.request;
  curl_easy_setopt(curl, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR,
                   request.unix_socket_path.empty() ? "https" : "http");
  curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, long{CURL_HTTP_VERSION_1_1});
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, long{request.connect_seconds_max});
  curl_easy_setopt(curl, CURLOPT_TIMEOUT, long{request.total_seconds_max});
  // An empty text, unlike none, also keeps curl from reading the environment.
  curl_easy_setopt(curl, CURLOPT_PROXY, request.proxy.c_str());
  curl_easy_setopt(curl, CURLOPT_NOPROXY, "");
  if (!request.unix_socket_path.empty()) {
    curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, request.unix_socket_path.c_str());
  }
  // curl sends again only what it sent over a connection that it had kept.
  curl_easy_setopt(curl, CURLOPT_FRESH_CONNECT, request.only_once ? 1L : 0L);
  curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, open_socket);
  curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, &exchange);
  if (request.cancelled != nullptr) {
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, stop_if_cancelled);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, &exchange);
  }

  curl_easy_setopt(curl, CURLOPT_SSLVERSION, long{CURL_SSLVERSION_TLSv1_2});
  curl_easy_setopt(curl, CURLOPT_SSL_CTX_FUNCTION, set_up_tls);
  curl_easy_setopt(curl, CURLOPT_SSL_CTX_DATA, &exchange);
  // A resumed session would skip the check of the certificate.
  curl_easy_setopt(curl, CURLOPT_SSL_SESSIONID_CACHE, 0L);
  curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L);
  const bool pinned = request.pinned_certificate.has_value();
  curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, pinned ? 0L : 2L);
  if (pinned) {
    // Reading the authorities of the system takes longer than the handshake.
    curl_easy_setopt(curl, CURLOPT_CAINFO, nullptr);
    curl_easy_setopt(curl, CURLOPT_CAPATH, nullptr);
  } else if (!request.authorities_pem.empty()) {
    // curl copies the text, and does not change it although the pointer is not const.
    curl_blob authorities{const_cast<char*>(request.authorities_pem.data()),
                          request.authorities_pem.size(), CURL_BLOB_COPY};
    curl_easy_setopt(curl, CURLOPT_CAINFO, nullptr);
    curl_easy_setopt(curl, CURLOPT_CAPATH, nullptr);
    curl_easy_setopt(curl, CURLOPT_CAINFO_BLOB, &authorities);
  }
  set_certificate(curl, request);
}

void set_message(CURL* curl, Exchange& exchange, HeaderList& headers) {
  const ClientRequest& request = exchange.request;
  const bool has_body = !request.body.empty() || request.method == "POST" ||
                        request.method == "PUT" || request.method == "PATCH";
  if (request.method == "HEAD") {
    curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
  } else if (has_body) {
    curl_easy_setopt(curl, CURLOPT_POST, 1L);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(request.body.size()));
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request.body.data());
  }
  if (request.method != "HEAD") {
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  }
  for (const auto& [name, value] : request.headers) {
    // curl's way to say that a field is there and empty.
    headers.add(value.empty() ? name + ";" : name + ": " + value);
  }
  // Keeps out what curl would add of itself: a form's type, and a round trip before the body.
  if (!find_header(request.headers, "Content-Type")) headers.add("Content-Type:");
  if (!find_header(request.headers, "Expect")) headers.add("Expect:");
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, receive_header);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, &exchange);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, receive_body);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &exchange);
}

std::string reason_of(CURL* curl, CURLcode code, const char* details) {
  long system_error = 0;
  curl_easy_getinfo(curl, CURLINFO_OS_ERRNO, &system_error);
  if (code == CURLE_COULDNT_CONNECT && system_error != 0) {
    std::string text = std::strerror(static_cast<int>(system_error));
    if (!text.empty() && text[0] >= 'A' && text[0] <= 'Z') {
      text[0] = static_cast<char>(text[0] - 'A' + 'a');
    }
    return text;
  }
  if (code == CURLE_COULDNT_RESOLVE_HOST) return "the name of the host is not known";
  return details[0] != '\0' ? details : curl_easy_strerror(code);
}

Error error_of(CURL* curl, CURLcode code, const char* details, Exchange& exchange) {
  const std::string& url = exchange.request.url;
  if (exchange.pin.refused) {
    return {
        ErrorKind::NotVerified,
        fmt::format("{} showed the certificate {}, but {} is pinned; ask its owner through "
                    "another channel before the pin is changed",
                    url, digest_text(*exchange.pin.refused), digest_text(exchange.pin.expected)),
        {}};
  }
  if (exchange.failure) {
    return {exchange.failure->kind,
            fmt::format("cannot use {}: {}", url, exchange.failure->message),
            {}};
  }
  const std::string reason = reason_of(curl, code, details);
  switch (code) {
    case CURLE_PEER_FAILED_VERIFICATION:
      return {
          ErrorKind::NotVerified, fmt::format("{} is not who it should be: {}", url, reason), {}};
    case CURLE_ABORTED_BY_CALLBACK:
      return {ErrorKind::Unavailable, fmt::format("given up on {}: this process ends", url), {}};
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
      return {ErrorKind::InvalidInput, fmt::format("cannot call {}: {}", url, reason), {}};
    case CURLE_SSL_CERTPROBLEM:
      return {ErrorKind::InvalidInput,
              fmt::format("our own certificate or key cannot be used for {}: {}", url, reason),
              {}};
    default:
      return {ErrorKind::Unavailable, fmt::format("cannot reach {}: {}", url, reason), {}};
  }
}

}  // namespace

struct Client::State {
  ~State() { curl_easy_cleanup(curl); }
  CURL* curl = nullptr;
  std::optional<Terms> terms;
};

Client::Client() : state_(std::make_unique<State>()) { initialise_curl_once(); }
Client::~Client() = default;
Client::Client(Client&&) noexcept = default;
Client& Client::operator=(Client&&) noexcept = default;

Result<Response> Client::send(const ClientRequest& request) {
  TRY_STATUS(check_request(request));
  TRY(auto allowed, parse_networks(request.allowed_networks));
  if (Terms terms(request); state_->curl == nullptr || state_->terms != terms) {
    curl_easy_cleanup(state_->curl);
    state_->curl = curl_easy_init();
    if (state_->curl == nullptr) return fail(ErrorKind::Unavailable, "curl gives no handle");
    state_->terms = std::move(terms);
  }
  CURL* curl = state_->curl;
  // Keeps the open connections and forgets every option, so no request sees those of another.
  curl_easy_reset(curl);
  Exchange exchange{request, std::move(allowed), {}, {}, 0, std::nullopt};
  HeaderList headers;
  char details[CURL_ERROR_SIZE] = "";
  set_connection(curl, exchange);
  set_message(curl, exchange, headers);
  curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, details);
  const CURLcode code = curl_easy_perform(curl);
  if (code != CURLE_OK) {
    Error error = error_of(curl, code, details, exchange);
    curl_easy_reset(curl);
    return tl::unexpected<Error>(std::move(error));
  }
  long status = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  // The handle outlives what its options point at.
  curl_easy_reset(curl);
  exchange.response.status = static_cast<int>(status);
  return std::move(exchange.response);
}

}  // namespace comity::net
