#include "trust/password.h"

#include <argon2.h>
#include <fmt/format.h>

#include <array>
#include <charconv>
#include <optional>
#include <set>

#include "base/bytes.h"
#include "trust/common_passwords.h"

namespace comity::trust {
namespace {

constexpr std::size_t salt_bytes = 16, hash_bytes = 32;
constexpr std::string_view form = "$argon2id$v=19$m=";

std::string lower(std::string_view text) {
  std::string out(text);
  for (auto& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

const std::set<std::string_view>& common() {
  static const std::set<std::string_view> all = [] {
    std::set<std::string_view> out;
    auto rest = common_passwords();
    while (!rest.empty()) {
      const auto end = rest.find('\n');
      const auto line = rest.substr(0, end);
      if (!line.empty() && line.front() != '#') out.insert(line);
      if (end == std::string_view::npos) break;
      rest.remove_prefix(end + 1);
    }
    return out;
  }();
  return all;
}

bool is_one_piece_repeated(std::string_view text) {
  for (std::size_t piece = 1; piece <= password_piece_bytes_max; ++piece) {
    bool repeated = true;
    for (std::size_t i = piece; i < text.size() && repeated; ++i) {
      repeated = text[i] == text[i - piece];
    }
    if (repeated) return true;
  }
  return false;
}

// argon2 writes base64 with the usual alphabet and no padding.
std::string unpadded(std::string_view bytes) {
  auto out = base64(bytes);
  while (!out.empty() && out.back() == '=') out.pop_back();
  return out;
}

// Takes a number and what must follow it off the front of `text`.
std::optional<std::uint32_t> take_number(std::string_view& text, std::string_view follows) {
  std::uint32_t out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  if (!text.starts_with(follows)) return std::nullopt;
  text.remove_prefix(follows.size());
  return out;
}

// Whether a kept text asks for no more work than we would ever have written.
bool is_within_bounds(std::string_view hash) {
  if (!hash.starts_with(form)) return false;
  hash.remove_prefix(form.size());
  const auto memory = take_number(hash, ",t=");
  const auto passes = memory ? take_number(hash, ",p=") : std::nullopt;
  const auto lanes = passes ? take_number(hash, "$") : std::nullopt;
  return lanes && *memory <= password_memory_kib_max && *passes <= password_passes_max &&
         *lanes <= password_lanes_max;
}

}  // namespace

Status check_password(std::string_view password, std::string_view account) {
  if (password.size() < password_bytes_min || password.size() > password_bytes_max) {
    return fail(ErrorKind::InvalidInput,
                fmt::format("the password has {} bytes; expected {} to {}: a few words make a good "
                            "one",
                            password.size(), password_bytes_min, password_bytes_max));
  }
  const auto plain = lower(password);
  if (common().contains(plain) || is_one_piece_repeated(plain) || plain == lower(account)) {
    return fail(ErrorKind::InvalidInput,
                "this password is among the first that others would try; choose one that nobody "
                "would guess: a few words make a good one");
  }
  return {};
}

Result<std::string> hash_password(std::string_view password, Random& random,
                                  const PasswordCost& cost) {
  const auto salt = random.bytes(salt_bytes);
  std::array<char, 256> text{};
  const int made = argon2id_hash_encoded(cost.passes, cost.memory_kib, cost.lanes, password.data(),
                                         password.size(), salt.data(), salt.size(), hash_bytes,
                                         text.data(), text.size());
  if (made == ARGON2_OK) return std::string(text.data());
  return fail(ErrorKind::Unavailable,
              fmt::format("the password could not be worked on: {}", argon2_error_message(made)));
}

bool password_matches(const std::string& hash, std::string_view password) {
  if (!is_within_bounds(hash)) return false;
  return argon2id_verify(hash.c_str(), password.data(), password.size()) == ARGON2_OK;
}

std::string hash_of_nothing(Random& random, const PasswordCost& cost) {
  return fmt::format("{}{},t={},p={}${}${}", form, cost.memory_kib, cost.passes, cost.lanes,
                     unpadded(random.bytes(salt_bytes)), unpadded(random.bytes(hash_bytes)));
}

}  // namespace comity::trust
