#include "exchange/dependency_order.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <utility>

namespace comity::exchange {
namespace {

class Levels {
 public:
  explicit Levels(const Selection& selection)
      : selection_(selection),
        before_(selection.records.size(), none),
        states_(selection.records.size(), State::Untouched),
        levels_(selection.records.size(), 0) {
    std::unordered_map<std::string, std::size_t> last;
    for (std::size_t i = 0; i < selection.records.size(); ++i) {
      const auto [at, fresh] = last.emplace(selection.records[i].record.stix_id, i);
      if (!fresh) before_[i] = std::exchange(at->second, i);
    }
  }

  std::vector<std::size_t> run() {
    for (std::size_t i = 0; i < states_.size(); ++i) {
      if (states_[i] == State::Untouched) go_down(i);
    }
    return std::move(levels_);
  }

 private:
  enum class State : unsigned char { Untouched, Open, Done };
  static constexpr std::size_t none = SIZE_MAX;

  // A record whose level is looked for, and how many of those that it needs have been looked at.
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

  // Without recursion: chains may be as long as the selection.
  void go_down(std::size_t start) {
    std::vector<Step> open;
    const auto enter = [&](std::size_t index) {
      states_[index] = State::Open;
      open.push_back({index, needs_of(index)});
    };
    enter(start);
    while (!open.empty()) {
      auto& step = open.back();
      if (step.next == step.needs.size()) {
        states_[step.index] = State::Done;
        open.pop_back();
        continue;
      }
      const auto needed = step.needs[step.next];
      if (states_[needed] == State::Untouched) {
        enter(needed);  // and then it is looked at again
        continue;
      }
      ++step.next;
      // What is open needs this record itself: a circle, which ends here.
      if (states_[needed] == State::Done) {
        levels_[step.index] = std::max(levels_[step.index], levels_[needed] + 1);
      }
    }
  }

  const Selection& selection_;
  std::vector<std::size_t> before_;  // the assertion with the same id that stands before it
  std::vector<State> states_;
  std::vector<std::size_t> levels_;
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
