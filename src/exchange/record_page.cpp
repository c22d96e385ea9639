#include "exchange/record_page.h"

#include <algorithm>

#include "exchange/grant_choice.h"
#include "exchange/withdrawal.h"
#include "stix/object.h"

namespace comity::exchange {
namespace {

// What the token of a caller leaves of its party's view; nothing for a peer.
Result<std::optional<TokenView>> narrowing(const Node& node, store::Snapshot& snapshot,
                                           const taxii::Caller& caller, Instant at) {
  if (caller.token.empty()) return std::optional<TokenView>();
  TRY(auto token, live_token(snapshot, caller.token, node.now()));
  if (!token || token->party != caller.party || token->writes()) {
    return fail(ErrorKind::Unauthenticated, "the token is not valid any more");
  }
  return std::optional<TokenView>(std::in_place, node, *std::move(token), at);
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
        choice_(node, snapshot, caller.party, std::move(narrowed), std::move(withdrawn),
                query.versions),
        limit_(
            std::min(query.limit.value_or(taxii::page_objects_default), taxii::page_objects_max)),
        out_(limit_) {}

  Result<RecordPage> run(Instant after) {
    out_.last = after;
    TRY_STATUS(query_.ids.empty() ? scan(after) : named(after));
    out_.holds = choice_.holds();
    out_.token_until = choice_.token_until();
    return std::move(out_);
  }

 private:
  // The view from one date on, as far as a page looks, in one read.
  Status scan(Instant after) {
    const auto from = after.micros == INT64_MIN ? std::nullopt : std::optional(after);
    std::int64_t looked_at = 0;
    return snapshot_.granted_records(caller_.party, from, scan_grants_max + 1,
                                     [&](const store::GrantedRecord& item) -> Result<bool> {
                                       if (looked_at == scan_grants_max) {
                                         out_.more = true;
                                         return false;
                                       }
                                       ++looked_at;
                                       TRY(const bool goes, shows(item.granted, item));
                                       return add(item.granted, goes, item.bytes);
                                     });
  }

  // What is asked for by its id is found by that, however much else was granted. All grants of
  // these ids are looked at: an empty page with more behind it would be taken for an object that is
  // not there.
  Status named(Instant after) {
    std::vector<store::Granted> found;
    for (const auto& id : std::set(query_.ids.begin(), query_.ids.end())) {
      TRY(auto grants, snapshot_.grants_of(caller_.party, id));
      for (auto& item : grants) {
        if (item.state != store::GrantState::Live || item.date_added <= after) continue;
        found.push_back(std::move(item));
      }
    }
    std::sort(found.begin(), found.end(),
              [](const auto& a, const auto& b) { return a.date_added < b.date_added; });
    for (const auto& item : found) {
      TRY(const bool goes, shows(item, item));
      std::string bytes;
      if (goes) {
        TRY(auto record, snapshot_.record(item.sequence));
        if (!record) return fail(ErrorKind::Corrupt, "a grant without its record", item.stix_id);
        bytes = std::move(record->bytes);
      }
      TRY(const bool goes_on, add(item, goes, bytes));
      if (!goes_on) return {};
    }
    return {};
  }

  // Puts a grant on the page, when it is to be shown. False: the page was full before.
  Result<bool> add(const store::Granted& item, bool goes, std::string_view bytes) {
    if (!goes) {
      out_.last = item.date_added;
      return true;
    }
    auto& page = out_.page;
    // One object goes whatever its size.
    const bool full =
        static_cast<std::int64_t>(page.size()) == limit_ ||
        (page.size() > 0 && page.object_bytes() + bytes.size() > taxii::page_bytes_max);
    if (full) {
      // Only what this caller sees may tell it that there is more.
      out_.more = true;
      out_.last = page.last_date();
      return false;
    }
    out_.last = item.date_added;
    if (out_.disclosures.empty() || item.disclosure != last_disclosure_) {
      out_.disclosures.insert(item.disclosure);
      last_disclosure_ = item.disclosure;
    }
    page.add(bytes, item.date_added);
    return true;
  }

  // `as_read`: the grant as it was read, with its record or without.
  template <typename Read>
  Result<bool> shows(const store::Granted& item, const Read& as_read) {
    if (!wants(query_.ids, item.stix_id) || !wants(query_.types, stix::type_of(item.stix_id)))
      return false;
    TRY(const bool goes, choice_.shows(as_read));
    if (!goes && choice_.ended(item)) {
      out_.passed_over.push_back(item);
      out_.passed_over.back().bytes.clear();
    }
    return goes;
  }

  store::Snapshot& snapshot_;
  const taxii::Caller& caller_;
  const taxii::Query& query_;
  GrantChoice choice_;
  std::int64_t limit_;
  RecordPage out_;
  std::string last_disclosure_;
};

}  // namespace

bool wants(const std::vector<std::string>& list, std::string_view value) {
  return list.empty() || std::find(list.begin(), list.end(), value) != list.end();
}

Result<RecordPage> make_record_page(Node& node, store::Snapshot& snapshot,
                                    const taxii::Caller& caller, const taxii::Query& query,
                                    Instant after) {
  const auto law = node.law();
  const auto at = node.treaty_now();
  TRY(auto narrowed, narrowing(node, snapshot, caller, at));
  TRY(auto withdrawn, withdrawn_from(snapshot, caller.party));
  TRY(auto made,
      Pager(node, snapshot, caller, query, std::move(narrowed), std::move(withdrawn)).run(after));
  // What was asked at this instant, too, must be so at another.
  made.holds.meet(law->stretch(at));
  return made;
}

}  // namespace comity::exchange
