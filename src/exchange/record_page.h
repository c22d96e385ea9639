// One page of a party's `records` view, made from one snapshot: what was granted to it and may be
// shown now, less what the filters and the token leave out (views.h). Nothing is changed here; what
// the page owes to the node before it leaves is said beside it.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "exchange/node.h"
#include "taxii/server.h"

namespace comity::exchange {

// Looked at for one page, unless it names its ids; the rest comes with the next.
constexpr std::int64_t scan_grants_max = 5000;

struct RecordPage {
  explicit RecordPage(std::int64_t objects_max) : page(objects_max) {}

  taxii::PageWriter page;
  bool more = false;
  Instant last;                       // with `more`: after which the next page begins
  std::set<std::string> disclosures;  // of which something is in it
  // Granted, looked at for this page, and not permitted any more; ascending, without bytes.
  std::vector<store::Granted> passed_over;
  // A page made at another instant about which the law is asked is the same within this stretch,
  // as long as law and store are; and a token that it was made for has ended at `token_until`.
  treaty::Stretch holds{};
  std::optional<Instant> token_until;
};

Result<RecordPage> make_record_page(Node& node, store::Snapshot& snapshot,
                                    const taxii::Caller& caller, const taxii::Query& query,
                                    Instant after);

// Whether an object with this value is admitted by a filter of a query.
bool wants(const std::vector<std::string>& list, std::string_view value);

}  // namespace comity::exchange
