#include "base/result.h"

#include <cstdio>
#include <cstdlib>

namespace comity {

int exit_code(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::InvalidInput:
    case ErrorKind::TooLarge:
    case ErrorKind::NotFound:
    case ErrorKind::Conflict:
    case ErrorKind::Unsupported:
      return 2;
    case ErrorKind::NotPermitted:
    case ErrorKind::NotVerified:
      return 1;
    case ErrorKind::Unauthenticated:
    case ErrorKind::Unavailable:
    case ErrorKind::Corrupt:
      return 3;
  }
  return 3;
}

const char* name(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::InvalidInput:
      return "invalid-input";
    case ErrorKind::TooLarge:
      return "too-large";
    case ErrorKind::NotFound:
      return "not-found";
    case ErrorKind::Conflict:
      return "conflict";
    case ErrorKind::NotPermitted:
      return "not-permitted";
    case ErrorKind::NotVerified:
      return "not-verified";
    case ErrorKind::Unauthenticated:
      return "unauthenticated";
    case ErrorKind::Unsupported:
      return "unsupported";
    case ErrorKind::Unavailable:
      return "unavailable";
    case ErrorKind::Corrupt:
      return "corrupt";
  }
  return "corrupt";
}

void check_failed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "%s:%d: this is a defect of comity, please report it: %s\n", file, line,
               condition);
  std::abort();
}

}  // namespace comity
