// One party's node: its data directory, keys, store and law, and the only way to change what it
// keeps.
//
// A Node owns all of these. Reading functions may be called from several threads; changes are made
// one at a time through Change, which enters them in the ledger in the same transaction.
#pragma once

#include <atomic>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/world.h"
#include "exchange/node_keys.h"
#include "exchange/party_locks.h"
#include "json/value.h"
#include "ledger/merkle.h"
#include "ledger/note.h"
#include "store/lock.h"
#include "store/store.h"
#include "treaty/compiled.h"
#include "treaty/register.h"
#include "treaty/register_cache.h"
#include "trust/keys.h"

namespace comity::exchange {

class GroupCommit;  // group_commit.h
class VerdictMemo;  // verdict_memo.h

// The exercise clock goes at most this far ahead of the real one: a hundred years.
constexpr std::int64_t exercise_ahead_s_max = 36'525 * seconds_per_day;
// Registers that were held before and are kept compiled; others are compiled again when asked for.
constexpr std::size_t past_laws_max = 32;

struct NewNode {
  std::string party;
  treaty::Mode mode = treaty::Mode::Operational;
  std::string exercise;  // name of the exercise; empty in operational mode
  treaty::RegisterFiles register_files;
  std::string listen =
      "127.0.0.1:0";  // address:port; port 0: chosen by the system at the first start
  std::vector<std::string> allowed_networks;  // private networks in which peers may be
};

enum class NodeAccess { ReadWrite, ReadOnly };

class Node {
 public:
  // Makes a data directory: keys, store, register, first ledger entries. The directory must be
  // empty or absent.
  static Status create(const std::string& directory, const NewNode& options, const Clock& clock,
                       Random& random);
  // ReadWrite takes the lock of the directory and keeps it.
  static Result<std::unique_ptr<Node>> open(const std::string& directory, NodeAccess access,
                                            const Clock& clock, Random& random);
  ~Node();

  const std::string& directory() const { return directory_; }
  const std::string& party() const { return party_; }
  treaty::Mode mode() const { return mode_; }
  const std::string& exercise() const { return exercise_; }
  const std::string& listen() const { return listen_; }
  const std::vector<std::string>& allowed_networks() const { return allowed_networks_; }

  store::Store& store() const { return *store_; }
  // Where what peers bring in becomes changes that share a sync.
  GroupCommit& admissions() const { return *admissions_; }
  // What was decided for views.
  VerdictMemo& verdicts() const { return *verdicts_; }
  // The keys as they are now; what it refers to stays valid as long as the node. All of one moment
  // belong together.
  const NodeKeys& keys() const { return *keys_.load(); }
  const trust::SigningKey& signing_key() const { return keys().signing; }
  const std::string& root_public_key() const { return keys().root; }
  const trust::TlsIdentity& tls() const { return keys().tls; }
  // From now on presents the certificate of this number, which the ring holds.
  Status present_certificate(const Keyring& ring, std::int64_t number);
  const std::string& page_secret() const { return page_secret_; }

  // The present instant, never before the last ledger entry.
  Instant now() const;
  // What the machine's clock says, and the instant of the last ledger entry.
  Instant machine_time() const { return clock_.now(); }
  Instant last_entry() const;
  // The instant about which the law is asked: now, ahead by as much as the exercise clock was
  // advanced (exercise_clock.h).
  Instant treaty_now() const;
  std::int64_t exercise_ahead_s() const;
  Random& random() const { return random_; }

  // Held from deciding what a party gets until it is disclosed, so that nothing is disclosed twice;
  // and for the whole of one delivery to it. Never both, and no Change is open when one is taken.
  PartyLocks& disclosing() { return disclosing_; }
  PartyLocks& delivering() { return delivering_; }
  // Set when the process ends: requests to peers are given up.
  std::atomic<bool>& stopping() { return stopping_; }
  // Where this process serves pages, "https://192.0.2.1:8443"; empty: it serves none.
  std::string pages_url() const;
  void set_pages_url(std::string url);

  // The law as this node holds it now. The pointer stays valid while it is held.
  std::shared_ptr<const treaty::CompiledRegister> law() const;
  // The law of a register digest that this node held at some time; NotFound otherwise.
  Result<std::shared_ptr<const treaty::CompiledRegister>> law_of(const Digest& digest) const;
  // What was read of register files, for whoever loads one that differs little from the present.
  treaty::RegisterCache& register_cache() const { return register_cache_; }
  // The files of the present register.
  Result<treaty::RegisterFiles> register_files() const;

 private:
  friend class Change;
  Node(std::string directory, const Clock& clock, Random& random);
  Status load_keys();
  void use_keys(std::unique_ptr<const NodeKeys> keys);
  Status load_meta();
  Status load_ledger();
  Result<std::shared_ptr<const treaty::CompiledRegister>> compile(const std::string& files) const;
  // The mutex of the law is held.
  void keep_past_law(std::shared_ptr<const treaty::CompiledRegister> law) const;

  std::string directory_;
  const Clock& clock_;
  Random& random_;
  std::optional<store::DataLock> lock_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<GroupCommit> admissions_;
  std::unique_ptr<VerdictMemo> verdicts_;
  std::string party_, exercise_, listen_, page_secret_;
  treaty::Mode mode_ = treaty::Mode::Operational;
  std::vector<std::string> allowed_networks_;
  std::mutex keys_mutex_;
  std::vector<std::unique_ptr<const NodeKeys>> all_keys_;  // kept: others may refer to them
  std::atomic<const NodeKeys*> keys_ = nullptr;

  mutable std::mutex law_mutex_;
  std::shared_ptr<const treaty::CompiledRegister> law_;
  mutable std::map<Digest, std::shared_ptr<const treaty::CompiledRegister>> past_laws_;
  mutable std::deque<Digest> past_order_;  // of past_laws_
  mutable treaty::RegisterCache register_cache_;

  PartyLocks disclosing_, delivering_;
  std::atomic<bool> stopping_ = false;

  std::mutex change_mutex_;  // held by the one Change in work
  mutable std::mutex ledger_mutex_;
  ledger::Frontier frontier_;
  Instant last_entry_;
  bool sealed_ = false;  // the ledger, as it was read, is the one its checkpoint was signed for
  std::int64_t exercise_ahead_s_ = 0;  // as the ledger says

  mutable std::mutex pages_mutex_;
  std::string pages_url_;
};

// One change of a node: a transaction together with its ledger entries and the checkpoint that
// covers them. Nothing is kept unless commit succeeds. Only one exists at a time in a node; begin
// waits.
class Change {
 public:
  // Corrupt when the ledger is not the one that its checkpoint was signed for: a checkpoint made on
  // top of it would hide what was changed.
  static Result<std::unique_ptr<Change>> begin(Node& node);

  store::Transaction& store() { return *transaction_; }
  // The instant of this change: the same for all that it enters.
  Instant at() const { return at_; }
  // The same instant as the law is asked about it.
  Instant treaty_at() const;
  // Appends a ledger leaf: 32 random bytes ‖ the canonical form of `entry`, with a member `entered`
  // that says where it stands, of which kind it is, and when.
  Status enter(std::string_view kind, const json::Object& entry);
  // Appends a record that arrives with this change. What was held already is left as it is.
  Result<store::Appended> keep(store::Record record);
  // Adds `first`, `count` and `root` of the records kept so far to a ledger entry: the root of the
  // Merkle tree over their record_leaf, in sequence order. Nothing is added when none was kept.
  void bind_kept(json::Object& entry) const;
  // The leaves of the ledger with those entered so far, and the signed checkpoint over them.
  std::uint64_t ledger_size() const { return frontier_.size(); }
  std::string checkpoint() const;
  // Quarantines records, and says so in a ledger entry: what is not in one, a verification takes
  // for a change behind the node's back. Of what was quarantined already the entry keeps the reason
  // that it had.
  Status quarantine(const std::vector<std::int64_t>& sequences, const std::string& reason,
                    json::Object& entry);
  // Makes `files` the register of this node from the commit on; they must load.
  Status set_register(const treaty::RegisterFiles& files);
  // The digest of the register from the commit on.
  Digest register_digest() const;
  // Makes this ring the node's own from the commit on, enters it in the ledger with `entry`, and
  // signs with its node key from now on. The certificate of that number is presented.
  Status set_keys(const Keyring& ring, std::int64_t tls_number, json::Object entry);
  // By which this change signs.
  const trust::SigningKey& signing_key() const;
  // Sets the exercise clock ahead of the real one from the commit on; enters it in the ledger.
  Status set_exercise_ahead(std::int64_t seconds);
  // Says that this change, or this part of it, only adds what no view, caller or law depends on, so
  // that what is kept of them goes on to hold (store::Store::epoch). Not what sets a state, grants,
  // recalls, answers or ends anything.
  void leave_views() { leaves_views_ = true; }
  // A part that can be given up without the rest (store::Transaction::begin_part); at() is its own
  // instant, and bind_kept speaks of its records alone. It changes neither law nor keys nor clock.
  Status begin_part();
  Status keep_part();
  Status drop_part();
  Status commit();

 private:
  explicit Change(Node& node) : node_(node), guard_(node.change_mutex_) {}

  Node& node_;
  std::unique_lock<std::mutex> guard_;
  std::unique_ptr<store::Transaction> transaction_;
  ledger::Frontier frontier_;
  Instant at_;
  bool entered_ = false;
  std::int64_t first_kept_ = 0;
  std::vector<Digest> kept_;  // leaves
  bool leaves_views_ = false;
  // With parts: what stood before the one that is open, and whether one touched the views.
  bool parted_ = false, touches_views_ = false, entered_before_ = false;
  ledger::Frontier frontier_before_;
  std::shared_ptr<const treaty::CompiledRegister> new_law_;
  std::optional<std::int64_t> new_ahead_s_;
  std::unique_ptr<const NodeKeys> new_keys_;
};

// The origin line of this node's checkpoints: "comity/CN/exercise".
std::string checkpoint_origin(const Node& node);
// A checkpoint of this node over a tree of this size and root, signed with its present key, or
// with the one that follows it.
std::string signed_checkpoint(const Node& node, std::uint64_t size, const Digest& root);
std::string signed_checkpoint(const Node& node, const trust::SigningKey& key, std::uint64_t size,
                              const Digest& root);
// NotVerified or InvalidInput unless this is a checkpoint that this node signed.
Result<ledger::Checkpoint> open_own_checkpoint(const Node& node, std::string_view note);

// Register files as the JSON text that the store keeps, and back.
std::string write_register_files(const treaty::RegisterFiles& files);
Result<treaty::RegisterFiles> read_register_files(const std::string& text);

}  // namespace comity::exchange
