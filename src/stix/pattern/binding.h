// The part of a match that is about time and number alone (STIX 2.1, sections 9.5 and 9.5.1): can
// observations be bound to the observation expressions of a pattern, each instance to one at most,
// so that FOLLOWEDBY, WITHIN, REPEATS and START … STOP hold?
//
// An observation is an interval, from first to last observed, and number_observed instances of it.
// It fits where some instant of its interval would:
// - A FOLLOWEDBY B: no first of A is after a last of B;
// - WITHIN: no first is later than the earliest last and so many seconds;
// - START … STOP: first before STOP, last not before START; nothing when START is not before STOP.
//
// Each of these says "there is an instant so that observations before or behind it fit": once an
// instant is chosen for each FOLLOWEDBY and WITHIN, and a side for each OR, what remains is an
// allotment of instances to expressions, which has a fast exact answer. So choices are searched,
// and a choice is given up as soon as even the allotment without the open conditions fails. Pure.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace comity::stix::pattern {

// What one search may cost. A pattern that needs more is told as an error, never as "no match".
constexpr std::uint64_t binding_steps_max = 400'000'000;
constexpr std::size_t binding_choices_max = 500;  // open at a time
constexpr std::int64_t number_observed_max = 999'999'999;

// Nanoseconds of a second make it exact for what is observed; what is finer is cut.
struct Moment {
  std::int64_t seconds = 0;
  std::int64_t nanos = 0;
  auto operator<=>(const Moment&) const = default;
};

struct Sighting {
  Moment first, last;       // first is not after last
  std::int64_t number = 1;  // from 1 to number_observed_max
};

// A set of sightings, by their number.
class Sightings {
 public:
  explicit Sightings(std::size_t size = 0) : words_((size + 63) / 64) {}
  void add(std::size_t index) { words_[index / 64] |= std::uint64_t{1} << (index % 64); }
  bool has(std::size_t index) const { return (words_[index / 64] >> (index % 64) & 1U) != 0; }
  Sightings& operator&=(const Sightings& other);
  Sightings& operator|=(const Sightings& other);
  bool is_within(const Sightings& other) const;
  bool operator==(const Sightings&) const = default;

 private:
  std::vector<std::uint64_t> words_;
};

// What has to be bound. Owns its operands.
struct Term {
  enum class Kind { Simple, And, Or, FollowedBy, Within, Repeats, StartStop };
  Kind kind = Kind::Simple;
  Sightings fitting;            // of Simple: what its comparison holds for
  std::vector<Term> operands;   // of And, Or any number, of FollowedBy two, of the others one
  Moment seconds, start, stop;  // of Within; of StartStop
  std::int64_t times = 1;       // of Repeats
};

// Whether there is a binding. The sets of `term` are over `sightings`.
Result<bool> can_bind(Term term, const std::vector<Sighting>& sightings);

}  // namespace comity::stix::pattern
