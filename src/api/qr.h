// A QR code (ISO/IEC 18004) as an SVG image, for the secret of a second factor. Pure; safe to call
// from any thread.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace comity::api {

constexpr std::size_t qr_text_bytes_max = 512;
constexpr int qr_quiet_modules = 4;  // empty round the symbol, as the standard asks for

// One path of dark modules on a light ground; no script, style, link or text of the input stands in
// it. TooLarge beyond qr_text_bytes_max.
Result<std::string> qr_svg(std::string_view text);

}  // namespace comity::api
