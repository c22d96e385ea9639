#include "api/totp.h"

#include <gtest/gtest.h>

namespace comity::api {
namespace {

// RFC 6238 appendix B, SHA-1. The codes there have eight digits; six are their end, because both
// are the same number modulo a power of ten.
constexpr const char* rfc_secret = "12345678901234567890";

TEST(Totp, VectorsOfTheStandard) {
  const std::vector<std::pair<std::int64_t, std::string>> vectors = {
      {59, "94287082"},         {1111111109, "07081804"}, {1111111111, "14050471"},
      {1234567890, "89005924"}, {2000000000, "69279037"}, {20000000000, "65353130"}};
  for (const auto& vector : vectors) {
    const auto step = totp_step_at(Instant::from_seconds(vector.first));
    EXPECT_EQ(totp_code(rfc_secret, step), vector.second.substr(2)) << vector.first;
    EXPECT_EQ(
        totp_match(rfc_secret, vector.second.substr(2), Instant::from_seconds(vector.first), 0),
        step);
  }
}

TEST(Totp, TheWindowIsOneStepEitherWay) {
  const std::int64_t step = 1000;
  const auto code = totp_code(rfc_secret, step);
  const auto at = [&](std::int64_t seconds) {
    return totp_match(rfc_secret, code, Instant::from_seconds(seconds), 0);
  };
  EXPECT_EQ(at((step - 1) * totp_step_s - 1), std::nullopt);
  EXPECT_EQ(at((step - 1) * totp_step_s), step);
  EXPECT_EQ(at(step * totp_step_s), step);
  EXPECT_EQ(at((step + 2) * totp_step_s - 1), step);
  EXPECT_EQ(at((step + 2) * totp_step_s), std::nullopt);
}

TEST(Totp, AStepThatWasUsedAndThoseBeforeAreNotTaken) {
  const auto now = Instant::from_seconds(30'000);
  const auto step = totp_step_at(now);
  for (std::int64_t used = step - 2; used <= step + 2; ++used) {
    for (std::int64_t of = step - 1; of <= step + 1; ++of) {
      EXPECT_EQ(totp_match(rfc_secret, totp_code(rfc_secret, of), now, used).has_value(), of > used)
          << of - step << " after " << used - step;
    }
  }
}

TEST(Totp, OtherTextsAreNoCodes) {
  const auto now = Instant::from_seconds(59);
  ASSERT_TRUE(totp_match(rfc_secret, "287082", now, 0));
  for (const auto* text : {"", "28708", "2870820", "94287082", " 287082", "287082 ", "28708a",
                           "287083", "000000", "２８７０８２"}) {
    EXPECT_FALSE(totp_match(rfc_secret, text, now, 0)) << text;
  }
}

TEST(Totp, SecretsAreWrittenForAuthenticators) {
  EXPECT_EQ(base32(rfc_secret), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
  EXPECT_EQ(base32("f"), "MY");
  EXPECT_EQ(base32("foobar"), "MZXW6YTBOI");
  EXPECT_EQ(otpauth_uri("Comity XA", "wang-min", rfc_secret),
            "otpauth://totp/Comity%20XA:wang-min?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&"
            "issuer=Comity%20XA&algorithm=SHA1&digits=6&period=30");
}

}  // namespace
}  // namespace comity::api
