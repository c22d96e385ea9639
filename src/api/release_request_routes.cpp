// Requests to release: proposed by one account, approved by another that is a releasing officer.
#include <fmt/format.h>

#include <algorithm>

#include "api/exchange_json.h"
#include "exchange/account.h"
#include "exchange/release_request.h"
#include "json/texts.h"

namespace comity::api {
namespace {

json::Object request_json(const exchange::ReleaseRequest& request) {
  json::Object out;
  out.set("id", request.id);
  out.set("ids", json::array_of(request.ids));
  out.set("parties", json::array_of(request.parties));
  out.set("note", request.note);
  out.set("proposed_by", request.proposed_by);
  out.set("proposed", format_rfc3339(request.proposed, 6));
  out.set("state", exchange::name(request.state));
  out.set("decided_by", text_or_null(request.decided_by));
  out.set("decided",
          request.decided ? json::Value(format_rfc3339(*request.decided, 6)) : json::Value());
  out.set("ground", text_or_null(request.ground));
  json::Array preview;
  for (const auto& [party, verdict] : request.preview) {
    json::Object row;
    row.set("party", party);
    row.set("verdict", verdict);
    preview.push_back(std::move(row));
  }
  out.set("preview", std::move(preview));
  out.set("result", request.result);
  return out;
}

Answer answer_of(const exchange::ReleaseRequest& request, int status = 200) {
  Answer out;
  out.status = status;
  out.body = request_json(request);
  return out;
}

Result<Answer> list_requests(Call& call) {
  const auto state = call.query_value("state");
  constexpr std::string_view states[] = {"waiting", "released", "refused", "withdrawn"};
  if (!state.empty() &&
      std::find(std::begin(states), std::end(states), state) == std::end(states)) {
    return fail(ErrorKind::InvalidInput,
                fmt::format("'{}' is no state; expected one of {}", state.substr(0, 100),
                            fmt::join(states, ", ")),
                "state");
  }
  TRY(const auto snapshot, call.node.store().read());
  TRY(const auto all, exchange::release_requests(*snapshot));
  json::Array items;
  for (auto at = all.rbegin(); at != all.rend(); ++at) {
    if (state.empty() || exchange::name(at->state) == state) items.emplace_back(request_json(*at));
  }
  json::Object body;
  body.set("items", std::move(items));
  Answer answer;
  answer.body = std::move(body);
  return answer;
}

Result<Answer> propose(Call& call) {
  TRY_STATUS(members(call, {"ids", "parties", "note"}));
  exchange::NewReleaseRequest wanted;
  TRY(const auto ids, texts_member(call, "ids", exchange::request_ids_max, id_bytes_max));
  TRY(wanted.parties, texts_member(call, "parties", exchange::request_parties_max, id_bytes_max));
  TRY(wanted.note, optional_text(call, "note", exchange::request_note_bytes_max));
  wanted.account = call.caller.account;
  {
    TRY(const auto snapshot, call.node.store().read());
    TRY(wanted.ids, stix_ids(*snapshot, ids, true));
  }
  TRY(const auto request, exchange::propose_release(call.node, wanted));
  return answer_of(request, 201);
}

// Who administers the accounts releases nothing, whatever else a list of roles may say.
Status check_releasing(const Caller& caller) {
  if (caller.roles.has(Role::ReleasingOfficer) && !caller.roles.has(Role::Administrator)) return {};
  return fail(ErrorKind::NotPermitted, "a releasing officer approves; this account is none");
}

Result<bool> is_active(const exchange::Node& node, const std::string& account) {
  TRY(const auto snapshot, node.store().read());
  TRY(const auto text, exchange::account_text(*snapshot));
  TRY(const auto list, exchange::read_accounts(text));
  const auto* found = list.find(account);
  return found != nullptr && found->active();
}

Result<exchange::ReleaseRequest> named(Call& call) {
  TRY(const auto snapshot, call.node.store().read());
  return exchange::release_request(*snapshot, std::string(call.path_value("request")));
}

Result<Answer> approve(Call& call) {
  TRY_STATUS(check_releasing(call.caller));
  TRY_STATUS(members(call, {}));
  TRY(const auto request, named(call));
  TRY(const bool active, is_active(call.node, request.proposed_by));
  if (request.state == exchange::RequestState::Waiting && !active) {
    // Nobody stands for it any more, so nobody may put a second name under it.
    const auto ground = fmt::format("the account {}, which proposed it, has ended or is locked out",
                                    request.proposed_by);
    TRY_STATUS(exchange::refuse_release(call.node, request.id, call.caller.account, ground));
    return fail(ErrorKind::NotPermitted,
                ground +
                    "; the request is refused. Propose it again under an account that stands "
                    "for it");
  }
  TRY(const auto released, exchange::approve_release(call.node, request.id, call.caller.account));
  return answer_of(released);
}

Result<Answer> refuse(Call& call) {
  TRY_STATUS(members(call, {"ground"}));
  TRY(const auto ground, text_member(call, "ground", exchange::request_note_bytes_max));
  TRY(const auto request,
      exchange::refuse_release(call.node, std::string(call.path_value("request")),
                               call.caller.account, ground));
  return answer_of(request);
}

Result<Answer> withdraw(Call& call) {
  TRY(const auto request,
      exchange::withdraw_release(call.node, std::string(call.path_value("request")),
                                 call.caller.account));
  return answer_of(request);
}

}  // namespace

std::vector<Route> release_request_routes() {
  return {
      {"listReleaseRequests",
       "GET",
       "/api/v1/release-requests",
       Access::SignedIn,
       release_readers(),
       {"state"},
       Body::None,
       false,
       list_requests},
      {"proposeRelease",
       "POST",
       "/api/v1/release-requests",
       Access::SignedIn,
       record_officers(),
       {},
       Body::Json,
       false,
       propose},
      {"approveRelease",
       "POST",
       "/api/v1/release-requests/{request}/approval",
       Access::SignedIn,
       {Role::ReleasingOfficer},
       {},
       Body::Json,
       true,
       approve},
      {"refuseRelease",
       "POST",
       "/api/v1/release-requests/{request}/refusal",
       Access::SignedIn,
       {Role::ReleasingOfficer, Role::RightsOfficer},
       {},
       Body::Json,
       false,
       refuse},
      {"withdrawRelease",
       "DELETE",
       "/api/v1/release-requests/{request}",
       Access::SignedIn,
       record_officers(),
       {},
       Body::None,
       false,
       withdraw},
  };
}

}  // namespace comity::api
