#include "exchange/key_change.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/file.h"
#include "exchange/key_notice.h"
#include "exchange/ledger_proof.h"
#include "exchange/procedure.h"
#include "json/parse.h"
#include "trust/revocation.h"

namespace comity::exchange {
namespace {

constexpr const char* root_act = "key-renew-root";

Result<std::vector<std::string>> confirmed_peers(store::Snapshot& snapshot) {
  std::vector<std::string> out;
  TRY(const auto peers, snapshot.peers());
  for (const auto& peer : peers) {
    if (peer.confirmed) out.push_back(peer.party);
  }
  return out;
}

// The number of the certificate that the node presents.
std::int64_t presented_number(const Node& node, const Keyring& ring) {
  const auto digest = trust::certificate_digest(node.tls().certificate_pem);
  for (const auto& key : ring.keys) {
    if (digest && key.record.use == "tls" && key.record.key == view(*digest)) {
      return key.record.number;
    }
  }
  return ring.highest("tls");
}

// What an order says, once the root's signatures hold; a number of 0: none.
struct Signed {
  std::string use;
  std::optional<trust::KeyRecord> record;
  std::optional<trust::KeyRevocation> revocation;
};

Result<Signed> open_order(const Node& node, const Keyring& ring, const KeyOrder& order) {
  Signed out;
  const auto mode = treaty::name(node.mode());
  if (!order.record.empty()) {
    TRY(out.record, trust::open_key_record(order.record, ring.root));
    out.use = out.record->use;
    if (out.record->party != node.party() || out.record->mode != mode) {
      return fail(ErrorKind::NotVerified, "the record is of another party or mode");
    }
  }
  if (!order.revocation.empty()) {
    TRY(out.revocation, trust::open_key_revocation(order.revocation, ring.root));
    if (out.revocation->party != node.party() || out.revocation->mode != mode ||
        (out.record && out.use != out.revocation->use)) {
      return fail(ErrorKind::NotVerified, "the revocation is of another party, mode or use");
    }
    out.use = out.revocation->use;
  }
  if (out.use.empty()) return fail(ErrorKind::InvalidInput, "no record and no revocation");
  return out;
}

Status check_record(const Node& node, const Keyring& ring, const trust::KeyRecord& record) {
  if (record.number != ring.highest(record.use) + 1) {
    return fail(ErrorKind::Conflict,
                fmt::format("{} key number {}; expected {}, the one after the present", record.use,
                            record.number, ring.highest(record.use) + 1));
  }
  const auto now = node.now();
  if (record.not_before.seconds() > now.seconds() + record_ahead_s_max || now >= record.not_after) {
    return fail(ErrorKind::NotVerified, "the record is not valid now");
  }
  if (ring.keys.size() >= ring_keys_max) {
    return fail(ErrorKind::TooLarge, fmt::format("a node keeps at most {} keys", ring_keys_max));
  }
  return {};
}

Status check_revocation(const Keyring& ring, const trust::KeyRevocation& revocation) {
  const auto* key = ring.find(revocation.use, revocation.number);
  if (key == nullptr) {
    return fail(ErrorKind::NotFound,
                fmt::format("this node has no {} key number {}; comity key list shows them",
                            revocation.use, revocation.number));
  }
  if (key->revoked) {
    return fail(ErrorKind::Conflict,
                fmt::format("{} key number {} was revoked at {}", revocation.use, revocation.number,
                            format_rfc3339(*key->revoked)));
  }
  if (!key->until) {
    return fail(ErrorKind::Conflict,
                fmt::format("{} key number {} is the present one: another must take its place "
                            "first",
                            revocation.use, revocation.number));
  }
  return {};
}

// Which certificate is presented from the change on: the old one while peers may not know the new
// one, unless it is revoked.
Result<std::int64_t> to_present(const Node& node, store::Snapshot& snapshot, const Keyring& before,
                                const Keyring& after, bool new_certificate) {
  const auto number = presented_number(node, before);
  const auto* old = after.find("tls", number);
  if (old == nullptr || old->revoked) return after.highest("tls");
  if (!new_certificate) return number;
  if (number != before.highest("tls")) {
    return fail(ErrorKind::Conflict,
                fmt::format("certificate number {} is still presented, because not every peer has "
                            "taken the notice of number {}; comity statements send, or comity key "
                            "notice XX --out FILE, or revoke number {}",
                            number, before.highest("tls"), number));
  }
  TRY(const auto peers, confirmed_peers(snapshot));
  return peers.empty() ? after.highest("tls") : number;
}

// Nobody needs the private file of a node key that has ended. The change has been made by then,
// and a file that stays does no more than lie there.
void remove_node_key(const Node& node, std::int64_t number) {
  (void)remove_file(node.directory() + "/keys/" + key_file("node", number));
}

Result<json::Object> arguments_of(const Signed& asked) {
  json::Object out;
  out.set("use", asked.use);
  if (asked.record) {
    out.set("number", asked.record->number);
    out.set("key", base64url(asked.record->key));
  }
  if (asked.revocation) out.set("revoke", asked.revocation->number);
  return out;
}

}  // namespace

Result<trust::KeyRecord> draft_key(Node& node, const std::string& use) {
  if (trust::algorithm_of(use).empty()) {
    return fail(ErrorKind::InvalidInput,
                fmt::format("'{}' is no use of a key; the uses are node, tls and seal", use));
  }
  // Taken for itself, so that no change of keys goes on at the same time.
  TRY(const auto change, Change::begin(node));
  TRY(const auto ring, keyring(change->store(), node.party()));
  return make_key(node.directory(), node.party(), treaty::name(node.mode()), use,
                  ring.highest(use) + 1, change->at());
}

Result<json::Object> act_arguments(const Node& node, const KeyOrder& order) {
  TRY(const auto snapshot, node.store().read());
  TRY(const auto ring, keyring(*snapshot, node.party()));
  TRY(const auto asked, open_order(node, ring, order));
  return arguments_of(asked);
}

Result<KeyChanged> change_keys(Node& node, const KeyOrder& order,
                               const std::optional<Approval>& approval) {
  TRY(const auto change, Change::begin(node));
  TRY(const auto before, keyring(change->store(), node.party()));
  TRY(const auto asked, open_order(node, before, order));
  auto ring = before;
  KeyChanged out;
  out.use = asked.use;
  if (asked.record) {
    TRY_STATUS(check_record(node, ring, *asked.record));
    ring.add(*asked.record, order.record, change->at());
    out.number = asked.record->number;
  }
  if (asked.revocation) {
    TRY_STATUS(check_revocation(ring, *asked.revocation));
    ring.revoke(asked.use, asked.revocation->number, change->at(), order.revocation);
    out.revoked = asked.revocation->number;
  }
  TRY(const auto tls_number,
      to_present(node, change->store(), before, ring, asked.record && asked.use == "tls"));
  json::Object entry;
  entry.set("type", "key-change");
  TRY(const auto arguments, arguments_of(asked));
  for (const auto& [name, value] : arguments) entry.set(name, value);
  TRY_STATUS(
      approve(node, *change, key_act, arguments, approval, ApprovalNeed::Operational, entry));
  TRY_STATUS(change->set_keys(ring, tls_number, std::move(entry)));
  TRY_STATUS(sign_published_anew(*change, node));
  TRY(out.told, confirmed_peers(change->store()));
  for (const auto& party : out.told) TRY_STATUS(say_key_notice(*change, node, ring, party));
  TRY_STATUS(change->commit());
  if (asked.record && asked.use == "node") remove_node_key(node, out.number - 1);
  return out;
}

json::Object root_act_arguments(const Node& node) {
  json::Object out;
  out.set("root", trust::key_id(node.root_public_key()));
  return out;
}

Result<RootRenewed> renew_root(Node& node, const std::string& revocation,
                               const std::optional<Approval>& approval) {
  TRY(const auto change, Change::begin(node));
  TRY(auto before, keyring(change->store(), node.party()));
  TRY(const auto ended, trust::open_root_revocation(revocation));
  if (ended.root != before.root || ended.party != node.party() ||
      ended.mode != treaty::name(node.mode())) {
    return fail(ErrorKind::NotVerified,
                fmt::format("this revokes root {} of {} ({}); the root of this node is {}",
                            trust::key_id(ended.root), ended.party, ended.mode,
                            trust::key_id(before.root)));
  }
  RootRenewed out;
  json::Object entry;
  entry.set("type", "root-renewed");
  TRY_STATUS(approve(node, *change, root_act, root_act_arguments(node), approval,
                     ApprovalNeed::Operational, entry));
  TRY(out.told, confirmed_peers(change->store()));
  // By the old key, which is the last that it signs.
  for (const auto& party : out.told) {
    TRY_STATUS(say_root_revocation(*change, node, party, revocation));
  }
  const auto* last_key = before.present("node");
  CHECK(last_key != nullptr);
  const auto last_number = last_key->record.number;
  before.end_root(change->at());
  int count = 2;
  const auto file = [&] { return fmt::format("{}/keys/root-{}.pem", node.directory(), count); };
  while (file_exists(file())) ++count;
  TRY(const auto ring, make_root_and_keys(node.directory(), node.party(), treaty::name(node.mode()),
                                          count, before, change->at()));
  TRY_STATUS(change->set_keys(ring, ring.highest("tls"), std::move(entry)));
  TRY_STATUS(sign_published_anew(*change, node));
  TRY_STATUS(change->commit());
  remove_node_key(node, last_number);
  out.root_file = file();
  return out;
}

Result<bool> present_newest(Node& node) {
  TRY(const auto change, Change::begin(node));
  TRY(const auto ring, keyring(change->store(), node.party()));
  const auto* newest = ring.present("tls");
  CHECK(newest != nullptr);
  if (presented_number(node, ring) == newest->record.number) return false;
  const bool over = change->at().seconds() >= newest->from.seconds() + tls_overlap_s;
  TRY(const auto peers, confirmed_peers(change->store()));
  for (const auto& party : peers) {
    TRY(const auto waiting, waiting_statements(change->store(), party));
    const bool told = std::none_of(waiting.begin(), waiting.end(), [](const std::string& id) {
      return id.starts_with("comity-key-notice--");
    });
    if (!told && !over) return false;
  }
  json::Object entry;
  entry.set("type", "certificate-presented");
  entry.set("number", newest->record.number);
  TRY_STATUS(change->set_keys(ring, newest->record.number, std::move(entry)));
  TRY_STATUS(change->commit());
  return true;
}

}  // namespace comity::exchange
