// Passwords: which are taken, and how they are kept (argon2id, RFC 9106). Pure but for randomness;
// safe to call from any thread. Who calls bounds how many at once (exchange/attempt_limit.h).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/world.h"

namespace comity::trust {

constexpr std::size_t password_bytes_min = 12, password_bytes_max = 1024;
// A password that is one piece of at most so many bytes again and again is no password.
constexpr std::size_t password_piece_bytes_max = 4;

// What one look at a password costs. RFC 9106 section 4, second recommended option, in one lane.
struct PasswordCost {
  std::uint32_t memory_kib = 64 * 1024;
  std::uint32_t passes = 3;
  std::uint32_t lanes = 1;
};
// What a kept password may cost at most; one that asks for more was not written by us.
constexpr std::uint32_t password_memory_kib_max = 256 * 1024, password_passes_max = 16,
                        password_lanes_max = 4;

// InvalidInput for what is too short, too long, commonly used, or the account's own name. There is
// no rule about kinds of characters: they make passwords worse, not better.
Status check_password(std::string_view password, std::string_view account);

// In the text form of argon2 ("$argon2id$v=19$m=65536,t=3,p=1$…"), with a salt of its own.
Result<std::string> hash_password(std::string_view password, Random& random,
                                  const PasswordCost& cost = {});
// Whether this is the password; false for a text that is no hash of ours.
bool password_matches(const std::string& hash, std::string_view password);
// A hash that no password has, of the same cost as others: for work in place of an account.
std::string hash_of_nothing(Random& random, const PasswordCost& cost = {});

}  // namespace comity::trust
