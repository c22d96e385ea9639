#include "api/approvals.h"

#include <fmt/format.h>

#include <algorithm>

#include "api/pending_change.h"
#include "json/parse.h"
#include "json/write.h"
#include "trust/jws.h"

namespace comity::api {
namespace {

constexpr std::string_view approvals_key = "approvals";

Instant expires(const exchange::Act& act) {
  return Instant::from_seconds(act.created.seconds() + exchange::act_seconds_max);
}

json::Object kept_form(const Pending& pending) {
  json::Array signatures;
  for (const auto& one : pending.signatures) {
    json::Object row;
    row.set("key", base64url(one.key));
    row.set("signature", one.signature);
    signatures.push_back(std::move(row));
  }
  json::Object out;
  out.set("act", pending.act);
  out.set("signatures", std::move(signatures));
  out.set("account", pending.account);
  out.set("done", pending.done);
  out.set("result", pending.result);
  return out;
}

tl::unexpected<Error> not_readable() {
  return fail(ErrorKind::Corrupt,
              "what is kept of acts that wait cannot be read; restore a backup");
}

Result<Pending> from_kept_form(const json::Value& value) {
  Pending out;
  const auto* act = value.find("act");
  const auto* signatures = value.find("signatures");
  const auto* done = value.find("done");
  if (act == nullptr || act->object() == nullptr || signatures == nullptr ||
      signatures->array() == nullptr || signatures->array()->empty() || done == nullptr ||
      done->boolean() == nullptr) {
    return not_readable();
  }
  out.act = *act->object();
  for (const auto& row : *signatures->array()) {
    auto key = from_base64url(row.text("key"));
    if (!key) return not_readable();
    out.signatures.push_back({*std::move(key), std::string(row.text("signature"))});
  }
  out.account = value.text("account");
  out.done = *done->boolean();
  out.result = value.text("result");
  return out;
}

Result<std::vector<Pending>> read_kept(store::Snapshot& snapshot, Instant now) {
  std::vector<Pending> out;
  TRY(const auto text, snapshot.meta(approvals_key));
  if (!text) return out;
  const auto value = json::parse(*text);
  if (!value || value->array() == nullptr) return not_readable();
  for (const auto& row : *value->array()) {
    TRY(auto pending, from_kept_form(row));
    const auto act = exchange::read_act(pending.act);
    if (!act) return not_readable();
    if (now <= expires(*act)) out.push_back(std::move(pending));
  }
  return out;
}

Status keep(exchange::Change& change, const std::vector<Pending>& all) {
  json::Array rows;
  for (const auto& one : all) rows.emplace_back(kept_form(one));
  return change.store().set_meta(approvals_key, json::write(rows));
}

std::vector<Pending>::iterator find(std::vector<Pending>& all, std::string_view id) {
  return std::find_if(all.begin(), all.end(), [&](const Pending& one) { return one.id() == id; });
}

// Whether this is an act that two officers can sign here now, and this signature one of the two.
Status check(const exchange::Node& node, store::Snapshot& snapshot, const json::Object& object,
             const exchange::ActSignature& signature) {
  if (json::canonical(object).size() > act_bytes_max) {
    return fail(ErrorKind::TooLarge, fmt::format("an act has at most {} bytes", act_bytes_max),
                "$.act");
  }
  TRY(const auto act, exchange::read_act(object));
  TRY_STATUS(exchange::check_act(node, act, node.now()));
  const auto* change = pending_change(act.name);
  if (change == nullptr) {
    return fail(
        ErrorKind::NotPermitted,
        fmt::format("'{}' is not carried out from the pages; use the command line", act.name),
        "$.act.act");
  }
  TRY(const auto arguments, change->arguments(node, act.arguments));
  if (arguments != act.arguments) {
    return fail(ErrorKind::InvalidInput,
                fmt::format("the arguments are {}; for this change they would be {}",
                            json::canonical(act.arguments), json::canonical(arguments)),
                "$.act.arguments");
  }
  TRY(const auto officers, exchange::officers(node, snapshot));
  TRY(const auto officer, exchange::signer(object, act, signature, officers));
  if (!exchange::enrolled_at(officer, node.now())) {
    return fail(ErrorKind::NotPermitted,
                fmt::format("{} is no officer of this node any more", officer.name));
  }
  return {};
}

// Marks the act as done, whoever did it.
Result<Pending> finish(exchange::Node& node, Pending pending) {
  TRY(const auto change, exchange::Change::begin(node));
  TRY(auto all, read_kept(change->store(), change->at()));
  pending.done = true;
  if (const auto kept = find(all, pending.id()); kept != all.end()) {
    *kept = pending;
  } else {
    all.push_back(pending);
  }
  TRY_STATUS(keep(*change, all));
  TRY_STATUS(change->commit());
  return pending;
}

Result<Pending> carry_out(exchange::Node& node, Pending pending) {
  TRY(const auto act, exchange::read_act(pending.act));
  const exchange::Approval approval{pending.act, pending.signatures};
  const auto* change = pending_change(act.name);
  CHECK(change != nullptr);
  TRY(pending.result, change->run(node, act.arguments, approval));
  return finish(node, std::move(pending));
}

struct Taken {
  Pending pending;
  bool both = false;  // with the second signature, which is not kept before the change is made
};

Result<Taken> take(exchange::Node& node, const std::string& account, const json::Object& act,
                   const exchange::ActSignature& signature) {
  Taken out;
  out.pending.act = act;
  out.pending.account = account;
  TRY(const auto change, exchange::Change::begin(node));
  TRY_STATUS(check(node, change->store(), act, signature));
  TRY(auto all, read_kept(change->store(), change->at()));
  const auto known = find(all, out.pending.id());
  if (known == all.end()) {
    if (all.size() >= approvals_max) {
      return fail(ErrorKind::TooLarge,
                  fmt::format("{} acts are kept, at most {} are; withdraw one, or wait until one "
                              "has expired",
                              all.size(), approvals_max));
    }
    out.pending.signatures.push_back(signature);
    all.push_back(out.pending);
    TRY_STATUS(keep(*change, all));
    TRY_STATUS(change->commit());
    return out;
  }
  if (known->done) return fail(ErrorKind::Conflict, "two officers have signed this act already");
  if (known->signatures.front().key == signature.key) {
    return fail(ErrorKind::Conflict,
                "this officer has signed the act; the second signature is another officer's");
  }
  out.pending = *known;
  out.pending.signatures.push_back(signature);
  out.both = true;
  return out;
}

}  // namespace

std::string Pending::id() const { return hex(sha256(json::canonical(act))); }

Result<std::vector<Pending>> pending_acts(const exchange::Node& node, store::Snapshot& snapshot) {
  return read_kept(snapshot, node.now());
}

Result<std::optional<json::Object>> waiting_act(const exchange::Node& node,
                                                store::Snapshot& snapshot, std::string_view name,
                                                const json::Object& arguments) {
  TRY(const auto all, pending_acts(node, snapshot));
  for (const auto& pending : all) {
    TRY(const auto act, exchange::read_act(pending.act));
    if (!pending.done && act.name == name && act.arguments == arguments &&
        exchange::check_act(node, act, node.now())) {
      return std::optional(pending.act);
    }
  }
  return std::optional<json::Object>();
}

Result<std::string> bytes_to_sign(const json::Object& act, std::string_view key) {
  if (key.empty()) return base64url(json::canonical(act));
  const auto raw = from_base64url(key.substr(0, public_key_bytes_max));
  if (!raw || !trust::is_public_key(*raw)) {
    return fail(ErrorKind::InvalidInput, "this is no Ed25519 public key in base64url", "key");
  }
  return base64url(trust::signing_input(act, *raw));
}

Result<Pending> sign_pending(exchange::Node& node, const std::string& account,
                             const json::Object& act, const exchange::ActSignature& signature) {
  TRY(auto taken, take(node, account, act, signature));
  if (!taken.both) return std::move(taken.pending);
  // The change is one of its own: nothing is open here any more.
  return carry_out(node, std::move(taken.pending));
}

Status withdraw_pending(exchange::Node& node, const std::string& account, std::string_view id) {
  TRY(const auto change, exchange::Change::begin(node));
  TRY(auto all, read_kept(change->store(), change->at()));
  const auto known = find(all, id);
  if (known == all.end()) return fail(ErrorKind::NotFound, "no such act waits here");
  if (known->done) return fail(ErrorKind::Conflict, "two officers have signed this act already");
  if (known->account != account) {
    return fail(ErrorKind::NotPermitted,
                "another account brought this act; it can withdraw it, or it expires");
  }
  all.erase(known);
  TRY_STATUS(keep(*change, all));
  return change->commit();
}

json::Object to_json(const Pending& pending, const std::vector<exchange::Officer>& officers) {
  json::Array signatures;
  for (const auto& one : pending.signatures) {
    const auto officer =
        std::find_if(officers.begin(), officers.end(),
                     [&](const exchange::Officer& known) { return known.key == one.key; });
    json::Object row;
    row.set("officer", officer == officers.end() ? trust::key_id(one.key) : officer->name);
    row.set("role", officer == officers.end() ? std::string() : officer->role);
    signatures.push_back(std::move(row));
  }
  const auto act = exchange::read_act(pending.act);
  CHECK(act.has_value());
  json::Object out;
  out.set("id", pending.id());
  out.set("act", pending.act);
  out.set("what", treaty::to_json(act_phrase(pending.act)));
  out.set("signatures", std::move(signatures));
  out.set("created", format_rfc3339(act->created, 6));
  out.set("expires", format_rfc3339(expires(*act), 6));
  out.set("state", pending.done ? "done" : "waiting");
  out.set("result", pending.done ? json::Value(pending.result) : json::Value());
  return out;
}

}  // namespace comity::api
