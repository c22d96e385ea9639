// TAXII 2.1 as values: media type, resources, query, content negotiation (RFC 9110 section 12).
// Pure functions; safe from any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "json/value.h"
#include "net/http.h"

namespace comity::taxii {

constexpr std::string_view media_type = "application/taxii+json;version=2.1";

// Where the one API root of a node lies.
constexpr std::string_view api_root = "/comity/";

constexpr std::int64_t page_objects_default = 100;
constexpr std::int64_t page_objects_max = 1000;
constexpr std::size_t envelope_bytes_max = 32 * 1024 * 1024;

// What a GET of objects asks for (section 3.4).
struct Query {
  std::optional<Instant> added_after;
  std::optional<std::int64_t> limit;
  std::string next;
  std::vector<std::string> ids, types;
  std::vector<std::string> versions;  // "last", "first", "all" or instants as text
  std::vector<std::string> spec_versions;
};

// One page: objects byte for byte, in order of their date added.
struct Page {
  struct Item {
    std::string bytes;
    Instant date_added;
  };
  std::vector<Item> items;
  bool more = false;
  std::string next;  // opaque; only with more
};

struct CollectionInfo {
  std::string id, alias, title, description;
  bool can_read = false, can_write = false;
};

// The fate of one object of an envelope (section 4.3.1.1).
struct Fate {
  std::string id;
  std::string version;  // text as the object has it
  std::string message;  // why it failed; empty for a success
  bool failed = false;
};

// A status resource (section 4.3.1); complete when it has no pending ones.
struct SubmissionStatus {
  std::string id;
  Instant requested;
  std::vector<Fate> fates;
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
// An envelope with X-TAXII-Date-Added-First and -Last.
net::Response answer_page(const Page& page);
json::Value to_json(const SubmissionStatus& status);
Result<SubmissionStatus> status_from_json(const json::Value& value);

}  // namespace comity::taxii
