#include "exchange/withdrawal.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "exchange/protocol.h"
#include "exchange/receive.h"
#include "exchange/served.h"
#include "json/parse.h"
#include "json/write.h"
#include "stix/object.h"

namespace comity::exchange {
namespace {

constexpr const char* withdrawal_extension =
    "extension-definition--5f3a7f0c-6f0e-4a8e-9d52-0c1d3f1b6a04";

// 2 is 1 with the reason `served`, which the readers of 1 do not know.
constexpr std::int64_t plain_withdrawal_format = 1;
constexpr std::int64_t later_withdrawal_format = 2;
constexpr std::array withdrawal_forms = {
    Form{plain_withdrawal_format, earlier_to_name, true},
    Form{later_withdrawal_format, earlier_to_name, true},
    Form{withdrawal_format, to_name, false},
};

// The earlier format that says all that a withdrawal says.
std::int64_t earlier_format_of(std::string_view reason) {
  return reason == served_before ? later_withdrawal_format : plain_withdrawal_format;
}

std::string uuid_of(const std::string& id) { return id.substr(id.find("--") + 2); }

Status check_addressed(const Node& node, const Withdrawal& withdrawal, const std::string& sender) {
  if (withdrawal.from != sender || withdrawal.to != node.party()) {
    return fail(ErrorKind::NotVerified,
                fmt::format("the withdrawal is from {} for {}; the connection is {}'s and this "
                            "node {}'s",
                            withdrawal.from, withdrawal.to, sender, node.party()),
                "$.from");
  }
  if (withdrawal.mode != treaty::name(node.mode()) || withdrawal.exercise != node.exercise()) {
    return fail(ErrorKind::NotVerified,
                fmt::format("the withdrawal is of mode {} {}, this node of {} {}; exercise and "
                            "real traffic never mix",
                            withdrawal.mode, withdrawal.exercise, treaty::name(node.mode()),
                            node.exercise()),
                "$.mode");
  }
  return {};
}

taxii::SubmissionStatus status_of(const Withdrawal& withdrawal, Instant at,
                                  const std::string& message) {
  taxii::SubmissionStatus status;
  status.id = uuid_of(withdrawal.id);
  status.requested = at;
  status.fates.push_back(
      {withdrawal.id, format_rfc3339(withdrawal.time, 6), message, !message.empty()});
  return status;
}

// Where a withdrawal stands in the chain of its sender.
enum class Place { Next, Known, DisclosureArrived };

Result<Place> place_of(store::Snapshot& snapshot, const Withdrawal& withdrawal,
                       const Digest& digest) {
  TRY(const auto last, snapshot.last_disclosure(store::Direction::Received, withdrawal.from));
  const std::int64_t highest = last ? last->number : 0;
  if (withdrawal.number == highest + 1) {
    std::optional<Digest> link;
    if (last) {
      TRY(link, link_digest(*last));
    }
    if (withdrawal.previous == link) return Place::Next;
    return fail(ErrorKind::Conflict,
                "does not follow the last disclosure that arrived here; the chains of sender and "
                "recipient disagree, compare them by another channel",
                "$.previous");
  }
  if (withdrawal.number > highest + 1) {
    return fail(ErrorKind::Conflict,
                fmt::format("number {} arrived, expected {}: send what lies between first",
                            withdrawal.number, highest + 1),
                "$.number");
  }
  TRY(const auto known, snapshot.protocol(withdrawal.id));
  if (known && known->digest == digest) return Place::Known;
  TRY(const auto disclosure, snapshot.protocol(withdrawal.disclosure));
  if (disclosure && disclosure->digest == withdrawal.disclosure_digest &&
      disclosure->number == withdrawal.number && disclosure->peer == withdrawal.from &&
      disclosure->direction == store::Direction::Received) {
    return Place::DisclosureArrived;
  }
  return fail(ErrorKind::Conflict,
              fmt::format("number {} was used for another disclosure; this withdrawal is refused",
                          withdrawal.number),
              "$.number");
}

Receipt receipt_for(const Node& node, const Withdrawal& withdrawal, const Digest& digest,
                    Instant at) {
  Receipt receipt;
  receipt.id = receipt_id(withdrawal.id);
  receipt.mode = treaty::name(node.mode());
  receipt.from = node.party();
  receipt.to = withdrawal.from;
  receipt.disclosure = withdrawal.id;
  receipt.disclosure_digest = digest;
  receipt.number = withdrawal.number;
  receipt.time = at;
  receipt.register_digest = node.law()->model().digest;
  return receipt;
}

Status keep(Change& change, const Node& node, const Withdrawal& withdrawal,
            const SignedObject& arrived) {
  store::ProtocolObject row;
  row.id = withdrawal.id;
  row.kind = withdrawal_kind;
  row.direction = store::Direction::Received;
  row.peer = withdrawal.from;
  row.number = withdrawal.number;
  row.digest = arrived.digest;
  row.bytes = arrived.bytes;
  row.about = withdrawal.disclosure;
  row.at = change.at();
  TRY_STATUS(change.store().append(row));
  const auto receipt =
      sign(receipt_for(node, withdrawal, arrived.digest, change.at()), node.signing_key());
  row.id = receipt_id(withdrawal.id);
  row.kind = receipt_kind;
  row.direction = store::Direction::Sent;
  row.number = 0;
  row.digest = receipt.digest;
  row.bytes = receipt.bytes;
  row.about = withdrawal.id;
  TRY_STATUS(change.store().append(row));
  json::Object entry;
  entry.set("type", "withdrawal");
  entry.set("digest", digest_text(arrived.digest));
  entry.set("from", withdrawal.from);
  entry.set("number", withdrawal.number);
  TRY_STATUS(change.enter("withdrawal", entry));
  entry = json::Object();
  entry.set("type", "receipt");
  entry.set("digest", digest_text(receipt.digest));
  entry.set("to", withdrawal.from);
  entry.set("disclosure_digest", digest_text(arrived.digest));
  return change.enter("receipt", entry);
}

}  // namespace

SignedObject sign(const Withdrawal& withdrawal, const trust::SigningKey& key) {
  const auto& form = withdrawal_forms.back();
  auto out = new_frame(withdrawal_kind, withdrawal.id, withdrawal.time, withdrawal_extension, form);
  out.set("mode", withdrawal.mode);
  out.set("exercise", withdrawal.exercise);
  out.set("from", withdrawal.from);
  out.set(form.to, withdrawal.to);
  out.set("basis", "procedure");
  out.set("number", withdrawal.number);
  if (withdrawal.previous) out.set("previous", digest_text(*withdrawal.previous));
  out.set("disclosure", withdrawal.disclosure);
  out.set("disclosure_digest", digest_text(withdrawal.disclosure_digest));
  out.set("reason", withdrawal.reason);
  return signed_object(std::move(out), key);
}

Result<Withdrawal> open_withdrawal(std::string_view bytes, std::string_view public_key) {
  TRY(const auto value, verified_object(bytes, public_key));
  MemberReader reader(value, "$");
  Withdrawal out;
  auto frame = read_frame(reader, withdrawal_kind, withdrawal_extension, withdrawal_forms);
  const auto& form = *frame.form;
  out.id = std::move(frame.id);
  out.time = frame.time;
  out.mode = reader.text("mode");
  out.exercise = reader.text("exercise");
  out.from = reader.text("from");
  out.to = reader.text(form.to);
  if (reader.text("basis") != "procedure") reader.wrong("basis", "expected procedure");
  out.number = reader.number("number");
  if (out.number < 1) reader.wrong("number", "expected a number from 1");
  if (reader.has("previous")) out.previous = reader.digest("previous");
  if (out.previous.has_value() != (out.number > 1)) {
    reader.wrong("previous", "expected with every number but the first");
  }
  out.disclosure = reader.text("disclosure");
  if (!stix::is_identifier(out.disclosure) || stix::type_of(out.disclosure) != disclosure_kind) {
    reader.wrong("disclosure", "expected comity-disclosure--<UUID>");
  }
  out.disclosure_digest = reader.digest("disclosure_digest");
  out.reason = reader.text("reason");
  if (out.reason != no_longer_permitted && out.reason != served_before) {
    reader.wrong("reason", fmt::format("expected {} or {}", no_longer_permitted, served_before));
  }
  if (const auto expected = earlier_format_of(out.reason);
      form.number != withdrawal_format && expected != form.number) {
    reader.wrong("format", fmt::format("expected {}, by what it says", expected));
  }
  TRY_STATUS(reader.done());
  return out;
}

Result<store::ProtocolObject> withdraw(Node& node, const store::ProtocolObject& row,
                                       const Disclosure& disclosure) {
  TRY(const auto change, Change::begin(node));
  Withdrawal withdrawal;
  withdrawal.id = std::string(withdrawal_kind) + "--" + uuid4(node.random());
  withdrawal.mode = disclosure.mode;
  withdrawal.exercise = disclosure.exercise;
  withdrawal.from = disclosure.from;
  withdrawal.to = disclosure.to;
  withdrawal.disclosure = disclosure.id;
  withdrawal.disclosure_digest = row.digest;
  withdrawal.number = disclosure.number;
  withdrawal.previous = disclosure.previous;
  withdrawal.time = change->at();
  TRY(const bool was_served, served(change->store(), disclosure.id));
  withdrawal.reason = was_served ? served_before : no_longer_permitted;
  const auto object = sign(withdrawal, node.signing_key());
  store::ProtocolObject out;
  out.id = withdrawal.id;
  out.kind = withdrawal_kind;
  out.direction = store::Direction::Sent;
  out.peer = disclosure.to;
  out.digest = object.digest;  // its number is taken by the disclosure
  out.bytes = object.bytes;
  out.about = disclosure.id;
  out.at = change->at();
  TRY_STATUS(change->store().append(out));
  json::Object entry;
  entry.set("type", "withdrawal");
  entry.set("digest", digest_text(object.digest));
  entry.set("to", disclosure.to);
  entry.set("number", disclosure.number);
  TRY_STATUS(change->enter("withdrawal", entry));
  TRY_STATUS(change->commit());
  return out;
}

Result<std::optional<store::ProtocolObject>> withdrawal_of(store::Snapshot& snapshot,
                                                           const std::string& disclosure) {
  TRY(auto about, snapshot.protocols_about(disclosure));
  for (auto& row : about) {
    if (row.kind == withdrawal_kind) return std::optional(std::move(row));
  }
  return std::optional<store::ProtocolObject>();
}

bool is_of_served(const store::ProtocolObject& withdrawal) {
  const auto value = json::parse(withdrawal.bytes);
  return value && value->text("reason") == served_before;
}

Result<std::set<std::string>> withdrawn_from(store::Snapshot& snapshot, const std::string& party) {
  std::set<std::string> out;
  TRY(const auto rows, snapshot.protocols(withdrawal_kind, store::Direction::Sent, party));
  for (const auto& row : rows) {
    if (is_of_served(row)) continue;
    TRY(const auto arrived, snapshot.protocol(receipt_id(row.about)));
    if (!arrived) out.insert(row.about);
  }
  return out;
}

Result<bool> granted(store::Snapshot& snapshot, const std::string& party,
                     const store::Record& record, const std::set<std::string>& withdrawn) {
  TRY(const bool ever, snapshot.granted(party, record.sequence));
  if (!ever || withdrawn.empty()) return ever;
  TRY(const auto grants, snapshot.grants_of(party, record.stix_id));
  return std::any_of(grants.begin(), grants.end(), [&](const store::Granted& grant) {
    return grant.sequence == record.sequence && !withdrawn.contains(grant.disclosure);
  });
}

bool is_withdrawal(std::string_view bytes) {
  const auto value = json::parse(bytes);
  return value && value->text("type") == withdrawal_kind;
}

Result<taxii::SubmissionStatus> receive_withdrawal(Node& node, const Signers& sender,
                                                   const std::string& bytes) {
  auto opened = open_by(sender, bytes, open_withdrawal);
  if (!opened) return tl::unexpected<Error>(std::move(opened.error()).at("$.objects[0]"));
  TRY_STATUS(check_addressed(node, *opened, sender.party));
  TRY(const auto digest, protocol_digest(bytes));
  TRY(const auto change, Change::begin(node));
  TRY_STATUS(check_unchanged(change->store(), sender, bytes));
  TRY(const auto place, place_of(change->store(), *opened, digest));
  if (place == Place::DisclosureArrived) {
    return status_of(*opened, change->at(), "the disclosure arrived before; its receipt holds");
  }
  if (place == Place::Known) {
    TRY(const auto kept, change->store().protocol(opened->id));
    return status_of(*opened, kept ? kept->at : change->at(), "");
  }
  TRY_STATUS(keep(*change, node, *opened, {bytes, digest}));
  auto status = status_of(*opened, change->at(), "");
  TRY_STATUS(change->store().set_meta(status_key(sender.party, status.id),
                                      json::write(taxii::to_json(status))));
  TRY_STATUS(change->commit());
  return status;
}

Result<Digest> link_digest(const store::ProtocolObject& row) {
  if (row.kind != withdrawal_kind) return row.digest;
  TRY(const auto value, json::parse(row.bytes));
  return digest_from_text(value.text("disclosure_digest"));
}

}  // namespace comity::exchange
