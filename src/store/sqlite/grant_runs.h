// Runs of grants in the embedded store: how single grants are joined to runs, and how a run is
// divided where some of its grants end.
//
// Record k of a run has the sequence first_sequence + k, the place position + k in its disclosure,
// and was granted at date_added + k µs. All functions work in the open transaction of the
// connection.
#pragma once

#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "store/sqlite/database.h"
#include "store/store.h"

namespace comity::store {

// Bounds how many runs are looked at to find the one that covers a record. Stored databases hold
// runs of this length: a smaller number needs another format version.
constexpr std::int64_t run_records_max = 256;

constexpr const char* run_columns =
    "view, date_added, first_sequence, count, disclosure, position, again, state, ended";

Result<GrantRun> read_run(Query& row);
Status insert_run(Db& db, const GrantRun& run);

// Joins grants that follow one another, in their order, and writes the runs.
class RunJoiner {
 public:
  explicit RunJoiner(Db& db) : db_(db) {}
  // `single` is a run of one grant.
  Status add(const GrantRun& single);
  Status finish();

 private:
  Db& db_;
  std::optional<GrantRun> open_;
};

// Makes runs of their own of the grants with these dates, ascending, which all must be in state
// `from`; calls `each` with every run, which the caller writes anew. NotFound, and the transaction
// is spoilt, when one of them is not.
Status take_out(Db& db, std::string_view view, const std::vector<Instant>& dates, GrantState from,
                const std::function<Status(GrantRun)>& each);

}  // namespace comity::store
