#include "exchange/group_commit.h"

#include <algorithm>

#include "exchange/node.h"

namespace comity::exchange {
namespace {

// Of a length for which no memory is taken.
tl::unexpected<Error> out_of_memory() { return fail(ErrorKind::Unavailable, "out of memory"); }

// A part runs on the thread of another: what it throws must not end that one.
Status call(const GroupCommit::Part& part, Change& change) {
  try {
    return part(change);
  } catch (...) {
    return out_of_memory();
  }
}

}  // namespace

// Takes the next part of a group in which so much is already; null: the group is complete.
GroupCommit::Waiting* GroupCommit::next(std::size_t bytes_before) {
  const std::lock_guard guard(mutex_);
  if (waiting_.empty()) return nullptr;
  auto* first = waiting_.front();
  if (!taken_.empty() && bytes_before + first->bytes > group_bytes_max) return nullptr;
  taken_.push_back(first);
  waiting_.pop_front();
  return first;
}

void GroupCommit::work_on(Change& change) {
  std::size_t bytes = 0;
  while (auto* one = next(bytes)) {
    bytes += one->bytes;
    one->outcome = change.begin_part();
    if (!one->outcome) return;
    one->outcome = call(*one->part, change);
    if (one->outcome) one->outcome = change.keep_part();
    if (one->outcome) continue;
    // Where it cannot be taken back alone, the transaction is over, and the commit says so.
    if (!change.drop_part()) return;
  }
}

// One transaction with what waits; then the outcomes are final.
void GroupCommit::work() {
  const auto change = Change::begin(node_);
  if (!change) {
    // One has the answer now, the others ask for themselves.
    if (auto* one = next(0)) one->outcome = tl::unexpected<Error>(change.error());
    return;
  }
  work_on(**change);
  const bool any = std::any_of(taken_.begin(), taken_.end(),
                               [](const auto* one) { return one->outcome.has_value(); });
  if (!any) return;
  const auto committed = (*change)->commit();
  if (committed) {
    ++commits_;
    return;
  }
  for (auto* one : taken_) {
    if (one->outcome) one->outcome = tl::unexpected<Error>(committed.error());
  }
}

Status GroupCommit::run(std::size_t bytes, const Part& part) {
  Waiting mine{bytes, &part, Status(), false};
  std::unique_lock lock(mutex_);
  waiting_.push_back(&mine);
  while (!mine.done) {
    if (working_) {
      changed_.wait(lock);
      continue;
    }
    working_ = true;
    lock.unlock();
    try {
      work();
    } catch (...) {
      for (auto* one : taken_) one->outcome = out_of_memory();
    }
    lock.lock();
    working_ = false;
    for (auto* one : taken_) one->done = true;
    taken_.clear();
    changed_.notify_all();
  }
  return std::move(mine.outcome);
}

std::size_t GroupCommit::waiting() const {
  const std::lock_guard guard(mutex_);
  return waiting_.size();
}

}  // namespace comity::exchange
