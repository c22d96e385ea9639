// Changes of a node's own keys: a new one, the end of one, a new root.
//
// A new key is drafted (its private file is written, nothing counts), signed by the root wherever
// that lies, and then taken in one change: the ring, the ledger entry, the checkpoint by the new
// key, and a notice to every peer. Form: docs/formats/keys.md. Functions may be called from any
// thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "exchange/act.h"
#include "exchange/node.h"

namespace comity::exchange {

// The record of the key that follows, for the root to sign. Writes the private file; the same call
// again makes another key in its place.
Result<trust::KeyRecord> draft_key(Node& node, const std::string& use);

struct KeyOrder {
  std::string record;      // signed; empty: no new key
  std::string revocation;  // signed; empty: nothing is revoked
};

// What officers sign for it, under the name key_act.
constexpr std::string_view key_act = "key-change";
Result<json::Object> act_arguments(const Node& node, const KeyOrder& order);

struct KeyChanged {
  std::string use;
  std::int64_t number = 0, revoked = 0;  // 0: none
  std::vector<std::string> told;         // the parties for which a notice waits now
};
// Conflict: the record does not follow the present one, the present key is revoked and no other is
// given, or the certificate before is still presented. Which of two officers must sign, in
// operational mode, says act.cpp.
Result<KeyChanged> change_keys(Node& node, const KeyOrder& order,
                               const std::optional<Approval>& approval);

// Ends the node's root by its revocation, tells every peer, and makes another root with new keys;
// then the node is paired anew with each. Act "key-renew-root" with the key id of the old root.
json::Object root_act_arguments(const Node& node);
struct RootRenewed {
  std::string root_file;
  std::vector<std::string> told;
};
Result<RootRenewed> renew_root(Node& node, const std::string& revocation,
                               const std::optional<Approval>& approval);

// Presents the newest certificate once every peer has taken the notice of it, or the overlap has
// run out. True: it changed.
Result<bool> present_newest(Node& node);

}  // namespace comity::exchange
