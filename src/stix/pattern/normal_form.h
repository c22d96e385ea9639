// Unicode normal form C (UAX #15), to which LIKE and MATCHES bring both sides (STIX 2.1, section
// 9.6). The one place that sees ICU. Pure; any thread may use it.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace comity::stix::pattern {

// `text` is valid UTF-8, and so is the answer.
Result<std::string> normal_form_c(std::string_view text);

}  // namespace comity::stix::pattern
