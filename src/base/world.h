// Time and randomness as interfaces, so that tests can drive both.
#pragma once

#include <cstdint>
#include <string>

#include "base/time.h"

namespace comity {

// The present instant. Safe to call from any thread.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Instant now() const = 0;
};

// The clock of the machine.
const Clock& system_clock();

// A clock that stands still until it is set.
class FixedClock : public Clock {
 public:
  explicit FixedClock(Instant instant) : instant_(instant) {}
  Instant now() const override { return instant_; }
  void set(Instant instant) { instant_ = instant; }

 private:
  Instant instant_;
};

// Bytes that nobody can guess. Safe to call from any thread.
class Random {
 public:
  virtual ~Random() = default;
  virtual std::string bytes(std::size_t count) = 0;
};

// The generator of OpenSSL, seeded by the kernel.
Random& system_random();

// A reproducible sequence for tests; one thread at a time.
class SeededRandom : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : seed_(seed) {}
  std::string bytes(std::size_t count) override;

 private:
  std::uint64_t seed_;
  std::uint64_t drawn_ = 0;
};

// RFC 9562 version 4, lower case.
std::string uuid4(Random& random);

// RFC 9562 version 5 (SHA-1 of namespace and name); `space` is a UUID in text form.
std::string uuid5(const std::string& space, const std::string& name);

}  // namespace comity
