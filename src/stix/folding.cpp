#include "stix/folding.h"

#include <fmt/format.h>
#include <unicode/bytestream.h>
#include <unicode/idna.h>
#include <unicode/normalizer2.h>

#include <algorithm>
#include <memory>

namespace comity::stix {
namespace {

bool is_ascii_text(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

std::string small_letters(std::string_view text) {
  std::string out(text);
  for (auto& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
  return out;
}

const icu::IDNA* idna() {
  static const auto made = [] {
    UErrorCode status = U_ZERO_ERROR;
    std::unique_ptr<icu::IDNA> out(
        icu::IDNA::createUTS46Instance(UIDNA_NONTRANSITIONAL_TO_ASCII | UIDNA_CHECK_BIDI, status));
    if (U_FAILURE(status) != 0) out.reset();
    return out;
  }();
  return made.get();
}

}  // namespace

Result<std::string> folded(std::string_view text) {
  // ASCII folds letter by letter, and nearly all that is compared is ASCII.
  if (is_ascii_text(text)) return small_letters(text);
  UErrorCode status = U_ZERO_ERROR;
  const auto* const normalizer = icu::Normalizer2::getNFKCCasefoldInstance(status);
  std::string out;
  if (U_SUCCESS(status) != 0) {
    icu::StringByteSink<std::string> sink(&out);
    normalizer->normalizeUTF8(0,
                              icu::StringPiece(text.data(), static_cast<std::int32_t>(text.size())),
                              sink, nullptr, status);
  }
  if (U_FAILURE(status) != 0) {
    return fail(ErrorKind::Unavailable,
                fmt::format("ICU cannot fold text: {}", u_errorName(status)));
  }
  return out;
}

std::optional<std::string> ascii_domain(std::string_view text) {
  if (text.size() > unicode_domain_bytes_max) return std::nullopt;
  std::string out;
  if (is_ascii_text(text)) {
    out = small_letters(text);
  } else {
    const auto* const converter = idna();
    if (converter == nullptr) return std::nullopt;
    UErrorCode status = U_ZERO_ERROR;
    icu::IDNAInfo info;
    icu::StringByteSink<std::string> sink(&out);
    converter->nameToASCII_UTF8(
        icu::StringPiece(text.data(), static_cast<std::int32_t>(text.size())), sink, info, status);
    if (U_FAILURE(status) != 0 || info.hasErrors()) return std::nullopt;
  }
  if (out.ends_with('.')) out.pop_back();
  if (out.empty()) return std::nullopt;
  return out;
}

}  // namespace comity::stix
