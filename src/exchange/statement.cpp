#include "exchange/statement.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "exchange/protocol.h"
#include "json/parse.h"
#include "json/write.h"
#include "ledger/note.h"
#include "stix/object.h"

namespace comity::exchange {
namespace {

// The extension definition that introduces the types of statements (STIX 2.1 section 7.3).
constexpr const char* statement_extension =
    "extension-definition--5f3a7f0c-6f0e-4a8e-9d52-0c1d3f1b6a03";
constexpr const char* procedure = "procedure";

// 2 is 1 with the ground of a refusal, which the readers of 1 do not know.
constexpr std::int64_t plain_statement_format = 1;
constexpr std::int64_t later_statement_format = 2;
constexpr std::array statement_forms = {
    Form{plain_statement_format, earlier_to_name, true},
    Form{later_statement_format, earlier_to_name, true},
    Form{statement_format, to_name, false},
};
constexpr std::size_t notice_records = 3;  // one for each use of a key

constexpr std::array<std::string_view, 6> reasons = {
    "false-positive", "wrong-content", "wrong-recipient", "superseded", "law", "other"};

json::Array digests(const std::vector<Digest>& values) {
  json::Array out;
  for (const auto& value : values) out.emplace_back(digest_text(value));
  return out;
}

json::Object to_json(const ConsentRequest& body, const Form&) {
  json::Object out;
  out.set("records", digests(body.records));
  out.set("recipient", body.recipient);
  out.set("purpose", body.purpose);
  return out;
}

json::Object to_json(const ConsentAnswer& body, const Form&) {
  json::Object out;
  out.set("request", body.request);
  out.set("request_digest", digest_text(body.request_digest));
  out.set("answer", body.granted ? "granted" : "refused");
  out.set("records", digests(body.records));
  out.set("recipient", body.recipient);
  out.set("purpose", body.purpose);
  if (body.until) out.set("until", format_rfc3339(*body.until, 6));
  out.set("once", body.once);
  if (!body.ground.empty()) out.set("ground", body.ground);
  return out;
}

json::Object to_json(const ConsentWithdrawal& body, const Form&) {
  json::Object out;
  out.set("consent", body.consent);
  out.set("consent_digest", digest_text(body.consent_digest));
  return out;
}

json::Object to_json(const Recall& body, const Form& form) {
  json::Object out;
  out.set("records", digests(body.records));
  json::Array disclosures;
  for (const auto& id : body.disclosures) disclosures.emplace_back(id);
  set_list(out, form, "disclosures", std::move(disclosures));
  out.set("reason", body.reason);
  if (body.replaced_by) out.set("replaced_by", digest_text(*body.replaced_by));
  if (!body.passes_on.empty()) out.set("passes_on", body.passes_on);
  return out;
}

json::Object to_json(const RecallConfirmation& body, const Form&) {
  json::Object out;
  out.set("recall", body.recall);
  out.set("recall_digest", digest_text(body.recall_digest));
  out.set("copies", body.copies);
  out.set("passed_on", body.passed_on);
  out.set("awaiting", body.awaiting);
  return out;
}

// Signed objects, which are kept as their text.
json::Array objects(const std::vector<std::string>& texts) {
  json::Array out;
  for (const auto& text : texts) {
    auto value = json::parse(text);
    CHECK(value.has_value());  // read or written by this program
    out.push_back(*std::move(value));
  }
  return out;
}

json::Object to_json(const CheckpointShown& body, const Form& form) {
  json::Object out;
  out.set("checkpoint", body.checkpoint);
  out.set("public", body.is_public);
  if (!body.answers.empty()) out.set("answers", body.answers);
  if (!body.old_checkpoint.empty()) {
    out.set("old_checkpoint", body.old_checkpoint);
    set_list(out, form, "path", digests(body.path));
  }
  return out;
}

json::Object to_json(const CheckpointsPassed& body, const Form&) {
  json::Object out;
  out.set("statements", objects(body.statements));
  return out;
}

json::Object to_json(const CheckpointQuestion& body, const Form&) {
  json::Object out;
  out.set("checkpoint", body.checkpoint);
  out.set("newest", body.newest);
  return out;
}

json::Object to_json(const KeyNotice& body, const Form& form) {
  json::Object out;
  set_list(out, form, "records", objects(body.records));
  set_list(out, form, "revocations", objects(body.revocations));
  set_list(out, form, "vouched", digests(body.vouched));
  if (!body.root_revocation.empty()) {
    out.set("root_revocation", objects({body.root_revocation}).front());
  }
  return out;
}

std::vector<std::string> read_objects(MemberReader& reader, const char* name,
                                      const json::Array& list, std::size_t max) {
  std::vector<std::string> out;
  if (list.size() > max) {
    reader.wrong(name, fmt::format("expected at most {}", max));
    return out;
  }
  for (const auto& item : list) {
    if (item.object() == nullptr) reader.wrong(name, "expected signed objects");
    out.push_back(json::canonical(item));
  }
  return out;
}

std::vector<Digest> read_vouched(MemberReader& reader, const Form& form) {
  std::vector<Digest> out;
  const auto& list = list_of(reader, form, "vouched");
  if (list.size() > notice_vouched_max) {
    reader.wrong("vouched", fmt::format("expected at most {} digests", notice_vouched_max));
    return out;
  }
  std::set<Digest> seen;
  for (const auto& item : list) {
    const auto digest = item.string() == nullptr ? Result<Digest>(fail(ErrorKind::InvalidInput, ""))
                                                 : digest_from_text(*item.string());
    if (!digest || !seen.insert(*digest).second) {
      reader.wrong("vouched", "expected digests, sha256: and 64 hexadecimal digits, none twice");
      return out;
    }
    out.push_back(*digest);
  }
  return out;
}

std::vector<Digest> read_records(MemberReader& reader) {
  const auto& list = reader.list("records");
  if (list.empty() || list.size() > statement_records_max) {
    reader.wrong("records", fmt::format("expected 1 to {} digests", statement_records_max));
    return {};
  }
  std::vector<Digest> out;
  std::set<Digest> seen;
  for (const auto& item : list) {
    const auto digest = item.string() == nullptr ? Result<Digest>(fail(ErrorKind::InvalidInput, ""))
                                                 : digest_from_text(*item.string());
    if (!digest) {
      reader.wrong("records", "expected sha256: and 64 hexadecimal digits");
      return {};
    }
    if (!seen.insert(*digest).second) {
      reader.wrong("records", fmt::format("record {} stands twice", *item.string()));
    }
    out.push_back(*digest);
  }
  return out;
}

std::string read_id(MemberReader& reader, const char* name, std::string_view type) {
  auto id = reader.text(name);
  if (!stix::is_identifier(id) || stix::type_of(id) != type) {
    reader.wrong(name, fmt::format("expected {}--<UUID>", type));
  }
  return id;
}

std::string read_word(MemberReader& reader, const char* name) {
  auto word = reader.text(name);
  if (word.empty()) reader.wrong(name, "expected a word");
  return word;
}

StatementBody read_consent_request(MemberReader& reader, const Form&) {
  ConsentRequest body;
  body.records = read_records(reader);
  body.recipient = read_word(reader, "recipient");
  body.purpose = read_word(reader, "purpose");
  return body;
}

StatementBody read_consent_answer(MemberReader& reader, const Form&) {
  ConsentAnswer body;
  body.request = read_id(reader, "request", "comity-consent-request");
  body.request_digest = reader.digest("request_digest");
  const auto answer = reader.text("answer");
  body.granted = answer == "granted";
  if (!body.granted && answer != "refused") {
    reader.wrong("answer", "expected granted or refused");
  }
  body.records = read_records(reader);
  body.recipient = read_word(reader, "recipient");
  body.purpose = read_word(reader, "purpose");
  if (reader.has("until")) body.until = reader.time("until");
  const auto* once = reader.raw("once");
  if (once != nullptr && once->boolean() == nullptr) reader.wrong("once", "expected true or false");
  body.once = once != nullptr && once->boolean() != nullptr && *once->boolean();
  if (!body.granted && (body.until || body.once)) {
    reader.wrong("answer", "a refusal has neither until nor once");
  }
  if (reader.has("ground")) {
    body.ground = read_word(reader, "ground");
    if (body.granted || body.ground.size() > refusal_ground_bytes_max) {
      reader.wrong("ground", fmt::format("expected none in a grant, and in a refusal a word of at "
                                         "most {} bytes",
                                         refusal_ground_bytes_max));
    }
  }
  return body;
}

StatementBody read_consent_withdrawal(MemberReader& reader, const Form&) {
  ConsentWithdrawal body;
  body.consent = read_id(reader, "consent", "comity-consent");
  body.consent_digest = reader.digest("consent_digest");
  return body;
}

StatementBody read_recall(MemberReader& reader, const Form& form) {
  Recall body;
  body.records = read_records(reader);
  const auto& list = list_of(reader, form, "disclosures");
  if (list.size() > statement_disclosures_max) {
    reader.wrong("disclosures", fmt::format("expected at most {}", statement_disclosures_max));
    return body;
  }
  std::set<std::string> seen;
  for (const auto& item : list) {
    const auto id = item.string() == nullptr ? std::string() : *item.string();
    if (!stix::is_identifier(id) || stix::type_of(id) != disclosure_kind) {
      reader.wrong("disclosures", "expected comity-disclosure--<UUID>");
    } else if (!seen.insert(id).second) {
      reader.wrong("disclosures", fmt::format("{} stands twice", id));
    }
    body.disclosures.push_back(id);
  }
  body.reason = reader.text("reason");
  if (!is_recall_reason(body.reason)) {
    reader.wrong("reason", "expected one of " + recall_reasons());
  }
  if (reader.has("passes_on")) body.passes_on = read_id(reader, "passes_on", "comity-recall");
  if (reader.has("replaced_by")) {
    body.replaced_by = reader.digest("replaced_by");
    if (std::find(body.records.begin(), body.records.end(), *body.replaced_by) !=
        body.records.end()) {
      reader.wrong("replaced_by", "is one of the recalled records");
    }
  }
  return body;
}

StatementBody read_recall_confirmation(MemberReader& reader, const Form&) {
  RecallConfirmation body;
  body.recall = read_id(reader, "recall", "comity-recall");
  body.recall_digest = reader.digest("recall_digest");
  body.copies = reader.number("copies");
  body.passed_on = reader.number("passed_on");
  body.awaiting = reader.number("awaiting");
  if (body.copies < 0) reader.wrong("copies", "expected a number from 0");
  if (body.passed_on < 0) reader.wrong("passed_on", "expected a number from 0");
  if (body.awaiting < 0 || body.awaiting > body.passed_on) {
    reader.wrong("awaiting", "expected a number from 0 to passed_on");
  }
  return body;
}

std::string read_note(MemberReader& reader, const char* name) {
  auto note = reader.text(name);
  if (note.empty() || note.size() > ledger::note_bytes_max) {
    reader.wrong(name,
                 fmt::format("expected a signed note of at most {} bytes", ledger::note_bytes_max));
  }
  return note;
}

StatementBody read_checkpoint_shown(MemberReader& reader, const Form& form) {
  CheckpointShown body;
  body.checkpoint = read_note(reader, "checkpoint");
  const auto* is_public = reader.raw("public");
  if (is_public != nullptr && is_public->boolean() == nullptr) {
    reader.wrong("public", "expected true or false");
  } else if (is_public != nullptr) {
    body.is_public = *is_public->boolean();
  }
  if (reader.has("answers")) {
    body.answers = read_id(reader, "answers", "comity-checkpoint-question");
  }
  if (!reader.has("old_checkpoint") && !reader.has("path")) return body;
  body.old_checkpoint = read_note(reader, "old_checkpoint");
  const auto& path = list_of(reader, form, "path");
  if (path.size() > statement_proof_max) {
    reader.wrong("path", fmt::format("expected at most {} nodes", statement_proof_max));
    return body;
  }
  for (const auto& item : path) {
    const auto node = digest_from_text(item.string() == nullptr ? "" : *item.string());
    if (!node) reader.wrong("path", "expected digests, sha256: and 64 hexadecimal digits each");
    body.path.push_back(node.value_or(Digest{}));
  }
  return body;
}

StatementBody read_key_notice(MemberReader& reader, const Form& form) {
  KeyNotice body;
  const auto objects_of = [&](const char* name, std::size_t max) {
    return read_objects(reader, name, list_of(reader, form, name), max);
  };
  body.records = objects_of("records", notice_records);
  body.revocations = objects_of("revocations", notice_revocations_max);
  body.vouched = read_vouched(reader, form);
  const bool ends = reader.has("root_revocation");
  if (ends) {
    const auto* revocation = reader.raw("root_revocation");
    if (revocation->object() == nullptr) {
      reader.wrong("root_revocation", "expected a signed object");
    }
    body.root_revocation = json::canonical(*revocation);
  }
  if (body.records.size() != (ends ? 0 : notice_records)) {
    reader.wrong("records", "expected one for each use, or none beside a root_revocation");
  }
  if (ends && (!body.revocations.empty() || !body.vouched.empty())) {
    reader.wrong("root_revocation", "expected nothing else beside it");
  }
  return body;
}

StatementBody read_checkpoints_passed(MemberReader& reader, const Form&) {
  CheckpointsPassed body;
  body.statements =
      read_objects(reader, "statements", reader.list("statements"), statement_checkpoints_max);
  if (body.statements.empty()) reader.wrong("statements", "expected at least one");
  return body;
}

StatementBody read_checkpoint_question(MemberReader& reader, const Form&) {
  CheckpointQuestion body;
  body.checkpoint = read_note(reader, "checkpoint");
  body.newest = read_note(reader, "newest");
  return body;
}

struct Kind {
  const char* type;
  StatementBody (*read)(MemberReader& reader, const Form& form);
};

// On the wire: the place in this table is the place in StatementBody, never a number.
constexpr std::array<Kind, std::variant_size_v<StatementBody>> kinds = {{
    {"comity-consent-request", read_consent_request},
    {"comity-consent", read_consent_answer},
    {"comity-consent-withdrawal", read_consent_withdrawal},
    {"comity-recall", read_recall},
    {"comity-recall-confirmation", read_recall_confirmation},
    {"comity-checkpoint", read_checkpoint_shown},
    {"comity-checkpoints-passed", read_checkpoints_passed},
    {"comity-checkpoint-question", read_checkpoint_question},
    {"comity-key-notice", read_key_notice},
}};

const Kind* kind_of(std::string_view type) {
  for (const auto& kind : kinds) {
    if (type == kind.type) return &kind;
  }
  return nullptr;
}

// The earlier format that says all that a statement says.
std::int64_t earlier_format_of(const StatementBody& body) {
  const auto* answer = std::get_if<ConsentAnswer>(&body);
  return answer != nullptr && !answer->ground.empty() ? later_statement_format
                                                      : plain_statement_format;
}

Result<Statement> read(const json::Value& value) {
  const auto* kind = kind_of(value.text("type"));
  if (kind == nullptr) {
    return fail(ErrorKind::InvalidInput,
                fmt::format("expected one of {}", fmt::join(statement_types(), ", ")), "$.type");
  }
  MemberReader reader(value, "$");
  Statement out;
  auto frame = read_frame(reader, kind->type, statement_extension, statement_forms);
  const auto& form = *frame.form;
  out.id = std::move(frame.id);
  out.time = frame.time;
  out.mode = reader.text("mode");
  out.exercise = reader.text("exercise");
  out.from = reader.text("from");
  out.to = reader.text(form.to);
  if (reader.text("basis") != procedure) {
    reader.wrong("basis", fmt::format("expected {}", procedure));
  }
  const auto* body = reader.raw("body");
  TRY_STATUS(reader.done());
  MemberReader inner(*body, reader.path("body"));
  out.body = kind->read(inner, form);
  TRY_STATUS(inner.done());
  if (const auto expected = earlier_format_of(out.body);
      form.number != statement_format && expected != form.number) {
    return fail(ErrorKind::InvalidInput,
                fmt::format("{}, expected {}, by what it says", form.number, expected), "$.format");
  }
  return out;
}

Status check_size(std::string_view bytes) {
  if (bytes.size() <= statement_bytes_max) return {};
  return fail(ErrorKind::TooLarge,
              fmt::format("a statement of {} bytes; at most {} are taken", bytes.size(),
                          statement_bytes_max),
              "$");
}

}  // namespace

std::vector<std::string> statement_types() {
  std::vector<std::string> out;
  for (const auto& kind : kinds) out.emplace_back(kind.type);
  return out;
}

bool is_statement_type(std::string_view type) { return kind_of(type) != nullptr; }

const char* statement_type(const StatementBody& body) { return kinds[body.index()].type; }

bool is_recall_reason(std::string_view reason) {
  return std::find(reasons.begin(), reasons.end(), reason) != reasons.end();
}

std::string recall_reasons() { return fmt::format("{}", fmt::join(reasons, ", ")); }

SignedObject sign(const Statement& statement, const trust::SigningKey& key) {
  const auto& form = statement_forms.back();
  auto out = new_frame(statement_type(statement.body), statement.id, statement.time,
                       statement_extension, form);
  out.set("mode", statement.mode);
  out.set("exercise", statement.exercise);
  out.set("from", statement.from);
  out.set(form.to, statement.to);
  out.set("basis", procedure);
  out.set("body",
          std::visit([&](const auto& body) { return to_json(body, form); }, statement.body));
  return signed_object(std::move(out), key);
}

Result<Statement> open_statement(std::string_view bytes, std::string_view public_key) {
  TRY_STATUS(check_size(bytes));
  TRY(const auto value, verified_object(bytes, public_key));
  return read(value);
}

Result<Statement> read_statement(std::string_view bytes) {
  TRY_STATUS(check_size(bytes));
  TRY(const auto value, json::parse(bytes));
  return read(value);
}

}  // namespace comity::exchange
