#include "taxii/refused.h"

#include <fmt/format.h>

#include "base/bytes.h"
#include "json/parse.h"

namespace comity::taxii {
namespace {

ErrorKind kind_of(int status) {
  switch (status) {
    case 401:
      return ErrorKind::Unauthenticated;
    case 403:
      return ErrorKind::NotVerified;
    case 404:
      return ErrorKind::NotFound;
    case 409:
      return ErrorKind::Conflict;
    case 413:
      return ErrorKind::TooLarge;
    case 406:
    case 415:
      return ErrorKind::Unsupported;
    case 408:
    case 429:
      return ErrorKind::Unavailable;
    default:
      return status >= 500 ? ErrorKind::Unavailable : ErrorKind::InvalidInput;
  }
}

}  // namespace

std::string server_words(std::string_view text) {
  std::string out(text.substr(0, server_words_max + 4));
  cut_utf8(out, server_words_max);
  for (char& c : out) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  }
  return out;
}

tl::unexpected<Error> refused(std::string_view who, const net::Response& response,
                              const std::string& url) {
  std::string words = fmt::format("HTTP status {}", response.status);
  if (const auto place = response.header("Location");
      place && response.status >= 300 && response.status < 400) {
    words +=
        fmt::format(", which leads to {}; give that address if it is right", server_words(*place));
  } else if (const auto value = json::parse(response.body)) {
    words = fmt::format("{}: {}", server_words(value->text("title")),
                        server_words(value->text("description")));
  }
  return fail(kind_of(response.status), fmt::format("the {} answered {}", who, words), url);
}

}  // namespace comity::taxii
