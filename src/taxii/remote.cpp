#include "taxii/remote.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "json/parse.h"
#include "json/texts.h"
#include "taxii/refused.h"

namespace comity::taxii {
namespace {

constexpr std::string_view https = "https://";

std::string lower_case(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

// "https://host:port", and by it hosts are compared.
std::string host_of(std::string_view url) {
  const auto end = std::min(url.find('/', https.size()), url.size());
  auto host = lower_case(url.substr(0, end));
  if (host.ends_with(":443")) host.resize(host.size() - 4);
  return host;
}

std::string with_slash(std::string url) {
  if (!url.ends_with('/')) url += '/';
  return url;
}

// Servers write the media type in many ways; that of TAXII 2.0 is another protocol.
Status check_media_type(const net::Response& response, const std::string& url) {
  const auto type = response.header("Content-Type");
  if (!type || is_taxii(type)) return {};
  auto name = lower_case(type->substr(0, type->find(';')));
  while (name.ends_with(' ')) name.pop_back();
  if (name.empty() || name == "application/json" || name == "application/stix+json") return {};
  const bool older = name.find("taxii+json") != std::string::npos;
  return fail(ErrorKind::Unsupported,
              fmt::format("the server answered with {}, expected {}{}", server_words(*type),
                          media_type, older ? "; another version of TAXII is not read" : ""),
              url);
}

// What is not JSON may have been cut off on its way.
Error unreadable(const Error& error, const std::string& url) {
  return {ErrorKind::Corrupt, "the answer cannot be read: " + error.text(), url};
}

bool is_true(const json::Value* value) {
  return value != nullptr && value->boolean() != nullptr && *value->boolean();
}

std::optional<Instant> date_header(const net::Response& response, std::string_view name) {
  const auto field = response.header(name);
  if (!field) return std::nullopt;
  const auto instant = parse_rfc3339(*field);
  return instant ? std::optional(*instant) : std::nullopt;
}

std::string query_text(const PageQuery& query) {
  std::string out = fmt::format("?limit={}&match%5Bversion%5D=all", query.limit);
  if (query.added_after) {
    out += "&added_after=" + net::percent_encode(format_rfc3339(*query.added_after, 6));
  }
  if (!query.next.empty()) out += "&next=" + net::percent_encode(query.next);
  return out;
}

bool serves(const CollectionInfo& info, CollectionUse use) {
  return use == CollectionUse::Read ? info.can_read : info.can_write;
}

const char* verb(CollectionUse use) { return use == CollectionUse::Read ? "read" : "write"; }

std::string named_collections(const std::vector<RemoteCollection>& all, CollectionUse use) {
  std::string out;
  for (const auto& one : all) {
    if (!serves(one.info, use)) continue;
    out += fmt::format("{}{}{} ({})", out.empty() ? "" : ", ", server_words(one.info.id),
                       one.info.alias.empty() ? "" : " or " + server_words(one.info.alias),
                       server_words(one.info.title));
  }
  if (!out.empty()) return out;
  return use == CollectionUse::Read ? "none that can be read" : "none that can be written to";
}

// How long the server asks to be left alone (RFC 9110 section 10.2.3): seconds, or a date, which is
// taken by the server's own clock.
std::optional<std::int64_t> retry_after(const net::Response& response) {
  const auto field = response.header("Retry-After");
  if (!field) return std::nullopt;
  std::int64_t seconds = 0;
  const auto* end = field->data() + field->size();
  const auto read = std::from_chars(field->data(), end, seconds);
  if (read.ec != std::errc() || read.ptr != end) {
    const auto own = response.header("Date");
    const auto then = net::read_date(*field), now = own ? net::read_date(*own) : std::nullopt;
    if (!then || !now) return std::nullopt;
    seconds = *then - *now;
  }
  return std::clamp(seconds, std::int64_t{0}, retry_after_s_max);
}

// The API root of a collection at this address.
std::string root_of(const std::string& collection) {
  constexpr std::string_view between = "/collections/";
  const auto at = collection.rfind(between);
  return at == std::string::npos ? collection : collection.substr(0, at + 1);
}

}  // namespace

std::string RemoteCollection::url() const {
  return fmt::format("{}collections/{}/", root, net::percent_encode(info.id));
}

Status check_remote_url(const std::string& url) {
  const auto host = url.substr(0, https.size()) == https ? host_of(url).substr(https.size()) : "";
  if (host.empty() || url.size() > remote_url_bytes_max || !net::is_field_value(url) ||
      url.find_first_of("?# ") != std::string::npos) {
    return fail(ErrorKind::InvalidInput,
                fmt::format("{} is no address of a TAXII server; expected https://host/path/ of at "
                            "most {} bytes",
                            server_words(url), remote_url_bytes_max));
  }
  if (host.find('@') != std::string::npos) {
    return fail(ErrorKind::InvalidInput,
                "user and password do not stand in the address; they are in a file");
  }
  return {};
}

bool on_one_host(std::string_view a, std::string_view b) { return host_of(a) == host_of(b); }

Result<std::string> resolve_on_host(const std::string& base, const std::string& reference) {
  std::string out;
  if (reference.find("://") != std::string::npos) {
    out = reference;
  } else if (reference.starts_with("//")) {
    out = "https:" + reference;
  } else if (reference.starts_with('/')) {
    out = host_of(base) + reference;
  } else {
    out = base.substr(0, base.rfind('/') + 1) + reference;
  }
  out = with_slash(std::move(out));
  TRY_STATUS(check_remote_url(out));
  if (host_of(out) != host_of(base)) {
    return fail(ErrorKind::NotPermitted,
                fmt::format("the server names {}, which lies on another host; give that address "
                            "itself if it is right, with the credentials for it",
                            server_words(out)),
                base);
  }
  return out;
}

Result<net::Response> Remote::get(const std::string& url, bool only_once) {
  net::ClientRequest request;
  request.only_once = only_once;
  request.url = url;
  return ask(std::move(request));
}

Result<net::Response> Remote::ask(net::ClientRequest request) {
  request.headers.emplace_back("Accept", std::string(media_type));
  if (!access_.user.empty()) {
    request.headers.emplace_back("Authorization",
                                 "Basic " + base64(access_.user + ":" + access_.password));
  } else if (!access_.bearer.empty()) {
    request.headers.emplace_back("Authorization", "Bearer " + access_.bearer);
  }
  request.certificate_pem = access_.certificate_pem;
  request.key_pem = access_.key_pem;
  request.authorities_pem = access_.authorities_pem;
  request.pinned_certificate = access_.pinned_certificate;
  request.allowed_networks = access_.allowed_networks;
  request.cancelled = access_.cancelled;
  request.response_bytes_max = access_.response_bytes_max;
  last_status_ = 0;
  retry_after_s_.reset();
  TRY(auto response, client_.send(request));
  last_status_ = response.status;
  retry_after_s_ = retry_after(response);
  if (response.status < 200 || response.status > 299) {
    return refused("server", response, request.url);
  }
  TRY_STATUS(check_media_type(response, request.url));
  return response;
}

Result<json::Value> Remote::resource(const std::string& url, bool only_once) {
  TRY(const auto response, get(url, only_once));
  auto value = json::parse(response.body);
  if (!value) return tl::unexpected<Error>(unreadable(value.error(), url));
  return *std::move(value);
}

// Sections 4.1 and 4.2: a discovery resource names API roots, an API root its versions.
Result<std::vector<std::string>> Remote::roots(const std::string& url) {
  TRY(const auto found, resource(url));
  if (found.find("versions") != nullptr) return std::vector<std::string>{url};
  auto named = json::texts_of(found.find("api_roots"));
  if (const auto first = found.text("default"); !first.empty()) named.emplace_back(first);
  if (named.empty()) {
    return fail(ErrorKind::InvalidInput,
                "there is neither a discovery resource that names API roots nor an API root", url);
  }
  std::vector<std::string> out;
  std::optional<Error> other;
  for (const auto& name : named) {
    auto root = resolve_on_host(url, name);
    if (!root) {
      other = root.error();
    } else if (out.size() < remote_roots_max &&
               std::find(out.begin(), out.end(), *root) == out.end()) {
      out.push_back(*std::move(root));
    }
  }
  if (out.empty()) return tl::unexpected<Error>(*std::move(other));
  return out;
}

// Section 5.1.
Result<std::vector<RemoteCollection>> Remote::collections_of(const std::string& root) {
  TRY(const auto found, resource(root + "collections/"));
  std::vector<RemoteCollection> out;
  const auto* list = found.find("collections");
  if (list == nullptr || list->array() == nullptr) return out;
  for (const auto& item : *list->array()) {
    if (out.size() >= remote_collections_max) break;
    RemoteCollection one;
    one.root = root;
    one.info.id = item.text("id");
    one.info.alias = item.text("alias");
    one.info.title = item.text("title");
    one.info.can_read = is_true(item.find("can_read"));
    one.info.can_write = is_true(item.find("can_write"));
    if (!one.info.id.empty()) out.push_back(std::move(one));
  }
  return out;
}

Result<std::vector<RemoteCollection>> Remote::collections(const std::string& url) {
  TRY_STATUS(check_remote_url(url));
  TRY(const auto all, roots(with_slash(url)));
  std::vector<RemoteCollection> out;
  std::optional<Error> failed;
  bool answered = false;
  for (const auto& root : all) {
    auto of_root = collections_of(root);
    if (!of_root) {
      failed = std::move(of_root).error();
      continue;
    }
    answered = true;
    std::move(of_root->begin(), of_root->end(), std::back_inserter(out));
  }
  if (!answered) return tl::unexpected<Error>(*std::move(failed));
  return out;
}

Result<RemoteCollection> Remote::find(const std::string& url, std::string_view id_or_alias,
                                      CollectionUse use) {
  TRY(const auto all, collections(url));
  std::vector<const RemoteCollection*> found;
  for (const auto& one : all) {
    if (one.info.id == id_or_alias || (!id_or_alias.empty() && one.info.alias == id_or_alias)) {
      found.push_back(&one);
    }
  }
  if (found.empty()) {
    return fail(ErrorKind::NotFound,
                fmt::format("the server has no collection '{}'; it has {}", id_or_alias,
                            named_collections(all, use)),
                url);
  }
  if (found.size() > 1) {
    return fail(
        ErrorKind::Conflict,
        fmt::format("'{}' is a collection at {} and at {}; give the address of one of these "
                    "API roots",
                    id_or_alias, found[0]->root, found[1]->root),
        url);
  }
  if (!serves(found.front()->info, use)) {
    return fail(ErrorKind::NotPermitted,
                fmt::format("the server does not let us {} '{}'; it has {}", verb(use), id_or_alias,
                            named_collections(all, use)),
                url);
  }
  return *found.front();
}

Result<ObjectPage> Remote::page_at(const std::string& url, bool only_once) {
  TRY(const auto response, get(url, only_once));
  ObjectPage page;
  auto envelope = json::split(response.body, "objects", [&](std::string_view element, std::size_t) {
    page.objects.emplace_back(element);
    return Status();
  });
  if (!envelope) {
    // An envelope without objects has no such member (section 3).
    const auto whole = json::parse(response.body);
    if (!whole || whole->object() == nullptr || whole->find("objects") != nullptr) {
      return tl::unexpected<Error>(unreadable(envelope.error(), url));
    }
    envelope = *whole->object();
  }
  page.more = is_true(envelope->find("more"));
  if (const auto* next = envelope->find("next"); next != nullptr && next->string() != nullptr) {
    page.next = *next->string();
  }
  page.first = date_header(response, "X-TAXII-Date-Added-First");
  page.last = date_header(response, "X-TAXII-Date-Added-Last");
  return page;
}

Result<ObjectPage> Remote::objects(const PageQuery& query) {
  // A `next` may be gone with its first answer.
  return page_at(collection_ + "objects/" + query_text(query), !query.next.empty());
}

Result<ObjectPage> Remote::object(std::string_view id) {
  auto page = page_at(
      fmt::format("{}objects/{}/?match%5Bversion%5D=all", collection_, net::percent_encode(id)),
      false);
  // A server that fails here will do so again: it is no lost answer.
  if (!page && last_status_ == 500) page.error().kind = ErrorKind::Corrupt;
  return page;
}

Result<ManifestPage> Remote::manifest(const PageQuery& query) {
  auto found = resource(collection_ + "manifest/" + query_text(query), !query.next.empty());
  if (!found && last_status_ == 500) found.error().kind = ErrorKind::Corrupt;
  TRY(const auto value, std::move(found));
  ManifestPage page;
  page.more = is_true(value.find("more"));
  page.next = value.text("next");
  const auto* list = value.find("objects");
  if (list == nullptr || list->array() == nullptr) return page;
  for (const auto& item : *list->array()) {
    ManifestEntry entry{std::string(item.text("id")), std::string(item.text("version")), {}};
    if (const auto date = parse_rfc3339(item.text("date_added"))) entry.date_added = *date;
    page.entries.push_back(std::move(entry));
  }
  return page;
}

Result<WriteTerms> Remote::write_terms() {
  WriteTerms out;
  TRY(const auto root, resource(root_of(collection_)));
  if (const auto* most = root.find("max_content_length");
      most != nullptr && most->integer() != nullptr && *most->integer() > 0) {
    out.content_bytes_max = *most->integer();
  }
  TRY(const auto found, resource(collection_));
  out.can_write = is_true(found.find("can_write"));
  return out;
}

Result<SubmissionStatus> Remote::post(const std::string& envelope) {
  net::ClientRequest request;
  request.method = "POST";
  request.url = collection_ + "objects/";
  // Written without a space: some servers compare the text.
  request.headers.emplace_back("Content-Type", std::string(media_type));
  request.body = envelope;
  TRY(const auto response, ask(std::move(request)));
  const auto value = json::parse(response.body);
  if (!value) return tl::unexpected<Error>(unreadable(value.error(), collection_));
  return status_from_json(*value);
}

Result<SubmissionStatus> Remote::status(std::string_view id) {
  TRY(const auto value,
      resource(fmt::format("{}status/{}/", root_of(collection_), net::percent_encode(id))));
  return status_from_json(value);
}

}  // namespace comity::taxii
