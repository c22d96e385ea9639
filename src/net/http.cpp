#include "net/http.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <ctime>

#include "base/time.h"

namespace comity::net {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool equal_without_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(),
                                            [](char x, char y) { return lower(x) == lower(y); });
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char l = lower(c);
  return l >= 'a' && l <= 'f' ? l - 'a' + 10 : -1;
}

bool is_alphanumeric(char c) {
  const char l = lower(c);
  return (l >= 'a' && l <= 'z') || (c >= '0' && c <= '9');
}

Result<std::string> decode(std::string_view text, bool plus_is_space) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus_is_space) {
      out += ' ';
    } else if (text[i] != '%') {
      out += text[i];
    } else {
      const int high = i + 1 < text.size() ? hex_value(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? hex_value(text[i + 2]) : -1;
      if (high < 0 || low < 0) {
        return fail(ErrorKind::InvalidInput,
                    fmt::format("the percent sign at position {} of the address is not followed by "
                                "two hexadecimal digits; write %25 for a percent sign",
                                i));
      }
      out += static_cast<char>(high * 16 + low);
      i += 2;
    }
  }
  return out;
}

constexpr std::array<const char*, 12> months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

// RFC 9110 section 5.6.7. Written out because strftime follows the locale of the process.
std::string date_text(std::int64_t now_seconds) {
  constexpr std::array<const char*, 7> days = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  const std::time_t now = now_seconds;
  std::tm parts{};
  gmtime_r(&now, &parts);
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT",
                     days[static_cast<std::size_t>(parts.tm_wday)], parts.tm_mday,
                     months[static_cast<std::size_t>(parts.tm_mon)], parts.tm_year + 1900,
                     parts.tm_hour, parts.tm_min, parts.tm_sec);
}

bool is_set_by_framing(std::string_view name) {
  constexpr std::array<std::string_view, 4> names = {"content-length", "connection", "date",
                                                     "transfer-encoding"};
  return std::any_of(names.begin(), names.end(),
                     [&](std::string_view own) { return equal_without_case(own, name); });
}

}  // namespace

std::optional<std::string_view> find_header(const Headers& headers, std::string_view name) {
  for (const auto& [key, value] : headers) {
    if (equal_without_case(key, name)) return value;
  }
  return std::nullopt;
}

Result<std::string> percent_decode(std::string_view text) { return decode(text, false); }

std::string percent_encode(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (is_alphanumeric(c) || c == '-' || c == '.' || c == '_' || c == '~') {
      out += c;
    } else {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

Result<std::vector<std::pair<std::string, std::string>>> parse_query(std::string_view query) {
  std::vector<std::pair<std::string, std::string>> pairs;
  while (!query.empty()) {
    const std::string_view part = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), part.size() + 1));
    if (part.empty()) continue;
    const std::size_t equals = std::min(part.find('='), part.size());
    TRY(std::string key, decode(part.substr(0, equals), true));
    TRY(std::string value, decode(part.substr(std::min(part.size(), equals + 1)), true));
    pairs.emplace_back(std::move(key), std::move(value));
  }
  return pairs;
}

std::optional<std::int64_t> read_date(std::string_view text) {
  constexpr std::size_t length = 29;  // "Sun, 06 Nov 1994 08:49:37 GMT"
  if (text.size() != length) return std::nullopt;
  for (std::size_t month = 0; month < months.size(); ++month) {
    if (text.substr(8, 3) != months[month]) continue;
    const auto instant = parse_rfc3339(fmt::format("{}-{:02}-{}T{}Z", text.substr(12, 4), month + 1,
                                                   text.substr(5, 2), text.substr(17, 8)));
    // Written again it must be the same: so the name of the day and every blank are right, too.
    if (!instant || date_text(instant->seconds()) != text) return std::nullopt;
    return instant->seconds();
  }
  return std::nullopt;
}

bool is_token(std::string_view text) {
  constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return is_alphanumeric(c) || marks.find(c) != std::string_view::npos;
  });
}

bool is_field_value(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return c == '\t' || (byte >= 0x20 && byte != 0x7f);
  });
}

Result<std::string> response_bytes(const Response& response, const Framing& framing) {
  if (response.status < 200 || response.status > 599) {
    return fail(ErrorKind::InvalidInput,
                fmt::format("{} is not a status of a final response", response.status));
  }
  const bool bodiless = response.status == 204 || response.status == 304;
  std::string out =
      fmt::format("HTTP/1.1 {} {}\r\n", response.status, status_phrase(response.status));
  for (const auto& [name, value] : response.headers) {
    if (!is_token(name) || !is_field_value(value)) {
      return fail(ErrorKind::InvalidInput,
                  "a header field of the response contains a character that no field may contain");
    }
    if (is_set_by_framing(name)) continue;
    out.append(name).append(": ").append(value).append("\r\n");
  }
  out += fmt::format("Date: {}\r\n", date_text(framing.now_seconds));
  if (framing.stream) {
    out += "Transfer-Encoding: chunked\r\n";
  } else if (!bodiless) {
    out += fmt::format("Content-Length: {}\r\n", response.content().size());
  }
  out += framing.keep_alive ? "Connection: keep-alive\r\n\r\n" : "Connection: close\r\n\r\n";
  const bool within = !framing.head_request && !framing.stream && !framing.body_apart;
  if (!bodiless && within) out += response.content();
  return out;
}

std::string chunk(std::string_view bytes) {
  return bytes.empty() ? "0\r\n\r\n" : fmt::format("{:x}\r\n{}\r\n", bytes.size(), bytes);
}

std::string_view status_phrase(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 206:
      return "Partial Content";
    case 304:
      return "Not Modified";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 406:
      return "Not Acceptable";
    case 409:
      return "Conflict";
    case 413:
      return "Content Too Large";
    case 415:
      return "Unsupported Media Type";
    case 421:
      return "Misdirected Request";
    case 422:
      return "Unprocessable Content";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 503:
      return "Service Unavailable";
    default:
      return "";
  }
}

}  // namespace comity::net
