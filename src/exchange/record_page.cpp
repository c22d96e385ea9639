#include "exchange/record_page.h"

#include <algorithm>

#include "exchange/signers.h"
#include "exchange/token_view.h"
#include "exchange/verify.h"
#include "exchange/withdrawal.h"
#include "stix/object.h"

namespace comity::exchange {
namespace {

// match[version] (TAXII 2.1 section 3.4.1): which of several granted versions of one id are shown.
Result<bool> version_wanted(store::Snapshot& snapshot, const std::string& view,
                            const store::Granted& item, const taxii::Query& query) {
  const auto has = [&](std::string_view word) {
    return std::find(query.versions.begin(), query.versions.end(), word) != query.versions.end();
  };
  if (has("all") || !item.version) return true;
  for (const auto& version : query.versions) {
    if (const auto instant = parse_rfc3339(version); instant && *instant == *item.version)
      return true;
  }
  const bool last = query.versions.empty() || has("last");
  if (!last && !has("first")) return false;
  TRY(const auto others, snapshot.grants_of(view, item.stix_id));
  bool newest = true, oldest = true;
  for (const auto& other : others) {
    if (!other.version || other.state != store::GrantState::Live) continue;
    newest = newest && *other.version <= *item.version;
    oldest = oldest && *other.version >= *item.version;
  }
  return (last && newest) || (has("first") && oldest);
}

// What the token of a caller leaves of its party's view; nothing for a peer.
Result<std::optional<TokenView>> narrowing(const Node& node, store::Snapshot& snapshot,
                                           const taxii::Caller& caller) {
  if (caller.token.empty()) return std::optional<TokenView>();
  TRY(auto token, live_token(snapshot, caller.token, node.now()));
  if (!token || token->party != caller.party) {
    return fail(ErrorKind::Unauthenticated, "the token is not valid any more");
  }
  return std::optional<TokenView>(std::in_place, node, *std::move(token), node.treaty_now());
}

// The grants of one page, one after the other.
class Pager {
 public:
  Pager(Node& node, store::Snapshot& snapshot, const taxii::Caller& caller,
        const taxii::Query& query, std::optional<TokenView> narrowed,
        std::set<std::string> withdrawn)
      : snapshot_(snapshot),
        caller_(caller),
        query_(query),
        judge_(node, snapshot, caller.party),
        narrowed_(std::move(narrowed)),
        withdrawn_(std::move(withdrawn)),
        limit_(
            std::min(query.limit.value_or(taxii::page_objects_default), taxii::page_objects_max)) {}

  Result<RecordPage> run(Instant after) {
    const auto from = after.micros == INT64_MIN ? std::nullopt : std::optional(after);
    TRY(const auto granted, snapshot_.grants(caller_.party, from, scan_grants_max + 1));
    out_.last = after;
    std::int64_t looked_at = 0;
    for (const auto& item : granted) {
      if (looked_at == scan_grants_max) {
        out_.page.more = true;
        break;
      }
      ++looked_at;
      TRY(const bool goes, shows(item));
      if (goes && static_cast<std::int64_t>(out_.page.items.size()) == limit_) {
        // Only what this caller sees may tell it that there is more.
        out_.page.more = true;
        out_.last = out_.page.items.back().date_added;
        break;
      }
      out_.last = item.date_added;
      if (!goes) continue;
      out_.disclosures.insert(item.disclosure);
      out_.page.items.push_back({item.bytes, item.date_added});
    }
    return std::move(out_);
  }

 private:
  Result<bool> shows(const store::Granted& item) {
    if (withdrawn_.contains(item.disclosure)) return false;
    if (!wants(query_.ids, item.stix_id) || !wants(query_.types, stix::type_of(item.stix_id)))
      return false;
    TRY(const bool wanted, version_wanted(snapshot_, caller_.party, item, query_));
    if (!wanted) return false;
    TRY(const auto record, snapshot_.record(item.sequence));
    if (!record) return false;
    // Decided again: what the law no longer lets this caller have is not shown.
    TRY(const auto question, judge_.permits(item.disclosure, *record));
    if (!question) {
      out_.passed_over.push_back(item);
      out_.passed_over.back().bytes.clear();
      return false;
    }
    if (!narrowed_) return true;
    if (record->classes.empty()) return narrowed_->shows_carried(snapshot_, item.disclosure);
    return narrowed_->shows(*question);
  }

  store::Snapshot& snapshot_;
  const taxii::Caller& caller_;
  const taxii::Query& query_;
  GrantJudge judge_;
  std::optional<TokenView> narrowed_;
  std::set<std::string> withdrawn_;
  std::int64_t limit_;
  RecordPage out_;
};

}  // namespace

bool wants(const std::vector<std::string>& list, std::string_view value) {
  return list.empty() || std::find(list.begin(), list.end(), value) != list.end();
}

GrantJudge::GrantJudge(Node& node, store::Snapshot& snapshot, const std::string& party)
    : node_(node),
      snapshot_(snapshot),
      law_(node.law()),
      at_(node.treaty_now()),
      decider_(law_, node.party(), party, at_),
      circumstances_(snapshot, party) {}

// What is carried has no class to decide on: it is shown as long as what it came with may be. Each
// disclosure is looked at once.
Result<bool> GrantJudge::stands(const std::string& id) {
  const auto at = stands_.find(id);
  if (at != stands_.end()) return at->second;
  TRY(const auto row, snapshot_.protocol(id));
  if (!row) return false;
  TRY(const auto disclosure, open_by(own_signers(node_), row->bytes, open_disclosure));
  TRY(const bool shown, may_be_shown(node_, snapshot_, disclosure));
  return stands_[id] = shown;
}

// Whether a disclosure may be collected at all. What two officers let go is sent to its recipient
// and collected by nobody, also when the law permits it later: then it goes by a release under
// that.
Result<bool> GrantJudge::collectable(const std::string& id) {
  const auto at = collectable_.find(id);
  if (at != collectable_.end()) return at->second;
  TRY(const auto row, snapshot_.protocol(id));
  bool may = true;
  if (row && may_be_by_officers(row->bytes)) {
    TRY(const auto disclosure, read_disclosure(row->bytes));
    may = !disclosure.by_officers();
  }
  return collectable_[id] = may;
}

Result<std::optional<RecordQuestion>> GrantJudge::permits(const std::string& disclosure,
                                                          const store::Record& record) {
  const auto no = std::optional<RecordQuestion>();
  if (record.state != store::RecordState::Live) return no;
  TRY(const bool may, collectable(disclosure));
  if (!may) return no;
  TRY(auto question, held_question(snapshot_, record));
  TRY_STATUS(circumstances_.complete(question, record.digest, {at_, disclosure}));
  if (!question.recalled.empty()) return no;
  if (record.classes.empty()) {
    TRY(const bool with_others, stands(disclosure));
    if (!with_others) return no;
  } else if (decider_.verdict(question).kind != treaty::VerdictKind::Permitted) {
    return no;
  }
  return std::optional(std::move(question));
}

Result<RecordPage> make_record_page(Node& node, store::Snapshot& snapshot,
                                    const taxii::Caller& caller, const taxii::Query& query,
                                    Instant after) {
  TRY(auto narrowed, narrowing(node, snapshot, caller));
  TRY(auto withdrawn, withdrawn_from(snapshot, caller.party));
  return Pager(node, snapshot, caller, query, std::move(narrowed), std::move(withdrawn)).run(after);
}

}  // namespace comity::exchange
