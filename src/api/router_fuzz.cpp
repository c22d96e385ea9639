#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "api/cursor.h"
#include "api/etag.h"
#include "api/operator_server.h"
#include "api/problem.h"
#include "api/router.h"
#include "json/parse.h"

using namespace comity;

// Line by line: method, target, cookie, If-None-Match, Content-Type; then the body. What is found
// must be what was asked for, and every refusal must be an answer in JSON.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  std::array<std::string_view, 5> lines;
  for (auto& line : lines) {
    line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
  }
  static const api::Router router(api::routes());
  const auto question = lines[1].find('?');
  const auto path = lines[1].substr(0, question);
  const auto query =
      question == std::string_view::npos ? std::string_view() : lines[1].substr(question + 1);
  const auto check = [](const Error& error) {
    CHECK(json::parse(api::problem(error).body).has_value());
  };
  const auto found = router.find(lines[0], path);
  if (!found) check(found.error());
  net::Request request;
  request.headers = {{"Content-Type", std::string(lines[4])}};
  request.body = std::string(rest);
  for (const auto& route : api::routes()) {
    const bool is_found = found && found->route == &route;
    CHECK(!is_found || route.method == lines[0] || (lines[0] == "HEAD" && route.method == "GET"));
    if (!is_found) continue;
    const auto values = api::read_query(route, query);
    if (!values) check(values.error());
    const auto body = api::read_body(route, request);
    if (!body) check(body.error());
  }
  (void)api::session_of({{"Cookie", std::string(lines[2])}});
  (void)api::names_etag(lines[3], api::etag_of("a"));
  const auto position = api::read_cursor("listRecords", lines[2]);
  CHECK(!position || api::write_cursor("listRecords", *position) == lines[2] || lines[2].empty());
  return 0;
}
