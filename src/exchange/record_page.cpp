#include "exchange/record_page.h"

#include <algorithm>

#include "exchange/grant_choice.h"
#include "exchange/withdrawal.h"
#include "stix/object.h"

namespace comity::exchange {
namespace {

// Grants that are read at once: with their bytes, so that no page holds many that it does not show.
constexpr std::int64_t grants_step_min = 16;
constexpr std::int64_t grants_step_max = 128;

// What the token of a caller leaves of its party's view; nothing for a peer.
Result<std::optional<TokenView>> narrowing(const Node& node, store::Snapshot& snapshot,
                                           const taxii::Caller& caller) {
  if (caller.token.empty()) return std::optional<TokenView>();
  TRY(auto token, live_token(snapshot, caller.token, node.now()));
  if (!token || token->party != caller.party || token->writes()) {
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
        choice_(node, snapshot, caller.party, std::move(narrowed), std::move(withdrawn),
                query.versions),
        limit_(
            std::min(query.limit.value_or(taxii::page_objects_default), taxii::page_objects_max)) {}

  Result<RecordPage> run(Instant after) {
    out_.last = after;
    TRY_STATUS(query_.ids.empty() ? scan(after) : named(after));
    return std::move(out_);
  }

 private:
  // The view from one date on, as far as a page looks.
  Status scan(Instant after) {
    auto from = after.micros == INT64_MIN ? std::nullopt : std::optional(after);
    const auto step = std::clamp(limit_ + 1, grants_step_min, grants_step_max);
    for (std::int64_t looked_at = 0;;) {
      TRY(const auto granted, snapshot_.grants(caller_.party, from, step));
      for (const auto& item : granted) {
        if (looked_at == scan_grants_max) {
          out_.page.more = true;
          return {};
        }
        ++looked_at;
        TRY(const bool went, add(item));
        if (!went) return {};
      }
      if (static_cast<std::int64_t>(granted.size()) < step) return {};
      from = granted.back().date_added;
    }
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
      TRY(const bool went, add(item));
      if (!went) return {};
    }
    return {};
  }

  // Puts a grant on the page, when it is to be shown. False: the page was full before.
  Result<bool> add(const store::Granted& item) {
    TRY(const bool goes, shows(item));
    if (!goes) {
      out_.last = item.date_added;
      return true;
    }
    auto bytes = item.bytes;
    if (bytes.empty()) {
      TRY(auto record, snapshot_.record(item.sequence));
      if (!record) return fail(ErrorKind::Corrupt, "a grant without its record", item.stix_id);
      bytes = std::move(record->bytes);
    }
    auto& items = out_.page.items;
    // One object goes whatever its size.
    const bool full = static_cast<std::int64_t>(items.size()) == limit_ ||
                      (!items.empty() && bytes_ + bytes.size() > taxii::page_bytes_max);
    if (full) {
      // Only what this caller sees may tell it that there is more.
      out_.page.more = true;
      out_.last = items.back().date_added;
      return false;
    }
    bytes_ += bytes.size();
    out_.last = item.date_added;
    out_.disclosures.insert(item.disclosure);
    items.push_back({std::move(bytes), item.date_added});
    return true;
  }

  Result<bool> shows(const store::Granted& item) {
    if (!wants(query_.ids, item.stix_id) || !wants(query_.types, stix::type_of(item.stix_id)))
      return false;
    TRY(const bool goes, choice_.shows(item));
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
  std::size_t bytes_ = 0;  // of the objects on the page
  RecordPage out_;
};

}  // namespace

bool wants(const std::vector<std::string>& list, std::string_view value) {
  return list.empty() || std::find(list.begin(), list.end(), value) != list.end();
}

Result<RecordPage> make_record_page(Node& node, store::Snapshot& snapshot,
                                    const taxii::Caller& caller, const taxii::Query& query,
                                    Instant after) {
  TRY(auto narrowed, narrowing(node, snapshot, caller));
  TRY(auto withdrawn, withdrawn_from(snapshot, caller.party));
  return Pager(node, snapshot, caller, query, std::move(narrowed), std::move(withdrawn)).run(after);
}

}  // namespace comity::exchange
