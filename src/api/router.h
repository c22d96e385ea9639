// From a request to its row of the table: path templates, methods, names of the query, the JSON
// body. Everything here is pure; nothing decides who may (operator_server.h does).
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "api/route.h"

namespace comity::api {

using Values = std::map<std::string, std::string, std::less<>>;

constexpr std::size_t json_body_bytes_max = std::size_t{1024} * 1024;
constexpr std::size_t raw_body_bytes_max = std::size_t{64} * 1024 * 1024;  // a bundle
constexpr std::size_t path_segments_max = 16;

class Router {
 public:
  // `table` outlives the router.
  explicit Router(const std::vector<Route>& table) : table_(table) {}

  struct Found {
    const Route* route = nullptr;
    Values path;        // the values of {names}, decoded
    std::string allow;  // when the path is known and the method is not: the methods it knows
  };

  // HEAD finds the row of GET. Neither route nor `allow`: there is no such path. A literal segment
  // goes before a {name}. InvalidInput for a path that cannot be decoded.
  Result<Found> find(std::string_view method, std::string_view path) const;

 private:
  const std::vector<Route>& table_;
};

// The query of a request, decoded: InvalidInput for a name that the route does not list, a name
// that stands twice, or text that is no UTF-8.
Result<Values> read_query(const Route& route, std::string_view query);

// The body as the route takes it. Unsupported when its Content-Type is another, TooLarge beyond its
// bound, InvalidInput for what is no strict JSON or where none is taken.
Result<json::Value> read_body(const Route& route, const net::Request& request);

}  // namespace comity::api
