// A TAXII 2.1 server of anybody, as a client sees it: its API roots and collections (TAXII 2.1
// sections 4 and 5), and one collection to read from or to write to.
//
// Only https is called, no redirect is followed, and what the server names is called only when it
// lies on the host that the caller named: the credentials are for that host. One thread at a time.
#pragma once

#include <atomic>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "json/value.h"
#include "net/client.h"
#include "taxii/message.h"
#include "taxii/reader.h"
#include "taxii/writer.h"

namespace comity::taxii {

constexpr std::size_t remote_url_bytes_max = 2'000;
constexpr std::size_t remote_roots_max = 32;
constexpr std::size_t remote_collections_max = 1'000;  // of one root

// How the server is known, and how it knows us.
struct RemoteAccess {
  std::string user, password;            // Basic (RFC 7617), when there is a user
  std::string bearer;                    // else Bearer (RFC 6750), when there is a token
  std::string certificate_pem, key_pem;  // ours; both or neither
  std::string authorities_pem;           // empty: those of the system
  std::optional<Digest> pinned_certificate;
  std::vector<std::string> allowed_networks;
  const std::atomic<bool>* cancelled = nullptr;  // see net::ClientRequest
  std::size_t response_bytes_max = net::limits::response_bytes_max;
};

struct RemoteCollection {
  std::string root;  // the URL of its API root, with a slash at its end
  CollectionInfo info;

  std::string url() const;
};

// What a collection is looked for to do.
enum class CollectionUse { Read, Write };

class Remote : public ReadableCollection, public WritableCollection {
 public:
  explicit Remote(RemoteAccess access) : access_(std::move(access)) {}

  // The collections of all API roots that a discovery resource or an API root at `url` leads to, in
  // the order of the server. Errors: InvalidInput when there is neither; those of the request. A
  // root that cannot be asked is left out unless it is the only one.
  Result<std::vector<RemoteCollection>> collections(const std::string& url);
  // Which of them has this id or alias. NotFound names those that can be used so; NotPermitted when
  // it is there and cannot; Conflict when an alias is that of several.
  Result<RemoteCollection> find(const std::string& url, std::string_view id_or_alias,
                                CollectionUse use = CollectionUse::Read);

  // From now on reads the collection at this URL.
  void read_from(std::string collection_url) { collection_ = std::move(collection_url); }
  Result<ObjectPage> objects(const PageQuery& query) override;
  Result<ManifestPage> manifest(const PageQuery& query) override;
  Result<ObjectPage> object(std::string_view id) override;

  // From now on writes to the collection at this URL, as RemoteCollection::url() gives it.
  void write_to(std::string collection_url) { collection_ = std::move(collection_url); }
  Result<WriteTerms> write_terms() override;
  Result<SubmissionStatus> post(const std::string& envelope) override;
  Result<SubmissionStatus> status(std::string_view id) override;
  int last_status() const override { return last_status_; }
  std::optional<std::int64_t> retry_after_s() const override { return retry_after_s_; }

 private:
  Result<net::Response> ask(net::ClientRequest request);
  Result<net::Response> get(const std::string& url, bool only_once = false);
  Result<json::Value> resource(const std::string& url, bool only_once = false);
  Result<std::vector<std::string>> roots(const std::string& url);
  Result<std::vector<RemoteCollection>> collections_of(const std::string& root);
  Result<ObjectPage> page_at(const std::string& url, bool only_once);

  RemoteAccess access_;
  net::Client client_;
  std::string collection_;
  int last_status_ = 0;  // of the last request; 0: no answer
  std::optional<std::int64_t> retry_after_s_;
};

// Whether an address can be one of a server: https, a host, no user in it, no query.
Status check_remote_url(const std::string& url);
// Whether two addresses have the same host and port.
bool on_one_host(std::string_view a, std::string_view b);
// The address that `reference` has, seen from the resource at `base` (RFC 3986 section 5.2; no dot
// segments), with a slash at its end. NotPermitted when it lies on another host.
Result<std::string> resolve_on_host(const std::string& base, const std::string& reference);

}  // namespace comity::taxii
