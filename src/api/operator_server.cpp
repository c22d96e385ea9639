#include "api/operator_server.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "api/etag.h"
#include "api/problem.h"
#include "json/utf8.h"
#include "json/write.h"
#include "net/networks.h"

namespace comity::api {
namespace {

constexpr std::string_view api_prefix = "/api/";

bool is_safe(const net::Request& request) {
  return request.method == "GET" || request.method == "HEAD";
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return out;
}

// "name", "127.0.0.1" or "::1" of "name:8443", "127.0.0.1:80" or "[::1]:80"; empty for anything of
// another form.
std::string host_name(std::string_view host) {
  std::size_t end = host.find(':');
  std::string_view name = host.substr(0, end);
  if (host.starts_with('[')) {
    end = host.find(']');
    if (end == std::string_view::npos) return {};
    name = host.substr(1, end - 1);
    ++end;
  }
  const auto port = host.substr(std::min(end, host.size()));
  const bool good = port.empty() ||
                    (port.starts_with(':') && std::all_of(port.begin() + 1, port.end(), [](char c) {
                       return c >= '0' && c <= '9';
                     }));
  return good ? lower(name) : std::string();
}

net::Response not_found() { return problem({ErrorKind::NotFound, "there is nothing here", ""}); }

net::Response wrong_method(const std::string& allow) {
  auto response =
      problem({ErrorKind::Unsupported, fmt::format("this address knows {} only", allow), ""}, 405);
  response.headers.emplace_back("Allow", allow);
  return response;
}

// A file whose name carries the digest of its content never changes.
bool is_named_by_content(std::string_view path) { return path.starts_with("/assets/"); }

// Pages have addresses of their own ("/exchange/records/…"), which all are the one file that reads
// the address. A last part with a point is a file that is missing.
bool is_page_address(std::string_view path) {
  return path.substr(path.rfind('/') + 1).find('.') == std::string_view::npos;
}

bool accepts_gzip(const net::Request& request) {
  const auto accept = lower(request.header("Accept-Encoding").value_or(std::string_view()));
  const auto at = accept.find("gzip");
  return at != std::string::npos && accept.compare(at, 8, "gzip;q=0") != 0;
}

// The tag of the body, and 304 when the client has that body already.
void with_etag(const net::Request& request, net::Response& response) {
  if (response.status != 200 || !is_safe(request) || response.stream) return;
  auto etag = etag_of(response.body);
  const auto held = request.header("If-None-Match");
  if (held && names_etag(*held, etag)) {
    response.status = 304;
    response.body.clear();
  }
  response.headers.emplace_back("ETag", std::move(etag));
}

net::Response response_of(Answer answer) {
  net::Response response;
  response.status = answer.status;
  response.headers = std::move(answer.headers);
  response.stream = std::move(answer.stream);
  if (!answer.content_type.empty()) {
    response.headers.emplace_back("Content-Type", std::move(answer.content_type));
    response.body = std::move(answer.text);
  } else if (!answer.body.is_null()) {
    response.headers.emplace_back("Content-Type", "application/json");
    response.body = json::write(answer.body);
  }
  return response;
}

// Cookies are sent back over TLS only, when they came over TLS.
void secure_cookies(const net::Request& request, net::Response& response) {
  if (!request.tls) return;
  for (auto& [name, value] : response.headers) {
    const auto attributes = lower(value);
    if (lower(name) == "set-cookie" && attributes.find("; secure") == std::string::npos) {
      value += "; Secure";
    }
  }
}

// What every response has, whoever gives it.
void add_fields(net::Response& response) {
  const auto& always = security_headers();
  response.headers.insert(response.headers.end(), always.begin(), always.end());
  // What is not said to be kept is kept nowhere: an answer may hold what only this person may see.
  if (!response.header("Cache-Control")) response.headers.emplace_back("Cache-Control", "no-store");
}

ErrorKind kind_of_refusal(int status) {
  switch (status) {
    case 413:
    case 431:
      return ErrorKind::TooLarge;
    case 500:
      return ErrorKind::Corrupt;
    case 503:
      return ErrorKind::Unavailable;
    default:
      return ErrorKind::InvalidInput;
  }
}

}  // namespace

const net::Headers& security_headers() {
  static const net::Headers headers = {
      {"Content-Security-Policy",
       "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
       "form-action 'self'; frame-ancestors 'none'"},
      {"X-Content-Type-Options", "nosniff"},
      {"X-Frame-Options", "DENY"},
      {"Referrer-Policy", "no-referrer"},
      {"Cross-Origin-Opener-Policy", "same-origin"},
      {"Cross-Origin-Resource-Policy", "same-origin"},
      {"Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"},
  };
  return headers;
}

net::Response refusal(int status, std::string text) {
  auto response = problem({kind_of_refusal(status), std::move(text), ""}, status);
  add_fields(response);
  return response;
}

std::string session_of(const net::Headers& headers) {
  std::optional<std::string> found;
  for (const auto& [name, value] : headers) {
    if (lower(name) != "cookie") continue;
    std::string_view rest = value;
    if (rest.size() > cookie_bytes_max) return {};
    while (!rest.empty()) {
      auto one = rest.substr(0, rest.find(';'));
      rest.remove_prefix(std::min(rest.size(), one.size() + 1));
      one.remove_prefix(std::min(one.find_first_not_of(' '), one.size()));
      const auto equals = one.find('=');
      if (equals == std::string_view::npos || one.substr(0, equals) != session_cookie) continue;
      if (found) return {};
      found = std::string(one.substr(equals + 1));
    }
  }
  return found.value_or(std::string());
}

OperatorApi::OperatorApi(exchange::Node& node, Accounts& accounts, Gate& gate, Events& events,
                         const PageFiles& pages, ApiOptions options,
                         const std::vector<Route>& table)
    : node_(node),
      accounts_(accounts),
      gate_(gate),
      events_(events),
      pages_(pages),
      options_(std::move(options)),
      router_(table) {}

net::Response OperatorApi::handle(const net::Request& request) {
  auto response = dispatch(request);
  add_fields(response);
  return response;
}

net::Response OperatorApi::dispatch(const net::Request& request) {
  if (const auto host = check_host(request); !host) return problem(host.error(), 421);
  return request.path.starts_with(api_prefix) ? serve_api(request) : serve_page(request);
}

// A page of somebody else can give its own name our address (DNS rebinding) and would then be of
// the same origin as ours. Its requests say its name.
Status OperatorApi::check_host(const net::Request& request) const {
  const auto host = host_name(request.header("Host").value_or(std::string_view()));
  if (host == "localhost" || net::parse_address(host)) return {};
  const auto is_host = [&](const std::string& name) { return lower(name) == host; };
  if (std::any_of(options_.names.begin(), options_.names.end(), is_host)) return {};
  return fail(ErrorKind::InvalidInput,
              fmt::format("'{}' is no name of these pages; call them by their address, or start "
                          "comity serve with --pages-name {}",
                          json::valid_text(host), json::valid_text(host)),
              "Host");
}

net::Response OperatorApi::serve_page(const net::Request& request) const {
  if (!is_safe(request)) return wrong_method("GET, HEAD");
  if (pages_.empty()) {
    return problem({ErrorKind::NotFound,
                    "this program was built without pages; build it with COMITY_PAGES=ON, or start "
                    "comity serve with --web-dir DIR",
                    ""});
  }
  const bool gzip = accepts_gzip(request);
  auto path = request.path == "/" ? std::string("/index.html") : request.path;
  auto file = pages_.find(path, gzip);
  if (!file && is_page_address(path)) {
    path = "/index.html";
    file = pages_.find(path, gzip);
  }
  if (!file) return not_found();
  net::Response response;
  response.headers = {
      {"Content-Type", std::move(file->type)},
      {"Vary", "Accept-Encoding"},
      {"Cache-Control",
       is_named_by_content(path) ? "public, max-age=31536000, immutable" : "no-cache"}};
  if (file->gzip) response.headers.emplace_back("Content-Encoding", "gzip");
  response.body = std::move(file->bytes);
  with_etag(request, response);
  return response;
}

net::Response OperatorApi::serve_api(const net::Request& request) {
  const auto found = router_.find(request.method, request.path);
  if (!found) return problem(found.error());
  if (found->route == nullptr) {
    return found->allow.empty() ? not_found() : wrong_method(found->allow);
  }
  const auto& route = *found->route;
  const auto caller = caller_of(route, request);
  if (const auto may = check_caller(route, request, caller); !may) return problem(may.error());
  auto query = read_query(route, request.query);
  if (!query) return problem(query.error());
  auto body = read_body(route, request);
  if (!body) return problem(body.error());
  static const Caller nobody{};
  Call call{node_,   accounts_,   events_,           caller ? *caller : nobody,
            request, found->path, *std::move(query), *std::move(body)};
  if (const auto factor = check_factor(route, call); !factor) return problem(factor.error());
  auto response = run(route, call);
  secure_cookies(request, response);
  with_etag(request, response);
  // After signing out, too: what that session had open hears nothing more.
  if (!is_safe(request)) refresh();
  return response;
}

void OperatorApi::refresh() {
  events_.look();
  const auto now = node_.now();
  events_.end_if([&](const Caller& caller) { return !gate_.is_signed_in(caller, now); });
}

std::optional<Caller> OperatorApi::caller_of(const Route& route, const net::Request& request) {
  const auto session = session_of(request.headers);
  if (session.empty()) return std::nullopt;
  // What a page that is left open asks by itself is no use of the session, or it would never end.
  const bool use =
      !is_safe(request) || (route.uses_session && !request.header(unattended_header).has_value());
  return gate_.caller_of(session, node_.now(), use);
}

// The enforcement point: where the request came from, who asks, what that account may.
Status OperatorApi::check_caller(const Route& route, const net::Request& request,
                                 const std::optional<Caller>& caller) const {
  const bool open = route.access == Access::Open;
  if (!open && !caller) return fail(ErrorKind::Unauthenticated, "sign in first");
  if (!open && !route.roles.meets(caller->roles)) {
    return fail(ErrorKind::NotPermitted, "no role of this account may do that");
  }
  if (is_safe(request)) return {};
  const auto host = request.header("Host").value_or(std::string_view());
  const auto origin = request.header("Origin");
  if (origin &&
      lower(*origin) != lower(fmt::format("{}://{}", request.tls ? "https" : "http", host))) {
    return fail(ErrorKind::NotPermitted, "this request comes from the page of somebody else",
                "Origin");
  }
  // Signing in and setting up prove themselves by the secrets in their body, and a page that does
  // so has no token yet, whatever session its browser still holds.
  if (open && request.method == "POST") return {};
  const auto token = request.header(csrf_header).value_or(std::string_view());
  if (caller && !gate_.csrf_matches(*caller, token)) {
    return fail(ErrorKind::NotPermitted,
                "the token of the session is missing or wrong; take `csrf` of GET /api/v1/session",
                std::string(csrf_header));
  }
  return {};
}

Status OperatorApi::check_factor(const Route& route, Call& call) {
  if (!route.fresh_factor) return {};
  TRY(const auto code, text_member(call, "code", fresh_code_bytes_max));
  TRY_STATUS(gate_.check_fresh_factor(call.caller, code, node_.now()));
  call.body.object()->erase("code");
  return {};
}

net::Response OperatorApi::run(const Route& route, Call& call) {
  try {
    auto answer = route.handle(call);
    if (answer) return response_of(*std::move(answer));
    // What the node's own files look like is nobody's business who has not signed in.
    if (answer.error().kind == ErrorKind::Corrupt && call.caller.account.empty()) {
      return problem({ErrorKind::Corrupt, "the node cannot answer; see comity doctor", ""});
    }
    return problem(answer.error());
  } catch (...) {
    return problem({ErrorKind::Corrupt, "the request met a defect of this program", ""});
  }
}

std::size_t OperatorApi::body_bytes_max_of(const net::Request& request) {
  if (is_safe(request) || !request.path.starts_with(api_prefix)) return open_body_bytes_max;
  const auto found = router_.find(request.method, request.path);
  if (!found || found->route == nullptr) return open_body_bytes_max;
  const auto& route = *found->route;
  if (route.access == Access::Open || route.body == Body::None) return open_body_bytes_max;
  if (!check_host(request)) return open_body_bytes_max;
  if (!check_caller(route, request, caller_of(route, request))) return open_body_bytes_max;
  return route.body == Body::Raw ? raw_body_bytes_max : json_body_bytes_max;
}

}  // namespace comity::api
