// SipHash-2-4 with 128 bits (Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012): a
// hash for tables whose keys strangers choose. Without the key nobody can make two texts that meet
// more often than chance lets them, so no table of ours becomes slow and no two texts are mistaken
// for one.
//
// Computed by OpenSSL. One thread at a time: it owns the context in which it computes.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace comity {

constexpr std::size_t hash_key_bytes = 16;

struct Hash128 {
  std::uint64_t low = 0, high = 0;

  friend bool operator==(const Hash128&, const Hash128&) = default;
};

class KeyedHash {
 public:
  // `key` has exactly `hash_key_bytes`.
  explicit KeyedHash(std::string key);
  KeyedHash(KeyedHash&&) noexcept;
  KeyedHash& operator=(KeyedHash&&) = delete;
  ~KeyedHash();

  Hash128 operator()(std::string_view bytes) const;

 private:
  struct Context;
  std::string key_;
  std::unique_ptr<Context> context_;
};

}  // namespace comity
