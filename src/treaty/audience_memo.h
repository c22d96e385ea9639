// Answers for all recipients that were given before, kept until another question takes their
// place. A question about a received record is not kept: its answer depends on consents.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "treaty/compiled.h"

namespace comity::treaty {

constexpr std::size_t audiences_kept_max = 1024;  // of one compiled register; a power of two
constexpr std::size_t facts_in_key_max = 63;      // a question with more facts is not kept

// All that the answer depends on within one register: two questions with equal keys are answered
// alike.
struct AudienceKey {
  std::array<std::uint64_t, 8> words{};
  bool operator==(const AudienceKey&) const = default;
  std::uint64_t hash() const;
};

// `epoch` is the number of the one that holds the instant of the question. Nothing when the
// question is not to be kept.
std::optional<AudienceKey> audience_key(const ResolvedRequest& request, std::size_t epoch);

// May be used from any thread. Memory is taken with the first answer that is kept.
class AudienceMemo {
 public:
  // False: not kept, and `answer` is as it was.
  bool find(const AudienceKey& key, Audience& answer) const;
  void keep(const AudienceKey& key, const Audience& answer);

 private:
  struct Slot {
    bool taken = false;
    AudienceKey key;
    Audience answer;
  };
  static std::size_t place(const AudienceKey& key) {
    return static_cast<std::size_t>(key.hash()) % audiences_kept_max;
  }

  mutable std::mutex mutex_;  // guards all that follows
  std::vector<Slot> slots_;   // empty, or audiences_kept_max; a question has one place
};

}  // namespace comity::treaty
