#include "exchange/feed_access.h"

#include <fmt/format.h>

#include "base/file.h"
#include "json/parse.h"
#include "trust/keys.h"

namespace comity::exchange {
namespace {

std::string beside(const std::string& path, const std::string& file) {
  if (file.starts_with('/')) return file;
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? file : path.substr(0, slash + 1) + file;
}

tl::unexpected<Error> no_credentials(const std::string& path) {
  return fail(ErrorKind::InvalidInput,
              "expected one JSON object with the members user and password, or bearer, or "
              "certificate and key (files with PEM text)",
              path);
}

}  // namespace

Status read_credentials(const std::string& path, taxii::RemoteAccess& access) {
  TRY(const auto text, read_file(path, feed_file_bytes_max));
  const auto value = json::parse(text);
  if (!value || value->object() == nullptr) return no_credentials(path);
  std::string certificate, key;
  for (const auto& [name, given] : *value->object()) {
    std::string* place = name == "user"          ? &access.user
                         : name == "password"    ? &access.password
                         : name == "bearer"      ? &access.bearer
                         : name == "certificate" ? &certificate
                         : name == "key"         ? &key
                                                 : nullptr;
    if (place == nullptr || given.string() == nullptr || given.string()->empty()) {
      return no_credentials(path);
    }
    *place = *given.string();
  }
  const bool basic = !access.user.empty();
  if (basic == access.password.empty() || certificate.empty() != key.empty() ||
      (basic && !access.bearer.empty()) ||
      (!basic && access.bearer.empty() && certificate.empty())) {
    return no_credentials(path);
  }
  // RFC 7617 section 2: the first colon ends the user.
  if (access.user.find(':') != std::string::npos || !net::is_field_value(access.bearer)) {
    return fail(ErrorKind::InvalidInput,
                "a user has no colon, and a token no character that no header may have", path);
  }
  if (certificate.empty()) return {};
  TRY(access.certificate_pem, read_file(beside(path, certificate), feed_file_bytes_max));
  TRY(access.key_pem, read_file(beside(path, key), feed_file_bytes_max));
  return {};
}

Result<std::string> read_authorities(const std::string& path) {
  TRY(auto text, read_file(path, feed_file_bytes_max));
  if (text.find("-----BEGIN CERTIFICATE-----") == std::string::npos) {
    return fail(ErrorKind::InvalidInput,
                "expected the certificates of authorities as PEM text (BEGIN CERTIFICATE)", path);
  }
  return text;
}

std::string authorities_key(std::string_view feed) {
  return fmt::format("feed-authorities:{}", feed);
}

Result<taxii::RemoteAccess> access_of(Node& node, store::Snapshot& snapshot, const Feed& feed) {
  taxii::RemoteAccess access;
  access.allowed_networks = node.allowed_networks();
  access.cancelled = &node.stopping();
  access.pinned_certificate = feed.pin;
  if (feed.authorities) {
    TRY(const auto kept, snapshot.meta(authorities_key(feed.name)));
    if (!kept || sha256(*kept) != *feed.authorities) {
      return fail(ErrorKind::Corrupt, "the kept certificate authorities are not those of the feed",
                  feed.name);
    }
    access.authorities_pem = *kept;
  }
  if (!feed.credentials.empty()) TRY_STATUS(read_credentials(feed.credentials, access));
  return access;
}

Result<std::string> paired_party_at(const Node& node, store::Snapshot& snapshot,
                                    const std::string& url, const std::optional<Digest>& pin,
                                    const std::string& authorities_pem) {
  std::optional<Digest> authority;
  if (!authorities_pem.empty()) {
    TRY(authority, trust::certificate_digest(authorities_pem));
  }
  TRY(const auto own, trust::certificate_digest(node.tls().certificate_pem));
  if (pin == own || authority == own) {
    return fail(ErrorKind::NotPermitted, "that is this node itself", url);
  }
  TRY(const auto peers, snapshot.peers());
  for (const auto& peer : peers) {
    if (taxii::on_one_host(peer.endpoint, url) || pin == peer.certificate ||
        authority == peer.certificate) {
      return peer.party;
    }
  }
  return std::string();
}

Status check_no_peer(const Node& node, store::Snapshot& snapshot, const std::string& url,
                     const std::optional<Digest>& pin, const std::string& authorities_pem) {
  TRY(const auto party, paired_party_at(node, snapshot, url, pin, authorities_pem));
  if (party.empty()) return {};
  return fail(ErrorKind::NotPermitted,
              fmt::format("that is the node of {}, which is paired: what it gives comes by its "
                          "disclosures, with basis and duties, and a feed would bring the same "
                          "without them",
                          party),
              url);
}

}  // namespace comity::exchange
