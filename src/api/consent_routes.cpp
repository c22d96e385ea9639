// Consents: asked of others, and asked of us.
#include <algorithm>
#include <set>

#include "api/exchange_json.h"
#include "exchange/consent.h"
#include "json/texts.h"

namespace comity::api {
namespace {

constexpr std::size_t word_bytes_max = 100;

json::Object consent_json(const exchange::ConsentRow& row) {
  json::Object out;
  out.set("request", row.request);
  out.set("asked_by_us", row.asked_by_us);
  out.set("party", row.party);
  out.set("recipient", row.recipient);
  out.set("purpose", row.purpose);
  json::Array records;
  for (const auto& record : row.records) records.emplace_back(digest_text(record));
  out.set("records", std::move(records));
  out.set("held", json::array_of(row.held));
  out.set("state", row.state);
  out.set("consent", text_or_null(row.consent));
  out.set("until", row.until ? json::Value(format_rfc3339(*row.until)) : json::Value());
  out.set("once", row.once);
  if (!row.ground.empty()) out.set("ground", row.ground);
  out.set("told", row.told);
  return out;
}

// The rows that `shows` takes, the newest first.
template <typename Shows>
Result<json::Array> rows_of(exchange::Node& node, const Shows& shows) {
  TRY(const auto all, exchange::consents(node));
  json::Array out;
  for (auto at = all.rbegin(); at != all.rend(); ++at) {
    if (shows(*at)) out.emplace_back(consent_json(*at));
  }
  return out;
}

Answer items_answer(json::Array items, int status = 200) {
  json::Object body;
  body.set("items", std::move(items));
  Answer out;
  out.status = status;
  out.body = std::move(body);
  return out;
}

Result<Answer> list_consents(Call& call) {
  TRY(auto items, rows_of(call.node, [](const exchange::ConsentRow&) { return true; }));
  return items_answer(std::move(items));
}

Result<Answer> ask(Call& call) {
  TRY_STATUS(members(call, {"ids", "recipient", "purpose"}));
  TRY(const auto ids, texts_member(call, "ids", ids_max, id_bytes_max));
  TRY(const auto recipient, text_member(call, "recipient", word_bytes_max));
  TRY(const auto purpose, optional_text(call, "purpose", word_bytes_max));
  std::vector<std::string> named;
  {
    TRY(const auto snapshot, call.node.store().read());
    TRY(named, stix_ids(*snapshot, ids, true));
  }
  const auto asked = exchange::ask_consent(call.node, named, recipient, purpose);
  if (!asked) return in_body(asked.error());
  std::set<std::string> requests, parties;
  for (const auto& one : *asked) {
    requests.insert(one.request);
    parties.insert(one.originator);
  }
  for (const auto& party : parties) send_now(call.node, party);
  TRY(auto items, rows_of(call.node, [&](const exchange::ConsentRow& row) {
        return requests.contains(row.request);
      }));
  return items_answer(std::move(items), 201);
}

Result<exchange::ConsentRow> row_named(exchange::Node& node, std::string_view id) {
  TRY(auto all, exchange::consents(node));
  const auto at = std::find_if(all.begin(), all.end(), [&](const exchange::ConsentRow& row) {
    return row.request == id || (!row.consent.empty() && row.consent == id);
  });
  if (at != all.end()) return std::move(*at);
  return fail(ErrorKind::NotFound, "this node knows no request for consent with this id");
}

// Of a request that somebody asked of us: ours are answered by others.
Result<exchange::ConsentRow> asked_of_us(Call& call) {
  TRY(auto row, row_named(call.node, call.path_value("consent")));
  if (!row.asked_by_us) return row;
  return fail(ErrorKind::Conflict, "this node asked for it itself; the other party answers");
}

// Sends what was said, and shows what became of the request.
Result<Answer> told(exchange::Node& node, const exchange::ConsentRow& row) {
  send_now(node, row.party);
  TRY(const auto now, row_named(node, row.request));
  Answer out;
  out.body = consent_json(now);
  return out;
}

Result<exchange::ConsentTerms> terms_of(const Call& call) {
  exchange::ConsentTerms terms;
  const auto* once = call.body.find("once");
  if (once != nullptr && !once->is_null()) {
    if (once->boolean() == nullptr) {
      return fail(ErrorKind::InvalidInput, "expected true or false", "$.once");
    }
    terms.once = *once->boolean();
  }
  TRY(const auto until, optional_text(call, "until", word_bytes_max));
  if (until.empty()) return terms;
  auto parsed = parse_day_or_instant(until);
  if (!parsed) return tl::unexpected<Error>(std::move(parsed.error()).at("$.until"));
  terms.until = *parsed;
  return terms;
}

Result<Answer> grant(Call& call) {
  TRY_STATUS(members(call, {"until", "once"}));
  TRY(const auto terms, terms_of(call));
  TRY(const auto row, asked_of_us(call));
  const auto granted = exchange::grant_consent(call.node, row.request, terms);
  if (!granted) return in_body(granted.error());
  return told(call.node, row);
}

Result<Answer> refuse(Call& call) {
  TRY_STATUS(members(call, {"ground"}));
  TRY(const auto ground, optional_text(call, "ground", word_bytes_max));
  TRY(const auto row, asked_of_us(call));
  const auto refused = exchange::refuse_consent(call.node, row.request, ground);
  if (!refused) return in_body(refused.error());
  return told(call.node, row);
}

Result<Answer> withdraw(Call& call) {
  TRY_STATUS(members(call, {}));
  TRY(const auto row, asked_of_us(call));
  if (row.consent.empty()) {
    return fail(ErrorKind::Conflict, "it is not answered yet; there is nothing to withdraw");
  }
  TRY_STATUS(exchange::withdraw_consent(call.node, row.consent));
  return told(call.node, row);
}

Route answering(std::string_view operation, std::string_view path,
                Result<Answer> (*handle)(Call&)) {
  return {operation,  "POST", path,  Access::SignedIn, {Role::ReleasingOfficer}, {},
          Body::Json, true,   handle};
}

}  // namespace

std::vector<Route> consent_routes() {
  return {
      {"listConsents",
       "GET",
       "/api/v1/consents",
       Access::SignedIn,
       exchange_readers(),
       {},
       Body::None,
       false,
       list_consents},
      {"askConsent",
       "POST",
       "/api/v1/consents",
       Access::SignedIn,
       record_officers(),
       {},
       Body::Json,
       false,
       ask},
      answering("grantConsent", "/api/v1/consents/{consent}/grant", grant),
      answering("refuseConsent", "/api/v1/consents/{consent}/refusal", refuse),
      answering("withdrawConsent", "/api/v1/consents/{consent}/withdrawal", withdraw),
  };
}

}  // namespace comity::api
