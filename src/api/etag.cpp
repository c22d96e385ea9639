#include "api/etag.h"

#include <algorithm>

#include "base/bytes.h"

namespace comity::api {

std::string etag_of(std::string_view body) { return '"' + base64url(view(sha256(body))) + '"'; }

bool names_etag(std::string_view if_none_match, std::string_view etag) {
  constexpr std::string_view blanks = " \t";
  while (!if_none_match.empty()) {
    auto one = if_none_match.substr(0, if_none_match.find(','));
    if_none_match.remove_prefix(std::min(if_none_match.size(), one.size() + 1));
    one.remove_prefix(std::min(one.find_first_not_of(blanks), one.size()));
    const auto last = one.find_last_not_of(blanks);
    one = one.substr(0, last == std::string_view::npos ? 0 : last + 1);
    if (one.starts_with("W/")) one.remove_prefix(2);
    if (one == "*" || one == etag) return true;
  }
  return false;
}

}  // namespace comity::api
