#include "exchange/keyring.h"

#include <fmt/format.h>

#include <algorithm>

#include "json/parse.h"
#include "json/write.h"

namespace comity::exchange {
namespace {

json::Object to_json(const RingKey& key) {
  json::Object out;
  auto record = json::parse(key.text);
  CHECK(record.has_value());
  out.set("record", *std::move(record));
  out.set("from", format_rfc3339(key.from, 6));
  if (key.until) out.set("until", format_rfc3339(*key.until, 6));
  if (key.revoked) out.set("revoked", format_rfc3339(*key.revoked, 6));
  if (key.former) out.set("former", true);
  if (!key.revocation.empty()) {
    auto revocation = json::parse(key.revocation);
    CHECK(revocation.has_value());
    out.set("revocation", *std::move(revocation));
  }
  return out;
}

Result<std::optional<Instant>> optional_instant(const json::Value& value, std::string_view name) {
  if (value.find(name) == nullptr) return std::optional<Instant>();
  TRY(const auto instant, parse_rfc3339(value.text(name)));
  return std::optional(instant);
}

Result<RingKey> read_ring_key(const json::Value& value) {
  RingKey out;
  const auto* record = value.find("record");
  if (record == nullptr) return fail(ErrorKind::Corrupt, "a key without record");
  out.text = json::canonical(*record);
  TRY(out.record, trust::read_key_record(out.text));
  TRY(out.from, parse_rfc3339(value.text("from")));
  TRY(out.until, optional_instant(value, "until"));
  TRY(out.revoked, optional_instant(value, "revoked"));
  if (const auto* revocation = value.find("revocation")) {
    out.revocation = json::canonical(*revocation);
  }
  out.former = value.find("former") != nullptr;
  return out;
}

Result<Keyring> read(std::string_view text) {
  TRY(const auto value, json::parse(text));
  Keyring out;
  TRY(out.root, from_base64url(value.text("root")));
  TRY(out.root_revoked, optional_instant(value, "root_revoked"));
  const auto* keys = value.find("keys");
  const auto* vouched = value.find("vouched");
  const auto* revoked = value.find("revoked_roots");
  for (const auto* list : {keys, vouched, revoked}) {
    if (list == nullptr || list->array() == nullptr) {
      return fail(ErrorKind::Corrupt, "no keys, vouched or revoked_roots");
    }
  }
  for (const auto& item : *revoked->array()) {
    TRY(auto root, from_base64url(item.string() == nullptr ? std::string() : *item.string()));
    out.revoked_roots.push_back(std::move(root));
  }
  for (const auto& item : *keys->array()) {
    TRY(auto key, read_ring_key(item));
    out.keys.push_back(std::move(key));
  }
  for (const auto& item : *vouched->array()) {
    TRY(const auto digest,
        digest_from_text(item.string() == nullptr ? std::string() : *item.string()));
    out.vouched.push_back(digest);
  }
  return out;
}

}  // namespace

const RingKey* Keyring::present(std::string_view use) const {
  const auto at = std::find_if(keys.begin(), keys.end(), [&](const RingKey& key) {
    return key.record.use == use && !key.until && !key.former;
  });
  return at == keys.end() ? nullptr : &*at;
}

const RingKey* Keyring::find(std::string_view use, std::int64_t number) const {
  const auto at = std::find_if(keys.begin(), keys.end(), [&](const RingKey& key) {
    return key.record.use == use && key.record.number == number && !key.former;
  });
  return at == keys.end() ? nullptr : &*at;
}

std::int64_t Keyring::highest(std::string_view use) const {
  std::int64_t out = 0;
  for (const auto& key : keys) {
    if (key.record.use == use && !key.former) out = std::max(out, key.record.number);
  }
  return out;
}

void Keyring::add(const trust::KeyRecord& record, std::string text, Instant at) {
  for (auto& key : keys) {
    if (key.record.use == record.use && !key.until) key.until = at;
  }
  RingKey added;
  added.record = record;
  added.text = std::move(text);
  added.from = at;
  keys.push_back(std::move(added));
  if (keys.size() > ring_keys_max) keys.erase(keys.begin());
}

void Keyring::end_root(Instant at) {
  root_revoked = at;
  if (std::find(revoked_roots.begin(), revoked_roots.end(), root) == revoked_roots.end()) {
    revoked_roots.push_back(root);
  }
  for (auto& key : keys) {
    if (!key.former && !key.revoked) key.revoked = at;
  }
  vouched.clear();
}

void Keyring::set_root(const std::string& new_root, Instant at) {
  if (new_root == root) return;
  for (auto& key : keys) {
    key.former = true;
    if (!key.until) key.until = at;
  }
  root = new_root;
  root_revoked.reset();
  vouched.clear();
}

void Keyring::revoke(std::string_view use, std::int64_t number, Instant at,
                     std::string signed_text) {
  for (auto& key : keys) {
    if (key.former || key.record.use != use || key.record.number != number || key.revoked) continue;
    key.revoked = at;
    key.revocation = std::move(signed_text);
    return;
  }
}

std::string keyring_key(const std::string& party) { return "keys:" + party; }

std::string write_keyring(const Keyring& ring) {
  json::Object out;
  out.set("root", base64url(ring.root));
  if (ring.root_revoked) out.set("root_revoked", format_rfc3339(*ring.root_revoked, 6));
  json::Array revoked;
  for (const auto& root : ring.revoked_roots) revoked.emplace_back(base64url(root));
  out.set("revoked_roots", std::move(revoked));
  json::Array keys;
  for (const auto& key : ring.keys) keys.push_back(to_json(key));
  out.set("keys", std::move(keys));
  json::Array vouched;
  for (const auto& digest : ring.vouched) vouched.emplace_back(digest_text(digest));
  out.set("vouched", std::move(vouched));
  return json::canonical(out);
}

Result<Keyring> read_keyring(std::string_view text) {
  auto ring = read(text);
  if (ring) return ring;
  return fail(ErrorKind::Corrupt,
              "the keys that the store holds cannot be read: " + ring.error().text());
}

Result<Keyring> keyring(store::Snapshot& snapshot, const std::string& party) {
  TRY(const auto text, snapshot.meta(keyring_key(party)));
  if (!text) return Keyring{};
  return read_keyring(*text);
}

const char* key_state(const RingKey& key) {
  return key.revoked ? "revoked" : key.until ? "replaced" : "present";
}

bool takes_certificate(const Keyring& ring, const Digest& certificate, Instant at) {
  if (ring.root_revoked) return false;
  return std::any_of(ring.keys.begin(), ring.keys.end(), [&](const RingKey& key) {
    if (key.record.use != "tls" || key.record.key != view(certificate) || key.revoked) return false;
    return !key.until || at.seconds() < key.until->seconds() + tls_overlap_s;
  });
}

std::optional<Digest> former_certificate(const Keyring& ring, Instant at) {
  for (auto key = ring.keys.rbegin(); key != ring.keys.rend(); ++key) {
    if (key->record.use != "tls" || !key->until) continue;
    const auto digest = digest_from_bytes(key->record.key);
    if (digest && takes_certificate(ring, *digest, at)) return *digest;
    break;  // only the one before the present one
  }
  return std::nullopt;
}

}  // namespace comity::exchange
