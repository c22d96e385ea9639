// Errors as answers: application/problem+json (RFC 9457) with the kind and the place of our errors.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "net/http.h"

namespace comity::api {

constexpr std::string_view problem_media_type = "application/problem+json";

// The status of an error (base/result.h says which belongs to which kind).
int status_of(ErrorKind kind);

net::Response problem(const Error& error);
// With another status than that of its kind: 405, 421, 429 and the like.
net::Response problem(const Error& error, int status);

}  // namespace comity::api
