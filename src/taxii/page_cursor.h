// Where a walk over the pages of a TAXII 2.1 server goes on: by `next`, by `added_after`, or not at
// all (section 3.5). Used by one thread, inside this folder.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "base/time.h"

namespace comity::taxii {

struct PageQuery {
  std::optional<Instant> added_after;
  std::int64_t limit = 0;
  std::string next;  // of the page before; empty: none
};

struct ReaderBounds {
  std::int64_t limit = 500;        // asked for; a server may give less
  std::int64_t limit_max = 8'000;  // asked for when one date fills a page
  // From so much before the last date a walk goes on: dates that a server cuts or rounds to
  // seconds are within it.
  std::int64_t overlap_us = 1'000'000;
  int tries_max = 3;                        // of a question that may be asked again
  int idle_pages_max = 64;                  // pages in a row that bring nothing new
  int breaks_max = 100;                     // times that a `next` has no answer in one walk
  int rising_min = 8;                       // dates that rise in a row until a list is sorted
  std::int64_t pages_max = 100'000;         // of one walk
  std::int64_t manifest_pages_max = 5'000;  // of one walk
  std::size_t batch_objects_max = 20'000;
  std::size_t batch_bytes_max = std::size_t{64} * 1024 * 1024;
  std::size_t seen_max = 2'000;       // objects near the last date that are kept in mind
  std::size_t asked_max = 1'000;      // ids that are asked for one by one
  std::size_t missing_max = 100'000;  // entries of the manifest that may lack at once
  std::size_t losses_listed_max = 1'000;
};

class PageCursor {
 public:
  // `bounds` outlives it.
  PageCursor(const ReaderBounds& bounds, std::optional<Instant> after, std::int64_t limit)
      : bounds_(bounds), begin_(after), after_(after), limit_(limit), limit_usual_(limit) {}

  PageQuery question() const { return {after_, limit_, next_}; }
  bool by_next() const { return !next_.empty(); }
  // The latest date of the pages so far.
  const std::optional<Instant>& high() const { return high_; }
  // Goes on with a walk that came so far: by date.
  void resume(Instant reached);
  // Whether a chain of `next` was left, or there was none.
  bool broken() const { return broken_; }
  // Whether it went by a beginning behind which something may be left out.
  bool skipped() const { return skipped_; }
  // Whether a date came after a later one.
  bool unsorted() const { return unsorted_; }
  // Whether none did, and so many later ones came in a row that it is no accident.
  bool surely_sorted() const { return !unsorted_ && rising_most_ >= bounds_.rising_min; }
  // How often a `next` had no answer.
  int breaks() const { return breaks_; }

  // The next date of a page, in its order.
  void hear(std::optional<Instant> date);
  // The next question after a page with more to come; `progress`: it brought something new. False
  // when no question is left that could bring more.
  bool go_on(const std::string& next, bool progress);
  // The next question when a `next` has no answer: by date, or from the beginning. False: too
  // often.
  bool go_round(bool from_beginning);
  // Asks for less at once; false when it cannot be less.
  bool ask_for_less();

 private:
  bool climb();
  void leave_chain();
  Instant from_high(std::int64_t micros) const;

  const ReaderBounds& bounds_;
  std::optional<Instant> begin_, after_, high_;
  std::optional<Instant> chain_last_;  // in the present chain
  std::string next_;
  std::int64_t limit_, limit_usual_;
  std::optional<std::int64_t> limit_cap_;  // more was too large
  std::int64_t pages_ = 0, idle_ = 0;
  int rung_ = 0, breaks_ = 0;
  int rising_ = 0, rising_most_ = 0;  // dates that rose, in the present chain and in any
  bool broken_ = false, unsorted_ = false, skipped_ = false;
};

}  // namespace comity::taxii
