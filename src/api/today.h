// What waits for somebody at this node today: what is late or due, what is new from partners, and
// who has taken it on. Made from what the node keeps, at each look; only who owns what is kept for
// it. Bounded: the newest of each kind. Values; any thread.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/peer_line.h"
#include "api/role.h"
#include "exchange/node.h"
#include "json/value.h"
#include "store/store.h"

namespace comity::api {

constexpr std::int64_t today_items_max = 50;         // of one kind and, where it has one, peer
constexpr std::int64_t today_disclosures_max = 20;   // looked at, each way
constexpr std::int64_t today_due_s = 24 * 3600;      // "due": so long before
constexpr std::int64_t today_arrived_s = 24 * 3600;  // "new": so long after it arrived
constexpr std::int64_t today_past_s =
    7 * 24 * 3600;  // a recall, a quarantine or a duty that passed
constexpr std::size_t today_owners_max = 500;

struct Item {
  std::string id;    // the same at every look, as long as the matter is the same
  std::string kind;  // as in the contract: "receipt-missing" …
  json::Value what;  // phrase
  std::string party;
  Instant since;
  std::optional<Instant> due;
  bool late = false;  // that instant has come
  bool soon = false;  // or comes within today_due_s
  std::string owner;  // account; empty: nobody
  std::string link;   // path of a page
};
json::Object to_json(const Item& item);

// What a caller with these roles may see of it. `peers`: the lines of the same snapshot.
Result<std::vector<Item>> today_items(exchange::Node& node, store::Snapshot& snapshot,
                                      const std::vector<PeerLine>& peers, RoleSet roles);

// Takes an item on, or gives back one's own (`take` false). NotFound for an item that there is not,
// the same for one that the caller does not see; Conflict for giving back another's.
Result<Item> set_owner(exchange::Node& node, std::string_view item, const std::string& account,
                       RoleSet roles, bool take);

}  // namespace comity::api
