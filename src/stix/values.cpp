#include "stix/values.h"

#include <algorithm>
#include <array>

#include "base/time.h"
#include "stix/vocabulary.h"

namespace comity::stix {
namespace {

constexpr std::size_t name_least = 3;   // section 3.1
constexpr std::size_t name_most = 250;  // section 3.1

bool is_digit_char(char c) { return c >= '0' && c <= '9'; }
bool is_lower_char(char c) { return c >= 'a' && c <= 'z'; }
bool is_upper_char(char c) { return c >= 'A' && c <= 'Z'; }
bool is_alpha_char(char c) { return is_lower_char(c) || is_upper_char(c); }
bool is_alnum_char(char c) { return is_alpha_char(c) || is_digit_char(c); }
bool is_hex_char(char c) {
  return is_digit_char(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

template <typename Test>
bool all_chars(std::string_view text, Test test) {
  return std::all_of(text.begin(), text.end(), test);
}

// The decimal number of `text`, -1 when it is none, has a leading zero or more than three digits.
int small_decimal(std::string_view text) {
  if (text.empty() || text.size() > 3 || !all_chars(text, is_digit_char)) return -1;
  if (text.size() > 1 && text[0] == '0') return -1;
  int out = 0;
  for (const char c : text) out = out * 10 + (c - '0');
  return out;
}

bool is_dotted_quad(std::string_view text) {
  for (int i = 0; i < 4; ++i) {
    const auto end = i == 3 ? text.size() : text.find('.');
    if (end == std::string_view::npos) return false;
    const auto part = small_decimal(text.substr(0, end));
    if (part < 0 || part > 255) return false;
    text = i == 3 ? std::string_view() : text.substr(end + 1);
  }
  return text.empty();
}

// Counts the groups of one side of "::"; -1 when one of them is none. A dotted quad may be last.
int ipv6_groups(std::string_view side, bool may_end_dotted) {
  if (side.empty()) return 0;
  int groups = 0;
  while (true) {
    const auto end = side.find(':');
    const auto group = side.substr(0, end);
    if (end == std::string_view::npos && may_end_dotted &&
        group.find('.') != std::string_view::npos) {
      return is_dotted_quad(group) ? groups + 2 : -1;
    }
    if (group.empty() || group.size() > 4 || !all_chars(group, is_hex_char)) return -1;
    ++groups;
    if (end == std::string_view::npos) return groups;
    side = side.substr(end + 1);
  }
}

bool is_plain_ipv6(std::string_view text) {
  const auto gap = text.find("::");
  if (gap == std::string_view::npos) return ipv6_groups(text, true) == 8;
  const auto left = ipv6_groups(text.substr(0, gap), false);
  const auto right = ipv6_groups(text.substr(gap + 2), true);
  return left >= 0 && right >= 0 && left + right <= 7;
}

// Splits off "/n" and answers whether n is at most `most`; the address without it in `address`.
bool has_good_prefix(std::string_view text, int most, std::string_view& address) {
  const auto slash = text.find('/');
  address = text.substr(0, slash);
  if (slash == std::string_view::npos) return true;
  const auto bits = small_decimal(text.substr(slash + 1));
  return bits >= 0 && bits <= most;
}

// RFC 9110 section 5.6.2.
bool is_token_char(char c) {
  return is_alnum_char(c) || std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

}  // namespace

bool is_uuid_text(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : !is_hex_char(text[i])) return false;
  }
  return true;
}

int uuid_version(std::string_view text) {
  const char c = text[14];
  if (is_digit_char(c)) return c - '0';
  return (is_lower_char(c) ? c - 'a' : c - 'A') + 10;
}

bool is_rfc4122_variant(std::string_view text) {
  return std::string_view("89abAB").find(text[19]) != std::string_view::npos;
}

bool is_stix_type_name(std::string_view text) {
  if (text.size() < name_least || text.size() > name_most || !is_lower_char(text[0])) return false;
  if (text.find("--") != std::string_view::npos || text.back() == '-') return false;
  return all_chars(text, [](char c) { return is_lower_char(c) || is_digit_char(c) || c == '-'; });
}

bool is_property_name(std::string_view text) {
  return text.size() >= name_least && text.size() <= name_most && is_lower_char(text[0]) &&
         all_chars(text, [](char c) { return is_lower_char(c) || is_digit_char(c) || c == '_'; });
}

bool is_stix_timestamp(std::string_view text) {
  constexpr std::string_view form = "0000-00-00T00:00:00";
  if (text.size() <= form.size() || text.back() != 'Z') return false;
  for (std::size_t i = 0; i < form.size(); ++i) {
    if (form[i] == '0' ? !is_digit_char(text[i]) : text[i] != form[i]) return false;
  }
  const auto fraction = text.substr(form.size(), text.size() - form.size() - 1);
  if (!fraction.empty() && (fraction[0] != '.' || fraction.size() < 2 ||
                            !all_chars(fraction.substr(1), is_digit_char))) {
    return false;
  }
  // A leap second is a second that POSIX time does not have: the one before it is read instead.
  std::array<char, 20> whole = {};
  std::copy_n(text.begin(), form.size(), whole.begin());
  whole[19] = 'Z';
  if (whole[17] == '6' && whole[18] == '0') whole[17] = '5', whole[18] = '9';
  return parse_rfc3339({whole.data(), whole.size()}).has_value();
}

bool has_milliseconds(std::string_view timestamp) {
  constexpr std::size_t shortest = std::string_view("2016-01-01T00:00:00.000Z").size();
  return timestamp.size() >= shortest;
}

bool is_base64(std::string_view text) {
  if (text.size() % 4 != 0) return false;
  std::size_t padding = 0;
  while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=') ++padding;
  return all_chars(text.substr(0, text.size() - padding),
                   [](char c) { return is_alnum_char(c) || c == '+' || c == '/'; });
}

bool is_hex_text(std::string_view text) {
  return !text.empty() && text.size() % 2 == 0 && all_chars(text, is_hex_char);
}

bool is_ipv4(std::string_view text) {
  std::string_view address;
  return has_good_prefix(text, 32, address) && is_dotted_quad(address);
}

bool is_ipv6(std::string_view text) {
  std::string_view address;
  return has_good_prefix(text, 128, address) && is_plain_ipv6(address);
}

bool is_mac(std::string_view text) {
  if (text.size() != 17) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i % 3 == 2 ? text[i] != ':' : !is_hex_char(text[i]) || is_upper_char(text[i])) return false;
  }
  return true;
}

bool is_email(std::string_view text) {
  const auto at = text.rfind('@');
  if (at == std::string_view::npos || at == 0 || at + 1 == text.size()) return false;
  const bool quoted_local = text[0] == '"' && at > 2 && text[at - 1] == '"';
  const auto visible = [](char c) { return static_cast<unsigned char>(c) > ' ' && c != '\x7f'; };
  if (!quoted_local && (!all_chars(text.substr(0, at), visible) ||
                        text.substr(0, at).find('@') != std::string_view::npos)) {
    return false;
  }
  return all_chars(text.substr(at + 1), visible);
}

bool is_domain(std::string_view text) {
  if (!text.empty() && text.back() == '.') text.remove_suffix(1);
  if (text.empty() || text.size() > 253) return false;
  while (true) {
    const auto end = text.find('.');
    const auto label = text.substr(0, end);
    if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-') {
      return false;
    }
    if (!all_chars(label, [](char c) {
          return is_alnum_char(c) || c == '-' || c == '_' || static_cast<unsigned char>(c) >= 0x80;
        })) {
      return false;
    }
    if (end == std::string_view::npos) return true;
    text = text.substr(end + 1);
  }
}

bool is_url(std::string_view text) {
  const auto colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0 || colon + 1 == text.size()) return false;
  const auto scheme = text.substr(0, colon);
  if (!is_alpha_char(scheme[0]) || !all_chars(scheme, [](char c) {
        return is_alnum_char(c) || c == '+' || c == '-' || c == '.';
      })) {
    return false;
  }
  // Bytes from 0x80 are those of an IRI (RFC 3987), which people write as URLs.
  return all_chars(text.substr(colon + 1), [](char c) {
    return static_cast<unsigned char>(c) > ' ' && c != '\x7f' &&
           std::string_view("<>\"").find(c) == std::string_view::npos;
  });
}

bool is_media_type(std::string_view text) {
  constexpr std::string_view top_level =
      "application audio example font haptics image message model multipart text video";
  const auto slash = text.find('/');
  if (slash == std::string_view::npos || !has_word(top_level, text.substr(0, slash))) return false;
  const auto subtype = text.substr(slash + 1);
  return !subtype.empty() && subtype.size() <= 127 && is_alnum_char(subtype[0]) &&
         all_chars(subtype, [](char c) {
           return is_alnum_char(c) ||
                  std::string_view("!#$&-^_.+").find(c) != std::string_view::npos;
         });
}

bool is_charset_name(std::string_view text) {
  return !text.empty() && text.size() <= 40 && all_chars(text, [](char c) {
    return is_alnum_char(c) ||
           std::string_view("!#$%&'+-^_`{}~():.").find(c) != std::string_view::npos;
  });
}

bool is_cpe23(std::string_view text) {
  constexpr std::string_view begin = "cpe:2.3:";
  if (!text.starts_with(begin)) return false;
  text.remove_prefix(begin.size());
  if (text.empty() || std::string_view("aoh*-").find(text[0]) == std::string_view::npos)
    return false;
  std::size_t parts = 1, length = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (static_cast<unsigned char>(c) <= ' ') return false;
    if (c == '\\') {
      if (++i == text.size()) return false;
      ++length;
    } else if (c == ':') {
      if (length == 0 || (parts == 1 && length != 1)) return false;
      ++parts;
      length = 0;
    } else {
      ++length;
    }
  }
  return parts == 11 && length > 0;
}

bool is_service_name(std::string_view text) {
  constexpr std::size_t longest = 15;
  return !text.empty() && text.size() <= longest && text.front() != '-' && text.back() != '-' &&
         text.find("--") == std::string_view::npos &&
         std::any_of(text.begin(), text.end(), is_alpha_char) &&
         all_chars(text, [](char c) { return is_alnum_char(c) || c == '-'; });
}

bool is_field_name(std::string_view text) {
  return !text.empty() && all_chars(text, is_token_char);
}

bool is_digest_of(std::string_view algorithm, std::string_view digest) {
  struct Length {
    std::string_view algorithm;
    std::size_t digits;
  };
  constexpr std::array<Length, 6> lengths = {{{"MD5", 32},
                                              {"SHA-1", 40},
                                              {"SHA-256", 64},
                                              {"SHA3-256", 64},
                                              {"SHA-512", 128},
                                              {"SHA3-512", 128}}};
  for (const auto& row : lengths) {
    if (row.algorithm == algorithm) {
      return digest.size() == row.digits && all_chars(digest, is_hex_char);
    }
  }
  if (algorithm == "SSDEEP") {
    const auto first = digest.find(':');
    return first != std::string_view::npos && first > 0 && digest.size() <= 150 &&
           all_chars(digest.substr(0, first), is_digit_char) &&
           digest.find(':', first + 1) != std::string_view::npos;
  }
  if (algorithm == "TLSH") {
    const auto plain = digest.starts_with("T1") ? digest.substr(2) : digest;
    return plain.size() == 70 && all_chars(plain, is_hex_char);
  }
  return true;
}

bool is_lower_hyphenated(std::string_view text) {
  return std::none_of(text.begin(), text.end(),
                      [](char c) { return is_upper_char(c) || c == '_' || c == ' '; });
}

}  // namespace comity::stix
