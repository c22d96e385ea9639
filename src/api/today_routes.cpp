// Today: what waits for somebody, and who has taken it on.
#include <algorithm>

#include "api/legal_dates.h"
#include "api/route.h"
#include "api/today.h"

namespace comity::api {
namespace {

bool is_new(const Item& item) {
  return item.kind == "consent-asked" || item.kind == "recall-received" || item.kind == "arrived" ||
         item.kind == "quarantined";
}

// What is only told, and needs nobody.
bool needs_owner(const Item& item) { return item.kind != "alarm" && item.kind != "arrived"; }

Result<Answer> read_today(Call& call) {
  TRY(const auto snapshot, call.node.store().read());
  TRY(const auto lines, peer_lines(call.node, *snapshot));
  TRY(auto items, today_items(call.node, *snapshot, lines, call.caller.roles));
  // The first to be due stand first, then what waits longest.
  std::stable_sort(items.begin(), items.end(), [](const Item& a, const Item& b) {
    return std::pair(a.due.value_or(Instant{INT64_MAX}), a.since) <
           std::pair(b.due.value_or(Instant{INT64_MAX}), b.since);
  });
  json::Array late, fresh, unowned, alarms;
  for (const auto& item : items) {
    if (item.kind == "alarm") alarms.emplace_back(to_json(item));
    if (item.soon) late.emplace_back(to_json(item));
    if (is_new(item)) fresh.emplace_back(to_json(item));
    if (needs_owner(item) && item.owner.empty()) unowned.emplace_back(to_json(item));
  }
  json::Array peers;
  for (const auto& line : lines) peers.emplace_back(to_json(line));
  TRY(auto legal, legal_dates(call.node, *snapshot));
  json::Object body;
  body.set("late", std::move(late));
  body.set("fresh", std::move(fresh));
  body.set("unowned", std::move(unowned));
  body.set("peers", std::move(peers));
  body.set("alarms", std::move(alarms));
  body.set("legal", std::move(legal.rows));
  body.set("legal_more", legal.more);
  Answer answer;
  answer.body = std::move(body);
  return answer;
}

Result<Answer> put_owner(Call& call) {
  TRY_STATUS(members(call, {"owner"}));
  const auto* owner = call.body.find("owner");
  const bool take = owner != nullptr && owner->string() != nullptr && *owner->string() == "me";
  if (owner == nullptr || (!take && !owner->is_null())) {
    return fail(ErrorKind::InvalidInput, "expected \"me\", or null to give it back", "$.owner");
  }
  TRY(const auto item,
      set_owner(call.node, call.path_value("item"), call.caller.account, call.caller.roles, take));
  Answer answer;
  answer.body = to_json(item);
  return answer;
}

}  // namespace

std::vector<Route> today_routes() {
  return {
      {"readToday",
       "GET",
       "/api/v1/today",
       Access::SignedIn,
       RoleSet::all(),
       {},
       Body::None,
       false,
       read_today},
      {"putItemOwner",
       "PUT",
       "/api/v1/today/items/{item}/owner",
       Access::SignedIn,
       {Role::DutyOfficer, Role::Analyst, Role::LegalAdviser, Role::ReleasingOfficer,
        Role::RightsOfficer},
       {},
       Body::Json,
       false,
       put_owner},
  };
}

}  // namespace comity::api
