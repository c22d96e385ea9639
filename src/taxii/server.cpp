#include "taxii/server.h"

#include <fmt/format.h>

#include <utility>

namespace comity::taxii {
namespace {

// The segments of a path, decoded; an empty last one (a trailing slash) does not count.
Result<std::vector<std::string>> segments(std::string_view path) {
  std::vector<std::string> out;
  while (!path.empty()) {
    path.remove_prefix(1);
    const auto end = std::min(path.find('/'), path.size());
    TRY(auto segment, net::percent_decode(path.substr(0, end)));
    path.remove_prefix(end);
    if (!segment.empty() || !path.empty()) out.push_back(std::move(segment));
  }
  return out;
}

bool is_read(const net::Request& request) {
  return request.method == "GET" || request.method == "HEAD";
}

net::Response not_found() { return answer_error(404, "not-found", "there is no such resource"); }

net::Response wrong_method(const char* allowed) {
  auto response = answer_error(405, "method-not-allowed", fmt::format("expected {}", allowed));
  response.headers.emplace_back("Allow", allowed);
  return response;
}

json::Value collection_resource(const CollectionInfo& info) {
  json::Object out;
  out.set("id", info.id);
  out.set("title", info.title);
  out.set("description", info.description);
  out.set("alias", info.alias);
  out.set("can_read", info.can_read);
  out.set("can_write", info.can_write);
  out.set("media_types", json::Array{json::Value("application/stix+json;version=2.1")});
  return out;
}

json::Value discovery(const std::string& title) {
  json::Object out;
  out.set("title", title);
  out.set("default", api_root);
  out.set("api_roots", json::Array{json::Value(api_root)});
  return out;
}

json::Value root_resource(const std::string& title) {
  json::Object out;
  out.set("title", title);
  out.set("versions", json::Array{json::Value(media_type)});
  out.set("max_content_length", static_cast<std::int64_t>(envelope_bytes_max));
  return out;
}

}  // namespace

net::Response Server::handle(const net::Request& request, const Caller& caller) const {
  if (caller.party.empty()) {
    auto response = answer_error(
        401, "unauthenticated",
        "neither the certificate of this connection nor the token of this request belongs to a "
        "party that this node has paired with or given one; exchange invitations first (comity "
        "invite, comity pair), or "
        "ask its operator for a token");
    response.headers.emplace_back("WWW-Authenticate", "Basic realm=\"comity\", charset=\"UTF-8\"");
    response.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"comity\"");
    return response;
  }
  if (!accepts_taxii(request.header("Accept"))) {
    return answer_error(406, "not-acceptable", fmt::format("this server speaks {}", media_type));
  }
  const auto path = segments(request.path);
  if (!path) return answer_error(path.error());
  return route(request, caller, *path);
}

net::Response Server::route(const net::Request& request, const Caller& caller,
                            const std::vector<std::string>& path) const {
  if (path.size() == 1 && path[0] == "taxii2") {
    return is_read(request) ? answer(200, discovery(collections_.title()))
                            : wrong_method("GET, HEAD");
  }
  if (path.empty() || path[0] != "comity") return not_found();
  if (path.size() == 1) {
    return is_read(request) ? answer(200, root_resource(collections_.title()))
                            : wrong_method("GET, HEAD");
  }
  if (path[1] == "status" && path.size() == 3) {
    if (!is_read(request)) return wrong_method("GET, HEAD");
    const auto status = collections_.status(caller, path[2]);
    return status ? answer(200, to_json(*status)) : answer_error(status.error());
  }
  if (path[1] == "collections") return collection(request, caller, path);
  return not_found();
}

net::Response Server::collection(const net::Request& request, const Caller& caller,
                                 const std::vector<std::string>& path) const {
  if (path.size() >= 4 && path[3] == "objects") return objects(request, caller, path);
  if (path.size() > 3) return not_found();
  if (!is_read(request)) return wrong_method("GET, HEAD");
  const auto list = collections_.collections(caller);
  if (!list) return answer_error(list.error());
  if (path.size() == 2) {
    json::Array all;
    for (const auto& info : *list) all.push_back(collection_resource(info));
    json::Object out;
    if (!all.empty()) out.set("collections", std::move(all));
    return answer(200, out);
  }
  for (const auto& info : *list) {
    if (info.id == path[2] || info.alias == path[2]) return answer(200, collection_resource(info));
  }
  return not_found();
}

net::Response Server::objects(const net::Request& request, const Caller& caller,
                              const std::vector<std::string>& path) const {
  if (path.size() > 5) return not_found();
  if (request.method == "POST" && path.size() == 4) {
    if (!is_taxii(request.header("Content-Type"))) {
      return answer_error(415, "unsupported-media-type", fmt::format("expected {}", media_type));
    }
    const auto status = collections_.add(caller, path[2], request.body);
    return status ? answer(202, to_json(*status)) : answer_error(status.error());
  }
  if (!is_read(request)) return wrong_method(path.size() == 4 ? "GET, HEAD, POST" : "GET, HEAD");
  auto query = read_query(request.query);
  if (!query) return answer_error(query.error());
  if (path.size() == 5) query->ids = {path[4]};
  const auto page = collections_.objects(caller, path[2], *query);
  if (!page) return answer_error(page.error());
  if (path.size() == 5 && page->items.empty()) return not_found();
  return answer_page(*page);
}

}  // namespace comity::taxii
