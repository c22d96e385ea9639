#include "taxii/server.h"

#include <fmt/format.h>

#include <algorithm>
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
  out.set("media_types", json::Array{json::Value(stix_media_type)});
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
  if (path.size() == 4 && path[3] == "manifest") {
    return is_read(request) ? page(request, caller, path, Resource::Manifest)
                            : wrong_method("GET, HEAD");
  }
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
  const bool versions = path.size() == 6 && path[5] == "versions";
  if (path.size() > 5 && !versions) return not_found();
  if (request.method == "POST" && path.size() == 4) {
    if (!is_taxii(request.header("Content-Type"))) {
      return answer_error(415, "unsupported-media-type", fmt::format("expected {}", media_type));
    }
    const auto status = collections_.add(caller, path[2], request.body);
    return status ? answer(202, to_json(*status)) : answer_error(status.error());
  }
  if (path.size() == 5 && !is_read(request)) return remove(request, caller, path);
  if (!is_read(request)) return wrong_method(path.size() == 4 ? "GET, HEAD, POST" : "GET, HEAD");
  return page(request, caller, path, versions ? Resource::Versions : Resource::Objects);
}

// What is not a read of one object: its deletion, where this caller may delete anything at all.
net::Response Server::remove(const net::Request& request, const Caller& caller,
                             const std::vector<std::string>& path) const {
  const auto list = collections_.collections(caller);
  if (!list) return answer_error(list.error());
  const auto info = std::find_if(list->begin(), list->end(), [&](const CollectionInfo& one) {
    return one.id == path[2] || one.alias == path[2];
  });
  if (info == list->end()) return not_found();
  if (!info->can_delete) return wrong_method("GET, HEAD");
  if (request.method != "DELETE") return wrong_method("DELETE, GET, HEAD");
  const auto query = read_query(request.query);
  if (!query) return answer_error(query.error());
  const auto removed = collections_.remove(caller, path[2], path[4], *query);
  if (!removed) {
    // One answer, whyever there is nothing to delete.
    return removed.error().kind == ErrorKind::NotFound ? not_found()
                                                       : answer_error(removed.error());
  }
  net::Response response;
  response.headers.emplace_back("Content-Type", std::string(media_type));
  return response;
}

// A page of a collection, or of one object of it.
net::Response Server::page(const net::Request& request, const Caller& caller,
                           const std::vector<std::string>& path, Resource resource) const {
  auto query = read_query(request.query);
  if (!query) return answer_error(query.error());
  query->resource = resource;
  const bool of_one = path.size() > 4;
  if (of_one) {
    query->ids = {path[4]};
    query->types.clear();  // no parameter of these resources (sections 5.6 and 5.8)
  }
  if (resource == Resource::Versions) query->versions = {"all"};
  const auto made = collections_.objects(caller, path[2], *query);
  if (!made) return answer_error(made.error());
  if (of_one && made->items.empty()) {
    const auto there = is_there(caller, path[2], *query);
    if (!there) return answer_error(there.error());
    if (!*there) return not_found();
  }
  return answer_page(*made, resource);
}

// Whether there is anything of an object of which a page shows nothing: then there is nothing new.
Result<bool> Server::is_there(const Caller& caller, const std::string& collection,
                              Query query) const {
  if (!query.added_after && query.next.empty()) return false;
  query.added_after.reset();
  query.next.clear();
  query.limit = 1;
  query.resource = Resource::Versions;
  TRY(const auto page, collections_.objects(caller, collection, query));
  return !page.items.empty();
}

}  // namespace comity::taxii
