// Text as Unicode compares it: without regard to case and to forms that look alike, and names of
// hosts as the DNS knows them. One of the two places that see ICU. Pure; any thread may use it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace comity::stix {

// A longer name is none (RFC 1035 allows 253 bytes; one that is not yet in its ASCII form has
// more).
constexpr std::size_t unicode_domain_bytes_max = 1024;

// NFKC_Casefold (Unicode 3.13): one form for all spellings that differ in case, in compatibility
// forms or in characters that are not seen. `text` is valid UTF-8, and so is the answer.
Result<std::string> folded(std::string_view text);

// The ASCII form of a name of a host (UTS #46, nontransitional, IDNA 2008): in small letters and
// without the final dot. Nothing for what is no such name.
std::optional<std::string> ascii_domain(std::string_view text);

}  // namespace comity::stix
