// Officers, and the acts that wait for the second of them.
#include "api/approvals.h"
#include "api/events.h"
#include "api/route.h"
#include "exchange/officer.h"

namespace comity::api {
namespace {

RoleSet approval_readers() {
  return {Role::DutyOfficer,   Role::LegalAdviser, Role::ReleasingOfficer, Role::RightsOfficer,
          Role::Administrator, Role::Auditor,      Role::Oversight};
}

// Who may bring a signature: whether it counts, the officer's key decides.
RoleSet signatories() {
  return {Role::DutyOfficer, Role::LegalAdviser, Role::ReleasingOfficer, Role::Administrator};
}

Result<std::vector<exchange::Officer>> all_officers(const exchange::Node& node) {
  TRY(const auto snapshot, node.store().read());
  return exchange::officers(node, *snapshot);
}

Result<Answer> list_officers(Call& call) {
  TRY(const auto all, all_officers(call.node));
  json::Array items;
  for (const auto& officer : all) {
    json::Object row;
    row.set("name", officer.name);
    row.set("role", officer.role);
    row.set("key", base64url(officer.key));
    row.set("from", format_rfc3339(officer.from, 6));
    row.set("until",
            officer.until ? json::Value(format_rfc3339(*officer.until, 6)) : json::Value());
    items.push_back(std::move(row));
  }
  json::Object body;
  body.set("items", std::move(items));
  Answer answer;
  answer.body = std::move(body);
  return answer;
}

Result<Answer> list_approvals(Call& call) {
  TRY(const auto snapshot, call.node.store().read());
  TRY(const auto officers, exchange::officers(call.node, *snapshot));
  TRY(const auto all, pending_acts(call.node, *snapshot));
  json::Array items;
  for (const auto& pending : all) items.emplace_back(to_json(pending, officers));
  json::Object body;
  body.set("items", std::move(items));
  Answer answer;
  answer.body = std::move(body);
  return answer;
}

Result<exchange::ActSignature> signature_of(const json::Value* value) {
  const auto wrong = [](const char* what) {
    return fail(ErrorKind::InvalidInput, what, "$.signature");
  };
  if (value == nullptr || value->object() == nullptr || value->object()->size() != 2) {
    return wrong("expected exactly key and signature, both texts");
  }
  const auto key = value->text("key"), signature = value->text("signature");
  if (key.empty() || key.size() > public_key_bytes_max || signature.empty() ||
      signature.size() > signature_bytes_max) {
    return wrong("expected a public key in base64url and a detached JWS");
  }
  auto raw = from_base64url(key);
  if (!raw || !trust::is_public_key(*raw)) return wrong("this is no Ed25519 key in base64url");
  return exchange::ActSignature{*std::move(raw), std::string(signature)};
}

Result<Answer> sign_act(Call& call) {
  TRY_STATUS(members(call, {"act", "signature"}));
  const auto* act = call.body.find("act");
  if (act == nullptr || act->object() == nullptr) {
    return fail(ErrorKind::InvalidInput, "expected the act that was signed, an object", "$.act");
  }
  TRY(const auto signature, signature_of(call.body.find("signature")));
  TRY(const auto pending, sign_pending(call.node, call.caller.account, *act->object(), signature));
  call.events.publish(Topic::Approvals);
  TRY(const auto officers, all_officers(call.node));
  Answer answer;
  answer.body = to_json(pending, officers);
  return answer;
}

Result<Answer> withdraw_approval(Call& call) {
  TRY_STATUS(withdraw_pending(call.node, call.caller.account, call.path_value("approval")));
  call.events.publish(Topic::Approvals);
  Answer answer;
  answer.status = 204;
  return answer;
}

}  // namespace

std::vector<Route> approval_routes() {
  return {
      {.operation = "listOfficers",
       .method = "GET",
       .path = "/api/v1/officers",
       .access = Access::SignedIn,
       .roles = approval_readers(),
       .query = {},
       .body = Body::None,
       .fresh_factor = false,
       .handle = list_officers},
      {.operation = "listApprovals",
       .method = "GET",
       .path = "/api/v1/approvals",
       .access = Access::SignedIn,
       .roles = approval_readers(),
       .query = {},
       .body = Body::None,
       .fresh_factor = false,
       .handle = list_approvals},
      {.operation = "signAct",
       .method = "POST",
       .path = "/api/v1/approvals",
       .access = Access::SignedIn,
       .roles = signatories(),
       .query = {},
       .body = Body::Json,
       .fresh_factor = false,
       .handle = sign_act},
      {.operation = "withdrawApproval",
       .method = "DELETE",
       .path = "/api/v1/approvals/{approval}",
       .access = Access::SignedIn,
       .roles = signatories(),
       .query = {},
       .body = Body::None,
       .fresh_factor = false,
       .handle = withdraw_approval},
  };
}

}  // namespace comity::api
