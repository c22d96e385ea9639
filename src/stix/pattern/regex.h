// The regular expressions of MATCHES (STIX 2.1, section 9.6: PCRE, searched for, a point is any
// character). The one place that sees PCRE2. An expression belongs to one thread at a time.
#pragma once

#include <memory>
#include <string_view>

#include "base/result.h"

namespace comity::stix::pattern {

// What one search may cost, in steps of PCRE2 and in memory; an expression that needs more is told
// as an error, never as "does not match".
constexpr std::uint32_t regex_steps_max = 1'000'000;
constexpr std::uint32_t regex_memory_kib_max = 16 * 1024;

class Regex {
 public:
  // Over characters, or over bytes; `expression` is valid UTF-8 in the first case.
  static Result<Regex> compile(std::string_view expression, bool of_characters);

  // Whether it is found anywhere; `subject` is valid UTF-8 when the expression is of characters.
  Result<bool> found_in(std::string_view subject) const;

  Regex(Regex&&) noexcept;
  Regex& operator=(Regex&&) noexcept;
  ~Regex();

 private:
  struct Compiled;
  explicit Regex(std::unique_ptr<Compiled> compiled);
  std::unique_ptr<Compiled> compiled_;
};

}  // namespace comity::stix::pattern
