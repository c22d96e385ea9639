#include "exchange/verify.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "exchange/account.h"
#include "exchange/act_check.h"
#include "exchange/circumstances.h"
#include "exchange/feed.h"
#include "exchange/kept_rows.h"
#include "exchange/outpost.h"
#include "exchange/outpost_delivery.h"
#include "exchange/procedure.h"
#include "exchange/protocol.h"
#include "exchange/release_request.h"
#include "exchange/rule.h"
#include "exchange/served.h"
#include "exchange/signers.h"
#include "exchange/submission_check.h"
#include "exchange/token.h"
#include "exchange/verify_rows.h"
#include "exchange/withdrawal.h"

namespace comity::exchange {
namespace {

RecordQuestion question_of_disclosed(const DisclosedRecord& record, const Disclosure& disclosure) {
  RecordQuestion question;
  question.classes = record.classes;
  question.area = disclosure.area;
  question.purpose = disclosure.purpose;
  question.tlp = record.tlp;
  question.chain = write_chain(record.chain);
  return question;
}

// Whether the verdict rests on this very row of this clause.
bool holds(const treaty::Model& model, const treaty::Verdict& verdict, const BasisClause& basis) {
  const bool named =
      std::any_of(verdict.basis.begin(), verdict.basis.end(), [&](const treaty::BasisEntry& entry) {
        return entry.instrument == basis.instrument && entry.clause == basis.clause;
      });
  const auto index = model.instrument(basis.instrument);
  if (!named || !index) return false;
  const auto* clause = model.instruments[static_cast<std::size_t>(*index)].clause(basis.clause);
  return clause != nullptr && clause->digest == basis.digest;
}

// Adds to a question what held beside record and register.
using Complete = std::function<Status(RecordQuestion& question, const DisclosedRecord& record)>;

// Why the records of a disclosure are not permitted under its clauses.
class Recheck {
 public:
  Recheck(const std::shared_ptr<const treaty::CompiledRegister>& law, const Disclosure& disclosure,
          Instant at)
      : law_(law), disclosure_(disclosure), decider_(law, disclosure.from, disclosure.to, at) {}

  // Empty: all of them are.
  Result<std::string> run(const Complete& complete) {
    CHECK(disclosure_.named);
    std::vector<RecordQuestion> questions;
    std::set<RecordQuestion> carriers;
    for (const auto& record : disclosure_.records) {
      auto question = question_of_disclosed(record, disclosure_);
      TRY_STATUS(complete(question, record));
      if (!record.classes.empty()) carriers.insert(carrier_question(question));
      questions.push_back(std::move(question));
    }
    for (std::size_t i = 0; i < questions.size(); ++i) {
      const auto& record = disclosure_.records[i];
      auto why = of_another(record);
      if (why.empty()) {
        why = record.classes.empty() ? carried(questions[i], carriers) : alone(questions[i]);
      }
      if (!why.empty()) return fmt::format("record {}: {}", digest_text(record.digest), why);
    }
    return std::string();
  }

 private:
  std::string of_another(const DisclosedRecord& record) const {
    const bool own = record.originator == disclosure_.from && record.chain.empty();
    return disclosure_.at_discretion && !own ? "of another, and went at national discretion" : "";
  }

  bool may_go(const RecordQuestion& question, const treaty::Verdict& verdict) const {
    if (verdict.kind == treaty::VerdictKind::Permitted) return true;
    if (disclosure_.at_discretion) return may_go_at_discretion(question, verdict);
    return disclosure_.four_eyes && waits_for_officers(verdict, disclosure_.from);
  }

  // It is part of what carries it, under its own handling: of one of them at least.
  std::string carried(const RecordQuestion& question, const std::set<RecordQuestion>& carriers) {
    if (!question.recalled.empty()) return question.recalled;
    const bool may = std::any_of(carriers.begin(), carriers.end(), [&](const auto& carrier) {
      const auto whole = carried_question(carrier, question);
      return may_go(whole, decider_.verdict(whole));
    });
    return may ? "" : "may not be carried by the others";
  }

  std::string alone(const RecordQuestion& question) {
    const auto& verdict = decider_.verdict(question);
    if (!may_go(question, verdict)) {
      return fmt::format(
          "{}{}", treaty::name(verdict.kind),
          disclosure_.at_discretion ? ", and nothing that may go at national discretion" : "");
    }
    for (const auto& basis : disclosure_.basis) {
      if (!holds(law_->model(), verdict, basis)) {
        return fmt::format("permitted, but not under {} {} as it was", basis.instrument,
                           basis.clause);
      }
    }
    return "";
  }

  const std::shared_ptr<const treaty::CompiledRegister>& law_;
  const Disclosure& disclosure_;
  Decider decider_;
};

Result<std::string> not_permitted(const std::shared_ptr<const treaty::CompiledRegister>& law,
                                  const Disclosure& disclosure, Instant at,
                                  const Complete& complete) {
  return Recheck(law, disclosure, at).run(complete);
}

// What a disclosure does not say of a record, and who sent it knows: that it says who is behind
// something, that it must not leave without a person, and what another gave before.
Status as_held(store::Snapshot& snapshot, const DisclosedRecord& record, RecordQuestion& question) {
  TRY(const auto rows, snapshot.records_by_digest(record.digest));
  const auto held = std::find_if(rows.begin(), rows.end(), [&](const store::Record& row) {
    return row.originator == record.originator && row.chain == question.chain &&
           row.classes == record.classes && row.tlp == record.tlp &&
           row.published == record.published;
  });
  if (held == rows.end()) return {};  // found by whoever looks for its bytes
  TRY(auto known, held_question(snapshot, *held));
  if (record.classes.empty()) question.purpose = held->purpose;  // for which it was consented to
  question.attributes = known.attributes;
  question.doubtful = known.doubtful;
  question.copied = known.copied;
  question.given_before = std::move(known.given_before);
  return {};
}

class Verifier {
 public:
  Verifier(Node& node, store::Snapshot& snapshot) : node_(node), snapshot_(snapshot) {}

  Result<Verification> run() {
    TRY(rows_,
        check_rows(node_, snapshot_, [this](std::string text) { finding(std::move(text)); }));
    out_.leaves = rows_.leaves;
    out_.records = rows_.records;
    TRY_STATUS(read_notices());
    TRY(history_, law_history(snapshot_));
    TRY_STATUS(sent());
    TRY_STATUS(received());
    TRY_STATUS(receipts());
    TRY(const auto acts, check_acts(node_, snapshot_));
    for (const auto& found : acts) finding(found);
    TRY_STATUS(statements());
    TRY_STATUS(withdrawals());
    TRY(const auto of_tokens, token_findings(snapshot_));
    for (const auto& text : of_tokens) finding(text);
    TRY(const auto of_feeds, feed_findings(snapshot_));
    for (const auto& text : of_feeds) finding(text);
    TRY(const auto of_outposts, outpost_findings(snapshot_));
    for (const auto& text : of_outposts) finding(text);
    TRY(const auto of_submissions, submission_findings(node_, snapshot_));
    for (const auto& text : of_submissions) finding(text);
    TRY(const auto of_rules, rule_findings(snapshot_));
    for (const auto& text : of_rules) finding(text);
    TRY(const auto of_accounts, account_findings(snapshot_));
    for (const auto& text : of_accounts) finding(text);
    TRY(const auto of_requests, release_request_findings(snapshot_));
    for (const auto& text : of_requests) finding(text);
    TRY(const auto of_served, served_findings(snapshot_));
    for (const auto& text : of_served) finding(text);
    return std::move(out_);
  }

 private:
  void finding(std::string text) {
    ++out_.finding_count;
    if (out_.findings.size() < findings_listed_max) out_.findings.push_back(std::move(text));
  }

  Status sent();
  Status known_today(const store::ProtocolObject& row, const Disclosure& disclosure);
  Result<std::optional<LawChange>> not_permitted_since(const Disclosure& disclosure,
                                                       const Digest& digest);
  Status received();
  Status receipts();
  Status statements();
  void check_statement(const store::ProtocolObject& row);
  // Who could sign for a party when the ledger entered this.
  Status read_notices();
  Signers signers_at(const store::ProtocolObject& row) const;
  // An own disclosure by the law and with the consents and recalls of its moment.
  Result<std::string> decided_then(const Disclosure& disclosure, const Digest& digest,
                                   const std::shared_ptr<const treaty::CompiledRegister>& law);
  // The parts that sent and received disclosures have in common.
  std::optional<Disclosure> statement(const store::ProtocolObject& row,
                                      std::optional<Digest>& previous, std::int64_t& number);
  void check_records(const Disclosure& disclosure);
  Status withdrawals();
  // A withdrawal whose signature holds; its row and leaf are looked at with all others.
  std::optional<Withdrawal> withdrawal(const store::ProtocolObject& row);

  Node& node_;
  store::Snapshot& snapshot_;
  Verification out_;
  RowsFound rows_;
  // What notices of keys let count, by sender, with the leaf of each.
  std::map<std::string, std::vector<std::pair<std::int64_t, std::vector<Digest>>>> vouched_;
  std::map<std::string, Circumstances> circumstances_;  // by recipient
  std::vector<LawChange> history_;
};

Status Verifier::read_notices() {
  TRY(const auto rows, snapshot_.protocols("comity-key-notice", store::Direction::Received, ""));
  for (const auto& row : rows) {
    const auto entered = rows_.entered.find(digest_text(row.digest));
    auto read = read_statement(row.bytes);
    auto* body = read ? std::get_if<KeyNotice>(&read->body) : nullptr;
    if (body == nullptr || entered == rows_.entered.end()) continue;  // found elsewhere
    vouched_[row.peer].emplace_back(entered->second.leaf, std::move(body->vouched));
  }
  return {};
}

Signers Verifier::signers_at(const store::ProtocolObject& row) const {
  Signers out;
  out.party = row.direction == store::Direction::Sent ? node_.party() : row.peer;
  const auto entered = rows_.entered.find(digest_text(row.digest));
  const auto leaf = entered == rows_.entered.end() ? INT64_MAX : entered->second.leaf;
  if (const auto turns = rows_.key_turns.find(out.party); turns != rows_.key_turns.end()) {
    for (const auto& turn : turns->second) {
      if (turn.leaf > leaf || turn.node_key == out.present) continue;
      if (!out.present.empty()) out.older.push_back({out.present, "an older number"});
      out.present = turn.node_key;
    }
  }
  if (const auto notices = vouched_.find(out.party); notices != vouched_.end()) {
    for (const auto& [at, digests] : notices->second) {
      if (at < leaf) out.vouched.insert(out.vouched.end(), digests.begin(), digests.end());
    }
  }
  return out;
}

std::optional<Disclosure> Verifier::statement(const store::ProtocolObject& row,
                                              std::optional<Digest>& previous,
                                              std::int64_t& number) {
  auto opened = open_by(signers_at(row), row.bytes, open_disclosure);
  if (!opened) {
    finding(fmt::format("{}: {}", row.id, opened.error().text()));
    return std::nullopt;
  }
  const auto digest = protocol_digest(row.bytes);
  // What this node signs it keeps in the one form that it signs (RFC 8785).
  const bool other_form =
      row.direction == store::Direction::Sent && sha256(row.bytes) != row.digest;
  if (!digest || *digest != row.digest || opened->id != row.id || other_form) {
    finding(fmt::format("{}: its bytes are not those that were entered", row.id));
  }
  if (!rows_.entered.contains(digest_text(row.digest))) {
    finding(fmt::format("{}: stands in no ledger leaf", row.id));
  }
  if (opened->number != number + 1 || (number > 0 && opened->previous != previous)) {
    finding(fmt::format("{}: number {} does not follow number {} with {}", row.id, opened->number,
                        number, row.peer));
  }
  number = opened->number;
  previous = row.digest;
  if (const auto named = name_kept_records(snapshot_, row, *opened); !named) {
    finding(fmt::format("{}: {}", row.id, named.error().message));
    return std::nullopt;
  }
  return std::move(*opened);
}

void Verifier::check_records(const Disclosure& disclosure) {
  for (const auto& record : disclosure.records) {
    if (!rows_.held.contains(record.digest)) {
      finding(fmt::format("{}: record {} is not held with these bytes", disclosure.id,
                          digest_text(record.digest)));
    }
  }
}

Result<std::string> Verifier::decided_then(
    const Disclosure& disclosure, const Digest& digest,
    const std::shared_ptr<const treaty::CompiledRegister>& law) {
  auto& circumstances =
      circumstances_.try_emplace(disclosure.to, snapshot_, disclosure.to).first->second;
  const auto own = rows_.entered.find(digest_text(digest));
  const auto known = [&](const Digest& statement) {
    const auto then = rows_.entered.find(digest_text(statement));
    return then != rows_.entered.end() && own != rows_.entered.end() &&
           then->second.leaf < own->second.leaf;
  };
  return not_permitted(law, disclosure, disclosure.decided_at(),
                       [&](RecordQuestion& question, const DisclosedRecord& record) -> Status {
                         TRY_STATUS(as_held(snapshot_, record, question));
                         return circumstances.complete(
                             question, record.digest,
                             {disclosure.decided_at(), disclosure.id, &disclosure.consents, known});
                       });
}

Status Verifier::sent() {
  TRY(const auto rows, snapshot_.protocols(disclosure_kind, store::Direction::Sent, ""));
  std::map<std::string, std::pair<std::optional<Digest>, std::int64_t>> chains;
  for (const auto& row : rows) {
    ++out_.sent;
    auto& [previous, number] = chains[row.peer];
    const auto disclosure = statement(row, previous, number);
    if (!disclosure) continue;
    if (disclosure->at_discretion) ++out_.sent_at_discretion;
    check_records(*disclosure);
    const auto law = node_.law_of(disclosure->register_digest);
    if (!law) {
      finding(fmt::format("{}: its register is not kept: {}", row.id, law.error().text()));
      continue;
    }
    TRY(const auto why, decided_then(*disclosure, row.digest, *law));
    if (!why.empty()) {
      finding(fmt::format("{}: decided again, {}", row.id, why));
    } else {
      ++out_.redecided;
      TRY_STATUS(known_today(row, *disclosure));
    }
  }
  return {};
}

// Law of a past instant is corrected later: a date was another, an article is read otherwise. What
// was decided by the best knowledge of its instant stands, and officers are told.
Status Verifier::known_today(const store::ProtocolObject& row, const Disclosure& disclosure) {
  const auto law = node_.law();
  if (law->model().digest == disclosure.register_digest) return {};
  TRY(auto why, decided_then(disclosure, row.digest, law));
  if (why.empty()) return {};
  TRY(auto since, not_permitted_since(disclosure, row.digest));
  ++out_.not_permitted_today_count;
  if (out_.not_permitted_today.size() == findings_listed_max) return {};
  out_.notes.push_back(
      fmt::format("{}: permitted as known; not permitted as known today ({}){}", row.id, why,
                  since ? fmt::format(", since the register was changed at {} ({})",
                                      format_rfc3339(since->at), since->what)
                        : ""));
  out_.not_permitted_today.push_back(
      {row.id, row.peer, row.number, std::move(why), std::move(since)});
  return {};
}

// The registers are asked from today backwards, until one permits: a correction may have been taken
// back in between, and what holds today began after that.
Result<std::optional<LawChange>> Verifier::not_permitted_since(const Disclosure& disclosure,
                                                               const Digest& digest) {
  const auto own = rows_.entered.find(digest_text(digest));
  if (own == rows_.entered.end() || history_.empty() ||
      history_.back().digest != node_.law()->model().digest) {
    return std::optional<LawChange>();
  }
  auto at = history_.size() - 1;
  while (at > 0 && history_[at].leaf > own->second.leaf) {
    const auto& earlier = history_[at - 1];
    if (earlier.digest == disclosure.register_digest) break;
    const auto law = node_.law_of(earlier.digest);
    if (!law) return std::optional<LawChange>();  // a finding elsewhere
    TRY(const auto why, decided_then(disclosure, digest, *law));
    if (why.empty()) break;
    --at;
  }
  return std::optional(history_[at]);
}

std::optional<Withdrawal> Verifier::withdrawal(const store::ProtocolObject& row) {
  auto opened = open_by(signers_at(row), row.bytes, open_withdrawal);
  if (!opened) {
    finding(fmt::format("{}: {}", row.id, opened.error().text()));
    return std::nullopt;
  }
  return std::move(*opened);
}

// Own withdrawals, each with the disclosure that it withdraws; received ones stand in the chain.
Status Verifier::withdrawals() {
  TRY(const auto rows, snapshot_.protocols(withdrawal_kind, store::Direction::Sent, ""));
  for (const auto& row : rows) {
    const auto opened = withdrawal(row);
    if (!opened) continue;
    TRY(const auto disclosure, snapshot_.protocol(opened->disclosure));
    if (!disclosure || disclosure->digest != opened->disclosure_digest ||
        disclosure->number != opened->number || disclosure->peer != opened->to) {
      finding(fmt::format("{}: withdraws a disclosure that is not held", row.id));
    }
    TRY(const auto arrived, snapshot_.protocol(receipt_id(opened->disclosure)));
    TRY(const auto confirmed, snapshot_.protocol(receipt_id(opened->id)));
    if (arrived) continue;
    const bool served = opened->reason == served_before;
    out_.notes.push_back(
        fmt::format("{}: number {} to {} was {}{}", row.id, opened->number, row.peer,
                    served ? "read from the view, then withdrawn" : "withdrawn before it was sent",
                    confirmed ? "" : "; the withdrawal has no receipt yet"));
  }
  return {};
}

// What arrived from peers as disclosures or in place of one, each chain in its order.
Result<std::vector<store::ProtocolObject>> arrived_links(store::Snapshot& snapshot) {
  TRY(auto rows, snapshot.protocols(disclosure_kind, store::Direction::Received, ""));
  TRY(auto more, snapshot.protocols(withdrawal_kind, store::Direction::Received, ""));
  std::move(more.begin(), more.end(), std::back_inserter(rows));
  std::stable_sort(rows.begin(), rows.end(),
                   [](const auto& a, const auto& b) { return a.number < b.number; });
  return rows;
}

Status Verifier::received() {
  TRY(const auto rows, arrived_links(snapshot_));
  std::map<std::string, std::pair<std::optional<Digest>, std::int64_t>> chains;
  for (const auto& row : rows) {
    if (row.kind != withdrawal_kind) ++out_.received;
    TRY(const auto peer, snapshot_.peer(row.peer));
    if (!peer) {
      finding(fmt::format("{}: from {}, which is not paired", row.id, row.peer));
      continue;
    }
    auto& [previous, number] = chains[row.peer];
    if (row.kind == withdrawal_kind) {
      const auto opened = withdrawal(row);
      if (!opened) continue;
      if (opened->number != number + 1 || opened->previous != previous) {
        finding(fmt::format("{}: number {} does not follow number {} with {}", row.id,
                            opened->number, number, row.peer));
      }
      number = opened->number;
      previous = opened->disclosure_digest;
      continue;
    }
    const auto disclosure = statement(row, previous, number);
    if (!disclosure) continue;
    if (disclosure->at_discretion) ++out_.received_at_discretion;
    const auto law = node_.law_of(disclosure->register_digest);
    const auto stated = [&](RecordQuestion& question, const DisclosedRecord&) {
      for (const auto& consent : disclosure->consents) {
        question.consents[consent.originator] = "granted";
      }
      return Status();
    };
    std::string why = "not decided";
    if (law) {
      TRY(why, not_permitted(*law, *disclosure, disclosure->decided_at(), stated));
    }
    if (why.empty()) {
      ++out_.received_redecided;
    } else {
      ++out_.received_not_redecided;  // signed; the sender's register is not ours to know
    }
  }
  return {};
}

Status Verifier::receipts() {
  for (const auto direction : {store::Direction::Sent, store::Direction::Received}) {
    TRY(const auto rows, snapshot_.protocols(receipt_kind, direction, ""));
    for (const auto& row : rows) {
      const auto receipt = open_by(signers_at(row), row.bytes, open_receipt);
      if (!receipt) {
        finding(fmt::format("{}: {}", row.id, receipt.error().text()));
        continue;
      }
      TRY(const auto disclosure, snapshot_.protocol(receipt->disclosure));
      if (!disclosure || disclosure->digest != receipt->disclosure_digest) {
        finding(fmt::format("{}: answers a disclosure that is not held", row.id));
      }
      const auto digest = protocol_digest(row.bytes);
      if (!digest || *digest != row.digest || !rows_.entered.contains(digest_text(row.digest))) {
        finding(fmt::format("{}: stands in no ledger leaf with these bytes", row.id));
      }
      ++out_.receipts;
    }
  }
  TRY(const auto sent, snapshot_.protocols(disclosure_kind, store::Direction::Sent, ""));
  for (const auto& row : sent) {
    TRY(const auto answers, snapshot_.protocols_about(row.id));
    // A withdrawn one never gets a receipt; withdrawals() speaks of it.
    if (answers.empty()) {
      ++out_.receipts_missing;
      // What cannot be read of it is a finding of the outposts.
      const auto posted = acknowledged(snapshot_, row.id).value_or(Acknowledged());
      out_.notes.push_back(
          posted.outpost.empty()
              ? fmt::format("{}: number {} to {} has no receipt yet", row.id, row.number, row.peer)
              : fmt::format("{}: number {} to {} went to the outpost {}, whose server signs no "
                            "receipt; it says that it has {} of the records, refused {}",
                            row.id, row.number, row.peer, posted.outpost, posted.records_taken,
                            posted.records_refused));
    }
  }
  return {};
}

void Verifier::check_statement(const store::ProtocolObject& row) {
  const auto opened = open_by(signers_at(row), row.bytes, open_statement);
  if (!opened) {
    finding(fmt::format("{}: {}", row.id, opened.error().text()));
    return;
  }
  // That the row is what was entered, check_rows has found.
  ++out_.statements;
}

Status Verifier::statements() {
  for (const auto& type : statement_types()) {
    for (const auto direction : {store::Direction::Sent, store::Direction::Received}) {
      TRY(const auto rows, snapshot_.protocols(type, direction, ""));
      for (const auto& row : rows) check_statement(row);
    }
  }
  return {};
}

}  // namespace

Result<Verification> verify(Node& node) {
  TRY(const auto snapshot, node.store().read());
  return Verifier(node, *snapshot).run();
}

namespace {

// An instrument that permits a record of a disclosure now; empty: none does.
Result<std::string> permitted_under(Node& node, store::Snapshot& snapshot,
                                    const Disclosure& disclosure) {
  const auto at = node.treaty_now();
  Circumstances circumstances(snapshot, disclosure.to);
  Decider decider(node.law(), disclosure.from, disclosure.to, at);
  for (const auto& record : disclosure.records) {
    if (record.classes.empty()) continue;
    auto question = question_of_disclosed(record, disclosure);
    TRY_STATUS(as_held(snapshot, record, question));
    TRY_STATUS(circumstances.complete(question, record.digest, {at, disclosure.id}));
    const auto& verdict = decider.verdict(question);
    if (verdict.kind == treaty::VerdictKind::Permitted) return verdict.basis.front().instrument;
  }
  return std::string();
}

// Why a disclosure is not permitted now, with the consents that it names, or with all; `holds` is
// narrowed to the instants at which that is so.
Result<std::string> not_permitted_now(Node& node, store::Snapshot& snapshot,
                                      const Disclosure& disclosure,
                                      const std::vector<ConsentUsed>* named,
                                      treaty::Stretch& holds) {
  const auto at = node.treaty_now();
  const auto law = node.law();
  Circumstances circumstances(snapshot, disclosure.to);
  TRY(auto why,
      not_permitted(
          law, disclosure, at,
          [&](RecordQuestion& question, const DisclosedRecord& record) -> Status {
            TRY_STATUS(as_held(snapshot, record, question));
            return circumstances.complete(question, record.digest, {at, disclosure.id, named});
          }));
  auto own = law->stretch(at);
  circumstances.cut(own, at);
  holds.meet(own);
  return why;
}

}  // namespace

Status still_permitted(Node& node, const Disclosure& disclosure) {
  TRY(const auto snapshot, node.store().read());
  treaty::Stretch now{{INT64_MIN}, {INT64_MAX}};  // it is asked again each time
  TRY(auto why, not_permitted_now(node, *snapshot, disclosure, &disclosure.consents, now));
  if (why.empty() && disclosure.by_officers() &&
      node.law()->model().digest != disclosure.register_digest) {
    why = "the register has changed since two officers let it go; ask them again";
  }
  if (why.empty() && disclosure.at_discretion) {
    TRY(const auto instrument, permitted_under(node, *snapshot, disclosure));
    if (!instrument.empty()) why = instrument + " permits it by now; release it under that";
  }
  if (why.empty()) return {};
  return fail(ErrorKind::NotPermitted, "no longer permitted, not sent: " + why, disclosure.id);
}

Result<bool> may_be_shown(Node& node, store::Snapshot& snapshot, const Disclosure& disclosure,
                          treaty::Stretch& holds) {
  if (disclosure.by_officers()) return false;  // they send it; nobody collects it
  TRY(const auto why, not_permitted_now(node, snapshot, disclosure, nullptr, holds));
  return why.empty();
}

}  // namespace comity::exchange
