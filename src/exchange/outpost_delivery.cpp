#include "exchange/outpost_delivery.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <functional>
#include <set>
#include <thread>

#include "exchange/clock_guard.h"
#include "exchange/delivery.h"
#include "exchange/kept_rows.h"
#include "exchange/outpost_access.h"
#include "exchange/outpost_state.h"
#include "exchange/protocol.h"
#include "exchange/served.h"
#include "exchange/signers.h"
#include "exchange/verify.h"
#include "exchange/withdrawal.h"
#include "json/parse.h"
#include "json/texts.h"
#include "stix/marking.h"

namespace comity::exchange {
namespace {

constexpr std::string_view marking_prefix = "marking-definition--";

std::string settled_key(std::string_view party) { return fmt::format("outpost-settled:{}", party); }

// The number up to which every disclosure to a party is settled.
Result<std::int64_t> settled_number(store::Snapshot& snapshot, std::string_view party) {
  std::int64_t out = 0;
  TRY(const auto kept, snapshot.meta(settled_key(party)));
  if (!kept) return out;
  const auto* end = kept->data() + kept->size();
  if (std::from_chars(kept->data(), end, out).ec != std::errc()) return std::int64_t{0};
  return out;
}

std::string enveloped(const std::string& objects) { return "{\"objects\":[" + objects + "]}"; }
constexpr std::size_t envelope_frame_bytes = 14;  // of the above

// One disclosure on its way to an outpost.
struct Item {
  store::ProtocolObject row;
  Disclosure disclosure;
  std::optional<store::ProtocolObject> withdrawal;  // which goes in its place
};

Result<std::vector<Item>> open_items(Node& node, const std::string& party) {
  TRY(const auto snapshot, node.store().read());
  TRY(const auto settled, settled_number(*snapshot, party));
  std::vector<Item> out;
  TRY(const auto last, snapshot->last_disclosure(store::Direction::Sent, party));
  if (!last || last->number <= settled) return out;
  TRY(auto rows, snapshot->protocols(disclosure_kind, store::Direction::Sent, party));
  for (auto& row : rows) {
    if (row.number <= settled) continue;
    TRY(const bool done, is_settled_at_outpost(*snapshot, row.id));
    if (done) continue;
    Item item;
    TRY(item.disclosure, open_by(own_signers(node), row.bytes, open_disclosure));
    TRY_STATUS(name_kept_records(*snapshot, row, item.disclosure));
    TRY(item.withdrawal, withdrawal_of(*snapshot, row.id));
    item.row = std::move(row);
    out.push_back(std::move(item));
  }
  return out;
}

// The markings that an object bears, of the whole and of parts of it.
std::vector<std::string> markings_of(std::string_view bytes) {
  const auto value = json::parse(bytes);
  if (!value) return {};
  auto out = json::texts_of(value->find("object_marking_refs"));
  const auto* granular = value->find("granular_markings");
  if (granular == nullptr || granular->array() == nullptr) return out;
  for (const auto& one : *granular->array()) {
    if (const auto id = one.text("marking_ref"); !id.empty()) out.emplace_back(id);
  }
  return out;
}

// Posts one disclosure with its records, as far as its server has not spoken of them.
class Posting {
 public:
  Posting(Node& node, const Outpost& outpost, taxii::WritableCollection& server,
          const taxii::WriteTerms& terms, const OutpostBounds& bounds, const Item& item)
      : node_(node),
        outpost_(outpost),
        server_(server),
        bounds_(bounds),
        item_(item),
        size_limit_(bounds.batch_objects_max) {
    if (terms.content_bytes_max) {
      content_bytes_max_ = static_cast<std::size_t>(*terms.content_bytes_max);
    }
  }

  Status run() {
    TRY_STATUS(load());
    if (item_.withdrawal) return post_withdrawal(*item_.withdrawal);
    if (item_.disclosure.by_officers()) {
      // It was made for a node that is paired no more.
      hinders_nobody_ = true;
      return fail(ErrorKind::NotPermitted,
                  "two officers let it go to a paired node, and it goes nowhere else",
                  item_.row.id);
    }
    const auto posted = post_all();
    if (!by_law_) return posted;
    // The number of what is not permitted any more goes to a withdrawal, as with a node.
    TRY(const auto withdrawal, withdraw(node_, item_.row, item_.disclosure));
    return post_withdrawal(withdrawal);
  }

  // It failed because of itself, and the server works.
  bool hinders_nobody() const { return hinders_nobody_; }

 private:
  struct Object {
    std::string id, bytes;
    bool marking = false;
  };
  using Batch = std::vector<std::size_t>;

  Status load();
  Status post_all();
  Status may_post();
  Status mark_begun();
  Result<Batch> next_batch();
  Result<bool> held_up(std::size_t index);
  Result<bool> refused_before(const std::string& marking);
  Status post(const Batch& batch);
  Status take_in(const Batch& batch, const taxii::BatchAnswer& answer);
  Status no_plain_answer(std::size_t index, const std::string& words);
  Status server_works();
  Status follow();
  Status post_withdrawal(const store::ProtocolObject& withdrawal);
  Status note() { return keep_post_state(node_, outpost_, item_.row, state_, kept_); }
  void refuse(std::size_t index, const std::string& why);
  std::vector<std::string> ids_of(const Batch& batch) const;
  std::string envelope_of(const Batch& batch) const;

  Node& node_;
  const Outpost& outpost_;
  taxii::WritableCollection& server_;
  const OutpostBounds& bounds_;
  const Item& item_;
  std::size_t content_bytes_max_ = SIZE_MAX;
  std::vector<Object> objects_;
  std::map<std::string, std::size_t> definitions_;  // of markings among them
  std::map<std::string, bool> refused_before_;      // by marking
  PostState state_;
  std::optional<std::string> kept_;  // its text in the store
  std::size_t size_limit_;           // of a batch, at present
  std::set<std::size_t> aside_;      // not asked again in this attempt
  bool took_ = false;                // the server took something in this attempt
  bool lost_submission_ = false;
  bool hinders_nobody_ = false;
  bool by_law_ = false;  // it ended because the law does not permit it any more
};

Status Posting::load() {
  TRY(const auto snapshot, node_.store().read());
  TRY(auto granted, snapshot->grants_by_disclosure(item_.row.peer, item_.row.id));
  if (granted.size() != item_.disclosure.records.size()) {
    return fail(ErrorKind::Corrupt, "a disclosure and its grants disagree", item_.row.id);
  }
  objects_.push_back({item_.row.id, item_.row.bytes, false});
  for (const bool marking : {true, false}) {
    for (auto& one : granted) {
      if (one.stix_id.starts_with(marking_prefix) != marking) continue;
      if (marking) definitions_[one.stix_id] = objects_.size();
      objects_.push_back({one.stix_id, std::move(one.bytes), marking});
    }
  }
  TRY(kept_, snapshot->meta(post_state_key(item_.row.id)));
  TRY(auto known, post_state(*snapshot, item_.row.id));
  // What another outpost of this party had is no help to this one.
  if (known && known->outpost == outpost_.name) {
    state_ = *std::move(known);
    if (state_.objects.size() != objects_.size()) {
      return fail(ErrorKind::Corrupt, "what is kept of its delivery is of another disclosure",
                  item_.row.id);
    }
  } else {
    state_.outpost = outpost_.name;
    state_.objects.assign(objects_.size(), PostState::waits);
  }
  return {};
}

std::vector<std::string> Posting::ids_of(const Batch& batch) const {
  std::vector<std::string> out;
  for (const auto index : batch) out.push_back(objects_[index].id);
  return out;
}

std::string Posting::envelope_of(const Batch& batch) const {
  std::string out;
  for (const auto index : batch) {
    if (!out.empty()) out += ',';
    out += objects_[index].bytes;
  }
  return enveloped(out);
}

void Posting::refuse(std::size_t index, const std::string& why) {
  state_.refuse(index, objects_[index].id, why);
  if (index != 0) return;
  // Nothing goes without the statement that says on which ground.
  for (std::size_t i = 1; i < objects_.size(); ++i) {
    state_.refuse(i, objects_[i].id, "its disclosure was refused");
  }
}

// The newest word about a marking definition that went with another disclosure.
Result<bool> Posting::refused_before(const std::string& marking) {
  const auto [at, first] = refused_before_.try_emplace(marking, false);
  if (!first) return at->second;
  TRY(const auto snapshot, node_.store().read());
  TRY(const auto grants, snapshot->grants_of(outpost_.party, marking));
  for (const auto& grant : grants) {
    if (grant.disclosure == item_.row.id) continue;
    TRY(const auto known, post_state(*snapshot, grant.disclosure));
    if (!known) continue;
    at->second =
        std::any_of(known->refusals.begin(), known->refusals.end(),
                    [&](const PostState::Refused& refused) { return refused.id == marking; });
  }
  return at->second;
}

// Whether an object must stay because the recipient has not the definition of its marking. The TLP
// is known to everybody by its fixed ids. What can never go is refused.
Result<bool> Posting::held_up(std::size_t index) {
  for (const auto& marking : markings_of(objects_[index].bytes)) {
    if (stix::tlp_of_id(marking)) continue;
    const auto own = definitions_.find(marking);
    bool refused = false, waits = false;
    if (own == definitions_.end()) {
      TRY(refused, refused_before(marking));
    } else if (own->second != index) {
      refused = state_.objects[own->second] == PostState::refused;
      // What defines a marking goes in its own order.
      waits = !objects_[index].marking && state_.objects[own->second] == PostState::waits;
    }
    if (refused) {
      refuse(index, fmt::format("its marking is not known there: {} was refused", marking));
      return true;
    }
    if (waits) return true;
  }
  return false;
}

// What is posted next: the statement alone, definitions of markings, the rest. No two objects of
// one id, so that an answer that names ids is plain.
Result<Posting::Batch> Posting::next_batch() {
  Batch out;
  std::set<std::string> ids;
  std::size_t bytes = envelope_frame_bytes;
  const auto bytes_max = std::min(content_bytes_max_, bounds_.batch_bytes_max);
  for (std::size_t i = 0; i < objects_.size() && out.size() < size_limit_; ++i) {
    if (state_.objects[i] != PostState::waits) continue;
    if (aside_.contains(i)) {
      if (i == 0) return out;
      continue;
    }
    const auto& object = objects_[i];
    if (!out.empty() && object.marking != objects_[out.front()].marking) break;
    TRY(const bool stays, held_up(i));
    if (stays) continue;
    if (object.bytes.size() + envelope_frame_bytes > content_bytes_max_) {
      refuse(i, fmt::format("it has {} bytes, and the server takes {}", object.bytes.size(),
                            content_bytes_max_));
      continue;
    }
    if (!out.empty() && bytes + object.bytes.size() + 1 > bytes_max) break;
    if (!ids.insert(object.id).second) break;
    bytes += object.bytes.size() + 1;
    out.push_back(i);
    if (i == 0) break;
  }
  return out;
}

// The law is asked before each post, and nothing goes by a wrong clock.
Status Posting::may_post() {
  if (node_.stopping()) return fail(ErrorKind::Unavailable, "given up: this process ends");
  TRY_STATUS(check_clock(node_));
  auto permitted = still_permitted(node_, item_.disclosure);
  by_law_ = !permitted && permitted.error().kind == ErrorKind::NotPermitted;
  return permitted;
}

// Before anything leaves, the ledger says that it may have left: a withdrawal never says otherwise.
Status Posting::mark_begun() {
  {
    TRY(const auto snapshot, node_.store().read());
    TRY(const bool marked, served(*snapshot, item_.row.id));
    if (marked) return {};
  }
  TRY(const auto change, Change::begin(node_));
  TRY(const bool may, mark_served(*change, outpost_.party, {item_.row.id}));
  if (!may) return fail(ErrorKind::Conflict, "was withdrawn meanwhile", item_.row.id);
  return change->commit();
}

Status Posting::post_all() {
  for (;;) {
    if (state_.submission) {
      TRY_STATUS(follow());
      continue;
    }
    const auto refused = state_.refusals.size();
    TRY(const auto batch, next_batch());
    if (state_.refusals.size() != refused) TRY_STATUS(note());
    if (batch.empty()) break;
    TRY_STATUS(may_post());
    TRY_STATUS(mark_begun());
    TRY_STATUS(post(batch));
  }
  if (aside_.empty()) return {};
  hinders_nobody_ = true;
  return fail(ErrorKind::Unavailable,
              fmt::format("the server had no plain answer to {} objects, and others wait for them "
                          "where they are definitions of markings",
                          aside_.size()),
              outpost_.collection);
}

Status Posting::post(const Batch& batch) {
  TRY(const auto answer, taxii::post_batch(server_, envelope_of(batch), ids_of(batch)));
  if (!answer.refused) return take_in(batch, answer);
  // One object may stand in the way of all others.
  if (batch.size() > 1) {
    size_limit_ = batch.size() / 2;
    return {};
  }
  if (answer.fault) {
    TRY_STATUS(no_plain_answer(batch.front(), answer.words));
  } else {
    refuse(batch.front(), answer.words);
  }
  return note();
}

// A server that fails is no server that refuses: only one that takes what it took before, or other
// objects, has said something of this one.
Status Posting::server_works() {
  if (took_) return {};
  TRY(const auto answer,
      taxii::post_batch(server_, envelope_of({0}), std::vector<std::string>{objects_[0].id}));
  took_ = !answer.refused && answer.objects[0].taken == taxii::Taken::Yes;
  if (took_) return {};
  return fail(ErrorKind::Unavailable, "the server does not take what it took before",
              outpost_.collection);
}

Status Posting::no_plain_answer(std::size_t index, const std::string& words) {
  if (index == 0) {
    return fail(ErrorKind::Unavailable,
                fmt::format("the server did not take the disclosure itself: {}", words),
                outpost_.collection);
  }
  TRY_STATUS(server_works());
  if (++state_.faults[index] >= object_faults_max) {
    refuse(index, fmt::format("{} times without a plain answer: {}", object_faults_max, words));
  } else {
    aside_.insert(index);
  }
  return {};
}

Status Posting::take_in(const Batch& batch, const taxii::BatchAnswer& answer) {
  Batch pending, unsaid;
  for (std::size_t k = 0; k < batch.size(); ++k) {
    switch (answer.objects[k].taken) {
      case taxii::Taken::Yes:
        state_.objects[batch[k]] = PostState::taken;
        state_.faults.erase(batch[k]);
        took_ = true;
        break;
      case taxii::Taken::No:
        refuse(batch[k], answer.objects[k].words);
        break;
      case taxii::Taken::Pending:
        pending.push_back(batch[k]);
        break;
      case taxii::Taken::Unsaid:
        unsaid.push_back(batch[k]);
        break;
    }
  }
  const auto since = state_.submission ? state_.submission->since : node_.now();
  state_.submission.reset();
  if (!pending.empty())
    state_.submission = PostState::Submission{answer.status, std::move(pending), since};
  if (batch.size() == 1 && unsaid.size() == 1) {
    TRY_STATUS(no_plain_answer(batch.front(), "its answer says nothing of it"));
  } else if (!unsaid.empty()) {
    size_limit_ = std::max<std::size_t>(1, batch.size() / 2);
  } else {
    size_limit_ = std::min(size_limit_ * 2, bounds_.batch_objects_max);
  }
  return note();
}

// Asks about a submission that the server took and had not finished with. One that it knows no
// more, or never finishes with, is posted again, once in an attempt.
Status Posting::follow() {
  for (int looks = 0; state_.submission; ++looks) {
    const auto submission = *state_.submission;
    auto answer = taxii::ask_batch(server_, submission.id, ids_of(submission.objects));
    const bool gone = !answer && answer.error().kind == ErrorKind::NotFound;
    const auto age = node_.now().seconds() - submission.since.seconds();
    if (gone || (answer && !answer->status.empty() && age > submission_seconds_max)) {
      state_.submission.reset();
      TRY_STATUS(note());
      if (!lost_submission_) {
        lost_submission_ = true;
        return {};
      }
      return fail(ErrorKind::Unavailable, "the server forgets what it has not finished with",
                  outpost_.collection);
    }
    if (!answer) return tl::unexpected<Error>(std::move(answer).error());
    const auto still = std::count_if(
        answer->objects.begin(), answer->objects.end(),
        [](const taxii::TakenObject& one) { return one.taken == taxii::Taken::Pending; });
    if (static_cast<std::size_t>(still) != submission.objects.size()) {
      TRY_STATUS(take_in(submission.objects, *answer));
      continue;
    }
    if (looks >= bounds_.status_looks_max || node_.stopping()) {
      return fail(ErrorKind::Unavailable, "the server has not finished with what was posted",
                  outpost_.collection);
    }
    std::this_thread::sleep_for(bounds_.status_interval);
  }
  return {};
}

// What the server says of a withdrawal settles it, whatever it says: there is nothing more to send.
Status Posting::post_withdrawal(const store::ProtocolObject& withdrawal) {
  TRY(const auto answer, taxii::post_batch(server_, enveloped(withdrawal.bytes), {withdrawal.id}));
  const auto& one = answer.objects.front();
  if (answer.fault || one.taken == taxii::Taken::Pending) {
    return fail(ErrorKind::Unavailable, "the server has not taken the withdrawal",
                outpost_.collection);
  }
  state_.withdrawn = true;
  state_.submission.reset();
  if (answer.refused || one.taken == taxii::Taken::No) {
    state_.refusals.push_back({0, withdrawal.id, answer.refused ? answer.words : one.words});
  }
  return note();
}

// ---- all of them -------------------------------------------------------------------------------

Sent sent_of(const Item& item) {
  Sent sent;
  sent.disclosure = item.disclosure.id;
  sent.number = item.disclosure.number;
  sent.basis = item.disclosure.basis;
  sent.at_discretion = item.disclosure.at_discretion;
  sent.four_eyes = item.disclosure.four_eyes;
  sent.assumed = item.disclosure.assumed;
  sent.records = static_cast<std::int64_t>(item.disclosure.records.size());
  return sent;
}

Status tell_fate(Node& node, const Outpost& outpost, Sent& sent) {
  TRY(const auto snapshot, node.store().read());
  TRY(const auto known, acknowledged(*snapshot, sent.disclosure));
  sent.outpost = outpost.name;
  sent.taken = known.records_taken;
  sent.refused = known.records_refused;
  sent.acknowledged = known.settled() && !known.withdrawn;
  sent.withdrawn = known.withdrawn;
  for (const auto& refusal : known.refusals) {
    if (std::find(sent.reasons.begin(), sent.reasons.end(), refusal.why) == sent.reasons.end()) {
      sent.reasons.push_back(refusal.why);
    }
  }
  if (!known.withdrawn) return {};
  TRY(const auto withdrawal, withdrawal_of(*snapshot, sent.disclosure));
  sent.served = withdrawal && is_of_served(*withdrawal);
  return {};
}

// How the attempt went, and up to which number all is settled.
Status note_attempt(Node& node, const Outpost& outpost, const std::optional<Error>& failure,
                    std::optional<std::int64_t> retry_after_s) {
  std::int64_t settled = 0;
  OutpostStatus status;
  bool same = true;
  {
    TRY(const auto snapshot, node.store().read());
    TRY(status, outpost_status(*snapshot, outpost.name));
    TRY(settled, settled_number(*snapshot, outpost.party));
    TRY(const auto rows,
        snapshot->protocols(disclosure_kind, store::Direction::Sent, outpost.party));
    for (const auto& row : rows) {
      if (row.number != settled + 1) continue;
      TRY(const bool done, is_settled_at_outpost(*snapshot, row.id));
      if (!done) break;
      settled = row.number;
      same = false;
    }
  }
  if (!failure && !status.failed_at && same) return {};
  TRY(const auto change, Change::begin(node));
  TRY(status, outpost_status(change->store(), outpost.name));
  status.failed.clear();
  status.failed_at.reset();
  status.not_before.reset();
  if (failure) {
    status.failed = failure->text();
    status.failed_at = change->at();
    if (retry_after_s) {
      status.not_before = Instant{change->at().micros + *retry_after_s * 1'000'000};
    }
  }
  TRY_STATUS(set_outpost_status(*change, outpost.name, status));
  TRY_STATUS(change->store().set_meta(settled_key(outpost.party), std::to_string(settled)));
  return change->commit();
}

// Whether the server asked to be left alone for now. Never longer than it may ask for, whatever the
// clock was.
Status check_left_alone(Node& node, const Outpost& outpost) {
  TRY(const auto snapshot, node.store().read());
  TRY(const auto status, outpost_status(*snapshot, outpost.name));
  const auto now = node.now();
  if (!status.not_before || now >= *status.not_before ||
      status.not_before->seconds() - now.seconds() > taxii::retry_after_s_max) {
    return {};
  }
  return fail(ErrorKind::Unavailable,
              fmt::format("the server asked to be left alone until {}: {}",
                          format_rfc3339(*status.not_before), status.failed));
}

Result<taxii::WriteTerms> terms_for_writing(taxii::WritableCollection& server,
                                            const Outpost& outpost) {
  TRY(const auto terms, server.write_terms());
  if (terms.can_write) return terms;
  return fail(ErrorKind::NotVerified, "the server does not let us write any more",
              outpost.collection);
}

// The statements first: a recall stops what is on its way.
Status prepare(Node& node, const Outpost& outpost, taxii::WritableCollection& server,
               taxii::WriteTerms& terms) {
  TRY(terms, terms_for_writing(server, outpost));
  TRY(const auto told, tell_outpost(node, outpost, server));
  if (told.empty() || !told.back().waits) return {};
  return fail(ErrorKind::Unavailable, told.back().error);
}

Result<taxii::Remote> remote_of(Node& node, const Outpost& outpost) {
  TRY(const auto snapshot, node.store().read());
  TRY(auto access, access_of(node, *snapshot, outpost));
  access.cancelled = &node.stopping();
  taxii::Remote remote(std::move(access));
  remote.write_to(outpost.collection);
  return remote;
}

// Sends one; `goes_on` becomes true when its failure is no hindrance to the next.
using SendItem = std::function<Status(const Item&, bool& goes_on)>;

// What became of each disclosure that is not settled.
Result<std::vector<Sent>> sent_by(Node& node, const Outpost& outpost, const SendItem& send) {
  std::vector<Sent> out;
  TRY(const auto items, open_items(node, outpost.party));
  for (const auto& item : items) {
    auto sent = sent_of(item);
    bool goes_on = false;
    const auto status = send(item, goes_on);
    TRY_STATUS(tell_fate(node, outpost, sent));
    if (!status) sent.error = status.error().text();
    out.push_back(std::move(sent));
    if (!status && !goes_on) break;
  }
  return out;
}

Result<std::vector<store::ProtocolObject>> statements_for(Node& node, const std::string& party) {
  std::vector<store::ProtocolObject> out;
  TRY(const auto snapshot, node.store().read());
  TRY(const auto waiting, waiting_statements(*snapshot, party));
  for (const auto& id : waiting) {
    TRY(auto row, snapshot->protocol(id));
    if (!row) return fail(ErrorKind::Corrupt, "a statement that waits is not held", id);
    out.push_back(*std::move(row));
  }
  return out;
}

}  // namespace

Result<Acknowledged> acknowledged(store::Snapshot& snapshot, const std::string& disclosure) {
  Acknowledged out;
  TRY(const auto state, post_state(snapshot, disclosure));
  if (!state) return out;
  out.outpost = state->outpost;
  out.taken = state->count(PostState::taken);
  out.refused = state->count(PostState::refused);
  out.waiting = state->count(PostState::waits);
  out.records_taken = out.taken - (state->objects[0] == PostState::taken ? 1 : 0);
  out.records_refused = out.refused - (state->objects[0] == PostState::refused ? 1 : 0);
  out.withdrawn = state->withdrawn;
  for (const auto& refused : state->refusals) out.refusals.push_back({refused.id, refused.why});
  return out;
}

Result<bool> is_settled_at_outpost(store::Snapshot& snapshot, const std::string& disclosure) {
  TRY(const bool answered, is_answered(snapshot, disclosure));
  if (answered) return true;
  TRY(const auto known, acknowledged(snapshot, disclosure));
  return known.settled();
}

Result<bool> anything_for_outpost(store::Snapshot& snapshot, const std::string& party) {
  TRY(const auto told, waiting_statements(snapshot, party));
  if (!told.empty()) return true;
  TRY(const auto last, snapshot.last_disclosure(store::Direction::Sent, party));
  if (!last) return false;
  TRY(const auto settled, settled_number(snapshot, party));
  return last->number > settled;
}

Result<std::vector<Sent>> deliver_to_outpost(Node& node, const Outpost& outpost) {
  {
    TRY(const auto snapshot, node.store().read());
    TRY(const bool any, anything_for_outpost(*snapshot, outpost.party));
    if (!any) return std::vector<Sent>();
  }
  if (auto alone = check_left_alone(node, outpost); !alone) {
    return sent_by(node, outpost, [&](const Item&, bool&) { return alone; });
  }
  auto remote = remote_of(node, outpost);
  if (remote) return deliver_to_outpost(node, outpost, *remote);
  const auto& why = remote.error();
  TRY(auto out, sent_by(node, outpost,
                        [&](const Item&, bool&) { return Status(tl::unexpected<Error>(why)); }));
  TRY_STATUS(note_attempt(node, outpost, why, std::nullopt));
  return out;
}

Result<std::vector<Sent>> deliver_to_outpost(Node& node, const Outpost& outpost,
                                             taxii::WritableCollection& server,
                                             const OutpostBounds& bounds) {
  taxii::WriteTerms terms;
  const auto ready = prepare(node, outpost, server, terms);
  std::optional<Error> failure;
  if (!ready) failure = ready.error();
  TRY(auto out, sent_by(node, outpost, [&](const Item& item, bool& goes_on) -> Status {
        if (!ready) return ready;
        Posting posting(node, outpost, server, terms, bounds, item);
        auto status = posting.run();
        goes_on = posting.hinders_nobody();
        if (!status && !failure) failure = status.error();
        return status;
      }));
  TRY_STATUS(note_attempt(node, outpost, failure, server.retry_after_s()));
  return out;
}

Result<std::vector<Told>> tell_outpost(Node& node, const Outpost& outpost) {
  auto alone = check_left_alone(node, outpost);
  auto remote = alone ? remote_of(node, outpost) : tl::unexpected<Error>(alone.error());
  if (remote) return tell_outpost(node, outpost, *remote);
  TRY(const auto rows, statements_for(node, outpost.party));
  std::vector<Told> out;
  if (rows.empty()) return out;
  out.push_back({rows[0].id, rows[0].kind, outpost.party, false, true, remote.error().text()});
  return out;
}

Result<std::vector<Told>> tell_outpost(Node& node, const Outpost& outpost,
                                       taxii::WritableCollection& server) {
  std::vector<Told> out;
  TRY(const auto rows, statements_for(node, outpost.party));
  for (const auto& row : rows) {
    Told told{row.id, row.kind, outpost.party, false, false, {}};
    const auto answer = taxii::post_batch(server, enveloped(row.bytes), {row.id});
    if (!answer) {
      told.waits = true;
      told.error = answer.error().text();
    } else if (answer->fault || answer->objects[0].taken == taxii::Taken::Pending) {
      told.waits = true;
      told.error = "the server has not taken it";
    } else if (answer->refused || answer->objects[0].taken == taxii::Taken::No) {
      told.error = answer->refused ? answer->words : answer->objects[0].words;
      TRY_STATUS(settle_at_outpost(node, row, outpost.name, "refused: " + told.error));
    } else {
      told.taken = true;
      TRY_STATUS(settle_at_outpost(node, row, outpost.name, fate_at_outpost));
    }
    out.push_back(std::move(told));
    if (out.back().waits) break;
  }
  return out;
}

Result<std::int64_t> retry_outpost(Node& node, const std::string& name) {
  TRY(auto snapshot, node.store().read());
  TRY(const auto all, outposts(*snapshot));
  const auto outpost =
      std::find_if(all.begin(), all.end(), [&](const Outpost& one) { return one.name == name; });
  if (outpost == all.end() || outpost->removed) {
    return fail(ErrorKind::NotFound,
                fmt::format("there is no outpost {}; comity outpost list names them", name));
  }
  TRY(const auto rows,
      snapshot->protocols(disclosure_kind, store::Direction::Sent, outpost->party));
  TRY(auto settled, settled_number(*snapshot, outpost->party));
  snapshot.reset();
  const auto alone = node.delivering().take(outpost->party);
  std::int64_t out = 0;
  for (const auto& row : rows) {
    TRY(snapshot, node.store().read());
    TRY(auto kept, snapshot->meta(post_state_key(row.id)));
    TRY(auto state, post_state(*snapshot, row.id));
    snapshot.reset();
    if (!state || state->outpost != name || state->withdrawn || state->refusals.empty()) continue;
    out += state->count(PostState::refused);
    std::replace(state->objects.begin(), state->objects.end(), PostState::refused,
                 PostState::waits);
    state->refusals.clear();
    state->faults.clear();
    TRY_STATUS(keep_post_state(node, *outpost, row, *state, kept));
    settled = std::min(settled, row.number - 1);
  }
  if (out == 0) return out;
  TRY(const auto change, Change::begin(node));
  TRY_STATUS(change->store().set_meta(settled_key(outpost->party), std::to_string(settled)));
  TRY_STATUS(change->commit());
  return out;
}

}  // namespace comity::exchange
