#include "exchange/officer.h"

#include <fmt/format.h>

#include <algorithm>

#include "exchange/act.h"
#include "exchange/signers.h"
#include "json/parse.h"
#include "json/write.h"
#include "trust/jws.h"

namespace comity::exchange {
namespace {

constexpr std::string_view enrolled = "enrolled", ended = "ended";

// One statement, as it is read.
struct OfficerStatement {
  std::string id, event;
  Officer officer;  // `from` is the instant of the statement, whichever it is
};

json::Object to_json(const Node& node, const OfficerStatement& statement,
                     const json::Value* approval) {
  json::Object out;
  out.set("type", officer_kind);
  out.set("format", officer_format);
  out.set("id", statement.id);
  out.set("party", node.party());
  out.set("mode", treaty::name(node.mode()));
  out.set("event", statement.event);
  out.set("enrolment", statement.officer.id);
  out.set("name", statement.officer.name);
  out.set("role", statement.officer.role);
  out.set("key", base64url(statement.officer.key));
  out.set("time", format_rfc3339(statement.officer.from, 6));
  if (approval != nullptr) out.set("approval", *approval);
  return out;
}

Result<OfficerStatement> read_statement(const Node& node, const store::ProtocolObject& row) {
  const auto corrupt = [&](const std::string& what) {
    return fail(ErrorKind::Corrupt, what + "; restore a backup", row.id);
  };
  const auto value = json::parse(row.bytes);
  if (!value || value->object() == nullptr) return corrupt("the statement is no JSON object");
  const auto holds =
      open_by(own_signers(node), row.bytes, [&](std::string_view, std::string_view key) {
        return trust::verify_object(*value->object(), key);
      });
  if (!holds) {
    return corrupt(holds.error().text());
  }
  OfficerStatement out;
  out.id = value->text("id");
  out.event = value->text("event");
  out.officer.id = value->text("enrolment");
  out.officer.name = value->text("name");
  out.officer.role = value->text("role");
  const auto key = from_base64url(value->text("key"));
  const auto time = parse_rfc3339(value->text("time"));
  if (!key || !time || (out.event != enrolled && out.event != ended)) {
    return corrupt("the statement is none of an officer");
  }
  out.officer.key = *key;
  out.officer.from = *time;
  auto written = to_json(node, out, value->find("approval"));
  written.set("signature", *value->find("signature"));
  if (written != *value->object() || out.id != row.id) {
    return corrupt("the statement has members that this version does not know");
  }
  return out;
}

// Signs a statement, keeps it and enters it in the ledger.
Status keep(Node& node, Change& change, const OfficerStatement& statement, json::Object entry) {
  auto object = to_json(node, statement, entry.find("approval"));
  trust::sign_object(object, node.signing_key());
  store::ProtocolObject row;
  row.id = statement.id;
  row.kind = officer_kind;
  row.direction = store::Direction::Sent;
  row.bytes = json::write(object);
  row.digest = sha256(json::canonical(object));
  if (statement.event == ended) row.about = statement.officer.id;
  row.at = change.at();
  TRY_STATUS(change.store().append(row));
  entry.set("digest", digest_text(row.digest));
  TRY_STATUS(change.enter("officer", entry));
  return change.commit();
}

Status check_new(const NewOfficer& officer, const std::vector<Officer>& all, Instant now) {
  if (!is_plain_text(officer.name, officer_name_bytes_max)) {
    return fail(ErrorKind::InvalidInput,
                fmt::format("the name of an officer has 1 to {} bytes of UTF-8, without quotes, "
                            "backslashes, control characters or blanks at its ends",
                            officer_name_bytes_max));
  }
  if (std::find(officer_roles.begin(), officer_roles.end(), officer.role) == officer_roles.end()) {
    return fail(ErrorKind::InvalidInput,
                fmt::format("'{}' is no role of an officer; the roles are {}", officer.role,
                            fmt::join(officer_roles, ", ")));
  }
  if (!trust::is_public_key(officer.key)) {
    return fail(ErrorKind::InvalidInput, "this is no Ed25519 public key");
  }
  std::size_t present = 0;
  for (const auto& other : all) {
    if (other.key == officer.key) {
      return fail(ErrorKind::Conflict,
                  fmt::format("this key was enrolled for {}; a key is enrolled once, make another",
                              other.name));
    }
    if (!enrolled_at(other, now)) continue;
    ++present;
    if (other.name == officer.name) {
      return fail(ErrorKind::Conflict, fmt::format("{} is an officer already", officer.name));
    }
  }
  if (present >= officers_max) {
    return fail(ErrorKind::TooLarge,
                fmt::format("{} officers are enrolled, at most {} are; end one first", present,
                            officers_max));
  }
  return {};
}

}  // namespace

bool is_plain_text(std::string_view text, std::size_t bytes_max) {
  if (text.empty() || text.size() > bytes_max || text.front() == ' ' || text.back() == ' ') {
    return false;
  }
  const bool plain = std::none_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7F || c == '"' || c == '\\';
  });
  return plain && json::parse(fmt::format("\"{}\"", text)).has_value();
}

bool enrolled_at(const Officer& officer, Instant at) {
  return officer.from <= at && (!officer.until || at < *officer.until);
}

Result<std::vector<Officer>> officers(const Node& node, store::Snapshot& snapshot) {
  TRY(const auto rows, snapshot.protocols(officer_kind, store::Direction::Sent, ""));
  std::vector<Officer> out;
  for (const auto& row : rows) {
    TRY(auto statement, read_statement(node, row));
    if (statement.event == enrolled) {
      out.push_back(std::move(statement.officer));
      continue;
    }
    const auto whose = std::find_if(out.begin(), out.end(), [&](const Officer& one) {
      return one.id == statement.officer.id && !one.until;
    });
    if (whose == out.end()) {
      return fail(ErrorKind::Corrupt, "ends an enrolment that is not there", row.id);
    }
    whose->until = statement.officer.from;
  }
  return out;
}

json::Object act_arguments(const NewOfficer& officer) {
  json::Object out;
  out.set("name", officer.name);
  out.set("role", officer.role);
  out.set("key", base64url(officer.key));
  return out;
}

json::Object end_arguments(const Officer& officer) {
  json::Object out;
  out.set("name", officer.name);
  out.set("key", base64url(officer.key));
  return out;
}

Result<Officer> add_officer(Node& node, const NewOfficer& officer,
                            const std::optional<Approval>& approval) {
  TRY(const auto change, Change::begin(node));
  TRY(const auto all, officers(node, change->store()));
  TRY_STATUS(check_new(officer, all, change->at()));
  json::Object entry;
  entry.set("type", "officer-enrolled");
  entry.set("name", officer.name);
  entry.set("role", officer.role);
  entry.set("key", base64url(officer.key));
  if (all.size() >= founding_officers || approval) {
    TRY(const auto ignored, approve(node, *change, "officer-add", act_arguments(officer), approval,
                                    ApprovalNeed::Always, entry));
  }
  OfficerStatement statement;
  statement.id = fmt::format("{}--{}", officer_kind, uuid4(node.random()));
  statement.event = enrolled;
  statement.officer = {statement.id, officer.name, officer.role, officer.key, change->at(), {}};
  TRY_STATUS(keep(node, *change, statement, std::move(entry)));
  return statement.officer;
}

Result<Officer> end_officer(Node& node, const std::string& name,
                            const std::optional<Approval>& approval) {
  TRY(const auto change, Change::begin(node));
  TRY(const auto all, officers(node, change->store()));
  const auto officer = std::find_if(all.begin(), all.end(), [&](const Officer& one) {
    return one.name == name && enrolled_at(one, change->at());
  });
  if (officer == all.end()) {
    return fail(
        ErrorKind::NotFound,
        fmt::format("'{}' is no officer of this node; comity officer list shows them", name));
  }
  json::Object entry;
  entry.set("type", "officer-ended");
  entry.set("name", officer->name);
  entry.set("key", base64url(officer->key));
  TRY(const auto by, approve(node, *change, "officer-end", end_arguments(*officer), approval,
                             ApprovalNeed::Always, entry));
  if (std::any_of(by.begin(), by.end(),
                  [&](const Officer& one) { return one.key == officer->key; })) {
    return fail(ErrorKind::NotPermitted,
                fmt::format("{} cannot sign for the own end; two other officers must", name));
  }
  OfficerStatement statement;
  statement.id = fmt::format("{}--{}", officer_kind, uuid4(node.random()));
  statement.event = ended;
  statement.officer = *officer;
  statement.officer.from = change->at();
  TRY_STATUS(keep(node, *change, statement, std::move(entry)));
  auto out = *officer;
  out.until = change->at();
  return out;
}

}  // namespace comity::exchange
