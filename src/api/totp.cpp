#include "api/totp.h"

#include <fmt/format.h>
#include <liboath/oath.h>

#include <cstdlib>

#include "base/bytes.h"
#include "net/http.h"

namespace comity::api {
namespace {

// Once in the process, before the library is used by several threads.
void start_library() {
  static const int started = oath_init();
  CHECK(started == OATH_OK);
}

}  // namespace

std::int64_t totp_step_at(Instant now) { return now.seconds() / totp_step_s; }

std::string totp_code(std::string_view secret, std::int64_t step) {
  start_library();
  char code[totp_digits + 1] = {};
  const int made = oath_totp_generate(secret.data(), secret.size(), step * totp_step_s, totp_step_s,
                                      OATH_TOTP_DEFAULT_START_TIME, totp_digits, code);
  CHECK(made == OATH_OK);
  return code;
}

std::optional<std::int64_t> totp_match(std::string_view secret, std::string_view code, Instant now,
                                       std::int64_t after) {
  std::optional<std::int64_t> out;
  const auto present = totp_step_at(now);
  for (auto step = present - totp_window; step <= present + totp_window; ++step) {
    const bool same = equal_in_constant_time(totp_code(secret, step), code);
    if (same && step > after) out = step;
  }
  return out;
}

std::string base32(std::string_view bytes) {
  start_library();
  char* text = nullptr;
  std::size_t size = 0;
  const int made = oath_base32_encode(bytes.data(), bytes.size(), &text, &size);
  CHECK(made == OATH_OK);
  std::string out(text, size);
  std::free(text);
  while (!out.empty() && out.back() == '=') out.pop_back();
  return out;
}

std::string otpauth_uri(std::string_view issuer, std::string_view account,
                        std::string_view secret) {
  const auto by = net::percent_encode(issuer);
  return fmt::format("otpauth://totp/{}:{}?secret={}&issuer={}&algorithm=SHA1&digits={}&period={}",
                     by, net::percent_encode(account), base32(secret), by, totp_digits,
                     totp_step_s);
}

}  // namespace comity::api
