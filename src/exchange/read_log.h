// Which grants were read by whom: the reads of tokens and of peers by their certificate, and what
// was exported for a party, joined to ranges before they become ledger entries of kind `read`, so
// that a page does not cost a synced commit.
//
// What is not entered yet is bounded: no range waits longer than `reads_joined_seconds`, and no
// more than `reads_joined_ranges_max` ranges and `reads_joined_records_max` records wait together.
// A crash loses that much of the log of reads and nothing else. Form: docs/formats/token.md.
// Thread-safe. Nobody who holds a Change may call it.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "exchange/node.h"

namespace comity::exchange {

constexpr int reads_joined_seconds = 60;
constexpr std::size_t reads_joined_ranges_max = 256;
constexpr std::int64_t reads_joined_records_max = 100'000;

// Grants of one view that a caller was served, in order of their instants.
struct ReadRange {
  std::string party;
  std::string token;  // its name; empty: by the certificate of the party's node
  // Every grant that the caller may see between `after` and `last`, with its object.
  bool whole = false;
  Instant after;  // the page began behind this instant
  Instant first, last;
  std::int64_t count = 0;
  // That of which only id, date and version were told: "manifest" or "versions"; empty: the
  // objects.
  std::string told_of{};
  // Written to a file that somebody carries, and not known to be read.
  bool exported = false;
};

class ReadLog {
 public:
  explicit ReadLog(Node& node) : node_(node) {}

  // To be called before the page is sent. Fails, and the page must not be sent, when a bound is
  // reached and what waits cannot be entered.
  Status note(const ReadRange& range);
  // Enters the ranges that have waited long enough; all, with `all`.
  Status flush(bool all);

 private:
  struct Waiting {
    ReadRange range;
    Instant since;
  };
  bool join(const ReadRange& range);
  Status enter(const std::vector<Waiting>& due);

  Node& node_;
  std::mutex mutex_;
  std::vector<Waiting> waiting_;
  std::int64_t records_ = 0;
};

// What was read of a party's view so far, of what was entered in the ledger; without exports.
Result<std::vector<ReadRange>> reads_of(store::Snapshot& snapshot, std::string_view party);
// The same of every party.
Result<std::map<std::string, std::vector<ReadRange>>> reads_by_party(store::Snapshot& snapshot);
// How many of these grants were read for certain: those within a range that left none out. Reads by
// id or type are in the ledger, too, but do not say which grants between first and last they were.
std::int64_t collected(const std::vector<ReadRange>& reads,
                       const std::vector<store::Granted>& grants);
// How many records of a disclosure were read for certain, when they were granted first or again.
Result<std::int64_t> collected_of(store::Snapshot& snapshot, const std::string& party,
                                  const std::string& disclosure,
                                  const std::vector<ReadRange>& reads);

}  // namespace comity::exchange
