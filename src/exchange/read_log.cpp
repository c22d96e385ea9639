#include "exchange/read_log.h"

#include <algorithm>

#include "json/parse.h"

namespace comity::exchange {
namespace {

constexpr const char* export_credential = "export";

}  // namespace

// A page that begins where a range ends, or within it, makes the range longer. One with a gap
// between does not: the range would claim what was not read.
bool ReadLog::join(const ReadRange& range) {
  for (auto& [known, since] : waiting_) {
    if (known.token != range.token || known.party != range.party || known.whole != range.whole ||
        known.told_of != range.told_of || known.exported != range.exported ||
        range.after > known.last || range.last < known.after) {
      continue;
    }
    known.after = std::min(known.after, range.after);
    known.first = std::min(known.first, range.first);
    known.last = std::max(known.last, range.last);
    known.count += range.count;
    return true;
  }
  return false;
}

Status ReadLog::note(const ReadRange& range) {
  if (range.count == 0) return {};
  const std::lock_guard guard(mutex_);
  if (waiting_.size() >= reads_joined_ranges_max ||
      records_ + range.count > reads_joined_records_max) {
    TRY_STATUS(enter(waiting_));
    waiting_.clear();
    records_ = 0;
  }
  if (!join(range)) waiting_.push_back({range, node_.now()});
  records_ += range.count;
  return {};
}

Status ReadLog::flush(bool all) {
  const std::lock_guard guard(mutex_);
  const auto now = node_.now();
  const auto due =
      std::stable_partition(waiting_.begin(), waiting_.end(), [&](const Waiting& item) {
        return !all && now < Instant::from_seconds(item.since.seconds() + reads_joined_seconds);
      });
  if (due == waiting_.end()) return {};
  TRY_STATUS(enter({due, waiting_.end()}));
  waiting_.erase(due, waiting_.end());
  records_ = 0;
  for (const auto& item : waiting_) records_ += item.range.count;
  return {};
}

Status ReadLog::enter(const std::vector<Waiting>& due) {
  TRY(const auto change, Change::begin(node_));
  change->leave_views();
  for (const auto& [range, since] : due) {
    json::Object entry;
    entry.set("type", "read");
    entry.set("party", range.party);
    entry.set("credential", range.exported        ? export_credential
                            : range.token.empty() ? "certificate"
                                                  : "token");
    if (!range.token.empty()) entry.set("token", range.token);
    entry.set("first", format_rfc3339(range.first, 6));
    entry.set("last", format_rfc3339(range.last, 6));
    entry.set("count", range.count);
    entry.set("whole", range.whole);
    if (!range.told_of.empty()) entry.set("told_of", range.told_of);
    entry.set("since", format_rfc3339(since, 6));
    TRY_STATUS(change->enter("read", entry));
  }
  return change->commit();
}

Result<std::map<std::string, std::vector<ReadRange>>> reads_by_party(store::Snapshot& snapshot) {
  std::map<std::string, std::vector<ReadRange>> out;
  TRY_STATUS(snapshot.ledger_of("read", [&](const store::LedgerEntry& row) -> Status {
    TRY(const auto entry, json::parse(row.entry));
    if (entry.text("credential") == export_credential) return {};
    ReadRange range;
    range.party = entry.text("party");
    range.token = entry.text("token");
    const auto* whole = entry.find("whole");
    range.whole = whole != nullptr && whole->boolean() != nullptr && *whole->boolean();
    range.told_of = entry.text("told_of");
    const auto* count = entry.find("count");
    range.count = count == nullptr || count->integer() == nullptr ? 0 : *count->integer();
    TRY(range.first, parse_rfc3339(entry.text("first")));
    TRY(range.last, parse_rfc3339(entry.text("last")));
    range.after = range.first;
    out[range.party].push_back(std::move(range));
    return {};
  }));
  return out;
}

Result<std::vector<ReadRange>> reads_of(store::Snapshot& snapshot, std::string_view party) {
  TRY(auto all, reads_by_party(snapshot));
  return std::move(all[std::string(party)]);
}

std::int64_t collected(const std::vector<ReadRange>& reads,
                       const std::vector<store::Granted>& grants) {
  return std::count_if(grants.begin(), grants.end(), [&](const store::Granted& grant) {
    return std::any_of(reads.begin(), reads.end(), [&](const ReadRange& range) {
      return range.whole && range.first <= grant.date_added && grant.date_added <= range.last;
    });
  });
}

Result<std::int64_t> collected_of(store::Snapshot& snapshot, const std::string& party,
                                  const std::string& disclosure,
                                  const std::vector<ReadRange>& reads) {
  if (reads.empty()) return 0;
  TRY(const auto grants, snapshot.grants_by_disclosure(party, disclosure));
  auto out = collected(reads, grants);
  for (const auto& grant : grants) {
    if (grant.state != store::GrantState::GrantedAgain || collected(reads, {grant}) > 0) continue;
    TRY(auto later, snapshot.grants_of(party, grant.stix_id));
    std::erase_if(later, [&](const store::Granted& other) {
      return other.disclosure != disclosure || other.position != grant.position;
    });
    if (collected(reads, later) > 0) ++out;
  }
  return out;
}

}  // namespace comity::exchange
