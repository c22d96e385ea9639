// Recalls: what this node calls back, and what others called back from it.
#include <set>

#include "api/exchange_json.h"
#include "exchange/recall.h"

namespace comity::api {
namespace {

constexpr std::size_t recall_word_bytes_max = 100;
constexpr std::size_t parties_named_max = 200;

json::Object recall_json(const exchange::RecallRow& row) {
  json::Object out;
  out.set("recall", row.recall);
  out.set("ours", row.ours);
  out.set("party", row.party);
  out.set("reason", row.reason);
  out.set("state", row.state);
  json::Array records;
  for (const auto& record : row.records) records.emplace_back(digest_text(record));
  out.set("records", std::move(records));
  out.set("copies", row.copies);
  out.set("passed_on", row.passed_on);
  out.set("awaiting", row.awaiting);
  return out;
}

template <typename Shows>
Result<Answer> recalls_answer(exchange::Node& node, int status, const Shows& shows) {
  TRY(const auto all, exchange::recalls(node));
  json::Array items;
  for (auto at = all.rbegin(); at != all.rend(); ++at) {
    if (shows(*at)) items.emplace_back(recall_json(*at));
  }
  json::Object body;
  body.set("items", std::move(items));
  Answer out;
  out.status = status;
  out.body = std::move(body);
  return out;
}

Result<Answer> list_recalls(Call& call) {
  return recalls_answer(call.node, 200, [](const exchange::RecallRow&) { return true; });
}

Result<Answer> recall_records(Call& call) {
  TRY_STATUS(members(call, {"ids", "parties", "reason"}));
  exchange::RecallOrder order;
  TRY(const auto ids, texts_member(call, "ids", ids_max, id_bytes_max));
  TRY(order.parties, texts_member(call, "parties", parties_named_max, recall_word_bytes_max));
  TRY(order.reason, text_member(call, "reason", recall_word_bytes_max));
  {
    TRY(const auto snapshot, call.node.store().read());
    // Every version goes back, whichever of them was looked at.
    TRY(order.ids, stix_ids(*snapshot, ids, false));
  }
  const auto said = exchange::recall(call.node, order);
  if (!said) return in_body(said.error());
  std::set<std::string> made, parties;
  for (const auto& one : *said) {
    made.insert(one.recall);
    parties.insert(one.party);
  }
  for (const auto& party : parties) send_now(call.node, party);
  return recalls_answer(call.node, 201,
                        [&](const exchange::RecallRow& row) { return made.contains(row.recall); });
}

}  // namespace

std::vector<Route> recall_routes() {
  return {
      {"listRecalls",
       "GET",
       "/api/v1/recalls",
       Access::SignedIn,
       exchange_readers(),
       {},
       Body::None,
       false,
       list_recalls},
      {"recallRecords",
       "POST",
       "/api/v1/recalls",
       Access::SignedIn,
       {Role::ReleasingOfficer},
       {},
       Body::Json,
       true,
       recall_records},
  };
}

}  // namespace comity::api
