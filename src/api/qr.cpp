#include "api/qr.h"

#include <fmt/format.h>
#include <qrencode.h>

#include <memory>

namespace comity::api {
namespace {

struct FreeCode {
  void operator()(QRcode* code) const { QRcode_free(code); }
};

// The dark modules, each run of a row as one rectangle.
std::string dark_path(const QRcode& code) {
  std::string out;
  const auto dark = [&](int x, int y) { return (code.data[y * code.width + x] & 1U) != 0; };
  for (int y = 0; y < code.width; ++y) {
    for (int x = 0; x < code.width; ++x) {
      if (!dark(x, y)) continue;
      const int first = x;
      while (x < code.width && dark(x, y)) ++x;
      out += fmt::format("M{} {}h{}v1h-{}z", first + qr_quiet_modules, y + qr_quiet_modules,
                         x - first, x - first);
    }
  }
  return out;
}

}  // namespace

Result<std::string> qr_svg(std::string_view text) {
  if (text.size() > qr_text_bytes_max) {
    return fail(ErrorKind::TooLarge,
                fmt::format("{} bytes in a QR code; at most {}", text.size(), qr_text_bytes_max));
  }
  const std::unique_ptr<QRcode, FreeCode> code(
      QRcode_encodeString8bit(std::string(text).c_str(), 0, QR_ECLEVEL_M));
  if (!code) return fail(ErrorKind::Unavailable, "no memory for a QR code");
  const int side = code->width + 2 * qr_quiet_modules;
  return fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {0}\" "
      "shape-rendering=\"crispEdges\"><path fill=\"#fff\" d=\"M0 0h{0}v{0}H0z\"/>"
      "<path fill=\"#000\" d=\"{1}\"/></svg>",
      side, dark_path(*code));
}

}  // namespace comity::api
