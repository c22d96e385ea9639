#include "store/sqlite/grant_runs.h"

#include <fmt/format.h>

#include <algorithm>

#include "store/sqlite/rows.h"

namespace comity::store {
namespace {

// Whether `next` goes on where `run` ends.
bool continues(const GrantRun& run, const GrantRun& next) {
  return run.count < run_records_max && run.view == next.view &&
         run.disclosure == next.disclosure && run.again == next.again && run.state == next.state &&
         run.ended == next.ended && run.date_added.micros + run.count == next.date_added.micros &&
         run.first_sequence + run.count == next.first_sequence &&
         run.position + run.count == next.position;
}

// The `count` grants of a run from the one at `offset` on.
GrantRun part(const GrantRun& run, std::int64_t offset, std::int64_t count) {
  auto out = run;
  out.date_added.micros += offset;
  out.first_sequence += offset;
  out.position += offset;
  out.count = count;
  return out;
}

// The run of a view in which a date lies; a run of none when the date lies in none.
Result<GrantRun> run_at(Db& db, std::string_view view, Instant date) {
  static const auto sql = fmt::format(
      "SELECT {} FROM grant_run WHERE view = ?1 AND date_added <= ?2 "
      "ORDER BY date_added DESC LIMIT 1",
      run_columns);
  TRY(auto row, db.query(sql.c_str()));
  TRY(const bool found, row.bind(view, date).step());
  GrantRun run;
  run.count = 0;
  if (!found) return run;
  TRY(run, read_run(row));
  if (date.micros - run.date_added.micros >= run.count) run.count = 0;
  return run;
}

Status remove_run(Db& db, const GrantRun& run) {
  TRY(auto row, db.query("DELETE FROM grant_run WHERE view = ?1 AND date_added = ?2"));
  return row.bind(run.view, run.date_added).run();
}

}  // namespace

Result<GrantRun> read_run(Query& row) {
  GrantRun out;
  out.view = row.text();
  out.date_added = row.instant();
  out.first_sequence = row.integer();
  out.count = row.integer();
  out.disclosure = row.text();
  out.position = row.integer();
  out.again = row.integer() != 0;
  out.state = grant_state(row.integer());
  out.ended = row.instant();
  return out;
}

Status insert_run(Db& db, const GrantRun& run) {
  TRY(auto row, db.query("INSERT INTO grant_run VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"));
  return row
      .bind(run.view, run.date_added, run.first_sequence, run.count, run.disclosure, run.position,
            run.again, static_cast<std::int64_t>(run.state), run.ended)
      .run();
}

Status RunJoiner::add(const GrantRun& single) {
  if (open_ && continues(*open_, single)) {
    ++open_->count;
    return {};
  }
  TRY_STATUS(finish());
  open_ = single;
  return {};
}

Status RunJoiner::finish() {
  if (!open_) return {};
  const auto run = *std::move(open_);
  open_.reset();
  return insert_run(db_, run);
}

Status take_out(Db& db, std::string_view view, const std::vector<Instant>& dates, GrantState from,
                const std::function<Status(GrantRun)>& each) {
  for (std::size_t at = 0; at < dates.size();) {
    TRY(const auto run, run_at(db, view, dates[at]));
    if (run.count == 0 || run.state != from) {
      return tl::unexpected<Error>(db.give_up(
          {ErrorKind::NotFound,
           fmt::format("the grant to {} at {} is not there, or not in the state expected", view,
                       format_rfc3339(dates[at], 6)),
           db.path()}));
    }
    const auto offset = dates[at].micros - run.date_added.micros;
    std::int64_t count = 0;
    while (at < dates.size() && offset + count < run.count &&
           dates[at].micros == run.date_added.micros + offset + count) {
      ++at;
      ++count;
    }
    TRY_STATUS(remove_run(db, run));
    if (offset > 0) TRY_STATUS(insert_run(db, part(run, 0, offset)));
    const auto rest = run.count - offset - count;
    if (rest > 0) TRY_STATUS(insert_run(db, part(run, offset + count, rest)));
    TRY_STATUS(each(part(run, offset, count)));
  }
  return {};
}

}  // namespace comity::store
