#include "exchange/submission.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "exchange/bundle_index.h"
#include "exchange/decision.h"
#include "exchange/grant_choice.h"
#include "exchange/group_commit.h"
#include "exchange/receive.h"
#include "exchange/record.h"
#include "exchange/record_page.h"
#include "exchange/token.h"
#include "exchange/waiting_submissions.h"
#include "json/parse.h"
#include "json/write.h"
#include "stix/admission.h"

namespace comity::exchange {
namespace {

constexpr const char* submission_namespace = "5a8c2b1e-77d3-4d0f-9a55-0f6b7f0d2c64";
constexpr std::string_view protocol_type_prefix = "comity-";
constexpr std::string_view import_prefix = "import--";
constexpr std::string_view taken_back_reason = "taken back by who submitted it";

using Elements = std::vector<std::string_view>;

Result<Elements> elements_of(std::string_view envelope) {
  Elements out;
  const auto read = json::split(envelope, "objects", [&](std::string_view element, std::size_t) {
    if (out.size() == submission_objects_max) {
      return Status(fail(ErrorKind::TooLarge,
                         fmt::format("more than {} objects in one submission; send several",
                                     submission_objects_max)));
    }
    out.push_back(element);
    return Status();
  });
  if (!read) return tl::unexpected<Error>(read.error());
  if (out.empty()) {
    return fail(ErrorKind::InvalidInput, "an empty envelope; expected objects", "$.objects");
  }
  return out;
}

// The token as it is now. Whoever shows one that ended a moment ago learns no more than others.
Result<Token> writing_token(const Node& node, store::Snapshot& snapshot,
                            const taxii::Caller& caller) {
  TRY(auto token, live_token(snapshot, caller.token, node.now()));
  if (!token || token->party != caller.party || !token->writes()) {
    return fail(ErrorKind::Unauthenticated, "the token is not valid any more");
  }
  TRY_STATUS(check_originator(node, snapshot, token->originator));
  return *std::move(token);
}

// What was taken back may be submitted again with the same bytes: as another submission.
std::string taken_back_key(const Token& token) { return "taken-back:" + token.name; }

Result<std::string> submission_id(store::Snapshot& snapshot, const Token& token,
                                  const Digest& envelope) {
  TRY(const auto taken_back, snapshot.meta(taken_back_key(token)));
  return uuid5(submission_namespace, fmt::format("{} {} {} {}", hex(envelope), token.originator,
                                                 token.name, taken_back.value_or("0")));
}

// One object of a submission on its way into the store.
struct Prepared {
  std::optional<store::Record> record;  // none: it failed
  taxii::Fate fate;
};

// Reads the objects of one submission. Refers to the snapshot.
class Preparer {
 public:
  Preparer(const Node& node, store::Snapshot& snapshot, const Token& token, std::string source,
           const Elements& elements)
      : node_(node),
        law_(node.law()),
        originator_(token.originator),
        source_(std::move(source)),
        index_(law_->model().classification, snapshot, false) {
    if (!token.purposes.empty()) options_.purpose = token.purposes.front();
    // One envelope fits into the tables (receive.cpp).
    for (const auto element : elements) CHECK(index_.add(element).has_value());
    index_.finish();
  }

  Prepared one(std::string_view element) {
    Prepared out;
    const auto object = stix::read_object(element);
    if (!object) {
      out.fate = {stix::readable_id(element), "", object.error().text(), true};
      return out;
    }
    out.fate.id = object->id;
    out.fate.version =
        object->value.text(object->value.find("modified") != nullptr ? "modified" : "created");
    if (object->type.starts_with(protocol_type_prefix)) {
      out.fate.failed = true;
      out.fate.message = "$.type: only paired nodes send objects of the protocol";
      return out;
    }
    if (const auto admitted = stix::admit(object->value); !admitted) {
      out.fate.failed = true;
      out.fate.message = admitted.error().text();
      return out;
    }
    out.record = record_of(*object, element);
    // Of what is held here a message says nothing, so it cannot tell of what this caller may not
    // know.
    if (out.record->state == store::RecordState::Quarantined) {
      out.fate.message = fmt::format("quarantined: {}", unsigned_submission);
    }
    return out;
  }

 private:
  store::Record record_of(const stix::Object& object, std::string_view bytes) {
    auto record = record_from(object, bytes);
    record.originator = originator_;
    record.source = source_;
    record.classes = write_classes(index_.classes(object), law_->model().vocabulary);
    record.area = options_.area;
    record.purpose = options_.purpose;
    record.tlp = index_.handling(object, options_);
    record.chain = "[]";
    if (originator_ != node_.party()) {
      record.received_from = originator_;
      record.chain =
          write_chain(Chain{treaty::ReceivedUnder{std::string(unsigned_submission), originator_}});
      record.state = store::RecordState::Quarantined;
      record.quarantine_reason = unsigned_submission;
    }
    record.assertion_id = assertion_id(record);
    return record;
  }

  const Node& node_;
  std::shared_ptr<const treaty::CompiledRegister> law_;
  std::string originator_, source_;
  ImportOptions options_;
  BundleIndex index_;
};

Result<taxii::SubmissionStatus> read_status(const std::string& text) {
  TRY(const auto value, json::parse(text));
  return taxii::status_from_json(value);
}

Status keep_status(Change& change, const std::string& key, const taxii::SubmissionStatus& status) {
  return change.store().set_meta(key, json::write(taxii::to_json(status)));
}

// Stores what was prepared, with one entry of the ledger, and adds the fates to the status.
Status keep_prepared(Change& change, std::vector<Prepared> prepared, const Token& token,
                     const std::string& source, taxii::SubmissionStatus& status) {
  for (auto& item : prepared) {
    if (item.record) TRY_STATUS(change.keep(*std::move(item.record)));
    status.fates.push_back(std::move(item.fate));
  }
  json::Object entry;
  entry.set("type", "import");
  entry.set("import", source);
  entry.set("token", token.name);
  entry.set("originator", token.originator);
  change.bind_kept(entry);
  return change.enter("import", entry);
}

// One step of a submission that waits.
class Step {
 public:
  Step(Node& node, const WaitingSubmission& waiting)
      : node_(node),
        waiting_(waiting),
        caller_{waiting.party, waiting.token, true},
        key_(status_key(caller_key(caller_), waiting.id)),
        source_(std::string(import_prefix) + waiting.id) {}

  Status run() {
    TRY(const auto snapshot, node_.store().read());
    TRY(const auto envelope, snapshot->meta(kept_envelope_key(waiting_.id)));
    TRY(const auto kept, snapshot->meta(key_));
    if (!envelope || !kept || sha256(*envelope) != waiting_.envelope) {
      return fail(ErrorKind::Corrupt, "what is kept of a submission is not what was submitted",
                  waiting_.id);
    }
    TRY(auto status, read_status(*kept));
    TRY(const auto elements, elements_of(*envelope));
    const auto first = elements.size() - std::min(elements.size(), status.pending.size());
    const auto last = std::min(elements.size(), first + submission_step_objects);
    std::vector<Prepared> prepared;
    if (const auto token = writing_token(node_, *snapshot, caller_)) {
      Preparer preparer(node_, *snapshot, *token, source_, elements);
      for (auto i = first; i < last; ++i) prepared.push_back(preparer.one(elements[i]));
    }
    return enter(std::move(prepared), last - first, status);
  }

 private:
  Status enter(std::vector<Prepared> prepared, std::size_t count, taxii::SubmissionStatus& status) {
    TRY(const auto change, Change::begin(node_));
    const auto token = writing_token(node_, change->store(), caller_);
    if (token && prepared.size() == count) {
      TRY_STATUS(keep_prepared(*change, std::move(prepared), *token, source_, status));
    } else {
      // Its word counts no longer, however much of it was taken before.
      for (std::size_t i = 0; i < count; ++i) {
        auto fate = status.pending[i];
        fate.failed = true;
        fate.message = token ? "the token was not valid for a while" : token.error().text();
        status.fates.push_back(std::move(fate));
      }
    }
    status.pending.erase(status.pending.begin(),
                         status.pending.begin() + static_cast<std::ptrdiff_t>(count));
    status.pending_count = static_cast<std::int64_t>(status.pending.size());
    TRY_STATUS(keep_status(*change, key_, status));
    if (status.complete()) TRY_STATUS(end_waiting(*change, waiting_));
    return change->commit();
  }

  Node& node_;
  const WaitingSubmission& waiting_;
  taxii::Caller caller_;
  std::string key_, source_;
};

// The records of an object that a token has submitted and not taken back, by version.
using Submitted = std::map<std::optional<Instant>, std::vector<std::int64_t>>;

Result<Submitted> submitted(store::Snapshot& snapshot, const taxii::Caller& caller,
                            const Token& token, std::string_view stix_id) {
  Submitted out;
  TRY(const auto held, snapshot.records_by_stix_id(stix_id, false));
  for (const auto& record : held) {
    const bool there =
        record.state == store::RecordState::Live || record.quarantine_reason == unsigned_submission;
    if (!there || record.originator != token.originator ||
        !record.source.starts_with(import_prefix)) {
      continue;
    }
    const auto id = record.source.substr(import_prefix.size());
    TRY(const auto by_it, snapshot.meta(status_key(caller_key(caller), id)));
    if (by_it) out[record.version].push_back(record.sequence);
  }
  return out;
}

std::vector<std::int64_t> chosen_of(const Submitted& all, const taxii::Query& query) {
  std::vector<std::int64_t> out;
  if (all.empty() || !wants(query.spec_versions, "2.1")) return out;
  const VersionChoice choice(query.versions);
  for (auto at = all.begin(); at != all.end(); ++at) {
    const bool wanted = choice.all || !at->first || choice.exactly.contains(*at->first) ||
                        (choice.last && std::next(at) == all.end()) ||
                        (choice.first && at == all.begin());
    if (wanted) out.insert(out.end(), at->second.begin(), at->second.end());
  }
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace

std::string caller_key(const taxii::Caller& caller) {
  return caller.token.empty() ? caller.party : caller.party + "/" + caller.token;
}

Result<taxii::SubmissionStatus> Submissions::submit(const taxii::Caller& caller,
                                                    std::string_view envelope) {
  TRY(const auto elements, elements_of(envelope));
  const auto digest = sha256(envelope);
  taxii::SubmissionStatus status;
  std::vector<Prepared> prepared;
  {
    TRY(const auto snapshot, node_.store().read());
    TRY(const auto token, writing_token(node_, *snapshot, caller));
    TRY(status.id, submission_id(*snapshot, token, digest));
    if (elements.size() <= submission_at_once_max) {
      Preparer preparer(node_, *snapshot, token, std::string(import_prefix) + status.id, elements);
      for (const auto element : elements) prepared.push_back(preparer.one(element));
    }
  }
  TRY_STATUS(node_.admissions().run(envelope.size(), [&](Change& change) -> Status {
    change.leave_views();
    TRY(const auto token, writing_token(node_, change.store(), caller));
    const auto key = status_key(caller_key(caller), status.id);
    TRY(const auto known, change.store().meta(key));
    if (known) {
      TRY(status, read_status(*known));
      return {};
    }
    status.requested = change.at();
    if (elements.size() <= submission_at_once_max) {
      TRY_STATUS(keep_prepared(change, std::move(prepared), token,
                               std::string(import_prefix) + status.id, status));
    } else {
      for (const auto element : elements) {
        status.pending.push_back({stix::readable_id(element), "", "", false});
      }
      const WaitingSubmission waiting{status.id, caller.party, caller.token, digest};
      TRY_STATUS(begin_waiting(change, waiting, envelope));
    }
    return keep_status(change, key, status);
  }));
  if (!status.complete()) due_ = true;
  return status;
}

Result<bool> Submissions::work() {
  const std::lock_guard guard(working_);
  if (!due_.exchange(false)) return false;
  std::vector<WaitingSubmission> all;
  {
    TRY(const auto snapshot, node_.store().read());
    TRY(all, waiting_submissions(*snapshot));
  }
  if (all.empty()) return false;
  due_ = true;
  TRY_STATUS(Step(node_, all.front()).run());
  return true;
}

Status take_back(Node& node, const taxii::Caller& caller, std::string_view id,
                 const taxii::Query& query) {
  TRY(const auto change, Change::begin(node));
  TRY(const auto token, writing_token(node, change->store(), caller));
  TRY(const auto all, submitted(change->store(), caller, token, id));
  const auto chosen = chosen_of(all, query);
  if (chosen.empty()) return fail(ErrorKind::NotFound, "this token has submitted no such object");
  json::Object entry;
  entry.set("type", "taken-back");
  entry.set("token", token.name);
  TRY_STATUS(change->quarantine(chosen, std::string(taken_back_reason), entry));
  TRY_STATUS(change->enter("state", entry));
  TRY_STATUS(
      change->store().set_meta(taken_back_key(token), std::to_string(change->ledger_size())));
  return change->commit();
}

}  // namespace comity::exchange
