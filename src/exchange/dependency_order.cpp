#include "exchange/dependency_order.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <utility>

namespace comity::exchange {
namespace {

// Tarjan's strongly connected components: whoever belongs to one circle has one level, above all
// that any of them needs outside it.
class Levels {
 public:
  explicit Levels(const Selection& selection)
      : selection_(selection),
        before_(selection.records.size(), none),
        found_(selection.records.size(), none),
        lowest_(selection.records.size(), none),
        in_stack_(selection.records.size(), false),
        levels_(selection.records.size(), 0) {
    std::unordered_map<std::string, std::size_t> last;
    for (std::size_t i = 0; i < selection.records.size(); ++i) {
      const auto [at, fresh] = last.emplace(selection.records[i].record.stix_id, i);
      if (!fresh) before_[i] = std::exchange(at->second, i);
    }
  }

  std::vector<std::size_t> run() {
    for (std::size_t i = 0; i < found_.size(); ++i) {
      if (found_[i] == none) go_down(i);
    }
    return std::move(levels_);
  }

 private:
  static constexpr std::size_t none = SIZE_MAX;

  // A record whose level is looked for, and how many of those that it needs have been looked at.
  // Until its circle is whole, `levels_` says what it needs outside the circle.
  struct Step {
    std::size_t index = 0;
    std::vector<std::size_t> needs;
    std::size_t next = 0;
  };

  std::vector<std::size_t> needs_of(std::size_t index) const {
    std::vector<std::size_t> out;
    if (before_[index] != none) out.push_back(before_[index]);
    for (const auto& name : selection_.records[index].record.names) {
      const auto at = selection_.position.find(name);
      if (at != selection_.position.end() && at->second != index) out.push_back(at->second);
    }
    return out;
  }

  void enter(std::size_t index) {
    found_[index] = lowest_[index] = count_++;
    stack_.push_back(index);
    in_stack_[index] = true;
    open_.push_back({index, needs_of(index)});
  }

  // Without recursion: chains may be as long as the selection.
  void go_down(std::size_t start) {
    enter(start);
    while (!open_.empty()) {
      auto& step = open_.back();
      if (step.next < step.needs.size()) {
        const auto needed = step.needs[step.next];
        if (found_[needed] == none) {
          enter(needed);  // and then it is looked at again
          continue;
        }
        ++step.next;
        if (in_stack_[needed]) {
          lowest_[step.index] = std::min(lowest_[step.index], lowest_[needed]);
        } else {
          levels_[step.index] = std::max(levels_[step.index], levels_[needed] + 1);
        }
        continue;
      }
      const auto index = step.index;
      open_.pop_back();
      if (lowest_[index] == found_[index]) close_circle(index);
    }
  }

  // Takes the circle that was entered by a record off the stack; most have no other member.
  void close_circle(std::size_t first) {
    const auto from = std::find(stack_.rbegin(), stack_.rend(), first).base() - 1;
    std::size_t level = 0;
    for (auto at = from; at != stack_.end(); ++at) level = std::max(level, levels_[*at]);
    for (auto at = from; at != stack_.end(); ++at) {
      levels_[*at] = level;
      in_stack_[*at] = false;
    }
    stack_.erase(from, stack_.end());
  }

  const Selection& selection_;
  std::vector<std::size_t> before_;  // the assertion with the same id that stands before it
  std::vector<std::size_t> found_;   // the how manieth it was, and the first that it leads back to
  std::vector<std::size_t> lowest_;
  std::vector<bool> in_stack_;
  std::vector<std::size_t> levels_;
  std::vector<Step> open_;
  std::vector<std::size_t> stack_;
  std::size_t count_ = 0;
};

}  // namespace

std::vector<std::size_t> dependency_levels(const Selection& selection) {
  return Levels(selection).run();
}

std::vector<std::size_t> dependency_order(const std::vector<std::set<std::size_t>>& needs) {
  std::vector<std::size_t> out, left(needs.size());
  std::vector<bool> done(needs.size(), false);
  for (std::size_t i = 0; i < left.size(); ++i) left[i] = i;
  while (!left.empty()) {
    auto next = std::find_if(left.begin(), left.end(), [&](std::size_t one) {
      return std::all_of(needs[one].begin(), needs[one].end(),
                         [&](std::size_t other) { return other == one || done[other]; });
    });
    if (next == left.end()) next = left.begin();
    done[*next] = true;
    out.push_back(*next);
    left.erase(next);
  }
  return out;
}

}  // namespace comity::exchange
