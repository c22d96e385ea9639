#include "api/legal_dates.h"

#include <algorithm>

#include "exchange/verification.h"
#include "treaty/calendar.h"

namespace comity::api {
namespace {

// What somebody has to know of today: it comes, or it may have come and nobody knows, or it is
// late.
bool is_of_today(const treaty::LegalDate& date, const treaty::CalendarQuestion& question) {
  if (!date.days || date.days->first > question.to) return false;
  const bool done = !date.met.empty() && date.kind != treaty::DateKind::Designation;
  return date.late || (date.days->last >= question.today && !done);
}

}  // namespace

Result<LegalDates> legal_dates(const exchange::Node& node, store::Snapshot& snapshot) {
  const auto law = node.law();
  const auto& model = law->model();
  LegalDates out;
  const auto party = model.party(node.party());
  if (!party) return out;
  treaty::CalendarQuestion question;
  question.party = *party;
  question.today = treaty::day_of(node.treaty_now());
  question.from = question.today - legal_late_days;
  question.to = question.today + legal_ahead_days;
  TRY(const auto files, node.register_files());
  const auto own = exchange::own_verifications(node, snapshot, files);
  question.own = &own;
  for (const auto& date : treaty::calendar(model, question)) {
    if (!is_of_today(date, question)) continue;
    if (out.rows.size() == legal_dates_max) {
      ++out.more;
      continue;
    }
    auto row = treaty::to_json(model, date);
    row.set("link",
            "/agreements/" + model.instruments[static_cast<std::size_t>(date.instrument)].id);
    out.rows.emplace_back(std::move(row));
  }
  return out;
}

}  // namespace comity::api
