#include "stix/search_value.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/bytes.h"
#include "stix/folding.h"
#include "stix/pattern/network.h"
#include "stix/values.h"

namespace comity::stix {
namespace {

// In the order of the enumeration.
constexpr auto kind_names = std::to_array<std::string_view>(
    {"address",   "network",       "domain",       "url",        "email",         "mac",
     "as",        "md5",           "sha-1",        "sha-256",    "sha-512",       "sha3-256",
     "sha3-512",  "ssdeep",        "tlsh",         "imphash",    "hash",          "file",
     "directory", "mutex",         "registry-key", "user-agent", "account",       "command-line",
     "service",   "serial-number", "message-id",   "cpe",        "vulnerability", "external-id"});
static_assert(kind_names.size() == value_kind_count);
static_assert(static_cast<std::size_t>(ValueKind::ExternalId) + 1 == value_kind_count);

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n\f\v";
  const auto first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

std::string folded_or_same(std::string_view text) {
  auto out = folded(text);
  return out ? *std::move(out) : std::string(text);
}

std::string capital_letters(std::string_view text) {
  std::string out(text);
  for (auto& c : out) c = c >= 'a' && c <= 'z' ? static_cast<char>(c & ~0x20) : c;
  return out;
}

std::string v4_text(const std::array<std::uint8_t, 16>& bytes) {
  return fmt::format("{}.{}.{}.{}", bytes[0], bytes[1], bytes[2], bytes[3]);
}

// RFC 5952: small digits, no zeros before them, the longest run of two zero groups or more as "::".
std::string v6_text(const std::array<std::uint8_t, 16>& bytes) {
  std::array<unsigned, 8> groups{};
  for (std::size_t i = 0; i < 8; ++i) groups[i] = bytes[2 * i] * 256U + bytes[2 * i + 1];
  std::size_t gap = 8, longest = 1;
  for (std::size_t from = 0; from < 8; ++from) {
    std::size_t count = 0;
    while (from + count < 8 && groups[from + count] == 0) ++count;
    if (count > longest) {
      longest = count;
      gap = from;
    }
  }
  std::string out;
  for (std::size_t i = 0; i < 8; ++i) {
    if (i == gap) {
      out += "::";
      i += longest - 1;
      continue;
    }
    if (!out.empty() && out.back() != ':') out += ':';
    out += fmt::format("{:x}", groups[i]);
  }
  return out;
}

SearchValue address_value(pattern::Network network) {
  const unsigned bits = network.is_v6 ? 128 : 32;
  for (unsigned bit = network.prefix; bit < bits; ++bit) {
    auto& byte = network.address[bit / 8];
    byte = static_cast<std::uint8_t>(byte & ~(0x80U >> (bit % 8)));
  }
  auto text = network.is_v6 ? v6_text(network.address) : v4_text(network.address);
  if (network.prefix == bits) return {ValueKind::Address, std::move(text)};
  return {ValueKind::Network, fmt::format("{}/{}", text, network.prefix)};
}

std::optional<std::string> host_text(std::string_view host) {
  const auto bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  const auto network = pattern::read_network(bracketed ? host.substr(1, host.size() - 2) : host);
  if (network && network->prefix == (network->is_v6 ? 128U : 32U)) {
    if (bracketed != network->is_v6) return std::nullopt;
    const auto text = address_value(*network).value;
    return bracketed ? "[" + text + "]" : text;
  }
  if (!is_domain(host)) return std::nullopt;
  return ascii_domain(host);
}

struct UrlParts {
  std::string scheme, user, host, port;
  std::string_view rest;  // from the path on
};

// RFC 3986, section 3, of a URL that has an authority.
std::optional<UrlParts> parts_of_url(std::string_view text) {
  const auto colon = text.find("://");
  if (colon == std::string_view::npos || !is_url(text)) return std::nullopt;
  UrlParts out;
  out.scheme = folded_or_same(text.substr(0, colon));
  text.remove_prefix(colon + 3);
  const auto end = std::min(text.find_first_of("/?#"), text.size());
  auto authority = text.substr(0, end);
  out.rest = text.substr(end);
  if (const auto at = authority.rfind('@'); at != std::string_view::npos) {
    out.user = authority.substr(0, at + 1);
    authority.remove_prefix(at + 1);
  }
  const auto port = authority.rfind(':');
  if (port != std::string_view::npos && authority.find(']', port) == std::string_view::npos) {
    out.port = authority.substr(port + 1);
    authority = authority.substr(0, port);
  }
  auto host = host_text(authority);
  if (!host) return std::nullopt;
  out.host = *std::move(host);
  return out;
}

bool is_default_port(const UrlParts& parts) {
  return parts.port.empty() || (parts.scheme == "http" && parts.port == "80") ||
         (parts.scheme == "https" && parts.port == "443") ||
         (parts.scheme == "ftp" && parts.port == "21");
}

// The scheme and the host in their forms, the rest as it stands (RFC 3986, section 6.2).
std::optional<std::string> url_text(std::string_view text) {
  const auto parts = parts_of_url(text);
  if (!parts) return std::nullopt;
  auto out = parts->scheme + "://" + parts->user + parts->host;
  if (!is_default_port(*parts)) out += ":" + parts->port;
  if (!parts->rest.starts_with('/')) out += '/';
  return out += parts->rest;
}

std::optional<std::string> email_text(std::string_view text) {
  const auto at = text.rfind('@');
  if (at == std::string_view::npos || !is_email(text)) return std::nullopt;
  const auto domain = ascii_domain(text.substr(at + 1));
  if (!domain) return std::nullopt;
  return folded_or_same(text.substr(0, at)) + "@" + *domain;
}

std::optional<std::string> mac_text(std::string_view text) {
  auto out = folded_or_same(text);
  std::replace(out.begin(), out.end(), '-', ':');
  if (!is_mac(out)) return std::nullopt;
  return out;
}

// "AS64500", "as 64500", "64500".
std::optional<std::string> as_text(std::string_view text, bool needs_mark) {
  auto number = text;
  const bool marked = number.size() > 2 && (number[0] == 'A' || number[0] == 'a') &&
                      (number[1] == 'S' || number[1] == 's');
  if (marked) number = trimmed(number.substr(2));
  if ((needs_mark && !marked) || number.empty() || number.size() > 10) return std::nullopt;
  if (!std::all_of(number.begin(), number.end(), [](char c) { return c >= '0' && c <= '9'; })) {
    return std::nullopt;
  }
  const auto first = std::min(number.find_first_not_of('0'), number.size() - 1);
  return fmt::format("AS{}", number.substr(first));
}

std::string within_bound(std::string text) {
  if (text.size() <= value_bytes_max) return text;
  return "sha256:" + hex(sha256(text));
}

// Whether its letters mean different things in different cases.
bool keeps_case(ValueKind kind) { return kind == ValueKind::Ssdeep; }

// The form of a kind that has one of its own; nothing when the text has it not.
std::optional<std::string> own_form(ValueKind kind, std::string_view text) {
  switch (kind) {
    case ValueKind::Domain:
      return is_domain(text) ? ascii_domain(text) : std::nullopt;
    case ValueKind::Url:
      return url_text(text);
    case ValueKind::Email:
      return email_text(text);
    case ValueKind::Mac:
      return mac_text(text);
    case ValueKind::As:
      return as_text(text, false);
    case ValueKind::Vulnerability:
    case ValueKind::ExternalId:
      return capital_letters(folded_or_same(text));
    default:
      return std::nullopt;
  }
}

}  // namespace

std::string_view name(ValueKind kind) { return kind_names[static_cast<std::size_t>(kind)]; }

std::optional<SearchValue> canonical_value(ValueKind kind, std::string_view text) {
  text = trimmed(text);
  if (text.empty()) return std::nullopt;
  SearchValue out{kind, {}};
  if (kind == ValueKind::Address || kind == ValueKind::Network) {
    if (const auto network = pattern::read_network(text)) return address_value(*network);
  }
  if (auto own = own_form(kind, text)) {
    out.value = *std::move(own);
  } else {
    out.value = keeps_case(kind) ? std::string(text) : folded_or_same(text);
  }
  out.value = within_bound(std::string(trimmed(out.value)));
  // Folding leaves nothing of what is only made of characters that are not seen.
  if (out.value.empty()) return std::nullopt;
  return out;
}

std::optional<ValueKind> kind_by_form(std::string_view text) {
  if (const auto network = pattern::read_network(text)) return address_value(*network).kind;
  if (parts_of_url(text)) return ValueKind::Url;
  if (email_text(text)) return ValueKind::Email;
  if (mac_text(text)) return ValueKind::Mac;
  if (text.find('.') != std::string_view::npos && is_domain(text)) return ValueKind::Domain;
  return std::nullopt;
}

ValueKind kind_of_hash(std::string_view algorithm) {
  const auto text = folded_or_same(algorithm);
  for (const auto kind :
       {ValueKind::Md5, ValueKind::Sha1, ValueKind::Sha256, ValueKind::Sha512, ValueKind::Sha3_256,
        ValueKind::Sha3_512, ValueKind::Ssdeep, ValueKind::Tlsh, ValueKind::ImpHash}) {
    if (text == name(kind)) return kind;
  }
  return ValueKind::Hash;
}

bool is_cve(std::string_view text) {
  const auto upper = capital_letters(text);
  const auto digits = [](std::string_view part) {
    return std::all_of(part.begin(), part.end(), [](char c) { return c >= '0' && c <= '9'; });
  };
  const auto view = std::string_view(upper);
  return view.size() >= 13 && view.size() <= 28 && view.starts_with("CVE-") && view[8] == '-' &&
         digits(view.substr(4, 4)) && digits(view.substr(9));
}

std::vector<std::string> values_asked(std::string_view text) {
  text = trimmed(text);
  std::vector<std::string> out;
  const auto add = [&](std::string value) {
    value = within_bound(std::move(value));
    if (value.empty() || std::find(out.begin(), out.end(), value) != out.end()) return;
    if (out.size() < looked_up_max) out.push_back(std::move(value));
  };
  if (text.empty()) return out;
  if (const auto network = pattern::read_network(text)) add(address_value(*network).value);
  for (const auto kind : {ValueKind::Url, ValueKind::Email, ValueKind::Mac, ValueKind::Domain}) {
    if (auto own = own_form(kind, text)) add(*std::move(own));
  }
  if (auto number = as_text(text, true)) add(*std::move(number));
  const auto fold = std::string(trimmed(folded_or_same(text)));
  add(fold);
  add(capital_letters(fold));
  add(std::string(text));
  return out;
}

}  // namespace comity::stix
