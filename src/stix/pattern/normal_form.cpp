#include "stix/pattern/normal_form.h"

#include <fmt/format.h>
#include <unicode/bytestream.h>
#include <unicode/normalizer2.h>

#include <algorithm>

namespace comity::stix::pattern {

Result<std::string> normal_form_c(std::string_view text) {
  // ASCII is its own normal form, and nearly all there is.
  const auto is_ascii = [](char c) { return static_cast<unsigned char>(c) < 0x80; };
  std::string out;
  if (std::all_of(text.begin(), text.end(), is_ascii)) {
    out = text;
    return out;
  }
  UErrorCode status = U_ZERO_ERROR;
  const auto* const normalizer = icu::Normalizer2::getNFCInstance(status);
  if (U_SUCCESS(status) != 0) {
    icu::StringByteSink<std::string> sink(&out);
    normalizer->normalizeUTF8(0,
                              icu::StringPiece(text.data(), static_cast<std::int32_t>(text.size())),
                              sink, nullptr, status);
  }
  if (U_FAILURE(status) != 0) {
    return fail(ErrorKind::Unavailable,
                fmt::format("ICU cannot bring text to its normal form: {}", u_errorName(status)));
  }
  return out;
}

}  // namespace comity::stix::pattern
