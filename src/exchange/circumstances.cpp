#include "exchange/circumstances.h"

#include <fmt/format.h>

#include <algorithm>

#include "exchange/recall.h"
#include "exchange/statement.h"
#include "json/parse.h"
#include "stix/object.h"
#include "stix/observable_id.h"

namespace comity::exchange {

std::string consent_spent_key(const std::string& consent, const Digest& record) {
  return fmt::format("consent-spent:{}:{}", consent, hex(record));
}

Status AnswerBook::load() {
  std::map<std::string, std::vector<Digest>> withdrawals;
  TRY(const auto withdrawn,
      snapshot_.protocols("comity-consent-withdrawal", store::Direction::Received, ""));
  for (const auto& row : withdrawn) withdrawals[row.about].push_back(row.digest);
  TRY(const auto rows, snapshot_.protocols("comity-consent", store::Direction::Received, ""));
  for (const auto& row : rows) {
    TRY(auto statement, read_statement(row.bytes));
    auto& body = std::get<ConsentAnswer>(statement.body);
    const auto recipient = body.recipient;
    kept_[recipient].push_back(
        {row.id, statement.from, row.digest, std::move(body), withdrawals[row.id]});
  }
  loaded_ = true;
  return {};
}

Result<const std::vector<AnswerBook::Kept>*> AnswerBook::of(const std::string& recipient) {
  if (!loaded_) TRY_STATUS(load());
  return &kept_[recipient];
}

Status Circumstances::load() {
  if (loaded_) return {};
  TRY_STATUS(load_answers());
  loaded_ = true;
  return {};
}

Status Circumstances::load_answers() {
  TRY(const auto* kept, book_->of(recipient_));
  for (const auto& one : *kept) {
    Answer answer;
    answer.used = {one.id, one.from, one.digest, one.body.once};
    answer.granted = one.body.granted;
    answer.once = one.body.once;
    answer.purpose = one.body.purpose;
    answer.until = one.body.until;
    answer.withdrawals = one.withdrawals;
    for (const auto& record : one.body.records) {
      about_[record].push_back(answers_.size());
      if (!one.body.once) continue;
      TRY(const auto spent, snapshot_.meta(consent_spent_key(one.id, record)));
      if (spent) answer.spent[record] = *spent;
    }
    answers_.push_back(std::move(answer));
  }
  return {};
}

Status Circumstances::load_recalls() {
  if (recalls_loaded_) return {};
  TRY(const auto rows, snapshot_.protocols("comity-recall", store::Direction::Sent, recipient_));
  for (const auto& row : rows) {
    TRY(const auto statement, read_statement(row.bytes));
    for (const auto& record : std::get<Recall>(statement.body).records) {
      recalls_[record].emplace_back(row.digest, row.id);
    }
  }
  recalls_loaded_ = true;
  return {};
}

Result<bool> Circumstances::recalled(const Digest& record) {
  TRY_STATUS(load_recalls());
  return recalls_.contains(record);
}

void Circumstances::cut(treaty::Stretch& stretch, Instant at) const {
  for (const auto& answer : answers_) {
    if (answer.until) stretch.cut(*answer.until, at);
  }
}

bool Circumstances::counts(const Answer& answer, const Digest& record, const std::string& purpose,
                           const Occasion& occasion) const {
  const auto known = [&](const Digest& digest) {
    return !occasion.known || occasion.known(digest);
  };
  if (answer.purpose != purpose || !known(answer.used.digest)) return false;
  if (!answer.granted) return true;
  if (answer.until && *answer.until <= occasion.at) return false;
  if (std::any_of(answer.withdrawals.begin(), answer.withdrawals.end(), known)) return false;
  const auto spent = answer.spent.find(record);
  if (spent != answer.spent.end() && spent->second != occasion.disclosure) return false;
  return occasion.named == nullptr || std::find(occasion.named->begin(), occasion.named->end(),
                                                answer.used) != occasion.named->end();
}

const Circumstances::Answer* Circumstances::deciding(const std::string& originator,
                                                     const std::string& purpose,
                                                     const Digest& record,
                                                     const Occasion& occasion) const {
  const auto found = about_.find(record);
  if (found == about_.end()) return nullptr;
  for (auto at = found->second.rbegin(); at != found->second.rend(); ++at) {
    const auto& answer = answers_[*at];
    if (answer.used.originator == originator && counts(answer, record, purpose, occasion)) {
      return &answer;
    }
  }
  return nullptr;
}

Status Circumstances::complete(RecordQuestion& question, const Digest& record,
                               const Occasion& occasion) {
  TRY_STATUS(complete_assertion(question, record, occasion));
  for (auto& before : question.given_before) {
    TRY_STATUS(complete_assertion(before.question, before.digest, occasion));
  }
  return {};
}

Status Circumstances::complete_assertion(AssertionQuestion& question, const Digest& record,
                                         const Occasion& occasion) {
  TRY_STATUS(load_recalls());
  if (const auto found = recalls_.find(record); found != recalls_.end()) {
    for (const auto& [digest, id] : found->second) {
      if (!occasion.known || occasion.known(digest)) question.recalled = id;
    }
  }
  if (question.chain == "[]") return {};
  TRY_STATUS(load());
  TRY(const auto chain, read_chain(question.chain));
  for (const auto& [instrument, originator, at] : chain) {
    const auto* answer = deciding(originator, question.purpose, record, occasion);
    if (answer != nullptr) question.consents[originator] = answer->granted ? "granted" : "refused";
  }
  return {};
}

Result<std::vector<ConsentUsed>> Circumstances::consents(const AssertionQuestion& question,
                                                         const Digest& record,
                                                         const Occasion& occasion) {
  std::vector<ConsentUsed> out;
  if (question.chain == "[]") return out;
  TRY_STATUS(load());
  TRY(const auto chain, read_chain(question.chain));
  for (const auto& [instrument, originator, at] : chain) {
    const auto* answer = deciding(originator, question.purpose, record, occasion);
    if (answer == nullptr || !answer->granted ||
        std::find(out.begin(), out.end(), answer->used) != out.end()) {
      continue;
    }
    out.push_back(answer->used);
  }
  return out;
}

Result<std::vector<ConsentUsed>> Circumstances::all_consents(const RecordQuestion& question,
                                                             const Digest& record,
                                                             const Occasion& occasion) {
  TRY(auto out, consents(question, record, occasion));
  for (const auto& before : question.given_before) {
    TRY(const auto more, consents(before.question, before.digest, occasion));
    for (const auto& one : more) {
      if (std::find(out.begin(), out.end(), one) == out.end()) out.push_back(one);
    }
  }
  return out;
}

Result<std::vector<store::Record>> given_before(store::Snapshot& snapshot,
                                                const store::Record& record) {
  std::vector<store::Record> out;
  if (!record.received_from.empty() || record.classes.empty() || !record.published.empty()) {
    return out;
  }
  TRY(auto assertions, snapshot.records_by_stix_id(record.stix_id, false));
  auto own_since = record.sequence;  // it was this party's own first
  for (const auto& other : assertions) {
    if (other.received_from.empty()) own_since = std::min(own_since, other.sequence);
  }
  for (auto& other : assertions) {
    if (!other.received_from.empty() && other.originator != record.originator &&
        other.sequence < own_since) {
      out.push_back(std::move(other));
    }
  }
  if (out.empty() || !stix::is_observable(record.type)) return out;
  TRY(const auto whole, snapshot.record(record.sequence));
  if (!whole) return out;
  TRY(const auto value, json::parse(whole->bytes));
  if (stix::deterministic_id(value) == record.stix_id) out.clear();
  return out;
}

Result<RecordQuestion> held_question(store::Snapshot& snapshot, const store::Record& record) {
  auto question = question_of(record);
  TRY(const auto given, given_before(snapshot, record));
  question.copied = !given.empty();
  for (const auto& one : given) {
    // What was kept apart when it came says nothing of what its giver lets this party do with it;
    // what its giver recalled does.
    const bool kept_apart = one.state == store::RecordState::Quarantined &&
                            !one.quarantine_reason.starts_with(recalled_by);
    if (one.classes.empty() || kept_apart) continue;
    auto before = question_of(one);
    before.area = record.area;
    before.purpose = record.purpose;
    question.given_before.push_back({one.digest, std::move(before)});
  }
  return question;
}

namespace {

// Whether a consent that this node holds, whoever gave it, is the one that a disclosure names.
Result<bool> is_that_consent(store::Snapshot& snapshot, const store::ProtocolObject& row,
                             const ConsentUsed& used, const Disclosure& disclosure) {
  if (row.kind != "comity-consent" || row.digest != used.digest) return false;
  TRY(const auto statement, read_statement(row.bytes));
  const auto& body = std::get<ConsentAnswer>(statement.body);
  if (statement.from != used.originator || statement.to != disclosure.from || !body.granted ||
      body.once != used.once || body.recipient != disclosure.to ||
      body.purpose != disclosure.purpose) {
    return false;
  }
  if (body.until && *body.until <= disclosure.decided_at()) return false;
  TRY(const auto after, snapshot.protocols_about(row.id));
  return std::none_of(after.begin(), after.end(), [](const store::ProtocolObject& other) {
    return other.kind == "comity-consent-withdrawal";
  });
}

}  // namespace

Result<std::map<std::string, std::string>> stated_consents(store::Snapshot& snapshot,
                                                           const std::string& party,
                                                           const Disclosure& disclosure) {
  std::map<std::string, std::string> out;
  for (const auto& used : disclosure.consents) {
    TRY(const auto row, snapshot.protocol(used.id));
    if (row) {
      TRY(const bool same, is_that_consent(snapshot, *row, used, disclosure));
      if (!same) continue;
    } else if (used.originator == party) {
      continue;  // we would know
    }
    out[used.originator] = "granted";
  }
  return out;
}

}  // namespace comity::exchange
