#include "exchange/release_request.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "exchange/release.h"
#include "exchange/selection.h"
#include "json/parse.h"
#include "json/texts.h"
#include "json/write.h"

namespace comity::exchange {
namespace {

constexpr std::string_view list_key = "release-requests";
constexpr std::string_view entry_kind = "release-request";
constexpr std::string_view id_prefix = "release-request--";

std::string document_key(const std::string& id) { return "release-request:" + id; }

std::optional<RequestState> state_of(std::string_view text) {
  for (const auto state : {RequestState::Waiting, RequestState::Released, RequestState::Refused,
                           RequestState::Withdrawn}) {
    if (text == name(state)) return state;
  }
  return std::nullopt;
}

// --- the document --------------------------------------------------------------------------------

json::Object to_json(const ReleaseRequest& request) {
  json::Object out;
  out.set("id", request.id);
  out.set("ids", json::array_of(request.ids));
  out.set("parties", json::array_of(request.parties));
  out.set("note", request.note);
  out.set("proposed_by", request.proposed_by);
  out.set("proposed", format_rfc3339(request.proposed, 6));
  out.set("state", name(request.state));
  out.set("decided_by", request.decided_by);
  if (request.decided) out.set("decided", format_rfc3339(*request.decided, 6));
  out.set("ground", request.ground);
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

Result<ReleaseRequest> request_from(const std::string& text) {
  TRY(const auto value, json::parse(text));
  ReleaseRequest out;
  out.id = value.text("id");
  out.ids = json::texts_of(value.find("ids"));
  out.parties = json::texts_of(value.find("parties"));
  out.note = value.text("note");
  out.proposed_by = value.text("proposed_by");
  TRY(out.proposed, parse_rfc3339(value.text("proposed")));
  const auto state = state_of(value.text("state"));
  out.state = state.value_or(RequestState::Withdrawn);
  out.decided_by = value.text("decided_by");
  if (value.find("decided") != nullptr) {
    TRY(out.decided, parse_rfc3339(value.text("decided")));
  }
  out.ground = value.text("ground");
  if (const auto* rows = value.find("preview"); rows != nullptr && rows->array() != nullptr) {
    for (const auto& row : *rows->array()) {
      out.preview.emplace_back(row.text("party"), row.text("verdict"));
    }
  }
  if (const auto* result = value.find("result"); result != nullptr) out.result = *result;
  if (!state || json::Value(to_json(out)) != value) {
    return fail(ErrorKind::Corrupt, "the kept request is not of this form", out.id);
  }
  return out;
}

Result<std::vector<std::string>> listed(store::Snapshot& snapshot) {
  TRY(const auto kept, snapshot.meta(list_key));
  if (!kept) return std::vector<std::string>();
  TRY(const auto value, json::parse(*kept));
  if (value.array() == nullptr) {
    return fail(ErrorKind::Corrupt, "the list of requests is no list");
  }
  return json::texts_of(&value);
}

// Leaves out of the list the oldest that are decided, beyond how many are shown.
void drop_oldest(std::vector<std::string>& list, const std::map<std::string, std::string>& states) {
  const auto decided = [&](const std::string& id) {
    const auto at = states.find(id);
    return at != states.end() && at->second != name(RequestState::Waiting);
  };
  auto count = static_cast<std::size_t>(std::count_if(list.begin(), list.end(), decided));
  for (auto at = list.begin(); at != list.end() && count > requests_shown_max;) {
    if (!decided(*at)) {
      ++at;
      continue;
    }
    at = list.erase(at);
    --count;
  }
}

// --- changes -------------------------------------------------------------------------------------

// Keeps the request as it is now, and enters that.
Status keep(Change& change, const ReleaseRequest& request, const std::string& by) {
  const auto text = json::write(to_json(request));
  TRY_STATUS(change.store().set_meta(document_key(request.id), text));
  TRY(auto list, listed(change.store()));
  if (std::find(list.begin(), list.end(), request.id) == list.end()) list.push_back(request.id);
  std::map<std::string, std::string> states;
  for (const auto& id : list) {
    TRY(const auto one, release_request(change.store(), id));
    states[id] = name(one.state);
  }
  drop_oldest(list, states);
  TRY_STATUS(change.store().set_meta(list_key, json::write(json::array_of(list))));
  json::Object entry;
  entry.set("type", entry_kind);
  entry.set("request", request.id);
  entry.set("state", name(request.state));
  entry.set("by", by);
  entry.set("to", json::array_of(request.parties));
  entry.set("document", digest_text(sha256(text)));
  return change.enter(entry_kind, entry);
}

Status check_text(std::string_view text, std::string_view member) {
  if (text.size() <= request_note_bytes_max) return {};
  return fail(ErrorKind::TooLarge,
              fmt::format("{} bytes; at most {} are kept", text.size(), request_note_bytes_max),
              fmt::format("$.{}", member));
}

Status check_new(Node& node, store::Snapshot& snapshot, const NewReleaseRequest& wanted) {
  if (wanted.account.empty() || wanted.account.size() > request_account_bytes_max) {
    return fail(ErrorKind::InvalidInput, "a request needs the account of who proposes it");
  }
  if (wanted.ids.size() > request_ids_max) {
    return fail(ErrorKind::TooLarge,
                fmt::format("{} ids; a request names at most {}, an import id stands for all that "
                            "came with it",
                            wanted.ids.size(), request_ids_max),
                "$.ids");
  }
  if (wanted.parties.size() > request_parties_max) {
    return fail(ErrorKind::TooLarge,
                fmt::format("{} parties; a request names at most {}", wanted.parties.size(),
                            request_parties_max),
                "$.parties");
  }
  TRY_STATUS(check_text(wanted.note, "note"));
  TRY_STATUS(check_recipients(node, snapshot, wanted.parties));
  TRY(const auto requests, release_requests(snapshot));
  const auto waiting = std::count_if(
      requests.begin(), requests.end(),
      [](const ReleaseRequest& request) { return request.state == RequestState::Waiting; });
  if (static_cast<std::size_t>(waiting) < requests_waiting_max) return {};
  return fail(ErrorKind::Conflict,
              fmt::format("{} requests wait already, which is the limit; decide or withdraw some",
                          waiting));
}

// Of a request that waits, in this change; Conflict when it is decided.
Result<ReleaseRequest> waiting_request(store::Snapshot& snapshot, const std::string& id) {
  TRY(auto request, release_request(snapshot, id));
  if (request.state == RequestState::Waiting) return request;
  return fail(ErrorKind::Conflict,
              fmt::format("the request is {} since {}", name(request.state),
                          request.decided ? format_rfc3339(*request.decided) : "before"),
              id);
}

int strictness(std::string_view verdict) {
  constexpr std::string_view order[] = {"permitted", "needs", "no-basis", "forbidden"};
  const auto* const at = std::find(std::begin(order), std::end(order), verdict);
  return static_cast<int>(at - std::begin(order));
}

// Whoever approves has seen a verdict for each party. None of them may be stricter now.
Status decided_as_proposed(Node& node, const ReleaseRequest& request) {
  TRY(const auto now, preview(node, request.ids, request.parties));
  for (const auto& row : now) {
    const auto before = std::find_if(request.preview.begin(), request.preview.end(),
                                     [&](const auto& shown) { return shown.first == row.party; });
    const std::string_view verdict = treaty::name(row.verdict.kind);
    if (before == request.preview.end() || strictness(verdict) <= strictness(before->second)) {
      continue;
    }
    return fail(ErrorKind::NotPermitted,
                fmt::format("decided again: {} is {} for {} now and was {} when this was proposed; "
                            "nothing is released. Withdraw or refuse the request, and propose what "
                            "may go",
                            row.stix_id, verdict, row.party, before->second),
                request.id);
  }
  return {};
}

json::Value result_of(const std::vector<PartyRelease>& parties) {
  json::Array out;
  for (const auto& party : parties) {
    json::Object row;
    row.set("party", party.party);
    row.set("selected", party.selected);
    row.set("already", party.already);
    json::Array held, sent;
    for (const auto& item : party.held) {
      json::Object one;
      one.set("stix_id", item.stix_id);
      one.set("verdict", treaty::name(item.verdict.kind));
      one.set("because", item.because.empty() ? json::Value() : json::Value(item.because));
      held.push_back(std::move(one));
    }
    for (const auto& item : party.sent) {
      json::Object one;
      one.set("disclosure", item.disclosure);
      one.set("number", item.number);
      one.set("records", item.records);
      one.set("receipt", item.receipt);
      one.set("accepted", item.accepted);
      one.set("error", item.error.empty() ? json::Value() : json::Value(item.error));
      sent.push_back(std::move(one));
    }
    row.set("held", std::move(held));
    row.set("sent", std::move(sent));
    out.push_back(std::move(row));
  }
  return out;
}

// Decides a request that waits, unless `check` refuses it.
template <typename Check>
Result<ReleaseRequest> decide(Node& node, const std::string& id, const std::string& account,
                              RequestState state, const std::string& ground, const Check& check) {
  TRY(const auto change, Change::begin(node));
  TRY(auto request, waiting_request(change->store(), id));
  TRY_STATUS(check(request));
  request.state = state;
  request.decided_by = account;
  request.decided = change->at();
  request.ground = ground;
  TRY_STATUS(keep(*change, request, account));
  TRY_STATUS(change->commit());
  return request;
}

Status check_second(const ReleaseRequest& request, const std::string& account, const char* act) {
  if (!account.empty() && account.size() <= request_account_bytes_max &&
      account != request.proposed_by) {
    return {};
  }
  return fail(ErrorKind::NotPermitted,
              fmt::format("{} proposed this; somebody else has to {} it", request.proposed_by, act),
              request.id);
}

}  // namespace

const char* name(RequestState state) {
  switch (state) {
    case RequestState::Waiting:
      return "waiting";
    case RequestState::Released:
      return "released";
    case RequestState::Refused:
      return "refused";
    case RequestState::Withdrawn:
      return "withdrawn";
  }
  return "withdrawn";
}

Result<ReleaseRequest> propose_release(Node& node, const NewReleaseRequest& wanted) {
  ReleaseRequest request;
  {
    TRY(const auto snapshot, node.store().read());
    TRY_STATUS(check_new(node, *snapshot, wanted));
  }
  TRY(const auto rows, preview(node, wanted.ids, wanted.parties));
  for (const auto& row : rows) {
    request.preview.emplace_back(row.party, treaty::name(row.verdict.kind));
  }
  TRY(const auto change, Change::begin(node));
  TRY_STATUS(check_new(node, change->store(), wanted));
  request.id = std::string(id_prefix) + uuid4(node.random());
  request.ids = wanted.ids;
  request.parties = wanted.parties;
  request.note = wanted.note;
  request.proposed_by = wanted.account;
  request.proposed = change->at();
  TRY_STATUS(keep(*change, request, wanted.account));
  TRY_STATUS(change->commit());
  return request;
}

Result<ReleaseRequest> approve_release(Node& node, const std::string& id,
                                       const std::string& account) {
  {
    TRY(const auto snapshot, node.store().read());
    TRY(const auto request, waiting_request(*snapshot, id));
    TRY_STATUS(check_second(request, account, "approve"));
    TRY_STATUS(decided_as_proposed(node, request));
  }
  // From here on it is decided: whoever comes second finds that, and nobody releases twice.
  TRY(auto request,
      decide(node, id, account, RequestState::Released, "",
             [&](const ReleaseRequest& found) { return check_second(found, account, "approve"); }));
  const auto done = release(node, request.ids, request.parties);
  if (done) {
    request.result = result_of(*done);
  } else {
    request.ground = done.error().text();
    cut_utf8(request.ground, request_note_bytes_max);
  }
  TRY(const auto change, Change::begin(node));
  TRY_STATUS(keep(*change, request, account));
  TRY_STATUS(change->commit());
  if (!done) return tl::unexpected<Error>(done.error());
  return request;
}

Result<ReleaseRequest> refuse_release(Node& node, const std::string& id, const std::string& account,
                                      const std::string& ground) {
  if (ground.empty()) {
    return fail(ErrorKind::InvalidInput, "who refuses says why", "$.ground");
  }
  TRY_STATUS(check_text(ground, "ground"));
  return decide(
      node, id, account, RequestState::Refused, ground,
      [&](const ReleaseRequest& request) { return check_second(request, account, "refuse"); });
}

Result<ReleaseRequest> withdraw_release(Node& node, const std::string& id,
                                        const std::string& account) {
  return decide(node, id, account, RequestState::Withdrawn, "",
                [&](const ReleaseRequest& request) -> Status {
                  if (request.proposed_by == account) return {};
                  return fail(ErrorKind::NotPermitted,
                              fmt::format("only {}, who proposed it, withdraws it; others refuse",
                                          request.proposed_by),
                              id);
                });
}

Result<std::vector<ReleaseRequest>> release_requests(store::Snapshot& snapshot) {
  TRY(const auto list, listed(snapshot));
  std::vector<ReleaseRequest> out;
  for (const auto& id : list) {
    TRY(auto request, release_request(snapshot, id));
    out.push_back(std::move(request));
  }
  return out;
}

Result<ReleaseRequest> release_request(store::Snapshot& snapshot, const std::string& id) {
  TRY(const auto text, snapshot.meta(document_key(id)));
  if (!text) return fail(ErrorKind::NotFound, "there is no request to release with this id");
  return request_from(*text);
}

Result<std::vector<std::string>> release_request_findings(store::Snapshot& snapshot) {
  std::vector<std::string> out, list;
  std::map<std::string, std::string> documents, states;  // the newest, by request
  TRY_STATUS(snapshot.ledger(0, INT64_MAX, [&](const store::LedgerEntry& row) -> Status {
    if (row.kind != entry_kind) return {};
    const auto entry = json::parse(row.entry);
    if (!entry) return {};  // a finding about its leaf already
    const std::string id(entry->text("request")), state(entry->text("state"));
    if (states.find(id) == states.end()) list.push_back(id);
    documents[id] = entry->text("document");
    states[id] = state;
    drop_oldest(list, states);
    return {};
  }));
  for (const auto& [id, digest] : documents) {
    TRY(const auto text, snapshot.meta(document_key(id)));
    if (!text) {
      out.push_back(fmt::format("{}: was entered in the ledger and is gone", id));
    } else if (digest_text(sha256(*text)) != digest) {
      out.push_back(fmt::format("{}: is not as the ledger has it", id));
    }
  }
  const auto kept = listed(snapshot);
  if (!kept) {
    out.push_back(fmt::format("release requests: {}", kept.error().text()));
  } else if (*kept != list) {
    out.push_back(
        "release requests: the list of those that are shown is not what follows from "
        "the ledger");
  }
  return out;
}

}  // namespace comity::exchange
