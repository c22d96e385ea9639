#include "api/qr.h"

#include <gtest/gtest.h>
#include <qrencode.h>

#include <memory>
#include <regex>
#include <vector>

#include "base/test_support.h"

namespace comity::api {
namespace {

using comity::test::must;

// The dark modules that the image draws, painted as its path says.
std::vector<std::vector<bool>> painted(const std::string& svg, int side) {
  const auto size = static_cast<std::size_t>(side);
  std::vector<std::vector<bool>> out(size, std::vector<bool>(size));
  const std::regex run("M([0-9]+) ([0-9]+)h([0-9]+)v1h-([0-9]+)z");
  for (std::sregex_iterator it(svg.begin(), svg.end(), run), end; it != end; ++it) {
    EXPECT_EQ((*it)[3], (*it)[4]);
    for (std::size_t i = 0; i < std::stoul((*it)[3]); ++i) {
      auto cell = out.at(std::stoul((*it)[2])).at(std::stoul((*it)[1]) + i);
      EXPECT_FALSE(cell) << "painted twice";
      cell = true;
    }
  }
  return out;
}

TEST(Qr, ThePathDrawsTheSymbolInItsQuietZone) {
  const std::string text = "otpauth://totp/Comity%20XA:wang-min?secret=GEZDGNBVGY3TQOJQ";
  const auto svg = must(qr_svg(text));
  const std::unique_ptr<QRcode, decltype(&QRcode_free)> code(
      QRcode_encodeString8bit(text.c_str(), 0, QR_ECLEVEL_M), QRcode_free);
  const int side = code->width + 2 * qr_quiet_modules;
  ASSERT_NE(svg.find("viewBox=\"0 0 " + std::to_string(side) + " "), std::string::npos);
  const auto modules = painted(svg, side);
  int dark = 0;
  for (int y = 0; y < side; ++y) {
    for (int x = 0; x < side; ++x) {
      const int row = y - qr_quiet_modules, column = x - qr_quiet_modules;
      const bool inside = row >= 0 && column >= 0 && row < code->width && column < code->width;
      const bool expected = inside && (code->data[row * code->width + column] & 1) != 0;
      ASSERT_EQ(modules[static_cast<std::size_t>(y)][static_cast<std::size_t>(x)], expected)
          << x << " " << y;
      dark += expected ? 1 : 0;
    }
  }
  EXPECT_GT(dark, 100);
}

TEST(Qr, NothingOfTheTextStandsInTheImage) {
  const auto svg = must(qr_svg("\"><script>alert(1)</script>"));
  EXPECT_EQ(svg.find("script"), std::string::npos);
  EXPECT_EQ(svg.find("alert"), std::string::npos);
  EXPECT_EQ(svg.find("style"), std::string::npos);
}

TEST(Qr, TheBoundHolds) {
  EXPECT_TRUE(qr_svg(std::string(qr_text_bytes_max, 'a')).has_value());
  const auto beyond = qr_svg(std::string(qr_text_bytes_max + 1, 'a'));
  ASSERT_FALSE(beyond.has_value());
  EXPECT_EQ(beyond.error().kind, ErrorKind::TooLarge);
}

}  // namespace
}  // namespace comity::api
