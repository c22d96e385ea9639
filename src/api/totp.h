// The second factor: codes of RFC 6238 (TOTP) as authenticator programs make them: HMAC-SHA-1, six
// digits, steps of 30 s. Pure functions, safe to call from any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace comity::api {

constexpr std::size_t totp_secret_bytes = 20;  // RFC 4226 section 4, R6: 160 bits
constexpr int totp_digits = 6;
constexpr std::int64_t totp_step_s = 30;
// Codes of so many steps before and after the present one are taken, for clocks that differ.
constexpr std::int64_t totp_window = 1;

std::int64_t totp_step_at(Instant now);
// The code of one step; the secret is raw bytes.
std::string totp_code(std::string_view secret, std::int64_t step);
// The step whose code this is, of those that are taken now and later than `after`; nothing when it
// is none. Does the same work for every code.
std::optional<std::int64_t> totp_match(std::string_view secret, std::string_view code, Instant now,
                                       std::int64_t after);

// RFC 4648 section 6 without padding, as authenticator programs take it by hand.
std::string base32(std::string_view bytes);
// What the QR code says: otpauth://totp/ISSUER:ACCOUNT?secret=…
std::string otpauth_uri(std::string_view issuer, std::string_view account, std::string_view secret);

}  // namespace comity::api
