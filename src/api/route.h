// One row for each operation of the operator API: method, path, who may, and the function that does
// it. The table is the only place where a route is made: the router, the role × route matrix and
// the test of the OpenAPI document all read it (docs/formats/api.md).
//
// Handlers are plain functions, called on worker threads, possibly several at once.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/role.h"
#include "base/result.h"
#include "exchange/node.h"
#include "json/value.h"
#include "net/http.h"

namespace comity::api {

class Accounts;  // accounts.h: accounts, sessions and second factors
class Events;    // events.h: what pages that are open are told of changes

// Who asks. Empty account: nobody is signed in (only routes that are open to all are reached so).
struct Caller {
  std::string account;
  RoleSet roles;
  std::string session;  // key of the session; never shown
};

// One request that passed sign-in, CSRF and the role check.
struct Call {
  exchange::Node& node;
  Accounts& accounts;
  Events& events;
  const Caller& caller;
  const net::Request& request;
  // The values of {names} in the path, decoded.
  std::map<std::string, std::string, std::less<>> path;
  // Query parameters, decoded; each at most once, and only names that the route lists.
  std::map<std::string, std::string, std::less<>> query;
  // The JSON body; null for a route that takes none.
  json::Value body;

  std::string_view path_value(std::string_view name) const;
  std::string_view query_value(std::string_view name) const;  // "" when absent
};

struct Answer {
  int status = 200;
  json::Value body;                                    // null: no body
  std::string content_type;                            // empty: application/json
  std::string text;                                    // the body when content_type is set
  net::Headers headers = {};                           // Location, Set-Cookie …
  std::shared_ptr<net::EventStream> stream = nullptr;  // goes on after the header; no body then
};

enum class Access {
  Open,     // without sign-in: the sign-in itself, set-up links, the mode, the OpenAPI document
  SignedIn  // with a session and one of `roles`
};

enum class Body { None, Json, Raw };  // Raw: request.body as it is (import of a bundle)

// An unsafe method needs the CSRF token once somebody is signed in; `fresh_factor` asks for a TOTP
// code in the body member "code" besides. It is checked before the handler is called, and the
// handler does not see it. What a browser asks again by itself is no use of the session.
struct Route {
  std::string_view operation;  // operationId: "listRecords"
  std::string_view method;     // "GET", "POST", "PUT", "DELETE"
  std::string_view path;       // "/api/v1/records/{record}"
  Access access = Access::SignedIn;
  RoleSet roles;
  std::vector<std::string_view> query;  // names that it takes
  Body body = Body::None;
  bool fresh_factor = false;
  Result<Answer> (*handle)(Call&) = nullptr;
  bool uses_session = true;
};

// The rows, one function for each file of routes; `routes()` is all of them, in order.
std::vector<Route> session_routes();    // session_routes.cpp
std::vector<Route> account_routes();    // account_routes.cpp
std::vector<Route> today_routes();      // today_routes.cpp
std::vector<Route> exchange_routes();   // exchange_routes.cpp
std::vector<Route> agreement_routes();  // agreement_routes.cpp
std::vector<Route> approval_routes();   // approval_routes.cpp
std::vector<Route> node_routes();       // node_routes.cpp
std::vector<Route> coverage_routes();   // coverage_routes.cpp
std::vector<Route> core_routes();       // core_routes.cpp: events, the OpenAPI document
const std::vector<Route>& routes();

// Lists page on the server: `cursor` is opaque to the caller, `limit` 1 to page_rows_max.
constexpr std::int64_t page_rows_default = 50;
constexpr std::int64_t page_rows_max = 200;

// Reads `limit` of the query: InvalidInput outside the bounds.
Result<std::int64_t> page_limit(const Call& call);
// {"items": […], "next": cursor or null, "total": count when it is cheap}
Answer page(json::Array items, std::optional<std::string> next,
            std::optional<std::int64_t> total = std::nullopt);

// Members of a JSON body. `members` refuses a body that is no object or has a member that is not
// named here (InvalidInput, where "$.name").
Status members(const Call& call, std::initializer_list<std::string_view> allowed);
Result<std::string> text_member(const Call& call, std::string_view name, std::size_t bytes_max);
Result<std::string> optional_text(const Call& call, std::string_view name, std::size_t bytes_max);
Result<std::vector<std::string>> texts_member(const Call& call, std::string_view name,
                                              std::size_t count_max, std::size_t bytes_max);

}  // namespace comity::api
