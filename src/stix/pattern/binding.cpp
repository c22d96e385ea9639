#include "stix/pattern/binding.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "stix/pattern/allotment.h"

namespace comity::stix::pattern {
namespace {

// More than all instances that there can be; sums of a few of them do not overflow.
constexpr std::int64_t demand_max = 1'000'000'000'000'000;

std::int64_t product(std::int64_t a, std::int64_t b) {
  return a > demand_max / b ? demand_max : a * b;
}

Moment sum(Moment a, Moment b) {
  Moment out{a.seconds + b.seconds, a.nanos + b.nanos};
  if (out.nanos >= 1'000'000'000) {
    out.nanos -= 1'000'000'000;
    ++out.seconds;
  }
  return out;
}

class Binder {
 public:
  explicit Binder(const std::vector<Sighting>& sightings) : sightings_(sightings) {
    for (const auto& sighting : sightings) numbers_.push_back(sighting.number);
  }

  Result<bool> bind(Term root) {
    const auto made = simplified(std::move(root));
    std::vector<Task> tasks;
    Sightings all(sightings_.size());
    for (std::size_t at = 0; at < sightings_.size(); ++at) all.add(at);
    expand(made, all, 1, tasks);
    const bool found = search(tasks);
    if (costly_ || steps_ > binding_steps_max) {
      return fail(ErrorKind::TooLarge,
                  "too costly: the pattern leaves too many ways to bind these observations");
    }
    return found;
  }

 private:
  // A term with what is known of it before any choice.
  struct Known {
    Term::Kind kind = Term::Kind::Simple;
    Sightings fitting;       // all that can be bound anywhere below
    std::int64_t least = 1;  // instances that it needs at least
    std::vector<Known> operands;
    Moment seconds;
    std::int64_t times = 1;
    Sightings between;  // of StartStop
  };

  // A FOLLOWEDBY, WITHIN or OR for which nothing is chosen yet, so many times. Copies are alike, so
  // that only choices in order need to be looked at: none before `least_choice`.
  struct Task {
    const Known* term = nullptr;
    Sightings allowed;
    std::int64_t copies = 1;
    std::size_t least_choice = 0;
  };

  Sightings where(const auto& fits) {
    Sightings out(sightings_.size());
    steps_ += sightings_.size();
    for (std::size_t at = 0; at < sightings_.size(); ++at) {
      if (fits(sightings_[at])) out.add(at);
    }
    return out;
  }

  // One instance of anything that fits: what needs no choice.
  static bool is_single(const Known& known) { return known.kind == Term::Kind::Simple; }

  Known simplified(Term term) {
    Known out;
    out.kind = term.kind;
    out.seconds = term.seconds;
    out.times = term.times;
    if (term.kind == Term::Kind::Simple) {
      out.fitting = std::move(term.fitting);
      return out;
    }
    bool all_single = true;
    out.fitting = Sightings(sightings_.size());
    for (auto& operand : term.operands) {
      out.operands.push_back(simplified(std::move(operand)));
      out.fitting |= out.operands.back().fitting;
      all_single = all_single && is_single(out.operands.back());
    }
    if (term.kind == Term::Kind::StartStop) {
      out.between = where([&](const Sighting& sighting) {
        return term.start < term.stop && sighting.first < term.stop && sighting.last >= term.start;
      });
      out.fitting &= out.between;
    }
    count_least(out);
    const bool keeps_single = term.kind == Term::Kind::Within ||
                              term.kind == Term::Kind::StartStop || term.kind == Term::Kind::Or ||
                              (term.kind == Term::Kind::Repeats && term.times == 1);
    if (all_single && keeps_single) {
      out.kind = Term::Kind::Simple;
      out.operands.clear();
    }
    return out;
  }

  static void count_least(Known& known) {
    known.least = known.kind == Term::Kind::Or ? demand_max : 0;
    for (const auto& operand : known.operands) {
      known.least = known.kind == Term::Kind::Or
                        ? std::min(known.least, operand.least)
                        : std::min(known.least + operand.least, demand_max);
    }
    if (known.kind == Term::Kind::Repeats) known.least = product(known.least, known.times);
  }

  void demand(const Sightings& fitting, const Sightings& allowed, std::int64_t count) {
    steps_ += sightings_.size() / 64 + 1;
    demands_.push_back({fitting, count});
    demands_.back().fitting &= allowed;
  }

  // Demands of what needs no choice, tasks of what does.
  void expand(const Known& term, const Sightings& allowed, std::int64_t copies,
              std::vector<Task>& tasks) {
    switch (term.kind) {
      case Term::Kind::Simple:
        demand(term.fitting, allowed, copies);
        return;
      case Term::Kind::And:
        for (const auto& operand : term.operands) expand(operand, allowed, copies, tasks);
        return;
      case Term::Kind::Repeats:
        expand(term.operands.front(), allowed, product(copies, term.times), tasks);
        return;
      case Term::Kind::StartStop: {
        auto narrowed = allowed;
        narrowed &= term.between;
        expand(term.operands.front(), narrowed, copies, tasks);
        return;
      }
      default:
        tasks.push_back({&term, allowed, copies, 0});
    }
  }

  // The demands that the term has whatever is chosen.
  void relax(const Known& term, const Sightings& allowed, std::int64_t copies) {
    switch (term.kind) {
      case Term::Kind::Simple:
      case Term::Kind::Or:
        demand(term.fitting, allowed, product(copies, term.least));
        return;
      case Term::Kind::Repeats:
        relax(term.operands.front(), allowed, product(copies, term.times));
        return;
      case Term::Kind::StartStop: {
        auto narrowed = allowed;
        narrowed &= term.between;
        relax(term.operands.front(), narrowed, copies);
        return;
      }
      default:
        for (const auto& operand : term.operands) relax(operand, allowed, copies);
    }
  }

  bool over() const { return costly_ || steps_ > binding_steps_max; }

  bool search(std::vector<Task> tasks) {
    const auto settled = demands_.size();
    for (const auto& task : tasks) relax(*task.term, task.allowed, task.copies);
    const bool feasible = can_allot(demands_, numbers_, steps_);
    demands_.resize(settled);
    if (!feasible || over()) return false;
    if (tasks.empty()) return true;
    if (depth_ == binding_choices_max) {
      costly_ = true;
      return false;
    }
    ++depth_;
    const auto task = std::move(tasks.back());
    tasks.pop_back();
    const bool found = choose(task, tasks);
    --depth_;
    return found;
  }

  // Goes on with the choice `index` made for one copy of the task: `first` for its first operand,
  // `second` for its second if it has one.
  bool go_on(const Task& task, std::vector<Task> tasks, std::size_t index, const Known& first,
             const Sightings& first_allowed, const Known* second, const Sightings* second_allowed) {
    const auto settled = demands_.size();
    if (task.copies > 1) tasks.push_back({task.term, task.allowed, task.copies - 1, index});
    expand(first, first_allowed, 1, tasks);
    if (second != nullptr) expand(*second, *second_allowed, 1, tasks);
    const bool found = search(std::move(tasks));
    demands_.resize(settled);
    return found;
  }

  bool choose(const Task& task, const std::vector<Task>& rest) {
    if (task.term->kind == Term::Kind::Or) {
      const auto& sides = task.term->operands;
      for (auto at = task.least_choice; at < sides.size() && !over(); ++at) {
        if (go_on(task, rest, at, sides[at], task.allowed, nullptr, nullptr)) return true;
      }
      return false;
    }
    return task.term->kind == Term::Kind::Within ? choose_window(task, rest)
                                                 : choose_pivot(task, rest);
  }

  // The instants that something gives, for what can be bound below `term`; in order.
  std::vector<Moment> instants(const Known& term, const Sightings& allowed, Moment Sighting::*of) {
    std::vector<Moment> out;
    steps_ += sightings_.size();
    for (std::size_t at = 0; at < sightings_.size(); ++at) {
      if (term.fitting.has(at) && allowed.has(at)) out.push_back(sightings_[at].*of);
    }
    std::sort(out.begin(), out.end());
    out.erase(std::unique(out.begin(), out.end()), out.end());
    return out;
  }

  bool choose_window(const Task& task, const std::vector<Task>& rest) {
    const auto& inner = task.term->operands.front();
    const auto begins = instants(inner, task.allowed, &Sighting::last);
    std::optional<Sightings> before;
    for (auto at = task.least_choice; at < begins.size() && !over(); ++at) {
      const auto begin = begins[at], end = sum(begin, task.term->seconds);
      auto within = where([&](const Sighting& sighting) {
        return sighting.last >= begin && sighting.first <= end;
      });
      within &= task.allowed;
      // A window that takes in no more than the one before it cannot do better.
      if (before && within.is_within(*before)) continue;
      if (go_on(task, rest, at, inner, within, nullptr, nullptr)) return true;
      before = std::move(within);
    }
    return false;
  }

  bool choose_pivot(const Task& task, const std::vector<Task>& rest) {
    const auto &left = task.term->operands[0], &right = task.term->operands[1];
    const auto pivots = instants(left, task.allowed, &Sighting::first);
    const auto behind = [&](std::size_t at) {
      auto out = where([&](const Sighting& sighting) { return sighting.last >= pivots[at]; });
      out &= task.allowed;
      out &= right.fitting;
      return out;
    };
    for (auto at = task.least_choice; at < pivots.size() && !over(); ++at) {
      const auto right_allowed = behind(at);
      // A later one that loses nothing on the right has more on the left.
      if (at + 1 < pivots.size() && behind(at + 1) == right_allowed) continue;
      auto left_allowed =
          where([&](const Sighting& sighting) { return sighting.first <= pivots[at]; });
      left_allowed &= task.allowed;
      if (go_on(task, rest, at, left, left_allowed, &right, &right_allowed)) return true;
    }
    return false;
  }

  const std::vector<Sighting>& sightings_;
  std::vector<std::int64_t> numbers_;
  std::vector<Demand> demands_;
  std::uint64_t steps_ = 0;
  std::size_t depth_ = 0;
  bool costly_ = false;
};

}  // namespace

Sightings& Sightings::operator&=(const Sightings& other) {
  for (std::size_t at = 0; at < words_.size(); ++at) words_[at] &= other.words_[at];
  return *this;
}

Sightings& Sightings::operator|=(const Sightings& other) {
  for (std::size_t at = 0; at < words_.size(); ++at) words_[at] |= other.words_[at];
  return *this;
}

bool Sightings::is_within(const Sightings& other) const {
  for (std::size_t at = 0; at < words_.size(); ++at) {
    if ((words_[at] & ~other.words_[at]) != 0) return false;
  }
  return true;
}

Result<bool> can_bind(Term term, const std::vector<Sighting>& sightings) {
  return Binder(sightings).bind(std::move(term));
}

}  // namespace comity::stix::pattern
