#include "stix/pattern/allotment.h"

#include <algorithm>

namespace comity::stix::pattern {
namespace {

constexpr std::size_t nobody = static_cast<std::size_t>(-1);
// More than all instances that there can be.
constexpr std::int64_t count_max = 1'000'000'000'000'000;
// Demands by sightings for which there is room; more counts as too costly.
constexpr std::uint64_t room_max = 10'000'000;

class Allotment {
 public:
  Allotment(const std::vector<Demand>& demands, const std::vector<std::int64_t>& numbers,
            std::uint64_t& steps)
      : numbers_(numbers), spare_(numbers), steps_(steps) {
    for (const auto& demand : demands) add(demand);
    const auto room = demands_.size() * numbers.size();
    steps_ = room > room_max ? binding_steps_max + 1 : steps_ + room;
    if (steps_ > binding_steps_max) return;
    given_.assign(demands_.size(), std::vector<std::int64_t>(numbers.size(), 0));
  }

  bool all() {
    if (given_.size() != demands_.size()) return false;
    for (std::size_t at = 0; at < demands_.size(); ++at) {
      if (!satisfy(at)) return false;
    }
    return true;
  }

 private:
  // Demands for the same set are one.
  void add(const Demand& demand) {
    steps_ += demands_.size() + 1;
    const auto same = std::find_if(demands_.begin(), demands_.end(), [&](const Demand& other) {
      return other.fitting == demand.fitting;
    });
    if (same == demands_.end()) {
      demands_.push_back(demand);
    } else {
      same->count = std::min(same->count + demand.count, count_max);
    }
  }

  bool satisfy(std::size_t demand) {
    auto left = demands_[demand].count;
    steps_ += numbers_.size();
    for (std::size_t at = 0; at < numbers_.size() && left > 0; ++at) {
      if (spare_[at] == 0 || !demands_[demand].fitting.has(at)) continue;
      const auto taken = std::min(left, spare_[at]);
      give(demand, at, taken);
      spare_[at] -= taken;
      left -= taken;
    }
    while (left > 0) {
      const auto moved = augment(demand, left);
      if (moved == 0) return false;
      left -= moved;
    }
    return true;
  }

  void give(std::size_t demand, std::size_t sighting, std::int64_t count) {
    given_[demand][sighting] += count;
  }

  // Breadth first, from a demand over sightings that fit, which others may give back for another.
  // Returns how much the demand gained.
  std::int64_t augment(std::size_t from, std::int64_t wanted) {
    std::vector<std::size_t> taken_by(numbers_.size(), nobody);  // sighting ← demand
    std::vector<std::size_t> giving(demands_.size(), nobody);    // demand ← sighting it gives
    std::vector<bool> reached(demands_.size(), false);
    std::vector<std::size_t> queue = {from};
    reached[from] = true;
    for (std::size_t next = 0; next < queue.size(); ++next) {
      const auto demand = queue[next];
      steps_ += numbers_.size();
      if (steps_ > binding_steps_max) return 0;
      for (std::size_t at = 0; at < numbers_.size(); ++at) {
        if (taken_by[at] != nobody || !demands_[demand].fitting.has(at)) continue;
        taken_by[at] = demand;
        if (spare_[at] > 0) return shift(from, at, wanted, taken_by, giving);
        steps_ += demands_.size();
        for (std::size_t other = 0; other < demands_.size(); ++other) {
          if (reached[other] || given_[other][at] == 0) continue;
          reached[other] = true;
          giving[other] = at;
          queue.push_back(other);
        }
      }
    }
    return 0;
  }

  // Along the path that ends at the spare sighting `last`.
  std::int64_t shift(std::size_t from, std::size_t last, std::int64_t wanted,
                     const std::vector<std::size_t>& taken_by,
                     const std::vector<std::size_t>& giving) {
    auto amount = std::min(wanted, spare_[last]);
    for (auto demand = taken_by[last]; demand != from; demand = taken_by[giving[demand]]) {
      amount = std::min(amount, given_[demand][giving[demand]]);
    }
    spare_[last] -= amount;
    auto at = last;
    for (auto demand = taken_by[last];; demand = taken_by[at]) {
      give(demand, at, amount);
      if (demand == from) return amount;
      at = giving[demand];
      give(demand, at, -amount);
    }
  }

  const std::vector<std::int64_t>& numbers_;
  std::vector<std::int64_t> spare_;
  std::vector<Demand> demands_;
  std::vector<std::vector<std::int64_t>> given_;  // demand, sighting
  std::uint64_t& steps_;
};

}  // namespace

bool can_allot(const std::vector<Demand>& demands, const std::vector<std::int64_t>& numbers,
               std::uint64_t& steps) {
  return Allotment(demands, numbers, steps).all();
}

}  // namespace comity::stix::pattern
