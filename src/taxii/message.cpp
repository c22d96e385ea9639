#include "taxii/message.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "json/parse.h"
#include "json/utf8.h"
#include "json/write.h"

namespace comity::taxii {
namespace {

std::string lower(std::string_view text) {
  std::string out;
  for (const char c : text) {
    out.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
  }
  return out;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// Splits at `separator` outside quoted strings.
std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  bool quoted = false;
  std::size_t start = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && quoted) {
      ++i;
    } else if (text[i] == '"') {
      quoted = !quoted;
    } else if (text[i] == separator && !quoted) {
      parts.push_back(trimmed(text.substr(start, i - start)));
      start = i + 1;
    }
  }
  parts.push_back(trimmed(text.substr(start)));
  return parts;
}

struct MediaRange {
  std::string type;      // "application/taxii+json"
  std::string version;   // empty when absent
  bool refused = false;  // quality zero
};

MediaRange read_range(std::string_view text) {
  const auto parts = split(text, ';');
  MediaRange range;
  range.type = lower(parts.front());
  for (std::size_t i = 1; i < parts.size(); ++i) {
    const auto equals = parts[i].find('=');
    if (equals == std::string_view::npos) continue;
    const auto name = lower(trimmed(parts[i].substr(0, equals)));
    auto value = trimmed(parts[i].substr(equals + 1));
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
      value = value.substr(1, value.size() - 2);
    }
    if (name == "version") range.version = std::string(value);
    if (name == "q") {
      range.refused = value.find_first_not_of("0.") == std::string_view::npos;
    }
  }
  return range;
}

bool is_ours(const MediaRange& range) {
  return range.type == "application/taxii+json" &&
         (range.version.empty() || range.version == "2.1");
}

// How exactly a range names our media type (RFC 9110 section 12.5.1); below zero: not at all.
int nearness(const MediaRange& range) {
  if (is_ours(range)) return range.version.empty() ? 2 : 3;
  if (range.type == "application/*") return 1;
  return range.type == "*/*" ? 0 : -1;
}

// A timestamp in a query. The plus of an offset is a blank there unless the client has escaped it.
Result<Instant> read_instant(std::string value) {
  constexpr std::size_t offset = 6;  // of "+00:00"
  if (value.size() > offset && value[value.size() - offset] == ' ') {
    value[value.size() - offset] = '+';
  }
  return parse_rfc3339(value);
}

Result<std::int64_t> read_limit(const std::string& value) {
  std::int64_t limit = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), limit);
  if (error != std::errc() || end != value.data() + value.size() || limit < 1) {
    return fail(ErrorKind::InvalidInput,
                fmt::format("limit={}: expected a whole number above zero", value.substr(0, 40)));
  }
  return limit;
}

void add_list(std::vector<std::string>& list, const std::string& value) {
  for (const auto part : split(value, ',')) {
    if (!part.empty()) list.emplace_back(part);
  }
}

// An instant stands in the query as it was meant, so that nobody has to read it again.
Result<std::string> read_version(const std::string& value) {
  if (value == "last" || value == "first" || value == "all") return value;
  const auto instant = read_instant(value);
  if (!instant) {
    return fail(ErrorKind::InvalidInput,
                fmt::format("match[version]={}: expected last, first, all or a timestamp",
                            value.substr(0, 40)));
  }
  return value.find(' ') == std::string::npos ? value : format_rfc3339(*instant, 6);
}

int http_status(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::InvalidInput:
      return 400;
    case ErrorKind::TooLarge:
      return 413;
    case ErrorKind::NotFound:
      return 404;
    case ErrorKind::Conflict:
      return 409;
    case ErrorKind::NotPermitted:
    case ErrorKind::NotVerified:
      return 403;
    case ErrorKind::Unauthenticated:
      return 401;
    case ErrorKind::Unsupported:
      return 415;
    case ErrorKind::Unavailable:
      return 503;
    case ErrorKind::Corrupt:
      return 500;
  }
  return 500;
}

// The version of an object, in the words of its originator (section 5.3). What has neither instant
// has the one at which it was added: it is the same as long as this grant lasts.
std::string version_of(const json::Value& object, Instant date_added) {
  for (const auto* member : {"modified", "created"}) {
    if (const auto text = object.text(member); !text.empty()) return std::string(text);
  }
  return format_rfc3339(date_added, 6);
}

Status append_item(std::string& out, const Page::Item& item, Resource resource) {
  if (resource == Resource::Objects) {
    out += item.bytes;
    return {};
  }
  const auto object = json::parse(item.bytes);
  if (!object) return fail(ErrorKind::Corrupt, "an object is no JSON: " + object.error().text());
  const auto version = version_of(*object, item.date_added);
  if (resource == Resource::Versions) {
    json::append_string(out, version);
    return {};
  }
  json::Object record;
  record.set("id", object->text("id"));
  record.set("date_added", format_rfc3339(item.date_added, 6));
  record.set("version", version);
  record.set("media_type", stix_media_type);
  out += json::write(record);
  return {};
}

constexpr const char* objects_begin = "{\"objects\":[";
// What stands around the objects of a page, and what an object takes, mostly.
constexpr std::size_t envelope_bytes_guess = 256;
constexpr std::size_t object_bytes_guess = 2048;
constexpr std::size_t page_bytes_guess_max = std::size_t{4} * 1024 * 1024;

// What stands behind the list of a page. The list goes first: what is behind it is known last.
void end_body(std::string& body, bool empty, const std::string* next) {
  if (next != nullptr) {
    body += empty ? "" : ",";
    body += "\"more\":true,\"next\":";
    json::append_string(body, *next);
  }
  body += '}';
}

// The fate of one object as section 4.3.1.1 has it.
json::Object details_of(const Fate& fate) {
  json::Object out;
  out.set("id", fate.id);
  if (!fate.version.empty()) out.set("version", fate.version);
  if (!fate.message.empty()) out.set("message", fate.message);
  return out;
}

std::optional<std::int64_t> count_of(const json::Value* count) {
  if (count == nullptr || count->integer() == nullptr) return std::nullopt;
  return *count->integer();
}

void read_details(const json::Value* list, bool failed, std::vector<Fate>& out) {
  if (list == nullptr || list->array() == nullptr) return;
  for (const auto& item : *list->array()) {
    out.push_back({std::string(item.text("id")), std::string(item.text("version")),
                   std::string(item.text("message")), failed});
  }
}

}  // namespace

std::string_view name(Resource resource) {
  switch (resource) {
    case Resource::Objects:
      return "objects";
    case Resource::Manifest:
      return "manifest";
    case Resource::Versions:
      return "versions";
  }
  return "";
}

bool accepts_taxii(std::optional<std::string_view> accept) {
  if (!accept || trimmed(*accept).empty()) return true;
  bool accepted = false;
  int nearest = -1;
  for (const auto part : split(*accept, ',')) {
    const auto range = read_range(part);
    const int near = nearness(range);
    if (near < nearest || near < 0) continue;
    // The most specific range decides, whatever stands beside it.
    accepted = !range.refused || (near == nearest && accepted);
    nearest = near;
  }
  return accepted;
}

bool is_taxii(std::optional<std::string_view> content_type) {
  return content_type && is_ours(read_range(*content_type));
}

Result<Query> read_query(std::string_view query) {
  TRY(const auto parameters, net::parse_query(query));
  Query out;
  for (const auto& [name, value] : parameters) {
    if (name == "added_after") {
      auto instant = read_instant(value);
      if (!instant) return tl::unexpected<Error>(std::move(instant.error()).at("added_after"));
      out.added_after = *instant;
    } else if (name == "limit") {
      TRY(out.limit, read_limit(value));
    } else if (name == "next") {
      out.next = value;
    } else if (name == "match[id]") {
      add_list(out.ids, value);
    } else if (name == "match[type]") {
      add_list(out.types, value);
    } else if (name == "match[version]") {
      add_list(out.versions, value);
    } else if (name == "match[spec_version]") {
      add_list(out.spec_versions, value);
    }
  }
  for (auto& version : out.versions) {
    TRY(version, read_version(version));
  }
  return out;
}

net::Response answer(int status, const json::Value& body) {
  net::Response response;
  response.status = status;
  response.headers.emplace_back("Content-Type", std::string(media_type));
  response.body = json::write(body);
  return response;
}

net::Response answer_error(int status, std::string_view title, std::string_view description) {
  json::Object body;
  // It may quote what the caller has sent.
  body.set("title", json::valid_text(std::string(title)));
  if (!description.empty()) {
    body.set("description", json::valid_text(std::string(description)));
  }
  body.set("http_status", std::to_string(status));
  auto response = answer(status, body);
  if (status == 503) {
    response.headers.emplace_back("Retry-After", std::to_string(retry_after_seconds));
  }
  return response;
}

net::Response answer_error(const Error& error) {
  return answer_error(http_status(error.kind), name(error.kind), error.text());
}

net::Response refusal(int status, std::string_view text) {
  if (status == 413 || status == 431) return answer_error(status, name(ErrorKind::TooLarge), text);
  if (status == 503) return answer_error(status, name(ErrorKind::Unavailable), text);
  if (status >= 500) return answer_error(status, "defect", text);
  return answer_error(status, name(ErrorKind::InvalidInput), text);
}

void PageWriter::add(std::string_view object, Instant date_added) {
  if (places_.empty()) {
    // Objects of one page are often of one size; what was guessed too low grows.
    const auto count =
        static_cast<std::size_t>(std::clamp<std::int64_t>(objects_max_, 1, page_objects_max));
    places_.reserve(count);
    text_.reserve(std::max(object.size() + envelope_bytes_guess,
                           std::min(count * object_bytes_guess, page_bytes_guess_max)));
    text_ = objects_begin;
  } else {
    text_ += ',';
  }
  places_.push_back({text_.size(), object.size(), date_added});
  text_ += object;
  object_bytes_ += object.size();
}

Page PageWriter::finish(std::optional<std::string> next) && {
  Page page;
  text_ += text_.empty() ? "{" : "]";
  end_body(text_, places_.empty(), next ? &*next : nullptr);
  const auto body = std::make_shared<const std::string>(std::move(text_));
  page.items.reserve(places_.size());
  for (const auto& place : places_) {
    page.items.push_back(
        {std::string_view(*body).substr(place.begin, place.size), place.date_added});
  }
  page.more = next.has_value();
  if (next) page.next = *std::move(next);
  page.held = page.body = body;
  return page;
}

Result<std::string> page_text(const Page& page, Resource resource) {
  std::string body;
  std::size_t bytes = envelope_bytes_guess + page.next.size();
  for (const auto& item : page.items) bytes += item.bytes.size() + 1;
  if (resource == Resource::Objects) body.reserve(bytes);
  for (const auto& item : page.items) {
    if (body.empty()) {
      body += resource == Resource::Versions ? "{\"versions\":[" : objects_begin;
    } else {
      body += ',';
    }
    TRY_STATUS(append_item(body, item, resource));
  }
  body += body.empty() ? "{" : "]";
  end_body(body, page.items.empty(), page.more ? &page.next : nullptr);
  return body;
}

net::Response answer_page(const Page& page, Resource resource) {
  net::Response response;
  if (page.body) {
    response.shared = page.body;
  } else {
    auto body = page_text(page, resource);
    if (!body) return answer_error(body.error());
    response.body = *std::move(body);
  }
  response.headers.emplace_back("Content-Type", std::string(media_type));
  if (!page.items.empty()) {
    response.headers.emplace_back("X-TAXII-Date-Added-First",
                                  format_rfc3339(page.items.front().date_added, 6));
    response.headers.emplace_back("X-TAXII-Date-Added-Last",
                                  format_rfc3339(page.items.back().date_added, 6));
  }
  return response;
}

json::Value to_json(const SubmissionStatus& status) {
  json::Array successes, failures, pendings;
  for (const auto& fate : status.fates) {
    (fate.failed ? failures : successes).push_back(details_of(fate));
  }
  for (const auto& fate : status.pending) pendings.push_back(details_of(fate));
  json::Object out;
  out.set("id", status.id);
  out.set("status", status.pending.empty() ? "complete" : "pending");
  out.set("request_timestamp", format_rfc3339(status.requested, 6));
  out.set("total_count", static_cast<std::int64_t>(status.fates.size() + status.pending.size()));
  out.set("success_count", static_cast<std::int64_t>(successes.size()));
  // TAXII knows no empty lists (section 2).
  if (!successes.empty()) out.set("successes", std::move(successes));
  out.set("failure_count", static_cast<std::int64_t>(failures.size()));
  if (!failures.empty()) out.set("failures", std::move(failures));
  out.set("pending_count", static_cast<std::int64_t>(status.pending.size()));
  if (!pendings.empty()) out.set("pendings", std::move(pendings));
  return out;
}

Result<SubmissionStatus> status_from_json(const json::Value& value) {
  SubmissionStatus status;
  status.id = value.text("id");
  if (const auto* count = value.find("pending_count"); count != nullptr && count->integer()) {
    status.pending_count = *count->integer();
  }
  const auto word = value.text("status");
  const bool pending = word == "pending" && status.pending_count > 0;
  if (status.id.empty() || (word != "complete" && !pending)) {
    return fail(ErrorKind::InvalidInput, "no TAXII status resource that is complete or pending");
  }
  if (!pending) status.pending_count = 0;
  if (const auto requested = value.text("request_timestamp"); !requested.empty()) {
    auto instant = parse_rfc3339(requested);
    if (!instant)
      return tl::unexpected<Error>(std::move(instant.error()).at("$.request_timestamp"));
    status.requested = *instant;
  }
  status.success_count = count_of(value.find("success_count"));
  status.failure_count = count_of(value.find("failure_count"));
  read_details(value.find("successes"), false, status.fates);
  read_details(value.find("failures"), true, status.fates);
  if (pending) read_details(value.find("pendings"), false, status.pending);
  return status;
}

}  // namespace comity::taxii
