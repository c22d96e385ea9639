#include "exchange/consent.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "exchange/circumstances.h"
#include "exchange/decision.h"
#include "exchange/named.h"
#include "exchange/selection.h"

namespace comity::exchange {
namespace {

constexpr const char* request_type = "comity-consent-request";
constexpr const char* answer_type = "comity-consent";
constexpr const char* withdrawal_type = "comity-consent-withdrawal";

// The records to ask about, by who consents and for what.
using Questions = std::map<std::pair<std::string, std::string>, std::vector<Digest>>;

std::string why_not(const treaty::Verdict& verdict) {
  std::string out = treaty::name(verdict.kind);
  if (!verdict.reasons.empty()) {
    const auto& reason = verdict.reasons.front();
    out += fmt::format(" ({} {} {})", reason.code, reason.instrument, reason.article);
  }
  return out;
}

// What is carried is asked about as part of the first record of the selection that has a class.
RecordQuestion as_carried(const Selection& selection, const Selected& record) {
  auto question = record.question;
  for (const auto& other : selection.records) {
    if (other.carried) continue;
    question.classes = other.question.classes;
    question.area = other.question.area;
    question.doubtful = other.question.doubtful;
    break;
  }
  return question;
}

// The digest by which an originator knows a record: of a later copy, that of what it gave.
Digest held_by(const RecordQuestion& question, const Digest& record,
               const std::string& originator) {
  for (const auto& before : question.given_before) {
    const auto chain = read_chain(before.question.chain);
    if (!chain) continue;
    const bool in_it = std::any_of(chain->begin(), chain->end(),
                                   [&](const auto& hop) { return hop.originator == originator; });
    if (in_it) return before.digest;
  }
  return record;
}

class Asking {
 public:
  Asking(Node& node, store::Snapshot& snapshot, std::string recipient, std::string purpose)
      : law_(node.law()),
        from_(node.party()),
        to_(std::move(recipient)),
        purpose_(std::move(purpose)),
        at_(node.treaty_now()),
        circumstances_(snapshot, to_) {}

  // Adds who has to be asked about one record and has not consented yet.
  Status about(const Selection& selection, const Selected& record, Questions& out) {
    auto question = record.carried ? as_carried(selection, record) : record.question;
    if (!purpose_.empty()) {
      question.purpose = purpose_;
      for (auto& before : question.given_before) before.question.purpose = purpose_;
    }
    const auto verdict = decide_record(*law_, question, from_, to_, at_);
    if (verdict.kind != treaty::VerdictKind::Needs &&
        verdict.kind != treaty::VerdictKind::Permitted) {
      return fail(ErrorKind::NotPermitted,
                  fmt::format("no consent lets this go to {}: {}", to_, why_not(verdict)),
                  record.record.stix_id);
    }
    TRY(const auto given, circumstances_.all_consents(question, record.record.digest, {at_, {}}));
    std::set<std::string> asked;
    for (const auto& need : verdict.needs) {
      const bool has = std::any_of(given.begin(), given.end(), [&](const ConsentUsed& consent) {
        return consent.originator == need.from;
      });
      if (need.kind != "consent" || has || !asked.insert(need.from).second) continue;
      auto& records = out[{need.from, question.purpose}];
      const auto digest = held_by(question, record.record.digest, need.from);
      if (std::find(records.begin(), records.end(), digest) == records.end()) {
        records.push_back(digest);
      }
    }
    return {};
  }

 private:
  std::shared_ptr<const treaty::CompiledRegister> law_;
  std::string from_, to_, purpose_;
  Instant at_;
  Circumstances circumstances_;
};

Status check_recipient(const Node& node, const std::string& recipient, const std::string& purpose) {
  auto other = check_other_party(node, recipient);
  if (!other) return tl::unexpected<Error>(std::move(other.error()).at("--to"));
  const auto law = node.law();
  const auto& purposes = law->model().vocabulary.purposes.values;
  if (!purpose.empty() && std::find(purposes.begin(), purposes.end(), purpose) == purposes.end()) {
    return fail(
        ErrorKind::InvalidInput,
        fmt::format("'{}' is no purpose; expected one of {}", purpose, fmt::join(purposes, ", ")),
        "--purpose");
  }
  return {};
}

// The STIX id of the record that this node holds with this digest.
Result<std::optional<std::string>> held_record(store::Snapshot& snapshot, const Digest& digest) {
  TRY(const auto records, snapshot.records_by_digest(digest));
  return records.empty() ? std::nullopt : std::optional(records.front().stix_id);
}

Result<std::optional<store::ProtocolObject>> answer_to(store::Snapshot& snapshot,
                                                       const std::string& id, const char* type) {
  TRY(const auto rows, snapshot.protocols_about(id));
  for (const auto& row : rows) {
    if (row.kind == type) return std::optional(row);
  }
  return std::optional<store::ProtocolObject>();
}

// The statement that an officer named by its id. `what` it is not when there is none.
Result<Kept> named(store::Snapshot& snapshot, const std::string& id, const char* type,
                   store::Direction direction, const char* what) {
  auto kept = kept_statement(snapshot, id, type, direction);
  if (kept || kept.error().kind != ErrorKind::NotFound) return kept;
  return fail(ErrorKind::NotFound, fmt::format("is no {}; comity consent list names them", what),
              id);
}

Result<Kept> asked_of_us(store::Snapshot& snapshot, const std::string& id) {
  TRY(const auto row, snapshot.protocol(id));
  if (row && row->kind == request_type && row->direction == store::Direction::Sent) {
    return fail(ErrorKind::Conflict,
                fmt::format("was asked by this node itself; {} answers it", row->peer), id);
  }
  return named(snapshot, id, request_type, store::Direction::Received,
               "request for consent that this node was asked");
}

Result<std::string> answer(Node& node, const std::string& request, bool granted,
                           const ConsentTerms& terms) {
  TRY(const auto change, Change::begin(node));
  TRY(const auto asked, asked_of_us(change->store(), request));
  TRY(const auto before, answer_to(change->store(), request, answer_type));
  if (before) {
    return fail(ErrorKind::Conflict, fmt::format("was answered already, by {}", before->id),
                request);
  }
  const auto& question = std::get<ConsentRequest>(asked.statement.body);
  if (granted) {
    if (terms.until && *terms.until <= change->treaty_at()) {
      return fail(ErrorKind::InvalidInput, "expected an instant that is still to come", "--until");
    }
    for (const auto& record : question.records) {
      TRY(const auto held, held_record(change->store(), record));
      if (held) continue;
      return fail(ErrorKind::Conflict,
                  fmt::format("names record {}, which is not held here: nobody consents to what "
                              "they do not know",
                              digest_text(record)),
                  request);
    }
  }
  ConsentAnswer body;
  body.request = request;
  body.request_digest = asked.digest;
  body.granted = granted;
  body.records = question.records;
  body.recipient = question.recipient;
  body.purpose = question.purpose;
  body.until = terms.until;
  body.once = terms.once;
  body.ground = terms.ground;
  TRY(const auto said, say(*change, node, asked.statement.from, std::move(body), request));
  TRY_STATUS(change->commit());
  return said.statement.id;
}

tl::unexpected<Error> not_known(const char* member, std::string what) {
  return fail(ErrorKind::NotVerified, std::move(what),
              fmt::format("$.objects[0]:$.body.{}", member));
}

// What became of an answered request.
Status add_answer(store::Snapshot& snapshot, const store::ProtocolObject& row, Instant at,
                  ConsentRow& out) {
  TRY(const auto statement, read_statement(row.bytes));
  const auto& body = std::get<ConsentAnswer>(statement.body);
  out.consent = row.id;
  out.until = body.until;
  out.once = body.once;
  out.ground = body.ground;
  TRY(const auto withdrawal, answer_to(snapshot, row.id, withdrawal_type));
  if (!out.asked_by_us) {
    TRY(out.told, fate_of(snapshot, withdrawal ? withdrawal->id : row.id));
  }
  bool spent = body.once;
  for (const auto& record : body.records) {
    TRY(const auto by, snapshot.meta(consent_spent_key(row.id, record)));
    spent = spent && by.has_value();
  }
  out.state = !body.granted                     ? "refused"
              : withdrawal                      ? "withdrawn"
              : body.until && *body.until <= at ? "expired"
              : spent                           ? "spent"
                                                : "granted";
  return {};
}

}  // namespace

Result<std::vector<Asked>> ask_consent(Node& node, const std::vector<std::string>& ids,
                                       const std::string& recipient, const std::string& purpose) {
  TRY_STATUS(check_recipient(node, recipient, purpose));
  Questions questions;
  {
    TRY(const auto snapshot, node.store().read());
    TRY(const auto selection, select(*snapshot, ids));
    Asking asking(node, *snapshot, recipient, purpose);
    for (const auto& record : selection.records) {
      TRY_STATUS(asking.about(selection, record, questions));
    }
  }
  if (questions.empty()) {
    return fail(
        ErrorKind::Conflict,
        fmt::format("nobody's consent is missing for {}; comity preview says what is", recipient));
  }
  std::vector<Asked> out;
  TRY(const auto change, Change::begin(node));
  for (const auto& [who, records] : questions) {
    for (std::size_t first = 0; first < records.size(); first += statement_records_max) {
      const auto count = std::min(statement_records_max, records.size() - first);
      ConsentRequest body;
      body.records.assign(records.begin() + static_cast<std::ptrdiff_t>(first),
                          records.begin() + static_cast<std::ptrdiff_t>(first + count));
      body.recipient = recipient;
      body.purpose = who.second;
      TRY(const auto said, say(*change, node, who.first, std::move(body)));
      out.push_back({said.statement.id, who.first, who.second, count});
    }
  }
  TRY_STATUS(change->commit());
  return out;
}

Result<std::string> grant_consent(Node& node, const std::string& request,
                                  const ConsentTerms& terms) {
  return answer(node, request, true, terms);
}

Result<std::string> refuse_consent(Node& node, const std::string& request,
                                   const std::string& ground) {
  const auto law = node.law();
  const auto& grounds = law->model().vocabulary.refusal_grounds;
  if (!ground.empty() && !grounds.index(ground)) {
    return fail(ErrorKind::InvalidInput,
                fmt::format("'{}' is no ground of refusal; expected one of {}", ground,
                            fmt::join(grounds.values, ", ")),
                "--ground");
  }
  ConsentTerms terms;
  terms.ground = ground;
  return answer(node, request, false, terms);
}

Result<std::string> withdraw_consent(Node& node, const std::string& consent) {
  TRY(const auto change, Change::begin(node));
  TRY(const auto given, named(change->store(), consent, answer_type, store::Direction::Sent,
                              "consent that this node has given"));
  if (!std::get<ConsentAnswer>(given.statement.body).granted) {
    return fail(ErrorKind::Conflict, "is a refusal; there is nothing to withdraw", consent);
  }
  TRY(const auto before, answer_to(change->store(), consent, withdrawal_type));
  if (before) return fail(ErrorKind::Conflict, "is withdrawn already", consent);
  TRY(const auto said,
      say(*change, node, given.statement.to, ConsentWithdrawal{consent, given.digest}, consent));
  TRY_STATUS(change->commit());
  return said.statement.id;
}

Result<std::vector<ConsentRow>> consents(Node& node) {
  TRY(const auto snapshot, node.store().read());
  const auto at = node.treaty_now();
  std::vector<ConsentRow> out;
  for (const auto direction : {store::Direction::Sent, store::Direction::Received}) {
    TRY(const auto rows, snapshot->protocols(request_type, direction, ""));
    for (const auto& row : rows) {
      TRY(const auto statement, read_statement(row.bytes));
      const auto& body = std::get<ConsentRequest>(statement.body);
      ConsentRow entry;
      entry.request = row.id;
      entry.asked_by_us = direction == store::Direction::Sent;
      entry.party = row.peer;
      entry.recipient = body.recipient;
      entry.purpose = body.purpose;
      entry.records = body.records;
      entry.state = "unanswered";
      for (const auto& record : body.records) {
        TRY(auto held, held_record(*snapshot, record));
        if (held) entry.held.push_back(*std::move(held));
      }
      if (entry.asked_by_us) {
        TRY(entry.told, fate_of(*snapshot, row.id));
      }
      TRY(const auto answered, answer_to(*snapshot, row.id, answer_type));
      if (answered) TRY_STATUS(add_answer(*snapshot, *answered, at, entry));
      out.push_back(std::move(entry));
    }
  }
  return out;
}

Result<std::string> take(Change&, Node& node, const Kept& heard, const ConsentRequest& body) {
  if (body.recipient == node.party() || body.recipient == heard.statement.from) {
    return not_known("recipient", "is no third party; nobody needs to be asked");
  }
  if (!node.law()->model().party(body.recipient)) {
    return not_known("recipient", "is no party of the register here");
  }
  return std::string();
}

Result<std::string> take(Change& change, Node&, const Kept& heard, const ConsentAnswer& body) {
  const auto asked =
      kept_statement(change.store(), body.request, request_type, store::Direction::Sent);
  if (!asked || asked->statement.to != heard.statement.from) {
    return not_known("request", "this node has not asked that of the sender");
  }
  if (asked->digest != body.request_digest) {
    return not_known("request_digest", "answers another text than was asked");
  }
  const auto& question = std::get<ConsentRequest>(asked->statement.body);
  if (question.records != body.records || question.recipient != body.recipient ||
      question.purpose != body.purpose) {
    return not_known("records", "records, recipient or purpose are not those that were asked for");
  }
  TRY(const auto before, answer_to(change.store(), body.request, answer_type));
  if (before) {
    return fail(ErrorKind::Conflict, fmt::format("was answered already, by {}", before->id),
                "$.objects[0]:$.body.request");
  }
  return body.request;
}

Result<std::string> take(Change& change, Node&, const Kept& heard, const ConsentWithdrawal& body) {
  const auto given =
      kept_statement(change.store(), body.consent, answer_type, store::Direction::Received);
  if (!given || given->statement.from != heard.statement.from ||
      given->digest != body.consent_digest ||
      !std::get<ConsentAnswer>(given->statement.body).granted) {
    return not_known("consent", "the sender has given no such consent here");
  }
  TRY(const auto before, answer_to(change.store(), body.consent, withdrawal_type));
  if (before) {
    return fail(ErrorKind::Conflict, "is withdrawn already", "$.objects[0]:$.body.consent");
  }
  return body.consent;
}

}  // namespace comity::exchange
