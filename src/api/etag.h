// Entity tags of answers (RFC 9110 section 8.8.3): SHA-256 of the body, so that two answers with
// one tag are one answer, also after a restart.
#pragma once

#include <string>
#include <string_view>

namespace comity::api {

// With its quotes.
std::string etag_of(std::string_view body);

// Whether a field If-None-Match names this tag (RFC 9110 section 13.1.2: weak comparison; "*" names
// every tag).
bool names_etag(std::string_view if_none_match, std::string_view etag);

}  // namespace comity::api
