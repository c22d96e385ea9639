// Changes of several threads that share one sync: who comes while another is at work waits, and
// what waits is done together in the next transaction, in the order in which it came. Each part is
// whole or absent by itself, and is answered when all of them are durable.
//
// For what peers bring in, of which many may come at once. Nobody waits for company: a part that is
// alone is committed alone. Reasons: docs/adr/0030-group-commit.md.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <vector>

#include "base/result.h"

namespace comity::exchange {

class Change;
class Node;

// What came over the wire for the parts of one transaction: with more, the rest goes into the next.
// A single larger part goes alone.
constexpr std::size_t group_bytes_max = std::size_t{1} * 1024 * 1024;

class GroupCommit {
 public:
  // Works within the change that it is given, which others share: it neither commits it nor changes
  // law or keys. May be called on the thread of another part, while `run` of its own waits. What it
  // read before is of another moment: it looks again at what its answer rests on.
  using Part = std::function<Status(Change&)>;

  explicit GroupCommit(Node& node) : node_(node) {}

  // The outcome of the part; when it is a success, the part is durable. `bytes`: of what it works
  // on. Thread-safe; not for whoever holds a Change.
  Status run(std::size_t bytes, const Part& part);

  // Parts that wait for the next transaction, and transactions that were committed; for tests.
  std::size_t waiting() const;
  std::size_t commits() const { return commits_; }

 private:
  struct Waiting {
    std::size_t bytes;
    const Part* part;
    Status outcome;
    bool done = false;  // guarded by the mutex; then nobody but its owner looks at it
  };

  Waiting* next(std::size_t bytes_before);
  void work();
  void work_on(Change& change);

  Node& node_;
  mutable std::mutex mutex_;  // guards what waits, and who works
  std::condition_variable changed_;
  std::deque<Waiting*> waiting_;
  bool working_ = false;
  std::vector<Waiting*> taken_;  // of whoever works: what is in the transaction
  std::atomic<std::size_t> commits_ = 0;
};

}  // namespace comity::exchange
