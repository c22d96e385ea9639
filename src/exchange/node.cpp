#include "exchange/node.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/file.h"
#include "exchange/group_commit.h"
#include "exchange/record.h"
#include "exchange/verdict_memo.h"
#include "exchange/verification.h"
#include "json/parse.h"
#include "json/write.h"
#include "store/sqlite/sqlite_store.h"
#include "treaty/overlay_file.h"
#include "treaty/party_names.h"

namespace comity::exchange {
namespace {

constexpr std::string_view format_version = "1";
// Number of the certificate that the node presents; absent: the newest.
constexpr std::string_view presented_certificate_key = "presented-certificate";

constexpr std::string_view exercise_kind = "exercise";  // of ledger entries

Instant ahead(Instant instant, std::int64_t seconds) {
  return {instant.micros + Instant::from_seconds(seconds).micros};
}

// How far a ledger entry of that kind sets the exercise clock ahead.
Result<std::int64_t> read_exercise_ahead(const store::LedgerEntry& entry, treaty::Mode mode) {
  TRY(const auto value, json::parse(entry.entry));
  const auto* seconds = value.find("ahead_s");
  if (mode != treaty::Mode::Exercise || seconds == nullptr || seconds->integer() == nullptr ||
      *seconds->integer() < 0 || *seconds->integer() > exercise_ahead_s_max) {
    return fail(ErrorKind::Corrupt,
                fmt::format("ledger leaf {} is no state of an exercise clock; restore a backup",
                            entry.index));
  }
  return *seconds->integer();
}

std::string database_path(const std::string& directory) { return directory + "/store.db"; }

Status check_new(const std::string& directory, const NewNode& options) {
  const std::optional<std::string> exercise =
      options.mode == treaty::Mode::Exercise ? std::optional(options.exercise) : std::nullopt;
  auto model = treaty::load_register(options.register_files, exercise);
  if (!model) return tl::unexpected<Error>(treaty::as_error(model.error()));
  if (!(*model)->party(options.party)) {
    return fail(ErrorKind::InvalidInput,
                fmt::format("'{}' is no party of the register{}; parties.toml lists them",
                            options.party, treaty::party_suggestion(**model, options.party)));
  }
  for (const auto& overlay : (*model)->overlays) {
    const auto& code = (*model)->parties[static_cast<std::size_t>(overlay.party)].code;
    if (code == options.party) continue;
    return fail(ErrorKind::InvalidInput,
                fmt::format("this is the national overlay of {}, which binds {} alone; take the "
                            "file out of the register of {}",
                            code, code, options.party),
                treaty::overlay_path(code));
  }
  if (file_exists(database_path(directory))) {
    return fail(ErrorKind::Conflict, "there is a node already; choose another directory",
                directory);
  }
  TRY(const bool empty, empty_or_absent(directory));
  if (!empty) {
    return fail(ErrorKind::Conflict, "the directory holds other files; choose an empty one",
                directory);
  }
  return {};
}

std::string joined(const std::vector<std::string>& parts) {
  return fmt::format("{}", fmt::join(parts, ","));
}

std::vector<std::string> split_commas(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const auto end = std::min(text.find(','), text.size());
    out.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

}  // namespace

std::string write_register_files(const treaty::RegisterFiles& files) {
  json::Object out;
  for (const auto& [path, text] : files) out.append(path, text);
  return json::write(out);
}

Result<treaty::RegisterFiles> read_register_files(const std::string& text) {
  TRY(const auto value, json::parse(text));
  treaty::RegisterFiles files;
  if (value.object() == nullptr)
    return fail(ErrorKind::Corrupt, "a register snapshot is no object");
  for (const auto& [path, member] : *value.object()) {
    if (member.string() == nullptr)
      return fail(ErrorKind::Corrupt, "a register file is no text", path);
    files[path] = *member.string();
  }
  return files;
}

std::string checkpoint_origin(const Node& node) {
  return fmt::format("comity/{}/{}", node.party(), treaty::name(node.mode()));
}

std::string signed_checkpoint(const Node& node, std::uint64_t size, const Digest& root) {
  return signed_checkpoint(node, node.signing_key(), size, root);
}

std::string signed_checkpoint(const Node& node, const trust::SigningKey& key, std::uint64_t size,
                              const Digest& root) {
  return ledger::sign_checkpoint({checkpoint_origin(node), size, root}, key.public_key(),
                                 [&](std::string_view bytes) { return key.sign(bytes); });
}

Result<ledger::Checkpoint> open_own_checkpoint(const Node& node, std::string_view note) {
  const auto key = node.signing_key().public_key();
  return ledger::open_checkpoint(note, checkpoint_origin(node), key,
                                 [&](std::string_view bytes, std::string_view signature) {
                                   return trust::verify_signature(key, bytes, signature);
                                 });
}

Node::Node(std::string directory, const Clock& clock, Random& random)
    : directory_(std::move(directory)),
      clock_(clock),
      random_(random),
      admissions_(std::make_unique<GroupCommit>(*this)),
      verdicts_(std::make_unique<VerdictMemo>()) {}

Node::~Node() = default;

Status Node::create(const std::string& directory, const NewNode& options, const Clock& clock,
                    Random& random) {
  TRY_STATUS(check_new(directory, options));
  TRY_STATUS(make_directories(directory));
  if (options.mode == treaty::Mode::Exercise) {
    // The mark by which tools and people tell that this folder may be replaced.
    TRY_STATUS(write_file(directory + "/EXERCISE", options.exercise + "\n"));
  }
  const auto mode = treaty::name(options.mode);
  TRY(const auto made, make_root_and_keys(directory, options.party, mode, 1, {}, clock.now()));
  const auto ring = write_keyring(made);
  {
    TRY(auto store, store::open_sqlite(database_path(directory), store::Access::Create));
    TRY(auto transaction, store->begin());
    TRY_STATUS(transaction->set_meta("format", format_version));
    TRY_STATUS(transaction->set_meta("party", options.party));
    TRY_STATUS(transaction->set_meta("mode", mode));
    TRY_STATUS(transaction->set_meta(keyring_key(options.party), ring));
    TRY_STATUS(transaction->set_meta("exercise", options.exercise));
    TRY_STATUS(transaction->set_meta("listen", options.listen));
    TRY_STATUS(transaction->set_meta("allowed_networks", joined(options.allowed_networks)));
    TRY_STATUS(transaction->set_meta("page_secret", hex(random.bytes(32))));
    const std::optional<std::string> exercise =
        options.mode == treaty::Mode::Exercise ? std::optional(options.exercise) : std::nullopt;
    const auto digest = treaty::register_digest(options.register_files, exercise);
    TRY_STATUS(transaction->put_register(digest, write_register_files(options.register_files)));
    TRY_STATUS(transaction->set_meta("register", digest_text(digest)));
    TRY_STATUS(transaction->commit());
  }
  TRY(const auto node, Node::open(directory, NodeAccess::ReadWrite, clock, random));
  TRY(const auto change, Change::begin(*node));
  json::Object entry;
  entry.set("type", "node-created");
  entry.set("party", options.party);
  entry.set("mode", mode);
  entry.set("exercise", options.exercise);
  entry.set("register", digest_text(node->law()->model().digest));
  entry.set("node_key", base64url(node->signing_key().public_key()));
  entry.set("keys", digest_text(sha256(ring)));
  TRY_STATUS(change->enter("node", entry));
  return change->commit();
}

Result<std::unique_ptr<Node>> Node::open(const std::string& directory, NodeAccess access,
                                         const Clock& clock, Random& random) {
  if (!file_exists(database_path(directory))) {
    return fail(ErrorKind::NotFound, "there is no node here; make one with comity init", directory);
  }
  std::unique_ptr<Node> node(new Node(directory, clock, random));
  if (access == NodeAccess::ReadWrite) {
    TRY(auto lock, store::DataLock::take(directory));
    node->lock_.emplace(std::move(lock));
  }
  TRY(node->store_, store::open_sqlite(database_path(directory), access == NodeAccess::ReadWrite
                                                                     ? store::Access::ReadWrite
                                                                     : store::Access::ReadOnly));
  TRY_STATUS(node->load_meta());
  TRY_STATUS(node->load_ledger());
  return node;
}

Status Node::load_keys() {
  TRY(const auto snapshot, store_->read());
  TRY(const auto ring, keyring(*snapshot, party_));
  TRY(const auto presented, snapshot->meta(presented_certificate_key));
  const auto* newest = ring.present("tls");
  std::int64_t number = newest == nullptr ? 0 : newest->record.number;
  if (presented) {
    std::from_chars(presented->data(), presented->data() + presented->size(), number);
  }
  TRY(auto keys, load_node_keys(directory_, ring, number));
  use_keys(std::move(keys));
  return {};
}

void Node::use_keys(std::unique_ptr<const NodeKeys> keys) {
  const std::lock_guard guard(keys_mutex_);
  keys_ = keys.get();
  all_keys_.push_back(std::move(keys));
}

Status Node::present_certificate(const Keyring& ring, std::int64_t number) {
  TRY(auto keys, load_node_keys(directory_, ring, number));
  use_keys(std::move(keys));
  return {};
}

Status Node::load_meta() {
  TRY(const auto snapshot, store_->read());
  const auto text = [&](std::string_view key) -> Result<std::string> {
    TRY(auto value, snapshot->meta(key));
    if (!value) {
      return fail(ErrorKind::Corrupt, fmt::format("the store has no '{}'", key), directory_);
    }
    return *std::move(value);
  };
  TRY(party_, text("party"));
  TRY_STATUS(load_keys());  // before the law, which asks for the signatures of officers
  TRY(const auto mode, text("mode"));
  mode_ = mode == "exercise" ? treaty::Mode::Exercise : treaty::Mode::Operational;
  TRY(exercise_, text("exercise"));
  TRY(listen_, text("listen"));
  TRY(page_secret_, text("page_secret"));
  TRY(const auto networks, text("allowed_networks"));
  allowed_networks_ = split_commas(networks);
  TRY(const auto digest_word, text("register"));
  TRY(const auto digest, digest_from_text(digest_word));
  TRY(const auto files, snapshot->register_files(digest));
  if (!files) return fail(ErrorKind::Corrupt, "the present register is missing", directory_);
  TRY(law_, compile(*files));
  if (law_->model().digest != digest) {
    return fail(ErrorKind::Corrupt,
                "the present register is not the one that was entered; "
                "restore a backup",
                directory_);
  }
  return {};
}

Status Node::load_ledger() {
  TRY(const auto snapshot, store_->read());
  TRY_STATUS(snapshot->ledger(0, INT64_MAX, [&](const store::LedgerEntry& entry) -> Status {
    frontier_.append(entry.leaf);
    last_entry_ = entry.at;
    if (entry.kind != exercise_kind) return {};
    TRY(exercise_ahead_s_, read_exercise_ahead(entry, mode_));
    return {};
  }));
  TRY(const auto note, snapshot->meta("checkpoint"));
  if (!note) {
    sealed_ = frontier_.size() == 0;  // a node that is being made
    return {};
  }
  const auto sealed = open_own_checkpoint(*this, *note);
  sealed_ = sealed && sealed->size == frontier_.size() && sealed->root == frontier_.root();
  return {};
}

Result<std::shared_ptr<const treaty::CompiledRegister>> Node::compile(
    const std::string& files) const {
  TRY(const auto parsed, read_register_files(files));
  const std::optional<std::string> exercise =
      mode_ == treaty::Mode::Exercise ? std::optional(exercise_) : std::nullopt;
  auto model = treaty::load_register(parsed, exercise, &register_cache_);
  if (!model) return tl::unexpected<Error>(treaty::as_error(model.error()));
  // Operational nodes permit nothing until their own officers have verified clauses. Every register
  // carries its verifications, so an old one is compiled as it was.
  TRY(const auto snapshot, store_->read());
  return std::make_shared<const treaty::CompiledRegister>(
      *model, own_verifications(*this, *snapshot, parsed), mode_);
}

Instant Node::now() const {
  const std::lock_guard guard(ledger_mutex_);
  return std::max(clock_.now(), last_entry_);
}

Instant Node::last_entry() const {
  const std::lock_guard guard(ledger_mutex_);
  return last_entry_;
}

std::int64_t Node::exercise_ahead_s() const {
  const std::lock_guard guard(ledger_mutex_);
  return exercise_ahead_s_;
}

std::string Node::pages_url() const {
  const std::lock_guard guard(pages_mutex_);
  return pages_url_;
}

void Node::set_pages_url(std::string url) {
  const std::lock_guard guard(pages_mutex_);
  pages_url_ = std::move(url);
}

Instant Node::treaty_now() const { return ahead(now(), exercise_ahead_s()); }

std::shared_ptr<const treaty::CompiledRegister> Node::law() const {
  const std::lock_guard guard(law_mutex_);
  return law_;
}

Result<std::shared_ptr<const treaty::CompiledRegister>> Node::law_of(const Digest& digest) const {
  {
    const std::lock_guard guard(law_mutex_);
    if (law_->model().digest == digest) return law_;
    const auto known = past_laws_.find(digest);
    if (known != past_laws_.end()) return known->second;
  }
  TRY(const auto snapshot, store_->read());
  TRY(const auto files, snapshot->register_files(digest));
  if (!files) {
    return fail(ErrorKind::NotFound,
                fmt::format("this node never held the register {}", digest_text(digest)));
  }
  TRY(const auto law, compile(*files));
  if (law->model().digest != digest) {
    return fail(ErrorKind::Corrupt,
                fmt::format("what is kept as register {} is another; restore a backup",
                            digest_text(digest)));
  }
  const std::lock_guard guard(law_mutex_);
  keep_past_law(law);
  return law;
}

// What goes first is what came first: old disclosures are looked at in their order.
void Node::keep_past_law(std::shared_ptr<const treaty::CompiledRegister> law) const {
  const auto digest = law->model().digest;
  if (!past_laws_.emplace(digest, std::move(law)).second) return;
  past_order_.push_back(digest);
  if (past_order_.size() <= past_laws_max) return;
  past_laws_.erase(past_order_.front());
  past_order_.pop_front();
}

Result<treaty::RegisterFiles> Node::register_files() const {
  TRY(const auto snapshot, store_->read());
  TRY(const auto files, snapshot->register_files(law()->model().digest));
  if (!files) return fail(ErrorKind::Corrupt, "the present register is missing", directory_);
  return read_register_files(*files);
}

Result<std::unique_ptr<Change>> Change::begin(Node& node) {
  std::unique_ptr<Change> change(new Change(node));
  if (!node.sealed_) {
    return fail(ErrorKind::Corrupt,
                "the ledger is not the one that its checkpoint was signed for, so nothing is "
                "entered on top of it; comity verify says what differs, then restore a backup",
                node.directory());
  }
  TRY(change->transaction_, node.store_->begin());
  change->frontier_ = node.frontier_;
  change->at_ = node.now();
  return change;
}

Status Change::enter(std::string_view kind, const json::Object& entry) {
  store::LedgerEntry row;
  row.kind = kind;
  json::Object entered;
  entered.set("index", frontier_.size());
  entered.set("kind", row.kind);
  entered.set("at", format_rfc3339(at_, 6));
  auto whole = entry;
  whole.set("entered", std::move(entered));
  row.entry = json::canonical(whole);
  row.random = node_.random_.bytes(32);
  row.leaf = ledger::leaf_hash(row.random + row.entry);
  row.at = at_;
  TRY(const auto index, transaction_->append(row));
  CHECK(static_cast<std::uint64_t>(index) == frontier_.size());
  frontier_.append(row.leaf);
  entered_ = true;
  return {};
}

Result<store::Appended> Change::keep(store::Record record) {
  record.arrived = at_;
  TRY(const auto count, transaction_->record_count());
  record.sequence = count + 1;
  record.leaf = record_leaf(record);
  TRY(const auto appended, transaction_->append(record));
  if (appended.existed) return appended;
  if (kept_.empty()) first_kept_ = appended.sequence;
  CHECK(appended.sequence == first_kept_ + static_cast<std::int64_t>(kept_.size()));
  kept_.push_back(record.leaf);
  return appended;
}

void Change::bind_kept(json::Object& entry) const {
  if (kept_.empty()) return;
  entry.set("first", first_kept_);
  entry.set("count", static_cast<std::int64_t>(kept_.size()));
  entry.set("root", digest_text(ledger::root(kept_)));
}

Status Change::quarantine(const std::vector<std::int64_t>& sequences, const std::string& reason,
                          json::Object& entry) {
  json::Array quarantined;
  if (const auto* before = entry.find("quarantined")) quarantined = *before->array();
  for (const auto sequence : sequences) {
    TRY(const auto record, transaction_->record(sequence));
    TRY_STATUS(transaction_->set_state(sequence, store::RecordState::Quarantined, reason));
    json::Object item;
    item.set("sequence", sequence);
    item.set("reason", reason);
    if (record && record->state == store::RecordState::Quarantined) {
      item.set("was", record->quarantine_reason);
    }
    quarantined.push_back(std::move(item));
  }
  entry.set("quarantined", std::move(quarantined));
  return {};
}

Status Change::set_register(const treaty::RegisterFiles& files) {
  const auto text = write_register_files(files);
  TRY(new_law_, node_.compile(text));
  const auto& digest = new_law_->model().digest;
  TRY_STATUS(transaction_->put_register(digest, text));
  return transaction_->set_meta("register", digest_text(digest));
}

Digest Change::register_digest() const {
  return (new_law_ ? new_law_ : node_.law())->model().digest;
}

std::string Change::checkpoint() const {
  return signed_checkpoint(node_, signing_key(), frontier_.size(), frontier_.root());
}

const trust::SigningKey& Change::signing_key() const {
  return new_keys_ ? new_keys_->signing : node_.signing_key();
}

Status Change::set_keys(const Keyring& ring, std::int64_t tls_number, json::Object entry) {
  TRY(new_keys_, load_node_keys(node_.directory(), ring, tls_number));
  const auto text = write_keyring(ring);
  TRY_STATUS(transaction_->set_meta(keyring_key(node_.party()), text));
  TRY_STATUS(transaction_->set_meta(presented_certificate_key, std::to_string(tls_number)));
  entry.set("party", node_.party());
  entry.set("node_key", base64url(new_keys_->signing.public_key()));
  entry.set("keys", digest_text(sha256(text)));
  return enter("key", entry);
}

Instant Change::treaty_at() const {
  return ahead(at_, new_ahead_s_.value_or(node_.exercise_ahead_s()));
}

Status Change::set_exercise_ahead(std::int64_t seconds) {
  CHECK(node_.mode() == treaty::Mode::Exercise && seconds >= node_.exercise_ahead_s());
  new_ahead_s_ = seconds;
  json::Object entry;
  entry.set("type", "exercise-clock");
  entry.set("ahead_s", seconds);
  return enter(exercise_kind, entry);
}

Status Change::begin_part() {
  at_ = std::max(at_, node_.now());
  frontier_before_ = frontier_;
  entered_before_ = entered_;
  first_kept_ = 0;
  kept_.clear();
  leaves_views_ = false;
  parted_ = true;
  return transaction_->begin_part();
}

Status Change::keep_part() {
  CHECK(!new_law_ && !new_keys_ && !new_ahead_s_);
  TRY_STATUS(transaction_->keep_part());
  touches_views_ = touches_views_ || !leaves_views_;
  return {};
}

Status Change::drop_part() {
  frontier_ = frontier_before_;
  entered_ = entered_before_;
  return transaction_->drop_part();
}

Status Change::commit() {
  if (parted_ ? !touches_views_ : leaves_views_) transaction_->keep_epoch();
  if (entered_) TRY_STATUS(transaction_->set_meta("checkpoint", checkpoint()));
  TRY_STATUS(transaction_->commit());
  {
    const std::lock_guard guard(node_.ledger_mutex_);
    node_.frontier_ = frontier_;
    if (entered_) node_.last_entry_ = at_;
    if (new_ahead_s_) node_.exercise_ahead_s_ = *new_ahead_s_;
  }
  if (new_keys_) node_.use_keys(std::move(new_keys_));
  if (new_law_) {
    const std::lock_guard guard(node_.law_mutex_);
    node_.keep_past_law(node_.law_);
    node_.law_ = std::move(new_law_);
  }
  return {};
}

}  // namespace comity::exchange
