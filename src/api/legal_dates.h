// The legal dates that the Today page shows: what comes in the next days by the register of this
// node and by the instant about which it asks the law, and duties whose day is over. All else
// stands in `comity treaty calendar`.
#pragma once

#include "exchange/node.h"
#include "json/value.h"
#include "store/store.h"

namespace comity::api {

constexpr std::int64_t legal_ahead_days = 30;
constexpr std::int64_t legal_late_days = 90;  // a duty that is late for longer is left to the list
constexpr std::size_t legal_dates_max = 100;  // the first of them

struct LegalDates {
  json::Array rows;       // LegalDate of the contract, in order of days
  std::int64_t more = 0;  // beyond the bound: counted, not listed
};
Result<LegalDates> legal_dates(const exchange::Node& node, store::Snapshot& snapshot);

}  // namespace comity::api
