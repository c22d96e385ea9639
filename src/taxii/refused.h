// What an answer that is no success says, as an error for people. Used inside this folder.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "net/http.h"

namespace comity::taxii {

// Text of another party: at most `server_words_max` bytes of it, without control characters.
constexpr std::size_t server_words_max = 2000;
std::string server_words(std::string_view text);

// The error for a response of `who` ("peer", "server") with a status that is none of success; its
// words are those of the TAXII error resource, if it has one.
tl::unexpected<Error> refused(std::string_view who, const net::Response& response,
                              const std::string& url);

}  // namespace comity::taxii
