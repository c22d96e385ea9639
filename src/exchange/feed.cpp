#include "exchange/feed.h"

#include <fmt/format.h>

#include <algorithm>

#include "exchange/feed_access.h"
#include "exchange/kept_terms.h"
#include "json/parse.h"
#include "json/write.h"
#include "taxii/refused.h"

namespace comity::exchange {
namespace {

constexpr std::string_view feeds_key = "feeds";
constexpr const char* feed_namespace = "6f1b0f63-3d57-4c8e-9a53-0b0e9d5f7c42";

// What the ledger binds. That a feed ended is no change of its terms.
json::Object feed_terms(const Feed& feed) {
  json::Object out;
  out.set("name", feed.name);
  out.set("url", feed.url);
  out.set("collection", feed.collection);
  out.set("title", feed.title);
  if (!feed.credentials.empty()) out.set("credentials", feed.credentials);
  if (feed.pin) out.set("pin", digest_text(*feed.pin));
  if (feed.authorities) out.set("authorities", digest_text(*feed.authorities));
  if (!feed.options.tlp.empty()) out.set("tlp", feed.options.tlp);
  out.set("area", feed.options.area);
  out.set("purpose", feed.options.purpose);
  out.set("import", feed.import_id);
  out.set("created", format_rfc3339(feed.created, 6));
  return out;
}

json::Object feed_json(const Feed& feed) {
  auto out = feed_terms(feed);
  if (feed.ended) out.set("ended", format_rfc3339(*feed.ended, 6));
  return out;
}

Result<Feed> feed_from(const json::Value& value) {
  Feed out;
  out.name = value.text("name");
  out.url = value.text("url");
  out.collection = value.text("collection");
  out.title = value.text("title");
  out.credentials = value.text("credentials");
  if (value.find("pin") != nullptr) {
    TRY(out.pin, digest_from_text(value.text("pin")));
  }
  if (value.find("authorities") != nullptr) {
    TRY(out.authorities, digest_from_text(value.text("authorities")));
  }
  out.options.tlp = value.text("tlp");
  out.options.area = value.text("area");
  out.options.purpose = value.text("purpose");
  out.import_id = value.text("import");
  TRY(out.created, parse_rfc3339(value.text("created")));
  if (value.find("ended") != nullptr) {
    TRY(out.ended, parse_rfc3339(value.text("ended")));
  }
  if (json::Value(feed_json(out)) != value) {
    return fail(ErrorKind::Corrupt, "the kept feed is not of this form", out.name);
  }
  return out;
}

Status keep_feeds(Change& change, const std::vector<Feed>& all) {
  json::Array list;
  for (const auto& feed : all) list.push_back(feed_json(feed));
  return change.store().set_meta(feeds_key, json::write(list));
}

Status check_new_feed(const Node& node, const NewFeed& wanted) {
  if (!is_terms_name(wanted.name, feed_name_bytes_max)) {
    return fail(ErrorKind::InvalidInput,
                fmt::format("'{}' is no name for a feed; expected 1 to {} small letters, digits "
                            "and hyphens, the first no hyphen",
                            wanted.name, feed_name_bytes_max));
  }
  if (!wanted.options.published.empty()) {
    return fail(ErrorKind::NotPermitted,
                "that material is public can be said of a file that was seen (comity import), "
                "not of what a feed will bring");
  }
  if (!wanted.pin.empty() && !wanted.authorities.empty()) {
    return fail(ErrorKind::InvalidInput,
                "a pinned certificate needs no authorities; give one of the two");
  }
  TRY_STATUS(taxii::check_remote_url(wanted.url));
  return check_import_options(node, wanted.options);
}

Status check_free(const std::vector<Feed>& all, const std::string& name) {
  if (all.size() >= feeds_max) {
    return fail(ErrorKind::TooLarge,
                fmt::format("this node has {} feeds, which is the limit", all.size()));
  }
  for (const auto& feed : all) {
    if (feed.name != name) continue;
    return fail(ErrorKind::Conflict,
                fmt::format("there is or was a feed {}; choose another name, because the ledger "
                            "tells feeds by their names",
                            name));
  }
  return {};
}

}  // namespace

Result<std::vector<Feed>> feeds(store::Snapshot& snapshot) {
  TRY(const auto kept, snapshot.meta(feeds_key));
  std::vector<Feed> out;
  if (!kept) return out;
  TRY(const auto value, json::parse(*kept));
  if (value.array() == nullptr) return fail(ErrorKind::Corrupt, "the list of feeds is no list");
  for (const auto& item : *value.array()) {
    TRY(auto feed, feed_from(item));
    out.push_back(std::move(feed));
  }
  return out;
}

Result<Feed> live_feed(store::Snapshot& snapshot, const std::string& name) {
  TRY(auto all, feeds(snapshot));
  for (auto& feed : all) {
    if (feed.name != name) continue;
    if (!feed.ended) return std::move(feed);
    return fail(ErrorKind::Conflict,
                fmt::format("the feed {} ended at {}", name, format_rfc3339(*feed.ended)));
  }
  return fail(ErrorKind::NotFound,
              fmt::format("there is no feed {}; comity feed list names them", name));
}

Result<Feed> add_feed(Node& node, const NewFeed& wanted) {
  TRY_STATUS(check_new_feed(node, wanted));
  Feed feed;
  feed.name = wanted.name;
  feed.url = wanted.url;
  feed.credentials = wanted.credentials;
  feed.options = wanted.options;
  taxii::RemoteAccess access;
  if (!wanted.pin.empty()) {
    TRY(feed.pin, digest_from_text(wanted.pin));
  }
  if (!wanted.authorities.empty()) {
    TRY(access.authorities_pem, read_authorities(wanted.authorities));
    feed.authorities = sha256(access.authorities_pem);
  }
  if (!wanted.credentials.empty()) TRY_STATUS(read_credentials(wanted.credentials, access));
  access.pinned_certificate = feed.pin;
  access.allowed_networks = node.allowed_networks();
  access.cancelled = &node.stopping();
  const auto authorities = access.authorities_pem;
  {
    TRY(const auto snapshot, node.store().read());
    TRY(const auto all, feeds(*snapshot));
    TRY_STATUS(check_free(all, wanted.name));
    TRY_STATUS(check_no_peer(node, *snapshot, wanted.url, feed.pin, authorities));
  }
  // No change is open while the server is asked.
  taxii::Remote remote(std::move(access));
  TRY(const auto found, remote.find(wanted.url, wanted.collection));
  feed.collection = found.url();
  feed.title = taxii::server_words(found.info.title);

  TRY(const auto change, Change::begin(node));
  TRY(auto all, feeds(change->store()));
  TRY_STATUS(check_free(all, wanted.name));
  feed.created = change->at();
  feed.import_id =
      "import--" + uuid5(feed_namespace, fmt::format("{} {} {} {}", node.party(), feed.name,
                                                     feed.collection, feed.created.micros));
  all.push_back(feed);
  TRY_STATUS(keep_feeds(*change, all));
  if (!authorities.empty()) {
    TRY_STATUS(change->store().set_meta(authorities_key(feed.name), authorities));
  }
  json::Object entry;
  entry.set("type", "feed-added");
  entry.set("feed", feed_terms(feed));
  TRY_STATUS(change->enter("feed", entry));
  TRY_STATUS(change->commit());
  return feed;
}

Status end_feed(Node& node, const std::string& name) {
  TRY(const auto change, Change::begin(node));
  TRY(const auto live, live_feed(change->store(), name));
  TRY(auto all, feeds(change->store()));
  for (auto& feed : all) {
    if (feed.name == name) feed.ended = change->at();
  }
  TRY_STATUS(keep_feeds(*change, all));
  json::Object entry;
  entry.set("type", "feed-ended");
  entry.set("name", name);
  entry.set("at", format_rfc3339(change->at(), 6));
  TRY_STATUS(change->enter("feed", entry));
  return change->commit();
}

Result<std::vector<std::string>> feed_findings(store::Snapshot& snapshot) {
  const auto kept = feeds(snapshot).map([](const std::vector<Feed>& all) {
    std::vector<std::pair<std::string, json::Value>> out;
    for (const auto& feed : all) out.emplace_back(feed.name, feed_json(feed));
    return out;
  });
  return terms_findings(snapshot, "feed", "ended", kept);
}

}  // namespace comity::exchange
