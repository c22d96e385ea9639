// TAXII 2.1 as values: media type, resources, query, content negotiation (RFC 9110 section 12).
// Pure functions; safe from any thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "json/value.h"
#include "net/http.h"

namespace comity::taxii {

constexpr std::string_view media_type = "application/taxii+json;version=2.1";
constexpr std::string_view stix_media_type = "application/stix+json;version=2.1";

// Where the one API root of a node lies.
constexpr std::string_view api_root = "/comity/";

constexpr std::int64_t page_objects_default = 100;
constexpr std::int64_t page_objects_max = 1000;
// Of the objects of one page together; a larger one goes alone.
constexpr std::size_t page_bytes_max = std::size_t{16} * 1024 * 1024;
constexpr std::size_t envelope_bytes_max = 32 * 1024 * 1024;

// The forms in which a collection tells of its objects (sections 5.3, 5.4 and 5.8).
enum class Resource { Objects, Manifest, Versions };
std::string_view name(Resource resource);

// What a GET of objects, of the manifest, or of the versions of an object asks for (section 3.4).
struct Query {
  Resource resource = Resource::Objects;
  std::optional<Instant> added_after;
  std::optional<std::int64_t> limit;
  std::string next;
  std::vector<std::string> ids, types;
  std::vector<std::string> versions;  // "last", "first", "all" or instants as text
  std::vector<std::string> spec_versions;
};

// One page: objects byte for byte, in order of their date added. A copy shares the bytes.
struct Page {
  struct Item {
    std::string_view bytes;
    Instant date_added;
  };
  std::vector<Item> items;
  bool more = false;
  std::string next;  // opaque; only with more
  // Where the items lie; null: in what outlives the page.
  std::shared_ptr<const std::string> held = nullptr;
  // The resource that was asked for, as it is sent; null: it is still to be written.
  std::shared_ptr<const std::string> body = nullptr;
};

// Writes the objects resource once: each object is copied into it and nowhere else.
class PageWriter {
 public:
  // `objects_max`: as many are expected at most.
  explicit PageWriter(std::int64_t objects_max) : objects_max_(objects_max) {}

  void add(std::string_view object, Instant date_added);
  std::size_t size() const { return places_.size(); }
  std::size_t object_bytes() const { return object_bytes_; }
  // Of the last one; there is one.
  Instant last_date() const { return places_.back().date_added; }
  // The page, with its body; `next` says where it goes on. The writer is at its end.
  Page finish(std::optional<std::string> next) &&;

 private:
  struct Place {
    std::size_t begin, size;
    Instant date_added;
  };
  std::int64_t objects_max_;
  std::string text_;
  std::size_t object_bytes_ = 0;
  std::vector<Place> places_;
};

struct CollectionInfo {
  std::string id, alias, title, description;
  bool can_read = false, can_write = false;
  bool can_delete = false;  // what this caller has put there itself; no member of the resource
};

// The fate of one object of an envelope (section 4.3.1.1).
struct Fate {
  std::string id;
  std::string version;  // text as the object has it
  std::string message;  // why it failed; empty for a success
  bool failed = false;
};

// A status resource (section 4.3.1).
struct SubmissionStatus {
  std::string id;
  Instant requested;
  std::vector<Fate> fates;
  std::vector<Fate> pending{};     // still to be worked on: id and version alone
  std::int64_t pending_count = 0;  // of a status that was read: also those that it does not list
  // The same of a status that was read, where it says so: servers need not list them.
  std::optional<std::int64_t> success_count{}, failure_count{};

  bool complete() const { return pending.empty() && pending_count == 0; }
};

// Whether `accept` admits TAXII 2.1: a missing field, `*/*`, `application/*`, or
// `application/taxii+json` without version or with version 2.1, with a quality above zero.
bool accepts_taxii(std::optional<std::string_view> accept);
// Whether a body of this Content-Type is TAXII 2.1.
bool is_taxii(std::optional<std::string_view> content_type);

// Unknown parameters are ignored; malformed values are InvalidInput naming the parameter.
Result<Query> read_query(std::string_view query);

net::Response answer(int status, const json::Value& body);
// The TAXII error resource (section 1.6.6.1).
net::Response answer_error(int status, std::string_view title, std::string_view description);
net::Response answer_error(const Error& error);
// How long a client that is told 503 may wait before it asks again (RFC 9110 section 10.2.3).
constexpr int retry_after_seconds = 5;

// What the HTTP server answers by itself (net::ServerOptions::refusal), as an error resource.
net::Response refusal(int status, std::string_view text);
// The body of a page in the form of a resource. Corrupt when an object is no JSON.
Result<std::string> page_text(const Page& page, Resource resource);
// A page in the form of a resource, with X-TAXII-Date-Added-First and -Last; its body when it has
// one.
net::Response answer_page(const Page& page, Resource resource = Resource::Objects);
json::Value to_json(const SubmissionStatus& status);
// InvalidInput for what is neither complete nor pending with a count. Successes come before
// failures.
Result<SubmissionStatus> status_from_json(const json::Value& value);

}  // namespace comity::taxii
