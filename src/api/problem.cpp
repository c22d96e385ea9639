#include "api/problem.h"

#include <fmt/format.h>

#include <algorithm>

#include "json/utf8.h"
#include "json/write.h"

namespace comity::api {

int status_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::InvalidInput:
      return 400;
    case ErrorKind::TooLarge:
      return 413;
    case ErrorKind::NotFound:
      return 404;
    case ErrorKind::Conflict:
      return 409;
    case ErrorKind::NotPermitted:
    case ErrorKind::NotVerified:
      return 403;
    case ErrorKind::Unauthenticated:
      return 401;
    case ErrorKind::Unsupported:
      return 415;
    case ErrorKind::Unavailable:
      return 503;
    case ErrorKind::Corrupt:
      return 500;
  }
  return 500;
}

net::Response problem(const Error& error) { return problem(error, status_of(error.kind)); }

net::Response problem(const Error& error, int status) {
  json::Object body;
  const bool own_status = status == status_of(error.kind);
  body.set("type", own_status ? fmt::format("comity:{}", name(error.kind)) : "about:blank");
  body.set("title", net::status_phrase(status));
  body.set("status", status);
  body.set("detail", json::valid_text(error.message));
  if (!error.where.empty()) body.set("where", json::valid_text(error.where));
  body.set("kind", name(error.kind));
  net::Response response;
  response.status = status;
  response.headers.emplace_back("Content-Type", problem_media_type);
  response.body = json::write(body);
  return response;
}

}  // namespace comity::api
