#include "exchange/grant_change.h"

#include <fmt/format.h>

#include <set>

#include "exchange/grant_choice.h"
#include "exchange/record_page.h"
#include "exchange/withdrawal.h"

namespace comity::exchange {
namespace {

// Dates of grants, ascending, as `{granted, count}` of those that follow one another.
json::Array runs_of(const std::vector<Instant>& dates) {
  json::Array out;
  for (std::size_t first = 0; first < dates.size();) {
    std::size_t end = first + 1;
    while (end < dates.size() && dates[end].micros == dates[end - 1].micros + 1) ++end;
    json::Object run;
    run.set("granted", format_rfc3339(dates[first], 6));
    run.set("count", static_cast<std::int64_t>(end - first));
    out.push_back(std::move(run));
    first = end;
  }
  return out;
}

json::Object entry_of(const Change& change, const char* type, const std::string& party,
                      const std::vector<Instant>& dates) {
  json::Object entry;
  entry.set("type", type);
  entry.set("to", party);
  entry.set("runs", runs_of(dates));
  entry.set("register", digest_text(change.register_digest()));
  return entry;
}

// Whether the live grant of a view with this date is there still.
Result<bool> is_live(store::Snapshot& snapshot, const std::string& party, Instant date) {
  TRY(const auto found, snapshot.grants(party, Instant{date.micros - 1}, 1));
  return !found.empty() && found.front().date_added == date;
}

// Of what has ended: what may be shown now.
struct Permitted {
  std::vector<Instant> dates;
  std::set<Digest> consents;  // on which it rests
};

// Looks at a part of it, within a change, and uses up the consents that hold once. `last` becomes
// the last date looked at; nothing when there was nothing more.
Result<Permitted> permitted_again(Change& change, Node& node, const std::string& party,
                                  std::optional<Instant>& last) {
  GrantJudge judge(node, change.store(), party);
  TRY(const auto withdrawn, withdrawn_from(change.store(), party));
  TRY(const auto ended, change.store().ended_grants(party, last, scan_grants_max));
  Permitted out;
  for (const auto& item : ended) {
    if (withdrawn.contains(item.disclosure)) continue;
    TRY(const auto record, change.store().record(item.sequence));
    if (!record) continue;
    TRY(const auto question, judge.permits(item.disclosure, *record));
    if (!question) continue;
    out.dates.push_back(item.date_added);
    TRY(const auto used, judge.consents(*question, item.disclosure, record->digest));
    for (const auto& consent : used) {
      out.consents.insert(consent.digest);
      if (!consent.once) continue;
      TRY_STATUS(
          change.store().set_meta(consent_spent_key(consent.id, record->digest), item.disclosure));
    }
  }
  last = ended.empty() ? std::nullopt : std::optional(ended.back().date_added);
  return out;
}

}  // namespace

Result<bool> end_passed_over(Change& change, Node& node, const std::string& party,
                             const std::vector<store::Granted>& passed_over) {
  GrantJudge judge(node, change.store(), party);
  std::vector<Instant> dates;
  for (const auto& item : passed_over) {
    TRY(const bool live, is_live(change.store(), party, item.date_added));
    if (!live) continue;
    TRY(const auto record, change.store().record(item.sequence));
    if (!record) return fail(ErrorKind::Corrupt, "a grant without its record", item.stix_id);
    TRY(const auto question, judge.permits(item.disclosure, *record));
    if (question) return false;
    dates.push_back(item.date_added);
  }
  if (dates.empty()) return true;
  TRY_STATUS(change.store().end_grants(party, dates, change.at()));
  TRY_STATUS(change.enter(grants_kind, entry_of(change, grants_ended_type, party, dates)));
  return true;
}

Result<std::string> circumstances_text(Node& node, store::Snapshot& snapshot) {
  TRY(const auto consents, snapshot.protocols("comity-consent", store::Direction::Received, ""));
  const auto law = node.law();
  const auto at = node.treaty_now();
  // These act at an instant; everything else in a register begins and ends with a day. A
  // prohibition that is suspended lets go, too.
  std::int64_t passed = 0;
  for (const auto& one : law->model().suspensions) {
    passed += (one.from <= at ? 1 : 0) + (one.until && *one.until <= at ? 1 : 0);
  }
  for (const auto& one : law->model().denunciations) passed += one.effective <= at ? 1 : 0;
  return fmt::format("{} {} {} {}", digest_text(law->model().digest), passed,
                     format_day(at.seconds() / seconds_per_day), consents.size());
}

Result<std::string> grant_again(Node& node, const std::string& party) {
  std::optional<Instant> last;
  std::optional<std::string> circumstances;
  for (;;) {
    {
      // Most views have nothing that has ended, and need no change.
      TRY(const auto snapshot, node.store().read());
      TRY(const auto any, snapshot->ended_grants(party, last, 1));
      TRY(const auto present, circumstances_text(node, *snapshot));
      if (any.empty()) return circumstances.value_or(present);
    }
    // Decided within the change: no other can come between.
    TRY(const auto change, Change::begin(node));
    TRY(const auto present, circumstances_text(node, change->store()));
    if (circumstances.value_or(present) != present) return std::string();
    circumstances = present;
    TRY(const auto found, permitted_again(*change, node, party, last));
    if (!found.dates.empty()) {
      TRY(const auto first, change->store().grant_again(party, found.dates, change->at()));
      auto entry = entry_of(*change, granted_again_type, party, found.dates);
      entry.set("granted", format_rfc3339(first, 6));
      json::Array consents;
      for (const auto& digest : found.consents) consents.emplace_back(digest_text(digest));
      entry.set("consents", std::move(consents));
      TRY_STATUS(change->enter(grants_kind, entry));
      TRY_STATUS(change->commit());
    }
    if (!last) return present;
  }
}

}  // namespace comity::exchange
