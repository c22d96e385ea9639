#include "api/router.h"

#include <fmt/format.h>

#include <algorithm>

#include "api/text.h"
#include "json/parse.h"
#include "json/utf8.h"

namespace comity::api {
namespace {

std::vector<std::string_view> split(std::string_view path) {
  std::vector<std::string_view> out;
  while (path.starts_with('/') && out.size() <= path_segments_max) {
    path.remove_prefix(1);
    out.push_back(path.substr(0, path.find('/')));
    path.remove_prefix(out.back().size());
  }
  return out;
}

bool is_name(std::string_view segment) { return segment.starts_with('{'); }

bool matches(const std::vector<std::string_view>& pattern, const std::vector<std::string>& path) {
  return std::equal(pattern.begin(), pattern.end(), path.begin(), path.end(),
                    [](std::string_view expected, const std::string& found) {
                      return is_name(expected) ? !found.empty() : expected == found;
                    });
}

// Whether `a` is the more exact of two patterns that match one path.
bool is_closer(const std::vector<std::string_view>& a, const std::vector<std::string_view>& b) {
  for (std::size_t i = 0; i < a.size() && i < b.size(); ++i) {
    if (is_name(a[i]) != is_name(b[i])) return is_name(b[i]);
  }
  return false;
}

Values values_of(const std::vector<std::string_view>& pattern,
                 const std::vector<std::string>& path) {
  Values out;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (is_name(pattern[i])) {
      out.emplace(pattern[i].substr(1, pattern[i].size() - 2), path[i]);
    }
  }
  return out;
}

bool is_json(std::string_view content_type) {
  constexpr std::string_view type = "application/json";
  const auto bare = content_type.substr(0, content_type.find_first_of("; "));
  return std::equal(bare.begin(), bare.end(), type.begin(), type.end(), [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
  });
}

Status within(const net::Request& request, std::size_t bytes_max) {
  if (request.body.size() <= bytes_max) return {};
  return fail(ErrorKind::TooLarge, fmt::format("the body has {} bytes, at most {} are taken here",
                                               request.body.size(), bytes_max));
}

}  // namespace

Result<Router::Found> Router::find(std::string_view method, std::string_view path) const {
  std::vector<std::string> segments;
  for (const auto raw : split(path)) {
    TRY(auto segment, net::percent_decode(raw));
    if (!is_address_text(segment)) {
      return fail(ErrorKind::InvalidInput, "the path is no UTF-8 text without control characters");
    }
    segments.push_back(std::move(segment));
  }
  const auto sought = method == "HEAD" ? std::string_view("GET") : method;
  Found found;
  std::vector<std::string_view> closest;
  for (const auto& route : table_) {
    auto pattern = split(route.path);
    if (!matches(pattern, segments)) continue;
    if (found.allow.find(route.method) == std::string::npos) {
      found.allow += (found.allow.empty() ? "" : ", ") + std::string(route.method);
      if (route.method == "GET") found.allow += ", HEAD";
    }
    if (route.method != sought) continue;
    if (found.route != nullptr && !is_closer(pattern, closest)) continue;
    found.route = &route;
    closest = std::move(pattern);
  }
  if (found.route != nullptr) found.path = values_of(closest, segments);
  return found;
}

Result<Values> read_query(const Route& route, std::string_view query) {
  TRY(const auto pairs, net::parse_query(query));
  Values out;
  for (const auto& pair : pairs) {
    const auto& name = pair.first;
    if (std::find(route.query.begin(), route.query.end(), name) == route.query.end()) {
      return fail(ErrorKind::InvalidInput,
                  route.query.empty()
                      ? std::string("this address takes nothing behind a question mark")
                      : fmt::format("expected no other names than {}",
                                    fmt::join(route.query.begin(), route.query.end(), ", ")),
                  json::valid_text(name));
    }
    if (!is_address_text(pair.second)) {
      return fail(ErrorKind::InvalidInput, "expected UTF-8 text without control characters", name);
    }
    if (!out.emplace(name, pair.second).second) {
      return fail(ErrorKind::InvalidInput, "this name stands twice; which of the two is meant?",
                  name);
    }
  }
  return out;
}

Result<json::Value> read_body(const Route& route, const net::Request& request) {
  switch (route.body) {
    case Body::None:
      if (request.body.empty()) return json::Value();
      return fail(ErrorKind::InvalidInput, "this operation takes no body");
    case Body::Raw:
      TRY_STATUS(within(request, raw_body_bytes_max));
      return json::Value();
    case Body::Json:
      break;
  }
  TRY_STATUS(within(request, json_body_bytes_max));
  if (!is_json(request.header("Content-Type").value_or(std::string_view()))) {
    return fail(ErrorKind::Unsupported, "expected a body of Content-Type application/json");
  }
  TRY(auto value, json::parse(request.body));
  if (value.object() == nullptr) {
    return fail(ErrorKind::InvalidInput,
                fmt::format("found {}, expected an object", value.type_name()), "$");
  }
  return value;
}

}  // namespace comity::api
