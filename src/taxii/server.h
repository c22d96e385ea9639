// The TAXII 2.1 server as a protocol: paths, methods, media types and error resources. What it
// serves, and to whom, is behind Collections; it knows neither records nor law.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "net/http.h"
#include "taxii/message.h"

namespace comity::taxii {

// Who asks, after the node has looked at the connection's certificate and at the credentials of the
// request.
struct Caller {
  std::string party;
  std::string token{};  // name of the token that was shown; empty: a peer by its certificate
  bool writes = false;  // the token is for writing
};

// Called from several threads at once.
class Collections {
 public:
  virtual ~Collections() = default;
  virtual std::string title() const = 0;
  virtual Result<std::vector<CollectionInfo>> collections(const Caller& caller) = 0;
  // `collection` is an id or an alias. NotFound for what this caller may not know of. Whatever the
  // resource of the query: the objects that are told of, in their order, so that no resource tells
  // of one that another would not.
  virtual Result<Page> objects(const Caller& caller, std::string_view collection,
                               const Query& query) = 0;
  virtual Result<SubmissionStatus> add(const Caller& caller, std::string_view collection,
                                       std::string_view envelope) = 0;
  virtual Result<SubmissionStatus> status(const Caller& caller, std::string_view id) = 0;
  // Takes back what this caller has put into the collection: the versions of an object that the
  // query matches (section 5.7). NotFound when it has put nothing of the kind there.
  virtual Status remove(const Caller& caller, std::string_view collection, std::string_view id,
                        const Query& query) = 0;
};

// Paths below the host, all with and without a trailing slash:
//   /taxii2/  /comity/  /comity/collections/  /comity/collections/{id}/
//   /comity/collections/{id}/manifest/
//   /comity/collections/{id}/objects/  /comity/collections/{id}/objects/{id}/
//   /comity/collections/{id}/objects/{id}/versions/  /comity/status/{id}/
class Server {
 public:
  explicit Server(Collections& collections) : collections_(collections) {}
  net::Response handle(const net::Request& request, const Caller& caller) const;

 private:
  net::Response route(const net::Request& request, const Caller& caller,
                      const std::vector<std::string>& path) const;
  net::Response collection(const net::Request& request, const Caller& caller,
                           const std::vector<std::string>& path) const;
  net::Response objects(const net::Request& request, const Caller& caller,
                        const std::vector<std::string>& path) const;
  net::Response page(const net::Request& request, const Caller& caller,
                     const std::vector<std::string>& path, Resource resource) const;
  net::Response remove(const net::Request& request, const Caller& caller,
                       const std::vector<std::string>& path) const;
  Result<bool> is_there(const Caller& caller, const std::string& collection, Query query) const;

  Collections& collections_;
};

}  // namespace comity::taxii
