#include "stix/pattern/match.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

#include "stix/pattern/binding.h"
#include "stix/pattern/compare.h"

namespace comity::stix::pattern {
namespace {

constexpr int nano_digits = 9;
constexpr double within_seconds_max = 1e12;  // more than all years of four digits

Moment moment_of(const Timestamp& timestamp) {
  std::int64_t nanos = 0;
  for (std::size_t at = 0; at < nano_digits; ++at) {
    nanos = nanos * 10 + (at < timestamp.fraction.size() ? timestamp.fraction[at] - '0' : 0);
  }
  return {timestamp.seconds, nanos};
}

Moment duration_of(double seconds) {
  const auto bounded = std::min(seconds, within_seconds_max);
  const auto whole = std::floor(bounded);
  const auto nanos = static_cast<std::int64_t>(std::llround((bounded - whole) * 1e9));
  const auto carried = nanos / 1'000'000'000;
  return {static_cast<std::int64_t>(whole) + carried, nanos % 1'000'000'000};
}

// What the comparison of each simple observation expression holds for, in the order of the text.
using Held = std::vector<std::vector<bool>>;

Status hold(const Observation& pattern, const std::vector<ObservedData>& observations,
            Comparer& comparer, Held& out) {
  for (const auto& operand : pattern.operands) {
    TRY_STATUS(hold(operand, observations, comparer, out));
  }
  if (pattern.kind != Observation::Kind::Simple) return {};
  TRY_STATUS(comparer.prepare(pattern.comparison));
  std::vector<bool> held;
  held.reserve(observations.size());
  for (const auto& observation : observations) {
    TRY(const auto holds, comparer.holds(pattern.comparison, observation));
    held.push_back(holds);
  }
  out.push_back(std::move(held));
  return {};
}

// Observations that nothing tells apart are one sighting, and those that hold nowhere are none.
struct Merged {
  std::vector<Sighting> sightings;
  std::vector<std::vector<bool>> fits;  // of each sighting: where it holds
};

Merged merge(const std::vector<ObservedData>& observations, const Held& held) {
  std::map<std::tuple<std::vector<bool>, Moment, Moment>, std::int64_t> numbers;
  for (std::size_t at = 0; at < observations.size(); ++at) {
    std::vector<bool> fits;
    fits.reserve(held.size());
    for (const auto& one : held) fits.push_back(one[at]);
    if (std::find(fits.begin(), fits.end(), true) == fits.end()) continue;
    const auto& observation = observations[at];
    numbers[{std::move(fits), moment_of(observation.first), moment_of(observation.last)}] +=
        observation.number;
  }
  Merged out;
  for (const auto& [key, number] : numbers) {
    out.sightings.push_back({std::get<1>(key), std::get<2>(key), number});
    out.fits.push_back(std::get<0>(key));
  }
  return out;
}

class Terms {
 public:
  explicit Terms(const Merged& merged) : merged_(merged) {}

  Term of(const Observation& pattern) {
    auto out = body(pattern);
    for (const auto& qualifier : pattern.qualifiers) {
      Term outer;
      if (qualifier.kind == Qualifier::Kind::Within) {
        outer.kind = Term::Kind::Within;
        outer.seconds = duration_of(qualifier.seconds);
      } else if (qualifier.kind == Qualifier::Kind::Repeats) {
        outer.kind = Term::Kind::Repeats;
        outer.times = qualifier.times;
      } else {
        outer.kind = Term::Kind::StartStop;
        outer.start = moment_of(qualifier.start);
        outer.stop = moment_of(qualifier.stop);
      }
      outer.operands.push_back(std::move(out));
      out = std::move(outer);
    }
    return out;
  }

 private:
  Term body(const Observation& pattern) {
    Term out;
    if (pattern.kind == Observation::Kind::Simple) {
      out.fitting = Sightings(merged_.sightings.size());
      for (std::size_t at = 0; at < merged_.sightings.size(); ++at) {
        if (merged_.fits[at][next_]) out.fitting.add(at);
      }
      ++next_;
      return out;
    }
    if (pattern.kind == Observation::Kind::Group) return of(pattern.operands.front());
    if (pattern.kind == Observation::Kind::FollowedBy) {
      return followed(pattern.operands, 0, pattern.operands.size());
    }
    out.kind = pattern.kind == Observation::Kind::And ? Term::Kind::And : Term::Kind::Or;
    for (const auto& operand : pattern.operands) out.operands.push_back(of(operand));
    return out;
  }

  // Halves, so that long chains do not nest deeply; which are joined first is all the same.
  Term followed(const std::vector<Observation>& operands, std::size_t begin, std::size_t end) {
    if (end - begin == 1) return of(operands[begin]);
    const auto middle = begin + (end - begin) / 2;
    Term out;
    out.kind = Term::Kind::FollowedBy;
    out.operands.push_back(followed(operands, begin, middle));
    out.operands.push_back(followed(operands, middle, end));
    return out;
  }

  const Merged& merged_;
  std::size_t next_ = 0;  // of the simple observation expressions
};

}  // namespace

Result<bool> match(const Observation& pattern, const std::vector<ObservedData>& observations) {
  Comparer comparer;
  Held held;
  TRY_STATUS(hold(pattern, observations, comparer, held));
  const auto merged = merge(observations, held);
  return can_bind(Terms(merged).of(pattern), merged.sightings);
}

}  // namespace comity::stix::pattern
