// The keys of one party, as this node knows them: its own, and those of each peer.
//
// A ring is a value, kept in the store's `meta` under `keys:XX` in its RFC 8785 form; every ledger
// entry that changes it names its digest. Form: docs/formats/keys.md, "Ring".
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "json/value.h"
#include "store/store.h"
#include "trust/keys.h"

namespace comity::exchange {

constexpr std::size_t ring_keys_max = 1000;  // of all uses together, present and past
// How long a replaced certificate is still presented, and still accepted by who knows the new one.
constexpr std::int64_t tls_overlap_s = 7 * seconds_per_day;

struct RingKey {
  trust::KeyRecord record;
  std::string text;              // the signed record
  Instant from;                  // when this node entered it
  std::optional<Instant> until;  // when another took its place
  std::optional<Instant> revoked;
  std::string revocation = {};  // of an own key: the signed revocation
  bool former = false;          // hangs from a root before the present one
};

struct Keyring {
  std::string root;                        // raw public key
  std::optional<Instant> root_revoked;     // of the present root
  std::vector<std::string> revoked_roots;  // raw; none of them is taken again
  std::vector<RingKey> keys;               // in the order in which they were entered
  // Of a peer: its statements by older node keys that still count, as its newest notice names them.
  std::vector<Digest> vouched;

  // The next four speak of keys under the present root.
  // The key of a use that no other has replaced; null when there is none.
  const RingKey* present(std::string_view use) const;
  const RingKey* find(std::string_view use, std::int64_t number) const;
  // The highest number of a use; 0 when there is none.
  std::int64_t highest(std::string_view use) const;
  void revoke(std::string_view use, std::int64_t number, Instant at, std::string signed_text = {});

  // Puts a record in the place of the present one of its use; the oldest beyond ring_keys_max goes.
  void add(const trust::KeyRecord& record, std::string text, Instant at);
  // Ends the present root, and all keys under it.
  void end_root(Instant at);
  void set_root(const std::string& new_root, Instant at);
};

std::string keyring_key(const std::string& party);
// The ring as it is kept, and back. Corrupt when it cannot be read.
std::string write_keyring(const Keyring& ring);
Result<Keyring> read_keyring(std::string_view text);
// An empty ring when nothing is known of the party.
Result<Keyring> keyring(store::Snapshot& snapshot, const std::string& party);

// "present", "replaced" or "revoked".
const char* key_state(const RingKey& key);

// Whether a ring takes this certificate at an instant: the present one, or one that was replaced,
// and not revoked, less than the overlap ago.
bool takes_certificate(const Keyring& ring, const Digest& certificate, Instant at);
// The certificate beside the present one that it takes at an instant, if any.
std::optional<Digest> former_certificate(const Keyring& ring, Instant at);

}  // namespace comity::exchange
