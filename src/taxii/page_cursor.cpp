#include "taxii/page_cursor.h"

#include <algorithm>

namespace comity::taxii {

Instant PageCursor::from_high(std::int64_t micros) const { return {high_->micros + micros}; }

void PageCursor::resume(Instant reached) {
  high_ = reached;
  leave_chain();
  after_ = from_high(-bounds_.overlap_us);
}

void PageCursor::hear(std::optional<Instant> date) {
  if (!date) return;
  if (chain_last_ && *date < *chain_last_) unsorted_ = true;
  if (chain_last_ && *date > *chain_last_) rising_most_ = std::max(rising_most_, ++rising_);
  chain_last_ = date;
  if (!high_ || *high_ < *date) high_ = date;
}

void PageCursor::leave_chain() {
  next_.clear();
  chain_last_.reset();
  rising_ = 0;
  broken_ = true;
}

bool PageCursor::go_on(const std::string& next, bool progress) {
  ++pages_;
  idle_ = progress ? std::min<std::int64_t>(idle_, 0) : idle_ + 1;
  if (!next.empty() && idle_ <= bounds_.idle_pages_max) {
    next_ = next;
    return true;
  }
  leave_chain();
  if (!high_) return false;
  if (!progress) return climb();
  rung_ = 0;
  limit_ = limit_usual_;
  after_ = from_high(-bounds_.overlap_us);
  return true;
}

// What a page by date that brings nothing new is followed by: more at once, because one date may
// fill a page; then later and later beginnings, behind which something may be left out.
bool PageCursor::climb() {
  const auto limit_max = std::min(limit_cap_.value_or(bounds_.limit_max), bounds_.limit_max);
  if (rung_ == 0) {
    limit_ = limit_usual_;
    after_ = from_high(-bounds_.overlap_us);
    rung_ = 1;
    return true;
  }
  if (limit_ < limit_max) {
    limit_ = std::min(2 * limit_, limit_max);
    return true;
  }
  ++rung_;
  skipped_ = true;
  if (rung_ == 2) after_ = from_high(-1);
  if (rung_ == 3) after_ = high_;
  if (rung_ == 4) after_ = from_high(bounds_.overlap_us);
  return rung_ <= 4;
}

bool PageCursor::go_round(bool from_beginning) {
  if (++breaks_ > bounds_.breaks_max) return false;
  leave_chain();
  rung_ = 0;
  limit_ = limit_usual_;
  if (high_ && !unsorted_ && !from_beginning) {
    after_ = from_high(-bounds_.overlap_us);
  } else {
    after_ = begin_;
    // What was seen comes again before anything new can.
    idle_ = -pages_;
  }
  return true;
}

bool PageCursor::ask_for_less() {
  if (limit_ <= 1) return false;
  limit_ /= 2;
  limit_cap_ = limit_;
  limit_usual_ = std::min(limit_usual_, limit_);
  return true;
}

}  // namespace comity::taxii
