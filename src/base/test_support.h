// What tests of every folder share. Header only; product code does not include it.
#pragma once

#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <utility>

#include "base/result.h"

namespace comity::test {

// Full counts are divided by this; COMITY_SCALE=1 runs them all.
inline std::size_t scale() {
  const char* text = std::getenv("COMITY_SCALE");
  const auto value = text == nullptr ? 50L : std::strtol(text, nullptr, 10);
  return value < 1 ? 1 : static_cast<std::size_t>(value);
}

// COMITY_SEED chooses another sequence of whatever a test draws.
inline std::uint64_t seed() {
  const char* text = std::getenv("COMITY_SEED");
  return text == nullptr || *text == '\0' ? 20'261'124 : std::strtoull(text, nullptr, 10);
}

// Whether a random test draws once more after `done` rounds: `count` of them, and where few rounds
// have not `met` all it looks for, as many more as that takes, up to `most`.
inline bool draws_again(std::size_t done, std::size_t count, std::size_t most, bool met) {
  return done < count || (done < most && !met);
}

// An error ends the test with its text.
template <typename T>
T must(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().text());
  return *std::move(result);
}
inline void must(Status status) {
  if (!status) throw std::runtime_error(status.error().text());
}

// A directory of its own, removed at the end. Short, because socket paths are.
class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    char pattern[] = "/tmp/comity-XXXXXX";
    const char* made = ::mkdtemp(pattern);
    if (made == nullptr) throw std::runtime_error("cannot make a temporary directory");
    path_ = made;
  }
  ~TemporaryDirectory() { std::filesystem::remove_all(path_); }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  const std::string& path() const { return path_; }
  std::string file(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

}  // namespace comity::test
