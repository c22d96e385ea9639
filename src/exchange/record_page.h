// One page of a party's `records` view, made from one snapshot: what was granted to it and may be
// shown now, less what the filters and the token leave out (views.h). Nothing is changed here; what
// the page owes to the node before it leaves is said beside it.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "exchange/circumstances.h"
#include "exchange/decision.h"
#include "exchange/node.h"
#include "taxii/server.h"

namespace comity::exchange {

// Looked at for one page; the rest comes with the next.
constexpr std::int64_t scan_grants_max = 5000;

// Whether what was granted may be shown, by law and circumstances as a snapshot has them. Refers to
// node and snapshot. One thread at a time.
class GrantJudge {
 public:
  GrantJudge(Node& node, store::Snapshot& snapshot, const std::string& party);
  // The question that was permitted; nothing when the grant may not be shown.
  Result<std::optional<RecordQuestion>> permits(const std::string& disclosure,
                                                const store::Record& record);
  // The consents on which that rests.
  Result<std::vector<ConsentUsed>> consents(const RecordQuestion& question,
                                            const std::string& disclosure, const Digest& record) {
    return circumstances_.all_consents(question, record, {at_, disclosure});
  }

 private:
  Result<bool> stands(const std::string& disclosure);
  Result<bool> collectable(const std::string& disclosure);

  Node& node_;
  store::Snapshot& snapshot_;
  std::shared_ptr<const treaty::CompiledRegister> law_;
  Instant at_;
  Decider decider_;
  Circumstances circumstances_;
  std::map<std::string, bool> stands_, collectable_;  // by disclosure
};

struct RecordPage {
  taxii::Page page;                   // without `next`
  Instant last;                       // with `more`: after which the next page begins
  std::set<std::string> disclosures;  // of which something is in it
  // Granted, looked at for this page, and not permitted any more; ascending, without bytes.
  std::vector<store::Granted> passed_over;
};

Result<RecordPage> make_record_page(Node& node, store::Snapshot& snapshot,
                                    const taxii::Caller& caller, const taxii::Query& query,
                                    Instant after);

// Whether an object with this value is admitted by a filter of a query.
bool wants(const std::vector<std::string>& list, std::string_view value);

}  // namespace comity::exchange
